"""Search in the knowledge: by meaning beside plain float32 and hnswlib, and both orders joined."""

from rooms import tool
from stage import BIN, lib
from table import QUICK, row, say, verdict

ROWS, DIMENSIONS = (10_000 if QUICK else 100_000), 1536
WHAT = f"top 10 of {ROWS // 1000} k passages × {DIMENSIONS}, synthetic"


def timed(side, got, ratio=""):
    row(WHAT, side, f"recall@10 {got['recall']:.3f}" if "recall" in got else f"{got['found']:.1f} found",
        f"{got['p50_ms']:.2f} / {got['p99_ms']:.2f} / {got['max_ms']:.0f}", f"{got['cpu_ms'] * 1000:.0f}", ratio=ratio)


def peer(folder, ours):
    """hnswlib, where it was there to be built with."""
    if not (BIN / "hnsw").exists():
        say("vectors: no hnswlib here (tests/deps bench)")
        return
    build, *asked = tool("hnsw", folder, DIMENSIONS)
    row(WHAT, "hnswlib's index", f"built in {build['s']:.0f} s", pss=f"{build['rss_mb']:.0f}")
    for got in asked:
        timed(got["what"], got, f"{got['cpu_ms'] / ours['cpu_ms']:.2f}")


def vectors():
    with lib.Folder("recado-bench-") as folder:
        made, = tool("vectors", "make", folder, ROWS, DIMENSIONS)
        *asked, memory = tool("vectors", "ask", folder, DIMENSIONS)
        got = {a["what"]: a for a in asked}
        ours, plain = got["vectors"], got["float32"]
        row(WHAT, "recado's index", f"built in {made['build_s']:.1f} s, by {memory['kernel']}",
            pss=f"{memory['mapped_mb']:.0f}")
        timed("by meaning", ours)
        timed("plain float32", plain, f"{plain['cpu_ms'] / ours['cpu_ms']:.2f}")
        peer(folder, ours)
        for what in ("words", "hybrid", "words, common ones", "hybrid, common words"):
            timed(what, got[what])
        hybrid = got["hybrid"]
        verdict(WHAT, f"hybrid p50 {hybrid['p50_ms']:.1f} ms", "≤ 10 ms", hybrid["p50_ms"] <= 10)
        verdict(WHAT, f"recall@10 {ours['recall']:.3f}", "≥ 0.98", ours["recall"] >= 0.98)
        verdict(WHAT, f"{memory['mapped_mb']:.0f} MB mapped, shared by all", "≤ 250 MB", memory["mapped_mb"] <= 250)
