"""As a service: what systemd is told, what it hands over, and what `make install` puts where."""

import contextlib
import http.client
import json
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import struct
import subprocess

from lib import BUILD, ROOT, Folder, Program, Skip, Up, free_port, wait_for

V = os.environ.get("V", "release")


# --- talking to it ----------------------------------------------------------------------------


class Notify:
    """The other end of NOTIFY_SOCKET."""

    def __init__(self, folder):
        self.path = folder / "notify"
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.sock.bind(str(self.path))
        self.sock.setblocking(False)
        self.said = []

    def _take(self):
        while True:
            try:
                self.said += self.sock.recv(4096).decode().split("\n")
            except BlockingIOError:
                return

    def wait(self, text, after=0, timeout=20):
        """Until text was said, looking from number `after` on; gives the number behind it."""
        def place():
            self._take()
            return next((i + 1 for i, s in enumerate(self.said) if i >= after and s.startswith(text)), None)
        return wait_for(place, timeout, f"{text}, from {after} on")

    def count(self, text):
        self._take()
        return self.said.count(text)

    def close(self):
        self.sock.close()


def fastcgi(path, uri, method="GET"):
    """One request over the daemon's own socket, without nginx: the answer's bytes."""
    def record(kind, data):
        return struct.pack(">BBHHBx", 1, kind, 1, len(data), 0) + data

    def pair(k, v):
        return bytes([len(k), len(v)]) + k.encode() + v.encode()
    params = b"".join(pair(k, v) for k, v in {
        "REQUEST_METHOD": method, "REQUEST_URI": uri, "DOCUMENT_URI": uri, "SCRIPT_NAME": uri,
        "QUERY_STRING": "", "CONTENT_LENGTH": "", "REMOTE_ADDR": "127.0.0.1",
        "SERVER_PROTOCOL": "HTTP/1.1"}.items())
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(20)
        s.connect(str(path))
        s.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, params) + record(4, b"") + record(5, b""))
        raw = b""
        while chunk := s.recv(65536):
            raw += chunk
    out = b""
    while len(raw) >= 8:
        _, kind, _, n, pad = struct.unpack(">BBHHBx", raw[:8])
        if kind == 6:
            out += raw[8:8 + n]
        raw = raw[8 + n + pad:]
    return out


def write_conf(folder, text=""):
    (folder / "persona").mkdir(exist_ok=True)
    (folder / "knowledge").mkdir(exist_ok=True)
    conf = folder / "recado.conf"
    conf.write_text(f'state_dir = "{folder}/state";\nrun_dir = "{folder}/run";\n'
                    'public_url = "https://recado.example.com";\n' + text)
    return conf


# --- what systemd is told -----------------------------------------------------------------------


def test_it_tells_the_service_manager():
    with Folder() as folder:
        notify = Notify(folder)
        conf = write_conf(folder)
        env = {"NOTIFY_SOCKET": str(notify.path), "WATCHDOG_USEC": "400000"}
        with Program([BUILD / "recadod", "-c", conf], env=env) as daemon:
            at = notify.wait("READY=1")
            notify.wait("STATUS=")
            wait_for(lambda: notify.count("WATCHDOG=1") >= 3, 10, "three signs of life")
            daemon.send(signal.SIGHUP)
            at = notify.wait("RELOADING=1", at)
            at = notify.wait("READY=1", at)
            conf.write_text("nonsense\n")
            daemon.send(signal.SIGHUP)
            at = notify.wait("RELOADING=1", at)
            at = notify.wait("READY=1", at)  # the old configuration goes on
            daemon.wait_line("reload refused")
            assert b"200 OK" in fastcgi(folder / "run/recado.sock", "/health")
            daemon.send(signal.SIGTERM)
            notify.wait("STOPPING=1", at)
            assert daemon.wait() == 0, daemon.output
        notify.close()


def test_a_bad_configuration_ends_with_78():
    with Folder() as folder:
        conf = write_conf(folder, "web = { threads = 0; };\n")
        for more in ([], ["-t"], ["-T"]):
            with Program([BUILD / "recadod", "-c", conf, *more]) as daemon:
                assert daemon.wait() == 78 and "web.threads" in daemon.output, daemon.output
        assert "RestartPreventExitStatus=78" in (ROOT / "systemd/recado.service").read_text()


