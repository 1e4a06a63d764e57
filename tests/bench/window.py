"""How soon after its quiet window has closed a message is answered, when turns run ahead of it and
when they begin then: both in one run, one after the other by rounds."""

import time

from rooms import make_speech
from stage import lib
from table import QUICK, percent, row, verdict
from turns import each

MODEL, VOICE, HEAR = 600, 500, 1200  # ms of the simulated providers
CONF = 'voice: { when = "always"; };\nturn: { ahead = "%s"; };\nwork: { processes = 1; };\n'
CONF += 'routes = ( { path = "/webhook/whatsapp"; text = [ "chat" ]; audio = [ "chat" ]; } );\n'
WORDS = "O pedido {} sai hoje do centro e chega em dois dias."


def left_after(box, up, count):
    """Of each turn: how long after the window closed its text and its audio were asked to be sent."""
    lib.wait_for(lambda: not up.query("SELECT 1 FROM job WHERE kind = 'turn'"), 60, "every turn to end")
    close = {r["sender"]: r["received_ms"] for r in up.query("SELECT sender, received_ms FROM inbox")}
    found = {}
    for line in box.ledger():
        if line["op"] == "messages.create" and line["status"] == 201:
            found.setdefault(line["to"], []).append(line["t"])
    assert len(found) == count and all(len(times) == 2 for times in found.values()), found
    return [[t - close[to] for t in times] for to, times in found.items()]


def run_side(ahead, note, count):
    """count contacts, each a fifth of a second after the one before."""
    plan = each(WORDS, count, f"delay={MODEL}")
    plan += f"tts delay={VOICE}\ntranscribe delay={HEAR}\n"
    with lib.Sandbox(plan=plan) as box, lib.Up(env=box.env, conf_text=CONF % ahead) as up:
        url = None
        if note is not None:
            got = lib.request(box.url, "POST", "/_sandbox/media?type=audio/ogg", note.read_bytes())
            url = got.json()["url"]
        for i in range(count):
            who = f"whatsapp:+55119{i:08}"
            up.note(url, From=who) if url else up.text("quando chega?", From=who)
            time.sleep(0.2)
        return left_after(box, up, count)


def compare(what, window_ms, note, count, rounds):
    got = {"think": [], "off": []}
    for _ in range(rounds):
        for ahead, times in got.items():
            times += [[t - window_ms for t in turn] for turn in run_side(ahead, note, count)]
    for ahead, times in got.items():
        text, audio = ([t[i] for t in times] for i in (0, 1))
        row(what, "ahead" if ahead == "think" else "not ahead",
            f"text {percent(text, 0.5):.0f} / {percent(text, 0.99):.0f}, audio {percent(audio, 0.5):.0f} /"
            f" {percent(audio, 0.99):.0f} ms after it closed ({len(times)} turns)",
            f"{percent(audio, 0.5):.0f} / {percent(audio, 0.99):.0f} / {max(audio):.0f}")
    p50 = {ahead: percent([t[1] for t in times], 0.5) for ahead, times in got.items()}
    late = percent([max(t) for t in got["think"]], 0.5)
    early = min(min(t) for t in got["think"])
    verdict(what, f"text and audio p50 {late:.0f} ms, soonest {early:.0f} ms", "≤ 60 ms, ≥ 0 ms",
            late <= 60 and early >= -5, f"{p50['off'] / max(p50['think'], 1):.0f}×")


def window():
    count, rounds = (5, 1) if QUICK else (20, 3)
    with lib.Folder("recado-bench-") as folder:
        note, _ = make_speech(folder, 5)
        compare(f"answered after the window, model {MODEL} ms, voice {VOICE} ms", 1500, None, count, rounds)
        compare(f"the same, a note of 5 s, transcription {HEAR} ms", 2500, note, count, rounds)
