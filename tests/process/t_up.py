"""`recado up`: one folder, one command, and nothing left behind."""

import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from pathlib import Path

from lib import (BUILD, Folder, Program, Sandbox, Skip, Up, alive, descendants, free_port, message, processes,
                 recado, request, wait_for)


def nginx_master(up):
    for pid, (parent, cmd) in processes().items():
        if parent == up.pid and "nginx" in cmd:
            return pid
    return None


def refused(*args, env=None):
    """A start that does not come about: gives its status and what it said."""
    got = recado("up", *args, env=env)
    return got.returncode, got.stderr


def gone(pids):
    wait_for(lambda: not any(alive(p) for p in pids), 5, f"the end of {pids}")


# --- the folder ---------------------------------------------------------------------------------


def test_the_folder_is_made_and_filled_once():
    with Folder() as top:
        where = top / "a" / "b"
        with Up(dir=where) as up:
            for name in ("recado.conf", "recado.db", "static/audio", "persona", "knowledge", "log",
                         "run/nginx.conf", "run/nginx.pid"):
                assert (where / name).exists(), name
            assert list((where / "persona").glob("*.md")) and list((where / "knowledge").iterdir())
            assert up.get("/health").status == 200
        changed = where / "recado.conf"
        changed.write_text(changed.read_text() + '\nlog_level = "debug";\n')
        shutil.rmtree(where / "knowledge")
        (where / "knowledge").mkdir()
        with Up(dir=where):
            assert 'log_level = "debug"' in changed.read_text(), "an owner's file was overwritten"
            assert not list((where / "knowledge").iterdir()), "an owner's empty folder was filled"


def test_a_folder_of_any_name_and_length():
    """A socket's path has room for 107 bytes; nginx.conf has its own ideas of $, quotes, ; and {."""
    with Folder() as top:
        where = top / ("x" * 120) / 'a b "c" $d; {e}'
        with Up(dir=where) as up:
            (where / "static/audio/abc.ogg").write_bytes(b"OggS")
            assert up.get("/static/audio/abc.ogg").body == b"OggS"


def test_as_root_in_a_folder_of_mode_0700():
    if os.geteuid() != 0:
        raise Skip("not root")
    with Folder() as where:
        os.chmod(where, 0o700)
        with Up(dir=where) as up:
            assert "user root;" in (where / "run/nginx.conf").read_text()
            (where / "static/audio/abc.ogg").write_bytes(b"OggS")
            assert up.get("/static/audio/abc.ogg").status == 200


def test_without_root():
    if os.geteuid() != 0:
        raise Skip("all the other tests run without root already")
    with Folder() as where:
        os.chmod(where, 0o755)
        home = where / "home"
        home.mkdir()
        os.chown(home, 65534, 65534)
        if subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "test", "-x",
                           BUILD / "recado"]).returncode != 0:
            raise Skip("nobody may not run what lies in this folder")
        port = free_port()
        argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", BUILD / "recado", "up",
                "--dir", home, "--port", port]
        with Program(argv) as up:
            up.wait_line(rf"^ready http://127\.0\.0\.1:{port}$")
            assert "user root" not in (home / "run/nginx.conf").read_text()
            assert up.stop() == 0


def test_public_url_is_our_own_unless_somebody_set_one():
    other = "https://recado.example.com"
    with Sandbox() as box:
        with Up(env=box.env) as up:
            assert up.post("/webhook/whatsapp", message(Body="oi")).status == 200
            up.public_url = other
            assert up.post("/webhook/whatsapp", message(Body="oi")).status == 403
        with Up(env=box.env, conf_text=f'public_url = "{other}";\n') as up:
            assert up.post("/webhook/whatsapp", message(Body="oi")).status == 403
            up.public_url = other
            assert up.post("/webhook/whatsapp", message(Body="oi")).status == 200
        with Up(env={**box.env, "PUBLIC_URL": other}) as up:
            assert up.public_url == other
            assert up.post("/webhook/whatsapp", message(Body="oi")).status == 200


# --- refusals ---------------------------------------------------------------------------------------


def test_a_port_in_use_is_told_with_the_way_out():
    with Folder() as where, socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        s.listen()
        status, said = refused("--dir", where, "--port", s.getsockname()[1])
    assert status == 1 and "in use" in said and "--port" in said, (status, said)


