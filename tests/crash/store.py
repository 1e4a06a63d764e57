"""The store as the checker reads it, whichever engine it is."""

import os
import subprocess
import json

import lib


class Sqlite:
    """The file of the instance; what a new instance gets by itself."""

    def __init__(self, up):
        self.path = up.dir / "recado.db"

    def query(self, sql, *args):
        return lib.query(self.path, sql, *args)

    def sound(self):
        """What the engine itself finds wrong with its file."""
        words = [r["integrity_check"] for r in self.query("PRAGMA integrity_check") if r["integrity_check"] != "ok"]
        return words + [f"foreign key: {r}" for r in self.query("PRAGMA foreign_key_check")]


class Postgres:
    """A server that somebody else runs, through psql."""

    def __init__(self, url):
        self.url = url

    def query(self, sql):
        text = f"SET search_path=recado; SELECT coalesce(json_agg(t), '[]') FROM ({sql}) t"
        out = subprocess.run(["psql", self.url, "-XAtqc", text], capture_output=True, text=True, check=True,
                             env=dict(os.environ)).stdout
        return json.loads(out)

    def sound(self):
        return []


def settings(url):
    """What the environment of the programs says about the store."""
    return {"DATABASE_URL": url} if url.startswith(("postgres://", "postgresql://")) else {}


def open_store(url, up):
    return Postgres(url) if url.startswith(("postgres://", "postgresql://")) else Sqlite(up)
