"""The webhook that Recado is compared with: Flask, a signature check, the user's message and
the reply into SQLite, the reply as TwiML. No model is called; the answer is a constant.

    gunicorn -k gthread -w 2 --threads 8 -b unix:SOCKET flask_app:app
"""

import base64
import hashlib
import hmac
import os
import sqlite3
import threading
from datetime import datetime
from xml.sax.saxutils import escape

from flask import Flask, Response, request

TOKEN = os.environ["TWILIO_AUTH_TOKEN"].encode()
URL = os.environ["BENCH_URL"]  # origin, as Twilio knows it
DB = os.environ["BENCH_DB"]
ANSWER = "Oi! Abrimos de segunda a sexta das 9h às 18h e aos sábados das 9h às 13h."

app = Flask(__name__)
_local = threading.local()


def db():
    """A connection of the thread's own; WAL is kinder to it than what it would have by default,
    synchronous is the default: FULL."""
    if not hasattr(_local, "db"):
        _local.db = sqlite3.connect(DB, timeout=10)
        _local.db.execute("PRAGMA journal_mode=WAL")
    return _local.db


with sqlite3.connect(DB, timeout=10) as first:
    first.execute("PRAGMA journal_mode=WAL")
    first.executescript("""
        CREATE TABLE IF NOT EXISTS users(
            id INTEGER PRIMARY KEY, phone_number VARCHAR(20) NOT NULL UNIQUE,
            first_name VARCHAR(50),
            first_message_date DATETIME, last_message_date DATETIME,
            total_messages INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE IF NOT EXISTS conversations(
            id INTEGER PRIMARY KEY, phone_number VARCHAR(20) NOT NULL, user_message TEXT NOT NULL,
            bot_response TEXT NOT NULL, message_type VARCHAR(10), transcribed_text TEXT,
            thread_id VARCHAR(100), timestamp DATETIME);
        CREATE INDEX IF NOT EXISTS conversations_phone ON conversations(phone_number);
    """)


def genuine():
    text = URL + request.path
    for name in sorted(request.form):
        for value in sorted(set(request.form.getlist(name))):
            text += name + value
    mac = base64.b64encode(hmac.new(TOKEN, text.encode(), hashlib.sha1).digest()).decode()
    return hmac.compare_digest(mac, request.headers.get("X-Twilio-Signature", ""))


def see_user(number, name):
    """A row for whoever writes for the first time; everybody else costs a read."""
    if db().execute("SELECT 1 FROM users WHERE phone_number = ?", (number,)).fetchone():
        return
    now = datetime.utcnow()
    with db() as c:
        c.execute("INSERT INTO users(phone_number, first_name, first_message_date,"
                  " last_message_date) VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING",
                  (number, name, now, now))


def save(number, message, answer, kind):
    now = datetime.utcnow()
    with db() as c:
        c.execute("INSERT INTO conversations(phone_number, user_message, bot_response,"
                  " message_type, timestamp) VALUES(?, ?, ?, ?, ?)",
                  (number, message, answer, kind, now))


@app.post("/webhook/whatsapp")
def webhook():
    if not genuine():
        return "forbidden", 403
    number = request.form.get("From", "").replace("whatsapp:", "")
    see_user(number, request.form.get("ProfileName", ""))
    save(number, request.form.get("Body", ""), ANSWER,
         "audio" if request.form.get("MediaUrl0") else "text")
    return Response(f"<Response><Message><Body>{escape(ANSWER)}</Body></Message></Response>",
                    mimetype="text/xml")
