#!/usr/bin/env python3
"""make bench: one table. Every side of a comparison runs in this one run, interleaved, because
the machine is shared and what holds is the ratio and the CPU time, not the absolute rate.

R= repetitions (3), SECONDS= of each (3), QUICK=1 for a look in two minutes, ONLY=acks,slow,…
for some of the groups."""

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from stage import BIN, Sampler, Side, lib, median, pss_mb, recadod, size, slow_disk, tree  # noqa: E402

QUICK = os.environ.get("QUICK", "") not in ("", "0")
REPS = int(os.environ.get("R") or (1 if QUICK else 3))
SECONDS = float(os.environ.get("SECONDS") or (1.5 if QUICK else 3))
CONNECTIONS = 64

rows = []


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def row(what, side, figure="", ms="", cpu="", pss="", ratio="", target="", met=None):
    rows.append((what, side, figure, ms, cpu, pss, ratio, target,
                 {None: "", True: "met", False: "NOT MET"}[met]))


def verdict(what, figure, target, met, ratio=""):
    row(what, "→", figure=figure, ratio=ratio, target=target, met=bool(met))


# --- acknowledgements ---------------------------------------------------------------------


def flask(side):
    env = {"BENCH_URL": side.url, "BENCH_DB": str(side.folder / "bot.db"), "PYTHONPATH": str(Path(__file__).parent)}
    return ["/usr/bin/gunicorn", "--worker-class", "gthread", "--workers", "2", "--threads", "8",
            "--log-level", "error", "--bind", f"unix:{side.socket}", "flask_app:app"], env


def direct(side):
    return [BIN / "direct", side.socket, "8", side.folder / "direct.db", side.url + "/webhook/whatsapp"], {}


def echo(side):
    return [BIN / "echo", side.socket, "4"], {}


def acks_sides(env=None):
    """name → Side, all up at once; those that are not measured just wait."""
    quiet = "work.processes=0"
    return [
        Side("recado", recadod(lib.BUILD / "recadod", quiet), env=env),
        Side("the same without the store", recadod(BIN / "nostore", quiet), env=env),
        Side("bare libfcgi echo", echo, env=env),
        Side("Flask + gunicorn 2×8", flask, http=True, env=env),
        Side("one commit per message, 8 processes", direct, env=env),
    ]


def measure(sides):
    """REPS rounds over all sides, each round in another order."""
    got = {s.name: [] for s in sides}
    for r in range(REPS):
        for s in sides[r % len(sides):] + sides[:r % len(sides)]:
            out = s.load(seconds=SECONDS, connections=CONNECTIONS)
            got[s.name].append(out)
            say(f"{s.name}: {out['rate']:.0f}/s, p99 {out['p99_ms']:.1f} ms, worst {out['max_ms']:.0f} ms, "
                f"{out['daemon_us']:.0f} + {out['nginx_us']:.0f} µs")
    return got


def bad(runs):
    return sum(r["non_2xx"] + r["errors"] for r in runs)


def ack_rows(what, got):
    ours = got["recado"]
    for name, runs in got.items():
        ratios = [a["rate"] / b["rate"] for a, b in zip(ours, runs)]
        row(what, name, f"{median(runs, 'rate'):.0f} acks/s" + (f", {bad(runs)} FAILED" if bad(runs) else ""),
            f"{median(runs, 'p50_ms'):.1f} / {median(runs, 'p99_ms'):.1f} / {max(r['max_ms'] for r in runs):.0f}",
            f"{median(runs, 'daemon_us'):.0f} + {median(runs, 'nginx_us'):.0f}",
            f"{median(runs, 'pss_mb'):.0f}", f"{statistics.median(ratios):.2f}" if name != "recado" else "")


def ratio(got, name):
    return statistics.median(a["rate"] / b["rate"] for a, b in zip(got["recado"], got[name]))


def acks():
    what = "acks, 64 connections"
    sides = acks_sides()
    try:
        got = measure(sides)
    finally:
        for s in sides:
            s.stop()
    ack_rows(what, got)
    clean = bad(got["recado"]) == 0
    r = ratio(got, "the same without the store")
    verdict(what, "recado ÷ without the store", "≥ 0.5", r >= 0.5 and clean, f"{r:.2f}")
    r = ratio(got, "Flask + gunicorn 2×8")
    verdict(what, "recado ÷ Flask", "≥ 5", r >= 5 and clean, f"{r:.1f}")


def slow():
    what = "acks, fsync + 2 ms"
    sides = acks_sides(slow_disk())
    try:
        got = measure(sides)
    finally:
        for s in sides:
            s.stop()
    ack_rows(what, got)
    ours = got["recado"]
    r = ratio(got, "one commit per message, 8 processes")
    verdict(what, "recado ÷ one commit per message", "≥ 15", r >= 15 and bad(ours) == 0, f"{r:.1f}")
    p99 = median(ours, "p99_ms")
    verdict(what, f"p99 {p99:.1f} ms", "≤ 40 ms", p99 <= 40)


