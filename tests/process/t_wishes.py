"""What a customer asks of messages themselves: no more of them, none of one kind, or again. Told by rule, kept, and
held by the transaction of every send."""

import json
import sqlite3

import lib
from lib import CUSTOMER, Folder, Sandbox, Up, wait_for
from t_followup import CONF, HOUR, LATER, ends, pass_time, plan, promise, told

NEVER = 'voice: { when = "never"; };\n'
STOPPED = "Tudo bem, não enviaremos mais mensagens. Para voltar a receber, responda VOLTAR."
STARTED = "Pronto, você voltou a receber as nossas mensagens. Como posso ajudar?"


def turns(up, n):
    """Until n messages of the customer are in the history, and nothing is left to do."""
    up.wait_rows("SELECT 1 FROM conversations", count=n)
    wait_for(lambda: not up.query("SELECT 1 FROM job WHERE kind = 'turn'"), what="the end of the turns")


def in_force(up):
    return [tuple(r.values()) for r in up.query("SELECT scope, source, reason FROM suppression WHERE until_ms IS NULL"
                                                " ORDER BY scope")]


def test_stop_is_confirmed_once_and_then_there_is_silence_until_voltar():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        for n, body in enumerate(("Pare!", "oi? alguém aí?", "PARAR", "Não quero mais receber mensagens"), 1):
            up.text(body)
            turns(up, n)
        assert told(box) == [STOPPED], told(box)
        assert in_force(up) == [("all", "customer", "stop")], in_force(up)
        assert up.query("SELECT is_active FROM users") == [{"is_active": 0}]
        kept = [r["user_message"] for r in up.query("SELECT user_message FROM conversations ORDER BY id")]
        assert kept[1] == "oi? alguém aí?", kept
        assert not [r for r in box.ledger() if r["op"] == "chat"], "a model was asked"
        up.text("voltar")
        turns(up, 5)
        assert told(box) == [STOPPED, STARTED], told(box)
        assert in_force(up) == []
        up.text("qual o horário?")
        turns(up, 6)
        assert len(told(box)) == 3 and up.query("SELECT is_active FROM users") == [{"is_active": 1}]
        up.text("stop")  # a new wish is confirmed anew
        turns(up, 7)
        assert told(box)[3:] == [STOPPED], told(box)


def test_a_scheduled_message_does_not_leave_after_stop_and_not_after_voltar_either():
    with Sandbox() as box, Folder() as folder:
        with Up(dir=folder, env=box.env, conf_text=CONF) as up:
            promise(up)
            up.text("SAIR")
            turns(up, 2)
            up.text("voltar")
            turns(up, 3)
        pass_time(folder, 2 * HOUR)
        with Up(dir=folder, env=box.env) as up:
            ends(up, 2)
            up.wait_log('followup_dropped reason="the contact wants no messages"')
            assert LATER not in told(box), told(box)


def test_no_offers_holds_back_what_was_not_asked_and_nothing_else():
    with Sandbox() as box, Folder() as folder:
        with Up(dir=folder, env=box.env, conf_text=CONF) as up:
            promise(up)
            up.text("não quero mais promoções")
            turns(up, 2)
            assert told(box)[1:] == ["Tudo bem, não enviaremos mais promoções. Se precisar de algo, é só escrever."]
            up.text("qual o horário?")
            turns(up, 3)
            assert len(told(box)) == 3, told(box)
        pass_time(folder, 2 * HOUR)
        with Up(dir=folder, env=box.env) as up:
            ends(up, 2)
            assert LATER not in told(box), told(box)


def test_what_twilio_has_confirmed_is_not_confirmed_again():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("chega", OptOutType="STOP")
        turns(up, 1)
        assert in_force(up) == [("all", "provider", "OptOutType=STOP")], in_force(up)
        up.text("oi")
        turns(up, 2)
        up.text("volta", OptOutType="START")
        turns(up, 3)
        up.text("help", OptOutType="HELP")
        turns(up, 4)
        assert told(box) == [] and in_force(up) == []
        up.text("oi")
        turns(up, 5)
        assert len(told(box)) == 1


