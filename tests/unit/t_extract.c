/* What recado-extract is made of: its readers as plain functions, and the cage around them. */

#include "tests/t.h"
#include "daemon/extract/extract.h"
#include "daemon/extract/xlsx_number.h"
#include "knowledge/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zip.h>

typedef int reader_fn(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err);

/* Frames as "H2 title|T0 text|". */
static int show(struct rcd_sv frames, struct rcd_buf *out, struct rcd_err *err)
{
	struct rcd_frame f;

	do {
		if (rcd_frame_next(&frames, &f, err) != 0)
			return -1;
		if (f.kind != RCD_FRAME_END)
			rcd_buf_fmt(out, "%c%d %.*s|", (char)f.kind, f.number, RCD_SV_ARG(f.text));
	} while (f.kind != RCD_FRAME_END);
	return out->bad ? rcd_fail_nomem(err) : 0;
}

/* Does the reader make these frames of it? */
static int reads(reader_fn *reader, struct rcd_sv doc, const char *want, struct rcd_err *err)
{
	struct rcd_prose out;
	struct rcd_buf shown;
	int ret;

	rcd_text_init(&out);
	rcd_buf_init(&shown, 4096);
	ret = reader(doc, &out, err);
	if (ret == 0 && !rcd_text_end(&out))
		ret = rcd_fail_nomem(err);
	if (ret == 0)
		ret = show(rcd_buf_view(&out.frames), &shown, err);
	if (ret == 0 && strcmp(shown.n > 0 ? shown.p : "", want) != 0)
		ret = rcd_fail(err, RCD_INVAL, 0, "frames: %.150s", shown.n > 0 ? shown.p : "");
	rcd_text_done(&out);
	rcd_buf_free(&shown);
	return ret;
}

static int read_pages(struct rcd_sv doc, struct rcd_prose *out, struct rcd_err *err)
{
	(void)err;
	rcd_pdf_pages(doc, out);
	return 0;
}

static int html(void)
{
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(reads(rcd_read_html,
	           RCD_SV("<title>Loja</title><nav>Menu</nav><script>x()</script><h2>Trocas\n e "
	                  "<i>mais</i></h2>"
	                  "<p>Em   até <b>7</b>&nbsp;dias.<p>Sim<br>ou não"),
	           "H1 Loja|H2 Trocas e mais|T0 Em até 7 dias.\n\nSim\nou não|", &err),
	     err);
	T_DO(reads(rcd_read_html,
	           RCD_SV("<ul><li>um<li>dois</ul><table><tr><td>a<td>b<tr><td>c<td></table>"),
	           "T0 - um\n- dois\n\na | b\nc|", &err),
	     err);
	T_DO(reads(rcd_read_html, RCD_SV("<div>fora</div><main>dentro</main>"), "T0 dentro|", &err),
	     err);
	T_DO(reads(rcd_read_html, RCD_SV("<div>fora</div><main> </main>"), "T0 fora|", &err), err);
	T_DO(reads(rcd_read_html, RCD_SV("<p>pre\xE7o &lt;b&gt; &copy;"), "T0 preço <b> ©|", &err),
	     err);
	T_DO(reads(rcd_read_html,
	           RCD_SV("<!DOCTYPE x SYSTEM \"file:///etc/passwd\" [<!ENTITY e SYSTEM "
	                  "\"/etc/passwd\">]><p>a&e;"),
	           "T0 ]>\n\na&e;|", &err),
	     err);
	T_DO(reads(rcd_read_html, RCD_SV(""), "", &err), err);
out:
	return ret;
}

static int html_deep(void)
{
	struct rcd_err err = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1 << 20);
	for (int i = 0; i < 5000; i++)
		rcd_buf_str(&b, "<div>");
	T_OK(reads(rcd_read_html, rcd_buf_view(&b), "", &err) != 0);
	T_INT(err.code, RCD_LIMIT);
out:
	rcd_buf_free(&b);
	return ret;
}

/* --- office documents -------------------------------------------------------------------- */