# --- what it is handed ------------------------------------------------------------------------------


def test_the_socket_of_systemd():
    """systemd-socket-activate speaks the protocol of a .socket unit: it listens itself, starts the
    daemon at the first connection, and that connection is answered."""
    if not shutil.which("systemd-socket-activate"):
        raise Skip("systemd is not installed")
    with Folder() as folder:
        notify = Notify(folder)
        path = folder / "handed-over.sock"
        argv = ["systemd-socket-activate", "-l", path, "-E", f"NOTIFY_SOCKET={notify.path}",
                BUILD / "recadod", "-c", write_conf(folder)]
        with Program(argv) as daemon:
            daemon.wait_line("Listening on")
            # the first answer may be "unhealthy" while the other processes start: what counts
            # is that the connection made before the daemon lived is answered by it
            assert b"recado" in fastcgi(path, "/health")
            notify.wait("READY=1")
            assert b"200 OK" in fastcgi(path, "/health")
            daemon.wait_line("the socket we were given")
            assert not (folder / "run/recado.sock").exists(), "it opened one of its own as well"


def test_a_socket_meant_for_another_is_left_alone():
    """LISTEN_PID of another process: the variables were inherited, fd 3 is not ours."""
    with Folder() as folder:
        env = {"LISTEN_FDS": "1", "LISTEN_PID": "1"}
        with Program([BUILD / "recadod", "-c", write_conf(folder)], env=env) as daemon:
            daemon.wait_line("ready: generation 1")
            assert b"200 OK" in fastcgi(folder / "run/recado.sock", "/health")


def test_credentials_of_systemd():
    """$CREDENTIALS_DIRECTORY as LoadCredential= fills it; an empty file is a key not set."""
    with Folder() as folder:
        given = folder / "credentials"
        given.mkdir()
        for name in ("openai_api_key", "elevenlabs_api_key", "session_secret", "admin_token"):
            (given / name).write_text("")
        (given / "twilio_auth_token").write_text("0123456789abcdef0123456789abcdef\n")
        conf = write_conf(folder)
        with Program([BUILD / "recadod", "-c", conf, "-T"], env={"CREDENTIALS_DIRECTORY": str(given)}) as dump:
            assert dump.wait() == 0, dump.output
            assert "0123456789abcdef" not in dump.output
            seen = {name: line for line in dump.lines() for name in ("openai", "twilio")
                    if re.search(rf"{name}_(api_key|auth_token).*\b(set|not set)\b", line)}
            assert "not set" in seen["openai"] and "not set" not in seen["twilio"], dump.output


# --- the units ------------------------------------------------------------------------------------------


def installed(folder, prefix="/usr", destdir=True):
    argv = ["make", "-s", "-C", str(ROOT), f"V={V}", "install", f"PREFIX={prefix}"]
    if destdir:
        argv.append(f"DESTDIR={folder}")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    got = subprocess.run(argv, capture_output=True, text=True, env=env)
    assert got.returncode == 0, got.stdout + got.stderr
    return got.stdout


def with_user(folder):
    """Makes the recado user in the folder's own /etc, as sysusers would on a machine."""
    for name in ("passwd", "group"):
        shutil.copy(f"/etc/{name}", folder / "etc" / name)
    return subprocess.run(["systemd-sysusers", f"--root={folder}", "recado.conf"],
                          capture_output=True, text=True)


def need_systemd():
    if not shutil.which("systemd-analyze"):
        raise Skip("systemd is not installed")


def test_systemd_finds_no_fault_with_the_units():
    need_systemd()
    with Folder() as folder:
        units = folder / "units"
        units.mkdir()
        for name in ("recado.service", "recado.socket"):
            # this machine has neither the user nor the program
            text = (ROOT / "systemd" / name).read_text().replace("/usr/sbin/recadod", str(BUILD / "recadod"))
            (units / name).write_text(re.sub(r"(User|Group)=recado", r"\1=daemon", text))
        got = subprocess.run(["systemd-analyze", "verify", "--man=no", str(units / "recado.service"),
                              str(units / "recado.socket")], capture_output=True, text=True)
        faults = [x for x in got.stderr.splitlines() if "recado" in x]
        assert got.returncode == 0 and not faults, got.stderr


