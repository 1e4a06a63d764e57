"""Running ahead: what is done while the quiet window is still open, and what is not."""

import json
import os
import signal
import time

import lib
from lib import CUSTOMER, Sandbox, Up, wait_for
from t_main import put_media, speech

CONF = """
voice: { when = "%s"; };
turn: { window_ms = %d; window_unfinished_ms = %d; window_audio_ms = %d; window_max_ms = %d; reconcile_ms = 1500;
        ahead = "%s"; };
work: { processes = %d; threads = %d; };
"""


def conf(window_ms, voice="never", unfinished_ms=None, max_ms=None, ahead="think", processes=2, threads=64):
    most = max_ms if max_ms is not None else 4 * window_ms
    return CONF % (voice, window_ms, unfinished_ms or window_ms, window_ms, most, ahead, processes, threads)


def times(box, op):
    """When requests of this kind came, in ms since 1970; of messages, when they were accepted."""
    return [r["t"] for r in box.ledger() if r["op"] == op and (op != "messages.create" or r["status"] == 201)]


def wait_for_requests(box, op, n, timeout=30.0):
    return wait_for(lambda: got if len(got := times(box, op)) >= n else None, timeout, f"{n} requests {op}")


def closes(up):
    """When the window closes, by the newest message."""
    return up.query("SELECT due_ms FROM job WHERE kind = 'turn'")[0]["due_ms"]


def settled(box, up, messages):
    """The requests that sent them, once all is done."""
    wait_for(lambda: not up.query("SELECT 1 FROM job WHERE kind = 'turn'"), 40, "no turn under way")
    sent = times(box, "messages.create")
    assert len(sent) == messages, sent
    return sent


def test_the_answer_is_ready_when_the_window_closes():
    with Sandbox(plan="chat delay=300\n") as box, Up(env=box.env, conf_text=conf(4000, voice="always")) as up:
        up.text("oi")
        wait_for_requests(box, "tts", 1)
        end = closes(up)
        assert not times(box, "messages.create")
        sent = settled(box, up, 2)
        assert times(box, "chat")[0] < end and times(box, "tts")[0] < end, (box.ledger(), end)
        assert min(sent) >= end - 5, (sent, end)
        stats = json.loads(lib.recado("stats", "--dir", up.dir, "--json").stdout)
        assert stats["ahead_abandoned"] == 0 and stats["ahead_tokens"] == 0, stats


def test_a_note_is_heard_before_the_window_closes():
    with Sandbox() as box, Up(env=box.env, conf_text=conf(6000)) as up:
        up.note(put_media(box, speech()))
        wait_for_requests(box, "realtime.response", 1)
        end = closes(up)
        sent = settled(box, up, 1)
        assert times(box, "realtime.transcribe")[0] < end <= min(sent) + 5, (box.ledger(), end)


def test_a_burst_is_one_answer_and_what_it_cost_is_told():
    with Sandbox() as box, Up(env=box.env, conf_text=conf(3000)) as up:
        for i, part in enumerate(("oi", "tudo bem?", "queria saber o horário")):
            up.text(part)
            wait_for_requests(box, "chat", i + 1)
        settled(box, up, 1)
        row, = up.query("SELECT user_message FROM conversations")
        assert row["user_message"] == "oi\ntudo bem?\nqueria saber o horário", row
        stats = json.loads(lib.recado("stats", "--dir", up.dir, "--json").stdout)
        assert stats["ahead_abandoned"] == 2 and stats["ahead_tokens"] > 0, stats
        assert up.get("/stats").json()["ahead_abandoned"] == 2


def test_off_and_hear_do_not_ask_the_model_before():
    for ahead in ("off", "hear"):
        with Sandbox() as box, Up(env=box.env, conf_text=conf(1500, ahead=ahead)) as up:
            up.text("oi")
            end = closes(up)
            settled(box, up, 1)
            assert times(box, "chat")[0] >= end - 5, (ahead, box.ledger(), end)


def test_a_person_takes_over_while_the_answer_waits():
    with Sandbox() as box, Up(env=box.env, conf_text=conf(3000)) as up:
        up.text("oi")
        wait_for_requests(box, "chat", 1)
        assert lib.recado("takeover", "--dir", up.dir, CUSTOMER).returncode == 0
        settled(box, up, 0)
        assert up.query("SELECT rung FROM turn") == [{"rung": "person"}]


def test_a_death_does_not_close_the_window():
    with Sandbox() as box, Up(env=box.env, conf_text=conf(5000)) as up:
        up.text("oi")
        wait_for_requests(box, "chat", 1)
        end = closes(up)
        for pid, cmd in lib.descendants(up.pid).items():
            if lib.role_of(cmd) == "work":
                os.kill(pid, signal.SIGKILL)
        up.text("tudo bem?")
        sent = settled(box, up, 1)
        assert sent[0] >= end - 5, (sent, end)
        assert up.query("SELECT user_message FROM conversations") == [{"user_message": "oi\ntudo bem?"}]


def test_who_waits_in_a_window_stops_nobody():
    """More contacts in long windows than there are threads, and one whose window is short."""
    with Sandbox() as box, \
            Up(env=box.env, conf_text=conf(200, unfinished_ms=30000, max_ms=60000, processes=1, threads=4)) as up:
        for i in range(12):
            up.text("pensando…", From=f"whatsapp:+551190000{i:04d}", WaId=f"551190000{i:04d}")
        wait_for_requests(box, "chat", 2)
        up.text("oi")
        wait_for_requests(box, "messages.create", 1)
        waiting = up.query("SELECT count(*) AS n FROM job WHERE kind = 'turn' AND due_ms > ?", int(time.time() * 1000))
        assert waiting == [{"n": 12}], waiting
        assert len(times(box, "chat")) == 3, "half of the threads run ahead"