struct part {
	const char *name, *text;
};

/* A zip archive of these parts, up to one without a name; false: it could not be made. */
static bool pack(const struct part *part, struct rcd_buf *out)
{
	char path[300], *bytes;
	zip_t *zip;
	size_t n;
	int why;

	(void)snprintf(path, sizeof(path), "%s/office.zip", t_dir());
	zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &why);
	for (; zip != NULL && part->name != NULL; part++)
		if (zip_file_add(zip, part->name, zip_source_buffer(zip, part->text, strlen(part->text), 0),
		                 0) < 0)
			return false;
	if (zip == NULL || zip_close(zip) != 0 || (bytes = t_slurp(path, &n)) == NULL)
		return false;
	rcd_buf_reset(out);
	rcd_buf_add(out, bytes, n);
	free(bytes);
	return !out->bad;
}

#define SHEET(rows) "<worksheet xmlns='m'><sheetData>" rows "</sheetData></worksheet>"
#define WORKBOOK                                                                                   \
	"<workbook xmlns='m' xmlns:r='r'><sheets><sheet name='P' sheetId='1'"                          \
	" r:id='a'/></sheets></workbook>"
#define RELS(target) "<Relationships><Relationship Id='a' Target='" target "'/></Relationships>"

static int office(void)
{
	static const struct {
		struct part part[6];
		const char *want; /* NULL: refused */
	} row[] = {
		{{{"xl/workbook.xml", WORKBOOK},
	      {"xl/_rels/workbook.xml.rels", RELS("worksheets/s.xml")},
	      {"xl/worksheets/s.xml",
	       SHEET("<row><c r='B1' t='inlineStr'><is><t>x</t></is></c><c r='C1'><v>2</v></c></row>"
	             "<row><c><v>1</v></c><c><v>2.50</v></c></row>")}},
	     "H1 P|T0 1\nx: 2.5|"},
		{{{"xl/workbook.xml", WORKBOOK},
	      {"xl/_rels/workbook.xml.rels", RELS("/xl/s.xml")},
	      {"xl/s.xml",
	       SHEET("<row><c t='s'><v>7</v></c><c t='s'><v>-1</v></c><c t='b'><v>1</v></c></row>")},
	      {"xl/sharedStrings.xml", "<sst><si><t>a</t></si></sst>"}},
	     "H1 P|T0 sim|"},
		/* a part that is named and not there, and a relation that leads nowhere */
		{{{"xl/workbook.xml", WORKBOOK}, {"xl/_rels/workbook.xml.rels", RELS("gone.xml")}}, NULL},
		{{{"xl/workbook.xml", WORKBOOK}, {"xl/_rels/workbook.xml.rels", "<Relationships/>"}}, ""},
		{{{"xl/workbook.xml", "<!DOCTYPE x [<!ENTITY e 'y'>]>" WORKBOOK}}, NULL},
		{{{"ppt/presentation.xml", "<p xmlns:r='r'><sldId id='256' r:id='a'/></p>"},
	      {"ppt/_rels/presentation.xml.rels", RELS("s.xml")},
	      {"ppt/s.xml", "<sld><sp><p><t>um</t></p><p><t>dois</t></p></sp></sld>"}},
	     "P1 |T0 um\ndois|"},
		{{{"content.xml",
	       "<d><spreadsheet><table name='T'><table-row><table-cell><p>a</p></table-cell><table-cell "
	       "number-columns-repeated='3'><p>b</p></table-cell></table-row></table></spreadsheet></d>"}},
	     "H1 T|T0 a\nb\nb\nb|"},
		{{{"content.xml", "<d><text><h outline-level='2'>T</h><p>x</p></text></d>"}}, "H2 T|T0 x|"},
		{{{"content.xml", "<d><spreadsheet><table name='T'><table-row>"}}, NULL},
		{{{"word/document.xml",
	       "<d><p><r><rPr><vanish/></rPr><t>a</t></r><r><t>b</t></r></p></d>"}},
	     "T0 b|"},
		{{{"other.xml", "<d/>"}}, NULL},
	};
	struct rcd_err err = {0};
	struct rcd_buf zip;
	int ret = 0;

	rcd_buf_init(&zip, 1 << 20);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (!pack(row[i].part, &zip)) {
			ret = T_NOMEM;
			goto out;
		}
		if (row[i].want != NULL)
			T_DO(reads(rcd_read_office, rcd_buf_view(&zip), row[i].want, &err), err);
		else if (reads(rcd_read_office, rcd_buf_view(&zip), "", &err) == 0 ||
		         (err.code != RCD_PROTO && err.code != RCD_NOMEM))
			T_FAIL("row %zu was not refused: %s", i, err.msg);
	}