def test_the_exposure_of_the_service():
    need_systemd()
    with Folder() as folder:
        unit = folder / "recado.service"
        unit.write_text((ROOT / "systemd/recado.service").read_text())
        got = subprocess.run(["systemd-analyze", "security", "--offline=true", str(unit)],
                             capture_output=True, text=True)
        level = re.search(r"exposure level for recado\.service: ([\d.]+)", got.stdout)
        assert level and float(level.group(1)) <= 1.5, got.stdout + got.stderr


# --- make install -----------------------------------------------------------------------------------------


def test_install_puts_everything_where_debian_expects_it():
    with Folder() as folder:
        installed(folder)
        for name in ("usr/sbin/recadod", "usr/bin/recado", "usr/bin/recado-sandbox", "usr/lib/recado/librecado.so.0", "usr/lib/recado/recado-extract",
                     "usr/lib/recado/recado-decode",
                     "usr/share/man/man8/recadod.8.gz", "usr/share/man/man1/recado.1.gz", "usr/share/man/man1/recado-sandbox.1.gz",
                     "usr/share/man/man5/recado-eval.5.gz",
                     "usr/share/recado/eval/exemplo.eval", "usr/share/man/man5/recado-history.5.gz", "usr/share/man/man5/recado.conf.5.gz",
                     "usr/share/recado/nginx/recado-locations.conf", "usr/share/recado/knowledge",
                     "usr/share/recado/persona/exemplo", "etc/recado/recado.conf", "etc/recado/persona",
                     "etc/recado/secrets/twilio_auth_token", "etc/nginx/sites-available/recado.conf",
                     "lib/systemd/system/recado.service", "lib/systemd/system/recado.socket",
                     "usr/lib/sysusers.d/recado.conf", "usr/lib/tmpfiles.d/recado.conf", "var/lib/recado"):
            assert (folder / name).exists(), name
        for secret in (folder / "etc/recado/secrets").iterdir():
            assert secret.stat().st_mode & 0o777 == 0o600 and secret.stat().st_size == 0, secret
        assert (folder / "etc/recado/secrets").stat().st_mode & 0o777 == 0o700
        # runs from where it lies, and knows its library by its own place
        got = subprocess.run([folder / "usr/sbin/recadod", "-V"], capture_output=True, text=True)
        assert got.returncode == 0 and got.stdout.startswith("recadod "), got
        # what an owner has changed stays as it is
        conf, secret = folder / "etc/recado/recado.conf", folder / "etc/recado/secrets/twilio_auth_token"
        conf.write_text("# mine\n")
        secret.write_text("mine")
        shutil.rmtree(folder / "etc/recado/persona")
        (folder / "etc/recado/persona").mkdir()
        installed(folder)
        assert conf.read_text() == "# mine\n" and secret.read_text() == "mine"
        assert not list((folder / "etc/recado/persona").iterdir())


def test_install_elsewhere_and_up_from_there():
    with Folder() as folder:
        prefix = folder / "opt"
        installed(folder, prefix, destdir=False)
        unit = (prefix / "lib/systemd/system/recado.service").read_text()
        assert f"ExecStart={prefix}/sbin/recadod -c {prefix}/etc/recado/recado.conf" in unit
        assert f":{prefix}/etc/recado/secrets/admin_token" in unit
        site = (prefix / "etc/nginx/sites-available/recado.conf").read_text()
        assert f"include {prefix}/share/recado/nginx/recado-locations.conf;" in site
        port = free_port()
        with Program([prefix / "bin/recado", "up", "--dir", folder / "loja", "--port", port]) as up:
            up.wait_line("^ready ")
            assert list((folder / "loja/persona").iterdir()) and list((folder / "loja/knowledge").iterdir())
        got = subprocess.run(["make", "-s", "-C", str(ROOT), f"V={V}", "uninstall", f"PREFIX={prefix}"],
                             capture_output=True, text=True)
        assert got.returncode == 0, got.stderr
        left = {str(p.relative_to(prefix)).split("/")[0] for p in prefix.rglob("*") if p.is_file()}
        assert left == {"etc"}, left


