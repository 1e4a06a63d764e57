"""Nothing is lost and nothing is sent twice, whoever is killed and whatever is reloaded."""

import contextlib
import os
import random
import signal
import threading
import time

from lib import Sandbox, Up, alive, descendants, message, request, role_of, wait_for

NEVER = 'voice: { when = "never"; };\n'


class Load:
    """Signed texts at a steady rate, each from a customer of its own. Like Twilio, a message
    that was not taken is sent again; .taken holds those that were answered with 200."""

    def __init__(self, up, rate=50):
        self.up, self.rate = up, rate
        self.taken, self.refused, self.senders = [], [], []
        self._stop = threading.Event()
        self._threads = []
        self._clock = threading.Thread(target=self._run)
        self._clock.start()

    def _one(self, n):
        sender = f"whatsapp:+55119{n:08}"
        params = message(sender=sender, Body=f"mensagem número {n}", NumMedia="0")
        for _ in range(40):
            try:
                status = self.up.post("/webhook/whatsapp", params).status
            except OSError:
                status = 0
            if status == 200:
                self.taken.append((params["MessageSid"], sender))
                return
            self.refused.append(status)
            time.sleep(0.1)

    def _run(self):
        began, n = time.monotonic(), 0
        while not self._stop.is_set():
            t = threading.Thread(target=self._one, args=(n,))
            t.start()
            self._threads.append(t)
            n += 1
            self._stop.wait(max(0, began + n / self.rate - time.monotonic()))
        self.sent = n

    def stop(self):
        self._stop.set()
        self._clock.join()
        for t in self._threads:
            t.join()


def pids_of(up, role):
    return [p for p, cmd in descendants(up.pid).items() if role_of(cmd) == role]


def settle(box, up, load):
    """Every message that was answered with 200 is stored and answered exactly once."""
    assert len(load.taken) == load.sent, (len(load.taken), load.sent)
    wait_for(lambda: not up.query("SELECT 1 FROM job LIMIT 1"), 90, "every job to end")
    stored = {r["event_key"] for r in up.query("SELECT event_key FROM inbox")}
    assert {sid for sid, _ in load.taken} <= stored
    answered = {r["phone_number"]: r["n"] for r in
                up.query("SELECT phone_number, count(*) n FROM conversations GROUP BY 1")}
    accepted = {}
    for r in box.ledger():
        if r["op"] == "messages.create" and r["status"] == 201:
            accepted[r["to"]] = accepted.get(r["to"], 0) + 1
    for _, sender in load.taken:
        assert answered.get(sender.removeprefix("whatsapp:")) == 1, (sender, answered.get(sender[9:]))
        assert accepted.get(sender) == 1, (sender, accepted.get(sender))
    assert up.query("PRAGMA integrity_check")[0]["integrity_check"] == "ok"


def killing(role, times=6):
    rng = random.Random(7)
    with Sandbox(plan="chat delay=150\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        load = Load(up)
        late = 0
        for _ in range(times):
            wait_for(lambda: request(up.url, "GET", "/health").status == 200, 20, "health")
            time.sleep(rng.uniform(0.1, 0.5))  # a random moment, not a wait
            before = set(pids_of(up, role))
            victim = rng.choice(sorted(before))
            os.kill(victim, signal.SIGKILL)
            killed = time.monotonic()
            wait_for(lambda: not alive(victim) and set(pids_of(up, role)) - before, 10, f"another {role}")
            late = max(late, time.monotonic() - killed)
        load.stop()
        settle(box, up, load)
        print(f"  {role}: {load.sent} messages, {times} kills, replaced within {late * 1000:.0f} ms, "
              f"{len(load.refused)} webhooks had to be sent again")


def test_killed_web_processes_lose_nothing():
    killing("web")


def test_killed_work_processes_lose_nothing():
    killing("work")


def test_killed_masters_lose_nothing():
    killing("master", 4)


def test_reloads_under_load_lose_nothing():
    with Sandbox(plan="chat delay=150\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        load = Load(up)
        for n in range(5):
            os.kill(up.master(), signal.SIGHUP)
            up.wait_log(rf"reload done: generation {n + 2} serves")
        load.stop()
        assert not load.refused, load.refused
        settle(box, up, load)


def test_what_a_draining_process_held_goes_on_when_it_is_killed():
    """Nobody takes its place, so nobody would free its leases before their end."""
    conf = NEVER + "drain_ms = 60000;\n"
    with Sandbox(plan="chat delay=7000 times=1\n") as box, Up(env=box.env, conf_text=conf) as up:
        old = pids_of(up, "work")
        up.text("oi")
        up.wait_rows("SELECT 1 FROM turn")
        os.kill(up.master(), signal.SIGHUP)
        up.wait_log(r"reload done: generation 2 serves")
        began = time.monotonic()
        for pid in old:
            with contextlib.suppress(ProcessLookupError):  # the one without work may be done
                os.kill(pid, signal.SIGKILL)
        box.seen(lambda r: r["op"] == "messages.create" and r["status"] == 201)
        assert time.monotonic() - began < 6, "its lease had to end first"
        up.wait_log(r"1 jobs of a process that was to end go on")


def test_a_bad_file_leaves_the_old_configuration_running():
    with Sandbox() as box, Up(env=box.env, conf_text=NEVER) as up:
        before = pids_of(up, "web")
        (up.dir / "recado.conf").write_text(NEVER + "web: { thraeds = 3; };\n")
        os.kill(up.master(), signal.SIGHUP)
        up.wait_log(r"recado\.conf:2: .*thraeds.*threads")
        up.wait_log("reload refused")
        assert pids_of(up, "web") == before
        up.text("oi")
        up.wait_rows("SELECT * FROM conversations")


def test_sigterm_finishes_what_is_in_flight():
    with Sandbox(plan="chat delay=1500\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        box.seen(lambda r: r["op"] == "chat")
        assert up.stop() == 0
        assert len(up.query("SELECT * FROM conversations")) == 1
        assert len([r for r in box.ledger() if r["op"] == "messages.create"]) == 1
        assert not up.query("SELECT 1 FROM job")


def test_a_second_start_goes_on_where_the_first_was_killed():
    with Sandbox(plan="chat delay=800\n") as box, Up(env=box.env, conf_text=NEVER) as up:
        up.text("oi")
        box.seen(lambda r: r["op"] == "chat")
        for pid in [up.pid, *descendants(up.pid)]:
            with contextlib.suppress(ProcessLookupError):  # some follow their parent at once
                os.kill(pid, signal.SIGKILL)
        up.wait()
        with Up(dir=up.dir, env=box.env) as again:
            again.wait_rows("SELECT * FROM conversations")
            assert len([r for r in box.ledger() if r["op"] == "messages.create"]) == 1
