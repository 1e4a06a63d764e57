"""A message that the model promised for later: it leaves when it is due, once, and only to who may still be
written to. Nobody waits for hours here: while nothing runs, the promise and what it depends on are made older."""

import json
import os
import sqlite3
import time

import lib
from lib import CUSTOMER, Folder, Sandbox, Skip, Up, request, wait_for
from t_fault import clock

CONF = """
voice: { when = "never"; };
turn: { window_ms = 0; reconcile_ms = 1500; };
tools: { enabled = [ "schedule_message" ]; };
"""
LATER = "Ainda quer o bolo?"
PROMISE = '@call schedule_message {"in_minutes":%d,"text":"' + LATER + '"}'
ELSE = {"From": "whatsapp:+5511987650000", "WaId": "5511987650000"}
HOUR = 3600


def told(box):
    """What the customers were told, in order."""
    return [r["body"] for r in box.ledger() if r["op"] == "messages.create" and r["status"] == 201]


def plan(box, text):
    assert request(box.url, "POST", "/_sandbox/plan", text.encode()).status == 200


def promise(up, minutes=60):
    up.text(PROMISE % minutes)
    up.wait_rows("SELECT 1 FROM followup WHERE state = 0")
    wait_for(lambda: not up.query("SELECT 1 FROM job WHERE kind = 'turn'"), what="the end of the turn")


def promised(box, folder):
    """A folder in which nothing runs any more and in which a message waits for its hour."""
    with Up(dir=folder, env=box.env, conf_text=CONF) as up:
        promise(up)


def pass_time(folder, seconds):
    """What waits there, and what is known of the contact, is so much older."""
    with sqlite3.connect(folder / "recado.db") as db:
        for what in ("job SET due_ms = due_ms", "followup SET due_ms = due_ms", "contact SET last_ms = last_ms",
                     "turn SET finished_ms = finished_ms"):
            db.execute(f"UPDATE {what} - {int(seconds * 1000)}")
    db.close()


def ends(up, state):
    """Until every promise is kept (1) or dropped (2), and nothing is left to do."""
    wait_for(lambda: not up.query("SELECT 1 FROM followup WHERE state <> ?", state), 40, f"state {state}")
    wait_for(lambda: not up.query("SELECT 1 FROM job"), 30, "every job to end")


def test_it_is_sent_when_it_is_due_and_once():
    with Sandbox() as box, Folder() as folder:
        promised(box, folder)
        pass_time(folder, HOUR - 6)
        with Up(dir=folder, env=box.env) as up:
            up.text("oi", **ELSE)
            up.wait_rows("SELECT 1 FROM conversations", count=2)
            due = up.query("SELECT due_ms FROM followup")[0]["due_ms"]
            got = box.seen(lambda r: r["op"] == "messages.create" and r["body"] == LATER)
            assert time.time() * 1000 >= due - 50, "too early"
            assert got["to"] == CUSTOMER and got["from"] == lib.BUSINESS and got["status"] == 201, got
            ends(up, 1)
            rows = up.query("SELECT user_message FROM conversations WHERE bot_response = ?", LATER)
            assert [r["user_message"] for r in rows] == [""], rows
        with Up(dir=folder, env=box.env) as up:  # and what was kept is not kept again
            up.text("e aí", **ELSE)
            up.wait_rows("SELECT 1 FROM conversations", count=4)
            assert told(box).count(LATER) == 1, told(box)


def test_it_is_late_when_nothing_ran():
    with Sandbox() as box, Folder() as folder:
        promised(box, folder)
        pass_time(folder, 9 * HOUR)
        with Up(dir=folder, env=box.env) as up:
            ends(up, 1)
            assert told(box).count(LATER) == 1, told(box)


def test_a_death_in_the_middle_sends_it_once():
    """Every process is killed while the provider thinks: what it took is found there, not sent again."""
    with Sandbox() as box, Folder() as folder:
        promised(box, folder)
        pass_time(folder, 2 * HOUR)
        plan(box, "messages.create delay=14000 times=1\ncallback never\n")  # only the list can tell
        with Up(dir=folder, env=box.env) as up:
            up.wait_rows("SELECT 1 FROM outbox WHERE body = ? AND state = 1", LATER)
            up.kill()
        with Up(dir=folder, env=box.env) as up:
            ends(up, 1)
            assert told(box).count(LATER) == 1, told(box)


def test_the_wall_clock_says_when():
    """Jobs go by a clock that nobody can set; what was promised for an hour of the day does not."""
    if os.environ.get("V", "release") in ("asan", "tsan"):
        raise Skip("a sanitizer wants to be loaded first")
    with clock() as (env, step), Sandbox() as box, Up(env={**box.env, **env}, conf_text=CONF) as up:
        promise(up)
        step(2 * HOUR)
        ends(up, 1)
        assert told(box).count(LATER) == 1, told(box)


def test_not_after_a_takeover():
    with Sandbox() as box, Folder() as folder:
        promised(box, folder)
        assert lib.recado("takeover", "--dir", folder, CUSTOMER).returncode == 0
        pass_time(folder, 2 * HOUR)
        with Up(dir=folder, env=box.env) as up:
            ends(up, 2)
            up.wait_log("followup_dropped reason=\"the conversation is a person's\"")
            assert LATER not in told(box), told(box)


def test_not_to_who_has_opted_out():
    with Sandbox() as box, Folder() as folder:
        with Up(dir=folder, env=box.env, conf_text=CONF) as up:
            promise(up)
            plan(box, "messages.create status=400 code=21610\n")
            up.text("pare")
            up.wait_rows("SELECT 1 FROM contact WHERE is_active = 0")
        plan(box, "")
        pass_time(folder, 2 * HOUR)
        with Up(dir=folder, env=box.env) as up:
            ends(up, 2)
            up.wait_log('followup_dropped reason="the contact wants no messages"')
            assert LATER not in told(box), told(box)


def test_not_after_whatsapps_window():
    with Sandbox() as box, Folder() as folder:
        promised(box, folder)
        pass_time(folder, 24 * HOUR)
        with Up(dir=folder, env=box.env) as up:
            ends(up, 2)
            up.wait_log('followup_dropped reason="the contact has not written for a day"')
            assert LATER not in told(box), told(box)


def test_not_to_who_was_forgotten():
    with Sandbox() as box, Folder() as folder:
        promised(box, folder)
        assert lib.recado("contact", "forget", "--dir", folder, CUSTOMER).returncode == 0
        with Up(dir=folder, env=box.env) as up:
            assert not up.query("SELECT 1 FROM job") and not up.query("SELECT 1 FROM followup")


def test_a_refused_one_is_a_dead_letter_of_the_contact():
    with Sandbox() as box, Folder() as folder:
        promised(box, folder)
        pass_time(folder, 2 * HOUR)
        plan(box, "messages.create status=400 code=63016 times=1\n")
        with Up(dir=folder, env=box.env) as up:
            ends(up, 1)
            dead = json.loads(lib.recado("queue", "--dir", up.dir, "--json").stdout)["dead"]
            assert [(d["kind"], d["code"]) for d in dead] == [("part", 63016)], dead
            assert up.query("SELECT sender FROM dead_letter") == [{"sender": CUSTOMER}]
            assert lib.recado("queue", "--dir", up.dir, "retry", dead[0]["id"]).returncode == 0
            box.seen(lambda r: r["op"] == "messages.create" and r["status"] == 201 and r["body"] == LATER)
            wait_for(lambda: not up.query("SELECT 1 FROM job"), 30, "every job to end")
            assert told(box).count(LATER) == 1, told(box)
