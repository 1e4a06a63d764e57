"""Who else on the machine may read what customers wrote: nobody."""

import os
import stat

from lib import BUILD, Folder, Program, Sandbox, Up, recado, request, wait_for

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
