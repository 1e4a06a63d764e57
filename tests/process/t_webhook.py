"""What Twilio's forms tell: who a sender is, what a message carries beside its text, what is no message at all."""

import json

import lib
from lib import ACCOUNT, CUSTOMER, Sandbox, Up, wait_for

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


def told(up, n):
    """The words of turn n as the history shows them, which are those that the model was told."""
    up.wait_rows("SELECT 1 FROM conversations", count=n)
    return up.query("SELECT user_message m FROM conversations ORDER BY id")[n - 1]["m"]


def test_what_comes_beside_the_words_is_told():
    plan = 'chat text="O azul custa R$ 100." times=1\n'
    with Sandbox(plan=plan) as box, Up(env=box.env, conf_text=QUIET) as up:
        up.text("quanto custa o azul?")
        quiet(up)
        up.text("e o verde?")
        quiet(up)
        sid = up.query("SELECT sid FROM outbox ORDER BY id")[0]["sid"]
        up.text("quero esse", OriginalRepliedMessageSid=sid, OriginalRepliedMessageSender="whatsapp:+14155238886")
        assert told(up, 3) == '[o cliente responde à mensagem da empresa: "O azul custa R$ 100."]\nquero esse'
        quiet(up)
        up.text("", ReferralSourceType="ad", ReferralSourceId="1", ReferralHeadline="Bicicleta 20% off",
                ReferralBody="Só até domingo")
        assert told(up, 4) == '[o cliente veio pelo anúncio: "Bicicleta 20% off" – "Só até domingo"]'
        quiet(up)
        up.text("entregam aqui?", Latitude="-23.55", Longitude="-46.63", Address="Praça da Sé", Label="Sé")
        assert told(up, 5) == '[localização: "Sé", "Praça da Sé"; -23.55, -46.63]\nentregam aqui?'
        quiet(up)
        assert up.query("SELECT DISTINCT rung FROM turn") == [{"rung": "chat"}]
        shown = json.loads(lib.recado("persona", "test", "--dir", up.dir, "--json", "+5511987654321").stdout)
        users = [m["content"] for m in shown["messages"] if m["role"] == "user"]
        assert any("O azul custa" in u and u.endswith("quero esse") for u in users), users


def test_too_much_at_once_is_answered():
    window = QUIET + "turn: { window_ms = 2500; window_max_ms = 6000; };\n"
    with Sandbox() as box, Up(env=box.env, conf_text=window) as up:
        for i in range(24):
            up.text((f"parte {i} do contrato. " * 200)[:4000])
        up.text("alguém aí?")
        wait_for(lambda: len(accepted(box)) >= 1, what="an answer")
        quiet(up)
        assert up.query("SELECT 1 FROM inbox WHERE turn_id IS NULL") == [] and queue(up)["dead"] == []
        said = up.query("SELECT user_message m FROM conversations ORDER BY id DESC")[0]["m"]
        assert said.endswith("\nalguém aí?") and len(said.encode()) <= 48 * 1024, said[-100:]
        assert "tries again" not in up.log()


def test_a_status_on_the_route_of_messages_is_a_status():
    with Sandbox() as box, Up(env=box.env, conf_text=QUIET) as up:
        up.text("oi")
        quiet(up)
        row = up.query("SELECT sid FROM outbox")[0]
        told = {"MessageSid": row["sid"], "SmsSid": row["sid"], "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01",
                "From": "whatsapp:+14155238886", "To": CUSTOMER, "MessageStatus": "read", "SmsStatus": "read"}
        assert up.post("/webhook/whatsapp", told).status == 200
        assert up.post("/webhook/whatsapp", told, sign=False).status == 403
        up.wait_rows("SELECT 1 FROM outbox WHERE delivery = 5")
        quiet(up)
        assert up.query("SELECT count(*) n FROM inbox")[0]["n"] == 1
        assert up.query("SELECT phone FROM contact") == [{"phone": CUSTOMER.removeprefix("whatsapp:")}]
