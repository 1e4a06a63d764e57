"""Talking to the bot in a terminal and from a file: what is said, what is known of it, and that none of it reaches
anybody or stays."""

import http.server
import json
import pty
import select

from lib import *

PRICES = "openai: { price_input = 2.0; price_cached = 0.5; price_output = 8.0; };\n"
SLOWLY = 'chat pace=120 text="Um dois três quatro cinco seis sete oito nove dez."\n'


class Shop:
    """An instance in a folder, which has not run: knowledge, a persona, a configuration."""

    def __init__(self, conf=""):
        self.folder = Folder()
        self.dir = self.folder.path
        (self.dir / "tmp").mkdir()
        (self.dir / "here").mkdir()
        (self.dir / "recado.conf").write_text(conf)
        for name in ("knowledge", "persona/exemplo"):
            shutil.copytree(ROOT / "etc" / name, self.dir / name.partition("/")[0])

    def chat(self, text, *args, env=None):
        """What `recado chat` says to these lines (bytes or text), which it must leave no folder behind for."""
        got = subprocess.run([BUILD / "recado", "chat", "--dir", self.dir, *args], cwd=self.dir / "here",
                             input=text if isinstance(text, bytes) else text.encode(), capture_output=True,
                             timeout=60 * SLOW, env=self.env(env))
        got.out, got.err = got.stdout.decode(errors="replace"), got.stderr.decode(errors="replace")
        assert not list((self.dir / "tmp").iterdir()), list((self.dir / "tmp").iterdir())
        return got

    def turns(self, text, *args, env=None, status=0):
        got = self.chat(text, "--json", *args, env=env)
        assert got.returncode == status, got
        return [json.loads(line) for line in got.out.splitlines()]

    def env(self, more):
        return clean_env({"TMPDIR": str(self.dir / "tmp"), **(more or {})})

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        self.folder.__exit__()


class Overheard:
    """Between a Recado and the simulated OpenAI: .prompts() is what the chat model was asked, each a list of texts."""

    def __init__(self, box):
        self.asked = []
        heard, box_url = self.asked, box.url

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                heard.append((self.path, body))
                got = request(box_url, "POST", self.path, body, {k: self.headers[k] for k in ("Authorization", "Content-Type")})
                self.send_response(got.status)
                self.send_header("Content-Type", got.headers["Content-Type"])
                self.send_header("Content-Length", str(len(got.body)))
                self.end_headers()
                self.wfile.write(got.body)

            def log_message(self, *_):
                pass
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # who asked may be gone before the answer
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.env = {**box.env, "OPENAI_BASE_URL": f"http://127.0.0.1:{self.server.server_port}/v1"}

    def prompts(self):
        return [[m.get("content") or "" for m in json.loads(body)["messages"]] for path, body in self.asked
                if path.endswith("/chat/completions")]

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        self.server.shutdown()
        self.server.server_close()


class Terminal:
    """recado chat on a terminal of its own."""

    def __init__(self, shop, env):
        self.here, there = pty.openpty()
        self.proc = subprocess.Popen([BUILD / "recado", "chat", "--dir", shop.dir], stdin=there, stdout=there,
                                     stderr=there, cwd=shop.dir / "here", env=shop.env(env), start_new_session=True)
        os.close(there)
        self.seen = ""

    def read(self, pattern, timeout=20):
        """What stands on the screen up to the pattern, once it is there; it is not looked at again."""
        end = time.monotonic() + timeout * SLOW
        while not (m := re.search(pattern, self.seen)):
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.here], [], [], left)[0]:
                raise Timeout(f"no /{pattern}/ on the screen:\n{self.seen}")
            try:
                self.seen += os.read(self.here, 4096).decode(errors="replace")
            except OSError as e:
                raise Timeout(f"ended before /{pattern}/:\n{self.seen}") from e
        before, self.seen = self.seen[:m.end()], self.seen[m.end():]
        return before

    def type(self, text):
        os.write(self.here, text.encode())

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        if self.proc.poll() is None:
            self.proc.kill()
        self.proc.wait()
        os.close(self.here)


