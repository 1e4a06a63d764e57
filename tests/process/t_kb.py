"""What the business knows: documents in, passages out, and nothing of a bad one."""

import ctypes
import json
import os
import pty
import re
import struct
import subprocess

from docs import docx, locked_pdf, paragraph, pdf, zip_bomb
from lib import *

EXTRACT = BUILD / "recado-extract"


def kb(up, *args, ok=True, env=None, **more):
    got = recado("kb", "--dir", up.dir, "--json", *args, env=env or up.settings, **more)
    assert (got.returncode == 0) == ok, (args, got.stdout, got.stderr)
    return json.loads(got.stdout) if got.stdout else got.stderr


def best(up, words):
    found = kb(up, "search", words)
    assert found, words
    return found[0]


def sources(up):
    return {s["source"]: s["origin"] for s in kb(up, "list")}


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


# --- documents --------------------------------------------------------------------------------


def fill(folder):
    write(folder / "garantia.docx", docx(
        paragraph("Garantia", "Ttulo1") + paragraph("A garantia das bicicletas vale dezoito meses.") +
        "<w:tbl><w:tr><w:tc>" + paragraph("Selim") + "</w:tc><w:tc>" + paragraph("R$ 70,00") +
        "</w:tc></w:tr></w:tbl>"))
    write(folder / "oficina.html", "<title>Oficina</title><nav>Entrar Sair</nav><script>var oculto=1</script>"
          "<main><h2>Agenda</h2><p>A oficina agenda revisões por <b>telefone</b>.</main>")
    write(folder / "sub/precos.csv", "Peça;Preço\nCorrente;R$ 120,00\n\"Câmara; aro 29\";R$ 35,00\n".encode("cp1252"))
    write(folder / "manual.pdf", pdf(["Capa"] * 11 + ["O pneu traseiro pede 50 libras."]))
    write(folder / "aluguel.txt", "O aluguel por hora custa vinte reais.".encode("utf-16"))
    write(folder / "latim.md", "# Manutenção\n\nLubrificação mensal da transmissão.".encode("latin-1"))
    write(folder / "foto.jpg", b"\xff\xd8\xff\xe0")


def look(up, below=""):
    p = best(up, "garantia das bicicletas")
    assert (p["source"], p["heading"]) == (f"{below}garantia.docx", "Garantia") and "dezoito" in p["text"], p
    assert "Selim | R$ 70,00" in p["text"], p
    p = best(up, "como agendar revisão na oficina?")
    assert p["heading"] == "Oficina > Agenda" and p["text"] == "A oficina agenda revisões por telefone.", p
    p = best(up, "preço da câmara")
    assert p["source"] == f"{below}sub/precos.csv" and "Peça: Câmara; aro 29\nPreço: R$ 35,00" in p["text"], p
    p = best(up, "libras do pneu traseiro")
    assert p["source"] == f"{below}manual.pdf" and p["page"] == 12, p
    assert "vinte reais" in best(up, "aluguel por hora")["text"]
    assert best(up, "lubrificação da transmissão")["heading"] == "Manutenção"


def test_documents_of_every_kind():
    with Up() as up, Folder() as folder:
        fill(folder / "bike")
        got = kb(up, "add", folder / "bike")
        assert len(got) == 6 and all(d["passages"] > 0 for d in got), got
        look(up, "bike/")
        assert not kb(up, "search", "Entrar oculto")
        before = up.query("SELECT id, text FROM passage ORDER BY id")
        kb(up, "add", folder / "bike")  # again: every passage stays what it was
        assert up.query("SELECT id, text FROM passage ORDER BY id") == before
        # another name, the same for a person who types it
        got = recado("kb", "--dir", up.dir, "add", folder / "bike/aluguel.txt", "--name", "Tabela 2026")
        assert got.returncode == 0 and got.stdout == "Tabela 2026: 1 passage\n" and not got.stderr, got
        assert sources(up)["Tabela 2026"] == "added"
        assert kb(up, "remove", "Tabela 2026")["removed"] == 1
        assert kb(up, "remove", "bike/")["removed"] == 6
        assert not kb(up, "search", "libras do pneu traseiro")
        assert set(sources(up).values()) == {"folder"}
        for name in ("bike/", "entrega.md", "nada"):
            assert "recado kb:" in kb(up, "remove", name, ok=False)


