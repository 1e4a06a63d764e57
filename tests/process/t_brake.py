"""What one sender can cost: loops of programs, and what the operator is told of them."""

import json
import os
import re
import time

import lib
from lib import CUSTOMER, Postgres, Sandbox, Up, wait_for
from t_main import put_media, speech

NEVER = 'voice: { when = "never"; };\n'
EVERY_S = 0.75 if "RECADO_LONG" in os.environ else 0.2  # between the messages of a bot
OTHER = "whatsapp:+5521912345678"


def accepted(box):
    return [r for r in box.ledger() if r["op"] == "messages.create" and r["status"] == 201]


def recado(*args, status=0, env=None):
    done = lib.recado(*args, env=env)
    assert done.returncode == status, (args, done.returncode, done.stderr)
    return done.stdout


def waiting(up):
    return json.loads(recado("waiting", "--dir", up.dir, "--json", env=up.settings))["waiting"]


def quiet(up, timeout=20.0):
    wait_for(lambda: up.query("SELECT count(*) AS n FROM job")[0]["n"] == 0, timeout, "no job")


def warnings(up):
    return [line for line in up.lines() if "request_opened" in line]


def test_who_is_promised_a_person_is_listed_until_somebody_has_answered():
    with Sandbox() as box:
        env = {k: v for k, v in box.env.items() if not k.startswith("OPENAI_")}
        with Up(env=env, conf_text=NEVER) as up:
            up.text("vocês fazem mudança para o Acre?")
            box.seen(lambda r: r["op"] == "messages.create" and r["status"] == 201)
            quiet(up)
            up.text("e para Roraima?")
            box.seen(lambda r: r["op"] == "messages.create" and r["status"] == 201, count=2)
            quiet(up)
            (one,) = waiting(up)
            assert one["who"] == CUSTOMER and one["channel"] == "whatsapp", one
            assert one["reasons"] == ["no_answer"] and one["times"] == 2, one
            assert one["words"] == "e para Roraima?" and one["owner"] == "bot", one
            assert len(warnings(up)) == 1 and CUSTOMER[-8:] not in warnings(up)[0], warnings(up)
            assert re.search(r"request_opened contact=\d+ channel=whatsapp reason=no_answer", warnings(up)[0])
            text = recado("waiting", "--dir", up.dir)
            assert "1 waiting for a person" in text and "no_answer (2 times)" in text, text
            recado("takeover", "--dir", up.dir, CUSTOMER)
            assert [w["owner"] for w in waiting(up)] == ["person"]
            recado("handback", "--dir", up.dir, CUSTOMER)
            assert waiting(up) == []
            assert recado("waiting", "done", one["id"], "--dir", up.dir, status=1) == ""


def to(box, who):
    return [r for r in accepted(box) if r["to"] == who]


def bot_sends(up, box, n, body):
    """n messages of a bot that does not wait for anybody, while another customer writes now and then
    and has each of his questions answered before the next."""
    asked = 0
    for i in range(n):
        began = time.monotonic()
        up.text(body(i))
        if i % 15 == 14:
            up.text(f"e na loja {'abcdefgh'[asked]}, qual o endereço?", From=OTHER, WaId=OTHER[-13:])
            asked += 1
            wait_for(lambda: len(to(box, OTHER)) >= asked, 10, "the other customer's answer")
        time.sleep(max(0, EVERY_S - (time.monotonic() - began)))
    quiet(up)
    return asked


def check_stopped(up, box, n, most):
    """What the bot has cost, that everything it wrote is kept, and that one line told of it."""
    chats = [r for r in box.ledger() if r["op"] == "chat"]
    asked = len(to(box, OTHER))
    assert 1 <= len(to(box, CUSTOMER)) <= most, len(to(box, CUSTOMER))
    # a newer message may begin a turn anew, and its call was made
    assert len(chats) - asked <= 2 * most, (len(chats), asked)
    assert up.query("SELECT 1 AS n FROM turn WHERE rung = 'brake' AND bot_response IS NULL LIMIT 1")
    assert up.query("SELECT count(*) AS n FROM inbox WHERE turn_id IS NULL") == [{"n": 0}]
    assert up.query("SELECT count(*) AS n FROM inbox WHERE sender = ?", CUSTOMER) == [{"n": n}]
    assert len(warnings(up)) == 1 and "reason=loop" in warnings(up)[0], warnings(up)
    (one,) = waiting(up)
    assert (one["who"], one["reasons"]) == (CUSTOMER, ["loop"]), one


def test_a_bot_that_counts_is_answered_a_few_times_and_others_always():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        asked = bot_sends(up, box, 60, lambda i: f"Recebemos a sua mensagem {i} às 10:{i:02d}. Aguarde na fila!")
        check_stopped(up, box, 60, 5)
        assert len(to(box, OTHER)) == asked == 4


def test_bots_with_a_clock_with_two_texts_and_with_nothing_to_say():
    two = ["Bem-vindo à loja do João, escolha.", "Não entendi a sua resposta, tente de novo."]
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        bot_sends(up, box, 30, lambda i: two[i % 2])
        check_stopped(up, box, 30, 6)
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        bot_sends(up, box, 30, lambda i: "No momento não podemos atender. Resposta automática.")
        check_stopped(up, box, 30, 2)
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        bot_sends(up, box, 30, lambda i: "")
        check_stopped(up, box, 30, 4)


