"""Other systems' histories, and a store that moves."""

import hashlib
import json
import sqlite3

from lib import *

USERS = """CREATE TABLE users(id INTEGER NOT NULL PRIMARY KEY, phone_number VARCHAR(20) NOT NULL UNIQUE,
    first_name VARCHAR(50), last_name VARCHAR(50), is_active BOOLEAN, first_message_date DATETIME,
    last_message_date DATETIME, total_messages INTEGER NOT NULL)"""
CONVERSATIONS = """CREATE TABLE conversations(id INTEGER NOT NULL PRIMARY KEY, phone_number VARCHAR(20) NOT NULL,
    user_message TEXT NOT NULL, bot_response TEXT NOT NULL, message_type VARCHAR(10), transcribed_text TEXT,
    thread_id VARCHAR(100), timestamp DATETIME)"""


def bot(path, rows=500):
    """A history of `rows` conversations of ten people, one in five by voice."""
    db = sqlite3.connect(path)
    db.execute(USERS)
    db.execute(CONVERSATIONS)
    for i in range(10):
        db.execute("INSERT INTO users VALUES(?, ?, ?, NULL, 1, '2025-07-01 00:00:00', '2025-07-01 00:00:00', 0)",
                   (i + 1, f"+55119876543{i:02d}", f"Nome{i}"))
    for i in range(rows):
        audio = i % 5 == 0
        db.execute("INSERT INTO conversations VALUES(?, ?, ?, ?, ?, ?, NULL, datetime(1751364000 + ?, 'unixepoch'))",
                   (i + 1, f"+55119876543{i % 10:02d}", f"pergunta {i}", f"resposta {i}",
                    "audio" if audio else "text", f"pergunta {i}" if audio else None, i * 600))
    db.commit()
    db.close()
    return path


def seed_rows(path):
    return query(path, "SELECT phone_number, user_message, bot_response, message_type, transcribed_text, thread_id,"
                       " timestamp FROM conversations ORDER BY timestamp, id")


def test_import_while_the_daemon_runs():
    with Sandbox() as box, Up(env=box.env) as up:
        file = bot(up.dir / "bot.db")
        before = file.read_bytes()
        got = recado("import-history", "--dir", up.dir, "--json", "--dry-run", file)
        assert got.returncode == 0, got.stderr
        assert json.loads(got.stdout)["conversations"]["added"] == 500 and not up.query("SELECT * FROM users")
        for again in (False, True):
            for i in range(3):  # customers write meanwhile
                up.text(f"oi {again} {i}", From="whatsapp:+5511987654300")
            got = recado("import-history", "--dir", up.dir, "--json", file)
            assert got.returncode == 0 and not got.stderr, got.stderr
            count = json.loads(got.stdout)
            assert count["users"]["read"] == 10 and count["conversations"]["bad"] == 0, count
            assert count["conversations"]["known" if again else "added"] == 500, count
        up.wait_rows("SELECT * FROM conversations WHERE user_message LIKE '%oi True 2%'")
        wait_for(lambda: not up.query("SELECT 1 FROM job"), what="every job to end")
        old = [r for r in seed_rows(up.dir / "recado.db") if r["user_message"].startswith("pergunta")]
        assert old == seed_rows(file)
        live = up.query("SELECT count(*) n FROM conversations WHERE user_message LIKE 'oi%'")[0]["n"]
        stats = request(up.url, "GET", "/stats").json()
        assert (stats["total_users"], stats["total_conversations"], stats["audio_conversations"]) == \
            (10, 500 + live, 100), stats
        days = up.query("SELECT sum(conversations) c, sum(audio) a FROM daily_stats")[0]
        assert (days["c"], days["a"]) == (500 + live, 100), days
        assert up.query("SELECT total_messages n FROM users WHERE phone_number = '+5511987654300'")[0]["n"] == 56
        assert file.read_bytes() == before


