"""Single rooms of the library: audio beside libopus alone and beside starting ffmpeg, the
store's commits, the reading of a long history."""

import json
import resource
import statistics
import subprocess
import time

from stage import BIN, lib
from table import QUICK, REPS, SECONDS, latency, median, row, verdict

WORDS = ("Oi, tudo bem? Eu queria saber se vocês abrem no sábado de manhã e quanto custa a "
         "revisão completa da bicicleta. Se der, passo aí por volta das dez horas. ")
BARE, FFMPEG = "bare libopus", "ffmpeg, a process each"


def children_s():
    t = resource.getrusage(resource.RUSAGE_CHILDREN)
    return t.ru_utime + t.ru_stime


def command(*argv):
    """Wall clock and CPU of a program from start to end, in µs."""
    wall, cpu = time.perf_counter(), children_s()
    subprocess.run([str(a) for a in argv], check=True, stdin=subprocess.DEVNULL)
    return {"wall": (time.perf_counter() - wall) * 1e6, "cpu": (children_s() - cpu) * 1e6}


def ffmpeg(*argv):
    return command("ffmpeg", "-nostdin", "-v", "error", "-y", *argv)


def tool(name, *argv):
    """One of the bench's own programs: its lines of JSON."""
    done = subprocess.run([str(a) for a in (BIN / name, *argv)], check=True,
                          stdout=subprocess.PIPE, text=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def coder(job, file, rounds):
    got, = tool("audio", job, file, rounds)
    return {"wall": got["wall_us_per_op"], "cpu": got["cpu_us_per_op"]}


def make_speech(folder, seconds):
    """The same speech as a voice note (16 kHz, 20 kbit/s) and as 24 kHz samples."""
    wav, note, raw = (folder / f"{seconds}.{kind}" for kind in ("wav", "ogg", "s16"))
    command("espeak-ng", "-v", "pt-br", "-w", wav, WORDS * (seconds // 7 + 1))
    ffmpeg("-i", wav, "-t", seconds, "-ar", 16000, "-ac", 1, "-c:a", "libopus", "-b:a", "20k",
           "-application", "voip", note)
    ffmpeg("-i", wav, "-t", seconds, "-ar", 24000, "-ac", 1, "-f", "s16le", raw)
    return note, raw


def beside(what, seconds, job, file, rounds, peer):
    """Interleaved rounds. Returns how many times faster we are than libopus alone (by CPU
    time: both are in-process) and than ffmpeg (by the clock: its start is what one waits for)."""
    got = {"recado": [], BARE: [], FFMPEG: []}
    for _ in range(max(REPS, 3)):
        got["recado"].append(coder(f"{job}-ours", file, rounds))
        got[BARE].append(coder(f"{job}-bare", file, rounds))
        got[FFMPEG].append(peer())
    for side, runs in got.items():
        wall = median(runs, "wall")
        row(what, side, f"{wall / 1000:.2f} ms, {seconds / wall * 1e6:.0f} × real time",
            cpu=f"{median(runs, 'cpu'):.0f}")
    ours = got["recado"]
    bare = statistics.median(b["cpu"] / a["cpu"] for a, b in zip(ours, got[BARE]))
    other = statistics.median(b["wall"] / a["wall"] for a, b in zip(ours, got[FFMPEG]))
    verdict(what, "speed ÷ bare libopus", "≥ 0.9", bare >= 0.9, f"{bare:.2f}")
    return other


def audio():
    with lib.Folder("recado-bench-") as folder:
        out = folder / "out"
        for seconds, rounds in ((5, 40), (300, 2)):
            note, raw = make_speech(folder, seconds)
            what = f"decode a {seconds} s note"
            r = beside(what, seconds, "decode", note, rounds, lambda: ffmpeg(
                "-i", note, "-ar", 16000, "-ac", 1, "-f", "s16le", out))
            if seconds == 5:
                verdict(what, "speed ÷ ffmpeg", "≥ 10", r >= 10, f"{r:.1f}")
            else:
                row(what, "→", "speed ÷ ffmpeg", ratio=f"{r:.1f}")
            what = f"encode {seconds} s of speech"
            r = beside(what, seconds, "encode", raw, max(rounds // 4, 1), lambda: ffmpeg(
                "-f", "s16le", "-ar", 24000, "-ac", 1, "-i", raw, "-c:a", "libopus", "-b:a", "32k",
                "-compression_level", 5, "-application", "voip", "-f", "ogg", out))
            row(what, "→", "speed ÷ ffmpeg (the same libopus, and a process)", ratio=f"{r:.1f}")


def commits():
    got = [tool("commit", SECONDS, 32, 2) for _ in range(REPS)]
    sides = ("2 × 32 threads, committed together", "one thread, one sync per message")
    for i, side in enumerate(sides):
        runs = [g[i] for g in got]
        row("the store alone", side, f"{median(runs, 'per_s'):.0f} messages/s, "
            f"{median(runs, 'rows_per_commit'):.0f} a commit", latency(runs),
            f"{median(runs, 'cpu_us'):.0f}")


def queue():
    """Two workers on PostgreSQL: the store, which claims several at once as a work process does,
    beside a bare loop of claim one and delete it. One at a time is shown, too."""
    sides = {"bare": "a bare loop over libpq", "16": "recado, up to 16 claimed at once",
             "1": "recado, one claimed at a time"}
    got = {side: [] for side in sides}
    with lib.Postgres(own_server=True) as pg:
        url = f"postgresql://recado@/recado?host={pg.folder}&port={pg.port}"
        for _ in range(max(REPS, 3)):
            for side, runs in got.items():
                runs.extend(tool("queue", url, min(SECONDS, 3), side))
    what = "jobs of two workers on PostgreSQL"
    for side, name in sides.items():
        row(what, name, f"{median(got[side], 'per_s'):.0f} jobs/s")
    ratio = statistics.median(a["per_s"] / b["per_s"] for a, b in zip(got["16"], got["bare"]))
    verdict(what, "jobs/s ÷ the bare loop", "≥ 0.8", ratio >= 0.8, f"{ratio:.2f}")


def history():
    turns, contacts = (1000000, 5000) if QUICK else (10000000, 50000)
    warm, cold = tool("history", turns, contacts)
    what, p99 = f"a contact's last 20 of {turns // 1000000} M turns", warm["p99_us"]
    for name, got in (("in the page cache", warm), ("the page cache taken away", cold)):
        row(what, name, f"{got['p50_us']:.0f} / {got['p99_us']:.0f} / {got['max_us']:.0f} µs (p50 / p99 / "
            f"worst), {warm['file_mb'] / turns * 1e6:.0f} bytes a turn")
    verdict(what, f"p99 {p99:.0f} µs", "≤ 50 µs", p99 <= 50)
