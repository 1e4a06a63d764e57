"""What every process test uses: the real programs, started on free ports in a folder of their
own, signed webhooks, the sandbox's ledger, the store. Nothing here sleeps blindly: every wait
has a condition and an end.

    def test_text():
        with Sandbox() as box, Up(env=box.env) as up:
            sid = up.text("qual o horário?")
            reply = box.seen(lambda r: r["op"] == "messages.create")
            ...
"""

import base64
import contextlib
import ctypes
import hashlib
import hmac
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("RECADO_BUILD", ROOT / "build" / os.environ.get("V", "release")))
# A sanitizer makes everything several times slower; the waits know it, the tests do not.
SLOW = float(os.environ.get("RECADO_SLOW", "1"))

ACCOUNT = "AC" + "0" * 32  # of messages and of the sandbox: webhooks of another are refused
TOKEN = "0123456789abcdef0123456789abcdef"  # unless a sandbox gives another
CUSTOMER = "whatsapp:+5511987654321"
BUSINESS = "whatsapp:+14155238886"

# Settings of the person who runs the tests must not leak into them.
_OURS = re.compile(r"^(AWS|OPENAI|ELEVENLABS|TWILIO|ASSISTANT|DATABASE|SESSION|PUBLIC|ADMIN|RECADO)_")


class Skip(Exception):
    """Raised by a test that cannot run on this machine; says why."""


class Timeout(AssertionError):
    """A condition that did not come true in time; says what was seen instead."""


def clean_env(extra=None):
    env = {k: v for k, v in os.environ.items() if not _OURS.match(k)}
    env.update(extra or {})
    return env


_reserved = []  # sockets whose names tell other tests which ports are ours until we end


def free_port():
    """One below those that the kernel gives to connections: nobody takes it by chance before us, and
    no other test chooses it while this process lives."""
    while True:
        port = random.randrange(15000, 30000)
        name = socket.socket(socket.AF_UNIX)
        with socket.socket() as s, contextlib.suppress(OSError):
            name.bind(f"\0recado-port-{port}")
            s.bind(("127.0.0.1", port))
            _reserved.append(name)
            return port
        name.close()


def wait_for(condition, timeout=10.0, what="a condition"):
    """The first true value of condition(), looked at every 5 ms."""
    end = time.monotonic() + timeout * SLOW
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise Timeout(f"waited {timeout * SLOW:.0f} s for {what}")
        time.sleep(0.005)


