"""The turn over time: quiet windows, newer messages, takeovers, what nobody knows, dead letters."""

import json
import sqlite3
import threading
import time
import urllib.parse

import lib
from lib import CUSTOMER, Folder, Sandbox, Up, request, wait_for

NEVER = 'voice: { when = "never"; };\n'
WINDOW = NEVER + "turn: { window_ms = %d; window_unfinished_ms = %d; window_max_ms = %d; reconcile_ms = 1500; };\n"


def sent(box, n, timeout=20.0):
    """The first n messages that the provider took, oldest first."""
    return wait_for(lambda: got if len(got := accepted(box)) >= n else None, timeout, f"{n} answers")


def accepted(box):
    return [r for r in box.ledger() if r["op"] == "messages.create" and r["status"] == 201]


def ask(up, sql, *args):
    return [tuple(row.values()) for row in up.query(sql, *args)]


def recado(*args, status=0):
    """What the command says, when it ends as it should."""
    done = lib.recado(*args)
    assert done.returncode == status, (args, done.returncode, done.stderr)
    return done.stdout


def quiet(up, timeout=20.0):
    wait_for(lambda: ask(up, "SELECT count(*) FROM job")[0][0] == 0, timeout, "no job")


def test_a_burst_is_one_turn_that_used_all_the_parts():
    with Sandbox() as box, Up(env=box.env, conf_text=WINDOW % (400, 800, 4000)) as up:
        for part in ("oi", "tudo bem?", "queria saber", "o horário"):
            up.text(part)
        sent(box, 1)
        quiet(up)
        assert len(accepted(box)) == 1, accepted(box)
        rows = ask(up, "SELECT user_message FROM conversations")
        assert rows == [("oi\ntudo bem?\nqueria saber\no horário",)], rows


def test_an_unfinished_thought_is_waited_for_but_not_for_ever():
    with Sandbox() as box, Up(env=box.env, conf_text=WINDOW % (300, 6000, 3000)) as up:
        began = time.monotonic()
        up.text("então…")
        # who has finished is answered meanwhile
        other = CUSTOMER[:-1] + "9"
        up.text("qual é o horário?", From=other, WaId=other[10:])
        assert [r["to"] for r in sent(box, 1)] == [other], accepted(box)
        up.text("e mais…")
        sent(box, 2)
        assert time.monotonic() - began < 3 + 3 * lib.SLOW, "the cap did not hold"
        quiet(up)
        assert ask(up, "SELECT user_message FROM conversations WHERE user_message LIKE 'ent%'") == [("então…\ne mais…",)]


def test_a_newer_message_begins_the_answer_anew():
    with Sandbox(plan="chat delay=1500 times=1\n") as box, \
            Up(env=box.env, conf_text=WINDOW % (50, 50, 4000)) as up:
        up.text("quanto custa o frete")
        box.seen(lambda r: r["op"] == "chat")
        up.text("para Manaus?")
        sent(box, 1)
        quiet(up)
        assert len(accepted(box)) == 1, accepted(box)
        assert ask(up, "SELECT user_message FROM conversations") == [("quanto custa o frete\npara Manaus?",)]
        # the call that was under way was given up, not waited for
        chats = [r for r in box.ledger() if r["op"] == "chat"]
        assert len(chats) == 2, chats


def test_a_message_after_the_answer_is_the_next_turn():
    with Sandbox(plan="messages.create delay=600 times=1\n") as box, \
            Up(env=box.env, conf_text=WINDOW % (50, 50, 4000)) as up:
        up.text("primeira")
        wait_for(lambda: ask(up, "SELECT count(*) FROM outbox")[0][0] == 1, what="an answer on its way")
        up.text("segunda")
        sent(box, 2)
        quiet(up)
        assert ask(up, "SELECT user_message FROM conversations ORDER BY id") == [("primeira",), ("segunda",)]


def test_takeover_silences_and_handback_ends_it():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        sent(box, 1)
        quiet(up)
        out = json.loads(recado("takeover", "--dir", up.dir, "--json", CUSTOMER.removeprefix("whatsapp:")))
        assert out == {"owner": "person", "was": "bot", "on_the_way": 0}, out
        up.text("alguém aí?")
        up.wait_rows("SELECT 1 FROM conversations WHERE user_message = 'alguém aí?' AND bot_response IS NULL")
        assert len(accepted(box)) == 1
        assert "bot" in recado("handback", "--dir", up.dir, CUSTOMER)
        up.text("e agora?")
        sent(box, 2)
        assert recado("takeover", "--dir", up.dir, "+5500000000000", status=1) == ""