def test_two_in_one_folder_are_refused():
    with Up() as up:
        status, said = refused("--dir", up.dir, "--port", free_port())
        assert status == 1 and f"process {up.pid}" in said, (status, said)
        assert up.get("/health").status == 200


def test_a_folder_that_cannot_be_written():
    with Folder() as where:
        (where / "file").write_text("not a folder")
        status, said = refused("--dir", where / "file" / "below")
        assert status == 1 and "below" in said or "file" in said, (status, said)


def test_no_nginx_is_told():
    # our own build finds nginx in the system's folders too: an empty root cannot be had
    # without rights, so hide it behind a mount of our own
    with Folder() as where:
        got = subprocess.run(
            ["unshare", "--mount", "sh", "-c",
             'mount -t tmpfs none /usr/sbin && PATH=/usr/bin exec "$0" "$@"', BUILD / "recado", "up",
             "--dir", where], capture_output=True, text=True, timeout=30)
        if "unshare" in got.stderr or "mount:" in got.stderr:
            raise Skip("no rights to make a mount name space")
        assert got.returncode == 1 and "apt install nginx" in got.stderr, (got.returncode, got.stderr)


def test_a_bad_configuration_is_told_with_file_and_line():
    with Folder() as where:
        (where / "recado.conf").write_text("\nlog_levl = 3;\n")
        status, said = refused("--dir", where, "--port", free_port())
        assert status == 78 and "recado.conf:2" in said and "log_level" in said, (status, said)


def test_bad_options_say_how_it_goes():
    for args in ([], ["--dir", "x", "--port", "70000"], ["--dir", "x", "--port", "8x"],
                 ["--dir", "x", "y"], ["--nope"]):
        assert refused(*args)[0] == 2, args


# --- life and death -----------------------------------------------------------------------------------


def test_a_dead_nginx_or_recadod_is_replaced():
    with Up() as up:
        for find in (nginx_master, Up.master):
            old = find(up)
            others = [p for p, cmd in descendants(up.pid).items() if "nginx: worker" in cmd]
            os.kill(old, signal.SIGKILL)
            wait_for(lambda: find(up) not in (None, old), 1.0, "another process in its place")
            wait_for(lambda: healthy(up), 10, "health after the death")
            if find is nginx_master:
                gone(others)


def healthy(up):
    try:
        return up.get("/health").status == 200
    except OSError:
        return False


def test_ready_is_said_once_and_alone():
    with Up() as up:
        os.kill(nginx_master(up), signal.SIGKILL)
        up.wait_line("nginx ended")
        wait_for(lambda: healthy(up), 10, "health")
        assert [x for x in up.lines() if "ready" in x] == [f"ready {up.url}"], up.lines()


def test_a_stop_leaves_no_process():
    for number in (signal.SIGTERM, signal.SIGINT):
        with Folder() as where:
            up = Up(dir=where)
            below = list(descendants(up.pid))
            assert len(below) >= 4, descendants(up.pid)
            assert up.stop(number) == 0, up.output
            gone(below)
            assert not (where / "run/recado.sock").exists()
            # and the folder and the port are free again
            with Up(dir=where, port=up.port) as again:
                assert again.get("/health").status == 200


def test_killed_outright_it_takes_its_children_along():
    with Folder() as where:
        up = Up(dir=where)
        below = list(descendants(up.pid))
        up.kill()
        wait_for(lambda: not any(alive(p) for p in below), 20, "the children's end")
        with Up(dir=where, port=up.port) as again:
            got = again.get("/health")
            assert got.status == 200, (got.status, got.body)


def test_it_gives_up_on_what_always_dies():
    """A recadod that cannot work: its own reason is on the terminal, and nothing stays behind."""
    with Folder() as where:
        (where / "recado.db").write_text("this is no database at all, " * 100)
        up = Up(dir=where, ready=False)
        status = up.wait(30)
        assert status == 1, (status, up.output)
        assert "recadod ended with status" in up.output and "not a database" in up.output, up.output