out:
	rcd_buf_free(&zip);
	return ret;
}

static int numbers(void)
{
	static const struct {
		const char *code, *value, *want;
	} row[] = {
		{"General", "19.9", "19.9"},
		{"0", "5.0", "5"},
		{"0.00", "19.9", "19.90"},
		{"0%", "0.125", "12%"},
		{"0.0%", "0.125", "12.5%"},
		{"\"R$\" #,##0.00", "1234567.5", "R$ 1.234.567,50"},
		{"[$R$-416] #,##0.00;[Red]-[$R$-416] #,##0.00", "12", "R$ 12,00"},
		{"[$US$-409]#,##0.00", "3.5", "US$ 3.50"},
		{"\"R$\" #,##0.00", "-1234.5", "R$ -1.234,50"},
		{"dd/mm/yyyy;@", "46022", "31/12/2025"},
		{"d/m/yy h:mm", "46022.5", "31/12/2025 12:00"},
		{"[h]:mm", "1.5", "36:00"},
		{"hh:mm", "0.75", "18:00"},
		{"#,##0\\ \"dias\"", "3", "3"},
		{"0.00E+00", "1234", "1234"},
		{"@", "007", "7"},
		{"mmm-yy", "46022", "31/12/2025"},
	};
	struct rcd_xlsx_formats *f = calloc(1, sizeof(*f));
	char shown[64];
	int ret = 0;

	if (f == NULL)
		return T_NOMEM;
	f->n_custom = f->n_styles = 1;
	f->custom[0].id = f->style[0] = 200;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		rcd_xlsx_format(rcd_sv(row[i].code), &f->custom[0].f);
		T_OK(rcd_xlsx_show(f, 0, rcd_sv(row[i].value), shown));
		T_STR(shown, row[i].want);
	}
	T_OK(!rcd_xlsx_show(f, 0, RCD_SV("abc"), shown) && !rcd_xlsx_show(f, 0, RCD_SV("nan"), shown) &&
	     !rcd_xlsx_show(f, 0, RCD_SV("1e300"), shown) && !rcd_xlsx_show(f, 0, RCD_SV("-5"), shown));
	f->from_1904 = true;
	T_OK(rcd_xlsx_show(f, 0, RCD_SV("0"), shown));
	T_STR(shown, "01/01/1904");
	T_OK(rcd_xlsx_show(f, 99, RCD_SV("2.50"), shown)); /* a style that is not there */
	T_STR(shown, "2.5");
out:
	free(f);
	return ret;
}

static int csv(void)
{
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(reads(rcd_read_csv, RCD_SV("Produto;Preço\nQueijo;\"R$ 5,00\"\n\"Pão; doce\";\n"),
	           "T0 Produto: Queijo\nPreço: R$ 5,00\n\nProduto: Pão; doce|", &err),
	     err);
	T_DO(reads(rcd_read_csv, RCD_SV("a,b\r\n1,2,3\r\n"), "T0 a: 1\nb: 2\n3|", &err), err);
	T_DO(reads(rcd_read_csv, RCD_SV("a\tb\n\n1\t2"), "T0 a: 1\nb: 2|", &err), err);
	T_DO(reads(rcd_read_csv, RCD_SV("Pre\xE7o\n5\n"), "T0 Preço: 5|", &err), err);
	T_DO(reads(rcd_read_csv, RCD_SV("um,dois"), "T0 um\ndois|", &err), err);
	T_DO(reads(rcd_read_csv, RCD_SV("a\n\"never closed"), "T0 a: never closed|", &err), err);
	T_DO(reads(rcd_read_csv, RCD_SV(""), "", &err), err);
out:
	return ret;
}