def test_a_terminal_shows_how_far_it_is():
    with Up() as up, Folder() as folder:
        fill(folder / "bike")
        here, there = pty.openpty()
        with os.fdopen(here, "rb", buffering=0) as screen:
            got = subprocess.run([BUILD / "recado", "kb", "--dir", up.dir, "add", folder / "bike"], stdout=subprocess.PIPE,
                                 stderr=there, env=clean_env(up.settings), text=True, timeout=60 * SLOW)
            os.close(there)
            shown = screen.read(8000).decode()
        assert got.returncode == 0 and got.stdout.count("passage") == 6, got
        assert re.search(r"\r\[\.+\] 0/6 .*\r\[#+\.+\] 3/6 .*\r\[#+\] 6/6", shown, re.S), shown


def test_the_folder_takes_documents_and_leaves_what_was_added():
    with Folder() as dir, Folder() as folder:
        fill(dir / "knowledge")
        write(dir / "knowledge/quebrado.docx", b"PK\x03\x04quebrado")
        with Up(dir=dir, conf_text="") as up:
            wait_for(lambda: len(sources(up)) == 6, 20, "all documents of the folder")
            up.wait_log("knowledge: quebrado.docx is left out: the file is broken")
            look(up)
            kb(up, "add", write(folder / "extra.txt", "Vendemos capacetes amarelos."))
            (dir / "knowledge/manual.pdf").unlink()
            assert kb(up, "reindex")["left_out"] == 2  # a picture, too
            assert not kb(up, "search", "libras do pneu traseiro")
            assert "amarelos" in best(up, "capacetes")["text"]
            assert sources(up)["extra.txt"] == "added" and sources(up)["garantia.docx"] == "folder"


def test_passages_of_another_system():
    model = 'openai: { embedding_model = "m-1"; embedding_dimensions = 16; };'
    with Up(conf_text=model) as up, Folder() as folder:
        rows = [{"text": f"Resposta número {i} sobre frisbee.", "embedding": [0.1 * (i + 1)] * 8 + [-0.5] * 8,
                 "metadata": {"title": f"Frisbee {i}"}} for i in range(18)]
        vectors = "SELECT count(*) n FROM embedding WHERE model = 'm-1' AND dimensions = 16"
        # whose vectors they are is not known, or another's, or shorter
        for shape in (rows, {"model": "m-2", "chunks": rows},
                      {"model": "m-1", "chunks": [{**r, "embedding": r["embedding"][:8]} for r in rows]}):
            got = kb(up, "add", write(folder / "knowledge_vectors.json", json.dumps(shape)))
            assert got == [{"source": "knowledge_vectors.json", "passages": 18, "vectors": 0}], got
            assert up.query(vectors)[0]["n"] == 0
        got = kb(up, "add", write(folder / "knowledge_vectors.json", json.dumps({"model": "m-1", "chunks": rows})))
        assert got == [{"source": "knowledge_vectors.json", "passages": 18, "vectors": 18}], got
        assert up.query(vectors)[0]["n"] == 18
        assert best(up, "resposta 7 frisbee")["heading"] == "Frisbee 7"
        for text, why in (('{"x": 1}', "without a list"), ("[1, {}, null]", "no text"), ("[" * 3000, "JSON|nest|deep|parse"),
                          ('["a", ', "")):
            error = kb(up, "add", write(folder / "a.json", text), ok=False)[0]["error"]
            assert re.search(why, error), error


def test_both_engines():
    with Postgres() as pg, Up(env={"DATABASE_URL": pg.url}) as up, Folder() as folder:
        fill(folder / "bike")
        assert len(kb(up, "add", folder / "bike")) == 6
        look(up, "bike/")
        kb(up, "reindex")
        assert kb(up, "remove", "bike/")["removed"] == 6
        assert not kb(up, "search", "libras do pneu traseiro") and set(sources(up).values()) == {"folder"}


# --- bad ones ---------------------------------------------------------------------------------

