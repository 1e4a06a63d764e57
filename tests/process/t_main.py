"""The main job, from a signed webhook to the provider's ledger, through real nginx and real
recadod."""

import http.client
import os
import socket
import subprocess
import threading
import time
import urllib.parse

from lib import SLOW, Sandbox, Skip, Up, message, post, request, signature, wait_for


def sent(to=None):
    """Ledger entries of accepted sends, to one customer or to all."""
    return lambda r: (r["op"] == "messages.create" and r["status"] == 201
                      and (to is None or r["to"] == to))


def speech(words="quanto custa a entrega para o centro da cidade?"):
    """A voice note as WhatsApp makes them: Ogg/Opus, mono, 16 kHz speech."""
    wav = subprocess.run(["espeak-ng", "-v", "pt-br", "--stdout", words], capture_output=True, check=True).stdout
    try:
        return subprocess.run(["opusenc", "--quiet", "--bitrate", "20", "--speech", "-", "-"], input=wav,
                              capture_output=True, check=True).stdout
    except FileNotFoundError:
        raise Skip("opus-tools is not installed") from None


def put_media(box, data, type="audio/ogg"):
    got = request(box.url, "POST", f"/_sandbox/media?type={type}", data, {"Content-Type": type})
    assert got.status == 201, got.body
    return got.json()["url"]


def conversations(up, count=1):
    return up.wait_rows("SELECT * FROM conversations ORDER BY id", count=count)


def quiet(box, up, count):
    """No more sends than these, once every job is done."""
    wait_for(lambda: not up.query("SELECT 1 FROM job"), what="every job to end")
    assert len([r for r in box.ledger() if sent()(r)]) == count, box.ledger()


# --- what a customer sees --------------------------------------------------------------------


def test_a_text_is_answered_in_text_and_voice():
    with Sandbox() as box, Up(env=box.env) as up:
        up.text("qual é o horário de funcionamento?")
        text, audio = box.seen(sent(), count=2)
        assert text["body"] and not text.get("media_url"), text
        assert audio["media_url"].startswith(up.url + "/static/audio/") and not audio.get("body"), audio
        path = audio["media_url"][len(up.url):]
        for method in ("GET", "HEAD"):
            got = request(up.url, method, path)
            assert got.status == 200 and got.headers["Content-Type"] == "audio/ogg", (got.status, got.headers)
        assert request(up.url, "GET", path).body[:4] == b"OggS"
        assert request(up.url, "POST", path, b"x").status in (403, 405)
        assert request(up.url, "GET", "/static/audio/").status in (403, 404)
        row, = conversations(up)
        assert row["phone_number"] == "+5511987654321" and row["message_type"] == "text", row
        assert row["user_message"] == "qual é o horário de funcionamento?" and row["transcribed_text"] is None
        assert row["bot_response"] == text["body"]
        user, = up.query("SELECT * FROM users")
        assert (user["first_name"], user["total_messages"]) == ("Maria", 1), user
        stats = request(up.url, "GET", "/stats").json()
        assert (stats["total_users"], stats["total_conversations"], stats["text_conversations"],
                stats["audio_conversations"]) == (1, 1, 1, 0), stats
        quiet(box, up, 2)


def test_a_voice_note_is_heard_and_answered():
    with Sandbox() as box, Up(env=box.env) as up:
        up.note(put_media(box, speech()))
        box.seen(sent(), count=2)
        row, = conversations(up)
        assert row["message_type"] == "audio" and row["transcribed_text"] == row["user_message"], row
        got = box.seen(lambda r: r["op"] == "media.get")
        assert got["auth"] is True
        cdn = box.seen(lambda r: r["op"] == "cdn.get" and r["status"] == 200)
        assert cdn["auth"] is False, "credentials went past the redirect"
        assert box.seen(lambda r: r["op"] == "realtime.transcribe")["text"] == row["transcribed_text"]
        assert up.query("SELECT rung FROM turn")[0]["rung"] == "realtime"


