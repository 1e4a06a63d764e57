"""Voice notes of every kind that Twilio delivers, through the real daemon and its caged decoder."""

import http.server
import os
import shutil
import subprocess
import threading
import urllib.parse
from errno import EPERM

from lib import BUILD, SLOW, Folder, Sandbox, Skip, Up, request
from t_kb import ALLOW, FAIL, call_numbers, filtered, unit_calls

MUTE = 'voice: { when = "never"; };\n'
WORDS = "quanto custa a entrega para o centro da cidade?"
TAKEN = ("flac", "mp3", "mp4", "mpeg", "mpga", "m4a", "ogg", "wav", "webm")


def put_media(box, data, type):
    where = "/_sandbox/media?" + urllib.parse.urlencode({"type": type, "text": WORDS})
    got = request(box.url, "POST", where, data, {"Content-Type": type})
    assert got.status == 201, got.body
    return got.json()["url"]


def spoken(*how):
    """A sentence, as ffmpeg's options say it."""
    if shutil.which("ffmpeg") is None:
        raise Skip("ffmpeg is not installed")
    wav = subprocess.run(["espeak-ng", "-v", "pt-br", "--stdout", WORDS], capture_output=True, check=True).stdout
    with Folder() as folder:
        (folder / "in.wav").write_bytes(wav)
        subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", folder / "in.wav", *how, folder / "out"], check=True)
        return (folder / "out").read_bytes()


def turns(up, n):
    return up.wait_rows("SELECT * FROM conversations ORDER BY id", count=n)


def heard(box):
    return [r for r in box.ledger() if r["op"] == "transcribe" and r["status"] == 200]


def test_notes_of_every_kind_are_heard_and_answered():
    amr = b"#!AMR\n" + bytes([0x3c] + 31 * [0]) * 100
    kinds = [
        ("audio/aac", spoken("-f", "adts"), "ogg"),
        ("audio/3gpp", spoken("-c:a", "aac", "-f", "3gp"), "ogg"),
        ("audio/mp4", spoken("-f", "ipod"), "m4a"),
        ("audio/wav", spoken("-f", "wav"), "wav"),
        ("audio/mpeg", bytes(64) + spoken("-f", "mp3"), "mp3"),
        ("audio/ogg", spoken("-c:a", "libvorbis", "-f", "ogg"), "ogg"),
    ]
    with Sandbox() as box, Up(env=box.env, conf_text=MUTE) as up:
        for n, (type, data, _) in enumerate(kinds):
            up.note(put_media(box, data, type), type=type, path="/webhook/FUNCIONA")
            rows = turns(up, n + 1)
            assert rows[n]["message_type"] == "audio" and rows[n]["transcribed_text"], (type, rows[n], up.log())
        sent = heard(box)
        assert [r["filename"].rpartition(".")[2] for r in sent] == [ending for _, _, ending in kinds], sent
        assert all(r["filename"].rpartition(".")[2] in TAKEN for r in sent)
        assert sent[4]["bytes"] < len(kinds[4][1]) - 64, "the MP3 goes without what stands in front of it"
        # and one in which nobody speaks, which no transcription is asked about
        up.note(put_media(box, amr, "audio/amr"), type="audio/amr", path="/webhook/FUNCIONA")
        last = turns(up, len(kinds) + 1)[-1]
        assert last["user_message"] == "[áudio sem fala]", last
        assert len(heard(box)) == len(kinds)


def test_a_malformed_note_ends_the_decoder_and_nothing_else():
    with Sandbox() as box, Up(env=box.env, conf_text=MUTE) as up:
        pids = up.roles()["work"]
        vorbis = bytearray(spoken("-c:a", "libvorbis", "-f", "ogg"))
        vorbis[200:400] = b"\xff" * 200
        flac = b"fLaC" + b"\xff" * 5000
        for n, (type, data) in enumerate([("audio/ogg", bytes(vorbis)), ("audio/flac", flac),
                                          ("audio/aac", b"\xff\xf1\x50\x80\x0c\x80\xfc" + b"\xaa" * 93 + b"\xff\xf1\x50\x80\x0c\x80\xfc" + b"\xbb" * 93)]):
            up.note(put_media(box, data, type), type=type)
            row = turns(up, n + 1)[n]
            assert row["bot_response"] and row["message_type"] == "audio", row
        up.text("bom dia")
        turns(up, 4)
        assert up.roles()["work"] == pids, "a worker died of a note"


def test_words_that_come_late_are_answered_when_they_come():
    conf = "turn: { deadline_ms = 2000; window_audio_ms = 0; };\n" + MUTE
    with Sandbox(plan="transcribe delay=4000\n") as box, Up(env=box.env, conf_text=conf) as up:
        up.note(put_media(box, spoken("-f", "wav"), "audio/wav"), type="audio/wav", path="/webhook/FUNCIONA")
        row = turns(up, 1)[0]
        assert row["transcribed_text"] == WORDS, row
        assert len([r for r in box.ledger() if r["op"] == "transcribe"]) == 1
        assert len([r for r in box.ledger() if r["op"] == "messages.create"]) == 1


def test_a_customer_is_told_once_that_the_answer_follows():
    conf = "turn: { deadline_ms = 2000; window_audio_ms = 0; hold_on = true; };\n" + MUTE
    with Sandbox(plan="transcribe nth=1 delay=4000\n") as box, Up(env=box.env, conf_text=conf) as up:
        for n in (1, 2):  # the second is heard in time
            up.note(put_media(box, spoken("-f", "wav"), "audio/wav"), type="audio/wav", path="/webhook/FUNCIONA")
            rows = turns(up, n)
        sent = [r["body"] for r in box.ledger() if r["op"] == "messages.create"]
        assert sent == ["Recebi o seu áudio, já te respondo.", *(r["bot_response"] for r in rows)], sent
        assert [r["transcribed_text"] for r in rows] == [WORDS, WORDS], rows
        assert {r["state"] for r in up.query("SELECT state FROM outbox")} == {2}


def test_an_mp3_from_the_voice_is_spoken_as_what_it_is():
    """Its length tells: the bytes of an MP3 taken for PCM are a few tenths of a second of noise."""
    mp3 = spoken("-f", "mp3")
    with Sandbox() as box, Voice(mp3) as voice, Up(env={**box.env, "ELEVENLABS_BASE_URL": voice.url}) as up:
        up.text("oi")
        turns(up, 1)
        row, = up.wait_rows("SELECT duration_ms FROM media")
        assert row["duration_ms"] > 2000, row


def test_the_hardened_unit_lets_it_decode():
    """Both cages, the one with threads as well, within what recado.service leaves to its children."""
    numbers = call_numbers()
    allowed = {numbers[c] for c in unit_calls() if c in numbers}
    shut = filtered(allowed, ALLOW, FAIL | EPERM)
    for kind, how in (("wav", "wav"), ("aac", "adts"), ("mp4-audio", "ipod")):
        note = os.memfd_create("note")  # its input has no name, as the daemon gives it
        os.write(note, spoken("-f", how))
        os.lseek(note, 0, os.SEEK_SET)
        got = subprocess.run([BUILD / "recado-decode", kind, "16000"], stdin=note, stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, env={}, preexec_fn=shut, timeout=60 * SLOW).stdout
        os.close(note)
        assert got.startswith(b"S 16000 ") and len(got) > 60000, (kind, got[:200])


class Voice:
    """A voice that sends what it was given, and calls it PCM."""

    def __init__(self, body):
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(200)
                self.send_header("Content-Type", "audio/pcm")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