def opus(path):
    got = subprocess.run(["opusinfo", path], capture_output=True, text=True)
    assert got.returncode == 0 and "Encoded with" in got.stdout, got
    return got.stdout


# --- from a file --------------------------------------------------------------------------------


def test_lines_are_answered():
    with Sandbox() as box, Overheard(box) as by, Shop() as shop:
        got = shop.chat("oi\n\n  \nme conta uma piada?", env=by.env)
        assert got.returncode == 0 and not got.err, got
        first, second = got.out.splitlines()
        assert "“oi”" in first and "“me conta uma piada?”" in second, got
        # the model knows what was said before, and nothing went out
        asked = by.prompts()
        assert len(asked) == 2 and "oi" in asked[1] and first in asked[1], asked
        assert {r["provider"] for r in box.ledger()} == {"openai"}, box.ledger()


def test_everything_that_is_known_of_an_answer():
    call = '@call save_contact {"name":"Ana"}'
    with Sandbox() as box, Overheard(box) as by, Shop(PRICES) as shop:
        trade, ana, why = shop.turns(f"qual o prazo de troca?\nsou a Ana {call}\n/why\n", env=by.env)
        assert trade["rung"] == "chat" and len(trade["persona"]) == 64 and trade["why"] == {}, trade
        assert {p["source"] for p in trade["passages"]} >= {"trocas.md", "entrega.md"}, trade["passages"]
        assert all(p["score"] > 0 and p["text"] and p["heading"] for p in trade["passages"])
        assert trade["input_tokens"] > 500 and trade["output_tokens"] > 5 and trade["cached_tokens"] == 0, trade
        assert abs(trade["cost"] - (trade["input_tokens"] * 2 + trade["output_tokens"] * 8) / 1e6) < 1e-9, trade
        assert [s["name"] for s in trade["steps"]] == ["gather", "ceiling", "hear", "heed", "brake", "recall",
                                                       "think", "speak", "send", "remember"]
        assert all(s["ms"] >= 0 for s in trade["steps"]) and trade["ms"] >= sum(s["ms"] for s in trade["steps"]) - 5
        # what is said to have reached the prompt did, and nothing else
        (told,) = [m for m in by.prompts()[0] if m.startswith("Trechos da base")]
        assert told.count("\n## ") == len(trade["passages"]) == 4
        assert all(f"## {p['heading']}\n({p['source']})\n{p['text']}\n" in told for p in trade["passages"]), told
        assert [(c["name"], c["arguments"], c["result"]) for c in ana["calls"]] == [
            ("save_contact", {"name": "Ana"}, {"ok": True})], ana
        assert why == {"word": "why", "answer": {k: v for k, v in ana.items() if k != "said"}}, why
        got = shop.chat(f"qual o prazo de troca?\n/why\nsou a Ana {call}\n/why\n", env=box.env).out
        for part in (r"rung: chat, persona version [0-9a-f]{12}\n", r"passages:\n  1\. \w+\.md, .* \(score 0\.\d+",
                     r"tools:\n  save_contact \{\"name\":\"Ana\"\}  \(\d+ ms\)\n    -> \{\"ok\":true\}\n",
                     r"tokens: \d+ in \(0 of them cached\), \d+ out\ncost: US\$ 0\.00\d+\n",
                     r"time: \d+ ms\n  gather [\d.]+ ceiling [\d.]+ hear [\d.]+ heed .* think .* remember [\d.]+\n"):
            assert re.search(part, got), (part, got)


def test_which_rung_and_why_not_the_others():
    with Sandbox(plan='chat broken\nresponses 500-before\n') as box, Shop() as shop:
        got = shop.chat("qual o prazo de troca?\n/why\n", env=box.env)
        assert got.returncode == 0 and "\nrung: knowledge" in got.out, got
        assert re.search(r"\n  chat: \w+: .*\n  assistant: \w+: ", got.out) and "tokens: none" in got.out, got
        assert "taken back" not in got.out and "Entendi" not in got.out, got
        assert got.out.count("note: rung_failed ") == 2, got
        (answer,) = shop.turns("qual o prazo de troca?", env=box.env)
        assert answer["text"] == answer["passages"][0]["text"] and answer["cost"] == 0, answer


