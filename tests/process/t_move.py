"""Other systems' histories, and a store that moves."""

import json
import signal
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
        assert [tuple(r) for r in old] == [tuple(r) for r in seed_rows(file)]
        live = up.query("SELECT count(*) n FROM conversations WHERE user_message LIKE 'oi%'")[0]["n"]
        stats = request(up.url, "GET", "/stats").json()
        assert (stats["total_users"], stats["total_conversations"], stats["audio_conversations"]) == \
            (10, 500 + live, 100), stats
        days = up.query("SELECT sum(conversations) c, sum(audio) a FROM daily_stats")[0]
        assert (days["c"], days["a"]) == (500 + live, 100), tuple(days)
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