def test_a_provider_that_refuses_the_confirmation_makes_no_dead_letter():
    with Sandbox(plan="messages.create status=400 code=21610\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("STOP", From="+5511987654321", To="+14155238886")
        turns(up, 1)
        assert in_force(up) == [("sms", "customer", "stop")]
        assert json.loads(lib.recado("queue", "--dir", up.dir, "--json").stdout)["dead"] == []
        assert up.query("SELECT state FROM outbox") == [{"state": 5}]


def test_a_sentence_with_the_word_is_no_wish():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        for n, body in enumerate(("pode parar na portaria?", "quero cancelar meu pedido 123", "START"), 1):
            up.text(body)
            turns(up, n)
        assert len(told(box)) == 3 and in_force(up) == [] and STARTED not in told(box), told(box)


def test_stop_in_the_middle_of_an_answer():
    """The answer that was being made does not leave; what is said is the confirmation alone."""
    with Sandbox(plan="chat delay=1500 times=1\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("qual o horário?")
        wait_for(lambda: up.query("SELECT 1 FROM turn"), what="a turn")
        up.text("PARE")
        wait_for(lambda: told(box), what="a message")
        wait_for(lambda: not up.query("SELECT 1 FROM job"), what="no job")
        assert told(box) == [STOPPED], told(box)


def test_a_person_has_the_conversation():
    """The wish is kept all the same, and the bot says nothing to it."""
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        turns(up, 1)
        assert lib.recado("takeover", "--dir", up.dir, CUSTOMER).returncode == 0
        up.text("SAIR")
        turns(up, 2)
        assert in_force(up) == [("all", "customer", "stop")]
        assert lib.recado("handback", "--dir", up.dir, CUSTOMER).returncode == 0
        up.text("oi")
        turns(up, 3)
        assert len(told(box)) == 1, told(box)


def test_a_wish_about_voice_notes_outlives_its_turn():
    with Sandbox() as box, Up(env=box.env, conf_text="") as up:
        spoken = lambda: up.query("SELECT count(*) AS n FROM media")[0]["n"]  # noqa: E731
        up.text("Sou surda, não mande áudio. Qual o horário?")
        turns(up, 1)
        up.text("e aos domingos?")
        turns(up, 2)
        assert spoken() == 0 and in_force(up) == [("audio", "customer", "no_audio")], in_force(up)
        asked = [r for r in box.ledger() if r["op"] == "chat"]
        assert len(asked) == 2 and len(told(box)) == 2, box.ledger()
        up.text("me manda um áudio")
        turns(up, 3)
        wait_for(lambda: spoken() == 1, what="a voice note")
        assert in_force(up) == []


def test_never_is_what_the_business_prefers_unless_it_says_so_in_words():
    for rest, notes in (("", 1), (" on_request = false;", 0)):
        with Sandbox() as box, Up(env=box.env, conf_text=f'voice: {{ when = "never";{rest} }};\n') as up:
            up.text("Qual o horário? Responde em áudio, por favor")
            turns(up, 1)
            assert up.query("SELECT count(*) AS n FROM media") == [{"n": notes}]


def test_the_operator_sees_and_changes_it():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        ask = lambda *a: lib.recado("contact", *a, "--dir", up.dir)  # noqa: E731
        up.text("oi")
        turns(up, 1)
        got = ask("optout", CUSTOMER)
        assert (got.returncode, got.stdout) == (0, "all: suppressed\n"), got
        up.text("alguém aí?")
        turns(up, 2)
        assert len(told(box)) == 1, told(box)  # nor a confirmation: it was not the customer's word
        shown = ask("show", CUSTOMER).stdout
        assert "suppressed  all from " in shown and "(operator: command)" in shown, shown
        assert json.loads(ask("optin", CUSTOMER, "--json").stdout) == {"scope": "all", "suppressed": False}
        up.text("oi")
        turns(up, 3)
        assert len(told(box)) == 2, told(box)
        assert ask("optout", CUSTOMER, "--scope", "marketing").stdout == "marketing: suppressed\n"
        assert in_force(up) == [("marketing", "operator", "command")]
        rows = json.loads(ask("show", CUSTOMER, "--json").stdout)["suppressions"]
        assert [(r["scope"], r["source"], r["until_ms"] is None) for r in rows] == \
            [("all", "operator", False), ("marketing", "operator", True)], rows
        assert ask("optout", CUSTOMER, "--scope", "nothing").returncode == 2
        assert ask("optout", "+5500000000000").returncode == 1


def test_what_follows_a_stop_does_not_leave():
    """An answer of several messages: the one that was leaving leaves, the rest does not, and nobody waits for the
    turn of the STOP to know."""
    long = " ".join(["Este é um texto comprido que não cabe em uma mensagem só."] * 40)
    with Sandbox(plan=f'chat pace=0 text="{long}"\nmessages.create delay=1200 times=1\n') as box, \
            Up(env=box.env, conf_text=NEVER) as up:
        up.text("conte tudo")
        up.wait_rows("SELECT 1 FROM outbox WHERE state = 1")
        assert up.query("SELECT count(*) AS n FROM outbox")[0]["n"] > 1
        up.text("PARE")
        turns(up, 2)
        assert len(told(box)) == 2 and told(box)[1] == STOPPED, told(box)


def test_a_block_of_the_sender_ends_when_the_customer_writes():
    with Sandbox(plan="messages.create status=400 code=63014 times=1\n") as box, \
            Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        turns(up, 1)
        assert in_force(up) == [("all", "provider", "63014")]
        up.text("oi de novo")
        turns(up, 2)
        assert in_force(up) == [] and len(told(box)) == 1, told(box)
