"""What one sender can cost: loops of programs, and what the operator is told of them."""

import json
import re

import lib
from lib import CUSTOMER, Sandbox, Up, wait_for

NEVER = 'voice: { when = "never"; };\n'


def accepted(box):
    return [r for r in box.ledger() if r["op"] == "messages.create" and r["status"] == 201]


def recado(*args, status=0):
    done = lib.recado(*args)
    assert done.returncode == status, (args, done.returncode, done.stderr)
    return done.stdout


def waiting(up):
    return json.loads(recado("waiting", "--dir", up.dir, "--json"))["waiting"]


def quiet(up, timeout=20.0):
    wait_for(lambda: up.query("SELECT count(*) AS n FROM job")[0]["n"] == 0, timeout, "no job")


def warnings(up):
    return [line for line in up.lines() if "request_opened" in line]


def test_who_is_promised_a_person_is_listed_until_somebody_has_answered():
    with Sandbox() as box:
        env = {k: v for k, v in box.env.items() if k != "OPENAI_API_KEY"}
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