def alive(pid):
    """Is the process there, and not just a zombie that its parent has yet to collect?"""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def processes():
    """pid → (parent, command line) of everything that lives now."""
    out = {}
    for d in Path("/proc").iterdir():
        if not d.name.isdigit():
            continue
        try:
            stat = (d / "stat").read_text().rpartition(")")[2].split()
            cmd = (d / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if stat[0] != "Z":
            out[int(d.name)] = (int(stat[1]), cmd)
    return out


def descendants(pid):
    """pid → command line of every living process below pid."""
    all_ = processes()
    found, todo = {}, [pid]
    while todo:
        parent = todo.pop()
        for p, (pp, cmd) in all_.items():
            if pp == parent:
                found[p] = cmd
                todo.append(p)
    return found


def go_on(pid):
    """Lets a process that stands still go on; did it stand still?"""
    try:
        stands = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        if stands:
            os.kill(pid, signal.SIGCONT)
        return stands
    except OSError:
        return False


_libc = ctypes.CDLL(None)
_live = []  # every Program not yet stopped: the runner's last resort


def die_with_parent():
    _libc.prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG: a killed nginx would leave its workers


class Program:
    """A child whose output is read line by line on a thread, so that it can be waited for."""

    def __init__(self, argv, env=None, cwd=None, pass_fds=(), stdin=subprocess.DEVNULL):
        self.argv = [str(a) for a in argv]
        self._lines = []
        self._more = threading.Condition()
        self.proc = subprocess.Popen(
            self.argv, env=clean_env(env), cwd=cwd, stdin=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, preexec_fn=die_with_parent, pass_fds=pass_fds)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        _live.append(self)

    @property
    def pid(self):
        return self.proc.pid

    @property
    def output(self):
        with self._more:
            return "\n".join(self._lines)

    def _read(self):
        for raw in self.proc.stdout:
            with self._more:
                self._lines.append(raw.decode(errors="replace").rstrip("\n"))
                self._more.notify_all()
        with self._more:
            self._more.notify_all()

    def wait_line(self, pattern, timeout=20.0, after=0):
        """The first line from number `after` on in which pattern is found (a match object)."""
        end = time.monotonic() + timeout * SLOW
        at = after
        with self._more:
            while True:
                for line in self._lines[at:]:
                    at += 1
                    m = re.search(pattern, line)
                    if m:
                        return m
                left = end - time.monotonic()
                ended = not self._reader.is_alive()
                if left <= 0 or ended:
                    why = f"ended with {self.proc.poll()}" if ended else f"{timeout * SLOW:.0f} s"
                    raise Timeout(f"no line /{pattern}/ from {self.argv[:2]} ({why}):\n"
                                  + "\n".join(self._lines[-30:]))
                self._more.wait(min(left, 0.2))

    def lines(self):
        with self._more:
            return list(self._lines)

    def send(self, number):
        self.proc.send_signal(number)

    def wait(self, timeout=20.0):
        """The exit status, once it has ended and all of its output was read."""
        try:
            status = self.proc.wait(timeout * SLOW)
        except subprocess.TimeoutExpired:
            raise Timeout(f"{self.argv[:2]} still runs after {timeout * SLOW:.0f} s:\n"
                          + self.output) from None
        self._reader.join(5 * SLOW)
        if self in _live:
            _live.remove(self)
        return status

    def stop(self, number=signal.SIGTERM, timeout=20.0):
        if self.proc.poll() is None:
            self.send(number)
        return self.wait(timeout)

    def kill(self):
        if self.proc.poll() is None:
            self.proc.kill()
        self.proc.wait()
        if self in _live:
            _live.remove(self)

    def __enter__(self):
        return self

    def __exit__(self, kind, *rest):
        try:
            self.stop()
        except Timeout:
            self.kill()
            if kind is None:  # else there is a worse failure to tell of
                raise


def recado(*args, env=None, timeout=30, cwd=None):
    """Runs a command to its end: an object with returncode, stdout, stderr."""
    return subprocess.run([str(BUILD / "recado"), *map(str, args)], env=clean_env(env), cwd=cwd,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=timeout * SLOW)


class Folder:
    """A temporary folder that goes away, unless KEEP is set in the environment."""

    def __init__(self, prefix="recado-test-"):
        self.path = Path(tempfile.mkdtemp(prefix=prefix))

    def __enter__(self):
        return self.path

    def __exit__(self, *rest):
        if "KEEP" not in os.environ:
            shutil.rmtree(self.path, ignore_errors=True)


# --- the simulated providers ----------------------------------------------------------------


class Sandbox(Program):
    """`recado-sandbox`: .env holds the settings that point a Recado at it, .ledger() what it
    was asked so far, .url its origin."""

    def __init__(self, plan=None, port=None):
        self.folder = Folder("recado-box-")
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ledger_file = self.folder.path / "ledger.jsonl"
        argv = [BUILD / "recado-sandbox", "--port", self.port, "--ledger", self.ledger_file]
        if plan is not None:
            plan_file = self.folder.path / "plan"
            plan_file.write_text(plan)
            argv += ["--plan", plan_file]
        super().__init__(argv)
        try:
            self.wait_line(r"^ready http://")
        except Timeout:
            self.kill()
            raise
        self.env = dict(_exports(self.lines()))

    def ledger(self):
        try:
            text = self.ledger_file.read_text()
        except FileNotFoundError:
            return []
        # the last line may be half written at this moment
        return [json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")]

    def seen(self, condition, timeout=20.0, count=1, what="a request in the ledger"):
        """The first `count` ledger entries that fulfil the condition (one alone when count is
        1), once they are there."""
        found = []

        def enough():
            found[:] = [r for r in self.ledger() if condition(r)]
            return len(found) >= count
        wait_for(enough, timeout, what)
        return found[0] if count == 1 else found[:count]

    def __exit__(self, kind, *rest):
        super().__exit__(kind, *rest)
        self.folder.__exit__()


def _exports(lines):
    for line in lines:
        m = re.match(r"export ([A-Z0-9_]+)=(.*)$", line)
        if m:
            value = m.group(2)
            if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
                value = value[1:-1]
            yield m.group(1), value


# --- PostgreSQL -----------------------------------------------------------------------------


def in_memory(room=2 << 30):
    """A folder in memory with so much room, or None: what is tried there waits for no disk."""
    with contextlib.suppress(OSError):
        at = os.statvfs("/dev/shm")
        if at.f_bavail * at.f_frsize >= room and os.access("/dev/shm", os.W_OK):
            return "/dev/shm"
    return None


class Server:
    """A PostgreSQL server in a folder of its own. One that many tests share is not asked to survive
    a power cut, and does not wait for the disk."""

    def __init__(self, folder=None, port=None, shared=False):
        self.ours = folder is None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="recado-pg."))
        self.port = port or self._run("start", *["nosync"] * shared)

    def _run(self, what, *more):
        got = subprocess.run([ROOT / "tests" / "postgres", what, self.folder, *more], capture_output=True, text=True,
                             timeout=120 * SLOW)
        if got.returncode != 0:
            raise Skip(f"no PostgreSQL server: {got.stderr.strip()}")
        return got.stdout.strip()

    def new_database(self, name):
        for sql in (f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} OWNER recado"):
            self.query(sql, "postgres")
        return name

    def pooler(self):
        return self._run("pooler")

    def restart(self, mode):
        self._run("restart", mode)

    def stop(self):
        if self.ours:
            self._run("stop")

    def query(self, sql, database):
        """The rows as lists of strings, NULL as ''; RuntimeError with the server's words."""
        got = subprocess.run(["psql", "-AtqX", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1", "-h", self.folder,
                              "-p", self.port, "-U", "postgres", "-d", database, "-c", sql], capture_output=True,
                             text=True, timeout=60 * SLOW)
        if got.returncode != 0:
            raise RuntimeError(got.stderr)
        text = got.stdout[:-1] if got.stdout.endswith("\n") else got.stdout
        return [line.split("\x1f") for line in text.split("\x1e")] if text else []


