"""What many customers send at once has a bound in memory and time, and stands in nobody else's way."""

import collections
import struct
import threading
import time

from lib import Sandbox, Up, descendants
from t_sound import MUTE, put_media, spoken, turns

NOTES = 40
BOUND_MB = 600  # for all processes (230 were seen); without a bound they took 2.6 GB


def pss_mb(pids):
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup") as f:
                total += next(int(line.split()[1]) for line in f if line.startswith("Pss:"))
        except (OSError, StopIteration):
            pass
    return total / 1024


class Watch:
    """The most memory that a process and those below it have had at once."""

    def __init__(self, pid):
        self.pid, self.most, self.runs, self.over = pid, 0.0, {}, threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def _look(self):
        while not self.over.wait(0.05):
            pids = [self.pid, *descendants(self.pid)]
            self.most = max(self.most, pss_mb(pids))
            now = collections.Counter(_name(p) for p in pids)
            self.runs = {name: max(n, self.runs.get(name, 0)) for name, n in (collections.Counter(self.runs) | now).items()}

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()


def _name(pid):
    try:
        with open(f"/proc/{pid}/comm") as f:
            return f.read().strip()
    except OSError:
        return ""


def long_wav(data_bytes):
    """Speech over and over, 16 kHz, of so many bytes."""
    wav = spoken("-ar", "16000", "-ac", "1", "-f", "wav")
    at = wav.index(b"data") + 8
    speech = (wav[at:] * (data_bytes // len(wav[at:]) + 1))[:data_bytes & ~1]
    return (b"RIFF" + struct.pack("<I", 36 + len(speech)) + b"WAVEfmt " +
            struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16) + b"data" + struct.pack("<I", len(speech)) + speech)


def test_forty_long_notes_at_once_take_bounded_memory():
    with Sandbox() as box, Up(env=box.env, conf_text=MUTE) as up:
        url = put_media(box, long_wav(16_000_000), "audio/wav")
        with Watch(up.master()) as watch:
            for i in range(NOTES):
                up.note(url, type="audio/wav", path="/webhook/FUNCIONA", From=f"whatsapp:+55119{i:08d}")
            began = time.monotonic()
            up.text("oi", path="/webhook/FUNCIONA", From="whatsapp:+5511988887777")
            up.wait_rows("SELECT 1 FROM conversations WHERE message_type = 'text'", timeout=60)
            other = time.monotonic() - began
            up.note(put_media(box, spoken("-c:a", "libopus", "-f", "ogg"), "audio/ogg"), path="/webhook/FUNCIONA",
                    From="whatsapp:+5511988887778")
            up.wait_rows("SELECT 1 FROM conversations WHERE message_type = 'audio' AND transcribed_text IS NOT NULL",
                         timeout=60)
            turns(up, 2)
            rows = up.wait_rows("SELECT transcribed_text FROM conversations", count=NOTES + 2, timeout=400)
        assert watch.most < BOUND_MB, watch.most
        assert 0 < watch.runs["recado-decode"] <= 4 + 1, watch.runs  # two for each of two processes; one may be ending
        assert other < 30, other
        assert sum(bool(r["transcribed_text"]) for r in rows) == NOTES + 1, up.log()[-4000:]
        print(f"most {watch.most:.0f} MB, {watch.runs['recado-decode']} decoders, another customer after {other:.1f} s; "
              f"{sum(bool(r['transcribed_text']) for r in rows)} heard")


def test_documents_are_read_a_few_at_a_time():
    page = b"<html><body>" + b"<p>Quanto custa a entrega para o centro?</p>" * 18000 + b"</body></html>"
    with Sandbox() as box, Up(env=box.env, conf_text=MUTE) as up:
        url = put_media(box, page, "text/html")
        with Watch(up.master()) as watch:
            for i in range(NOTES):
                up.note(url, type="text/html", path="/webhook/FUNCIONA", From=f"whatsapp:+55119{i:08d}")
            turns(up, 1)
            up.wait_rows("SELECT 1 FROM conversations", count=NOTES, timeout=200)
        assert 0 < watch.runs["recado-extract"] <= 4 + 1, watch.runs
        assert watch.most < BOUND_MB, watch.most
        print(f"most {watch.most:.0f} MB, {watch.runs['recado-extract']} extractors")