def saturation():
    seconds = 5 if QUICK else 60
    what = f"{seconds} s of saturation"
    side = Side("recado", recadod(lib.BUILD / "recadod", "work.processes=0"))
    try:
        with Sampler(lambda: size(side.folder / "recado.db-wal")) as wal:
            out = side.load(seconds=seconds, connections=CONNECTIONS)
        db = size(side.folder / "recado.db")
    finally:
        side.stop()
    row(what, "recado", f"{out['rate']:.0f} acks/s, {out['done']} in all, database {db / 1e6:.0f} MB"
        + (f", {bad([out])} FAILED" if bad([out]) else ""),
        f"{out['p50_ms']:.1f} / {out['p99_ms']:.1f} / {out['max_ms']:.0f}",
        f"{out['daemon_us']:.0f} + {out['nginx_us']:.0f}", f"{out['pss_mb']:.0f}")
    verdict(what, f"worst {out['max_ms']:.0f} ms (at {out['max_at_s']:.1f} s)", "≤ 250 ms",
            out["max_ms"] <= 250 and bad([out]) == 0)
    verdict(what, f"largest WAL {wal.most / 2**20:.1f} MB", "≤ 16 MB", wal.most <= 16 * 2**20)


# --- whole turns --------------------------------------------------------------------------


class Sent:
    """The messages that the simulated Twilio was asked to send: the times in its ledger, read
    on from where the last look ended."""

    def __init__(self, box):
        self.file, self.at, self.times = box.ledger_file, 0, []

    def look(self):
        with open(self.file, "rb") as f:
            f.seek(self.at)
            text = f.read()
        text = text[:text.rfind(b"\n") + 1]
        self.at += len(text)
        for line in text.splitlines():
            if b'/Messages.json' in line and b'"POST"' in line:
                self.times.append(json.loads(line)["t"])
        return len(self.times)


def turns_side(box, *settings):
    return Side("recado", recadod(lib.BUILD / "recadod", *settings), env=box.env)


def traces(side):
    """Every finished turn: its trace, the steps by name."""
    found = lib.query(side.folder / "recado.db", "SELECT trace FROM turn_trace WHERE trace IS NOT NULL")
    found = [json.loads(r["trace"]) for r in found]
    for trace in found:
        trace["steps"] = {step["name"]: step for step in trace["steps"]}
    return found


def run_turns(plan, settings, count, parts=1, **options):
    """count turns to their end: what the generator says, when the messages left, the traces,
    the memory of all processes at its most."""
    with lib.Sandbox(plan=plan) as box:
        side = turns_side(box, *settings)
        try:
            sent = Sent(box)
            with Sampler(lambda: pss_mb(tree(side.daemon.pid) + tree(side.nginx.pid)), 0.2) as pss:
                out = side.load(count=count, contacts=count, seconds=120, warm=0, **options)
                lib.wait_for(lambda: sent.look() >= count * parts, 60, f"{count * parts} messages to leave")
            lib.wait_for(lambda: len(traces(side)) >= count, 20, f"{count} finished turns")
            out["pss_mb"] = pss.most
            return out, sent.times, traces(side)
        finally:
            side.stop()


def turns():
    count = 1000
    what = f"{count} text turns, model 800 ms"
    runs = []
    for _ in range(REPS):
        out, times, _ = run_turns("chat delay=800\n", ["voice.when=never"], count, connections=CONNECTIONS)
        out["turns_s"] = (max(times) - out["began_ms"]) / 1000
        out["twice"] = len(times) - count
        runs.append(out)
        say(f"{count} turns in {out['turns_s']:.2f} s, PSS {out['pss_mb']:.0f} MB")
    took, pss = median(runs, "turns_s"), max(r["pss_mb"] for r in runs)
    wrong = bad(runs) + sum(r["twice"] for r in runs)
    row(what, "recado", f"{took:.2f} s (best {min(r['turns_s'] for r in runs):.2f})"
        + (f", {wrong} WRONG" if wrong else ""),
        f"{median(runs, 'p50_ms'):.1f} / {median(runs, 'p99_ms'):.1f} / {max(r['max_ms'] for r in runs):.0f}",
        pss=f"{pss:.0f}")
    verdict(what, f"first webhook to last message {took:.2f} s", "≤ 3 s", took <= 3 and wrong == 0)
    verdict(what, f"all processes {pss:.0f} MB PSS", "≤ 150 MB", pss <= 150)


def percent(values, part):
    return sorted(values)[int((len(values) - 1) * part)]


