"""Documents for the tests, made here: no binary file is kept."""

import io
import zipfile

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def pdf(pages, trailer=""):
    """A PDF with one run of lines a page; "" is a page with nothing but a picture's place."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = ["<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>",
               "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"]
    for i, text in enumerate(pages):
        shown = " ".join(f"({line}) Tj T*" for line in text.split("\n") if line)
        stream = f"BT /F1 12 Tf 50 700 Td 14 TL {shown} ET"
        objects += [f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>"
                    f"/Contents {5 + 2 * i} 0 R>>",
                    f"<</Length {len(stream.encode('cp1252'))}>>stream\n{stream}\nendstream"]
    out, offsets = b"%PDF-1.4\n", []
    for i, text in enumerate(objects):
        offsets.append(len(out))
        out += f"{i + 1} 0 obj\n{text}\nendobj\n".encode("cp1252")
    table = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n" + "".join(f"{o:010d} 00000 n \n" for o in offsets)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + (table + end).encode()


def locked_pdf():
    """Encrypted with a password that nobody knows."""
    return pdf(["segredo"], "/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -64"
               f"/O<{'41' * 32}>/U<{'42' * 32}>>>")


def paragraph(text, style=None):
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{look}<w:r><w:t>{text}</w:t></w:r></w:p>"


def docx(body):
    """Style "Ttulo1" is a heading, as a Word in Portuguese names it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("word/styles.xml", f'<w:styles {WORD}><w:style w:styleId="Ttulo1"><w:name w:val="heading 1"/>'
                                      "</w:style></w:styles>")
        z.writestr("word/document.xml", f"<w:document {WORD}><w:body>{body}</w:body></w:document>")
    return out.getvalue()


def zip_bomb(mb=80):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("word/document.xml", b"<a>" + b" " * (mb << 20))
    return out.getvalue()


# --- spreadsheets, presentations, OpenDocument ------------------------------------------------


def package(parts):
    """A zip archive of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for name, text in parts.items():
            z.writestr(name, text)
    return out.getvalue()


REL = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'


def relations(targets):
    rows = "".join(f'<Relationship Id="{i}" Type="x" Target="{t}"/>' for i, t in targets.items())
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rows}</Relationships>'


def xlsx(sheets, strings=(), formats=(), styles=(0,), book=""):
    """sheets: {name: (state, XML of the sheet's inside)}; formats: {id: code}; styles: format ids by number."""
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts = {
        "xl/workbook.xml": f'<workbook {main} {REL}>{book}<sheets>' + "".join(
            f'<sheet name="{name}" sheetId="{i}" {f"state={chr(34)}{state}{chr(34)}" if state else ""} r:id="rId{i}"/>'
            for i, (name, (state, _)) in enumerate(sheets.items(), 1)) + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": relations({f"rId{i}": f"worksheets/sheet{i}.xml"
                                                 for i in range(1, len(sheets) + 1)}),
        "xl/sharedStrings.xml": f"<sst {main}>" + "".join(f"<si>{s}</si>" for s in strings) + "</sst>",
        "xl/styles.xml": f"<styleSheet {main}><numFmts>" + "".join(
            f'<numFmt numFmtId="{i}" formatCode="{code}"/>' for i, code in dict(formats).items()) +
            '</numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs>' +
            "".join(f'<xf numFmtId="{i}"/>' for i in styles) + "</cellXfs></styleSheet>",
    }
    for i, (_, inside) in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{i}.xml"] = f"<worksheet {main}>{inside}</worksheet>"
    return package(parts)


def pptx(slides):
    """slides: (attributes of the slide, XML of its shapes), in order; in the archive they lie the other way round."""
    n = len(slides)
    parts = {
        "ppt/presentation.xml": f'<p:presentation xmlns:p="p" {REL}><p:sldIdLst>' + "".join(
            f'<p:sldId id="{255 + i}" r:id="rId{i}"/>' for i in range(1, n + 1)) + "</p:sldIdLst></p:presentation>",
        "ppt/_rels/presentation.xml.rels": relations({f"rId{i}": f"slides/slide{n + 1 - i}.xml"
                                                      for i in range(1, n + 1)}),
    }
    for i, (more, shapes) in enumerate(slides, 1):
        parts[f"ppt/slides/slide{n + 1 - i}.xml"] = (f'<p:sld xmlns:p="p" xmlns:a="a" {more}><p:cSld><p:spTree>{shapes}'
                                                     "</p:spTree></p:cSld></p:sld>")
    return package(parts)


def odf(kind, inside):
    spaces = " ".join(f'xmlns:{x}="urn:oasis:names:tc:opendocument:xmlns:{x}:1.0"' for x in
                      ("office", "text", "table", "style"))
    return package({
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": f"<office:document-content {spaces}><office:body><office:{kind}>{inside}"
                       f"</office:{kind}></office:body></office:document-content>"})
