"""Who dies, and when: SIGKILL at random moments for a random process of one instance."""

import contextlib
import os
import random
import signal
import threading
import time

from lib import descendants, role_of, wait_for

# how often each is chosen; "group": recadod's master and all its children at the same moment,
# "zombie": a work process is stopped until others have its jobs, and then goes on
WHO = {"web": 30, "work": 30, "master": 13, "nginx: worker": 12, "group": 7, "zombie": 8}
BACKEND = {"backend": 6, "connection": 6}  # of PostgreSQL: killed with -9, which restarts the server; ended
RECADOD = ("master", "web", "work", "live")
ZOMBIE_S = 9  # V=crash has leases of 6 s


class Killer:
    """Kills `count` times, about every `every` seconds, then ends. .figures() says whom."""

    def __init__(self, up, load, count, every, seed, who=None):
        self.up, self.load, self.count, self.every = up, load, count, every
        self.who = who or {**WHO, **(BACKEND if up.database else {})}
        self.rng = random.Random(seed ^ 0x5eed)
        self.killed, self.restarts, self.threads = [], [], []
        self.outages = []  # of the database: (gone, answers again)

    def _send(self, pid, number):
        try:
            os.kill(pid, number)
            return True
        except ProcessLookupError:
            return False

    def _zombie(self, pid):
        def go_on():
            time.sleep(ZOMBIE_S)
            self._send(pid, signal.SIGCONT)
        return self._send(pid, signal.SIGSTOP) and self._beside(go_on)

    def _beside(self, do):
        t = threading.Thread(target=do, daemon=True)
        t.start()
        self.threads.append(t)
        return True

    def _watch_database(self):
        gone = time.monotonic()

        while time.monotonic() < gone + 60:
            time.sleep(0.1)  # a look costs a process; and the server has to notice first
            with contextlib.suppress(RuntimeError):
                self.up.database.query("SELECT 1")
                self.outages.append((gone, time.monotonic()))
                return

    def _strike_database(self, kind):
        try:
            pids = [int(r[0]) for r in self.up.database.query(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'recado'")]
            if kind == "connection":
                return self.up.database.end_connections() > 0
        except RuntimeError:
            return False  # it is starting again
        return (bool(pids) and self._send(self.rng.choice(sorted(pids)), signal.SIGKILL)
                and self._beside(self._watch_database))

    def _strike(self, kind):
        if kind in BACKEND:
            return self._strike_database(kind)
        roles = {}
        for pid, cmd in descendants(self.up.pid).items():
            roles.setdefault(role_of(cmd), []).append(pid)
        if kind == "group":
            hit = [p for role in RECADOD for p in roles.get(role, []) if self._send(p, signal.SIGKILL)]
            return len(hit) > 1
        pids = roles.get("work" if kind == "zombie" else kind, [])
        if not pids:
            return False
        pid = self.rng.choice(sorted(pids))
        return self._zombie(pid) if kind == "zombie" else self._send(pid, signal.SIGKILL)

    def run(self, progress):
        due = time.monotonic()
        while len(self.killed) < self.count:
            due += self.rng.uniform(0.3, 1.7) * self.every
            time.sleep(max(0, due - time.monotonic()))
            kind = self.rng.choices(list(self.who), list(self.who.values()))[0]
            while not self._strike(kind):  # it is being replaced at this moment
                kind = self.rng.choices(list(self.who), list(self.who.values()))[0]
                time.sleep(0.05)
            self.killed.append(kind)
            if kind in ("master", "group"):
                self.restarts.append(time.monotonic())
            progress(len(self.killed))
        for t in self.threads:
            t.join()

    def restart_times(self):
        """Seconds from each death of the master, or from when its database was back, to the next 200,
        sorted."""
        times = []
        for death, end in self.load.first_200s_after(self.restarts).items():
            if end is not None:
                back = [b for gone, b in self.outages if gone < end and b > death]
                times.append(max(0, end - max([death, *back])))
        return sorted(times)


def wait_healthy(up, timeout=20):
    def healthy():
        try:
            return up.get("/health").status == 200
        except OSError:
            return False
    wait_for(healthy, timeout, "health")
