"""Realtime sessions in the running daemon: kept by the work processes, shown by the pages."""

import json
import os

import lib
from lib import Sandbox, Up, wait_for
from t_main import put_media, speech

NEVER = 'voice: { when = "never"; };\nturn: { window_ms = 0; window_audio_ms = 0; };\n'


def status(up):
    return up.get("/system/realtime-status").json()


def test_sessions_are_kept_warm_and_told_of():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        got = wait_for(lambda: (s := status(up))["sessions"]["ready"] >= 2 and s, 20, "a warm session in each process")
        assert got["status"] == "ready" and got["enabled"] and got["model"] == "gpt-realtime-2.1", got
        assert got["first_ms"] == {"promised": 800, "answers": 0, "p50": None, "p95": None}, got
        up.note(put_media(box, speech()))
        up.wait_rows("SELECT 1 FROM turn WHERE rung = 'realtime' AND finished_ms IS NOT NULL")
        first = status(up)["first_ms"]
        assert first["answers"] == 1 and 0 <= first["p50"] == first["p95"] < 5000, first
        assert up.get("/system/realtime-status", {"X-Forwarded-For": "203.0.113.9"}).status == 403


def test_two_contacts_never_see_each_other():
    """One session in one process: whatever the one says is gone before the other is answered."""
    conf = NEVER + 'openai: { realtime_sessions = 1; };\nwork: { processes = 1; };\n'
    plan = "".join(f'realtime.transcribe nth={i + 1} text="segredo {"AB"[i % 2]} {i}"\n' for i in range(6))
    with Sandbox(plan=plan) as box, Up(env=box.env, conf_text=conf) as up:
        url = put_media(box, speech())
        for i in range(6):
            up.note(url, From=f"whatsapp:+551190000000{i % 2}")
            up.wait_rows("SELECT 1 FROM turn WHERE rung = 'realtime' AND finished_ms IS NOT NULL", count=i + 1)
        seen = [json.dumps(r["sees"]) for r in box.ledger() if r["op"] == "realtime.response"]
        assert len(seen) == 6, seen
        for text in seen:
            assert ("segredo A" in text) != ("segredo B" in text), text
            assert text.count("item_") == 1, text
        assert len([r for r in box.ledger() if r["op"] == "realtime.connect"]) == 1


