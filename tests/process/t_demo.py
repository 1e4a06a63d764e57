"""What `make demo` runs, to its end and interrupted."""

import re
import signal
import sys
from pathlib import Path

from lib import ROOT, Program, alive, descendants, wait_for


def demo(*args):
    return Program([sys.executable, ROOT / "tests/demo.py", *args])


def test_the_demo_shows_both_conversations_and_ends():
    with demo("--once") as d:
        status = d.wait(90)
        assert status == 0, d.output
        out = d.output
        assert len(re.findall(r"^steps .*\bspeak [\d.]+ ms\b.*together", out, re.M)) == 2, out
        assert len(re.findall(r"^audio .*/static/audio/\w+\.ogg \(\d+ bytes, audio/ogg\)", out, re.M)) == 2, out
        assert re.search(r"^heard .*entrega", out, re.M), out
        # the answers are the shop's own words about what was asked, not the question again
        hours, delivery = re.findall(r"^business +(.*)$", out, re.M)
        assert "abre às 9h e fecha às 19h" in hours and "sábado" in hours, out
        assert "R$ 9,90" in delivery, out
        played = re.findall(r"^to hear +(?:ffplay -nodisp -autoexit|mpv) (\S+\.ogg)", out, re.M)
        assert played == re.findall(r"^audio +(\S+\.ogg)", out, re.M) and len(played) == 2, out
        assert re.search(r"sqlite3 -readonly", out) and re.search(r"│ audio +│ \+5511987654321", out), out
        folder = Path(re.search(r"^everything lies in (.*)$", out, re.M).group(1))
        assert not folder.exists(), "the folder was left behind"


def test_ctrl_c_ends_the_demo_and_leaves_nothing():
    with demo() as d:
        d.wait_line("Ctrl-C ends it", timeout=90)
        below = list(descendants(d.pid))
        assert len(below) >= 6, descendants(d.pid)
        d.send(signal.SIGINT)
        assert d.wait() == 0, d.output
        wait_for(lambda: not any(alive(p) for p in below), 5, "the end of what the demo had started")
