"""Price lists are spreadsheets, and manuals come from every office program: what is in them is known with its
structure, and what they hide stays hidden."""

import subprocess

from docs import docx, odf, paragraph, pptx, xlsx
from lib import BUILD, Folder, Up
from t_kb import best, kb, write

EXTRACT = BUILD / "recado-extract"


def cell(ref, value, style=0, kind=""):
    return f'<c r="{ref}" s="{style}"{f" t={chr(34)}{kind}{chr(34)}" if kind else ""}><v>{value}</v></c>'


def text(value):
    return f"<t>{value}</t>"


def prices():
    strings = [text("Tabela de preços 2026"), text("Peça"), text("Preço"), text("Desconto"), text("Válido até"),
               "<r><t>Câmara </t></r><r><t>aro 29</t></r><rPh><t>ruído</t></rPh>", text("Corrente"), text("Segredo"),
               text("Custo")]
    formats = {164: "&quot;R$&quot;\\ #,##0.00", 165: "[$R$-416] #,##0.00", 166: "dd/mm/yyyy;@"}
    sheet = ('<cols><col min="5" max="5" hidden="1"/></cols><sheetData>'
             f'<row r="1">{cell("A1", 0, kind="s")}</row>'
             f'<row r="3">{cell("A3", 1, kind="s")}{cell("B3", 2, kind="s")}{cell("C3", 3, kind="s")}'
             f'{cell("D3", 4, kind="s")}{cell("E3", 8, kind="s")}</row>'
             f'<row r="4">{cell("A4", 5, kind="s")}{cell("B4", 35.5, 1)}{cell("C4", 0.1, 3)}{cell("D4", 46022, 4)}'
             f'{cell("E4", 11.11, 1)}</row>'
             f'<row r="5">{cell("A5", 6, kind="s")}{cell("B5", 1234.5, 2)}{cell("D5", "#REF!", kind="e")}</row>'
             f'<row r="6" hidden="1">{cell("A6", 7, kind="s")}{cell("B6", 1, 1)}</row>'
             '<row r="7"><c r="A7" t="inlineStr"><is><t>Selim &amp; canote</t></is></c>'
             '<c r="B7" t="str"><f>B4</f><v>sob consulta</v></c></row></sheetData>')
    return xlsx({"Preços": ("", sheet), "Margens": ("hidden", f'<sheetData><row r="1">{cell("A1", 7, kind="s")}'
                                                               "</row></sheetData>")},
                strings, formats, (0, 164, 165, 9, 166))


def test_a_price_list_is_known_row_by_row():
    with Up() as up:
        write(up.dir / "add/precos.xlsx", prices())
        assert kb(up, "add", up.dir / "add/precos.xlsx")[0]["passages"] > 0
        p = best(up, "preço da câmara aro 29")
        assert p["heading"] == "Preços", p
        assert "Peça: Câmara aro 29\nPreço: R$ 35,50\nDesconto: 10%\nVálido até: 31/12/2025" in p["text"], p["text"]
        assert "Peça: Corrente\nPreço: R$ 1.234,50" in p["text"] and "REF" not in p["text"], p["text"]
        assert "Peça: Selim & canote\nPreço: sob consulta" in p["text"], p["text"]
        assert "Tabela de preços 2026" in p["text"] and "Tabela de preços 2026:" not in p["text"], p["text"]
        everything = " ".join(r["text"] for r in up.query("SELECT text FROM passage"))
        for hidden in ("Segredo", "Custo", "11,11", "Margens", "ruído"):
            assert hidden not in everything, hidden


def test_the_other_offices():
    ods = odf("spreadsheet",
              '<table:table table:name="Fretes"><table:table-row><table:table-cell><text:p>Cidade</text:p>'
              '</table:table-cell><table:table-cell><text:p>Frete</text:p></table:table-cell></table:table-row>'
              '<table:table-row><table:table-cell><text:p>Santos</text:p></table:table-cell><table:table-cell '
              'office:value="25"><text:p>R$ 25,00</text:p><office:annotation><text:p>nota interna</text:p>'
              '</office:annotation></table:table-cell><table:table-cell table:number-columns-repeated="16000"/>'
              '</table:table-row><table:table-row table:visibility="collapse"><table:table-cell><text:p>Oculta</text:p>'
              '</table:table-cell></table:table-row>'
              '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row></table:table>')
    odt = odf("text", '<text:tracked-changes><text:p>apagado</text:p></text:tracked-changes>'
              '<text:h text:outline-level="1">Trocas</text:h><text:p>Em até<text:s/>trinta dias<text:line-break/>'
              'com nota.</text:p><text:list><text:list-item><text:p>sem uso</text:p></text:list-item></text:list>'
              '<text:hidden-text>escondido</text:hidden-text>')
    shape = '<p:sp><p:nvSpPr><p:nvPr>{}</p:nvPr></p:nvSpPr><p:txBody>{}</p:txBody></p:sp>'

    def line(words):
        return f"<a:p><a:r><a:t>{words}</a:t></a:r></a:p>"
    deck = pptx([("", shape.format('<p:ph type="title"/>', line("Planos")) + shape.format("", line("Básico por 50 reais"))),
                 ('show="0"', shape.format("", line("rascunho interno"))),
                 ("", shape.format('<p:ph type="ctrTitle"/>', line("Contato")) + shape.format("", line("Ligue 0800 123")))])
    with Up() as up:
        for name, data in {"fretes.ods": ods, "trocas.odt": odt, "planos.pptx": deck}.items():
            write(up.dir / "add" / name, data)
        kb(up, "add", up.dir / "add")
        p = best(up, "frete para Santos")
        assert p["heading"] == "Fretes" and p["text"] == "Cidade: Santos\nFrete: R$ 25,00", p
        p = best(up, "trinta dias com nota")
        assert p["heading"] == "Trocas" and "Em até trinta dias" in p["text"] and "- sem uso" in p["text"], p
        p = best(up, "telefone 0800")
        assert p["heading"] == "Contato" and p["page"] == 3 and p["text"] == "Ligue 0800 123", p
        everything = " ".join(r["text"] for r in up.query("SELECT text FROM passage"))
        for hidden in ("apagado", "escondido", "interna", "Oculta", "rascunho"):
            assert hidden not in everything, hidden


