"""Acknowledged webhooks: ours beside the same stack without its store, a bare echo, the Flask
application and one commit per message. The generator plays Twilio and signs every message."""

import statistics

from rooms import tool
from stage import BIN, HERE, Sampler, Side, lib, recadod, size, slow_disk
from table import QUICK, REPS, SECONDS, latency, median, row, say, verdict

CONNECTIONS = 64
OURS = "recado"
NO_STORE = "the same without the store"
FLASK = "Flask + gunicorn 2×8"
DIRECT = "one commit per message, 8 processes"


def flask(side):
    env = {"BENCH_URL": side.url, "BENCH_DB": str(side.folder / "bot.db"), "PYTHONPATH": str(HERE)}
    return ["/usr/bin/gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "8",
            "--log-level", "error", "--bind", f"unix:{side.socket}", "flask_app:app"], env


def direct(side):
    url = side.url + "/webhook/whatsapp"
    return [BIN / "direct", side.socket, "8", side.folder / "direct.db", url], {}


def echo(side):
    return [BIN / "echo", side.socket, "4"], {}


def open_sides(sides, env):
    """All of them up at once; those that are not measured just wait."""
    quiet = "work.processes=0"
    sides.append(Side(OURS, recadod(lib.BUILD / "recadod", quiet), env=env))
    sides.append(Side(NO_STORE, recadod(BIN / "nostore", quiet), env=env))
    sides.append(Side("bare libfcgi echo", echo, env=env))
    sides.append(Side(FLASK, flask, http=True, env=env))
    sides.append(Side(DIRECT, direct, env=env))


def measure(env=None):
    """REPS rounds over all sides, each round begun by another: name → what load() gave."""
    sides = []
    try:
        open_sides(sides, env)
        got = {s.name: [] for s in sides}
        for r in range(REPS):
            at = r % len(sides)
            for s in sides[at:] + sides[:at]:
                out = s.load(seconds=SECONDS, connections=CONNECTIONS)
                if out["done"] <= bad([out]):
                    raise RuntimeError(f"{s.name}: not one webhook was acknowledged")
                got[s.name].append(out)
                say(f"{s.name}: {out['rate']:.0f}/s, p99 {out['p99_ms']:.1f} ms, worst "
                    f"{out['max_ms']:.0f} ms, {out['daemon_us']:.0f} + {out['nginx_us']:.0f} µs")
    finally:
        for s in sides:
            s.stop()
    return got


def bad(runs):
    """Answers that were none, or not 200."""
    return sum(r["non_2xx"] + r["errors"] for r in runs)


def failures(runs):
    return f", {bad(runs)} FAILED" if bad(runs) else ""


def cpu(runs):
    return f"{median(runs, 'daemon_us'):.0f} + {median(runs, 'nginx_us'):.0f}"


def ratio(got, name):
    """Of the rates within one round, and the median of that."""
    return statistics.median(a["rate"] / b["rate"] for a, b in zip(got[OURS], got[name]))


def rows_of(what, got):
    for name, runs in got.items():
        row(what, name, f"{median(runs, 'rate'):.0f} acks/s{failures(runs)}", latency(runs),
            cpu(runs), f"{median(runs, 'pss_mb'):.0f}",
            "" if name == OURS else f"{ratio(got, name):.2f}")


def acks():
    what = "acks, 64 connections"
    got = measure()
    rows_of(what, got)
    clean = bad(got[OURS]) == 0
    # the rate beside the stack without its store says less the faster the machine is: what the store adds
    # is compared with the very commits it makes
    bare, = tool("bare", SECONDS, 32)
    row(what, "bare loop of the same commits, one thread", f"{bare['per_s']:.0f} messages/s, 32 a commit",
        cpu=f"{bare['cpu_us']:.0f}")
    r = (median(got[OURS], "daemon_us") - median(got[NO_STORE], "daemon_us")) / bare["cpu_us"]
    verdict(what, "CPU that the store adds ÷ the bare loop", "≤ 1.5", r <= 1.5 and clean, f"{r:.2f}")
    r = ratio(got, FLASK)
    verdict(what, "recado ÷ Flask", "≥ 5", r >= 5 and clean, f"{r:.1f}")


def slow():
    what = "acks, fsync + 2 ms"
    got = measure(slow_disk())
    rows_of(what, got)
    r, p99 = ratio(got, DIRECT), median(got[OURS], "p99_ms")
    verdict(what, "recado ÷ one commit per message", "≥ 15", r >= 15 and bad(got[OURS]) == 0,
            f"{r:.1f}")
    verdict(what, f"p99 {p99:.1f} ms", "≤ 40 ms", p99 <= 40)


def saturation():
    seconds = 5 if QUICK else 60
    what = f"{seconds} s of saturation"
    side = Side(OURS, recadod(lib.BUILD / "recadod", "work.processes=0"))
    try:
        with Sampler(lambda: size(side.folder / "recado.db-wal")) as wal:
            out = side.load(seconds=seconds, connections=CONNECTIONS)
        db = size(side.folder / "recado.db")
    finally:
        side.stop()
    row(what, OURS, f"{out['rate']:.0f} acks/s, {out['done']} in all, database {db / 1e6:.0f} MB"
        + failures([out]), latency([out]), cpu([out]), f"{out['pss_mb']:.0f}")
    verdict(what, f"worst {out['max_ms']:.0f} ms (at {out['max_at_s']:.1f} s)", "≤ 250 ms",
            out["max_ms"] <= 250 and bad([out]) == 0)
    verdict(what, f"largest WAL {wal.most / 2**20:.1f} MB", "≤ 16 MB", wal.most <= 16 * 2**20)