def test_without_sessions_notes_are_transcribed():
    with Sandbox(plan="realtime.connect 500-before\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        up.note(put_media(box, speech()))
        up.wait_rows("SELECT 1 FROM turn WHERE rung = 'chat' AND finished_ms IS NOT NULL")
        assert box.seen(lambda r: r["op"] == "transcribe")["status"] == 200
        wait_for(lambda: status(up)["since_start"]["failed"] >= 1, what="a failure that is counted")


def test_the_tries():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        got = up.ask("/test/realtime-connection")
        assert got.status == 200 and got.json()["status"] == "ok" and got.json()["connect_ms"] >= 0, got.text
        got = up.ask("/test/realtime-audio")
        said = got.json()
        assert got.status == 200 and said["heard"] == "quanto custa a entrega?" and said["answer"], got.text
        assert said["said_ms"] > 500 and said["first_ms"] >= 0, said
        box_plan = "realtime.connect status=401\n"
        assert lib.request(box.url, "POST", "/_sandbox/plan", box_plan.encode()).status == 200
        got = up.ask("/test/realtime-connection")
        assert got.status == 503 and got.json()["code"] == "denied", got.text
        assert box.env["OPENAI_API_KEY"] not in got.text
        assert up.ask("/test/realtime-audio", {"X-Forwarded-For": "203.0.113.9"}).status == 403


def test_the_first_sound_is_measured_whose_voice_it_may_be():
    """What is promised is sound; the words of a session are only the beginning of it."""
    conf = 'openai: { realtime_audio = %s; };\nturn: { window_ms = 0; window_audio_ms = 0; };\n'
    for own, slow in ((False, "tts delay=400\n"), (True, "")):
        with Sandbox(plan=slow) as box, Up(env=box.env, conf_text=conf % str(own).lower()) as up:
            up.note(put_media(box, speech()))
            up.wait_rows("SELECT 1 FROM turn WHERE rung = 'realtime' AND finished_ms IS NOT NULL")
            got = status(up)
            words, sound = got["first_ms"], got["first_audio_ms"]
            assert words["answers"] == sound["answers"] == 1 and sound["promised"] == 800, got
            assert sound["p50"] >= (400 if slow else words["p50"] // 2), got


def test_a_session_that_no_route_asks_for_is_not_shown_as_one():
    routes = NEVER + 'routes = ( { path = "/webhook/whatsapp"; text = [ "chat" ]; audio = [ "chat" ]; } );\n'
    with Sandbox() as box, Up(env=box.env, conf_text=routes) as up:
        got = status(up)
        assert got["status"] == "off" and not got["enabled"], got


def test_its_own_voice():
    conf = 'openai: { realtime_audio = true; };\nturn: { window_ms = 0; window_audio_ms = 0; };\n'
    with Sandbox(plan='realtime.response text="Custa dez reais."\n') as box, Up(env=box.env, conf_text=conf) as up:
        up.note(put_media(box, speech()))
        box.seen(lambda r: r["op"] == "messages.create", count=2)
        assert not [r for r in box.ledger() if r["op"] == "tts"]
        assert list(up.dir.glob("**/static/audio/*.ogg")), os.listdir(up.dir)


def test_no_key_no_session():
    with Up(conf_text=NEVER) as up:
        got = status(up)
        assert got["status"] == "off" and not got["enabled"] and got["since_start"]["failed"] == 0, got
        assert up.ask("/test/realtime-connection").status == 503


def count(box, op):
    return len([r for r in box.ledger() if r["op"] == op])


def hear(box, *said):
    """What the next voice notes say."""
    text = "".join(f"realtime.transcribe nth={i + 1} text={json.dumps(s, ensure_ascii=False)}\n" for i, s in enumerate(said))
    assert lib.request(box.url, "POST", "/_sandbox/plan", text.encode()).status == 200


def notes(up, url, n):
    """The n-th voice note, heard and answered to its end."""
    up.note(url)
    up.wait_rows("SELECT 1 FROM turn WHERE finished_ms IS NOT NULL", count=n)
    wait_for(lambda: not up.query("SELECT 1 FROM job WHERE kind = 'turn'"), what="the end of the turn")


def one_call_by_voice(conf, op):
    """A spoken wish makes the model call a tool, once, and the answer after it is spoken."""
    with Sandbox() as box, Up(env=box.env, conf_text=conf) as up:
        url = put_media(box, speech())
        hear(box, '@call save_contact {"name":"Ana Souza","notes":"gosta de azul"}', "bom dia")
        notes(up, url, 1)
        assert up.query("SELECT name, notes FROM contact_card") == [{"name": "Ana Souza", "notes": "gosta de azul"}]
        assert up.query("SELECT name FROM tool_call") == [{"name": "save_contact"}]
        assert up.query("SELECT rung FROM turn") == [{"rung": "realtime"}]
        got = [r for r in box.ledger() if r["op"] == "realtime.response"]
        assert [r["calls"] for r in got] == [1, 0], got
        assert {"role": "tool", "text": '{"ok":true}'}.items() <= got[1]["sees"][-1].items(), got[1]["sees"]
        assert [bool(r.get("audio")) for r in got] == [op is None] * 2, got
        made = [r for r in box.ledger() if r["op"] == "messages.create"]
        assert len(made) == 2 and made[0]["body"] and made[1]["media_url"].endswith(".ogg"), made
        assert (count(box, op) if op else not count(box, "tts")) >= 1
        # the note's item is gone from the session that is kept, and nothing else ever lay there
        wait_for(lambda: count(box, "realtime.delete") == 1, what="the item to be deleted")
        assert count(box, "chat") == 0


def test_a_tool_is_called_by_voice():
    one_call_by_voice("turn: { window_ms = 0; window_audio_ms = 0; };\n", "tts")


def test_a_tool_is_called_and_its_own_voice_answers():
    one_call_by_voice('openai: { realtime_audio = true; };\nturn: { window_ms = 0; window_audio_ms = 0; };\n', None)


def test_no_call_no_other_request():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        notes(up, put_media(box, speech()), 1)
        assert count(box, "realtime.response") == 1 and count(box, "chat") == 0
        assert not up.query("SELECT 1 FROM tool_call")


def test_who_asks_by_voice_to_be_forgotten_is():
    """Our question and the yes to it are spoken: no model answers either, and no session keeps what was said."""
    conf = 'openai: { realtime_sessions = 1; };\nturn: { window_ms = 0; window_audio_ms = 0; };\n' \
        'work: { processes = 1; };\n'
    with Sandbox() as box, Up(env=box.env, conf_text=conf) as up:
        url = put_media(box, speech())
        hear(box, "sou xilofonista", "o que você sabe sobre mim?", "apague os meus dados", "sim", "bom dia")
        notes(up, url, 1)
        assert count(box, "realtime.response") == 1
        notes(up, url, 2)
        notes(up, url, 3)
        assert [r["rung"] for r in up.query("SELECT rung FROM turn ORDER BY id")] == ["realtime", "known", "forget?"]
        up.note(url)
        wait_for(lambda: not up.query("SELECT 1 FROM turn"), what="every turn to be forgotten")
        assert not up.query("SELECT 1 FROM users") and not up.query("SELECT 1 FROM heard")
        # asked, answered and forgotten without a model
        assert count(box, "realtime.transcribe") == 4 and count(box, "realtime.response") == 1
        assert count(box, "chat") == 0 and count(box, "responses.create") == 0
        wait_for(lambda: count(box, "realtime.delete") == 4, what="the spoken to be deleted in the session")
        heard = [r["item"] for r in box.ledger() if r["op"] == "realtime.transcribe"]
        assert sorted(heard) == sorted(r["item"] for r in box.ledger() if r["op"] == "realtime.delete")
        # both were answered by voice as well
        assert len([r for r in box.ledger() if r["op"] == "messages.create" and r.get("media_url")]) == 4
        # and who writes next on that same session is a stranger to it
        notes(up, url, 1)
        assert count(box, "realtime.connect") == 1
        last = [r for r in box.ledger() if r["op"] == "realtime.response"][-1]
        assert "xilofonista" not in json.dumps(last) and "apague" not in json.dumps(last), last


def test_the_same_on_the_realtime_route():
    """Its ladder for text begins with realtime too: a yes may be written after a spoken question."""
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        hear(box, "esqueça tudo sobre mim")
        up.note(put_media(box, speech()), path="/webhook/whatsapp/realtime")
        up.wait_rows("SELECT 1 FROM turn WHERE rung = 'forget?' AND finished_ms IS NOT NULL")
        up.text("Sim", path="/webhook/whatsapp/realtime")
        wait_for(lambda: not up.query("SELECT 1 FROM turn"), what="every turn to be forgotten")
        assert count(box, "realtime.response") == 0 and count(box, "chat") == 0