def test_it_gives_up_after_ten_deaths_in_a_row():
    with Up() as up:
        began, last = time.monotonic(), None

        def killed_again_or_over():
            nonlocal last
            pid = up.master()
            if pid not in (None, last):
                last = pid
                os.kill(pid, signal.SIGKILL)
            return up.proc.poll() is not None
        wait_for(killed_again_or_over, 30, "the end of `up`")
        assert up.wait() == 1 and "ten times in a row" in up.output, up.output
        assert time.monotonic() - began < 20
        assert up.output.count("started again") == 9, up.output


def test_hup_reaches_recadod():
    with Up() as up:
        up.send(signal.SIGHUP)
        up.wait_log("reload done")
        (up.dir / "recado.conf").write_text("drain_ms = many;\n")
        up.send(signal.SIGHUP)
        up.wait_line(r"recado\.conf:1")  # an error: also on the terminal
        up.wait_log("reload refused")
        assert healthy(up)


def test_secrets_reach_recadod_only():
    with Up(env={"OPENAI_API_KEY": "sk-not-for-nginx", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}) as up:
        master = up.master()
        for pid, cmd in descendants(up.pid).items():
            env = Path(f"/proc/{pid}/environ").read_bytes()
            if pid != master and "nginx" in cmd:
                assert b"sk-not-for-nginx" not in env, cmd
        assert not re.search("sk-not-for-nginx", up.log() + up.output)
        for pid, (_, cmd) in processes().items():
            assert "sk-not-for-nginx" not in cmd, cmd


# --- the other commands, of the same instance ----------------------------------------------------------


def test_stats_conf_and_say_mean_the_folder():
    with Sandbox() as box, Up(env=box.env) as up:
        up.text("oi")
        up.wait_rows("SELECT 1 FROM conversations")
        stats = recado("stats", "--dir", up.dir, "--json")
        assert stats.returncode == 0, stats.stderr
        served = up.get("/stats").json()
        ours = json.loads(stats.stdout)
        assert ours["total_conversations"] == 1 and ours["total_users"] == 1, ours
        assert {k: served[k] for k in ours if k != "oldest_waiting_ms"} == \
            {k: v for k, v in ours.items() if k != "oldest_waiting_ms"}
        assert "conversations" in recado("stats", "--dir", up.dir).stdout
        where = json.loads(recado("conf", "--dir", up.dir, "--json").stdout)
        assert where["state_dir"] == str(up.dir) and where["store"] == f"{up.dir}/recado.db", where
        shown = recado("conf", "-c", up.dir / "recado.conf", env=box.env).stdout
        assert "public_url" in shown and box.env["TWILIO_AUTH_TOKEN"] not in shown


def test_say_makes_a_note():
    with Folder() as where:
        note = where / "note.ogg"
        got = recado("say", "--offline", "--json", "-o", note, "Bom dia, tudo bem?")
        assert got.returncode == 0, got.stderr
        assert 500 < json.loads(got.stdout)["duration_ms"] < 10000, got.stdout
        assert note.read_bytes()[:4] == b"OggS" and b"OpusHead" in note.read_bytes()[:100]
        assert recado("say", "--offline", "-o", where / "no/such/dir.ogg", "oi").returncode == 1
        assert recado("say", "--offline", "oi").returncode == 2


def test_commands_say_what_is_wrong():
    for args, status, text in [
            (["--dir", "/nonexistent"], 78, "/nonexistent/recado.conf"),
            (["--dir", "a", "-c", "b"], 78, "give one"),
            (["much"], 2, "too many"),
            (["--nope"], 2, "recado stats --help")]:
        got = recado("stats", *args)
        assert got.returncode == status and text in got.stderr, (args, got)
    got = recado("frobnicate")
    assert got.returncode == 2 and "frobnicate" in got.stderr
    assert recado().returncode == 2
    assert recado("--help").returncode == 0 and "sandbox" in recado("--help").stdout
    assert recado("--version").stdout.startswith("recado ")
    assert "--port" in recado("up", "--help").stdout


# --- nginx's rules ------------------------------------------------------------------------------------