def test_history_is_read_with_sqlite3_while_it_runs():
    with Sandbox() as box, Up(env=box.env) as up:
        up.text("oi")
        conversations(up)
        out = subprocess.run(
            ["sqlite3", "-readonly", str(up.dir / "recado.db"),
             "SELECT user_message, timestamp FROM conversations WHERE phone_number='+5511987654321'"],
            capture_output=True, text=True, check=True).stdout.strip()
        words, _, when = out.partition("|")
        assert words == "oi" and len(when) == 19 and when[10] == " ", out


def test_without_keys_the_knowledge_answers_and_espeak_speaks():
    with Sandbox() as box:
        env = {k: v for k, v in box.env.items() if k.startswith("TWILIO")}
        with Up(env=env) as up:
            up.text("qual o prazo de entrega?")
            text, audio = box.seen(sent(), count=2)
            known = (up.dir / "knowledge/entrega.md").read_text()
            assert text["body"] in known, text
            assert audio["media_url"]
            row, = up.wait_rows("SELECT rung FROM turn WHERE finished_ms IS NOT NULL")
            assert row["rung"] == "knowledge", row
            assert not [r for r in box.ledger() if r["provider"] != "twilio"]


def test_a_note_without_speech_is_asked_for_again():
    silence = subprocess.run(["espeak-ng", "-v", "pt-br", "--stdout", " "], capture_output=True).stdout
    header = silence[:44] if len(silence) >= 44 else None
    if header is None:
        raise Skip("espeak-ng gives no header")
    with Sandbox() as box, Up(env=box.env) as up:
        up.note(put_media(box, header + bytes(22050 * 2 * 2), "audio/wav"), type="audio/wav")
        box.seen(sent())
        row, = conversations(up)
        assert row["message_type"] == "audio" and row["transcribed_text"] is None, row
        assert not [r for r in box.ledger() if r["op"].endswith("transcribe")]
        assert up.query("SELECT rung FROM turn")[0]["rung"] == "notice"


def test_an_encrypted_note_gets_a_polite_answer_and_a_word_to_the_operator():
    with Sandbox() as box, Up(env=box.env) as up:
        up.note(put_media(box, os.urandom(9000)))
        box.seen(sent())
        up.wait_log(r"audio_not_recognized kind=unknown bytes=")
        assert not [r for r in box.ledger() if r["op"].endswith("transcribe")]
        assert up.query("SELECT rung FROM turn")[0]["rung"] == "notice"


def test_pictures_and_places_are_kept_and_answered_as_what_they_are():
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
    with Sandbox() as box, Up(env=box.env) as up:
        up.note(put_media(box, png, "image/png"), type="image/png")
        conversations(up, 1)
        up._message("/webhook/whatsapp", dict(Body="", NumMedia="0", Latitude="-23.5", Longitude="-46.6",
                                              MessageType="location"), None)
        first, second = conversations(up, 2)
        assert (first["user_message"], second["user_message"]) == ("[imagem]", "[localização: -23.5, -46.6]")
        assert first["bot_response"] != second["bot_response"]
        kept, = up.query("SELECT * FROM attachment")
        assert kept["kind"] == "image" and (up.dir / kept["path"]).read_bytes() == png, kept


def test_every_other_attachment_is_answered_as_what_it_is():
    what = {
        "video/mp4": (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(64), "[vídeo]"),
        "application/pdf": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + bytes(64),
                            "[documento: PDF, não pode ser lido: danificado, ou sem texto]"),
        "image/webp": (b"RIFF\x40\0\0\0WEBPVP8 " + bytes(52), "[figurinha]"),
        "text/vcard": (b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ana\r\nEND:VCARD\r\n", '[contato: "Ana"]'),
    }
    with Sandbox() as box, Up(env=box.env, conf_text='voice: { when = "never"; };\n') as up:
        for n, (type, (data, _)) in enumerate(what.items()):
            up.note(put_media(box, data, type), type=type)
            conversations(up, n + 1)
        rows = conversations(up, len(what))
        said = [mark for _, mark in what.values()]
        assert [r["user_message"] for r in rows] == said, rows
        assert len({r["bot_response"] for r in rows}) == len(what), rows
        assert {r["message_type"] for r in rows} == {"text"}
        kept = {(up.dir / r["path"]).read_bytes() for r in up.query("SELECT path FROM attachment")}
        assert kept == {data for data, _ in what.values()}
        # words that came along are answered instead
        up.note(put_media(box, what["application/pdf"][0], "application/pdf"), type="application/pdf",
                Body="qual o prazo de entrega?")
        last = conversations(up, len(what) + 1)[-1]
        assert last["user_message"] == f"qual o prazo de entrega?\n{said[1]}", last
        assert up.query("SELECT rung FROM turn ORDER BY id DESC")[0]["rung"] == "chat"


