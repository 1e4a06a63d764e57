"""Who else on the machine may read what customers wrote: nobody."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

from lib import BUILD, Folder, Program, Sandbox, Skip, Up, free_port, recado, request, wait_for

OPEN = 0o007


class Umask:
    """What a program started meanwhile inherits."""

    def __init__(self, mask):
        self.mask = mask

    def __enter__(self):
        self.before = os.umask(self.mask)

    def __exit__(self, *_):
        os.umask(self.before)


def readable(folder):
    """The files below that others may read, by the bits of their own modes."""
    out = []
    for path, _, files in os.walk(folder):
        out += [os.path.join(path, f) for f in files
                if stat.S_ISREG((st := os.lstat(os.path.join(path, f))).st_mode) and st.st_mode & OPEN]
    return out


def test_nothing_is_written_for_others_to_read():
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(64)
    with Umask(0), Sandbox() as box, Folder() as folder:
        os.chmod(folder, 0o755)  # a folder that was there before
        with Up(dir=folder, env=box.env) as up:
            got = request(box.url, "POST", "/_sandbox/media?type=image/png", png, {"Content-Type": "image/png"})
            up.note(got.json()["url"], type="image/png", MessageType="image")
            up.wait_rows("SELECT 1 FROM attachment")
            up.wait_rows("SELECT 1 FROM conversations")
            wait_for(lambda: not up.query("SELECT 1 FROM job"), what="the job to end")
            assert (folder / "recado.db-wal").exists() and (folder / "log/recadod.log").exists()
            assert readable(folder) == []
            recado("stats", "--dir", folder)
            recado("contact", "export", "+5511987654321", folder / "out", "--dir", folder)
            assert (folder / "out").exists() and readable(folder) == []


def test_an_older_store_is_mended_and_said():
    with Umask(0o022), Sandbox() as box, Folder() as folder:
        with Up(dir=folder, env=box.env):
            pass
        os.chmod(folder / "recado.db", 0o644)
        with Up(dir=folder, env=box.env) as up:
            up.wait_log(r"store_mode_mended path=\S*recado\.db mode=0644")
            assert readable(folder) == []


def test_the_daemon_without_its_unit():
    with Umask(0), Folder() as folder:
        conf = folder / "recado.conf"
        conf.write_text(f'state_dir = "{folder}/state";\nrun_dir = "{folder}/run";\n')
        for name in ("persona", "knowledge"):
            (folder / name).mkdir()
        conf.chmod(0o640)
        with Program([BUILD / "recadod", "-c", conf]) as daemon:
            daemon.wait_line("ready: generation 1")
            assert (folder / "state/recado.db").exists() and readable(folder) == []


def core_limit(pid):
    with open(f"/proc/{pid}/limits") as f:
        line, = [line.split() for line in f if line.startswith("Max core file size")]
    return line[4:6]


def test_no_process_leaves_a_core_dump():
    with Sandbox() as box, Up(env=box.env) as up:
        roles = up.roles()
        pids = [up.pid, *(p for role in ("master", "web", "work") for p in roles.get(role, []))]
        assert len(pids) >= 4, roles
        assert all(core_limit(pid) == ["0", "0"] for pid in pids)
    unit = Path(__file__).parents[2] / "systemd/recado.service"
    assert "\nLimitCORE=0\n" in unit.read_text()


def test_another_process_of_the_user_cannot_read_the_memory():
    """What may be dumped has its files in /proc owned by its user, what may not by root."""
    if os.geteuid() != 0:
        raise Skip("only root starts a program as another user")
    with Folder() as folder:
        os.chmod(folder, 0o755)
        for file in (BUILD / "recado", BUILD / "recado-sandbox", *BUILD.glob("librecado.so*")):  # where that user may read them
            shutil.copy(file, folder)
        with subprocess.Popen([folder / "recado", "sandbox", "--port", str(free_port())], user=65534, group=65534,
                              extra_groups=[], env={"LD_LIBRARY_PATH": str(folder)}, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True) as p:
            assert p.stdout.readline()
            owner = os.stat(f"/proc/{p.pid}/mem").st_uid
            p.terminate()
        assert owner == 0, owner
