"""make crash: real programs under load, killed at random moments, then the ledgers compared.

    N=50 SEED=7 make crash          N kills (default 50); SEED repeats a run's choices
    POINTS=1 make crash             each crash point once (POINTS=text: those whose name has it)
    STILL=1 make crash              work processes stand still just before they send, N times at each point
    FAULTS=1 make crash             each planted fault must be noticed within 200 kills or stops
    LIST=1 make crash               names the crash points
    RATE=50 KILL_EVERY=1.0          webhooks and seconds
    DATABASE=postgres               a PostgreSQL server of its own instead of a SQLite file
    KEEP=1                          leaves the folders where they are"""

import contextlib
import os
import random
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "process")]
os.environ.setdefault("V", "crash")

import lib  # noqa: E402
from checker import Check, accepted_sends  # noqa: E402
from killer import ZOMBIE_S, Killer, wait_healthy  # noqa: E402
from load import Load  # noqa: E402

RATE = float(os.environ.get("RATE", "50"))
KILL_EVERY = float(os.environ.get("KILL_EVERY", "1"))
DATABASE = os.environ.get("DATABASE", "sqlite")
SETTLE_S = 120  # everything ends within two minutes of the last fault, and what waited then at the load's pace
FIRST_200_S = 1.0
# Notes are answered by voice, so that there are files as well; a fate unknown is soon looked up,
# so that the list is asked as often as a callback comes; the last route is for the points.
CONF = """voice: { when = "mirror"; };
limits: { loop_answers = 0; answers = 0; fast_answers = 0; };
turn: { window_ms = 400; window_audio_ms = 400; window_max_ms = 1500; reconcile_ms = 1500; };
routes = ( { path = "/webhook/whatsapp"; }, { path = "/webhook/twiml"; reply = "twiml"; } );
"""

# name → whom to kill for it to show, how many in a round, what else goes wrong meanwhile
PLANTED = {
    "ack-before-commit": ({"web": 1, "group": 1}, 10, ""),
    "no-fence": ({"zombie": 1}, 4, "messages.create 429 prob=0.4\n"),
    "blind-resend": ({"work": 2, "web": 1}, 10, "callback never\n"),
    "no-unique": ({"web": 1}, 10, ""),
    "late-send": None,  # nobody dies: a process stands still
}

PLAN = """seed {seed}
chat delay=40
messages.create 500-before prob=0.02
messages.create 500-after prob=0.02
messages.create cut prob=0.015
messages.create garbage prob=0.005
messages.create 429 retry-after=1 prob=0.015
messages.create never prob=0.001
callback never prob=0.25
callback twice prob=0.1
callback disorder prob=0.2
callback delay=1000 prob=0.2
messages.list 500-before prob=0.05
messages.list cut prob=0.02
chat 500-before prob=0.03
chat cut prob=0.02
chat garbage prob=0.01
chat broken prob=0.01
chat incomplete prob=0.01
chat 429 prob=0.01
transcribe 500-before prob=0.04
transcribe cut prob=0.02
media.get 500-before prob=0.04
cdn.get cut prob=0.03
tts 500-before prob=0.04
tts cut prob=0.03
"""


# so slow that a customer sees us typing, that a voice comes behind its text, and fails more often
SLOWER = """chat delay=1500 prob=0.05
tts delay=9000 prob=0.1
tts cut prob=0.2
"""


def say(*words):
    print(*words, flush=True)


def again(**more):
    """The command that repeats this run."""
    words = {k: os.environ[k] for k in ("N", "RATE", "KILL_EVERY", "DATABASE", "POINTS", "STILL", "FAULTS")
             if os.environ.get(k)}
    words.update({k: str(v) for k, v in more.items()})
    return " ".join(f"{k}={v}" for k, v in words.items()) + " make crash"


def set_plan(box, text):
    got = lib.request(box.url, "POST", "/_sandbox/plan", text.encode(), {"Content-Type": "text/plain"})
    assert got.status == 200, got.body