def test_an_m4a_note_is_handed_on_unchanged():
    m4a = b"\0\0\0\x20ftypM4A \0\0\0\0M4A mp42isom\0\0\0\0" + bytes(3000)
    with Sandbox() as box, Up(env=box.env, conf_text='voice: { when = "never"; };\n') as up:
        up.note(put_media(box, m4a, "audio/mp4"), type="audio/mp4")
        row, = conversations(up)
        assert row["message_type"] == "audio" and row["transcribed_text"], row
        heard = box.seen(lambda r: r["op"] == "transcribe")
        assert heard["bytes"] == len(m4a), heard


def test_a_customer_without_a_number_is_served():
    bsuid = "BR.1A2B3C4D5E6F"
    with Sandbox() as box, Up(env=box.env, conf_text='voice: { when = "never"; };\n') as up:
        up.text("oi", From=f"whatsapp:{bsuid}", ExternalUserId=f"whatsapp:{bsuid}", WaId="")
        reply = box.seen(sent())
        assert reply["to"] == f"whatsapp:{bsuid}", reply
        assert conversations(up)[0]["phone_number"] == bsuid
        # the number becomes known later: the same person
        up.text("oi de novo", From="whatsapp:+5511987654321", ExternalUserId=f"whatsapp:{bsuid}")
        assert {r["phone_number"] for r in conversations(up, 2)} == {"+5511987654321"}
        assert len(up.query("SELECT 1 FROM users")) == 1


def test_short_answers_alone_are_spoken():
    conf = 'voice: { when = "short"; short_chars = 40; };\n'
    with Sandbox(plan='chat text="Sim." times=1\nchat text="%s"\n' % ("palavra " * 12)) as box, \
            Up(env=box.env, conf_text=conf) as up:
        up.text("um")
        conversations(up, 1)
        up.text("dois")
        conversations(up, 2)
        quiet(box, up, 3)
        assert [bool(r.get("media_url")) for r in box.ledger() if sent()(r)] == [False, True, False]


def test_long_answers_are_split_at_a_sentence():
    long = "Esta frase é curta e clara. " * 100
    with Sandbox(plan=f'chat text="{long.strip()}"\n') as box, \
            Up(env=box.env, conf_text='voice: { when = "never"; };\n') as up:
        up.text("conte tudo")
        a, b = box.seen(sent(), count=2)
        assert len(a["body"]) <= 1600 and len(b["body"]) <= 1600
        assert a["body"].endswith(".") and (a["body"] + " " + b["body"]) == long.strip()
        quiet(box, up, 2)


def test_mirror_answers_voice_with_voice_alone():
    with Sandbox() as box, Up(env=box.env, conf_text='voice: { when = "mirror"; };\n') as up:
        up.text("oi")
        conversations(up, 1)
        up.note(put_media(box, speech()))
        conversations(up, 2)
        quiet(box, up, 2)
        text, audio = [r for r in box.ledger() if sent()(r)]
        assert text["body"] and not text.get("media_url") and audio["media_url"] and not audio.get("body")


# --- when a provider is not well ----------------------------------------------------------------


def answered_although(plan, check, conf=None):
    with Sandbox(plan=plan) as box, Up(env=box.env, conf_text=conf) as up:
        up.text("qual o prazo de entrega?")
        conversations(up)
        check(box, up, up.query("SELECT rung, why FROM turn JOIN turn_trace ON turn_id = turn.id")[0])


