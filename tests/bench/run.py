#!/usr/bin/env python3
"""make bench: one table. Every side of a comparison runs in this one run, interleaved, because
machines are shared and what holds is the ratio and the CPU time, not the absolute rate.

R= repetitions (3), SECONDS= of each (3), QUICK=1 for a look in two minutes, ONLY=acks,slow,…
for some of the groups. A target that was not met is a line of the table, not an error."""

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
from table import print_table, say, verdict  # noqa: E402
from turns import first_sentence, own, tail, turns  # noqa: E402
from window import window  # noqa: E402

GROUPS = [acks, slow, saturation, turns, own, first_sentence, tail, window, live, audio, commits, history, queue,
          vectors]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is ended on the way
    only = os.environ.get("ONLY", "")
    broken = 0
    began = time.monotonic()
    for group in GROUPS:
        name = group.__name__
        if only and name not in only.split(","):
            continue
        say(f"--- {name} ({time.monotonic() - began:.0f} s)")
        try:
            group()
        except Exception as why:  # the other groups still have something to say
            broken += 1
            say(f"{name}: {why}")
            text = (str(why).splitlines() or [""])[0]
            verdict(name, f"{type(why).__name__}: {text}", "a figure", False)
    left = lib.put_away()
    if left:
        say(f"left running, and ended: {left}")
    print_table(time.monotonic() - began)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
