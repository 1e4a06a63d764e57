/* What recado-extract is made of: its readers as plain functions, and the cage around them. */

#include "daemon/extract/extract.h"
#include "knowledge/frame.h"
#include "tests/t.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

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

	T_DO(reads(rcd_read_html, RCD_SV("<title>Loja</title><nav>Menu</nav><script>x()</script><h2>Trocas\n e <i>mais</i></h2>"
	                                 "<p>Em   até <b>7</b>&nbsp;dias.<p>Sim<br>ou não"),
	           "H1 Loja|H2 Trocas e mais|T0 Em até 7 dias.\n\nSim\nou não|", &err), err);
	T_DO(reads(rcd_read_html, RCD_SV("<ul><li>um<li>dois</ul><table><tr><td>a<td>b<tr><td>c<td></table>"),
	           "T0 - um\n- dois\n\na | b\nc|", &err), err);
	T_DO(reads(rcd_read_html, RCD_SV("<div>fora</div><main>dentro</main>"), "T0 dentro|", &err), err);
	T_DO(reads(rcd_read_html, RCD_SV("<div>fora</div><main> </main>"), "T0 fora|", &err), err);
	T_DO(reads(rcd_read_html, RCD_SV("<p>pre\xE7o &lt;b&gt; &copy;"), "T0 preço <b> ©|", &err), err);
	T_DO(reads(rcd_read_html, RCD_SV("<!DOCTYPE x SYSTEM \"file:///etc/passwd\" [<!ENTITY e SYSTEM \"/etc/passwd\">]><p>a&e;"),
	           "T0 ]>\n\na&e;|", &err), err);
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

static int csv(void)
{
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(reads(rcd_read_csv, RCD_SV("Produto;Preço\nQueijo;\"R$ 5,00\"\n\"Pão; doce\";\n"),
	           "T0 Produto: Queijo\nPreço: R$ 5,00\n\nProduto: Pão; doce|", &err), err);
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

	T_OK(reads(rcd_read_docx, RCD_SV("PK\x03\x04 and then nothing"), "", &err) != 0);
	T_OK(err.code == RCD_PROTO || err.code == RCD_NOMEM);
	T_OK(reads(rcd_read_docx, RCD_SV(""), "", &err) != 0);
	/* the end of an archive without an entry */
	T_OK(reads(rcd_read_docx, RCD_SV("PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "", &err) != 0);
	T_OK(err.code == RCD_PROTO || err.code == RCD_NOMEM);
out:
	return ret;
}

static int pages(void)
{
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(reads(read_pages, RCD_SV("Um\n\n\n  dois \f\n\fTrês\n\f"), "P1 |T0 Um\n\ndois|P2 |P3 |T0 Três|", &err), err);
out:
	return ret;
}

/* --- the cage ----------------------------------------------------------------------------- */

/* What is left of the world inside, as bits. Runs in a process of its own. */
static int look_around(void)
{
	int seen = 0, fd;
	pid_t pid;

	if (rcd_cage_limits(30, NULL) != 0 || rcd_cage_self(NULL) != 0)
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
	static const char *const args[][3] = {{"cat", "/etc/passwd", NULL}, {"cat", "/etc/ld.so.cache", NULL}};
	int ret = 0;

	for (int i = 0; i < 2; i++) {
		int status = 0, null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		pid_t pid = fork();

		if (pid == 0) {
			(void)dup2(null, 1);
			(void)dup2(null, 2);
			if (rcd_cage_program(&cat, NULL) != 0)
				_exit(99);
			(void)execve("/bin/true", (char *const *)(uintptr_t)args[i], environ); /* another one: no */
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
	{"csv", csv, T_OOM},
	{"broken_docx", broken_docx, 0},
	{"pages", pages, T_OOM},
	{"cage", cage, 0},
	{"cage_of_a_program", cage_of_a_program, 0},
	{NULL, NULL, 0},
};
