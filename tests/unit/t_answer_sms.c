/* An SMS: what its segments hold, what is left out, where it is cut. */

#include "tests/t.h"

#include "answer/sms.h"
#include "base/limits.h"

#include <stdlib.h>

/* n times piece, then tail. */
static const char *repeat(struct rcd_buf *b, const char *piece, size_t n, const char *tail)
{
	rcd_buf_reset(b);
	rcd_buf_str(b, "");
	for (size_t i = 0; i < n; i++)
		rcd_buf_str(b, piece);
	rcd_buf_str(b, tail);
	return b->p;
}

static int sizes(void)
{
	static const struct {
		const char *piece;
		size_t n;
		const char *tail;
		size_t segments;
		bool ucs2;
	} row[] = {
		{"a", 0, "", 0, false},
		{"a", 1, "", 1, false},
		{"a", 160, "", 1, false},
		{"a", 161, "", 2, false},
		{"a", 306, "", 2, false},
		{"a", 307, "", 3, false},
		{"a", 459, "", 3, false},
		{"a", 460, "", 4, false},
		/* the extension table: two each, and not split */
		{"€", 80, "", 1, false},
		{"€", 81, "", 2, false},
		{"€", 152, "", 2, false},
		{"€", 153, "", 3, false},
		{"a", 152, "{aaaaaaaa", 2, false},
		{"a", 159, "[", 2, false},
		{"[]{}^~|\\", 10, "", 1, false},
		/* the alphabet has these */
		{"àèéìòùÇÉÄÖÑÜñüöäåÅøØæÆß¡¿§£¥¤", 5, "", 1, false},
		{"ΔΦΓΛΩΠΨΣΘΞ", 16, "", 1, false},
		/* and not these */
		{"ã", 1, "", 1, true},
		{"a", 69, "ç", 1, true},
		{"a", 70, "ç", 2, true},
		{"á", 134, "", 2, true},
		{"á", 135, "", 3, true},
		{"`", 1, "", 1, true},
		{"“", 1, "", 1, true},
		/* two units each, and not split */
		{"😊", 35, "", 1, true},
		{"😊", 36, "", 2, true},
		{"a", 66, "😊😊😊", 2, true},
		{"😊", 66, "", 2, true},
		{"😊", 67, "", 3, true},
		{"\n", 160, "", 1, false},
	};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, RCD_MAX_TEXT);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rcd_sms_size got;

		(void)repeat(&b, row[i].piece, row[i].n, row[i].tail);
		got = rcd_sms_size(rcd_buf_view(&b));
		if (got.segments != row[i].segments || got.ucs2 != row[i].ucs2)
			T_FAIL("row %zu: %zu segments%s", i, got.segments, got.ucs2 ? " of UCS-2" : "");
	}
out:
	rcd_buf_free(&b);
	return ret;
}

/* The longest beginning that fits, and one character more does not. */
static int fits(void)
{
	static const char *const piece[] = {"a", "€", "á", "😊", "a€", "ab😊"};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, RCD_MAX_TEXT);
	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++)
		for (size_t most = 1; most <= 10; most++) {
			struct rcd_sv v = rcd_sv(repeat(&b, piece[i], 1700, ""));
			size_t n = rcd_sms_fit(v, most);
			const char *p = v.p + n;

			T_OK(n < v.n && n > 0 && rcd_utf8_ok((struct rcd_sv){v.p, n}));
			(void)rcd_utf8_next(&p, v.p + v.n);
			/* what is left may be in GSM again, and then more would fit */
			T_OK(rcd_sms_size((struct rcd_sv){v.p, n}).segments <= most);
			T_OK(rcd_sms_size((struct rcd_sv){v.p, (size_t)(p - v.p)}).segments > most);
		}
out:
	rcd_buf_free(&b);
	return ret;
}

