"""Whatever a provider does wrong, a customer gets one answer, and once: each fault of each
provider, one after the other, on one instance."""

import time

from lib import Sandbox, Up, request, wait_for
from t_main import put_media, speech

CONF = """voice: { when = "mirror"; };
turn: { window_ms = 0; window_audio_ms = 0; reconcile_ms = 500; deadline_ms = 4000; hear_ms = 6000; };
work: { processes = 1; };
media = "s3://recado-test/shop";
routes = ( { path = "/webhook/whatsapp"; },
           { path = "/webhook/FUNCIONA"; },
           { path = "/webhook/assistant"; text = [ "assistant" ]; audio = [ "assistant" ]; } );
"""
STATUSES = [400, 401, 403, 404, 408, 409, 413, 422, 500, 502, 503, 504, 520]
HEADS = ["429", "429 retry-after=1", "500-after", "cut", "garbage", "never"] + [f"status={s}" for s in STATUSES]
STREAMS = ["broken", "failed", "incomplete", "filtered", "refusal"]

ANSWERED, DEAD, EITHER = "answered", "a dead letter", "one of both"

SOME = ["429", "500-after", "cut", "garbage", "never", "status=401", "status=503"]

# what the fault is put on → the faults, is it a voice note that meets it, what must come of it
TABLE = [
    ("chat", HEADS + STREAMS, False, ANSWERED),
    ("responses", HEADS + STREAMS, False, ANSWERED),
    ("realtime.transcribe", HEADS, True, ANSWERED),
    ("realtime.response", HEADS + STREAMS, True, ANSWERED),
    ("embeddings", SOME, False, ANSWERED),
    ("typing", SOME, False, ANSWERED),
    ("s3.put", SOME, True, ANSWERED),
    ("transcribe", HEADS, True, ANSWERED),
    ("tts", HEADS, True, ANSWERED),
    ("media.get", HEADS, True, ANSWERED),
    ("cdn.get", HEADS, True, ANSWERED),
    ("messages.create", ["429", "429 retry-after=1", "500-before", "500-after", "cut", "garbage"]
     + [f"status={s}" for s in (408, 500, 502, 503, 504, 520)], False, ANSWERED),
    ("messages.create", [f"status=400 code={c}" for c in (21610, 21211, 63016)], False, DEAD),
    ("messages.create", [f"status={s}" for s in (401, 403, 404, 409, 413, 422)], False, EITHER),
    ("messages.list", ["500-before", "cut", "garbage", "status=401"], False, ANSWERED),
]

# Where the fault is met: a session hears the notes of the others.
PATH = {"responses": "/webhook/assistant", "transcribe": "/webhook/FUNCIONA"}
# What leads there: what nobody knows is what the list is asked about, what takes long is announced,
# and what was spoken before is not asked for again.
BESIDE = {"messages.list": "messages.create 500-before times=1\n", "typing": "chat delay=1300 times={times}\n",
          "tts": 'realtime.response text="Resposta número {n}."\n'}


def beside(op, n, times=1):
    return BESIDE.get(op, "").format(n=n, times=times)


# Two that go well behind each fault: an open breaker would keep the next case from its own.
WELL = 2
NO_BREAKER = ("media.get", "cdn.get", "messages.create", "messages.list", "s3.put")


def set_plan(box, text):
    got = request(box.url, "POST", "/_sandbox/plan", text.encode(), {"Content-Type": "text/plain"})
    assert got.status == 200, (text, got.body)


def accepted(box, to):
    return [r for r in box.ledger() if r["op"] == "messages.create" and "sid" in r and r["to"] == to]


def asked(box, op):
    return sum(r["op"] == op for r in box.ledger())


def send(box, up, op, n, audio, sender):
    path = PATH.get(op, "/webhook/whatsapp")
    if audio:
        up.note(put_media(box, speech(f"pergunta número {n}")), sender=sender, path=path)
    else:
        up.text(f"pergunta número {n}", sender=sender, path=path)


def all_well(box, up, op, n, audio):
    if op in NO_BREAKER:
        return
    set_plan(box, beside(op, 10000 + n, WELL))
    for i in range(WELL):
        send(box, up, op, n, audio, f"whatsapp:+5531{i}{n:08}")
    wait_for(lambda: not up.query("SELECT 1 FROM job WHERE kind = 'turn'"), 20, "what goes well to end")


def one_case(box, up, n, op, fault, audio, want):
    sender = f"whatsapp:+55217{n:08}"
    before = asked(box, op)
    set_plan(box, f"{op} {fault} times=1\n" + beside(op, n))
    send(box, up, op, n, audio, sender)

    def ended():
        return (not up.query("SELECT 1 FROM job WHERE kind = 'turn' AND key = ?", sender)
                and (accepted(box, sender) or up.query("SELECT 1 FROM dead_letter WHERE sender = ?", sender)))
    wait_for(ended, 40, f"{op} {fault} to end")
    wait_for(lambda: asked(box, op) > before, 5, "the fault to be met")
    messages = accepted(box, sender)
    dead = up.query("SELECT why FROM dead_letter WHERE sender = ?", sender)
    keys = [m["key"] for m in messages]
    assert len(set(keys)) == len(keys), ("sent twice", messages)
    got = ANSWERED if messages and not dead else DEAD if dead and not messages else (messages, dead)
    assert got == want or want is EITHER and got in (ANSWERED, DEAD), got
    assert all(m.get("body") or m.get("media_url") for m in messages), messages


def run(op):
    wrong, n, begun = [], 0, time.monotonic()
    with Sandbox() as box, Up(env=box.env, conf_text=CONF) as up:
        for at, faults, audio, want in TABLE:
            for fault in faults if at == op else ():
                n += 1
                try:
                    one_case(box, up, n, op, fault, audio, want)
                    all_well(box, up, op, n, audio)
                except AssertionError as e:  # a wait that ended in vain is one
                    wrong.append(f"{op} {fault}: {e}")
    print(f"  {n} faults of {op} in {time.monotonic() - begun:.1f} s")
    assert not wrong, "\n".join(map(str, wrong))


def test_faults_of_the_model():
    run("chat")


def test_faults_of_the_assistant():
    run("responses")


def test_faults_of_hearing_in_a_session():
    run("realtime.transcribe")


def test_faults_of_answering_in_a_session():
    run("realtime.response")


def test_faults_of_what_only_helps():
    run("embeddings")
    run("typing")


def test_faults_of_the_store_of_media():
    run("s3.put")


def test_faults_of_the_ears():
    run("transcribe")


def test_faults_of_the_voice():
    run("tts")


def test_faults_of_an_attachment():
    run("media.get")
    run("cdn.get")


def test_faults_of_sending():
    run("messages.create")
    run("messages.list")