def test_another_route():
    with Sandbox() as box, Shop(PRICES) as shop:
        (answer,) = shop.turns("qual o prazo de troca?", "--route", "/webhook/whatsapp/realtime", env=box.env)
        # the prices are the chat model's, and not this one's
        assert answer["rung"] == "realtime" and answer["cost"] is None and answer["input_tokens"] > 0, answer


def test_a_voice_that_comes_late():
    conf = "turn: { deadline_ms = 2000; };\n"
    with Sandbox(plan="tts delay=4000\n") as box, Shop(conf) as shop:
        _, answer = shop.turns("/voice on\noi\n", env=box.env)
        assert answer["rung"] == "chat" and answer["ms"] > 3500, answer
        opus(answer["voice"])
        assert {r["provider"] for r in box.ledger()} == {"openai", "elevenlabs"}, box.ledger()


def test_a_reader_that_goes_away():
    with Sandbox() as box, Shop() as shop:
        here, there = os.pipe()
        p = subprocess.Popen([BUILD / "recado", "chat", "--dir", shop.dir, "--json"], stdin=subprocess.PIPE, stdout=there,
                             stderr=subprocess.PIPE, env=shop.env(box.env), cwd=shop.dir)
        os.close(there)
        os.close(here)
        err = p.communicate(b"oi\noi\noi\n", timeout=30 * SLOW)[1]
        assert p.returncode == 1 and b"cannot write to standard output" in err, (p.returncode, err)
        assert not list((shop.dir / "tmp").iterdir())


def test_without_a_key():
    with Shop() as shop:
        got = shop.chat("qual o prazo de troca?\n/why\n")
        assert got.returncode == 0 and got.err.startswith("No OpenAI key is set: what the knowledge says"), got
        assert "rung: knowledge" in got.out and "chat: denied: no OpenAI key" in got.out, got
        # no price is known, and none is asked for
        assert "tokens: none" in got.out, got


def test_forget_and_persona():
    with Sandbox() as box, Overheard(box) as by, Shop() as shop:
        shop.turns("meu nome é Xerxes\noi\n/forget\nquem sou eu?\n/persona endrigo\noi\n/persona nada\n", env=by.env,
                   status=1)
        asked = by.prompts()
        assert ["Xerxes" in "".join(a) for a in asked] == [True, True, False, False], asked
        names = ("Você é a Aurora", "Você é o Endrigo Almada")
        assert [[name in a[0] for a in asked] for name in names] == [[True] * 3 + [False], [False] * 3 + [True]]
        assert "nothing was answered yet" in shop.turns("oi\n/forget\n/why\n", env=box.env, status=1)[2]["error"]
        shown = [t for t in shop.turns("/persona\noi\n/persona endrigo\noi\n", env=box.env)]
        assert [shown[i]["persona"]["name"] for i in (0, 2)] == ["persona", "endrigo"], shown
        assert [len(shown[i]["persona"]["layers"]) for i in (0, 2)] == [4, 4]
        for i in (0, 2):
            assert shown[i]["persona"]["version"] == shown[i + 1]["persona"], shown
        assert shown[1]["persona"] != shown[3]["persona"]


def test_a_person_takes_over():
    with Sandbox() as box, Shop() as shop:
        got = shop.chat('alguém? @call handoff_human {"reason":"pediu"}\nalô\n/forget\noi\n', env=box.env)
        assert got.returncode == 0 and got.out.count("a person answers from here on") == 2, got
        assert got.out.count("Entendi") == 2 and "“alô”" not in got.out and "“oi”" in got.out, got


