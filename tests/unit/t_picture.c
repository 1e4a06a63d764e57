/* What pictures are by their first bytes, and the descriptions that a model writes of them. */

#include "answer/caption.h"
#include "base/picture.h"
#include "tests/t.h"

#include <string.h>

#define PNG(w, h)                                                                                  \
	"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" w h "\x08\x06\0\0\0CRC!"                                       \
	"\0\0\0\0IDATCRC!"                                                                             \
	"\0\0\0\0IENDCRC!"
#define JPEG(h, w) "\xff\xd8\xff\xe0\0\x04JF\xff\xff\xc2\0\x0b\x08" h w "\x01\x01\x11\0"
#define RIFF(chunk) "RIFF\x20\0\0\0WEBP" chunk
#define BYTES(lit) lit, sizeof(lit) - 1

static const struct {
	const char *p;
	size_t n;
	const char *type; /* NULL: none */
	uint32_t width, height;
} row[] = {
	{BYTES(PNG("\0\0\x02\x80", "\0\0\x01\xe0")), "image/png", 640, 480},
	{BYTES(PNG("\0\0\0\0", "\0\0\x01\xe0")), NULL, 0, 0},
	{BYTES(PNG("\xff\xff\xff\xff", "\0\0\0\x01")), NULL, 0, 0},
	{BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01"), NULL, 0, 0}, /* cut */
	{BYTES("\x89PNG\r\n\x1a\n\0\0\0\x0eIHDR\0\0\0\x01\0\0\0\x01................................"),
     NULL, 0, 0},
	{BYTES(JPEG("\x04\x38", "\x07\x80")), "image/jpeg", 1920, 1080},
	{BYTES(JPEG("\0\0", "\x07\x80")), NULL, 0, 0},
	{BYTES("\xff\xd8\xff\xe0\0\0"), NULL, 0, 0},         /* a segment without length */
	{BYTES("\xff\xd8\xff\xe0\xff\xff...."), NULL, 0, 0}, /* one that reaches behind the end */
	{BYTES("\xff\xd8\xff\xda\0\x08......"), NULL, 0, 0}, /* a scan before its frame */
	{BYTES("\xff\xd8\xff\xc0\0\x11\x08\0\x01"), NULL, 0, 0},
	{BYTES("\xff\xd8\xff\xc4\0\x04..\xff\xc0\0\x0b\x08\0\x02\0\x03\x01\x01\x11\0"), "image/jpeg", 3,
     2},
	{BYTES("GIF89a\x0a\0\x14\0\0\0\0\x3b"), "image/gif", 10, 20},
	{BYTES("GIF87a\x0a\0\0\0\0\0\0\x3b"), NULL, 0, 0},
	{BYTES("GIF89a\x0a\0"), NULL, 0, 0},
	{BYTES(RIFF("VP8 \x0c\0\0\0\x10\0\0\x9d\x01\x2a\x40\x01\xf0\0")), "image/webp", 320, 240},
	{BYTES(RIFF("VP8 \x0c\0\0\0\x11\0\0\x9d\x01\x2a\x40\x01\xf0\0")), NULL, 0,
     0}, /* no key frame */
	{BYTES(RIFF("VP8L\x0c\0\0\0\x2f\xff\xc1\x7f\0.....")), "image/webp", 512, 512},
	{BYTES(RIFF("VP8X\x0a\0\0\0\0\0\0\0\x3f\x01\0\xef\0\0")), "image/webp", 320, 240},
	{BYTES(RIFF("VP8X\x0a\0\0\0\x02\0\0\0\x3f\x01\0\xef\0\0")), NULL, 0, 0}, /* animated */
	{BYTES(RIFF("VP8 ")), NULL, 0, 0},
	{BYTES("<svg width='1' height='1'/>"), NULL, 0, 0},
	{BYTES("\0\0\0\x18"
           "ftypheic\0\0\0\0mif1heic"),
     NULL, 0, 0},
	{"", 0, NULL, 0, 0},
};

static int headers_tell_size(void)
{
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rcd_picture p = {0};
		int got = rcd_picture_read((struct rcd_sv){row[i].p, row[i].n}, &p);

		if ((got == 0) != (row[i].type != NULL))
			T_FAIL("row %zu: %d", i, got);
		if (got != 0)
			continue;
		T_STR(p.type, row[i].type);
		T_INT(p.width, row[i].width);
		T_INT(p.height, row[i].height);
	}
out:
	return ret;
}

/* Whatever the length: nothing behind the end is read (for the sanitizers), and only a whole header
 * has a size. */
