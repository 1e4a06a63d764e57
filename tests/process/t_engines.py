"""One customer's bad input is that customer's affair; a refused key is the operator's."""

import re

from lib import Sandbox, Up, request, wait_for
from t_main import put_media, speech

CONF = """voice: { when = "never"; };
turn: { window_ms = 0; window_audio_ms = 0; };
work: { processes = 2; };
routes = ( { path = "/webhook/whatsapp"; text = [ "chat" ]; audio = [ "chat" ]; } );
"""
BAD, OTHERS = 12, 8


def customer(n):
    return f"whatsapp:+55119000{n:05d}"


def set_plan(box, text):
    got = request(box.url, "POST", "/_sandbox/plan", text.encode(), {"Content-Type": "text/plain"})
    assert got.status == 200, (text, got.body)


def rungs(up, count):
    return [r["rung"] for r in up.wait_rows("SELECT rung FROM turn WHERE rung IS NOT NULL ORDER BY id", count=count,
                                            timeout=60)]


def ask_in_turn(up, n, first=0, note=None):
    """One message after the other, from as many customers; the rungs that answered them."""
    for i in range(first, first + n):
        if note is None:
            up.text(f"pergunta {i}", sender=customer(i))
        else:
            up.note(note, sender=customer(i))
        got = rungs(up, i + 1)
    return got[first:]


def test_refused_prompts_leave_the_model_to_all_others():
    for status in (400, 413, 422):
        with Sandbox(plan=f"chat status={status} times={BAD}\n") as box, Up(env=box.env, conf_text=CONF) as up:
            got = ask_in_turn(up, BAD)
            assert set(got) <= {"knowledge", "apology"}, got
            assert ask_in_turn(up, OTHERS, BAD) == ["chat"] * OTHERS
            assert sum(r["op"] == "chat" for r in box.ledger()) == BAD + OTHERS  # each was asked, and once


def test_what_the_model_will_not_answer_leaves_it_to_all_others():
    for fault in ("refusal", "filtered", "incomplete"):
        with Sandbox(plan=f"chat {fault} times={BAD}\n") as box, Up(env=box.env, conf_text=CONF) as up:
            ask_in_turn(up, BAD)
            assert ask_in_turn(up, OTHERS, BAD) == ["chat"] * OTHERS


def test_refused_notes_leave_transcription_to_all_others():
    with Sandbox(plan=f"transcribe status=400 times={BAD}\n") as box, Up(env=box.env, conf_text=CONF) as up:
        url = put_media(box, speech())
        ask_in_turn(up, BAD, note=url)
        ask_in_turn(up, OTHERS, BAD, note=url)
        rows = up.query("SELECT user_message m FROM conversations ORDER BY id")
        assert all("[áudio]" in r["m"] for r in rows[:BAD]), rows
        assert all(r["m"] and "[áudio]" not in r["m"] for r in rows[BAD:]), rows


def log_lines(up, event):
    return re.findall(rf"\b{event} .*", up.log())


def test_a_refused_key_opens_the_breaker_and_is_told_once():
    with Sandbox(plan="chat status=401 code=invalid_api_key\n") as box, Up(env=box.env, conf_text=CONF) as up:
        got = ask_in_turn(up, 24)
        assert set(got) <= {"knowledge", "apology"}, got
        assert sum(r["op"] == "chat" for r in box.ledger()) < 20  # nobody asks in vain any more
        line, = log_lines(up, "key_refused")
        assert re.match(r'key_refused provider=openai code=401 action=".*OPENAI_API_KEY', line), line
        assert not log_lines(up, "quota_exhausted") and not log_lines(up, "account_restored")
        set_plan(box, "")

        def restored():
            n = len(up.query("SELECT 1 FROM turn WHERE rung IS NOT NULL"))
            return ask_in_turn(up, 1, n) == ["chat"]
        wait_for(restored, 40)
        assert len(log_lines(up, "account_restored")) == 1 and len(log_lines(up, "key_refused")) == 1


def test_an_empty_account_is_not_a_rate_limit():
    plan = "chat 429 times=2\nchat status=429 code=insufficient_quota nth=3 times=3\n"
    with Sandbox(plan=plan) as box, Up(env=box.env, conf_text=CONF) as up:
        ask_in_turn(up, 2)
        assert not log_lines(up, "quota_exhausted")
        ask_in_turn(up, 3, 2)
        line, = log_lines(up, "quota_exhausted")
        assert re.match(r'quota_exhausted provider=openai code=429 action=".*credit', line), line
        assert not log_lines(up, "key_refused")


def test_credentials_that_the_channel_refuses_are_told_once():
    with Sandbox(plan="messages.create status=401 code=20003\n") as box, Up(env=box.env, conf_text=CONF) as up:
        for i in range(8):
            up.text("oi", sender=customer(i))
        wait_for(lambda: len(log_lines(up, "key_refused")) > 0, 30)
        up.wait_rows("SELECT 1 FROM turn WHERE rung IS NOT NULL", count=8)
        line, = log_lines(up, "key_refused")
        assert "provider=twilio" in line and "TWILIO_AUTH_TOKEN" in line, line