def test_memory():
    conf = "turn: { history_turns = 3; };\n"
    summary = json.dumps({"summary": "RESUMO da Ana", "facts": []})
    with Sandbox(plan=f"chat text={json.dumps(summary)}\n") as box, Overheard(box) as by, Shop(conf) as shop:
        shop.turns("um\ndois\ntrês\nquatro\n", env=by.env)
        asked = by.prompts()
        kept = [a for a in asked if a[0].startswith("You keep the memory")]
        told = [m for a in asked for m in a if m.startswith("O que se sabe deste cliente")]
        assert kept and told and "RESUMO da Ana" in told[-1] and '"summary"' not in told[-1], asked


def test_voice():
    with Sandbox() as box, Shop() as shop:
        here = shop.dir / "here"
        (here / "recado-1.ogg").write_text("not ours")
        got = shop.chat("oi\n/voice\n", env=box.env)
        assert got.returncode == 0 and got.out.splitlines()[1] == str(here / "recado-2.ogg"), got
        assert re.search(r"Playback length: 0m:0[1-9]", opus(here / "recado-2.ogg"))
        assert (here / "recado-1.ogg").read_text() == "not ours"
        on, answer, off, last = shop.turns("/voice on\nbom dia\n/voice off\ntchau\n", env=box.env)
        assert answer["voice"] == str(here / "recado-3.ogg") and last["voice"] is None and on["on"], answer
        opus(here / "recado-3.ogg")
        # the offline voice where there is no key, and nothing to say where nothing was said
        got = shop.chat("/voice\nqual o prazo de troca?\n/voice\n")
        assert got.returncode == 1 and "nothing was answered yet" in got.err, got
        opus(here / "recado-4.ogg")
        got = shop.chat("oi\n/voice\n", env={**box.env, "ELEVENLABS_BASE_URL": "http://127.0.0.1:1"})
        assert got.returncode == 1 and not (here / "recado-5.ogg").exists(), got


def test_bad_input():
    lines = [b"a\xff", b"a\0b", b"/nada", b"/why now", b"x" * 20000, b"x" * 16384, b"//why", b"/voice loud", "ação\r".encode()]
    with Sandbox() as box, Shop() as shop:
        got = shop.chat(b"\n".join(lines), env=box.env)
        said = got.err.splitlines()
        assert got.returncode == 1 and len(said) == 6 and all(s.startswith("recado chat: ") for s in said), got
        for i, what in enumerate(("not UTF-8", "NUL", "there is no /nada; there are /why, /persona", "takes nothing",
                                  "more than 16384 bytes", "/voice on")):
            assert what in said[i], (what, said[i])
        assert len(got.out.splitlines()) == 3 and "“/why”" in got.out and "“ação”" in got.out, got
        # the same for programs: one object for each line
        got = shop.turns(b"\n".join(lines), env=box.env, status=1)
        assert [("error" in t) for t in got] == [True] * 5 + [False] * 2 + [True, False], got
        for args, what in ((["x"], "one argument too many"), (["--route", "/nada"], "no route /nada")):
            got = shop.chat("oi", *args, env=box.env)
            assert got.returncode != 0 and what in got.err and not got.out, got


# --- beside a Recado that runs -------------------------------------------------------------------


COUNTS = {t: f"SELECT count(*) AS n FROM {t}" for t in (
    "contact", "inbox", "job", "turn", "turn_trace", "outbox", "media", "speech", "persona_version", "tool_call", "contact_card",
    "tally", "source", "passage", "embedding", "summary", "fact", "voice_day", "forgotten")}