static int broken_docx(void)
{
	struct rcd_err err = {0};
	int ret = 0;

	T_OK(reads(rcd_read_office, RCD_SV("PK\x03\x04 and then nothing"), "", &err) != 0);
	T_OK(err.code == RCD_PROTO || err.code == RCD_NOMEM);
	T_OK(reads(rcd_read_office, RCD_SV(""), "", &err) != 0);
	/* the end of an archive without an entry */
	T_OK(reads(rcd_read_office, RCD_SV("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "",
	           &err) != 0);
	T_OK(err.code == RCD_PROTO || err.code == RCD_NOMEM);
out:
	return ret;
}

static int pages(void)
{
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(reads(read_pages, RCD_SV("Um\n\n\n  dois \f\n\fTrês\n\f"),
	           "P1 |T0 Um\n\ndois|P2 |P3 |T0 Três|", &err),
	     err);
out:
	return ret;
}

/* --- the cage ----------------------------------------------------------------------------- */

/* What is left of the world inside, as bits. Runs in a process of its own. */
static int look_around(void)
{
	int seen = 0, fd;
	pid_t pid;

	if (rcd_cage_limits(30, RCD_UNREAD_ERR) != 0 || rcd_cage_self(RCD_UNREAD_ERR) != 0)
		return 128;
	fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
	seen |= fd >= 0 || errno != EPERM ? 1 : 0;
	fd = socket(AF_INET, SOCK_STREAM, 0);
	seen |= fd >= 0 || errno != EPERM ? 2 : 0;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	seen |= fd >= 0 || errno != EPERM ? 4 : 0;
	pid = fork();
	if (pid == 0)
		_exit(0);
	seen |= pid > 0 || errno != EPERM ? 8 : 0;
	seen |= execl("/bin/true", "true", (char *)NULL) == 0 || errno != EPERM ? 16 : 0;
	seen |= kill(getppid(), 0) == 0 ? 32 : 0;
	return seen;
}

static int cage(void)
{
	int ret = 0, status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(look_around());
	T_OK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
	T_INT(WEXITSTATUS(status), 0);
out:
	return ret;
}

/* A program that is let in reads what it needs to start, and no other file. */
static int cage_of_a_program(void)
{
	static const struct rcd_cage_program cat = {.path = "/bin/cat"};
	static const char *const args[][3] = {{"cat", "/etc/passwd", NULL},
	                                      {"cat", "/etc/ld.so.cache", NULL}};
	int ret = 0;

	for (int i = 0; i < 2; i++) {
		int status = 0, null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		pid_t pid = fork();

		if (pid == 0) {
			(void)dup2(null, 1);
			(void)dup2(null, 2);
			if (rcd_cage_program(&cat, RCD_UNREAD_ERR) != 0)
				_exit(99);
			(void)execve("/bin/true", (char *const *)(uintptr_t)args[i],
			             environ); /* another one: no */
			(void)execve(cat.path, (char *const *)(uintptr_t)args[i], environ);
			_exit(98);
		}
		(void)close(null);
		T_OK(pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status));
		T_INT(WEXITSTATUS(status), i == 0 ? 1 : 0);
	}
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"html", html, 0},
	{"html_deep", html_deep, 0},
	{"office", office, T_OOM},
	{"numbers", numbers, 0},
	{"csv", csv, T_OOM},
	{"broken_docx", broken_docx, 0},
	{"pages", pages, T_OOM},
	{"cage", cage, 0},
	{"cage_of_a_program", cage_of_a_program, 0},
	{NULL, NULL, 0},
};
