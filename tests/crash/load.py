"""The customers: signed webhooks at a steady rate from ever new contacts, and a ledger of every
answer. Each message carries a mark (m<contact>.<number>m) that its answer can be told by."""

import random
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from lib import message, request

NOTES = 0.02     # of the contacts send a voice note,
BURSTS = 0.12    # send several messages without waiting for an answer,
FOLLOW_UPS = 0.08  # send another one after a while,
PICTURES = 0.03  # send a picture with words,
AGAIN = 0.05     # of the messages are delivered a second time, as Twilio sometimes does
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489")
PATIENCE = 90    # s until a message that nobody takes is given up


class Sent:
    """One message: what it was, and when which answer came."""

    def __init__(self, contact, number, params, note):
        self.contact, self.number, self.params, self.note = contact, number, params, note
        self.sid = params["MessageSid"]
        self.taken = None      # when the first 200 came
        self.refusals = []     # (when, status; 0: no answer at all)

    @property
    def mark(self):
        return f"m{self.contact}.{self.number}m"


class Load:
    """Runs until stop(). .sent is the driver's ledger."""

    def __init__(self, up, box, rate, seed):
        self.up, self.box, self.rate = up, box, rate
        self.rng = random.Random(seed)
        self.sent, self.answers = [], []  # answers: (begun, ended) of every 200
        self.pool = ThreadPoolExecutor(192)
        self.stopped = threading.Event()
        self.first_contact = int(time.time()) % 10000 * 10000
        self.clock = threading.Thread(target=self._run, daemon=True)
        self.clock.start()

    # -- one contact

    def _plan(self, contact):
        """What a contact sends: (pause before it, "text", "note" or "picture") for each message."""
        dice = self.rng.random()
        for share, plan in ((NOTES, [(0, "note")]), (PICTURES, [(0, "picture")]),
                            (BURSTS, [(0, "text")] * self.rng.randint(2, 5)),
                            (FOLLOW_UPS, [(0, "text"), (self.rng.uniform(0.5, 5), "text")])):
            if dice < share:
                return plan
            dice -= share
        return [(0, "text")]

    def _make(self, contact, number, kind):
        mark = f"m{contact}.{number}m"
        fields = {"Body": f"pergunta {mark}", "NumMedia": "0"}
        if kind == "note":
            fields = {"Body": "", "MessageType": "audio", **self._attach(
                "audio/ogg", speak(contact), f"&text=recado+{mark}")}
        elif kind == "picture":
            fields.update(MessageType="image", **self._attach("image/png", PNG))
        return Sent(contact, number, message(sender=f"whatsapp:+55{contact:011}", **fields), kind == "note")

    def _attach(self, type, data, more=""):
        got = request(self.box.url, "POST", f"/_sandbox/media?type={type}{more}", data, {"Content-Type": type})
        return {"NumMedia": "1", "MediaUrl0": got.json()["url"], "MediaContentType0": type}

    def _post(self, params):
        begun = time.monotonic()
        try:
            status = self.up.post("/webhook/whatsapp", params, timeout=16).status
        except OSError:
            status = 0
        now = time.monotonic()
        if status == 200:
            self.answers.append((begun, now))
        return status, now

    def _deliver(self, sent):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status, now = self._post(sent.params)
            if status == 200:
                sent.taken = now
                return
            sent.refusals.append((now, status))
            time.sleep(0.1)

    def _contact(self, contact, plan, again):
        for number, (pause, kind) in enumerate(plan):
            if pause:
                self.stopped.wait(pause)
            sent = self._make(contact, number, kind)
            self.sent.append(sent)
            self._deliver(sent)
            if again and sent.taken:
                self._post(sent.params)

    # -- all of them

    def _run(self):
        begun, n, contact = time.monotonic(), 0, self.first_contact
        while not self.stopped.is_set():
            plan = self._plan(contact)
            self.pool.submit(self._contact, 11900000000 + contact, plan, self.rng.random() < AGAIN)
            contact += 1
            n += len(plan)
            self.stopped.wait(max(0, begun + n / self.rate - time.monotonic()))

    def stop(self):
        self.stopped.set()
        self.clock.join()
        self.pool.shutdown(wait=True)

    # -- figures

    def first_200s_after(self, times):
        """Of each time the end of the first 200 that was asked for after it; None when there was none."""
        answers, first, out = sorted(self.answers), None, {}
        for when in sorted(times, reverse=True):
            while answers and answers[-1][0] >= when:
                end = answers.pop()[1]
                first = end if first is None else min(first, end)
            out[when] = first
        return out

    def figures(self):
        refused = [s for sent in self.sent for _, s in sent.refusals]
        return {"messages": len(self.sent), "notes": sum(s.note for s in self.sent),
                "never taken": sum(s.taken is None for s in self.sent),
                "webhooks to be sent again": len(refused),
                "of them": {str(s): refused.count(s) for s in sorted(set(refused))}}


# --- voice notes ------------------------------------------------------------------------------


def speak(n):
    """A short voice note, Ogg/Opus as WhatsApp makes it. Each n sounds different: the sandbox
    knows by the sound what is said in it."""
    digits = " ".join(f"{n % 1000:03}")
    wav = subprocess.run(["espeak-ng", "-v", "pt-br", "-s", str(200 + 2 * (n // 1000 % 50)), "--stdout", digits],
                         capture_output=True, check=True).stdout
    return subprocess.run(["opusenc", "--quiet", "--bitrate", "16", "--comp", "0", "--speech", "-", "-"], input=wav,
                          capture_output=True, check=True).stdout
