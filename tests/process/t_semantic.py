"""Search by meaning: embeddings made in the background, one index for all processes of a machine."""

import signal
import subprocess
from pathlib import Path

from lib import Sandbox, Up, descendants, wait_for

CONF = 'voice: { when = "never"; };\nturn: { window_ms = 0; };\nwork: { processes = 2; };\n'
COUNT = ("SELECT count(*) FROM passage p JOIN embedding e ON e.passage_id = p.id"
         " WHERE e.model = ? AND e.dimensions = ?")


def one(up, sql, *args):
    return tuple(up.query(sql, *args)[0].values())[0]


def index_of(up):
    return up.dir / "knowledge-1.vec"


def model_of(up):
    """Of the index file that is there now."""
    path = index_of(up)
    return path.read_bytes()[28:92].split(b"\0")[0].decode() if path.exists() else None


def embedded(up, model, dimensions):
    wait_for(lambda: one(up, COUNT, model, dimensions) == one(up, "SELECT count(*) FROM passage") > 0
             and model_of(up) == model, 40, f"an index by {model}")


def mapped(up):
    """inode → how many processes have the index mapped."""
    seen = {}
    for pid in descendants(up.pid):
        try:
            lines = Path(f"/proc/{pid}/maps").read_text().splitlines()
        except (FileNotFoundError, ProcessLookupError):
            continue
        for inode in {line.split()[4] for line in lines if line.endswith("/knowledge-1.vec")}:
            seen[inode] = seen.get(inode, 0) + 1
    return seen


def questions(box):
    return [r for r in box.ledger() if r["op"] == "embeddings" and r.get("inputs") == 1]


def test_passages_are_embedded_and_questions_find_them_by_meaning():
    with Sandbox() as box, Up(env=box.env, conf_text=CONF) as up:
        embedded(up, "text-embedding-3-small", 1536)
        up.text("quanto custa o frete para a capital?")
        box.seen(lambda r: r["op"] == "messages.create" and r["status"] == 201)
        assert questions(box), "the question was not embedded"
        # a greeting asks nothing
        asked = len(questions(box))
        up.text("oi, bom dia!")
        box.seen(lambda r: r["op"] == "messages.create" and r["status"] == 201, count=2)
        assert len(questions(box)) == asked
        maps = mapped(up)
        assert len(maps) == 1, maps
        assert list(maps) == [str(index_of(up).stat().st_ino)], maps


def test_a_plain_sqlite3_opens_every_table():
    with Sandbox() as box, Up(env=box.env, conf_text=CONF) as up:
        embedded(up, "text-embedding-3-small", 1536)
        up.text("quanto custa o frete?")
        up.wait_rows("SELECT * FROM conversations")
        names = [r["name"] for r in up.query("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")]
        assert {"passage_fts", "embedding", "fact", "tool_call", "users"} <= set(names), names
        script = "".join(f'SELECT count(*) FROM (SELECT * FROM "{n}" LIMIT 5);\n' for n in names)
        script += "SELECT count(*) > 0 FROM passage_fts WHERE passage_fts MATCH 'fret';\n"
        out = subprocess.run(["sqlite3", "-readonly", "-bail", str(up.dir / "recado.db")], input=script,
                             capture_output=True, text=True)
        assert out.returncode == 0 and not out.stderr and len(out.stdout.split()) == len(names) + 1, out
        assert out.stdout.split()[-1] == "1", out


def test_a_new_model_takes_over_without_a_restart():
    with Sandbox() as box, Up(env=box.env, conf_text=CONF) as up:
        embedded(up, "text-embedding-3-small", 1536)
        conf = up.dir / "recado.conf"
        conf.write_text(conf.read_text() + 'openai: { embedding_model = "text-embedding-3-large";'
                        " embedding_dimensions = 256; };\n")
        up.send(signal.SIGHUP)
        embedded(up, "text-embedding-3-large", 256)
        # what the old one made is kept for a while, for who changes back
        assert one(up, COUNT, "text-embedding-3-small", 1536) > 0
        up.text("quanto custa o frete?")
        box.seen(lambda r: r["op"] == "messages.create" and r["status"] == 201)


def test_without_embeddings_words_alone_answer():
    with Sandbox(plan="embeddings status=500\n") as box, Up(env=box.env, conf_text=CONF) as up:
        up.text("quanto custa o frete?")
        box.seen(lambda r: r["op"] == "messages.create" and r["status"] == 201)
        (trace,) = [r["trace"] for r in up.wait_rows("SELECT trace FROM turn_trace WHERE trace IS NOT NULL")]
        assert '"passages":' in trace and '"passages":0' not in trace.replace(" ", ""), trace
        assert not index_of(up).exists() or one(up, "SELECT count(*) FROM embedding") == 0
