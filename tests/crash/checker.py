"""What must hold after any number of kills: the driver's ledger (what was answered with 200),
the sandbox's ledger (what was accepted from us) and the store are compared.

    I1 nothing acknowledged is lost        I6  nothing crosses a tenant or a contact
    I2 everything comes to an end          I7  the store is sound
    I3 nothing is accepted twice           I8  every file has its row, every row its file
    I4 every message has its one answer    I9  everything is counted once
    I5 a contact's answers are in order    I10 no job is left with a dead owner
"""

import json
import re
from collections import Counter, defaultdict

MARK = re.compile(r"m(\d+)\.(\d+)m")
SID = 34  # characters of a MessageSid
READY, SENDING, ACCEPTED, REJECTED, UNKNOWN, DROPPED = range(6)


def accepted_sends(ledger_file):
    """Every message that the simulated Twilio took, in its order: told or not told to us."""
    out = []
    with open(ledger_file) as f:
        for line in f:
            if '"messages.create"' in line and '"sid"' in line:
                r = json.loads(line)
                if r["op"] == "messages.create":
                    out.append(r)
    return out


class Check:
    def __init__(self, sent, accepted, up):
        self.sent, self.accepted, self.up = sent, accepted, up
        self.wrong = []
        self.inbox = up.query("SELECT id, event_key, sender, turn_id, tenant_id FROM inbox ORDER BY id")
        self.turns = {r["id"]: r for r in up.query(
            "SELECT id, tenant_id, contact_id, user_message, bot_response, answered_ms, finished_ms, rung FROM turn")}
        self.outbox = up.query(
            "SELECT id, tenant_id, turn_id, contact_id, part, key, state, code, sid, to_address FROM outbox"
            " ORDER BY turn_id, part")

    def bad(self, rule, what, which):
        which = list(which)
        if which:
            self.wrong.append(f"{rule}: {len(which)} {what}: " + ", ".join(str(w) for w in which[:5]))

    def run(self):
        for name in ("letters", "lost", "ended", "twice", "answered", "ordered", "crossed", "sound", "files", "counted"):
            getattr(self, name)()
        return self.wrong

    # -- the rules

    def letters(self):
        """Dead letters: an end as well, if they say why."""
        self.dead = self.up.query("SELECT kind, turn_id, outbox_id, why FROM dead_letter")
        self.bad("I4", "dead letters do not say why", (d for d in self.dead if not d["why"]))
        self.bad("I4", "messages have several dead letters",
                 (i for i, n in Counter(d["outbox_id"] for d in self.dead if d["outbox_id"]).items() if n > 1))
        self.given_up = {d["turn_id"] for d in self.dead if d["kind"] == "turn"}
        self.buried = {d["turn_id"] for d in self.dead}

    def lost(self):
        keys = Counter(r["event_key"][:SID] for r in self.inbox)
        self.bad("I1", "acknowledged messages are not in the store",
                 (s.sid for s in self.sent if s.taken and s.sid not in keys))
        self.bad("I1", "messages are stored more than once", (k for k, n in keys.items() if n > 1))

    def ended(self):
        jobs = self.up.query("SELECT key, state, attempts, last_error FROM job WHERE kind = 'turn'")
        self.bad("I2", "jobs are not done", ((j["key"], j["attempts"], j["last_error"]) for j in jobs))
        self.bad("I10", "jobs are leased by nobody alive", (j["key"] for j in jobs if j["state"] == 1))
        self.bad("I2", "messages have no turn", (r["event_key"] for r in self.inbox if not r["turn_id"]))
        self.bad("I2", "messages are not settled",
                 ((o["id"], o["state"]) for o in self.outbox
                  if o["state"] not in (ACCEPTED, REJECTED) and o["turn_id"] not in self.given_up))
        due = {r["turn_id"] for r in self.inbox} - self.given_up
        self.bad("I2", "turns are not finished",
                 (t["id"] for t in self.turns.values() if t["id"] in due and not t["finished_ms"]))

    def twice(self):
        rows = {o["key"]: o for o in self.outbox}
        times = Counter(r.get("key") for r in self.accepted)
        self.bad("I3", "messages were accepted more than once", (k for k, n in times.items() if k and n > 1))
        self.bad("I3", "messages were accepted that no row knows",
                 ((r["to"], r["sid"]) for r in self.accepted if r.get("key") not in rows))
        self.bad("I3", "messages were accepted and their row says otherwise",
                 ((r["to"], r["sid"], row["state"]) for r in self.accepted if (row := rows.get(r.get("key")))
                  and row["sid"] != r["sid"] and row["turn_id"] not in self.buried))
        theirs = {r["sid"] for r in self.accepted}
        self.bad("I3", "rows hold an id that was never given",
                 (o["id"] for o in self.outbox if o["sid"] and o["sid"] not in theirs))

    def answered(self):
        parts = defaultdict(list)
        for o in self.outbox:
            parts[o["turn_id"]].append(o)
        used = {r["turn_id"] for r in self.inbox if r["turn_id"]}
        self.bad("I4", "turns have messages but no answer", used - set(parts) - self.given_up)
        self.bad("I4", "answers have parts missing or doubled",
                 (t for t, p in parts.items() if [o["part"] for o in p] != list(range(len(p)))))
        self.bad("I4", "refused messages have no dead letter",
                 (o["id"] for o in self.outbox if o["state"] == REJECTED and o["turn_id"] not in self.buried))
        heard = Counter()
        silent = {r["event_key"][:SID] for r in self.inbox if r["turn_id"] in self.given_up}
        for t in used:
            heard.update(set(MARK.findall(self.turns[t]["user_message"] or "")))
        marks = {(str(s.contact), str(s.number)): s for s in self.sent if s.taken}
        # a note that could not be heard or fetched is answered as what it is, without its mark
        self.bad("I4", "messages are in no turn's words",
                 (s.mark for m, s in marks.items() if not heard[m] and not s.note and s.sid not in silent))
        self.bad("I4", "messages were understood by several turns", (m for m, n in heard.items() if n > 1))
        for t in used:
            turn = self.turns[t]
            asked, said = MARK.findall(turn["user_message"] or ""), MARK.findall(turn["bot_response"] or "")
            if turn["rung"] == "chat" and not set(said) <= set(asked):
                self.bad("I4", "answer to somebody else's question", [(asked, said)])

    def ordered(self):
        at = {o["sid"]: (o["turn_id"], o["part"]) for o in self.outbox if o["sid"]}
        seen, late = defaultdict(lambda: (0, -1)), []
        for r in self.accepted:
            place = at.get(r["sid"])
            if place is not None:
                if place < seen[r["to"]]:
                    late.append((r["to"], r["sid"]))
                seen[r["to"]] = place
        self.bad("I5", "answers went out after a later one", late)
        turns = defaultdict(list)
        for t in sorted(self.turns):
            for contact, number in MARK.findall(self.turns[t]["user_message"] or ""):
                turns[contact].append(int(number))
        self.bad("I5", "contacts were heard out of order", (c for c, n in turns.items() if n != sorted(n)))

    def crossed(self):
        self.bad("I6", "rows are of no tenant",
                 (r for r in self.inbox + self.outbox + list(self.turns.values()) if r["tenant_id"] != 1))
        self.bad("I6", "rows are of another contact than their turn", (
            o["id"] for o in self.outbox if self.turns[o["turn_id"]]["contact_id"] != o["contact_id"]))
        sender = {r["turn_id"]: r["sender"] for r in self.inbox}
        self.bad("I6", "answers go to another customer", (
            (o["id"], o["to_address"]) for o in self.outbox
            if sender.get(o["turn_id"], o["to_address"]) != o["to_address"]))

    def sound(self):
        if self.up.database is None:
            self.bad("I7", "faults in the file", (r for r in self.up.query("PRAGMA integrity_check")
                                                  if r["integrity_check"] != "ok"))
            self.bad("I7", "broken references", self.up.query("PRAGMA foreign_key_check"))

    def files(self):
        folder = self.up.dir / "static/audio"
        rows = {r["name"]: r["bytes"] for r in self.up.query("SELECT name, bytes FROM media")}
        there = {p.name: p.stat().st_size for p in folder.iterdir()} if folder.exists() else {}
        self.bad("I8", "rows without their file", (n for n in rows if n not in there))
        self.bad("I8", "files are not as long as their row says",
                 (n for n, size in rows.items() if there.get(n, size) != size))
        kept = self.up.query("SELECT path, bytes FROM attachment WHERE path IS NOT NULL")
        self.bad("I8", "attachments without their file",
                 (a["path"] for a in kept if not (self.up.dir / a["path"]).exists()))

    def counted(self):
        n = {k: int(v or 0) for k, v in self.up.query(
            "SELECT sum(conversations) AS conversations, sum(received) AS received, sum(sent) AS sent,"
            " sum(rejected) AS rejected FROM tally")[0].items()}
        real = {"conversations": sum(1 for t in self.turns.values() if t["finished_ms"]),
                "received": len(self.inbox),
                "sent": sum(1 for o in self.outbox if o["state"] == ACCEPTED),
                "rejected": sum(1 for o in self.outbox if o["state"] == REJECTED)}
        self.bad("I9", "sums are wrong", ((k, n[k], real[k]) for k in real if n[k] != real[k]))

    def figures(self):
        rungs = Counter(t["rung"] for t in self.turns.values())
        return {"turns": len(self.turns), "messages out": len(self.outbox),
                "dead letters": dict(Counter(f"{d['kind']}: {d['why']}" for d in self.dead)),
                "accepted by the sandbox": len(self.accepted), "rungs": dict(rungs)}
