"""What the status of `make bench` says: whether its groups ran, not whether their targets were met."""

import subprocess
import sys

from lib import ROOT, clean_env

MAIN = """
import sys
sys.path.insert(0, "tests/bench")
import run
from table import row, verdict

def good(): row("acks", "recado", "1 ack/s"); verdict("acks", "1 ack/s", "1000 acks/s", False)
def broken(): raise RuntimeError("nginx: zone is unknown")
def silent(): pass

run.GROUPS = [good, broken, silent]
sys.exit(run.main())
"""


def bench(only):
    return subprocess.run([sys.executable, "-B", "-c", MAIN], cwd=ROOT, env=clean_env({"ONLY": only}),
                          capture_output=True, text=True, timeout=60)


def test_a_missed_target_is_no_failure():
    got = bench("good")
    assert got.returncode == 0 and "NOT MET: acks" in got.stdout, got


def test_a_group_that_does_not_run_is_one():
    got = bench("")
    assert got.returncode == 1, got
    assert "did not run: broken, silent" in got.stderr and "zone is unknown" in got.stdout, got
    assert "1 ack/s" in got.stdout, got  # the others still have something to say
    got = bench("good,acks")
    assert got.returncode == 1 and "no group is called acks: there are good, broken, silent" in got.stderr, got
