"""What Twilio's forms tell: who a sender is, what a message carries beside its text, what is no message at all."""

import json

import lib
from lib import CUSTOMER, Sandbox, Up, wait_for

QUIET = 'voice: { when = "never"; };\n'


def accepted(box):
    return [r for r in box.ledger() if r["op"] == "messages.create" and r["status"] == 201]


def quiet(up, timeout=20.0):
    wait_for(lambda: up.query("SELECT count(*) n FROM job")[0]["n"] == 0, timeout, "no job")


def queue(up):
    return json.loads(lib.recado("queue", "--dir", up.dir, "--json").stdout)


def test_what_no_turn_can_take_up_is_settled_once():
    with Sandbox() as box, Up(env=box.env, conf_text=QUIET) as up:
        up.text("ganhe um prêmio", From="ACME", WaId="", To="+14155238886")
        up.text("eco", From="whatsapp:+14155238886", To=CUSTOMER, WaId="14155238886")
        up.wait_rows("SELECT 1 FROM inbox WHERE turn_id = -1", count=2)
        up.wait_log("message_settled inbox_id=1 reason=alphanumeric_sender")
        up.wait_log("message_settled inbox_id=2 reason=own_number")
        quiet(up)
        assert up.query("SELECT 1 FROM contact") == [] and queue(up)["dead"] == []
        # a short code is tried once: the refusal is for good
        up.text("seu código é 1234", From="28811", WaId="", To="+14155238886")
        up.wait_rows("SELECT 1 FROM dead_letter")
        quiet(up)
        assert [(d["kind"], d["code"], d["sender"]) for d in queue(up)["dead"]] == [("part", 21211, "28811")]
        shown = lib.recado("contact", "show", "--dir", up.dir, "28811")
        assert shown.returncode == 0 and "1 messages" in shown.stdout, shown
        # and none of them is in anybody's way
        up.text("oi", From="rcs:+5511987654321", To="rcs:loja", WaId="")
        up.text("oi", From="messenger:998877", To="messenger:1122", WaId="")
        wait_for(lambda: len(accepted(box)) == 2, what="two answers")
        quiet(up)
        ways = up.query("SELECT from_address f, to_address t FROM outbox WHERE state = 2 ORDER BY t")
        assert [(w["f"], w["t"]) for w in ways] == [("messenger:1122", "messenger:998877"),
                                                     ("rcs:loja", "rcs:+5511987654321")], ways
        assert "tries again" not in up.log()


def test_a_status_on_the_route_of_messages_is_a_status():
    with Sandbox() as box, Up(env=box.env, conf_text=QUIET) as up:
        up.text("oi")
        quiet(up)
        row = up.query("SELECT sid FROM outbox")[0]
        told = {"MessageSid": row["sid"], "SmsSid": row["sid"], "AccountSid": "AC" + "0" * 32, "ApiVersion": "2010-04-01",
                "From": "whatsapp:+14155238886", "To": CUSTOMER, "MessageStatus": "read", "SmsStatus": "read"}
        assert up.post("/webhook/whatsapp", told).status == 200
        assert up.post("/webhook/whatsapp", told, sign=False).status == 403
        up.wait_rows("SELECT 1 FROM outbox WHERE delivery = 5")
        quiet(up)
        assert up.query("SELECT count(*) n FROM inbox")[0]["n"] == 1
        assert up.query("SELECT phone FROM contact") == [{"phone": CUSTOMER.removeprefix("whatsapp:")}]
