"""What the machine does to us: a process that stands still, a full disk, a stranger in the
database, a clock that jumps. Nothing acknowledged is lost and nothing is sent twice.

RECADO_LONG=1 lets the process stand still for 45 s, beyond the lease of a release build."""

import contextlib
import os
import signal
import sqlite3
import struct
import subprocess
import threading
import time

import lib
from lib import ROOT, Folder, Sandbox, Skip, Up, descendants, message, role_of, wait_for
from t_kill import Load, settle

CONF = 'voice: { when = "never"; };\nturn: { window_ms = 0; reconcile_ms = 1500; };\n'
LONG = "RECADO_LONG" in os.environ


def sent_to(box):
    """To whom, for each message that the provider took."""
    return [r["to"] for r in box.ledger() if r["op"] == "messages.create" and r["status"] == 201]


def quiet(up, timeout=90):
    wait_for(lambda: not up.query("SELECT 1 FROM job LIMIT 1"), timeout, "every job to end")


# --- a process that stands still -----------------------------------------------------------


def crash_build():
    """The build whose leases are short."""
    build = ROOT / "build/crash"
    if not (build / "recadod").exists():
        raise Skip("there is no crash build: make V=crash")
    return build


def test_a_worker_that_stood_still_sends_nothing_twice():
    """Its lease ends, another does its work, and then it wakes up in the middle of its own."""
    build, still = (lib.BUILD, 45) if LONG else (crash_build(), 9)
    customers = [f"whatsapp:+55118{n:08}" for n in range(40)]
    with Sandbox(plan="chat delay=1500\nmessages.create 429 prob=0.3\n") as box, \
            Up(env=box.env, conf_text=CONF, build=build) as up:
        for sender in customers:
            up.text("oi", sender=sender)
        box.seen(lambda r: r["op"] == "chat", count=len(customers) // 2)
        worker = sorted(p for p, cmd in descendants(up.pid).items() if role_of(cmd) == "work")[0]
        os.kill(worker, signal.SIGSTOP)
        stopped = time.monotonic()
        try:
            # others take its jobs over when their leases are at an end, and answer all
            wait_for(lambda: len(set(sent_to(box))) == len(customers), still + 45, "every answer")
            time.sleep(max(0, stopped + still - time.monotonic()))
        finally:
            os.kill(worker, signal.SIGCONT)
        quiet(up)
        wait_for(lambda: lib.alive(worker) and up.get("/health").status == 200, what="health")
        assert sorted(sent_to(box)) == sorted(customers), sent_to(box)
        assert len(up.query("SELECT 1 FROM conversations")) == len(customers)


# --- the disk ----------------------------------------------------------------------------------


@contextlib.contextmanager
def small_disk(megabytes):
    with Folder() as path:
        if os.geteuid() != 0 or subprocess.run(
                ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "tmpfs", path], capture_output=True).returncode:
            raise Skip("a small disk can only be mounted by root")
        try:
            yield path
        finally:
            subprocess.run(["umount", "-l", path], check=True)


def fill(path):
    """Until nothing more fits."""
    with open(path / "filler", "wb", buffering=0) as f:
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError):
                while True:
                    f.write(bytes(size))


def test_a_full_disk_refuses_and_heals():
    with small_disk(32) as disk, Sandbox() as box, Up(dir=disk, env=box.env, conf_text=CONF) as up:
        load = Load(up, rate=20)
        wait_for(lambda: len(load.taken) > 20, what="some messages")
        fill(disk)
        wait_for(lambda: load.refused.count(503) > 20, 30, "webhooks to be refused with 503")
        unwell = wait_for(lambda: (h := up.get("/health")).status == 503 and h.json(), 20, "/health to tell of it")
        assert unwell["status"] == "unhealthy" and unwell["store"] == "read-only", unwell
        os.unlink(disk / "filler")
        wait_for(lambda: up.get("/health").status == 200, 20, "/health to be well again")
        freed, before = time.monotonic(), len(load.taken)
        wait_for(lambda: len(load.taken) > before + 20, 30, "webhooks to be taken again")
        print(f"  {load.refused.count(503)} answers of 503, well {time.monotonic() - freed:.1f} s after there was room")
        load.stop()
        assert set(load.refused) <= {0, 503}, set(load.refused)
        settle(box, up, load)


# --- the database ------------------------------------------------------------------------------


def test_a_stranger_who_holds_the_database_is_waited_for():
    with Sandbox() as box, Up(env=box.env, conf_text=CONF) as up:
        load = Load(up, rate=20)
        wait_for(lambda: len(load.taken) > 10, what="some messages")
        for held in (1, 3, 5):
            c = sqlite3.connect(up.dir / "recado.db", timeout=20, isolation_level=None)
            c.execute("PRAGMA wal_autocheckpoint=0")  # who checkpoints beside the daemon may break the file
            c.execute("BEGIN IMMEDIATE")
            time.sleep(held)
            c.execute("ROLLBACK")
            c.close()
            before = len(load.taken)
            wait_for(lambda: len(load.taken) > before + 20, what="webhooks to go on")
        load.stop()
        assert not load.refused, f"refused while it was held: {load.refused}"
        settle(box, up, load)