def test_who_may_read_what():
    """sysusers and tmpfiles in a root of their own; then as nginx's user: the audio yes, the store no."""
    need_systemd()
    if os.geteuid() != 0:
        raise Skip("not root")
    with Folder() as folder:
        os.chmod(folder, 0o755)
        installed(folder)
        got = with_user(folder)
        assert got.returncode == 0, got.stderr
        uid = int(re.search(r"^recado:x:(\d+):", (folder / "etc/passwd").read_text(), re.M).group(1))
        got = subprocess.run(["systemd-tmpfiles", f"--root={folder}", "--create", "recado.conf"],
                             capture_output=True, text=True)
        assert got.returncode == 0, got.stderr
        state = folder / "var/lib/recado"
        gid = state.stat().st_gid
        assert state.stat().st_uid == uid and state.stat().st_mode & 0o7777 == 0o711
        as_recado = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "sh", "-ec"]
        subprocess.run([*as_recado, 'umask 0027; cd "$0"; echo a >static/audio/a.ogg; echo b >recado.db;'
                        " mkdir attachments; echo c >attachments/c", state], check=True)
        www = pwd.getpwnam("www-data")
        as_nginx = ["setpriv", f"--reuid={www.pw_uid}", f"--regid={www.pw_gid}", "--clear-groups"]

        def may(*argv):
            return subprocess.run([*as_nginx, *argv], capture_output=True).returncode == 0
        assert may("cat", state / "static/audio/a.ogg")
        assert not may("cat", state / "recado.db")
        assert not may("cat", state / "attachments/c")
        assert not may("ls", state)
        assert not may("rm", "-f", state / "static/audio/a.ogg")


# --- the site of a server ---------------------------------------------------------------------------------


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                    "-nodes", "-subj", "/CN=recado.example.com", "-days", "2", "-keyout", folder / "key.pem",
                    "-out", folder / "cert.pem"], capture_output=True, check=True)


def server_conf(folder, up, plain, tls):
    """The shipped site with this machine's paths and ports in it, and an nginx.conf around it."""
    site = (ROOT / "nginx/recado.conf").read_text()
    for a, b in [("listen 80;", f"listen 127.0.0.1:{plain};"), ("listen [::]:80;", ""),
                 ("listen 443 ssl http2;", f"listen 127.0.0.1:{tls} ssl http2;"),
                 ("listen [::]:443 ssl http2;", ""),
                 ("/etc/letsencrypt/live/recado.example.com/fullchain.pem", f"{folder}/cert.pem"),
                 ("/etc/letsencrypt/live/recado.example.com/privkey.pem", f"{folder}/key.pem"),
                 ("/var/log/nginx/", f"{folder}/"), ("/run/recado/recado.sock", f"{up.dir}/run/recado.sock"),
                 ("/var/lib/recado/static/audio", f"{up.dir}/static/audio"),
                 ("/usr/share/recado/nginx/", f"{ROOT}/nginx/")]:
        assert a in site, f"the site no longer says {a}"
        site = site.replace(a, b)
    conf = folder / "nginx.conf"
    conf.write_text(("user root;\n" if os.geteuid() == 0 else "") + f"""daemon off;
        worker_processes 1; worker_rlimit_nofile 4096; pid {folder}/pid; error_log {folder}/error.log;
        events {{ worker_connections 1024; }}
        http {{ access_log off; client_body_temp_path {folder}/b; fastcgi_temp_path {folder}/f; proxy_temp_path {folder}/p;
        scgi_temp_path {folder}/s; uwsgi_temp_path {folder}/u;\n{site}\n}}""")
    return conf


@contextlib.contextmanager
def site_over(up):
    """A server's nginx in front of an instance: (its plain port, its TLS port)."""
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    plain, tls = free_port(), free_port()
    with Folder() as folder:
        certificate(folder)
        conf = server_conf(folder, up, plain, tls)
        got = subprocess.run([nginx, "-t", "-e", folder / "error.log", "-c", conf], capture_output=True, text=True)
        assert got.returncode == 0 and "warn" not in got.stderr, got.stderr
        with Program([nginx, "-e", folder / "error.log", "-c", conf]):
            wait_for(lambda: (folder / "pid").exists() and (folder / "pid").read_text().strip(), 10, "nginx")
            yield plain, tls


