"""The same job with the store in PostgreSQL: connections that end, a server that restarts, two
machines on one database."""

import os
import signal
import subprocess
import threading
import time

from lib import Folder, Postgres, Sandbox, Up, message, processes, recado, wait_for

PASSWORD = "hunter2"


def sent(r):
    return r["op"] == "messages.create" and r["status"] == 201


def answered(box, up, count, timeout=40):
    """So many customers were answered, each once: one text and one voice."""
    up.wait_rows("SELECT * FROM conversations", count=count, timeout=timeout)
    wait_for(lambda: not up.query("SELECT 1 FROM job"), timeout, "every job to end")
    texts = [r["to"] for r in box.ledger() if sent(r) and r.get("body")]
    assert sorted(texts) == sorted(set(texts)), f"someone was answered twice: {texts}"
    assert len(texts) == count, (len(texts), count)


def customer(n):
    return {"From": f"whatsapp:+55119876{n:05}"}


def test_a_message_is_answered():
    with Postgres() as pg, Sandbox() as box, Up(env=box.env, database=pg) as up:
        up.text("qual \u00e9 o hor\u00e1rio de funcionamento?")
        answered(box, up, 1)
        assert not (up.dir / "recado.db").exists()
        # the views, as recado-history(5) shows them
        got = up.query("SELECT u.total_messages, c.message_type, c.user_message FROM users u"
                       " JOIN conversations c USING (phone_number)")
        assert got == [{"total_messages": 1, "message_type": "text",
                        "user_message": "qual \u00e9 o hor\u00e1rio de funcionamento?"}], got
        assert len(up.query("SELECT * FROM daily_stats")) == 1
        assert pg.query("SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                        " WHERE n.nspname = 'public'") == [["0"]], "something was put into public"
        stats = recado("stats", "--dir", up.dir, env=up.settings)
        assert stats.returncode == 0 and "1" in stats.stdout, stats


def test_the_password_is_shown_nowhere():
    with Postgres(own_server=True) as pg, Sandbox() as box, Up(env=box.env, database=pg) as up:
        up.text("oi")
        answered(box, up, 1)
        pg.query("ALTER ROLE recado NOLOGIN")
        pg.end_connections()
        up.post("/webhook/whatsapp", message(Body="oi"))
        said = [recado(*args, "--dir", up.dir, env=up.settings) for args in
                (["conf"], ["conf", "--json"], ["stats"], ["queue", "list"])]
        assert "recado@127.0.0.1" in said[0].stdout, said[0]
        assert said[2].returncode != 0 and "recado" in said[2].stderr, said[2]
        everything = [up.log(), up.output] + [s.stdout + s.stderr for s in said]
        everything += [cmd for _, cmd in processes().values()]
        assert not [t for t in everything if PASSWORD in t]
        pg.query("ALTER ROLE recado LOGIN")


def load(up, numbers, failed):
    for n in numbers:
        params = message(Body="quanto custa o frete?", **customer(n))
        for _ in range(100):  # as Twilio would, were it told to: the same message again
            if up.post("/webhook/whatsapp", params).status == 200:
                break
            time.sleep(0.1)
        else:
            failed.append(n)


def under_load(up, count, disturb, first=0):
    """Puts messages of `count` customers in four threads and calls disturb() meanwhile."""
    failed = []
    numbers = range(first, first + count)
    threads = [threading.Thread(target=load, args=(up, numbers[i::4], failed)) for i in range(4)]
    for t in threads:
        t.start()
    while any(t.is_alive() for t in threads):
        disturb()
        threads[0].join(0.15)
    for t in threads:
        t.join()
    assert not failed, failed


def test_connections_end_in_the_middle():
    with Postgres() as pg, Sandbox() as box, Up(env=box.env, database=pg) as up:
        ended = []
        under_load(up, 60, lambda: ended.append(pg.end_connections()))
        for _ in range(10):  # each time as soon as there is one again
            wait_for(lambda: ended.append(pg.end_connections()) or ended[-1] > 0, what="a connection to end")
        assert sum(ended) > 10, ended
        answered(box, up, 60, timeout=90)


def test_the_server_restarts():
    with Postgres(own_server=True) as pg, Sandbox() as box, Up(env=box.env, database=pg) as up:
        for n, mode in enumerate(("fast", "immediate")):
            restarts = [mode]
            under_load(up, 20, lambda: restarts and pg.restart(restarts.pop()), first=20 * n)
        answered(box, up, 40, timeout=90)
        assert up.roles().get("work"), "the work processes are gone"


def test_two_machines_on_one_database():
    with Postgres() as pg, Sandbox() as box, Up(env=box.env, database=pg) as one, \
            Up(env=box.env, database=pg) as two:
        for up in (one, two):
            up.wait_log("other machines can wake this one")
        # all work is left to the other machine
        for pid in one.roles()["work"]:
            os.kill(pid, signal.SIGSTOP)
        began = time.monotonic()
        one.text("qual \u00e9 o hor\u00e1rio?", **customer(99))
        two.wait_rows("SELECT * FROM conversations", timeout=10)
        took = time.monotonic() - began
        for pid in one.roles()["work"]:
            os.kill(pid, signal.SIGCONT)
        under_load(one, 20, lambda: None)
        answered(box, two, 21)
        assert took < 10


def test_what_the_url_says_of_tls_holds():
    """A database in the cloud: nothing goes there in the clear, and no other server is taken for it."""
    with Postgres(own_server=True) as pg, Folder() as other, Sandbox() as box:
        plain, root = pg.url, pg.encrypt()
        wait_for(lambda: pg.query("SHOW ssl") == [["on"]], what="TLS")
        pg.url = f"{plain}?sslmode=verify-full&sslrootcert={root}"
        with Up(env=box.env, database=pg) as up:
            up.text("qual é o horário?")
            answered(box, up, 1)
            assert pg.query("SELECT DISTINCT s.ssl FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)"
                            " WHERE a.application_name = 'recado'") == [["t"]]
            # it slept, and let go of all it had
            assert pg.end_connections() > 0
            up.text("e amanhã?", **customer(2))
            answered(box, up, 2)
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                            "-nodes", "-subj", "/CN=x", "-keyout", other / "key", "-out", other / "crt"], check=True,
                           capture_output=True)
            for query, status in (("?sslmode=require", 0), ("?sslmode=disable", 1),
                                  (f"?sslmode=verify-full&sslrootcert={other / 'crt'}", 1)):
                got = recado("stats", "--dir", up.dir, env={**up.settings, "DATABASE_URL": plain + query})
                assert got.returncode == status and PASSWORD not in got.stderr, (query, got)