def test_chat_down_the_assistant_answers():
    def check(box, up, turn):
        assert turn["rung"] == "assistant" and '"chat"' in turn["why"], turn
        asked = [r for r in box.ledger() if r["op"] == "responses"]
        assert len(asked) == 1 and asked[0]["store"] is False and asked[0]["instructions"], asked
    answered_although("chat 500-before\n", check)


def test_models_down_the_knowledge_answers():
    def check(box, up, turn):
        assert turn["rung"] == "knowledge" and '"chat"' in turn["why"] and '"assistant"' in turn["why"], turn
    answered_although("openai 500-before\n", check)


def test_model_that_breaks_off_is_not_half_answered():
    def check(box, up, turn):
        assert turn["rung"] == "knowledge", turn
    answered_although("chat cut\nresponses broken\n", check)


def test_voice_down_the_text_goes_out():
    def check(box, up, turn):
        assert turn["rung"] == "chat" and '"voice"' in turn["why"], turn
        quiet(box, up, 1)
        assert not list((up.dir / "static/audio").glob("*"))
    answered_although("tts 500-before\n", check)


def test_a_cut_voice_leaves_no_file():
    def check(box, up, turn):
        quiet(box, up, 1)
        assert not list((up.dir / "static/audio").glob("*"))
    answered_although("tts cut\n", check)


def test_media_out_of_reach_is_said():
    with Sandbox(plan="cdn.get 500-before\n") as box, Up(env=box.env) as up:
        up.note(put_media(box, speech()))
        box.seen(sent())
        assert up.query("SELECT rung FROM turn")[0]["rung"] == "notice"
        up.wait_log("attachment_not_fetched err=")


def test_busy_twilio_is_tried_again_without_doubles():
    with Sandbox(plan="messages.create 429 retry-after=1 times=2\n") as box, \
            Up(env=box.env, conf_text='voice: { when = "never"; };\n') as up:
        up.text("oi")
        conversations(up)
        quiet(box, up, 1)


def test_an_answer_lost_after_acceptance_is_not_sent_twice():
    with Sandbox(plan="messages.create 500-after times=1\n") as box, \
            Up(env=box.env, conf_text='voice: { when = "never"; };\n') as up:
        up.text("oi")
        conversations(up)
        creates = [r for r in box.ledger() if r["op"] == "messages.create"]
        assert len(creates) == 1, creates
        assert up.query("SELECT state, sid FROM outbox")[0]["sid"]


# --- what is refused ------------------------------------------------------------------------------


def test_only_exact_signatures_are_taken():
    with Sandbox() as box, Up(env=box.env) as up:
        path, params = "/webhook/whatsapp", message(Body="oi", NumMedia="0")
        good = signature(up.public_url + path, params, up.settings["TWILIO_AUTH_TOKEN"])
        other = signature(up.public_url + "/webhook/FUNCIONA", params, up.settings["TWILIO_AUTH_TOKEN"])
        assert up.post(path, params, sign=False).status == 403
        assert up.post(path, params, sign=other).status == 403
        assert up.post(path, params, sign=good[:-2] + ("Q=" if good[-2] != "Q" else "A=")).status == 403
        assert up.post(path, dict(params, Body="oi!"), sign=good).status == 403
        assert up.post(path, params, sign=good, headers={"Host": "evil.example"}).status == 200
        c = http.client.HTTPConnection("127.0.0.1", up.port, timeout=10)
        fresh = message(Body="oi", NumMedia="0")
        body = urllib.parse.urlencode(fresh).encode()
        sig = signature(up.public_url + path, fresh, up.settings["TWILIO_AUTH_TOKEN"])
        c.putrequest("POST", path)
        for k, v in (("Content-Type", "application/x-www-form-urlencoded"), ("Content-Length", str(len(body))),
                     ("X-Twilio-Signature", sig), ("X-Twilio-Signature", sig)):
            c.putheader(k, v)
        c.endheaders(body)
        assert c.getresponse().status == 403
        c.close()
        assert len(up.query("SELECT 1 FROM inbox")) == 1