def test_titles_and_separators_name_no_column():
    with Up() as up:
        write(up.dir / "add/a.csv", "sep=;\nTabela de frete\n\nCidade;Frete\nSantos;25,00\nCampinas;30,00\n")
        write(up.dir / "add/b.csv", "Bairros atendidos\nCentro\nGonzaga\n")
        kb(up, "add", up.dir / "add")
        p = best(up, "frete Campinas")
        assert p["text"] == "Tabela de frete\n\nCidade: Santos\nFrete: 25,00\n\nCidade: Campinas\nFrete: 30,00", p
        assert "Bairros atendidos: Gonzaga" in best(up, "bairro Gonzaga")["text"]


def test_each_piece_of_a_table_has_its_header():
    rows = "".join(f"| Modelo {i} | {i * 10} reais | {'detalhe ' * 8}|\n" for i in range(1, 81))
    table = f"# Modelos\n\n| Nome | Preço | Detalhe |\n|---|---|---|\n{rows}\nFim da lista."
    body = "<w:tbl>" + "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(c)}</w:tc>" for c in row) + "</w:tr>"
        for row in [("Nome", "Preço", "Detalhe")] + [(f"Item {i}", f"{i} reais", "texto " * 9) for i in range(1, 81)]
    ) + "</w:tbl>"
    with Up() as up:
        write(up.dir / "add/modelos.md", table)
        write(up.dir / "add/itens.docx", docx(body))
        kb(up, "add", up.dir / "add")
        p = best(up, "Modelo 77")
        assert p["text"].startswith("| Nome | Preço | Detalhe |\n|---|---|---|\n| Modelo"), p["text"][:200]
        assert "770 reais" in p["text"]
        p = best(up, "Item 77")
        assert p["text"].startswith("Nome | Preço | Detalhe\nItem"), p["text"][:200]
        pieces = up.query("SELECT text FROM passage WHERE text LIKE '%| Modelo%'")
        assert len(pieces) > 3 and all(r["text"].count("| Nome |") == 1 for r in pieces)
        assert len(best(up, "Modelo 77")["text"].encode()) < 2500
        assert "Nome" not in best(up, "Fim da lista")["text"].split("|")[-1]


def test_hidden_text_of_pages_and_documents_stays_out():
    page = ("<title>Loja</title><body><p>Aberto às nove.</p><p hidden>segredo um</p>"
            "<div style='color:red; DISPLAY : none'>segredo dois <p>segredo três</div>"
            "<span aria-hidden='true'>segredo quatro</span><img hidden><p>Fecha às seis.</p>"
            "<p style='font-size:0'>segredo cinco</p><p style='font-size:0.9em'>Almoço fechado.</p>")
    run = '<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>segredo seis</w:t></w:r><w:r><w:t>Visível.</w:t></w:r></w:p>'
    off = '<w:p><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>Também visível.</w:t></w:r></w:p>'
    with Up() as up:
        write(up.dir / "add/loja.html", page)
        write(up.dir / "add/loja.docx", docx(run + off + paragraph("Fim.")))
        kb(up, "add", up.dir / "add")
        everything = " ".join(r["text"] for r in up.query("SELECT text FROM passage"))
        assert "segredo" not in everything, everything
        for shown in ("Aberto às nove.", "Fecha às seis.", "Almoço fechado.", "Visível.", "Também visível.", "Fim."):
            assert shown in everything, shown


def test_every_file_of_the_folder_is_read_or_named():
    with Up() as up:
        for name, data in {"velho.xls": b"\xd0\xcf\x11\xe0\xa1\xb1", "foto.jpg": b"\xff\xd8\xff", "notas.rtf": b"{\\rtf1}",
                           "vazio.txt": b"", "secreto.xlsx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "zip.docx": b"PK\x05\x06" + bytes(18),
                           ".oculto.md": b"x"}.items():
            write(up.dir / "knowledge" / name, data)
        (up.dir / "knowledge/atalho.md").symlink_to("/etc/hostname")
        deep = up.dir / "knowledge" / "/".join("abcdefghij")
        write(deep / "fundo.md", "texto")
        up.send(1)  # SIGHUP: read at once
        for name, why in {"velho.xls": "ending", "foto.jpg": "ending", "notas.rtf": "ending", "vazio.txt": "no text",
                          "secreto.xlsx": "password", "zip.docx": "zip archive", "atalho.md": "symbolic link",
                          "a/b/c/d/e/f/g/h/i": "8 deep"}.items():
            up.wait_log(rf"knowledge: {name} is left out: .*{why}", timeout=60)
        assert ".oculto" not in up.log()
        assert up.log().count("foto.jpg is left out") == 1, "told again and again"


def test_a_tag_of_many_attributes_takes_no_time():
    page = b"<p " + b"".join(b"a%d=1 " % i for i in range(400000)) + b">oi</p>"
    with Folder() as folder, open(write(folder / "page", page), "rb") as doc:
        got = subprocess.run([EXTRACT, "html"], stdin=doc, capture_output=True, timeout=20, check=False)
        assert b"words" in got.stdout and got.stdout.startswith(b"X"), got
