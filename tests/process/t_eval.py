"""Scripted conversations: the sample's, and each way in which a file of them can end."""

import json
import os
import pty
import signal
import subprocess

from lib import *

SAMPLE = ROOT / "etc/eval/exemplo.eval"


PATIENT = "turn: { deadline_ms = 30000; };\n"  # on a busy machine the model still answers


def shop(folder, conf=PATIENT):
    """The sample business in a folder, in which nothing has run yet."""
    shutil.copytree(ROOT / "etc/knowledge", folder / "knowledge")
    shutil.copytree(ROOT / "etc/persona/exemplo", folder / "persona")
    (folder / "recado.conf").write_text(conf)
    return folder


def write(folder, text, name="a.eval"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def run(folder, *args, env=None, status=0):
    got = recado("eval", "--dir", folder, *args, env=env, timeout=100)
    assert got.returncode == status, (args, got.returncode, got.stdout[-3000:], got.stderr)
    return got


def results(folder, *args, **more):
    """name: result, and the whole object."""
    all = json.loads(run(folder, "--json", *args, **more).stdout)
    by = {c["name"]: c["result"] for c in all["cases"]}
    assert len(by) == len(all["cases"]) == all["passed"] + all["failed"] + all["skipped"]
    return by, all


def listed(what):
    """The names of the sample's cases, and of those whose line in --list has `what`."""
    lines = recado("eval", "--list", SAMPLE).stdout.splitlines()
    names = [re.split(r" {2,}\d+ turn", line)[0].strip() for line in lines]
    return set(names), {n for n, line in zip(names, lines) if what in line}


# --- the sample ---------------------------------------------------------------------------------


def test_the_sample_without_a_key():
    names, need = listed("needs: model")
    assert len(names) == 40 and len(need) == 17
    with Folder() as folder:
        by, all = results(shop(folder), SAMPLE)
        assert all["failed"] == 0, [c for c in all["cases"] if c["result"] == "failed"]
        assert {n for n, r in by.items() if r == "skipped"} == need
        assert all["passed"] == 23 and all["cost"] == 0
        assert {t["rung"] for c in all["cases"] for r in c["runs"] for t in r["turns"]} >= {"knowledge"}
        assert not list(folder.glob("recado.db*"))  # nothing is left with the instance


def test_the_sample_with_a_simulated_model():
    names, hard = listed("judgement")
    with Sandbox() as box, Folder() as folder:
        by, all = results(shop(folder), "-j", 4, "--skip", "judgement", SAMPLE, env=box.env)
        assert all["failed"] == 0, [c for c in all["cases"] if c["result"] == "failed"]
        assert {n for n, r in by.items() if r == "skipped"} == hard and by.keys() == names
        assert all["passed"] == 23 and all["cost"] is None
        assert {t["rung"] for c in all["cases"] for r in c["runs"] for t in r["turns"]} >= {"chat"}
        # What asks for judgement is not passed by a model that has none: each of them can fail.
        by, all = results(folder, "-j", 4, "--only", "judgement", SAMPLE, env=box.env, status=1)
        assert by.keys() == hard and set(by.values()) == {"failed"}, by
        assert not any(r["op"] == "messages.create" for r in box.ledger())


# --- how it ends --------------------------------------------------------------------------------

GOOD = "case: taxa\ntags: a\nuser: Qual é a taxa de entrega?\nmust say: 9,90\nmust cite: entrega.md\n"
BAD = "\ncase: errado\nuser: Qual é a taxa de entrega?\nlanguage: en\nmust say: 10,90 | grátis em Marte\nlength: ..700\n"


def test_exit_statuses():
    with Folder() as folder:
        shop(folder)
        good, both = write(folder, GOOD), write(folder, GOOD + BAD, "both.eval")
        assert re.search(r"^ok +taxa +1 turn +\d+\.\d s  \$0\.00000\n +note: rung_failed rung=chat err=\"no OpenAI key is set\"\n"
                         r" +note: rung_failed rung=assistant .*\n\n1 passed, 0 failed, 0 skipped; 1 turn, ",
                         run(folder, good).stdout)
        out = run(folder, both, status=1).stdout
        assert re.search(r"^FAILED +errado .*\n +turn 1: Qual é a taxa de entrega\?\n"
                         r" +line 9: language: en; but it is pt\n"
                         r" +line 10: must say: 10,90 \| grátis em Marte; but none of it is there\n"
                         r" +said by knowledge: Entregamos em toda Belo Horizonte", out, re.M), out
        assert re.search(r"^ +not by chat: .*no OpenAI key", out, re.M) and out.count("note: rung_failed rung=chat") == 1
        assert "length" not in out and out.rstrip().splitlines()[-1].startswith("1 passed, 1 failed, 0 skipped; 2 turns")
        assert "1 passed, 0 failed" in run(folder, "--only", "TÁXA", both).stdout
        assert re.search(r"^skipped +errado +--skip errado$", run(folder, "--skip", "errado", both).stdout, re.M)
        assert "taxa" in run(folder, "--list", both).stdout
        # nothing that ran is nothing that is known
        got = run(folder, write(folder, "case: x\nneeds: model\nuser: oi\nmust say: oi\n", "need.eval"), status=1)
        assert "every case was skipped" in got.stderr and "needs a model: no OpenAI key" in got.stdout
        for args, why in (((), "usage: recado eval"), ((good, both), "usage: recado eval"), (("--no", good), "--help"),
                          (("-j", 9, good), "from 1 to 8"), (("--repeat", 0, good), "from 1 to 100"),
                          (("--only", "nada", good), 'called or tagged "nada"'),
                          ((folder / "none.eval",), "No such file"), ((folder,), "")):
            assert why in run(folder, *args, status=2).stderr, args
        for text, why in ((GOOD + "must sya: x\n", r'a\.eval:6: there is no "must sya": did you mean "must say"\?'),
                          (GOOD.encode("latin-1"), r"a\.eval:3: the byte 0xe9 is no text in UTF-8: save the file"),
                          ("# none\n", r"a\.eval: there is no case in it")):
            assert re.search(why, run(folder, write(folder, text), status=2).stderr), text
        (folder / "recado.conf").write_text('openai: { chat_modle = "x"; };')
        assert "chat_model" in run(folder, both, status=78).stderr


def test_what_a_turn_did():
    with Sandbox() as box, Folder() as folder:
        shop(folder)
        path = write(folder, """
case: asks for a person
user: @call handoff_human {"reason": "asked for"}
must call: handoff_human {"reason": "asked"}
must not call: save_contact
handed over: yes
user: alguém?
rung: person
handed over: yes

case: tells a name
user: @call save_contact {"name": "Marina", "email": "marina@example.com"}
must call: save_contact {"name": "marina"}

case: another customer, who is not Marina
user: O que você sabe sobre mim?
must not say: Marina
handed over: no

case: spoken
user: Qual é a taxa de entrega?
voice: yes
rung: chat

case: not spoken
user: Qual é a taxa de entrega?
within: 60 s
""")
        by, all = results(folder, path, env=box.env)
        assert set(by.values()) == {"passed"}, all
        turns = {c["name"]: c["runs"][0]["turns"] for c in all["cases"]}
        assert turns["tells a name"][0]["calls"][0]["arguments"]["email"] == "marina@example.com"
        assert turns["spoken"][0]["spoken"] and not turns["not spoken"][0]["spoken"]
        assert turns["asks for a person"][1]["said"] == ""
        assert not any(r["op"] == "messages.create" for r in box.ledger())


def test_models_vary():
    with Folder() as folder:
        path = write(shop(folder), GOOD)
        plan = 'chat text="Não sei." nth=2\n'
        for args, status, passes in ((["--need", 66], 0, 2), (["--need", 67], 1, 2), ([], 1, 2)):
            with Sandbox(plan=plan) as box:
                by, all = results(folder, "--repeat", 3, *args, path, env=box.env, status=status)
                assert all["cases"][0]["passes"] == passes and all["n_turns"] == 3, all
        # and what a model says is not what the terminal does
        with Sandbox(plan='chat text="Não\x1b[31m sei.\x07" nth=2\n') as box:
            out = run(folder, "--repeat", 3, path, env=box.env, status=1).stdout
            assert re.search(r"^FAILED +taxa +2/3 ", out, re.M) and "said by chat: Não[31m sei.\n" in out, out


# --- beside an instance -------------------------------------------------------------------------


def test_beside_a_running_instance():
    counts = "SELECT (SELECT count(*) FROM contact) a, (SELECT count(*) FROM turn) b, (SELECT count(*) FROM inbox) c"
    with Sandbox() as box, Up(env=box.env) as up, Folder() as folder:
        up.text("oi")
        up.wait_rows("SELECT 1 FROM turn WHERE finished_ms IS NOT NULL")
        before = up.query(counts)
        extra = write(folder, "Vendemos capacetes amarelos.", "extra.txt")
        assert recado("kb", "--dir", up.dir, "add", extra, env=box.env).returncode == 0
        path = write(folder, "case: capacetes\nuser: Vendem capacetes amarelos?\nmust say: amarelos\nmust cite: extra.txt\n")
        by, all = results(up.dir, path, env=box.env)
        assert by == {"capacetes": "passed"} and up.query(counts) == before
        # another persona, and a route that is not there
        (folder / "outra").mkdir()
        assert "no layer" in run(up.dir, "--persona", folder / "outra", path, env=box.env, status=1).stderr
        write(folder / "outra", "# Quem você é\n\nOutra.", "10.md")
        run(up.dir, "--persona", folder / "outra", path, env=box.env)
        assert "/webhook/none" in run(up.dir, "--route", "/webhook/none", path, env=box.env, status=1).stderr


def test_stopped_it_leaves_nothing():
    with Sandbox(plan="chat delay=30000\n") as box, Folder() as folder:
        shop(folder)
        (folder / "tmp").mkdir()
        path = write(folder, "".join(f"case: {i}\nneeds: model\nuser: oi\nmust say: oi\n\n" for i in range(3)))
        with Program([BUILD / "recado", "eval", "--dir", folder, path], env={**box.env, "TMPDIR": str(folder / "tmp")}) as p:
            box.seen(lambda r: r["op"] == "chat")
            assert list((folder / "tmp").iterdir())
            p.send(signal.SIGINT)
            assert p.wait(timeout=10) == 128 + signal.SIGINT
            assert "stopped before the end" in p.output and "0 passed" in p.output, p.output
        assert not list((folder / "tmp").iterdir())


def test_a_terminal_shows_how_far_it_is():
    with Folder() as folder:
        path = write(shop(folder), GOOD + "case: outra\nuser: Qual é a taxa de entrega?\nmust say: 9,90\n")
        here, there = pty.openpty()
        with os.fdopen(here, "rb", buffering=0) as screen:
            got = subprocess.run([BUILD / "recado", "eval", "--dir", folder, path], stdout=subprocess.PIPE, stderr=there,
                                 env=clean_env(), text=True, timeout=60 * SLOW)
            os.close(there)
            shown = screen.read(4000).decode()
        assert got.returncode == 0 and "\r" not in got.stdout, got
        assert re.search(r"\r\[\.+\] 0/2 taxa.*\r\[#+\.+\] 1/2 outra", shown, re.S), shown