static int cut_headers_are_none(void)
{
	static const char jpeg[] = JPEG("\x04\x38", "\x07\x80");
	struct rcd_picture p;
	int ret = 0;

	for (size_t n = 0; n < 22; n++)
		T_OK(rcd_picture_read((struct rcd_sv){jpeg, n}, &p) != 0);
out:
	return ret;
}

struct said {
	const char *words, *left, *captions;
};

static const struct said said[] = {
	{"Sim, temos.", "Sim, temos.", ""},
	{"[imagem: um tênis vermelho]\nSim, temos.", "Sim, temos.", "um tênis vermelho\n"},
	{"[imagem: um tênis] Sim.", "Sim.", "um tênis\n"},
	{"\n [Image: a shoe]\n\nYes.", "\nYes.", "a shoe\n"},
	{"[imagem: a]\n[imagem: b]\nSim.", "Sim.", "a\nb\n"},
	{"Sim.\n[imagem: a]\nOutra.\n", "Sim.\nOutra.\n", "a\n"},
	{"Sim.\n[imagem: a]", "Sim.\n", "a\n"},
	{"veja [imagem: a] aqui", "veja [imagem: a] aqui", ""}, /* within a line it is the answer's */
	{"[imagem] Sim.", "[imagem] Sim.", ""},
	{"[ima", "[ima", ""},
	{"[1] primeiro\n[2] segundo", "[1] primeiro\n[2] segundo", ""},
	{"[imagem: tabela [1] \"x\"] Sim.", "Sim.", "tabela (1) 'x'\n"},
	{"[imagem: sem fim\nSim.", "Sim.", "sem fim\n"},
	{"[imagem: sem fim", "", "sem fim\n"},
	{"[imagem:]\n[imagem: b]\nSim.", "Sim.", "\nb\n"}, /* each keeps its place */
};

static int take_captions(const struct said *s, size_t piece)
{
	struct rcd_sv rest = rcd_sv(s->words);
	struct rcd_captions c;
	struct rcd_buf out;
	int ret = 0;

	rcd_captions_init(&c);
	rcd_buf_init(&out, 4096);
	for (; rest.n > 0; rest = rcd_sv_skip(rest, piece < rest.n ? piece : rest.n))
		rcd_captions_push(&c, (struct rcd_sv){rest.p, piece < rest.n ? piece : rest.n}, &out);
	rcd_captions_end(&c, &out);
	if (out.bad || c.text.bad || c.held.bad) {
		ret = T_NOMEM;
		goto out;
	}
	if (!rcd_sv_is(rcd_sv_trim(rcd_buf_view(&out)), "") || s->left[0] != '\0')
		T_STR(out.p, s->left);
	T_OK(rcd_sv_is(rcd_buf_view(&c.text), s->captions));
out:
	if (ret == -1)
		(void)fprintf(stderr, "  of \"%s\" in pieces of %zu\n", s->words, piece);
	rcd_captions_done(&c);
	rcd_buf_free(&out);
	return ret;
}

static int captions_are_taken_out(void)
{
	int ret = 0;

	for (size_t i = 0; ret == 0 && i < sizeof(said) / sizeof(said[0]); i++)
		for (size_t piece = 1; ret == 0 && piece < 20; piece++)
			ret = take_captions(&said[i], piece);
	return ret;
}

static int captions_are_capped(void)
{
	struct rcd_captions c;
	struct rcd_buf out;
	int ret = 0;

	rcd_captions_init(&c);
	rcd_buf_init(&out, 65536);
	for (int i = 0; i < 40; i++) {
		rcd_captions_push(&c, RCD_SV("[imagem: "), &out);
		for (int k = 0; k < 900; k++)
			rcd_captions_push(&c, RCD_SV("\xc3\xa7"), &out);
		rcd_captions_push(&c, RCD_SV("]\n"), &out);
	}
	rcd_captions_end(&c, &out);
	T_INT(out.n, 0);
	T_INT(c.n, RCD_MAX_CAPTIONS);
	T_OK(!c.text.bad);
	T_INT(c.text.n, RCD_MAX_CAPTIONS * (2 * RCD_CAPTION_CHARS + 3 + 1)); /* "…" behind each */
out:
	rcd_captions_done(&c);
	rcd_buf_free(&out);
	return ret;
}

const struct t_case t_cases[] = {
	{"headers_tell_size", headers_tell_size, 0},
	{"cut_headers_are_none", cut_headers_are_none, 0},
	{"captions_are_taken_out", captions_are_taken_out, T_OOM},
	{"captions_are_capped", captions_are_capped, 0},
	{NULL, NULL, 0},
};