class Scene:
    """One instance with its sandbox and its customers."""

    def __init__(self, seed, env=None, rate=RATE, plan=PLAN):
        self.seed = seed
        with contextlib.ExitStack() as made:
            self.database = made.enter_context(lib.Postgres(own_server=True)) if DATABASE == "postgres" else None
            self.box = made.enter_context(lib.Sandbox(plan=plan.format(seed=seed % 2**31)))
            self.up = lib.Up(env={**self.box.env, **(env or {})}, conf_text=CONF, database=self.database)
            self.load = Load(self.up, self.box, rate, seed)
            made.pop_all()

    def waiting(self):
        return self.up.query("SELECT count(*) AS n FROM job WHERE kind = 'turn'")[0]["n"]

    def settle(self):
        """No more faults, no more customers, and everything comes to its end. Seconds it took."""
        begun = time.monotonic()
        set_plan(self.box, "")
        wait_healthy(self.up)
        self.load.stop()
        self.left, end = self.waiting(), time.monotonic() + SETTLE_S
        end += self.left / self.load.rate
        while self.waiting() and time.monotonic() < end:  # the checker says which ones
            time.sleep(0.2)
        return time.monotonic() - begun

    def check(self):
        self.up.stop()  # a callback that is late must not move what is being compared
        self.checked = Check(self.load.sent, accepted_sends(self.box.ledger_file), self.up)
        wrong = self.checked.run()
        never = [s.sid for s in self.load.sent if not s.taken]
        if never:
            wrong.append(f"{len(never)} messages were never taken: {never[:5]}")
        return wrong

    def close(self, failed):
        self.load.stopped.set()
        if failed:
            say(f"--- the end of {self.up.dir}/log/recadod.log\n{self.up.log()[-3000:]}")
        self.up.stop()
        self.box.stop()
        if not (failed and "KEEP" in os.environ):
            self.up.folder.__exit__()
            self.box.folder.__exit__()
        if self.database is not None:
            self.database.__exit__()


# --- random kills ---------------------------------------------------------------------------


def report(scene, killer, settled):
    kinds = {k: killer.killed.count(k) for k in sorted(set(killer.killed))}
    say(f"crash: {len(killer.killed)} kills {kinds}, {scene.left} jobs waited then, settled in {settled:.1f} s")
    say(f"crash: {scene.load.figures()} {scene.checked.figures()}")
    times = killer.restart_times()
    if times:
        over = sum(t > FIRST_200_S for t in times)
        say(f"crash: first 200 after the master's death: median {times[len(times) // 2] * 1000:.0f} ms, "
            f"99 % {times[len(times) * 99 // 100] * 1000:.0f} ms, worst {times[-1] * 1000:.0f} ms of {len(times)}, "
            f"{over} over {FIRST_200_S:.0f} s" + (" (the database's own restarts left out)" if killer.outages else ""))
    if killer.outages:
        away = sorted(back - gone for gone, back in killer.outages)
        say(f"crash: the database was away {len(away)} times, median {away[len(away) // 2] * 1000:.0f} ms, "
            f"worst {away[-1] * 1000:.0f} ms")
    return times


