"""Who answers and what is remembered: personas that change while the daemon runs, contacts that are shown, exported
and forgotten."""

import json
import os
import re
from pathlib import Path

from lib import *

WORD = "xilofonista"


def words_in(folder, word):
    """Files below folder that hold the word."""
    return [str(p.relative_to(folder)) for p in folder.rglob("*")
            if p.is_file() and not p.name.startswith(("nginx", "recadod")) and word.encode() in p.read_bytes()]


def answered(up, n):
    up.wait_rows("SELECT * FROM conversations", count=n)
    wait_for(lambda: not up.query("SELECT 1 FROM job"), what="every job to end")


def test_a_persona_changes_without_a_restart():
    with Sandbox() as box, Up(env=box.env) as up:
        up.text("oi")
        answered(up, 1)
        (up.dir / "persona/20-estilo.md").write_text("Fale {{tom}} pouco com {{nome}}.\n")
        got = recado("persona", "show", "--dir", up.dir, "--json")
        shown = json.loads(got.stdout)
        assert got.returncode == 0 and shown["unknown"] == "tom" and "Fale  pouco com" in shown["text"], got
        assert [layer["name"] for layer in shown["layers"]][:2] == ["10-identidade.md", "20-estilo.md"]
        diff = recado("persona", "diff", "--dir", up.dir).stdout
        assert "+Fale {{tom}} pouco com {{nome}}." in diff and "-# Como você fala" in diff, diff
        up.text("oi de novo")
        answered(up, 2)
        up.wait_log('persona_variable_unknown names="tom"')
        assert up.query("SELECT count(DISTINCT persona_id) n FROM turn WHERE persona_id <> 0")[0]["n"] == 2
        assert len(recado("persona", "list", "--dir", up.dir).stdout.splitlines()) == 2
        told = json.loads(recado("persona", "test", "--dir", up.dir, "--json", "+5511987654321").stdout)
        first = told["messages"][0]
        assert first["role"] == "system" and "Nunca diga que não consegue ouvir" in first["content"]
        assert [m["content"] for m in told["messages"] if m["role"] == "user"] == ["oi", "oi de novo", "Olá!"], told
        assert {t["name"] for t in told["tools"]} == {"search_knowledge", "save_contact", "handoff_human"}, told
        printed = recado("persona", "test", "--dir", up.dir).stdout
        assert re.search(r"^--- tools, \d+ bytes", printed, re.M) and '"handoff_human"' in printed, printed


def test_a_contact_is_shown_exported_and_forgotten():
    with Sandbox() as box, Up(env=box.env) as up:
        name = "Ana\x1b]0;x\x07\u009b\u202e\u2028\u2066Lima"
        up.text(f"trabalho como {WORD}", ProfileName=name)
        up.text("bom dia", From="whatsapp:+5511987650000", WaId="5511987650000")
        answered(up, 2)
        up.text(f"sou {WORD} e quero queijo", ProfileName=name)
        answered(up, 3)
        shown = recado("contact", "show", "--dir", up.dir, "+5511987654321")
        assert shown.returncode == 0 and "2 messages, 2 conversations" in shown.stdout, shown
        assert up.query("SELECT first_name FROM contact ORDER BY id")[0]["first_name"] == name
        assert "  Ana?]0;x?????Lima\n" in shown.stdout, shown.stdout  # a terminal would obey
        got = recado("contact", "export", "--dir", up.dir, "+5511987654321", up.dir / "export")
        assert got.returncode == 0, got
        everything = json.loads((up.dir / "export/contact.json").read_text())
        assert len(everything["conversations"]) == 2 and "bom dia" not in json.dumps(everything)
        assert len(list((up.dir / "export/spoken").iterdir())) == len(everything["spoken"]) > 0
        shutil.rmtree(up.dir / "export")
        assert words_in(up.dir, WORD)
        got = recado("contact", "forget", "--dir", up.dir, "+5511987654321")
        assert got.returncode == 0 and got.stdout == "forgotten\n", got
        assert not words_in(up.dir, WORD), words_in(up.dir, WORD)
        assert not words_in(up.dir, "87654321"), words_in(up.dir, "87654321")
        assert len(up.query("SELECT * FROM conversations")) == 1
        got = recado("contact", "show", "--dir", up.dir, "+5511987654321")
        assert got.returncode == 1 and "nobody has written from" in got.stderr, got


def test_words_leave_a_server_too():
    def read(path):
        try:
            return path.read_bytes()
        except FileNotFoundError:  # of another test's database, on the server that all share
            return b""

    def held(word):  # in the files of the server's tables; its log is another matter
        pg.query("CHECKPOINT")
        files = (Path(at) / name for at, _, names in os.walk(pg.folder / "data/base") for name in names)
        return [str(p) for p in files if word.encode() in read(p)]

    with Postgres() as pg, Sandbox() as box, Up(env=box.env, database=pg) as up:
        for i in range(5):
            up.text(f"sou {WORD}, pela vez {i}")
            answered(up, i + 1)
        up.text("bom dia, sou a leiloeira", From="whatsapp:+5511987650000", WaId="5511987650000")
        answered(up, 6)
        pg.query("ANALYZE")  # which keeps samples of the columns
        assert held(WORD) and held("leiloeira")
        got = recado("contact", "forget", "--dir", up.dir, "+5511987654321", env=up.settings)
        assert got.returncode == 0 and got.stdout == "forgotten\n" and not got.stderr, got
        assert held("leiloeira")
        assert not held(WORD), held(WORD)
        up.text("ainda estou aqui", From="whatsapp:+5511987650000", WaId="5511987650000")
        answered(up, 2)
        # somebody else's transaction sees what was there before: said, and the rows are gone all the same
        up.text(f"sou {WORD} de novo")
        answered(up, 3)
        other = pg.open_transaction()
        got = recado("contact", "forget", "--dir", up.dir, "+5511987654321", env=up.settings)
        other.kill()
        other.wait()
        assert got.returncode == 0 and "transactions in the database have not ended" in got.stderr, got
        assert len(up.query("SELECT * FROM conversations")) == 2


def test_a_restored_store_forgets_again():
    with Sandbox() as box:
        with Up(env=box.env) as up:
            up.text(f"sou {WORD}")
            answered(up, 1)
            up.stop()
            backup = {p: p.read_bytes() for p in up.dir.glob("recado.db*") if not p.name.endswith("-lock")}
            assert recado("contact", "forget", "--dir", up.dir, "+5511987654321").returncode == 0
            assert not words_in(up.dir, WORD)
            for path in up.dir.glob("recado.db-[ws]*"):
                path.unlink()
            for path, was in backup.items():
                path.write_bytes(was)
            assert words_in(up.dir, WORD)
            with Up(dir=up.dir, env=box.env) as again:
                again.wait_log("1 contacts of a restored store were forgotten again")
                assert not words_in(again.dir, WORD)
                assert not again.query("SELECT * FROM users")
