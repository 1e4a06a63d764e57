#!/usr/bin/env python3
"""make bench: one table. Every side of a comparison runs in this one run, interleaved, because
machines are shared and what holds is the ratio and the CPU time, not the absolute rate.

R= repetitions (3), SECONDS= of each (3), QUICK=1 for a look in two minutes, ONLY=acks,slow,…
for some of the groups. A target that was not met is a line of the table, not an error; a group that
did not run, or left no figure, is one: the exit status is 1."""

import os
import signal
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))
from acks import acks, saturation, slow  # noqa: E402
from knowledge import vectors  # noqa: E402
from live import live  # noqa: E402
from rooms import audio, commits, history, queue  # noqa: E402
from stage import lib  # noqa: E402
from table import print_table, rows, say, verdict  # noqa: E402
from turns import first_sentence, own, tail, turns  # noqa: E402
from window import window  # noqa: E402

GROUPS = [acks, slow, saturation, turns, own, first_sentence, tail, window, live, audio, commits, history, queue,
          vectors]


def choose_groups(names):
    """Those that are named, or all."""
    known = {group.__name__: group for group in GROUPS}
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"bench: no group is called {', '.join(unknown)}: there are {', '.join(known)}")
    return [known[name] for name in names] or GROUPS


def run_group(group):
    """False when it did not run to its end or gave no figure."""
    name, before = group.__name__, len(rows)
    try:
        group()
        if len(rows) > before:
            return True
        text = "it left no figure"
    except Exception as why:  # the other groups still have something to say
        say(f"{name}: {why}")
        text = f"{type(why).__name__}: {(str(why).splitlines() or [''])[0]}"
    verdict(name, text, "a figure", False)
    return False


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended on the way
    broken = []
    began = time.monotonic()
    for group in choose_groups([name for name in os.environ.get("ONLY", "").split(",") if name]):
        say(f"--- {group.__name__} ({time.monotonic() - began:.0f} s)")
        if not run_group(group):
            broken.append(group.__name__)
    left = lib.put_away()
    if left:
        say(f"left running, and ended: {left}")
    print_table(time.monotonic() - began)
    if broken:
        say(f"did not run: {', '.join(broken)}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