# --- the clock ---------------------------------------------------------------------------------


@contextlib.contextmanager
def clock():
    """(environment, a function that moves the wall clock by seconds)"""
    with Folder() as dir:
        so, file = dir / "clockstep.so", dir / "step"
        subprocess.run(["gcc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-shared", "-fPIC", "-o", so,
                        ROOT / "tests/process/clockstep.c", "-ldl"], check=True)
        file.write_bytes(bytes(8))

        def step(seconds):
            with open(file, "r+b") as f:
                f.write(struct.pack("d", seconds))
        yield {"LD_PRELOAD": str(so), "CLOCKSTEP": str(file)}, step


def test_a_clock_that_jumps_sends_nothing_twice():
    if os.environ.get("V", "release") in ("asan", "tsan"):
        raise Skip("a sanitizer wants to be loaded first")
    with clock() as (env, step), Sandbox(plan="chat delay=300\n") as box, \
            Up(env={**box.env, **env}, conf_text=CONF) as up:
        load = Load(up, rate=20)
        for seconds in (3600, -3600, 0, 3600, 0, -3600, 0):
            before = len(load.taken)
            step(seconds)
            wait_for(lambda: len(load.taken) > before + 25, what="webhooks to go on")
        load.stop()
        settle(box, up, load)
        asked = [r for r in box.ledger() if r["op"] == "chat"]
        print(f"  {len(load.taken)} messages, {len(asked) - len(load.taken)} asked about twice, "
              f"{len(load.refused)} webhooks sent again")


CALM = """
voice: { when = "never"; };
turn: { window_ms = 1500; window_unfinished_ms = 1500; reconcile_ms = 1500; };
"""


@contextlib.contextmanager
def moved(conf):
    """(up, box, the function that moves its clock)"""
    if os.environ.get("V", "release") in ("asan", "tsan"):
        raise Skip("a sanitizer wants to be loaded first")
    with clock() as (env, step), Sandbox() as box, Up(env={**box.env, **env}, conf_text=conf) as up:
        yield up, box, step


def customer(n):
    number = f"55119{n:08}"
    return {"From": f"whatsapp:+{number}", "WaId": number}


def answers(up, box, who):
    """How many messages went to this customer, once everything that came before is done."""
    quiet(up, 30)
    return sent_to(box).count(who["From"])


def test_a_clock_that_jumps_in_an_open_window_answers_once():
    with moved(CALM) as (up, box, step):
        for n, seconds in enumerate((3600, 0, -3600, 0)):
            up.text("qual o horário de vocês?", **customer(n))
            step(seconds)
            assert answers(up, box, customer(n)) == 1, (seconds, sent_to(box))
        assert len(sent_to(box)) == 4


def test_a_clock_that_jumps_keeps_a_stop_and_its_end():
    with moved(CALM) as (up, box, step):
        up.text("STOP", **customer(1))
        assert answers(up, box, customer(1)) == 1
        for seconds in (3600, -3600, 0):
            step(seconds)
            up.text("oi?", **customer(1))
            assert answers(up, box, customer(1)) == 1, seconds
        up.text("VOLTAR", **customer(1))
        assert answers(up, box, customer(1)) == 2
        for n, seconds in enumerate((3600, -3600, 0), 3):
            step(seconds)
            up.text("qual o horário?", **customer(1))
            assert answers(up, box, customer(1)) == n, seconds


def test_a_clock_that_jumps_leaves_nobody_braked():
    limits = "limits: { answers = 4; window_s = 600; quiet_s = 300; };\n"
    with moved(CALM + limits) as (up, box, step):
        for n, seconds in enumerate((-3600, 7200)):
            for words in ("qual o horário de vocês?", "onde fica a loja?", "vocês entregam em casa?", "aceitam cartão?",
                          "tem estacionamento?"):
                up.text(words, **customer(n))
                quiet(up, 30)
            assert answers(up, box, customer(n)) == 4, "the brake's limit"
            step(seconds)
            up.text("e no domingo, a loja abre?", **customer(n))
            assert answers(up, box, customer(n)) == 5, seconds


def test_a_clock_that_jumps_within_a_day_spends_its_ceiling_once():
    with moved(CALM + "limits: { daily_model_calls = 4; };\n") as (up, box, step):
        there = -3600 if time.gmtime().tm_hour in (23, 2) else 3600  # no day ends, here or in Brazil
        for n in range(8):
            step(there if n % 2 else 0)
            up.text("qual o horário de vocês?", **customer(n))
            assert answers(up, box, customer(n)) == 1, n
        asked = [r for r in box.ledger() if r["op"] == "chat"]
        assert 2 <= len(asked) <= 4, len(asked)