# name: bytes, what is said of it
BAD = {
    "bomba.docx": (zip_bomb, "unpacks to more than"),
    "quebrado.docx": (lambda: docx(paragraph("a"))[:300], "broken"),
    "malformado.docx": (lambda: docx("<w:p>"), "malformed"),
    "entidades.docx": (lambda: docx("&a;"), "malformed"),
    "outro.docx": (lambda: b"PK\x05\x06" + bytes(18), "no document of Word"),
    "antigo.doc": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "encrypted or of an old format"),
    "vazio.txt": (lambda: b"", "no text in it"),
    "vazio.pdf": (lambda: b"", "no text in it|broken"),
    "espacos.md": (lambda: b" \n \n", "no text in it"),
    "texto40.txt": (lambda: b"uma linha de texto qualquer, repetida\n" * 1_100_000, "more than 8 MB of text"),
    "html40.html": (lambda: b"<p>uma linha de texto qualquer, repetida\n" * 1_000_000, "more than 8 MB of text"),
    "enorme.pdf": (lambda: b"%PDF-1.4\n" + bytes(65 << 20), "more than 64 MB"),
    "binario.txt": (lambda: bytes(range(256)), "not a text"),
    "trancado.pdf": (locked_pdf, "encrypted"),
    "foto.pdf": (lambda: pdf([""] * 3), "only pictures"),
    "quebrado.pdf": (lambda: b"%PDF-1.4\nnada disso", "broken"),
    "paginas.pdf": (lambda: pdf(["a"] * 2100), "2000 pages"),
    "fundo.html": (lambda: b"<div>" * 100_000, "nested"),
}


def peak(pid):
    """MB that a process has had at most since it became what it is."""
    try:
        return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024
    except (AttributeError, FileNotFoundError, ProcessLookupError):
        return 0


def children(pid):
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [c for child in found for c in (child, *children(child))]


def measured(up, *args):
    """(exit status, output, MB that `recado kb` or a child of it had at most, as seen from outside)"""
    p = Program([BUILD / "recado", "kb", "--dir", up.dir, *args], env=up.settings)
    most = [0]

    def ended():  # looked at every few milliseconds
        most[0] = max(most[0], *(peak(pid) for pid in (p.pid, *children(p.pid))))
        return p.proc.poll() is not None
    wait_for(ended, 60, "recado kb to end")
    return p.wait(), p.output, most[0]


def test_bad_documents_are_refused_whole():
    with Up() as up, Folder() as folder:
        before = sources(up)
        for name, (make, why) in BAD.items():
            path = write(folder / name, make())
            status, out, mb = measured(up, "add", path)
            assert status == 1 and out.startswith("recado kb: "), (name, status, out)
            assert re.search(why, out) and "\n" not in out, (name, out)
            assert mb < 256 * SLOW, (name, mb)
        assert sources(up) == before
        assert not up.query("SELECT 1 FROM source WHERE name LIKE 'kb:%'")
        # bad ones in a folder do not keep out the others
        for name in BAD:
            if (folder / name).stat().st_size > 1 << 20:
                (folder / name).unlink()
        write(folder / "bom.txt", "Vendemos capacetes amarelos.")
        got = {d["source"].split("/")[1]: d for d in kb(up, "add", folder, "--name", "todos", ok=False)}
        assert got.pop("bom.txt")["passages"] == 1 and len(got) > 8 and all("error" in d for d in got.values()), got
        assert "no document" in kb(up, "add", write(folder / "novo/foto.jpg", b"").parent, ok=False)
        assert "No such file" in kb(up, "add", folder / "nada.pdf", ok=False)


def test_five_hundred_pages():
    with Up() as up, Folder() as folder:
        pages = [f"Capitulo {i}\n" + f"O parafuso modelo{i} leva a chave tamanho{i}.\n" * 30 for i in range(1, 501)]
        path = write(folder / "manual.pdf", pdf(pages))
        status, out, mb = measured(up, "add", path)
        assert status == 0 and int(out.split()[-2]) >= 500, out
        assert mb < 256 * SLOW, mb
        assert best(up, "parafuso modelo217")["page"] == 217


