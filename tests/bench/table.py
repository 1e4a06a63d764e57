"""The table: rows as they come, the bad ones named first when it is printed."""

import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

QUICK = os.environ.get("QUICK", "") not in ("", "0")
REPS = int(os.environ.get("R") or (1 if QUICK else 3))
SECONDS = float(os.environ.get("SECONDS") or (1.5 if QUICK else 3))

HEAD = ("what", "side", "figure", "p50 / p99 / worst ms", "CPU µs/op", "PSS MB", "ratio",
        "target", "")
rows = []


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def row(what, side, figure="", ms="", cpu="", pss="", ratio=""):
    rows.append((what, side, figure, ms, cpu, pss, ratio, "", ""))


def verdict(what, figure, target, met, ratio=""):
    """A figure that has a target. The side is an arrow: it follows from the rows above."""
    rows.append((what, "→", figure, "", "", "", ratio, target, "met" if met else "NOT MET"))


def median(runs, key):
    return statistics.median(r[key] for r in runs)


def percent(values, part):
    return sorted(values)[int((len(values) - 1) * part)]


def latency(runs):
    """Medians over the repetitions, but the very worst."""
    worst = max(r["max_ms"] for r in runs)
    return f"{median(runs, 'p50_ms'):.1f} / {median(runs, 'p99_ms'):.1f} / {worst:.0f}"


def machine():
    info = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")),
                 platform.machine())
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    linux = platform.release().split("-")[0]
    return f"{os.cpu_count()} × {model}, {gib:.0f} GiB, Linux {linux}"


def commit():
    """Of the program that was measured; "+" when the tree has changes on top of it."""
    def git(*words):
        run = subprocess.run(["git", *words], cwd=Path(__file__).parent, capture_output=True, text=True)
        return run.stdout.strip() if run.returncode == 0 else ""

    head = git("rev-parse", "--short", "HEAD")
    return f"commit {head}{'+' if git('status', '--porcelain', '-uno') else ''}; " if head else ""


def print_table(seconds):
    missed = [r for r in rows if r[-1] == "NOT MET"]
    print(f"\n{time.strftime('%Y-%m-%d')}, {commit()}{machine()}; {REPS} × {SECONDS:g} s each, interleaved; "
          f"load average {os.getloadavg()[1]:.1f}; {seconds:.0f} s in all\n")
    for r in missed:
        print(f"* NOT MET: {r[0]}: {r[2]} {r[6]} (target {r[7]})")
    print(f"* {sum(r[-1] == 'met' for r in rows)} targets met, {len(missed)} not\n")
    wide = [max(len(str(r[i])) for r in [HEAD, *rows]) for i in range(len(HEAD))]
    for r in [HEAD, tuple("-" * w for w in wide), *rows]:
        print("| " + " | ".join(str(c).ljust(w) for c, w in zip(r, wide)) + " |")
