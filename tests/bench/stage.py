"""What the bench stands on: every side of a comparison is a daemon behind an nginx of its own,
all with the same configuration, and what it costs is read from /proc.

Nothing here leaves loopback, and every program started is ended by its pid."""

import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "process"))
import lib  # noqa: E402

BIN = lib.BUILD / "tests" / "bench"
TICK = os.sysconf("SC_CLK_TCK")

NGINX = """{user}daemon off;
worker_processes 2;
pid nginx.pid;
error_log nginx.log warn;
events {{
	worker_connections 2048;
}}
http {{
	access_log off;
	keepalive_requests 1000000;
	client_body_temp_path body;
	fastcgi_temp_path fastcgi;
	proxy_temp_path proxy;
	scgi_temp_path scgi;
	uwsgi_temp_path uwsgi;
	limit_req_zone $binary_remote_addr zone=recado:1m rate=100r/s;
	limit_req_zone $binary_remote_addr zone=recado_audio:1m rate=200r/s;
	limit_conn_zone $binary_remote_addr zone=recado_conn:1m;
	upstream recado {{
		server unix:{socket} max_fails=0;
		server unix:{socket} max_fails=0;
		{keepalive}
	}}
	server {{
		listen 127.0.0.1:{port} backlog=1024;
		set $recado_audio "{folder}/static/audio";
		{rules}
	}}
}}
"""
# the peer that speaks HTTP gets kept connections, which is the best nginx can do for it
PROXY = """location / {
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $http_host;
			proxy_pass http://recado;
		}"""


def tree(pid):
    return [pid, *lib.descendants(pid)]


def cpu_s(pids):
    """User and system time of the processes so far, all threads."""
    ticks = 0
    for pid in pids:
        try:
            f = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += int(f[11]) + int(f[12])
    return ticks / TICK


def pss_mb(pids):
    kb = 0
    for pid in pids:
        try:
            for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kb += int(line.split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return kb / 1024


class Sampler:
    """The largest value of a function, looked at again and again while the block runs."""

    def __init__(self, value, every=0.02):
        self.value, self.every, self.most = value, every, 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        while not self._end.wait(self.every):
            self.most = max(self.most, self.value())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()
        self.most = max(self.most, self.value())


def size(path):
    try:
        return os.stat(path).st_size
    except FileNotFoundError:
        return 0


class Side:
    """A daemon and its nginx. `start` gets the side (folder, socket, url) and returns the
    daemon's argv and environment."""

    def __init__(self, name, start, http=False, env=None):
        self.name = name
        self.keeper = lib.Folder("recado-bench-")
        self.folder = self.keeper.path
        self.socket = self.folder / "s.sock"
        self.port = lib.free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.programs = []
        self.token = (env or {}).get("TWILIO_AUTH_TOKEN", lib.TOKEN)
        (self.folder / "static" / "audio").mkdir(parents=True)
        argv, own = start(self)
        try:
            self.daemon = self._run(argv, {"TWILIO_AUTH_TOKEN": self.token, **own, **(env or {})})
            self._wait(self.socket.exists, "its socket")
            self.nginx = self._run(["nginx", "-p", self.folder, "-e", "nginx.log",
                                    "-c", self._conf(http)], {})
            self._wait(self._answers, "an answer through nginx")
        except BaseException:
            self.stop()
            raise

    def _run(self, argv, env):
        p = lib.Program(argv, env=env, cwd=self.folder)
        self.programs.append(p)
        return p

    def _wait(self, condition, what):
        def there():
            for p in self.programs:
                if p.proc.poll() is not None:
                    raise lib.Timeout(f"{self.name}: {p.argv[0]} ended:\n{p.output[-2000:]}")
            return condition()
        lib.wait_for(there, 30, f"{what} ({self.name})")

    def _conf(self, http):
        rules = PROXY
        if not http:
            shutil.copy(lib.ROOT / "nginx" / "recado-locations.conf", self.folder)
            rules = "include recado-locations.conf;"
        path = self.folder / "nginx.conf"
        path.write_text(NGINX.format(
            user="user root;\n" if os.geteuid() == 0 else "", socket=self.socket, port=self.port,
            folder=self.folder, rules=rules, keepalive="keepalive 64;" if http else ""))
        return path

    def _answers(self):
        try:
            return lib.request(self.url, "GET", "/webhook/whatsapp").status < 500
        except OSError:
            return False

    def load(self, **options):
        """One run of the generator, and what it cost on this side: CPU µs a request, PSS."""
        daemon, nginx = tree(self.daemon.pid), tree(self.nginx.pid)
        before = cpu_s(daemon), cpu_s(nginx)
        out = load(self.port, self.url, self.token, **options)
        after = cpu_s(daemon), cpu_s(nginx)
        n = max(out["done"], 1)
        out["daemon_us"] = (after[0] - before[0]) * 1e6 / n
        out["nginx_us"] = (after[1] - before[1]) * 1e6 / n
        out["pss_mb"] = pss_mb(daemon)
        return out

    def stop(self):
        for p in reversed(self.programs):
            self._end(p)
        self.keeper.__exit__()

    @staticmethod
    def _end(p):
        """A program's children must not outlive it, whatever it is."""
        below = lib.descendants(p.pid)
        try:
            p.stop(timeout=5)
        except lib.Timeout:
            p.kill()
        for pid in below:
            if lib.alive(pid):
                os.kill(pid, 9)


def load(port, url, token, **options):
    argv = [BIN / "load", "--port", port, "--url", url]
    for name, value in options.items():
        argv += [f"--{name}", value]
    done = subprocess.run([str(a) for a in argv], env=lib.clean_env({"TWILIO_AUTH_TOKEN": token}),
                          capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise lib.Timeout(f"load: {done.stderr}")
    return json.loads(done.stdout)


def slow_disk(us=2000):
    """The environment of a daemon whose every fsync takes that much longer."""
    return {"LD_PRELOAD": str(BIN / "slowfsync.so"), "SLOWFSYNC_US": str(us)}


def recadod(program, *settings):
    """A recadod (or what is linked from its objects) in the side's folder."""
    def start(side):
        fixed = {"state_dir": side.folder, "run_dir": side.folder / "run", "socket": side.socket,
                 "database_url": f"sqlite:///{side.folder}/recado.db", "public_url": side.url,
                 "audio_dir": side.folder / "static" / "audio",
                 "persona_dir": lib.ROOT / "etc" / "persona" / "exemplo",
                 "knowledge_dir": lib.ROOT / "etc" / "knowledge", "log_level": "warning"}
        conf = side.folder / "recado.conf"
        conf.write_text("".join(f'{k} = "{v}";\n' for k, v in fixed.items()))
        # the wait for quiet is a setting, not work
        argv = [program, "-c", conf, "-s", "turn.window_ms=0", "-s", "turn.window_audio_ms=0"]
        for s in settings:
            argv += ["-s", s]
        return argv, {}
    return start