def beside(up, box):
    """A conversation leaves the instance as it was, and has what was added to its knowledge."""
    (up.dir / "garantia.txt").write_text("A garantia das bicicletas vale dezoito meses.\n")
    got = recado("kb", "add", up.dir / "garantia.txt", "--dir", up.dir, env=up.settings)
    assert got.returncode == 0, got
    up.text("meu nome é Xerxes")
    wait_for(lambda: up.query("SELECT 1 FROM conversations") and not up.query("SELECT 1 FROM job"), what="an answer")
    up.send(signal.SIGHUP)  # a new generation looks at once for what it has to embed
    wait_for(lambda: up.query("SELECT (SELECT count(*) FROM passage) - (SELECT count(*) FROM embedding) AS n")[0]["n"] == 0,
             what="embeddings")
    before = {t: up.query(sql) for t, sql in COUNTS.items()}
    sent = [r for r in box.ledger() if r["op"] in ("messages.create", "callback")]
    files = sorted(p.name for p in (up.dir / "static/audio").iterdir())
    got = subprocess.run([BUILD / "recado", "chat", "--dir", up.dir, "--json"], cwd=up.dir, capture_output=True,
                         input=b'A garantia das bicicletas vale dezoito meses.\nsou Ana @call save_contact {"name":"Ana"}\n/voice\n/forget\n',
                         env=clean_env(up.settings), timeout=60 * SLOW)
    assert got.returncode == 0 and not got.stderr, got
    turns = [json.loads(line) for line in got.stdout.splitlines()]
    assert turns[0]["passages"][0]["source"] == "garantia.txt", turns[0]
    assert turns[0]["passages"][0]["similarity"] > 0, turns[0]
    assert {t: up.query(sql) for t, sql in COUNTS.items()} == before
    assert [r for r in box.ledger() if r["op"] in ("messages.create", "callback")] == sent
    assert sorted(p.name for p in (up.dir / "static/audio").iterdir()) == files


def test_nothing_is_left_in_the_instance():
    with Sandbox() as box, Up(env=box.env) as up:
        beside(up, box)


def test_nothing_is_left_on_a_server():
    with Sandbox() as box, Postgres() as pg, Up(env=box.env, database=pg) as up:
        beside(up, box)


# --- on a terminal -------------------------------------------------------------------------------


def test_words_come_while_they_are_thought_of():
    with Sandbox(plan=SLOWLY) as box, Shop() as shop, Terminal(shop, box.env) as t:
        assert "reaches no customer and stays out of the history" in t.read(r"> ")
        t.type("conte\n")
        t.read(r"conte\r\n")
        t.read(r"Um dois")
        began = time.monotonic()
        rest = t.read(r"dez\.\r\n> ")
        assert "três quatro" in rest and time.monotonic() - began > 0.5, rest
        t.type("/why\n")
        t.read(r"rung: chat(?s:.)*tokens: \d+(?s:.)*remember [\d.]+\r\n> ")
        t.type("/help\n")
        t.read(r"/quit +ends(?s:.)*> ")
        t.type("\x04")
        assert t.proc.wait(20 * SLOW) == 0
        assert not list((shop.dir / "tmp").iterdir())


def test_what_is_taken_back_is_said_so():
    with Sandbox(plan='chat broken\n') as box, Shop() as shop, Terminal(shop, box.env) as t:
        t.read(r"> ")
        t.type("olá\n")
        shown = t.read(r"\(taken back: another rung answers\)\r\n(?s:.)*\n> ")
        assert shown.rindex("Entendi") > shown.index("taken back"), shown


def test_a_terminal_does_not_obey_an_answer():
    with Sandbox(plan='chat text="a\x1b]0;x\x07b\u009bc"\n') as box, Shop() as shop, Terminal(shop, box.env) as t:
        t.read(r"> ")
        t.type("olá\n")
        shown = t.read(r"olá\r\n(?s:.)*\n> ").partition("olá\r\n")[2]
        assert "\x1b" not in shown and "\u009b" not in shown and "a]0;xbc" in shown, repr(shown)


def test_ctrl_c_puts_everything_away():
    with Sandbox(plan="chat never\n") as box, Overheard(box) as by, Shop() as shop:
        for typed in ("", "oi\n"):  # at the prompt, and while the model is silent
            with Terminal(shop, by.env) as t:
                t.read(r"> ")
                assert len(list((shop.dir / "tmp").iterdir())) == 1
                t.type(typed)
                if typed:
                    t.read(r"oi\r\n")
                    wait_for(lambda: by.prompts(), what="a question to the model")
                t.proc.send_signal(signal.SIGINT)
                assert t.proc.wait(20 * SLOW) == 130
            assert not list((shop.dir / "tmp").iterdir())