def test_a_loop_of_notes_is_not_heard_to_the_end():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        url = put_media(box, speech("aqui é da central de atendimento, em que posso ajudar o senhor hoje?"))
        for i in range(20):
            up.note(url)
            up.wait_rows("SELECT 1 FROM turn WHERE finished_ms IS NOT NULL", count=i + 1)
        quiet(up)
        heard = [r for r in box.ledger() if r["op"].endswith("transcribe")]
        # what the simulated ears hear is short: it counts a half
        assert len(to(box, CUSTOMER)) == 9 and len(heard) == 10, (len(to(box, CUSTOMER)), len(heard))
        assert len(warnings(up)) == 1, warnings(up)


def test_the_brake_outlives_the_daemon_and_ends_with_something_new():
    conf = NEVER + "limits: { quiet_s = 2; };\n"
    text = "Olá! Em que podemos ser úteis hoje, amigo?"
    with Sandbox() as box:
        with Up(env=box.env, conf_text=conf) as up:
            for i in range(7):
                up.text(text)
                up.wait_rows("SELECT 1 FROM turn WHERE finished_ms IS NOT NULL", count=i + 1)
            assert len(to(box, CUSTOMER)) == 5
            up.stop()
            with Up(dir=up.dir, env=box.env) as up:
                up.text(text)
                up.wait_rows("SELECT 1 FROM turn WHERE rung = 'brake'", count=3)
                assert len(to(box, CUSTOMER)) == 5 and warnings(up) == []  # it was told before
                last = up.query("SELECT max(started_ms) AS ms FROM turn")[0]["ms"]
                wait_for(lambda: time.time() * 1000 > last + 2000, what="the quiet, which is what is measured")
                up.text("Aqui é a Ana, dona da loja: o robô endoidou. Vocês entregam aos sábados?")
                wait_for(lambda: len(to(box, CUSTOMER)) == 6, what="an answer to Ana")
                assert [w["reasons"] for w in waiting(up)] == [["loop"]]


def test_the_brake_holds_on_a_server_too():
    with Postgres() as pg, Sandbox() as box, Up(env=box.env, conf_text=NEVER, database=pg) as up:
        for i in range(12):
            up.text(f"Recebemos a sua mensagem {i} às 10:{i:02d}. Aguarde na fila!")
            up.wait_rows("SELECT 1 FROM turn WHERE finished_ms IS NOT NULL", count=i + 1)
        check_stopped(up, box, 12, 5)


def test_a_person_in_a_hurry_is_answered():
    said = ["oi", "tudo bem?", "queria saber", "o preço do bolo", "de chocolate", "ok", "ok", "obrigado", "ah",
            "é pra sábado", "pra 20 pessoas", "quer dizer 30 pessoas", "ok", "obrigada!"]
    with Sandbox(plan='chat text="Claro! Em que mais posso ajudar?"\n') as box, Up(env=box.env, conf_text=NEVER) as up:
        for i, text in enumerate(said):
            up.text(text)
            wait_for(lambda: len(to(box, CUSTOMER)) == i + 1, what=f"an answer to {text!r}")
        quiet(up)
        assert waiting(up) == [] and warnings(up) == []


def test_a_day_at_its_ceiling_costs_less_and_less():
    conf = 'voice: { when = "always"; };\nlimits: { daily_model_calls = 5; daily_messages = 20; };\n'
    with Sandbox() as box, Up(env=box.env, conf_text=conf) as up:
        people = [f"whatsapp:+55119876540{i:02d}" for i in range(14)]
        for i, who in enumerate(people):
            up.text("qual o horário de atendimento?", From=who, WaId=who[-13:])
            up.wait_rows("SELECT 1 FROM turn WHERE finished_ms IS NOT NULL", count=i + 1)
        quiet(up)
        chats = [r for r in box.ledger() if r["op"] == "chat"]
        spoken = [r for r in accepted(box) if r.get("media_url")]
        # four answers in text and voice, the fifth in text, then passages until the messages are spent
        assert (len(chats), len(spoken)) == (5, 4), (len(chats), len(spoken))
        rungs = [r["rung"] for r in up.query("SELECT rung FROM turn ORDER BY id")]
        assert rungs == ["chat"] * 5 + ["knowledge"] * 9, rungs
        stats = json.loads(recado("stats", "--dir", up.dir, "--json"))
        assert stats["whatsapp_messages_today"] == len(accepted(box)) == 18, stats
        assert (stats["whatsapp_model_calls_today"], stats["sms_messages_today"]) == (5, 0), stats
        for i, who in enumerate(people[:4]):
            up.text("e aos sábados?", From=who, WaId=who[-13:])
            up.wait_rows("SELECT 1 FROM turn WHERE finished_ms IS NOT NULL", count=15 + i)
        quiet(up)
        assert len(accepted(box)) == 20, len(accepted(box))
        assert [r["rung"] for r in up.query("SELECT rung FROM turn ORDER BY id")][16:] == ["ceiling"] * 2
        assert [(w["who"], w["reasons"]) for w in waiting(up)][-2:] == \
            [(who, ["ceiling"]) for who in people[2:4]], waiting(up)
        told = [line for line in up.lines() if "ceiling_reached" in line]
        assert [re.search(r"step=(\w+)", line).group(1) for line in told] == ["voice_off", "knowledge", "silent"], told