static int plain(void)
{
	static const struct {
		const char *text, *eye, *accents;
	} row[] = {
		{"Olá, não há açaí.", "Olá, não há açaí.", "Ola, nao ha acai."},
		{"ÁÂÃÀ ÉÊ Í ÓÔÕ ÚÜ Ç Ñ", "ÁÂÃÀ ÉÊ Í ÓÔÕ ÚÜ Ç Ñ", "AAAA ÉE I OOO UÜ Ç Ñ"},
		{"áâãà éê í óôõ úü ç ñ", "áâãà éê í óôõ úü ç ñ", "aaaà ée i ooo uü c ñ"},
		{"“aspas” ‘simples’ — travessão – meia…", "\"aspas\" 'simples' - travessão - meia...",
	     "\"aspas\" 'simples' - travessao - meia..."},
		{"Oi 😊!", "Oi!", "Oi!"},
		{"Oi 😊 tudo bem?", "Oi tudo bem?", "Oi tudo bem?"},
		{"😊 Oi", "Oi", "Oi"},
		{"Oi 👍🏽\nTchau ❤️", "Oi\nTchau", "Oi\nTchau"},
		{"1️⃣ um", "1 um", "1 um"},
		{"• item", "- item", "- item"},
		{"R$ 10 → R$ 5", "R$ 10 -> R$ 5", "R$ 10 -> R$ 5"},
		{"2 × 3", "2 x 3", "2 x 3"},
		{"1ª e 2º", "1ª e 2º", "1a e 2o"},
		{"café € 5", "café € 5", "café € 5"},
		{"日本", "日本", "日本"},
		{"a\u200bb", "ab", "ab"},
		{"10 %", "10 %", "10 %"},
	};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, RCD_MAX_TEXT);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		for (int k = 0; k < 2; k++) {
			rcd_buf_reset(&b);
			rcd_sms_plain(rcd_sv(row[i].text), k == 1, &b);
			if (!rcd_sv_is(rcd_sv_trim(rcd_buf_view(&b)), k == 1 ? row[i].accents : row[i].eye))
				T_FAIL("%s is %s", row[i].text, b.p);
		}
out:
	rcd_buf_free(&b);
	return ret;
}

static int sends(const char *text, bool is_plain, size_t segments, const char *want, size_t cut)
{
	const struct rcd_sms_how how = {is_plain, segments};
	struct rcd_buf b;
	size_t n;
	int ret = 0;

	rcd_buf_init(&b, RCD_MAX_TEXT);
	n = rcd_sms_text(rcd_sv(text), &how, &b);
	if (b.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_STR(b.n > 0 ? b.p : "", want);
	T_INT(n, cut);
out:
	rcd_buf_free(&b);
	return ret;
}

#define TEN "123456789 "
#define FIFTY TEN TEN TEN TEN "12345678. "
#define ACCENTS                                                                                    \
	"É não. é não. é não. é não. é não. é não. é não. é não. é não. é não. é não. é não."

static int texts(void)
{
	int ret = 0;

	/* one segment holds it with its accents: they stay */
	T_OK(sends("Olá, não há vagas.", true, 3, "Olá, não há vagas.", 0) == 0);
	/* two without, one with none */
	T_OK(
		sends(ACCENTS, true, 3,
	          "É nao. é nao. é nao. é nao. é nao. é nao. é nao. é nao. é nao. é nao. é nao. é nao.",
	          0) == 0);
	T_OK(sends(ACCENTS, false, 3, ACCENTS, 0) == 0);
	/* at the end of a sentence */
	T_OK(sends(FIFTY FIFTY FIFTY FIFTY "fim", true, 1, FIFTY FIFTY TEN TEN TEN TEN "12345678.",
	           53) == 0);
	/* at the end of a word, where no sentence ends */
	T_OK(sends(TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "1234567", true, 1,
	           TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN "123456789", 7) == 0);
	T_OK(sends("👍", true, 3, "👍", 0) == 0);
	T_OK(sends("", true, 3, "", 0) == 0);
	T_OK(sends(" Oi 😊 ", true, 3, "Oi", 0) == 0);
out:
	return ret;
}

static int no_memory(void)
{
	return sends(
		ACCENTS, true, 3,
		"É nao. é nao. é nao. é nao. é nao. é nao. é nao. é nao. é nao. é nao. é nao. é nao.", 0);
}

/* Nothing is longer than was asked for, whatever it is made of. */
static int never_longer(void)
{
	static const char *const piece[] =
		{"a", "á ", "😊", "Uma frase inteira aqui. ", "€", "日本語。", "https://loja.com/", "\n"};
	struct rcd_buf b, out;
	int ret = 0;

	rcd_buf_init(&b, RCD_MAX_TEXT);
	rcd_buf_init(&out, RCD_MAX_TEXT);
	for (size_t i = 0; i < sizeof(piece) / sizeof(piece[0]); i++)
		for (size_t most = 1; most <= 10; most++)
			for (int k = 0; k < 2; k++) {
				const struct rcd_sms_how how = {k == 1, most};

				rcd_buf_reset(&out);
				(void)rcd_sms_text(rcd_sv(repeat(&b, piece[i], 2000, "x")), &how, &out);
				T_OK(!out.bad && rcd_sms_size(rcd_buf_view(&out)).segments <= most);
				T_OK(out.n > 0);
			}
out:
	rcd_buf_free(&b);
	rcd_buf_free(&out);
	return ret;
}

const struct t_case t_cases[] = {
	{"sizes", sizes, 0},
	{"fits", fits, 0},
	{"plain", plain, 0},
	{"texts", texts, 0},
	{"never_longer", never_longer, 0},
	{"no_memory", no_memory, T_OOM},
	{NULL, NULL, 0},
};