def test_other_refusals():
    with Sandbox() as box, Up(env=box.env) as up:
        path = "/webhook/whatsapp"
        big = request(up.url, "POST", path, b"a=" + b"x" * (257 * 1024),
                      {"Content-Type": "application/x-www-form-urlencoded"})
        assert big.status == 413, big.status
        assert request(up.url, "POST", path, b"{}", {"Content-Type": "application/json"}).status == 415
        assert request(up.url, "PUT", path, b"x").status == 405
        assert up.post(path, {"From": "whatsapp:+5511987654321"}).status == 400
        assert request(up.url, "GET", "/nothing").status == 404
        for hook in ("/webhook/whatsapp", "/webhook/FUNCIONA", "/webhook/whatsapp/realtime", "/webhook/whatsapp/v2"):
            got = request(up.url, "GET", hook)
            assert got.status == 200 and got.json()["status"] == "alive"
        assert not up.query("SELECT 1 FROM inbox")
        assert up.post("/webhook/whatsapp/v2", message(Body="oi", NumMedia="0")).status == 200
        up.wait_log("/webhook/whatsapp/v2 is deprecated")


def test_without_a_token_webhooks_answer_503():
    with Up(env={"TWILIO_AUTH_TOKEN": ""}) as up:
        got = post(up.url, "/webhook/whatsapp", message(Body="oi"), token="")
        assert got.status == 503 and got.headers["Retry-After"]
        up.wait_log("TWILIO_AUTH_TOKEN")