def test_import_says_what_it_skipped():
    with Sandbox() as box, Up(env=box.env) as up:
        file = bot(up.dir / "bot.db", rows=3)
        db = sqlite3.connect(file)
        db.execute("UPDATE conversations SET timestamp = 'ontem' WHERE id = 2")
        db.commit()
        db.close()
        got = recado("import-history", "--dir", up.dir, file)
        assert got.returncode == 1, got
        assert "conversations, row 2: a time is not written as" in got.stderr and "ontem" not in got.stderr
        assert "conversations  3 read, 2 added, 0 known already, 1 bad" in got.stdout, got.stdout
        for url, why in ((up.dir / "none.db", "No such file"), (up.dir / "recado.db", "a store of Recado itself"),
                         ("mysql://x/y", "database URL")):
            got = recado("import-history", "--dir", up.dir, url)
            assert got.returncode == 1 and why in got.stderr, got
        assert not (up.dir / "none.db").exists()
        assert recado("import-history", "--dir", up.dir).returncode == 2


# --- from PostgreSQL ---------------------------------------------------------------------------

SEED = """CREATE TABLE public.users(id SERIAL PRIMARY KEY, phone_number VARCHAR(20) UNIQUE NOT NULL,
    first_name VARCHAR(50), last_name VARCHAR(50), is_active BOOLEAN DEFAULT TRUE,
    first_message_date TIMESTAMP DEFAULT CURRENT_TIMESTAMP, last_message_date TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    total_messages INTEGER DEFAULT 0);
CREATE TABLE public.conversations(id SERIAL PRIMARY KEY, phone_number VARCHAR(20) NOT NULL, user_message TEXT NOT NULL,
    bot_response TEXT NOT NULL, message_type VARCHAR(10) DEFAULT 'text', transcribed_text TEXT,
    thread_id VARCHAR(100), timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
INSERT INTO users(phone_number, first_name, is_active, first_message_date, last_message_date, total_messages)
    VALUES('+5511987654321', 'Ana', TRUE, '2025-07-01 10:00:00.5', '2025-07-02 10:00:00', 700),
    ('5511987650000', NULL, FALSE, '2025-07-01 10:00:00', NULL, 0);
INSERT INTO conversations(phone_number, user_message, bot_response, message_type, transcribed_text, timestamp)
    SELECT '+5511987654321', 'pergunta ' || i, 'resposta é ' || i, CASE WHEN i % 5 = 0 THEN 'audio' ELSE 'text' END,
    CASE WHEN i % 5 = 0 THEN 'voz ' || i END, TIMESTAMP '2025-07-01 10:00:00' + i * INTERVAL '10 min'
    FROM generate_series(1, 450) i;
ALTER DATABASE {name} SET datestyle = 'German, DMY';
ALTER DATABASE {name} SET timezone = 'America/Sao_Paulo';
GRANT SELECT ON ALL TABLES IN SCHEMA public TO recado"""


def test_import_from_a_foreign_postgres():
    with Postgres() as pg, Up() as up:
        pg.query(SEED.format(name=pg.name))
        touched = "SELECT sum(n_tup_ins), sum(n_tup_upd), sum(n_tup_del) FROM pg_stat_user_tables"
        before = pg.query(touched)
        for known in (0, 450):
            got = recado("import-history", "--dir", up.dir, "--json", pg.url)
            assert got.returncode == 0, got
            count = json.loads(got.stdout)["conversations"]
            assert (count["known"], count["added"], count["bad"]) == (known, 450 - known, 0), count
        assert seed_rows(up.dir / "recado.db")[4]["transcribed_text"] == "voz 5"
        assert seed_rows(up.dir / "recado.db")[449]["timestamp"] == "2025-07-04 13:00:00"
        rows = [tuple(r.values()) for r in up.query("SELECT phone_number, first_name, is_active, first_message_date,"
                                           " last_message_date, total_messages FROM users ORDER BY 1")]
        assert rows == [("+5511987650000", None, 0, "2025-07-01 10:00:00", "2025-07-01 10:00:00", 0),
                        ("+5511987654321", "Ana", 1, "2025-07-01 10:00:00", "2025-07-04 13:00:00", 700)], rows
        assert pg.query(touched) == before
        assert pg.query("SELECT count(*) FROM pg_namespace WHERE nspname = 'recado'") == [["0"]]


