"""Where comparable systems lose, double or show messages. Each test is named after the mistake it
would find; what the other files prove already is not here again."""

import re
import sqlite3
import threading
import time

from lib import *

from t_main import speech, put_media
from t_move import bot

NEVER = 'voice: { when = "never"; };\n'
WINDOW = NEVER + "turn: { window_ms = %d; window_unfinished_ms = %d; window_max_ms = 4000; };\n"


def accepted(box, to=None):
    return [r for r in box.ledger() if r["op"] == "messages.create" and r["status"] == 201 and to in (None, r["to"])]


def quiet(up, timeout=30.0):
    wait_for(lambda: not up.query("SELECT 1 FROM job"), timeout, "every job to end")


def at_once(n, what):
    """what(i) on n threads that start together; what they gave."""
    out, gate = [None] * n, threading.Barrier(n)

    def run(i):
        gate.wait()
        out[i] = what(i)
    threads = [threading.Thread(target=run, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return out


def test_the_same_message_delivered_many_times_at_once_is_one():
    """Looking for the id, then storing it: two deliveries at the same moment both find nothing."""
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        params = message(Body="oi", NumMedia="0")
        got = at_once(24, lambda i: up.post("/webhook/whatsapp", params).status)
        assert got == [200] * 24, got
        up.wait_rows("SELECT 1 FROM conversations")
        quiet(up)
        assert len(accepted(box)) == 1 and len(up.query("SELECT 1 FROM inbox")) == 1
        assert up.query("SELECT total_messages n FROM users")[0]["n"] == 1


def test_many_first_messages_make_one_contact():
    """Looking for the contact, then making it, without a unique key."""
    with Sandbox() as box, Up(env=box.env, conf_text=WINDOW % (300, 300)) as up:
        # with and without the ninth digit, on WhatsApp and by SMS
        senders = ["whatsapp:+5511987654321", "whatsapp:+551187654321", "+5511987654321", "+551187654321"]
        at_once(16, lambda i: up.text(f"mensagem {i}", From=senders[i % 4],
                                      To=BUSINESS if i % 4 < 2 else BUSINESS.removeprefix("whatsapp:")))
        quiet(up)
        users = up.query("SELECT * FROM users")
        assert len(users) == 1 and users[0]["total_messages"] == 16, users
        text = "\n".join(r["user_message"] for r in up.query("SELECT user_message FROM conversations"))
        assert sorted(text.split("\n")) == sorted(f"mensagem {i}" for i in range(16)), text
        # each is answered where it came from: what the provider knows is not "corrected"
        assert {r["to"] for r in accepted(box)} == set(senders), accepted(box)


def test_an_attachment_that_cannot_be_fetched_loses_no_text():
    """The download inside the storing of the message."""
    with Sandbox(plan="media.get 500-before\ncdn.get 500-before\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        url = put_media(box, b"\xff\xd8\xff\xe0" + b"\0" * 100, "image/jpeg")
        up.text("quanto custa este aqui?", NumMedia="1", MediaUrl0=url, MediaContentType0="image/jpeg")
        row, = up.wait_rows("SELECT * FROM conversations")
        assert "quanto custa este aqui?" in row["user_message"] and row["bot_response"], row
        quiet(up)
        assert accepted(box)


def test_every_attachment_of_a_message_is_kept():
    """Only the first element of a list is looked at."""
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        media = {f"MediaUrl{i}": put_media(box, b"\xff\xd8\xff\xe0" + bytes([i]) * 50, "image/jpeg") for i in range(3)}
        up.text("três fotos", NumMedia="3", **media, **{f"MediaContentType{i}": "image/jpeg" for i in range(3)})
        up.wait_rows("SELECT * FROM conversations")
        rows = up.query("SELECT part, path FROM attachment ORDER BY part")
        assert [r["part"] for r in rows] == [0, 1, 2] and all(r["path"] for r in rows), rows


def test_a_model_that_thinks_keeps_no_transaction_open():
    """One database transaction over the whole call, or the webhook waits for the model."""
    with Sandbox(plan="chat delay=4000\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        wait_for(lambda: up.query("SELECT 1 FROM turn"), what="a turn under way")
        began = time.monotonic()
        for i in range(20):
            up.text(f"oi {i}", From=f"whatsapp:+55119876540{i:02d}")
        stranger = sqlite3.connect(up.dir / "recado.db", timeout=2, isolation_level=None)
        stranger.execute("BEGIN IMMEDIATE")
        stranger.execute("ROLLBACK")
        stranger.close()
        took = time.monotonic() - began
        assert took < 3 * SLOW and not up.query("SELECT 1 FROM conversations"), took
        up.wait_rows("SELECT 1 FROM conversations", count=21, timeout=40)


def test_a_long_history_is_not_sent_whole():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        assert recado("import-history", "--dir", up.dir, bot(up.dir / "bot.db")).returncode == 0
        up.text("e hoje?", From="whatsapp:+5511987654300")
        chat = box.seen(lambda r: r["op"] == "chat")
        # ten turns; around them persona, memory, knowledge, moment and the question
        assert 10 < chat["messages"] <= 2 * 10 + 5, chat


def test_messages_that_wait_survive_who_waits_for_them():
    """The quiet window lives in the memory of a process."""
    with Sandbox() as box, Up(env=box.env, conf_text=WINDOW % (1500, 1500)) as up:
        up.text("queria saber")
        up.text("o horário")
        for pid in up.roles()["work"]:
            os.kill(pid, signal.SIGKILL)
        row, = up.wait_rows("SELECT * FROM conversations", timeout=30)
        assert row["user_message"] == "queria saber\no horário", row
        quiet(up)
        assert len(accepted(box)) == 1


def test_people_who_write_at_once_are_not_mixed():
    """A window whose key is not the whole of who writes to whom."""
    with Sandbox() as box, Up(env=box.env, conf_text=WINDOW % (500, 500)) as up:
        people = [f"whatsapp:+55119876540{i:02d}" for i in range(12)]
        at_once(24, lambda i: up.text(f"pergunta {i % 12}", From=people[i % 12]))
        up.wait_rows("SELECT 1 FROM conversations", count=12)
        quiet(up)
        for i, who in enumerate(people):
            row, = up.query("SELECT user_message m FROM conversations WHERE phone_number = ?", who[9:])
            assert set(row["m"].split("\n")) == {f"pergunta {i}"}, row
            assert len(accepted(box, who)) == 1


def test_ears_that_never_answer_do_not_hang_the_turn():
    """No time-out around the transcription."""
    conf = NEVER + "turn: { hear_ms = 5000; };\n"
    with Sandbox(plan="transcribe never\nrealtime.transcribe never\n") as box, Up(env=box.env, conf_text=conf) as up:
        began = time.monotonic()
        up.note(put_media(box, speech()))
        box.seen(lambda r: r["op"] == "messages.create" and r["status"] == 201, timeout=30)
        assert time.monotonic() - began < 25 * SLOW
        row, = up.wait_rows("SELECT * FROM conversations")
        assert row["message_type"] == "audio" and "pode escrever a mensagem" in row["bot_response"], row


def test_logs_hold_no_words_and_no_numbers():
    """Texts and transcripts at level info; numbers in full."""
    secret, said = "abacaxi-7391", "manga rosa azul"
    with Sandbox(plan=f'transcribe text="{said}"\nrealtime.transcribe text="{said}"\nmessages.create 500-before times=1\nmedia.get 500-before nth=2\n') as box, \
            Up(env=box.env, conf_text='log_level = "debug";\n') as up:
        up.text(f"meu pedido é {secret}")
        up.note(put_media(box, speech()))
        up.note(put_media(box, speech()))
        up.wait_rows(f"SELECT 1 FROM conversations WHERE user_message LIKE '%{said}%'", timeout=40)
        quiet(up, 60)
        for name in ("recadod.log", "nginx.log"):
            text = up.log(name)
            for word in (secret, said, "abacaxi", "Entendi", "987654321", box.env["TWILIO_AUTH_TOKEN"],
                         box.env["OPENAI_API_KEY"], box.env["ELEVENLABS_API_KEY"]):
                assert word not in text, f"{word} in {name}: {text}"
        assert up.log()


def test_two_notes_in_a_row_are_one_turn_and_each_is_heard_once():
    """The second note is thrown away, or transcribed for a turn of its own; begun anew, both are paid for twice."""
    conf = 'voice: { when = "never"; };\nturn: { window_ms = 0; window_audio_ms = 0; };\n'
    for ladder, op in (("realtime", "realtime.transcribe"), ("chat", "transcribe")):
        routes = f'routes = ( {{ path = "/webhook/whatsapp"; audio = [ "{ladder}", "assistant" ]; }} );\n'
        plan = f'{op} nth=1 text="queria saber"\n{op} nth=2 text="o horário"\n' \
               "realtime.response delay=3000 times=1\nchat delay=3000 times=1\n"
        with Sandbox(plan=plan) as box, Up(env=box.env, conf_text=conf + routes) as up:
            first, second = put_media(box, speech()), put_media(box, speech("até que horas?"))
            up.note(first)
            box.seen(lambda r: r["op"] == op)
            up.note(second)
            row, = up.wait_rows("SELECT * FROM conversations")
            assert row["user_message"] == row["transcribed_text"] == "queria saber\no horário", row
            quiet(up)
            assert len(accepted(box)) == 1
            assert len([r for r in box.ledger() if r["op"] in ("transcribe", "realtime.transcribe")]) == 2, box.ledger()


def test_an_album_that_comes_in_parallel_is_one_turn():
    """Each picture is a webhook of its own, all at the same moment: as many tickets, contacts, answers."""
    with Sandbox() as box, Up(env=box.env, conf_text=WINDOW % (800, 800)) as up:
        urls = [put_media(box, b"\xff\xd8\xff\xe0" + bytes([i]) * 50, "image/jpeg") for i in range(6)]
        at_once(7, lambda i: up.text("são estes aqui") if i == 6 else
                up.note(urls[i], type="image/jpeg", MessageType="image"))
        row, = up.wait_rows("SELECT * FROM conversations")
        assert "são estes aqui" in row["user_message"] and row["user_message"].count("[imagem]") == 6, row
        quiet(up)
        assert len(up.query("SELECT 1 FROM attachment WHERE path IS NOT NULL")) == 6
        assert len(accepted(box)) == 1 and up.query("SELECT total_messages n FROM users")[0]["n"] == 7


def test_a_customer_is_not_told_of_our_trouble():
    """The provider's refusal, or a missing key, as the answer."""
    plan = "chat status=401 code=invalid_api_key\nresponses status=400\nrealtime.connect status=401\n" \
           "transcribe status=401 code=invalid_api_key\ntts status=401\nmedia.get nth=2 status=404\n"
    with Sandbox(plan=plan) as box, Up(env=box.env, conf_text="") as up:
        up.text("xyzzy")
        up.note(put_media(box, speech()), From="whatsapp:+5511900000001")
        up.note(put_media(box, b"\xff\xd8\xff\xe0" + b"\0" * 50, "image/jpeg"), type="image/jpeg",
                From="whatsapp:+5511900000002")
        up.wait_rows("SELECT 1 FROM conversations", count=3, timeout=40)
        quiet(up)
        texts = set(re.findall(r'^\t\t\w+ = "(.+)"; # default$', recado("conf", "--dir", up.dir).stdout, re.M))
        said = [r.get("body") for r in accepted(box)]
        assert len(said) == 3 and all(s in texts for s in said), said


def test_a_message_of_an_advertisement_may_be_empty():
    """What came through an advertisement has other fields, and perhaps no words."""
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("", ReferralNumMedia="1", ReferralHeadline="Frete grátis", ReferralBody="Fale conosco",
                ReferralSourceType="ad", ReferralSourceId="120210000000000000", ReferralCtwaClid="abc")
        row, = up.wait_rows("SELECT * FROM conversations")
        assert row["bot_response"] and len(accepted(box)) == 1, row
        up.text("quanto custa?")
        rows = up.wait_rows("SELECT * FROM conversations ORDER BY id", count=2)
        assert rows[1]["user_message"] == "quanto custa?" and len(up.query("SELECT 1 FROM users")) == 1
