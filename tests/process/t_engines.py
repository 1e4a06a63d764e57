"""One customer's bad input is that customer's affair; a refused key is the operator's."""

import http.server
import json
import re
import threading

from lib import Sandbox, Up, request, wait_for
from t_main import put_media, speech

CONF = """voice: { when = "never"; };
turn: { window_ms = 0; window_audio_ms = 0; };
work: { processes = 2; };
routes = ( { path = "/webhook/whatsapp"; text = [ "chat" ]; audio = [ "chat" ]; } );
"""
BAD, OTHERS = 12, 8


def customer(n):
    return f"whatsapp:+55119000{n:05d}"


def set_plan(box, text):
    got = request(box.url, "POST", "/_sandbox/plan", text.encode(), {"Content-Type": "text/plain"})
    assert got.status == 200, (text, got.body)


def rungs(up, count):
    return [r["rung"] for r in up.wait_rows("SELECT rung FROM turn WHERE rung IS NOT NULL ORDER BY id", count=count,
                                            timeout=60)]


def ask_in_turn(up, n, first=0, note=None):
    """One message after the other, from as many customers; the rungs that answered them."""
    for i in range(first, first + n):
        if note is None:
            up.text(f"pergunta {i}", sender=customer(i))
        else:
            up.note(note, sender=customer(i))
        got = rungs(up, i + 1)
    return got[first:]


def test_refused_prompts_leave_the_model_to_all_others():
    for status in (400, 413, 422):
        with Sandbox(plan=f"chat status={status} times={BAD}\n") as box, Up(env=box.env, conf_text=CONF) as up:
            got = ask_in_turn(up, BAD)
            assert set(got) <= {"knowledge", "apology"}, got
            assert ask_in_turn(up, OTHERS, BAD) == ["chat"] * OTHERS
            assert sum(r["op"] == "chat" for r in box.ledger()) == BAD + OTHERS  # each was asked, and once


def test_what_the_model_will_not_answer_leaves_it_to_all_others():
    for fault in ("refusal", "filtered", "incomplete"):
        with Sandbox(plan=f"chat {fault} times={BAD}\n") as box, Up(env=box.env, conf_text=CONF) as up:
            ask_in_turn(up, BAD)
            assert ask_in_turn(up, OTHERS, BAD) == ["chat"] * OTHERS


def test_refused_notes_leave_transcription_to_all_others():
    with Sandbox(plan=f"transcribe status=400 times={BAD}\n") as box, Up(env=box.env, conf_text=CONF) as up:
        url = put_media(box, speech())
        ask_in_turn(up, BAD, note=url)
        ask_in_turn(up, OTHERS, BAD, note=url)
        rows = up.query("SELECT user_message m FROM conversations ORDER BY id")
        assert all("[áudio]" in r["m"] for r in rows[:BAD]), rows
        assert all(r["m"] and "[áudio]" not in r["m"] for r in rows[BAD:]), rows


def log_lines(up, event):
    return re.findall(rf"\b{event} .*", up.log())


def test_a_refused_key_opens_the_breaker_and_is_told_once():
    with Sandbox(plan="chat status=401 code=invalid_api_key\n") as box, Up(env=box.env, conf_text=CONF) as up:
        got = ask_in_turn(up, 24)
        assert set(got) <= {"knowledge", "apology"}, got
        assert sum(r["op"] == "chat" for r in box.ledger()) < 20  # nobody asks in vain any more
        line, = log_lines(up, "key_refused")
        assert re.match(r'key_refused provider=openai code=401 action=".*OPENAI_API_KEY', line), line
        assert not log_lines(up, "quota_exhausted") and not log_lines(up, "account_restored")
        set_plan(box, "")

        def restored():
            n = len(up.query("SELECT 1 FROM turn WHERE rung IS NOT NULL"))
            return ask_in_turn(up, 1, n) == ["chat"]
        wait_for(restored, 40)
        assert len(log_lines(up, "account_restored")) == 1 and len(log_lines(up, "key_refused")) == 1


def test_an_empty_account_is_not_a_rate_limit():
    plan = "chat 429 times=2\nchat status=429 code=insufficient_quota nth=3 times=3\n"
    with Sandbox(plan=plan) as box, Up(env=box.env, conf_text=CONF) as up:
        ask_in_turn(up, 2)
        assert not log_lines(up, "quota_exhausted")
        ask_in_turn(up, 3, 2)
        line, = log_lines(up, "quota_exhausted")
        assert re.match(r'quota_exhausted provider=openai code=429 action=".*credit', line), line
        assert not log_lines(up, "key_refused")


