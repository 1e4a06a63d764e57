#!/usr/bin/env python3
"""What `make demo` runs: simulated providers and one Recado in a temporary folder; a customer
writes, then sends a voice note, and what came of it is shown. With --once it ends by itself."""

import json
import shutil
import signal
import subprocess
import sys
import urllib.parse
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent / "process"))
from lib import Folder, Sandbox, Up, recado, request, wait_for  # noqa: E402

WRITTEN = "Oi! Qual é o horário de funcionamento?"
SPOKEN = "Olá, bom dia! Vocês entregam? Qual é a taxa de entrega?"

BOLD, DIM, PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


def say(text=""):
    print(text, flush=True)


def voice_note(box, folder):
    """Speech of a customer, as Ogg/Opus, put where Twilio keeps what customers send."""
    note = folder / "customer.ogg"
    made = recado("say", "--offline", "-o", note, SPOKEN)
    if made.returncode != 0:
        sys.exit(f"the customer lost her voice: {made.stderr}")
    where = "/_sandbox/media?" + urllib.parse.urlencode({"type": "audio/ogg", "text": SPOKEN})
    got = request(box.url, "POST", where, note.read_bytes(), {"Content-Type": "audio/ogg"})
    return got.json()["url"]


def answers(box, seen):
    """The messages accepted since `seen`: a text and an audio."""
    def new():
        sent = [r for r in box.ledger() if r["op"] == "messages.create" and r["status"] == 201]
        return sent[seen:] if len(sent) >= seen + 2 else None
    return wait_for(new, 60, "the answer in text and in audio")


def show_turn(up, number, said):
    """Waits for the turn to be written down; its words and how long each step took."""
    rows = up.wait_rows(
        "SELECT c.*, t.trace FROM conversations c JOIN turn_trace t ON t.turn_id = c.id ORDER BY c.id",
        count=number)
    row = rows[number - 1]
    trace = json.loads(row["trace"])
    say(f"{BOLD}customer{PLAIN}  {said}")
    if row["message_type"] == "audio":
        say(f"{DIM}heard{PLAIN}     {row['transcribed_text']}")
    say(f"{BOLD}business{PLAIN}  {row['bot_response']}")
    # "remember" writes this very row, so it has no time of its own in it
    say(f"{DIM}steps     " + " · ".join(f"{s['name']} {s['ms']:.1f} ms" for s in trace["steps"] if "ms" in s)
        + f" · together {trace['total_ms']:.1f} ms{PLAIN}")


def player(path):
    """The command that plays the reply, by a player of this machine."""
    if shutil.which("ffplay"):
        return f"ffplay -nodisp -autoexit {path}"
    if shutil.which("mpv"):
        return f"mpv {path}"
    return f"ffplay -nodisp -autoexit {path} (apt install ffmpeg)"


def show_audio(up, sent):
    url = next(r["media_url"] for r in sent if r.get("media_url"))
    path = up.dir / urllib.parse.urlsplit(url).path.lstrip("/")
    got = request(up.url, "GET", urllib.parse.urlsplit(url).path)
    assert got.status == 200 and got.body == path.read_bytes(), "nginx does not serve the reply"
    say(f"{DIM}audio     {path} ({len(got.body)} bytes, {got.headers['Content-Type']}){PLAIN}")
    say(f"{DIM}to hear   {player(path)}{PLAIN}")
    say()


def conversation(box, up, folder):
    say(f"{BOLD}1. a text{PLAIN}")
    up.text(WRITTEN)
    sent = answers(box, 0)
    show_turn(up, 1, WRITTEN)
    show_audio(up, sent)

    say(f"{BOLD}2. a voice note{PLAIN}")
    up.note(voice_note(box, folder))
    sent = answers(box, 2)
    show_turn(up, 2, f"(voice) {SPOKEN}")
    show_audio(up, sent)


def history(up):
    command = ["sqlite3", "-readonly", "-box", str(up.dir / "recado.db"),
               "SELECT timestamp, message_type, phone_number, substr(user_message, 1, 30) AS user_message,"
               " substr(bot_response, 1, 40) AS bot_response FROM conversations ORDER BY id"]
    say(f"{BOLD}3. the history{PLAIN}")
    say(f'{DIM}$ sqlite3 -readonly -box {command[3]} "{command[4]}"{PLAIN}')
    say(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def main(once):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with Folder("recado-demo-") as folder, Sandbox() as box, Up(dir=folder / "loja", env=box.env) as up:
        say(f"Recado on {up.url}, the providers (simulated) on {box.url}")
        say(f"everything lies in {up.dir}")
        say()
        conversation(box, up, folder)
        history(up)
        if not once:
            say(f"Still running: {up.url}  ·  what the providers were asked: {box.ledger_file}")
            say("Ctrl-C ends it and removes the folder.")
            try:
                signal.pause()
            except KeyboardInterrupt:
                say()


if __name__ == "__main__":
    if not shutil.which("sqlite3"):
        sys.exit("the sqlite3 command is missing: tests/deps demo")
    try:
        main("--once" in sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
