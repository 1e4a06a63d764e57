"""A store that was copied or came back from a backup: it holds as open what its original has answered since, and
only Twilio's list knows. Nothing that a customer has got leaves again; what nobody answered is answered."""

import shutil
import sqlite3
import urllib.parse

from lib import CUSTOMER, Folder, Sandbox, Up, request, wait_for

CONF = """
turn: { window_ms = 0; };
tools: { enabled = [ "schedule_message" ]; };
"""
HOUR_MS = 3600000
LATER = "Ainda quer o bolo?"


def customer(n):
    return {"From": f"whatsapp:+55119876500{n:02d}", "WaId": f"55119876500{n:02d}"}


def plan(box, text):
    assert request(box.url, "POST", "/_sandbox/plan", text.encode()).status == 200


def plant(box, **fields):
    """A message in Twilio's list that no webhook tells of; its sid."""
    got = request(box.env["TWILIO_BASE_URL"], "POST", "/_sandbox/inbound", urllib.parse.urlencode(fields),
                  {"Content-Type": "application/x-www-form-urlencoded"})
    assert got.status in (200, 201), got.body
    return got.json()["sid"]


def sent(box):
    """(to, body) of every message that Twilio took."""
    return [(r["to"], r.get("body") or "") for r in box.ledger() if r["op"] == "messages.create" and r["status"] == 201]


def idle(up):
    wait_for(lambda: not up.query("SELECT 1 FROM job WHERE kind <> 'followup' OR state = 1"), 60, "every job to end")


def back_up(source, target):
    shutil.copytree(source, target, dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("recado.db*", "log", "run"))
    with sqlite3.connect(source / "recado.db") as old, sqlite3.connect(target / "recado.db") as new:
        old.backup(new)
    new.close()
    old.close()


def make_older(folder, ms):
    """As if the backup had been made so long ago."""
    with sqlite3.connect(folder / "recado.db") as db:
        for what in ("inbox SET received_ms = received_ms", "turn SET started_ms = started_ms",
                     "tenant SET created_ms = created_ms", "watermark SET ms = ms",
                     "outbox SET created_ms = created_ms", "outbox SET updated_ms = updated_ms",
                     "job SET due_ms = due_ms", "followup SET due_ms = due_ms"):
            db.execute(f"UPDATE {what} - {ms}")
        db.execute("UPDATE job SET lease_until_ms = 1 WHERE state = 1")
    db.close()


def test_a_restored_store_answers_nobody_again():
    with Sandbox() as box, Folder() as first, Folder() as second:
        with Up(dir=first, env=box.env, conf_text=CONF) as up:
            up.text(f'@call schedule_message {{"in_minutes":1,"text":"{LATER}"}}')
            up.wait_rows("SELECT 1 FROM followup WHERE state = 0")
            idle(up)
        make_older(first, 54000)  # six seconds are left of the minute
        with Up(dir=first, env=box.env) as up:
            plan(box, "chat delay=2500\n")
            for n in range(1, 11):
                up.text(f"pergunta {n}", **customer(n))
            up.wait_rows("SELECT 1 FROM turn WHERE finished_ms IS NULL", count=10)
            back_up(first, second)
            open_then = sqlite3.connect(second / "recado.db").execute(
                "SELECT count(*) FROM turn WHERE finished_ms IS NULL").fetchone()[0]
            assert open_then == 10, open_then
            # one that the backup has never seen, answered by the original
            plan(box, "chat delay=1\n")
            sid = plant(box, From=customer(11)["From"], Body="depois da cópia", Age=60)
            up.text("depois da cópia", sid=sid, **customer(11))
            up.wait_rows("SELECT 1 FROM conversations", count=12)
            idle(up)
            box.seen(lambda r: r["op"] == "messages.create" and r.get("body") == LATER, timeout=20)
            idle(up)
        before = sent(box)
        # and one that nobody has answered
        plant(box, From=customer(12)["From"], Body="ninguém respondeu", Age=60)
        make_older(second, HOUR_MS)
        with Up(dir=second, env=box.env) as up:
            up.wait_rows("SELECT 1 FROM conversations WHERE user_message = 'ninguém respondeu'", timeout=60)
            up.wait_rows("SELECT 1 FROM conversations WHERE user_message = 'depois da cópia'")
            up.wait_rows("SELECT 1 FROM followup WHERE state = 1", timeout=60)
            wait_for(lambda: not up.query("SELECT 1 FROM job"), 60, "every job to end")
            new = sent(box)[len(before):]
            assert {to for to, _ in new} == {customer(12)["From"]}, new
            told = {r["user_message"]: r["bot_response"] for r in
                    up.query("SELECT user_message, bot_response FROM conversations")}
            for n in range(1, 11):  # the history has what the customer got
                assert (customer(n)["From"], told[f"pergunta {n}"]) in before, told
            rungs = {r["rung"] for r in up.query("SELECT rung FROM turn t WHERE user_message LIKE 'pergunta %'")}
            assert rungs == {"elsewhere"}, rungs
            assert (customer(11)["From"], told["depois da cópia"]) in before, told
            # a customer of today waits for no look into the list
            looks = len([r for r in box.ledger() if r["op"] == "messages.list"])
            up.text("e agora?")
            up.wait_rows("SELECT 1 FROM conversations WHERE user_message = 'e agora?'")
            assert (CUSTOMER, up.query("SELECT bot_response AS b FROM conversations WHERE user_message = 'e agora?'"
                                       )[0]["b"]) in sent(box)
            assert up.query("SELECT rung FROM turn WHERE user_message = 'e agora?'")[0]["rung"] == "chat"
            assert looks <= 30, looks