def test_the_same_message_again_changes_nothing():
    with Sandbox() as box, Up(env=box.env, conf_text='voice: { when = "never"; };\n') as up:
        params = message(Body="oi", NumMedia="0")
        got = []
        threads = [threading.Thread(target=lambda: got.append(up.post("/webhook/whatsapp", params).status))
                   for _ in range(20)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        assert got == [200] * 20, got
        conversations(up)
        assert up.post("/webhook/whatsapp", params).status == 200
        quiet(box, up, 1)
        assert len(up.query("SELECT 1 FROM inbox")) == 1


def test_media_of_another_host_is_never_asked_for():
    canary = socket.socket()
    canary.bind(("127.0.0.1", 0))
    canary.listen(5)
    canary.settimeout(0.2)
    with canary, Sandbox() as box, Up(env=box.env) as up:
        port = canary.getsockname()[1]
        for n, url in enumerate((f"http://127.0.0.1:{port}/2010-04-01/x.ogg", f"http://localhost:{box.port}/x",
                                 f"http://127.0.0.1:{box.port}@127.0.0.1:{port}/x", "file:///etc/passwd",
                                 "http://169.254.169.254/latest/meta-data")):
            up.note(url)
            conversations(up, n + 1)
        try:
            canary.accept()
            raise AssertionError("the canary was called")
        except socket.timeout:
            pass
        assert not [r for r in box.ledger() if r["op"] in ("media.get", "cdn.get", "unknown")]
        assert {r["rung"] for r in up.query("SELECT rung FROM turn")} == {"notice"}


def test_what_is_inside_stays_inside():
    with Sandbox() as box, Up(env=dict(box.env, RECADO_ADMIN_TOKEN="let-me-in-0123456789")) as up:
        assert request(up.url, "GET", "/system/status").status == 200
        away = {"X-Forwarded-For": "198.51.100.7"}
        assert request(up.url, "GET", "/system/status", headers=away).status == 403
        assert request(up.url, "GET", "/test/anything", headers=away).status == 403
        assert request(up.url, "GET", "/system/status",
                       headers=dict(away, Authorization="Bearer let-me-in-0123456789")).status == 200
        assert request(up.url, "GET", "/system/status",
                       headers=dict(away, Authorization="Bearer wrong")).status == 403
        health = request(up.url, "GET", "/health").json()
        assert health["status"] == "healthy" and health["workers"]["work"]["ready"] >= 1
        assert "Recado" in request(up.url, "GET", "/").text


# --- TwiML ---------------------------------------------------------------------------------------------

TWIML = ('routes = ( { path = "/webhook/whatsapp"; reply = "rest"; },\n'
         '           { path = "/webhook/FUNCIONA"; reply = "twiml"; } );\n'
         'web: { twiml_deadline_ms = %d; };\n')


def test_a_twiml_route_answers_in_the_webhook_itself():
    with Sandbox() as box, Up(env=box.env, conf_text=TWIML % 8000) as up:
        got = up.post("/webhook/FUNCIONA", message(Body="oi", NumMedia="0"))
        assert got.status == 200 and got.text.count("<Message action=") == 2, got.text
        assert "<Body>" in got.text and "<Media>" + up.url in got.text
        assert got.text.index("<Body>") < got.text.index("<Media>")
        conversations(up)
        quiet(box, up, 0)


def test_a_late_twiml_answer_goes_out_through_rest():
    with Sandbox(plan="chat delay=2500\n") as box, Up(env=box.env, conf_text=TWIML % 1000) as up:
        got = up.post("/webhook/FUNCIONA", message(Body="oi", NumMedia="0"))
        assert got.status == 200 and "<Message" not in got.text, got.text
        box.seen(sent(), count=2)
        conversations(up)
        quiet(box, up, 2)


def two_in_a_row(up, box):
    """The texts of both answers, in the order of the messages."""
    got = {}

    def one(n, body):
        got[n] = up.post("/webhook/FUNCIONA", message(Body=body, NumMedia="0")).text
    first = threading.Thread(target=one, args=(0, "quanto custa o frete"))
    first.start()
    box.seen(lambda r: r["op"] == "chat")
    one(1, "para Manaus?")
    first.join()
    return got[0], got[1]


def test_a_newer_message_gets_the_twiml_answer_to_both():
    conf = TWIML % 8000 + 'voice: { when = "never"; };\nturn: { window_ms = 4000; window_max_ms = 4000; };\n'
    with Sandbox(plan="chat delay=4000 times=1\n") as box, Up(env=box.env, conf_text=conf) as up:
        began = time.monotonic()
        first, second = two_in_a_row(up, box)
        took = time.monotonic() - began
        assert "<Message" not in first and second.count("<Message ") == 1, (first, second)
        assert took < 3 * SLOW, f"{took:.1f} s: the first call was waited for"
        row, = conversations(up)
        assert row["user_message"] == "quanto custa o frete\npara Manaus?", row
        quiet(box, up, 0)


def test_a_twiml_message_behind_a_turn_does_not_wait_for_its_deadline():
    conf = TWIML % 14000 + 'voice: { when = "never"; };\nturn: { cancels = 0; };\n'
    with Sandbox(plan="chat delay=1500 times=1\n") as box, Up(env=box.env, conf_text=conf) as up:
        began = time.monotonic()
        first, second = two_in_a_row(up, box)
        took = time.monotonic() - began
        assert first.count("<Message ") == 1 and second.count("<Message ") == 1, (first, second)
        assert took < min(12, 2 + 3 * SLOW), f"{took:.1f} s"
        assert [r["user_message"] for r in conversations(up, 2)] == ["quanto custa o frete", "para Manaus?"]
        quiet(box, up, 0)


def test_more_twiml_turns_than_seats_use_rest():
    with Sandbox(plan="chat delay=1500\n") as box, \
            Up(env=box.env, conf_text=TWIML % 8000 + "voice: { when = \"never\"; };\n") as up:
        got = []

        def one(n):
            r = up.post("/webhook/FUNCIONA", message(Body="oi", NumMedia="0", sender=f"whatsapp:+55119876500{n:02}"))
            got.append(r.text.count("<Message "))
        threads = [threading.Thread(target=one, args=(n,)) for n in range(40)]
        [t.start() for t in threads]
        [t.join() for t in threads]
        conversations(up, 40)
        assert 1 <= sum(got) <= 16, got  # 2 processes × a quarter of 32 threads
        quiet(box, up, 40 - sum(got))


def test_marks_speak_the_language_of_the_prompt():
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(64)
    with Sandbox() as box, Up(env=box.env, conf_text='language = "en";\n') as up:
        got = request(box.url, "POST", "/_sandbox/media?type=image/png", png, {"Content-Type": "image/png"})
        up.note(got.json()["url"], type="image/png", MessageType="image")
        row, = up.wait_rows("SELECT user_message FROM conversations")
        assert row["user_message"] == "[image]", row
