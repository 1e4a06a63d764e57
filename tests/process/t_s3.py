"""Media in an object store: put before they are linked, looked at by the provider through real
nginx, and no byte of them on this machine's disk."""

import os
import re
import time

from lib import CUSTOMER, Sandbox, Up, post, message, recado, request, wait_for

MEDIA = 'media = "s3://recado-test/shop";\n'


def start(box, conf_text="", **env):
    return Up(env={**box.env, **env}, conf_text=MEDIA + conf_text)


def puts(box):
    return [r for r in box.ledger() if r["op"] == "s3.put" and r["status"] == 200]


def voice(box):
    """The message with the audio, once it is sent."""
    return box.seen(lambda r: r["op"] == "messages.create" and r["status"] == 201 and r.get("media_url"))


def looked_at(box, url, method):
    return box.seen(lambda r: r["op"] == "media_url" and r["url"] == url and r["method"] == method)


def test_a_voice_answer_goes_through_the_store():
    with Sandbox() as box, start(box) as up:
        up.text("qual é o horário de funcionamento?")
        url = voice(box)["media_url"]
        name = url.rpartition("/")[2]
        assert url == f"{up.url}/static/audio/{name}" and re.fullmatch(r"[0-9a-f]{32}\.ogg", name), url
        put = [r for r in puts(box) if r["key"] == f"shop/audio/{name}"]
        assert len(put) == 1 and put[0]["type"] == "audio/ogg" and put[0]["bucket"] == "recado-test", puts(box)
        sent = voice(box)
        assert put[0]["n"] < sent["n"], "linked before it was there"
        for method, op in (("HEAD", "s3.head"), ("GET", "s3.get")):
            seen = looked_at(box, url, method)
            assert seen["status"] == 200 and seen["type"] == "audio/ogg", seen
            asked = box.seen(lambda r: r["op"] == op)
            assert asked["status"] == 200 and asked["link"] is True and asked["auth"] is False, asked
        assert looked_at(box, url, "GET")["bytes"] == put[0]["bytes"]
        assert list(up.dir.rglob("*.ogg")) == []


def test_what_is_kept_of_a_customer_is_handed_out_and_taken_away():
    with Sandbox() as box, start(box) as up:
        up.text("qual é o horário de funcionamento?")
        name = voice(box)["media_url"].rpartition("/")[2]
        wait_for(lambda: not up.query("SELECT 1 FROM job"), what="every job to end")
        got = recado("contact", "export", "--dir", up.dir, "+5511987654321", up.dir / "export", env=up.settings)
        assert got.returncode == 0, got
        assert (up.dir / "export/spoken" / name).read_bytes()[:4] == b"OggS"
        got = recado("contact", "forget", "--dir", up.dir, "+5511987654321", env=up.settings)
        assert got.returncode == 0 and not got.stderr, got
        assert [r for r in box.ledger() if r["op"] == "s3.delete" and r["key"] == f"shop/audio/{name}"]


def test_what_a_customer_sees():
    with Sandbox() as box, start(box) as up:
        up.text("oi")
        path = voice(box)["media_url"][len(up.url):]
        for method in ("GET", "HEAD"):
            got = request(up.url, method, path, headers={"Authorization": "Basic eDp5", "Cookie": "a=b"})
            assert got.status == 200 and got.headers["Content-Type"] == "audio/ogg", (got.status, str(got.headers))
            assert got.headers.get_all("Content-Type") == ["audio/ogg"]
            assert got.headers.get_all("Cache-Control") == ["private, max-age=3600"]
            assert got.headers["X-Content-Type-Options"] == "nosniff"
            text = str(got.headers).lower()
            for secret in ("x-amz", "set-cookie", "x-recado", "signature", "akia", "location", str(box.port)):
                assert secret not in text, (secret, text)
            assert (got.body[:4] == b"OggS") == (method == "GET")
            assert int(got.headers["Content-Length"]) > 100
        assert request(up.url, "POST", path, b"x").status in (403, 405)