def test_an_answer_that_is_being_made_is_not_sent_after_a_takeover():
    with Sandbox(plan="chat delay=800\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        wait_for(lambda: ask(up, "SELECT count(*) FROM turn")[0][0] == 1, what="a turn")
        recado("takeover", "--dir", up.dir, CUSTOMER)
        up.wait_rows("SELECT 1 FROM turn WHERE rung = 'person' AND finished_ms IS NOT NULL")
        assert accepted(box) == []


def test_what_nobody_saw_arrive_is_looked_for_and_sent_once_more():
    plan = "messages.create 500-before times=1\n"
    with Sandbox(plan=plan) as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        first = sent(box, 1)
        quiet(up)
        assert len(first) == 1 and len(accepted(box)) == 1
        assert ask(up, "SELECT resends, state FROM outbox") == [(1, 2)]


def test_a_refusal_is_a_dead_letter_that_can_be_retried_or_dropped():
    with Sandbox(plan="messages.create status=400 code=63016 times=2\n") as box, \
            Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        quiet(up)
        q = json.loads(recado("queue", "--dir", up.dir, "--json"))
        assert [(d["kind"], d["code"]) for d in q["dead"]] == [("part", 63016)], q
        up.text("oi de novo")
        quiet(up)
        q = json.loads(recado("queue", "--dir", up.dir, "--json"))
        assert len(q["dead"]) == 2, q
        recado("queue", "--dir", up.dir, "drop", q["dead"][0]["id"])
        assert "taken up" in recado("queue", "--dir", up.dir, "retry", q["dead"][1]["id"])
        got = sent(box, 1)
        assert len(got) == 1
        quiet(up)
        assert json.loads(recado("queue", "--dir", up.dir, "--json"))["dead"] == []
        assert recado("queue", "--dir", up.dir, "retry", "1", status=1) == ""
        assert recado("queue", "--dir", up.dir, "retry", status=2) == ""


def test_who_has_opted_out_is_known():
    with Sandbox(plan="messages.create status=400 code=21610 times=1\n") as box, \
            Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        quiet(up)
        assert ask(up, "SELECT is_active FROM users") == [(0,)]
        up.text("START")
        sent(box, 1)
        assert ask(up, "SELECT is_active FROM users") == [(1,)]


def test_races_of_takeover_against_sending():
    """Forty customers, each taken over and handed back while they write: once takeover has
    returned, nothing of the bot reaches its customer until handback is called."""
    with Sandbox(plan="chat delay=20\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        leaks, stop = [], time.monotonic() + 12
        people = [f"+55119000000{i:02d}" for i in range(8)]

        def write(phone):
            while time.monotonic() < stop:
                up.text("oi", From=f"whatsapp:{phone}", WaId=phone[1:])
                time.sleep(0.05)

        def own(phone):
            up.wait_rows("SELECT 1 FROM users WHERE phone_number = ?", phone)
            while time.monotonic() < stop:
                recado("takeover", "--dir", up.dir, phone)
                before = [r for r in accepted(box) if phone in r["to"]]
                time.sleep(0.1)
                after = [r for r in accepted(box) if phone in r["to"]]
                if len(after) != len(before):
                    leaks.append((phone, len(after) - len(before)))
                recado("handback", "--dir", up.dir, phone)
                time.sleep(0.05)

        crew = [threading.Thread(target=f, args=(p,)) for p in people for f in (write, own)]
        for t in crew:
            t.start()
        for t in crew:
            t.join()
        assert leaks == [], leaks
        taken = ask(up, "SELECT sum(owner_version) FROM contact")[0][0]
        assert taken > 40, f"only {taken} changes of owner"


# -- what the provider tells later -----------------------------------------------------------------


def plant(box, **fields):
    """A message in the account's list that no webhook tells of."""
    form = urllib.parse.urlencode({"From": CUSTOMER, **fields})
    got = request(box.env["TWILIO_BASE_URL"], "POST", "/_sandbox/inbound", form,
                  {"Content-Type": "application/x-www-form-urlencoded"})
    assert got.status in (200, 201), got.body


def test_missed_messages_are_found_and_old_ones_listed():
    with Sandbox() as box, Folder() as folder:
        with Up(env=box.env, dir=folder, conf_text=NEVER) as up:
            up.text("oi")
            sent(box, 1)
            up.wait_rows("SELECT 1 FROM watermark WHERE name = 'sweep'")
        plant(box, Body="chegou enquanto estavam fora", Age=60)
        plant(box, Body="ontem", Age=7200)
        with sqlite3.connect(folder / "recado.db") as db:  # nothing of ours runs now
            db.execute("UPDATE watermark SET ms = ms - 4 * 3600000")
            db.execute("UPDATE tenant SET created_ms = created_ms - 5 * 3600000")
        with Up(env=box.env, dir=folder) as up:
            sent(box, 2)
            quiet(up)
            dead = json.loads(recado("queue", "--dir", up.dir, "--json"))["dead"]
            assert [d["kind"] for d in dead] == ["late"], dead
            said = {row[0] for row in ask(up, "SELECT user_message FROM conversations")}
            assert said == {"oi", "chegou enquanto estavam fora"}, said
            recado("queue", "--dir", up.dir, "retry", dead[0]["id"])
            up.wait_rows("SELECT 1 FROM conversations WHERE user_message = 'ontem'")


def test_what_came_before_the_store_is_not_ours():
    """Another system answered it; the margin before the last good look must not reach back to it."""
    with Sandbox() as box, Folder() as folder:
        plant(box, Body="respondida pelo sistema de antes", Age=300)
        with Up(env=box.env, dir=folder, conf_text=NEVER) as up:
            first = up.wait_rows("SELECT ms FROM watermark WHERE name = 'sweep'")[0]["ms"]
        with Up(env=box.env, dir=folder) as up:
            up.wait_rows("SELECT 1 FROM watermark WHERE name = 'sweep' AND ms > ?", first)
            assert ask(up, "SELECT count(*) FROM inbox") == [(0,)]
            assert json.loads(recado("queue", "--dir", up.dir, "--json"))["dead"] == []
        assert accepted(box) == []


def test_statuses_only_move_a_message_forward():
    with Sandbox(plan="callback disorder\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        up.wait_rows("SELECT 1 FROM outbox WHERE delivery = 4")
        box.seen(lambda r: r["op"] == "callback", count=3)
        assert ask(up, "SELECT state, delivery FROM outbox") == [(2, 4)]
        # not signed, and unheard of
        form = {"MessageSid": "SM" + "0" * 32, "MessageStatus": "read"}
        assert up.post("/webhook/twilio/status?k=" + "0" * 32, form, sign=False).status == 403
        assert up.post("/webhook/twilio/status?k=" + "0" * 32, form).status == 200
        assert up.post("/webhook/twilio/status", {**form, "MessageStatus": "eaten"}).status == 400


def test_a_callback_settles_what_nobody_saw_arrive():
    conf = NEVER + "turn: { window_ms = 0; reconcile_ms = 600000; };\n"
    with Sandbox(plan="messages.create 500-after times=1\nmessages.list status=503\n") as box, \
            Up(env=box.env, conf_text=conf) as up:
        up.text("oi")
        up.wait_rows("SELECT 1 FROM outbox WHERE state = 2 AND delivery > 0")
        quiet(up)
        assert ask(up, "SELECT attempts, resends FROM outbox") == [(1, 0)]


def test_a_message_that_fails_later_is_a_dead_letter_with_its_time():
    with Sandbox(plan="callback failed code=63018 times=1\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        up.wait_rows("SELECT 1 FROM dead_letter WHERE code = 63018 AND retry_ms > died_ms")
        q = json.loads(recado("queue", "--dir", up.dir, "--json"))
        recado("queue", "--dir", up.dir, "retry", q["dead"][0]["id"])
        sent(box, 2)
        quiet(up)
        assert json.loads(recado("queue", "--dir", up.dir, "--json"))["dead"] == []


def test_the_customer_sees_that_we_write():
    """Only where the answer takes long: the sign of a quick one would come before that of a slow one."""
    slow = CUSTOMER[:-1] + "9"
    with Sandbox(plan="chat delay=2500 nth=2\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        sent(box, 1)
        sid = up.text("oi", From=slow, WaId=slow[10:])
        sent(box, 2)
        signs = [r for r in box.ledger() if r["op"] == "typing"]
        assert len(signs) == 1 and sid in json.dumps(signs[0]), signs


def test_the_pages_about_the_ways_in():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        ways = up.get("/upgrade-webhook").json()
        by_path = {r["path"]: r for r in ways["routes"]}
        assert by_path["/webhook/FUNCIONA"]["audio"] == ["chat", "assistant", "knowledge", "apology"]
        assert by_path["/webhook/whatsapp"]["audio"][0] == "realtime"
        assert by_path["/webhook/whatsapp/realtime"]["text"][0] == "realtime"
        assert ways["status_callback"].endswith("/webhook/twilio/status")
        state = up.get("/system/advanced-status").json()
        assert state["queue"]["dead_letters"] == 0 and state["turn"]["deadline_ms"] == 8000
        assert all(state["ladder"]["available"].values()) and state["ladder"]["last_answers"] == {}, state["ladder"]
        assert up.get("/upgrade-webhook", {"X-Forwarded-For": "203.0.113.9"}).status == 200
        assert up.get("/system/advanced-status", {"X-Forwarded-For": "203.0.113.9"}).status == 403


def test_the_page_tells_who_answers_and_who_is_left_alone():
    conf = NEVER + """openai: { realtime_sessions = 0; };
                      routes = ( { path = "/webhook/whatsapp"; text = [ "chat" ]; } );\n"""
    with Sandbox(plan="chat status=500\n") as box, Up(env=box.env, conf_text=conf) as up:
        for i in range(12):
            up.text("oi", From=f"whatsapp:+55119876540{i:02d}")
        up.wait_rows("SELECT 1 FROM turn WHERE rung = 'apology' AND finished_ms IS NOT NULL", count=12)

        def open_():
            got = up.get("/system/advanced-status").json()["ladder"]
            return got if got["breakers_open"]["chat"] >= 1 else None
        ladder = wait_for(open_, what="an open breaker")
        assert ladder["last_answers"] == {"apology": 12}, ladder
        assert ladder["breakers_open"]["assistant"] == 0 and ladder["breakers_open"]["sending"] == 0, ladder
        assert ladder["available"]["chat"] and not ladder["available"]["realtime"], ladder
        assert up.get("/system/realtime-status").json()["status"] == "off"


# -- the ladder, the voice --------------------------------------------------------------------------


def test_an_answer_leaves_within_its_time_whatever_hangs():
    with Sandbox(plan="chat never\nresponses never\ntranscribe never\n") as box, \
            Up(env=box.env, conf_text=NEVER + "turn: { window_ms = 0; deadline_ms = 4000; };\n") as up:
        began = time.monotonic()
        up.text("qual é o horário de funcionamento?")
        sent(box, 1)
        took = time.monotonic() - began
        up.wait_rows("SELECT 1 FROM turn WHERE rung = 'knowledge' AND finished_ms IS NOT NULL")
        why = json.loads(ask(up, "SELECT why FROM turn_trace")[0][0])
        assert set(why) == {"chat", "assistant"}, why
        assert took < 4 + lib.SLOW, f"{took:.1f} s"


def test_each_route_has_its_own_ladder():
    conf = NEVER + """routes = ( { path = "/webhook/whatsapp"; text = [ "assistant" ]; audio = [ "chat" ]; },
                   { path = "/webhook/FUNCIONA"; } );\n"""
    with Sandbox() as box, Up(env=box.env, conf_text=conf) as up:
        up.text("oi")
        up.wait_rows("SELECT 1 FROM turn WHERE rung = 'assistant' AND finished_ms IS NOT NULL")
        up.text("oi", path="/webhook/FUNCIONA")
        up.wait_rows("SELECT 1 FROM turn WHERE rung = 'chat' AND finished_ms IS NOT NULL")
        assert '[ "assistant" ]' in recado("conf", "--dir", up.dir)
        with open(up.dir / "recado.conf", "a") as f:
            f.write('routes = ( { path = "/webhook/a"; text = [ "chta" ]; } );\n')
        recado("conf", "--dir", up.dir, status=78)


LONG = "A entrega no centro custa quinze reais. Para os outros bairros o valor depende da distância. " \
       "Posso calcular para você agora mesmo. Qual é o seu CEP?"


def test_the_voice_begins_while_the_model_still_talks():
    with Sandbox(plan=f'chat pace=120 text="{LONG}"\n') as box, Up(env=box.env) as up:
        up.text("quanto custa a entrega?")
        sent(box, 2)
        spoken = [r for r in box.ledger() if r["op"] == "tts"]
        end = [r for r in box.ledger() if r["op"] == "stream"]
        assert len(spoken) >= 2, "one sentence, then what had come by then"
        assert len(end) == 1 and spoken[0]["t"] < end[0]["t"], (spoken[0]["t"], end)
        quiet(up)
        step = {s["name"]: s for s in json.loads(ask(up, "SELECT trace FROM turn_trace")[0][0])["steps"]}
        assert step["speak"]["voice_ms"] > 1000, step


def test_a_slow_voice_does_not_hold_the_text_up():
    conf = "turn: { window_ms = 0; deadline_ms = 2000; late_voice_ms = 20000; };\n"
    with Sandbox(plan="tts delay=3500\n") as box, Up(env=box.env, conf_text=conf) as up:
        up.text("oi")
        first = sent(box, 1)[0]
        assert first.get("body"), first
        second = sent(box, 2)[1]
        assert second["t"] - first["t"] > 500, "the audio was there with the text"
        quiet(up)
        assert ask(up, "SELECT count(*) FROM media") == [(1,)]
        assert ask(up, "SELECT part, state FROM outbox ORDER BY part") == [(0, 2), (1, 2)]