def own():
    """Providers that take exactly this long; what a turn takes beyond that is ours."""
    chat, send = 200, 100
    count = 40 if QUICK else 200
    _, _, found = run_turns(f"chat delay={chat}\nmessages.create delay={send}\n",
                            ["voice.when=never"], count, connections=8, rate=20)
    ours = [t["total_ms"] - chat - send for t in found]
    waited = [t["steps"]["gather"]["waited_ms"] for t in found]
    steps = [f"{name} {percent([t['steps'][name]['ms'] for t in found], 0.5):.1f}"
             for name in ("gather", "recall", "think", "send")]
    what = "our own time in a text turn"
    row(what, "recado", f"model {chat} ms, Twilio {send} ms: {', '.join(steps)}",
        f"{percent(ours, 0.5):.1f} / {percent(ours, 0.99):.1f} / {max(ours):.1f}")
    row(what, "received → claimed by a worker", "both commits included",
        f"{percent(waited, 0.5):.0f} / {percent(waited, 0.99):.0f} / {max(waited)}")
    p50 = percent(ours, 0.5)
    verdict(what, f"p50 {p50:.1f} ms", "≤ 3 ms", p50 <= 3)


def tail():
    count = 20 if QUICK else 100
    _, _, found = run_turns("", ["voice.when=always"], count, parts=2, connections=8, rate=10)
    speak = [t["steps"]["speak"] for t in found]
    tails = [s["voice_tail_us"] / 1000 for s in speak if "voice_tail_us" in s]
    what = "end of a spoken reply after its last sample"
    row(what, "recado", f"{len(tails)} of {count} turns spoken",
        f"{percent(tails, 0.5):.1f} / {percent(tails, 0.99):.1f} / {max(tails):.1f}")
    p99 = percent(tails, 0.99)
    verdict(what, f"p99 {p99:.1f} ms", "≤ 50 ms", p99 <= 50 and len(tails) == count)


# --- audio --------------------------------------------------------------------------------

SENTENCES = ("Oi, tudo bem? Eu queria saber se vocês abrem no sábado de manhã e quanto custa a revisão "
             "completa da bicicleta. Se der, passo aí por volta das dez horas com o meu filho. ")


def children_s():
    t = resource.getrusage(resource.RUSAGE_CHILDREN)
    return t.ru_utime + t.ru_stime


def command(argv):
    """Wall clock and CPU of a program from start to end, in µs."""
    wall, cpu = time.perf_counter(), children_s()
    subprocess.run([str(a) for a in argv], check=True, stdin=subprocess.DEVNULL)
    return {"wall": (time.perf_counter() - wall) * 1e6, "cpu": (children_s() - cpu) * 1e6}


def ffmpeg(*argv):
    return command(["ffmpeg", "-nostdin", "-v", "error", "-y", *argv])


def in_process(job, file, times):
    out = subprocess.run([BIN / "audio", job, file, str(times)], check=True, capture_output=True, text=True)
    out = json.loads(out.stdout)
    return {"wall": out["wall_us_per_op"], "cpu": out["cpu_us_per_op"]}