def test_audio_is_served_by_nginx():
    with Up() as up:
        audio = up.dir / "static/audio"
        (audio / "0123abcd.ogg").write_bytes(b"OggS" + bytes(1000))
        (audio / "0123abcd.ogg.tmp").write_bytes(b"half")
        (audio / ".hidden.ogg").write_bytes(b"half")
        got = up.get("/static/audio/0123abcd.ogg")
        assert got.status == 200 and len(got.body) == 1004
        assert got.headers["Content-Type"] == "audio/ogg"
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Content-Disposition"] == "inline"
        assert "nginx/" not in got.headers["Server"], "the version is nobody's business"
        assert up.get("/static/audio/0123abcd.ogg", {"Range": "bytes=0-3"}).body == b"OggS"
        head = request(up.url, "HEAD", "/static/audio/0123abcd.ogg")
        assert head.status == 200 and head.headers["Content-Length"] == "1004" and not head.body
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            assert request(up.url, method, "/static/audio/0123abcd.ogg", b"x").status == 405, method
        for path in ("/static/audio/", "/static/audio", "/static/audio/0123abcd.ogg.tmp",
                     "/static/audio/.hidden.ogg", "/static/audio/../../recado.conf",
                     "/static/audio/..%2f..%2frecado.conf", "/static/audio/ffff.ogg", "/static/"):
            assert up.get(path).status in (400, 403, 404), path


def test_a_webhook_has_room_for_256_kilobytes():
    with Up() as up:
        def answer(n):
            return request(up.url, "POST", "/webhook/whatsapp", b"x" * n,
                           {"Content-Type": "application/x-www-form-urlencoded"}).status
        assert answer(256 * 1024 + 1) == 413
        assert answer(256 * 1024) != 413


def test_webhooks_are_not_limited_by_address_and_pages_are():
    with Up() as up:
        seen = []

        def ask(path, n):
            for _ in range(n):
                seen.append(up.get(path).status)
        threads = [threading.Thread(target=ask, args=("/webhook/whatsapp", 100)) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert seen == [200] * 800, {s: seen.count(s) for s in set(seen)}
        seen.clear()
        threads = [threading.Thread(target=ask, args=("/nothing", 100)) for _ in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert 429 in seen and seen.count(404) >= 200, {s: seen.count(s) for s in set(seen)}
        assert up.get("/health").status == 200, "monitors are not limited"


def test_what_nginx_hands_on():
    """The proxy header is not; the address is, so that /system/ opens on loopback alone."""
    with Up() as up:
        assert up.get("/system/status").status == 200
        assert up.get("/system/status", {"Proxy": "http://evil.example"}).status == 200
        assert up.get("/webhook/FUNCIONA").status == 200


def test_a_reload_with_many_processes_is_whole():
    conf = "web: { processes = 40; threads = 1; };\nwork: { processes = 1; threads = 1; };\n"
    with Up(conf_text=conf, env={"DATABASE_URL": ""}) as up:
        os.kill(up.master(), signal.SIGHUP)
        up.wait_log(r"reload done: generation 2 serves")
        health = wait_for(lambda: (h := up.get("/health").json())["workers"]["web"]["ready"] == 40 and h, 20,
                          "forty web processes")
        assert health["workers"]["web"]["wanted"] == 40 and health["workers"]["work"]["ready"] == 1, health
        assert len(re.findall("is pid .* generation 2$", up.log(), re.M)) == 41


def test_a_file_that_stays_holds_up_no_other():
    with Sandbox() as box, Up(env=box.env) as up:
        up.text("oi")
        up.text("oi", From="whatsapp:+5511900000001")
        rows = up.wait_rows("SELECT name FROM media ORDER BY expires_ms", count=2)
        wait_for(lambda: not up.query("SELECT 1 FROM job"), what="the jobs to end")
        up.stop()
        first, second = (up.dir / "static" / "audio" / r["name"] for r in rows)
        first.unlink()
        (first / "in the way").mkdir(parents=True)
        with sqlite3.connect(up.dir / "recado.db") as c:
            c.execute("UPDATE media SET expires_ms = CASE name WHEN ? THEN 1 ELSE 2 END", (first.name,))
        with Up(dir=up.dir, env=box.env) as again:
            wait_for(lambda: not second.exists(), 40, "the other file to go")
            wait_for(lambda: [r["name"] for r in again.query("SELECT name FROM media")] == [first.name],
                     what="its row to go")
            assert first.exists() and first.name in again.log()
