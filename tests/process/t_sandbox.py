"""recado-sandbox: a program of its own, which `recado sandbox` starts, and which the command line of a
production machine does not contain."""

import shutil
import signal
import subprocess

from lib import BUILD, ROOT, Folder, Program, free_port, recado, request


def printed(*argv):
    got = subprocess.run([str(a) for a in argv], capture_output=True, text=True)
    assert got.returncode == 0, got
    return got.stdout


def links_simulation(program):
    """Whether the program has the simulation's functions, its HTTP server and its WebSocket server."""
    libraries, symbols = printed("ldd", program), printed("nm", program)
    return ["libmicrohttpd.so" in libraries, "libwslay.so" in libraries or "wslay_event_" in symbols,
            " rcd_sandbox_start" in symbols, " rcd_sb_" in symbols]


def test_the_production_programs_do_not_contain_the_simulation():
    assert all(links_simulation(BUILD / "recado-sandbox"))
    for name in ("recado", "recadod", "recado-extract", "recado-decode"):
        assert not any(links_simulation(BUILD / name)), name


def test_recado_sandbox_starts_the_program_beside_it():
    port = free_port()
    with Program([BUILD / "recado", "sandbox", "--port", port]) as box:
        box.wait_line(f"^ready http://127.0.0.1:{port}$")
        with open(f"/proc/{box.pid}/comm") as f:  # in the place of recado, so that signals reach it
            assert f.read() == "recado-sandbox\n"
        assert request(f"http://127.0.0.1:{port}", "GET", "/_sandbox/ledger").status == 200
        box.send(signal.SIGTERM)
        assert box.wait() == 0, box.output


def test_a_machine_without_the_program_says_so():
    with Folder() as folder:
        (folder / "bin").mkdir()
        shutil.copy(BUILD / "recado", folder / "bin")
        got = subprocess.run([folder / "bin/recado", "sandbox", "--port", "0"], capture_output=True, text=True,
                             env={"LD_LIBRARY_PATH": str(BUILD)})
        assert got.returncode == 1, got
        assert got.stderr == ("recado sandbox: recado-sandbox is neither beside this program nor in ../lib/recado\n")
        # where a package of its own may put it
        (folder / "lib/recado").mkdir(parents=True)
        shutil.copy(BUILD / "recado-sandbox", folder / "lib/recado")
        got = subprocess.run([folder / "bin/recado", "sandbox", "--version"], capture_output=True, text=True,
                             env={"LD_LIBRARY_PATH": str(BUILD)})
        assert got.returncode == 0 and got.stdout.startswith("recado-sandbox "), got


def test_wrong_usage_is_said():
    for args, text in [
            ([], "usage: recado-sandbox --port P"),
            (["--port", "70000"], '--port "70000" is not a number from 0 to 65535'),
            (["--port", "0", "more"], "usage: "),
            (["--nope"], "usage: ")]:
        got = recado("sandbox", *args)
        assert got.returncode == 2 and text in got.stderr and got.stdout == "", (args, got)
    got = recado("sandbox", "--port", "0", "--plan", "/nonexistent/plan")
    assert got.returncode == 1 and "recado-sandbox: " in got.stderr and "/nonexistent/plan" in got.stderr, got
    got = recado("sandbox", "--help")
    assert got.returncode == 0 and got.stdout.startswith("usage: recado-sandbox --port P"), got
    assert (ROOT / "docs/man/recado-sandbox.1").exists()