@contextlib.contextmanager
def server():
    """The server that all tests of a run share: the one that RECADO_POSTGRES ("folder port") tells of
    already, else one that ends with this."""
    told = os.environ.get("RECADO_POSTGRES")
    at = Server(*told.split()) if told else Server(shared=True)
    try:
        yield at
    finally:
        at.stop()


class Postgres:
    """A database of the test's own: .url, .query() as its superuser. It is in the shared server when
    there is one, unless the test does something to the whole server."""

    def __init__(self, own_server=False):
        shared = None if own_server else os.environ.get("RECADO_POSTGRES")
        self.server = Server(*shared.split()) if shared else Server()
        self.folder, self.port = self.server.folder, self.server.port
        self.name = self.server.new_database(f"t{os.getpid()}_{os.urandom(2).hex()}") if shared else "recado"
        self.url = f"postgresql://recado:hunter2@127.0.0.1:{self.port}/{self.name}"

    def query(self, sql):
        return self.server.query(sql, self.name)

    def rows(self, sql, *args):
        """What query() of a SQLite file gives: rows as dicts, names found in our schema."""
        for a in args:
            sql = sql.replace("?", str(a) if isinstance(a, int) else "'" + str(a).replace("'", "''") + "'", 1)
        got = self.query(f"SET search_path = recado; SELECT row_to_json(q) FROM ({sql}) AS q")
        return [json.loads(r[0]) for r in got]

    def end_connections(self):
        """Ends every connection of ours in the middle of whatever it does; how many there were."""
        return len(self.query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                              " WHERE application_name = 'recado' AND datname = current_database()"))

    def open_transaction(self):
        """A client that has a snapshot, until it is killed."""
        p = subprocess.Popen(["psql", "-AtqX", "-h", self.folder, "-p", self.port, "-U", "recado", "-d", self.name],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        p.stdin.write("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1;\n")
        p.stdin.flush()
        assert p.stdout.readline() == "1\n"
        return p

    def encrypt(self):
        """From now on nobody comes in without TLS; the certificate that vouches for the server."""
        data, root = self.folder / "data", self.folder / "root.crt"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", data / "server.key", "-out", root], check=True, capture_output=True)
        shutil.copy(root, data / "server.crt")
        (data / "server.key").chmod(0o600)
        for name in ("server.key", "server.crt"):
            shutil.chown(data / name, data.owner(), data.group())
        hba = data / "pg_hba.conf"
        hba.write_text(re.sub(r"^host\b", "hostssl", hba.read_text(), flags=re.M))
        self.query("ALTER SYSTEM SET ssl = on")
        self.query("SELECT pg_reload_conf()")
        return root

    def restart(self, mode="fast"):
        self.server.restart(mode)

    def __enter__(self):
        return self

    def __exit__(self, *rest):
        if not self.server.ours:
            self.server.query(f"DROP DATABASE {self.name} WITH (FORCE)", "postgres")
        self.server.stop()


# --- one Recado ---------------------------------------------------------------------------------


# A test that does not look at the quiet window or at what is unknown need not wait for it.
QUICK = """
turn: { window_ms = 0; window_unfinished_ms = 0; window_audio_ms = 0; reconcile_ms = 1500; };
"""


class Up(Program):
    """`recado up` in a folder of its own (or the one given), ready to be asked."""

    def __init__(self, dir=None, port=None, env=None, conf_text=None, ready=True, args=(), database=None, build=BUILD):
        self.folder = None if dir else Folder()
        self.dir = Path(dir) if dir else self.folder.path
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.settings = dict(env or {})
        self.settings.setdefault("TWILIO_AUTH_TOKEN", TOKEN)
        self.database = database  # a Postgres, or None for the file in the folder
        if database is not None:
            self.settings["DATABASE_URL"] = database.url
        self.public_url = self.settings.get("PUBLIC_URL", self.url)
        if conf_text is None and dir is None:
            conf_text = ""
        if conf_text is not None:
            (self.dir / "recado.conf").write_text(conf_text if "turn:" in conf_text else conf_text + QUICK)
        super().__init__([build / "recado", "up", "--dir", self.dir, "--port", self.port, *args],
                         env=self.settings)
        if ready:
            try:
                self.wait_line(rf"^ready {re.escape(self.url)}$", timeout=30)
            except Timeout:
                self.kill()
                raise

    # -- asking

    def post(self, path, params, **more):
        return post(self.url, path, params, public_url=self.public_url,
                    token=self.settings["TWILIO_AUTH_TOKEN"], **more)

    def get(self, path, headers=None):
        return request(self.url, "GET", path, headers=headers)

    def ask(self, path, headers=None):
        """A POST without a body, as for what costs money."""
        return request(self.url, "POST", path, b"", headers)

    def text(self, body, sid=None, path="/webhook/whatsapp", **more):
        """Sends one signed WhatsApp text, checks that it was taken, gives its MessageSid."""
        return self._message(path, {"Body": body, "NumMedia": "0", **more}, sid)

    def note(self, media_url, sid=None, path="/webhook/whatsapp", type="audio/ogg", **more):
        """Sends one signed voice note whose bytes lie at media_url."""
        return self._message(path, {"Body": "", "NumMedia": "1", "MediaUrl0": media_url,
                                    "MediaContentType0": type, "MessageType": "audio", **more}, sid)

    def _message(self, path, fields, sid):
        params = message(sid=sid, **fields)
        got = self.post(path, params)
        assert got.status == 200, f"{path} answered {got.status}: {got.body[:200]!r}"
        return params["MessageSid"]

    # -- looking

    def query(self, sql, *args):
        if self.database is not None:
            return self.database.rows(sql, *args)
        return query(self.dir / "recado.db", sql, *args)

    def wait_rows(self, sql, *args, count=1, timeout=20.0):
        """The rows of a query, once there are at least `count`."""
        rows = []

        def enough():
            rows[:] = self.query(sql, *args)
            return len(rows) >= count
        wait_for(enough, timeout, f"{count} rows of {sql}")
        return rows

    def log(self, name="recadod.log"):
        try:
            return (self.dir / "log" / name).read_text(errors="replace")
        except FileNotFoundError:
            return ""

    def wait_log(self, pattern, timeout=20.0, name="recadod.log"):
        return wait_for(lambda: re.search(pattern, self.log(name), re.M), timeout,
                        f"/{pattern}/ in {name}:\n{self.log(name)[-2000:]}")

    def roles(self):
        """role → pids, of every process below: recadod's children name themselves."""
        out = {}
        for pid, cmd in descendants(self.pid).items():
            out.setdefault(role_of(cmd), []).append(pid)
        return out

    def master(self):
        """The recadod that `up` itself started."""
        for pid, (parent, cmd) in processes().items():
            if parent == self.pid and "recadod" in cmd:
                return pid
        return None

    def __exit__(self, kind, *rest):
        if kind is not None and issubclass(kind, Exception):
            print(f"--- {self.dir}: terminal\n{self.output}\n--- recadod.log\n{self.log()[-6000:]}"
                  f"\n--- nginx.log\n{self.log('nginx.log')[-2000:]}")
        super().__exit__(kind, *rest)
        if self.folder:
            self.folder.__exit__()


def role_of(cmd):
    for role in ("nginx: master", "nginx: worker", "web", "work", "live"):
        if re.search(rf"\b{role}\b", cmd):
            return role
    return "master" if "recadod" in cmd else cmd.split(" ")[0]


# --- webhooks -------------------------------------------------------------------------------------


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def text(self):
        return self.body.decode()

    def json(self):
        return json.loads(self.body)


def request(url, method, path, body=None, headers=None, timeout=20.0):
    """One request on a connection of its own."""
    u = urllib.parse.urlsplit(url)
    c = http.client.HTTPConnection(u.hostname, u.port, timeout=timeout * SLOW)
    try:
        c.request(method, path, body=body, headers=headers or {})
        r = c.getresponse()
        return Answer(r.status, r.headers, r.read())
    finally:
        c.close()


def signature(url, params, token):
    """X-Twilio-Signature of a form: the URL, then every name and value in the order of names."""
    text = url
    for name in sorted(params):
        values = params[name] if isinstance(params[name], (list, tuple)) else [params[name]]
        for value in sorted(set(values)):
            text += name + value
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def message(sid=None, sender=CUSTOMER, to=BUSINESS, name="Maria", **fields):
    """The parameters of an inbound WhatsApp message; fields override and add."""
    sid = sid or "SM" + os.urandom(16).hex()
    params = {
        "MessageSid": sid, "SmsMessageSid": sid, "SmsSid": sid, "SmsStatus": "received",
        "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "NumSegments": "1",
        "From": sender, "To": to, "ProfileName": name,
        "WaId": sender.rpartition("+")[2], "MessageType": "text", "ReferralNumMedia": "0",
    }
    params.update(fields)
    return params


def post(url, path, params, sign=True, token=TOKEN, public_url=None, headers=None, timeout=20.0):
    """Posts a form; signed over the public URL unless sign is False (or is a signature)."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    if isinstance(sign, str):
        headers["X-Twilio-Signature"] = sign
    elif sign:
        headers["X-Twilio-Signature"] = signature((public_url or url) + path, params, token)
    body = urllib.parse.urlencode(params, doseq=True).encode()
    return request(url, "POST", path, body, headers, timeout)


# --- the store ------------------------------------------------------------------------------------


def query(db, sql, *args):
    """Rows as dicts, over a read-only connection, as `sqlite3 -readonly` would see them."""
    c = sqlite3.connect(f"file:{urllib.parse.quote(str(db))}?mode=ro", uri=True, timeout=10)
    try:
        c.row_factory = sqlite3.Row
        return [dict(r) for r in c.execute(sql, args)]
    finally:
        c.close()


def put_away():
    """What the runner calls after each test: kills what the test left, and says what it was."""
    left = [" ".join(p.argv[:3]) for p in _live if p.proc.poll() is None]
    for p in list(_live):
        p.kill()
    return left