def make_speech(folder, seconds):
    """The same speech as a voice note (16 kHz, 20 kbit/s) and as 24 kHz samples."""
    wav, note, raw = (folder / f"{seconds}.{kind}" for kind in ("wav", "ogg", "s16"))
    command(["espeak-ng", "-v", "pt-br", "-w", wav, SENTENCES * (seconds // 8 + 1)])
    ffmpeg("-i", wav, "-t", seconds, "-ar", 16000, "-ac", 1, "-c:a", "libopus", "-b:a", "20k",
           "-application", "voip", note)
    ffmpeg("-i", wav, "-t", seconds, "-ar", 24000, "-ac", 1, "-f", "s16le", raw)
    return note, raw


def coding(what, seconds, file, job, other, rounds):
    """Ours beside libopus alone and beside what the seeds do: start ffmpeg. Rounds are
    interleaved; the ratios are of CPU time within one round, wall clock stands beside."""
    got = {"recado": [], "bare libopus": [], "ffmpeg, a process each": []}
    for _ in range(max(REPS, 3)):
        got["recado"].append(in_process(f"{job}-ours", file, rounds))
        got["bare libopus"].append(in_process(f"{job}-bare", file, rounds))
        got["ffmpeg, a process each"].append(other())
    for side, runs in got.items():
        row(what, side, f"{median(runs, 'wall') / 1000:.2f} ms, {seconds / median(runs, 'wall') * 1e6:.0f} × real time",
            cpu=f"{median(runs, 'cpu'):.0f}")
    bare = statistics.median(b["cpu"] / a["cpu"] for a, b in zip(got["recado"], got["bare libopus"]))
    peer = statistics.median(b["wall"] / a["wall"] for a, b in zip(got["recado"], got["ffmpeg, a process each"]))
    return bare, peer


def audio():
    with lib.Folder("recado-bench-") as folder:
        out = folder / "out"
        for seconds, rounds in ((5, 40), (300, 2)):
            note, raw = make_speech(folder, seconds)
            what = f"decode a {seconds} s note"
            bare, peer = coding(what, seconds, note, "decode", lambda: ffmpeg(
                "-i", note, "-ar", 16000, "-ac", 1, "-f", "s16le", out), rounds)
            verdict(what, "speed ÷ bare libopus", "≥ 0.9", bare >= 0.9, f"{bare:.2f}")
            if seconds == 5:
                verdict(what, "speed ÷ ffmpeg", "≥ 10", peer >= 10, f"{peer:.1f}")
            else:
                row(what, "→", "speed ÷ ffmpeg", ratio=f"{peer:.1f}")
            what = f"encode {seconds} s of speech"
            bare, peer = coding(what, seconds, raw, "encode", lambda: ffmpeg(
                "-f", "s16le", "-ar", 24000, "-ac", 1, "-i", raw, "-c:a", "libopus", "-b:a", "32k",
                "-compression_level", 5, "-application", "voip", "-f", "ogg", out), max(rounds // 4, 1))
            verdict(what, "speed ÷ bare libopus", "≥ 0.9", bare >= 0.9, f"{bare:.2f}")
            row(what, "→", "speed ÷ ffmpeg (the same libopus, and a process)", ratio=f"{peer:.1f}")


# --- the store alone ----------------------------------------------------------------------


def tool(name, *argv):
    done = subprocess.run([str(a) for a in (BIN / name, *argv)], check=True, stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def commits():
    got = [tool("commit", SECONDS, 32, 2) for _ in range(REPS)]
    for i, what in enumerate(("2 × 32 threads, committed together", "one thread, one sync per message")):
        runs = [g[i] for g in got]
        row("the store alone", what, f"{median(runs, 'per_s'):.0f} messages/s, "
            f"{median(runs, 'rows_per_commit'):.0f} a commit",
            f"{median(runs, 'p50_ms'):.1f} / {median(runs, 'p99_ms'):.1f} / {max(r['max_ms'] for r in runs):.0f}",
            f"{median(runs, 'cpu_us'):.0f}")


def history():
    turns, contacts = (1000000, 5000) if QUICK else (10000000, 50000)
    with lib.Folder("recado-bench-") as folder:
        got, = tool("history", folder, turns, contacts, 20000)
    what = f"a contact's last messages of {turns / 1e6:.0f} M turns"
    for n in (10, 20):
        t = got[f"last{n}"]
        row(what, f"{n} turns, {2 * n} messages", f"{t['p50_us']:.0f} / {t['p99_us']:.0f} / {t['max_us']:.0f} µs, "
            f"{got['mb'] / turns * 1e6:.0f} bytes a turn")
    p99 = got["last20"]["p99_us"]
    verdict(what, f"p99 {p99:.0f} µs", "≤ 50 µs", p99 <= 50)


# --- the table ----------------------------------------------------------------------------

HEAD = ("what", "side", "figure", "p50 / p99 / worst ms", "CPU µs/op", "PSS MB", "ratio", "target", "")


def machine():
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                  if line.startswith("model name")), platform.machine())
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} × {model}, {gib:.0f} GiB, Linux {platform.release().split('-')[0]}"


def print_table(seconds):
    missed = [r for r in rows if r[-1] == "NOT MET"]
    print(f"\n{time.strftime('%Y-%m-%d')}, {machine()}; {REPS} × {SECONDS:g} s each, interleaved; "
          f"load average {os.getloadavg()[1]:.1f}; {seconds:.0f} s in all\n")
    for r in missed:
        print(f"* NOT MET: {r[0]}: {r[2]} {r[6]} (target {r[7]})")
    print(f"* {sum(r[-1] == 'met' for r in rows)} targets met, {len(missed)} not\n")
    wide = [max(len(str(r[i])) for r in [HEAD, *rows]) for i in range(len(HEAD))]
    for r in [HEAD, tuple("-" * w for w in wide), *rows]:
        print("| " + " | ".join(str(c).ljust(w) for c, w in zip(r, wide)) + " |")
    return 1 if missed else 0


def main():
    groups = [acks, slow, saturation, turns, own, tail, audio, commits, history]
    only = os.environ.get("ONLY")
    began = time.monotonic()
    for g in groups:
        if only and g.__name__ not in only.split(","):
            continue
        say(f"--- {g.__name__} ({time.monotonic() - began:.0f} s)")
        try:
            g()
        except Exception as why:  # the other groups still have something to say
            row(g.__name__, "→", f"{type(why).__name__}: {str(why).splitlines()[0]}", target="a figure", met=False)
            say(f"{g.__name__}: {why}")
    try:
        return print_table(time.monotonic() - began)
    finally:
        lib.put_away()


if __name__ == "__main__":
    sys.exit(main())