# --- to PostgreSQL -----------------------------------------------------------------------------


def test_the_whole_store_moves():
    with Postgres() as pg, Sandbox() as box, Folder() as folder:
        pg.query("CREATE TABLE public.users(id int); INSERT INTO public.users VALUES(7)")
        with Up(dir=folder, env=box.env) as up:
            for i in range(3):
                up.text(f"pergunta {i}", From=f"whatsapp:+551198765430{i}")
            up.wait_rows("SELECT * FROM conversations", count=3)
            wait_for(lambda: not up.query("SELECT 1 FROM job"), what="every job to end")
            got = recado("migrate-to", "--dir", folder, pg.url, env=box.env)
            assert got.returncode == 1 and "a recadod works on this state; stop it first" in got.stderr, got
        assert recado("import-history", "--dir", folder, bot(folder / "bot.db"), env=box.env).returncode == 0
        before = hashlib.sha256((folder / "recado.db").read_bytes()).digest()
        rows = [tuple(map(str, r.values())) for r in query(folder / "recado.db", "SELECT id, phone_number, user_message,"
                                                  " bot_response, timestamp FROM conversations ORDER BY id")]
        got = recado("migrate-to", "--dir", folder, "--json", pg.url, env=box.env)
        assert got.returncode == 0, got
        told = json.loads(got.stdout)
        assert told["moved"] and all(t["same"] and t["sha256"] == t["sha256_copied"] for t in told["tables"]), told
        assert {t["table"]: t["copied"] for t in told["tables"]}["turn"] == 503
        assert "hunter2" not in got.stdout + got.stderr
        assert hashlib.sha256((folder / "recado.db").read_bytes()).digest() == before
        there = [tuple(r) for r in pg.query("SELECT id, phone_number, user_message, bot_response, timestamp FROM"
                                            " recado.conversations ORDER BY id")]
        assert there == rows, [pair for pair in zip(there, rows) if pair[0] != pair[1]][:3]
        assert pg.query("SELECT id FROM public.users") == [["7"]]
        got = recado("migrate-to", "--dir", folder, pg.url, env=box.env)
        assert got.returncode == 1 and "the target is not empty" in got.stderr, got
        # and it works on over there, with the same history
        with Up(dir=folder, env={**box.env, "DATABASE_URL": pg.url}) as up:
            up.text("depois da mudança", From="whatsapp:+5511987654300")
            wait_for(lambda: pg.query("SELECT 1 FROM recado.conversations WHERE user_message = 'depois da mudança'"),
                     what="a turn in PostgreSQL")
            stats = request(up.url, "GET", "/stats").json()
            assert (stats["total_users"], stats["total_conversations"]) == (10, 504), stats
            got = recado("migrate-to", "--dir", folder, "other.db", env={**box.env, "DATABASE_URL": pg.url})
            assert got.returncode == 1 and "only a store that is a SQLite file" in got.stderr, got


def test_a_move_that_cannot_be():
    with Sandbox() as box, Up(env=box.env) as up:
        up.text("oi")
        up.wait_rows("SELECT * FROM conversations")
        up.stop()
        for url, why in ((f"postgresql://recado:hunter2@127.0.0.1:{free_port()}/recado", "PostgreSQL"),
                         ("mysql://x/y", "database URL"), (up.dir / "no" / "such.db", "such")):
            got = recado("migrate-to", "--dir", up.dir, url)
            assert got.returncode == 1 and why in got.stderr and "hunter2" not in got.stderr, got
        assert recado("migrate-to", "--dir", up.dir).returncode == 2
        got = recado("migrate-to", "--dir", up.dir, up.dir / "copy.db")
        assert got.returncode == 0 and "\nturn                      1            1  " in got.stdout, got.stdout
        assert "Now set DATABASE_URL" in got.stdout