def test_urls_lead_to_public_places_only():
    with Up() as up:
        for url in (up.url + "/health", up.url.replace("http:", "https:") + "/", "http://10.1.2.3/", "https://[::1]/",
                    "https://169.254.169.254/latest/meta-data", "file:///etc/passwd", "https://user:pw@127.0.0.1/"):
            error = kb(up, "add", url, ok=False)[0]["error"]
            assert re.search("not allowed|does not begin with|user name", error), (url, error)
        assert not up.query("SELECT 1 FROM source WHERE name LIKE '%://%'")


# --- the cage ---------------------------------------------------------------------------------

ALLOW, FAIL = 0x7FFF0000, 0x50000  # with errno's number
ENOSYS, EPERM = 38, 1


def call_numbers():
    try:
        text = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h").read_text()
    except FileNotFoundError:
        raise Skip("not on this machine: the test knows the calls of x86-64") from None
    return {name: int(n) for name, n in re.findall(r"#define __NR_(\w+) (\d+)", text)}


def filtered(calls, then, otherwise):
    """A preexec_fn: the calls get one answer, all others the other."""
    code = [struct.pack("HBBI", 0x20, 0, 0, 0)]  # the number of the call
    for n in sorted(calls):
        code += [struct.pack("HBBI", 0x15, 0, 1, n), struct.pack("HBBI", 0x06, 0, 0, then)]
    code.append(struct.pack("HBBI", 0x06, 0, 0, otherwise))
    program = ctypes.create_string_buffer(b"".join(code))
    fprog = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)

    def shut(program=program):  # which must live as long as this
        if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, fprog, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "no filter")
    return shut


def extract(kind, path, *options, shut=None):
    with path.open("rb") as f:
        return subprocess.run([EXTRACT, *options, kind], stdin=f, capture_output=True, env={}, preexec_fn=shut,
                              timeout=60 * SLOW).stdout


def test_without_a_cage_it_refuses():
    numbers = call_numbers()
    no_landlock = filtered([numbers["landlock_create_ruleset"]], FAIL | ENOSYS, ALLOW)
    with Folder() as folder:
        files = {"csv": write(folder / "a.csv", "a;b\n1;2\n"), "pdf": write(folder / "a.pdf", pdf(["Oi."]))}
        for kind, path in files.items():
            assert extract(kind, path).endswith(b"E 0 0\n\n")
            got = extract(kind, path, shut=no_landlock)
            assert re.match(rb"X \d+ \d+\n.*Landlock", got) and b"T 0" not in got, got
            assert extract(kind, path, "--unsandboxed", shut=no_landlock).endswith(b"E 0 0\n\n")
        # the setting, from end to end
        with Up(conf_text="knowledge: { unsandboxed = true; };") as up:
            assert kb(up, "add", files["pdf"])[0]["passages"] == 1


def unit_calls():
    """The calls that recado.service leaves to the daemon and its children."""
    if not shutil.which("systemd-analyze"):
        raise Skip("no systemd-analyze")
    sets, allowed = {}, set()
    out = subprocess.run(["systemd-analyze", "syscall-filter"], capture_output=True, text=True).stdout
    for line in out.splitlines():
        if line.startswith("@"):
            name = line.split()[0]
            sets[name] = set()
        elif line.startswith(" ") and not line.strip().startswith("#"):
            sets[name].add(line.strip())

    def expand(word):
        return set().union(*(expand(w) for w in sets[word])) if word in sets else {word}
    for value in re.findall(r"^SystemCallFilter=(.*)$", (ROOT / "systemd/recado.service").read_text(), re.M):
        words = set().union(*(expand(w) for w in value.lstrip("~").split()))
        allowed = allowed - words if value.startswith("~") else allowed | words
    return allowed


def test_the_hardened_unit_lets_it_read():
    numbers = call_numbers()
    allowed = {numbers[c] for c in unit_calls() if c in numbers}
    assert {numbers[c] for c in ("read", "execve", "seccomp", "landlock_restrict_self")} <= allowed
    shut = filtered(allowed, ALLOW, FAIL | EPERM)
    with Folder() as folder:
        fill(folder)
        for kind, name in (("pdf", "manual.pdf"), ("office", "garantia.docx"), ("html", "oficina.html"),
                           ("csv", "sub/precos.csv")):
            got = extract(kind, folder / name, shut=shut)
            assert got.endswith(b"E 0 0\n\n"), (kind, got[:200])
