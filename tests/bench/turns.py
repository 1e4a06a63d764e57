"""Whole turns, from the webhook to the message that Twilio accepts, with simulated providers
that take as long as they are told to."""

import json
import time

from acks import CONNECTIONS, bad
from stage import Sampler, Side, lib, pss_mb, recadod, tree
from table import QUICK, REPS, latency, median, percent, row, say, verdict


class Sent:
    """The messages that the simulated Twilio was asked to send: the times in its ledger, read
    on from where the last look ended."""

    def __init__(self, box):
        self.file, self.at, self.times = box.ledger_file, 0, []

    def look(self):
        with open(self.file, "rb") as f:
            f.seek(self.at)
            text = f.read()
        text = text[:text.rfind(b"\n") + 1]
        self.at += len(text)
        for line in text.splitlines():
            if b'"messages.create"' in line:
                self.times.append(json.loads(line)["t"])
        return len(self.times)


def traces(side):
    """Every finished turn: its trace, the steps by name."""
    found = lib.query(side.folder / "recado.db",
                      "SELECT trace FROM turn_trace WHERE trace IS NOT NULL")
    found = [json.loads(r["trace"]) for r in found]
    for trace in found:
        trace["steps"] = {step["name"]: step for step in trace["steps"]}
    return found


def run_load(side, sent, count, parts, pids, **options):
    """count turns to their end: what the generator says, and the memory of all processes at its most."""
    before = sent.look()
    with Sampler(lambda: pss_mb(pids), 0.2) as pss:
        out = side.load(count=count, contacts=count, seconds=120, warm=0, **options)
        lib.wait_for(lambda: sent.look() >= before + count * parts, 60, f"{count * parts} messages to leave")
    out["pss_mb"] = pss.most
    out["turns_s"] = (max(sent.times[before:]) - out["began_ms"]) / 1000
    out["twice"] = len(sent.times) - before - count * parts
    return out


def run_turns(plan, voice, count, parts=1, **options):
    """One load on a new daemon: what the generator says, when the messages left, the traces."""
    with lib.Sandbox(plan=plan) as box:
        side = Side("recado", recadod(lib.BUILD / "recadod", f"voice.when={voice}"), env=box.env)
        sent = Sent(box)
        try:
            out = run_load(side, sent, count, parts, tree(side.daemon.pid) + tree(side.nginx.pid), **options)
            lib.wait_for(lambda: len(traces(side)) >= count, 20, f"{count} finished turns")
            return out, sent.times, traces(side)
        finally:
            side.stop()


def settle(side):
    """Until the daemon's work processes are older than any ramp, and idle."""
    lib.wait_for(lambda: not lib.query(side.folder / "recado.db", "SELECT 1 FROM job"), 20, "every job to end")
    time.sleep(12)


def turns():
    """The same load on a daemon that has just started, and once more when it has run."""
    count = 1000
    ages = {"fresh start": [], "has run": []}
    for _ in range(REPS):
        with lib.Sandbox(plan="chat delay=800\n") as box:
            side = Side("recado", recadod(lib.BUILD / "recadod", "voice.when=never"), env=box.env)
            sent = Sent(box)
            try:
                pids = tree(side.daemon.pid) + tree(side.nginx.pid)
                for age, runs in ages.items():
                    runs.append(run_load(side, sent, count, 1, pids, connections=CONNECTIONS))
                    say(f"{count} turns in {runs[-1]['turns_s']:.2f} s, {age}, PSS {runs[-1]['pss_mb']:.0f} MB")
                    if age == "fresh start":
                        settle(side)
            finally:
                side.stop()
    for age, runs in ages.items():
        what = f"{count} text turns, model 800 ms, {age}"
        took, pss = median(runs, "turns_s"), max(r["pss_mb"] for r in runs)
        wrong = bad(runs) + sum(r["twice"] for r in runs)
        row(what, "recado", f"{took:.2f} s, best {min(r['turns_s'] for r in runs):.2f} s"
            + (f", {wrong} WRONG" if wrong else ""), latency(runs), pss=f"{pss:.0f}")
        verdict(what, f"first webhook to last message {took:.2f} s", "≤ 3 s", took <= 3 and wrong == 0)
        verdict(what, f"all processes {pss:.0f} MB PSS", "≤ 150 MB", pss <= 150)


def own():
    """Providers that take exactly this long; what a turn takes beyond that is ours."""
    chat, send = 200, 100
    count = 40 if QUICK else 200
    # a text: the simulated model would look for one in the prompt, which is none of our time
    plan = f'chat delay={chat} text="A entrega custa quinze reais."\nmessages.create delay={send}\n'
    _, _, found = run_turns(plan, "never", count, connections=8, rate=20)
    ours = [t["total_ms"] - chat - send for t in found]
    waited = [t["steps"]["gather"]["waited_ms"] for t in found]
    steps = [f"{name} {percent([t['steps'][name]['ms'] for t in found], 0.5):.1f}"
             for name in ("gather", "recall", "think", "send")]
    what, p50 = "our own time in a text turn", percent(ours, 0.5)
    row(what, "recado", f"model {chat} ms, Twilio {send} ms: {', '.join(steps)}",
        f"{p50:.1f} / {percent(ours, 0.99):.1f} / {max(ours):.1f}")
    row(what, "before it: received → claimed", "both commits included",
        f"{percent(waited, 0.5):.0f} / {percent(waited, 0.99):.0f} / {max(waited)}")
    verdict(what, f"p50 {p50:.1f} ms", "≤ 3 ms", p50 <= 3)


def each(words, count, more=""):
    """A plan in which each turn begins with words of its own: what was spoken is not spoken again."""
    return "".join(f'chat nth={i + 1} {more} text="{words.format(i)}"\n' for i in range(count))


def first_sentence():
    """From the end of the first sentence to the first request for its speech, while the model
    still talks."""
    count = 20 if QUICK else 100
    words = "A entrega número {} no centro custa quinze reais. Para os outros bairros depende da distância."
    _, _, found = run_turns(each(words, count, "pace=20"), "always", count, parts=2, connections=8, rate=10)
    waits = [t["steps"]["speak"]["voice_wait_us"] / 1000 for t in found if "voice_wait_us" in t["steps"]["speak"]]
    what, p99 = "first sentence whole → first request for speech", percent(waits, 0.99)
    row(what, "recado", f"{len(waits)} of {count} turns, the model paced",
        f"{percent(waits, 0.5):.2f} / {p99:.2f} / {max(waits):.2f}")
    verdict(what, f"p99 {p99:.2f} ms", "≤ 5 ms", p99 <= 5 and len(waits) == count)


def tail():
    count = 20 if QUICK else 60
    words = "Este é o pedido {}: ele sai hoje do centro e chega em dois dias úteis, sem custo nenhum."
    _, _, found = run_turns(each(words, count), "always", count, parts=2, connections=8, rate=5)
    speak = [t["steps"]["speak"] for t in found]
    tails = [s["voice_tail_us"] / 1000 for s in speak if "voice_tail_us" in s]
    what = "end of a spoken reply after its last sample"
    p99 = percent(tails, 0.99)
    row(what, "recado", f"{len(tails)} of {count} turns spoken",
        f"{percent(tails, 0.5):.1f} / {p99:.1f} / {max(tails):.1f}")
    verdict(what, f"p99 {p99:.1f} ms", "≤ 50 ms", p99 <= 50 and len(tails) == count)