def random_kills(n, seed, every=KILL_EVERY, env=None, who=None, plan=PLAN, quiet=False):
    """What is wrong after n kills: a list of sentences."""
    scene, wrong = Scene(seed, env, plan=plan), ["the run did not end"]
    try:
        killer = Killer(scene.up, scene.load, n, every, seed, who)
        begun = time.monotonic()
        killer.run(lambda k: quiet or k % 50 or say(f"crash: {k} of {n} kills, {len(scene.load.sent)} messages, "
                                                    f"{time.monotonic() - begun:.0f} s"))
        settled = scene.settle()
        wrong = scene.check()
        if not quiet:
            times = report(scene, killer, settled)
            if times and times[len(times) // 2] > FIRST_200_S * lib.SLOW:  # one may meet a busy machine
                wrong.append(f"half of the first 200s came {times[len(times) // 2]:.2f} s or later")
    finally:
        scene.close(failed=wrong and not quiet)
    return wrong


def verdict(name, wrong, command):
    for w in wrong:
        say(f"crash: {w}")
    say(f"{name} {'FAILED; again: ' + command if wrong else 'ok'}")
    return not wrong


def main_random(seed):
    n = int(os.environ.get("N") or 50)
    return [verdict(f"crash.random_{n}", random_kills(n, seed), again(SEED=seed, N=n))]


# --- each point ------------------------------------------------------------------------------


class Aim:
    """struct rcd_crash_aim in a file that every process of the instance maps."""

    def __init__(self, path):
        self.path = Path(path)
        self.path.write_bytes(bytes(132))

    def at(self, name, stops=False):
        with open(self.path, "r+b") as f:
            f.seek(4)
            f.write(struct.pack("i", stops) + name.encode().ljust(124, b"\0"))
            f.flush()
            f.seek(0)
            f.write(struct.pack("i", 1))

    def spent(self):
        with open(self.path, "rb") as f:
            return struct.unpack("i", f.read(4))[0] < 1

    def off(self):
        with open(self.path, "r+b") as f:
            f.write(struct.pack("i", 0))


def list_points():
    out = subprocess.run([str(lib.BUILD / "tests/crash/list")], capture_output=True, text=True, check=True)
    return sorted(set(out.stdout.split()))


# points that a running instance with these settings does not come by, and who does
ELSEWHERE = {
    "socket.make_way": "recadod with a socket of its own",
    "s3.": "media in an object store",
    "followup.": "a message promised for later", "forget.": "a customer who asks to be forgotten",
    "import.": "recado import-history",
    "dead.rcd_dead_drop": "recado queue", "dead.rcd_dead_retry": "recado queue",
    "owner.rcd_owner_set": "recado takeover and handback",
    "openai_conversation.": "the assistant rung",
    "history.rcd_history_die": "a turn that is given up after hours",
    "gather.rcd_turn_gather": "a job whose messages another turn has answered",
    "copy.": "recado migrate-to",
    "embedding.": "an embeddings model",
    "persona.": "recado persona",
    "memory.": "a contact's summary, after many turns", "summary.": "the same", "work.end_summary": "the same",
    "job.rcd_job_wait": "the same",
    "history.rcd_history_voice": "a voice that comes after its text's time",
}


def kill_role(up, role):
    for pid, cmd in lib.descendants(up.pid).items():
        if lib.role_of(cmd) == role:
            os.kill(pid, signal.SIGKILL)


def expire_audio(up):
    """As if the time of one spoken answer were over. A connection that writes must not
    checkpoint beside the daemon."""
    up.wait_rows("SELECT name FROM media")
    if up.database is not None:
        up.database.query("UPDATE recado.media SET expires_ms = 0 WHERE name = (SELECT min(name) FROM recado.media)")
        return
    c = sqlite3.connect(up.dir / "recado.db", timeout=10, isolation_level=None)
    c.execute("PRAGMA wal_autocheckpoint=0")
    c.execute("UPDATE media SET expires_ms = 0 WHERE name = (SELECT min(name) FROM media)")
    c.close()


def nudge(up, name):
    """Brings about what the load alone does not."""
    file = name.split(".")[0]
    if file == "passage":
        (up.dir / "knowledge/nova.md").write_text(f"# Novidade\n\nDesde {time.time()}.\n")
        kill_role(up, "work")  # it reads the folder when it begins
    elif "media_forget" in name or file == "blob_local" or "upkeep" in name:
        expire_audio(up)
        kill_role(up, "work")
    elif file == "heard":
        kill_role(up, "work")  # it asks for missed messages when it begins
    elif "empty_log" in name:
        os.kill(lib.wait_for(up.master), signal.SIGHUP)  # the old generation closes its stores
    elif name.startswith("master.reload"):
        os.kill(lib.wait_for(up.master), signal.SIGHUP)
    elif "job_release.write" in name:
        kill_role(up, "work")
    elif file in ("master", "migrate") or "job_release" in name or "main.ready" in name:
        kill_role(up, "master")
    elif file == "status":
        up.get("/")
    elif file == "twiml" or "claim_one" in name:
        up.post("/webhook/twiml", lib.message(sender="whatsapp:+5521911112222", Body="oi", NumMedia="0"))


def main_points(seed, wanted):
    folder = lib.Folder("recado-aim-")
    aim = Aim(folder.path / "aim")
    scene, reached, missed = Scene(seed, {"CRASH_AT": f"@{aim.path}"}, plan=PLAN + SLOWER), [], []
    wrong = ["the run did not end"]
    try:
        for name in list_points():
            if wanted != "1" and wanted not in name or name != wanted and name.startswith(tuple(ELSEWHERE)):
                continue
            wait_healthy(scene.up)
            aim.at(name)
            with contextlib.suppress(OSError):  # whom it asked may die of it
                nudge(scene.up, name)
            try:
                lib.wait_for(aim.spent, 6, name)
                reached.append(name)
            except lib.Timeout:
                aim.off()
                missed.append(name)
        settled = scene.settle()
        wrong = scene.check()
        say(f"crash: died at {len(reached)} points, settled in {settled:.1f} s; not passed: "
            f"{' '.join(missed) or 'none'}")
    finally:
        scene.close(failed=wrong)
        folder.__exit__()
    return [verdict("crash.points", wrong, again(SEED=seed, POINTS=wanted))]


# --- who stands still ------------------------------------------------------------------------

# between the intent and the wire, longer than the lease: others look at the message meanwhile
STILL = ("twilio_send.post_message.http.before", "outbox_move.rcd_outbox_mark.write.after")


def still(seed, points, env=None):
    """What is wrong after a work process stood still at each point just before it sends, until another
    had sent what it was about to send, and then went on. No callback comes: only the list can tell."""
    unknown = set(points) - set(list_points())
    if unknown:
        return [f"there is no point {', '.join(sorted(unknown))}: LIST=1 make crash names them"]
    folder = lib.Folder("recado-aim-")
    aim = Aim(folder.path / "aim")
    scene, stood = Scene(seed, {"CRASH_AT": f"@{aim.path}", **(env or {})}, plan=PLAN + "callback never\n"), 0
    wrong = ["the run did not end"]
    try:
        for name in points:
            wait_healthy(scene.up)
            aim.at(name, stops=True)
            with contextlib.suppress(lib.Timeout):
                lib.wait_for(aim.spent, 6, name)
                time.sleep(ZOMBIE_S)
                stood += sum(lib.go_on(pid) for pid in lib.descendants(scene.up.pid))
            aim.off()
        settled = scene.settle()
        wrong = scene.check()
        late = scene.up.log().count("its time to be sent is over")
        say(f"crash: {stood} stood still before sending, {late} noticed that they came too late, "
            f"settled in {settled:.1f} s")
        if not env and (stood < len(points) / 2 or not late):
            wrong.append(f"only {stood} stood still, {late} came too late: nothing was tried")
    finally:
        scene.close(failed=wrong and not env)
        folder.__exit__()
    return wrong


def main_still(seed, rounds):
    return [verdict("crash.still", still(seed, STILL * rounds), again(SEED=seed, STILL=rounds))]


# --- planted faults ---------------------------------------------------------------------------


def notice(seed, fault):
    """What the checker says of a planted fault, and after how many kills (or stops)."""
    kills, wrong, env = 0, [], {"RCD_FAULT": fault}
    while kills < 200 and not wrong:
        if PLANTED[fault] is None:
            n, wrong = 1, still(seed + kills, STILL[:1], env)
        else:
            who, n, more = PLANTED[fault]
            wrong = random_kills(n, seed + kills, every=0.6, env=env, who=who, plan=PLAN + more, quiet=True)
        kills += n
    return kills, wrong


def main_faults(seed, wanted):
    """Each must be noticed, in rounds of a few kills, within 200."""
    results = []
    for fault in PLANTED:
        if wanted not in ("1", fault):
            continue
        begun = time.monotonic()
        kills, wrong = notice(seed, fault)
        say(f"crash: {fault}: {'noticed after ' + str(kills) if wrong else 'NOT noticed in ' + str(kills)} kills, "
            f"{time.monotonic() - begun:.0f} s" + "".join(f"\n       {w}" for w in wrong[:3]))
        results.append(verdict(f"crash.planted_{fault}", [] if wrong else [f"{fault} was not noticed"],
                               again(SEED=seed, FAULTS=fault)))
    return results


def main():
    if os.environ.get("LIST"):
        say("\n".join(list_points()))
        return 0
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(1, 1 << 31))
    say(f"crash: SEED={seed}")
    results = []
    if os.environ.get("POINTS"):
        results += main_points(seed, os.environ["POINTS"])
    if os.environ.get("STILL"):
        results += main_still(seed, int(os.environ["STILL"]))
    if os.environ.get("FAULTS"):
        results += main_faults(seed, os.environ["FAULTS"])
    if os.environ.get("N") or not results:
        results += main_random(seed)
    lib.put_away()
    say(f"crash: {results.count(True)} passed, {results.count(False)} failed")
    return 0 if all(results) else 1


sys.exit(main())