def test_credentials_that_the_channel_refuses_are_told_once():
    with Sandbox(plan="messages.create status=401 code=20003\n") as box, Up(env=box.env, conf_text=CONF) as up:
        for i in range(8):
            up.text("oi", sender=customer(i))
        wait_for(lambda: len(log_lines(up, "key_refused")) > 0, 30)
        up.wait_rows("SELECT 1 FROM turn WHERE rung IS NOT NULL", count=8)
        line, = log_lines(up, "key_refused")
        assert "provider=twilio" in line and "TWILIO_AUTH_TOKEN" in line, line


# --- an engine of one's own ------------------------------------------------------------------


class Engine:
    """A model behind Chat Completions that refuses what refuse(body) says: (status, object) or None.
    .seen: path, headers and body of each request."""

    def __init__(self, refuse):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                body = json.loads(raw) if self.path.endswith("/chat/completions") else None
                seen.append((self.path, dict(self.headers), body))
                no = refuse(body) if body is not None else (404, {"error": "no such path"})
                if no:
                    status, kind, out = no[0], "application/json", json.dumps(no[1])
                else:
                    status, kind = 200, "text/event-stream"
                    out = chunk({"content": f"Resposta {len(seen)} do motor."}) + chunk({}, "stop") + "data: [DONE]\n\n"
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(out.encode())))
                self.end_headers()
                self.wfile.write(out.encode())

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *rest):
        self.server.shutdown()
        self.server.server_close()

    def env(self, box, key="sk-own"):
        out = {**box.env, "OPENAI_BASE_URL": f"http://127.0.0.1:{self.server.server_port}/v1", "OPENAI_API_KEY": key}
        return out if key else {k: v for k, v in out.items() if k != "OPENAI_API_KEY"}

    def chats(self):
        return [body for path, _, body in self.seen if body is not None]


def chunk(delta, finish=None):
    return "data: " + json.dumps({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}) + "\n\n"


ONE = CONF.replace("processes = 2", "processes = 1")


def test_a_strict_engine_is_asked_without_what_it_refuses():
    def refuse(body):
        if "store" in body:
            return 400, [{"error": {"code": 400, "message": "Invalid JSON payload received. Unknown name \"store\"",
                                    "status": "INVALID_ARGUMENT"}}]
        if "max_completion_tokens" in body:
            return 422, {"object": "error", "message": {"detail": [
                {"type": "extra_forbidden", "loc": ["body", "max_completion_tokens"],
                 "msg": "Extra inputs are not permitted"}]}}
        return None
    with Engine(refuse) as engine, Sandbox() as box, Up(env=engine.env(box), conf_text=ONE) as up:
        assert ask_in_turn(up, 3) == ["chat"] * 3
        assert all("do motor" in r["m"] for r in up.query("SELECT bot_response m FROM conversations"))
        chats = engine.chats()  # known from the first message on
        assert len(chats) <= 5 and not any("store" in b or "max_completion_tokens" in b for b in chats[-3:]), chats
        assert "engine_adapted call=chat without=store" in up.log()


def test_an_engine_of_ones_own_needs_no_key():
    with Engine(lambda body: None) as engine, Sandbox() as box, \
            Up(env=engine.env(box, key=None), conf_text=ONE) as up:
        assert ask_in_turn(up, 1) == ["chat"]
        assert not any("Authorization" in headers for _, headers, _ in engine.seen)


def test_a_prompt_that_is_too_long_is_asked_with_less_history():
    def size(body):
        return sum(len((m["content"] or "").encode()) for m in body["messages"])

    def refuse(body):
        if size(body) <= 9000:
            return None
        return 400, {"error": {"message": "This model's maximum context length is 4096 tokens.",
                               "type": "invalid_request_error", "param": "messages",
                               "code": "context_length_exceeded"}}
    with Engine(refuse) as engine, Sandbox() as box, Up(env=engine.env(box), conf_text=ONE) as up:
        for i in range(6):
            word = ["preço", "prazo", "entrega", "troca", "pagamento", "garantia"][i]
            up.text(f"e sobre {word}? " + f"{word} {word[::-1]} " * (1500 // (2 * len(word))), sender=customer(0))
            assert rungs(up, i + 1) == ["chat"] * (i + 1), up.query("SELECT why FROM turn_trace")
        up.text("oi?", sender=customer(0))
        assert rungs(up, 7) == ["chat"] * 7
        last = [b for b in engine.chats() if b["messages"][-1]["content"] == "oi?"]
        assert len(last) == 2 and size(last[0]) > 9000 >= size(last[1]), [size(b) for b in engine.chats()]
        roles = [m["role"] for m in last[1]["messages"]]
        assert roles[0] == "system" and roles.count("user") > 1  # some of the history is there
        assert "history_cut" in up.log()
