"""What a turn by voice note takes beyond the provider's own time, when a session hears and
answers it: beside a client that does the same exchange and nothing else."""

import json
import subprocess

from rooms import make_speech
from stage import BIN, lib
from table import QUICK, percent, row, verdict

CONF = 'voice: { when = "never"; };\nturn: { window_ms = 0; window_audio_ms = 0; };\nwork: { processes = 1; };\n'


def bare(box, note, count):
    out = subprocess.run([BIN / "live", box.url.rpartition(":")[2], box.env["OPENAI_API_KEY"], note, str(count)],
                         capture_output=True, check=True, timeout=120).stdout
    return json.loads(out)


def traces(up, count):
    found = up.wait_rows("SELECT trace FROM turn_trace WHERE trace IS NOT NULL", count=count, timeout=30)
    found = [json.loads(r["trace"]) for r in found]
    for trace in found:
        trace["steps"] = {step["name"]: step for step in trace["steps"]}
    return found


def parts_of(steps):
    """Where a turn's time goes, in ms; the download is Twilio's."""
    hear = steps["hear"]
    lived = hear.get("live_ms", 0)
    return {"decode": hear["ms"] - hear["fetch_us"] / 1000 - lived, "hear": lived, "recall": steps["recall"]["ms"],
            "think": steps["think"]["ms"]}


def live():
    hear, think, rounds, each = 100, 200, 3 if QUICK else 10, 10
    # a text: the simulated model would look for one in the prompt, which is none of our time
    plan = f'realtime.transcribe delay={hear}\nrealtime.response delay={think} text="A entrega custa quinze reais."\n'
    theirs, count = [], rounds * each
    with lib.Sandbox(plan=plan) as box, lib.Up(env=box.env, conf_text=CONF) as up:
        note, _ = make_speech(up.dir, 5)
        got = lib.request(box.url, "POST", "/_sandbox/media?type=audio/ogg", note.read_bytes())
        lib.wait_for(lambda: up.get("/system/realtime-status").json()["sessions"]["ready"] >= 1, 20, "a warm session")
        for i in range(rounds):
            theirs += bare(box, note, each)
            for k in range(each):
                up.note(got.json()["url"], From=f"whatsapp:+55119{i:04}{k:04}")
                traces(up, i * each + k + 1)
        found = traces(up, count)
    parts = [parts_of(t["steps"]) for t in found]
    took = [sum(p.values()) for p in parts]
    base = percent(theirs, 0.5)
    more = [ms - base for ms in took]
    what, p50 = "a voice note in a session, beyond the provider's time", percent(more, 0.5)
    lived = sum("live_ms" in t["steps"]["hear"] for t in found)
    row(what, "bare client", f"hearing {hear} ms, thinking {think} ms",
        f"{base:.1f} / {percent(theirs, 0.99):.1f} / {max(theirs):.1f}")
    shares = ", ".join(f"{name} {percent([p[name] for p in parts], 0.5):.1f}" for name in parts[0])
    row(what, "recado", f"{shares}; {lived} of {count} in a session; without Twilio's part, the download",
        f"{percent(took, 0.5):.1f} / {percent(took, 0.99):.1f} / {max(took):.1f}")
    verdict(what, f"p50 {p50:.1f} ms", "≤ 15 ms", p50 <= 15 and lived == count)
