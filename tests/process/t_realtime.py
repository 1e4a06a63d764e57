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
        got = up.get("/test/realtime-connection")
        assert got.status == 200 and got.json()["status"] == "ok" and got.json()["connect_ms"] >= 0, got.text
        got = up.get("/test/realtime-audio")
        said = got.json()
        assert got.status == 200 and said["heard"] == "quanto custa a entrega?" and said["answer"], got.text
        assert said["said_ms"] > 500 and said["first_ms"] >= 0, said
        box_plan = "realtime.connect status=401\n"
        assert lib.request(box.url, "POST", "/_sandbox/plan", box_plan.encode()).status == 200
        got = up.get("/test/realtime-connection")
        assert got.status == 503 and got.json()["code"] == "denied", got.text
        assert box.env["OPENAI_API_KEY"] not in got.text
        assert up.get("/test/realtime-audio", {"X-Forwarded-For": "203.0.113.9"}).status == 403


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
        assert up.get("/test/realtime-connection").status == 503