def test_the_site_of_a_server():
    with Up() as up:
        with site_over(up) as (plain, tls):
            c = http.client.HTTPConnection("127.0.0.1", plain, timeout=10)
            c.request("GET", "/webhook/whatsapp?a=b", headers={"Host": "recado.example.com"})
            r = c.getresponse()
            assert r.status == 301 and r.headers["Location"] == "https://recado.example.com/webhook/whatsapp?a=b"
            c = http.client.HTTPConnection("127.0.0.1", plain, timeout=10)
            c.request("GET", "/", headers={"Host": "phishing.example"})
            try:
                raise AssertionError(f"a foreign name was answered: {c.getresponse().status}")
            except http.client.RemoteDisconnected:
                pass
            got = over_tls(tls, "/health")
            assert got.status == 200 and json.loads(got.read())["status"] == "healthy"
            assert got.headers["Strict-Transport-Security"].startswith("max-age=")
            (up.dir / "static/audio/abc.ogg").write_bytes(b"OggS")
            got = over_tls(tls, "/static/audio/abc.ogg")
            assert got.status == 200 and got.headers["Content-Type"] == "audio/ogg"
            assert over_tls(tls, "/static/audio/").status == 404
            try:
                over_tls(tls, "/health", ssl.TLSVersion.TLSv1_1)
                raise AssertionError("TLS 1.1 was accepted")
            except (ssl.SSLError, OSError):
                pass


def over_tls(port, path, version=None):
    context = ssl._create_unverified_context()
    if version:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = version
        context.set_ciphers("ALL:@SECLEVEL=0")
    c = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=10)
    c.request("GET", path, headers={"Host": "recado.example.com"})
    return c.getresponse()


# --- what the operator is told ------------------------------------------------------------------------


def checked(folder, text="", env=None):
    """`recadod -t` over a configuration: its status and what it said."""
    conf = write_conf(folder, text)
    with Program([BUILD / "recadod", "-c", conf, "-t"], env=env) as daemon:
        return daemon.wait(), daemon.output


def test_the_check_names_missing_folders_and_keys():
    with Folder() as folder:
        conf = write_conf(folder)
        shutil.rmtree(folder / "persona")
        with Program([BUILD / "recadod", "-c", conf, "-t"]) as daemon:
            status, said = daemon.wait(), daemon.output
        assert status == 78 and "persona_dir" in said and f"{folder}/persona" in said, said
        assert "is good" not in said, said
        status, said = checked(folder, 'knowledge_dir = "knowlege";\n')
        assert status == 78 and "knowledge_dir" in said and "knowlege" in said, said
        status, said = checked(folder)
        assert status == 0 and "is good" in said, said
        assert "openai_api_key is not set" in said and "OPENAI_API_KEY" in said, said
        assert "elevenlabs" in said and "espeak-ng speaks" in said, said
        keys = {"OPENAI_API_KEY": "sk-1", "ELEVENLABS_API_KEY": "x", "ELEVENLABS_VOICE_ID": "v"}
        status, said = checked(folder, env=keys)
        assert status == 0 and "openai" not in said and "elevenlabs" not in said, said
        status, said = checked(folder, env={"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"})
        assert status == 0 and "openai_api_key" not in said, said


def test_a_reload_without_its_folders_is_refused():
    with Folder() as folder:
        conf = write_conf(folder)
        with Program([BUILD / "recadod", "-c", conf]) as daemon:
            daemon.wait_line("ready: generation 1")
            (folder / "persona").rename(folder / "persona.old")
            daemon.send(signal.SIGHUP)
            daemon.wait_line(r"reload refused: persona_dir: .*/persona cannot be read")
            (folder / "persona.old").rename(folder / "persona")
            daemon.send(signal.SIGHUP)
            daemon.wait_line("reload done: generation 2 serves")


def test_a_wrong_signature_is_told_with_the_url_that_was_checked():
    with Up(conf_text='public_url = "https://other.example.com";\n', env={"PUBLIC_URL": ""}) as up:
        got = up.post("/webhook/whatsapp?a=1", {"MessageSid": "SM1"})
        assert got.status == 403, got.status
        up.wait_log(r"signature_refused checked_url=https://other\.example\.com/webhook/whatsapp\?a=1 signatures=1")