def test_nothing_but_names_of_answers_reaches_the_store():
    name = "0123456789abcdef0123456789abcdef"
    bad = [f"/static/audio/{name}.mp3", f"/static/audio/{name[:-1]}.ogg", f"/static/audio/{name}0.ogg",
           f"/static/audio/{name.upper()}.ogg", f"/static/audio/../{name}.ogg", f"/static/audio/%2e%2e/{name}.ogg",
           f"/static/audio/a/{name}.ogg", f"/static/audio/{name}.ogg%0d%0aX-Accel-Redirect:%20/",
           f"/static/audio/{name[:-2]}%61f.ogg", f"/static/audio/{name}.ogg/", "/static/audio/inbound.ogg",
           f"/_recado_store/s3/recado-test/shop/audio/{name}.ogg", "/_recado_store/", "/static/audio/"]
    with Sandbox() as box, start(box) as up:
        for path in bad:
            for method in ("GET", "HEAD"):
                got = request(up.url, method, path)
                assert got.status in (400, 403, 404), (path, got.status)
        assert not [r for r in box.ledger() if r["provider"] == "s3" and r["op"] != "s3.list"]
        got = request(up.url, "GET", f"/static/audio/{name}.ogg")
        assert got.status == 404 and b"<Error>" not in got.body, got.body
        assert box.seen(lambda r: r["op"] == "s3.get")["status"] == 404
        assert "X-Accel" not in str(got.headers)


def test_a_store_that_is_away():
    with Sandbox() as box, start(box) as up:
        up.text("oi")
        path = voice(box)["media_url"][len(up.url):]
        request(box.url, "POST", "/_sandbox/plan", b"s3 status=503\n")
        got = request(up.url, "GET", path)
        assert got.status == 503 and got.headers["Retry-After"] == "5" and b"SlowDown" not in got.body, got.body
        up.text("e agora?", From="whatsapp:+5511900000001")
        told = box.seen(lambda r: r["op"] == "messages.create" and r["to"].endswith("0001"))
        assert told["body"] and not told.get("media_url"), told
        up.wait_log(r"no voice: s3: PUT: HTTP 503, SlowDown")
        request(box.url, "POST", "/_sandbox/plan", b"s3 status=301\n")
        assert request(up.url, "GET", path).status == 503
        assert box.env["AWS_SECRET_ACCESS_KEY"] not in up.log() + up.log("nginx.log")


def test_expired_answers_leave_the_store():
    with Sandbox() as box, start(box) as up:
        up.text("oi")
        path = voice(box)["media_url"][len(up.url):]
        assert request(up.url, "GET", path).status == 200
        wait_for(lambda: not up.query("SELECT 1 FROM job"), what="the job to end")
        up.stop()
        import sqlite3
        with sqlite3.connect(up.dir / "recado.db") as c:
            c.execute("UPDATE media SET expires_ms = 1")
        with Up(dir=up.dir, env=box.env) as again:
            box.seen(lambda r: r["op"] == "s3.delete" and r["status"] == 204 and path.rpartition("/")[2] in r["key"])
            wait_for(lambda: not again.query("SELECT 1 FROM media"), what="the row to go")
            assert request(again.url, "GET", path).status == 404


def test_an_attachment_is_kept_there():
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(64)
    with Sandbox() as box, start(box) as up:
        got = request(box.url, "POST", "/_sandbox/media?type=image/png", png, {"Content-Type": "image/png"})
        up.note(got.json()["url"], type="image/png", MessageType="image")
        put = box.seen(lambda r: r["op"] == "s3.put" and "/inbound/" in r["key"])
        row, = up.wait_rows("SELECT path, bytes FROM attachment")
        assert put["key"] == "shop/" + row["path"] and put["bytes"] == row["bytes"] == len(png), (put, row)
        assert not (up.dir / "inbound").exists()


def test_a_cdn_in_front():
    with Sandbox() as box, start(box, f'media_url = "{box.url}/nowhere/";\n') as up:
        up.text("oi")
        url = voice(box)["media_url"]
        assert re.fullmatch(re.escape(box.url) + r"/nowhere/[0-9a-f]{32}\.ogg", url), url


def test_files_of_before_are_still_served():
    name = "0123456789abcdef0123456789abcdef.ogg"
    with Sandbox() as box, start(box) as up:
        (up.dir / "static/audio" / name).write_bytes(b"OggS of before")
        assert request(up.url, "GET", f"/static/audio/{name}").body == b"OggS of before"
