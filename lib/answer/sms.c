#include "answer/sms.h"

#include "answer/sentence.h"
#include "base/limits.h"
#include "base/visible.h"

#include <string.h>

#define GSM_ONE 160
#define GSM_PART 153
#define UCS2_ONE 70
#define UCS2_PART 67

/* --- GSM 03.38 ------------------------------------------------------------------------------ */

/* Septets of a character; 0: the alphabet does not have it. */
static unsigned count_septets(uint32_t c)
{
	static const uint32_t beyond_ascii[] = {
		0xA1, 0xA3, 0xA4, 0xA5,  0xA7,  0xBF,  0xC4,  0xC5,  0xC6,  0xC7,  0xC9,  0xD1,  0xD6,
		0xD8, 0xDC, 0xDF, 0xE0,  0xE4,  0xE5,  0xE6,  0xE8,  0xE9,  0xEC,  0xF1,  0xF2,  0xF6,
		0xF8, 0xF9, 0xFC, 0x393, 0x394, 0x398, 0x39B, 0x39E, 0x3A0, 0x3A3, 0x3A6, 0x3A8, 0x3A9,
	};

	if (c == 0x20AC || (c < 0x80 && c != 0 && strchr("^{}\\[~]|\f", (int)c) != NULL))
		return 2;
	if (c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F && c != '`'))
		return 1;
	for (size_t i = 0; i < sizeof(beyond_ascii) / sizeof(beyond_ascii[0]); i++)
		if (beyond_ascii[i] == c)
			return 1;
	return 0;
}

static bool needs_ucs2(struct rcd_sv text)
{
	const char *p = text.p, *end = p != NULL ? p + text.n : NULL;

	while (p < end)
		if (count_septets(rcd_utf8_next(&p, end)) == 0)
			return true;
	return false;
}

static unsigned measure_char(uint32_t c, bool ucs2)
{
	if (!ucs2)
		return count_septets(c);
	return c > 0xFFFF ? 2 : 1;
}

/* Walks over text in segments of most units, none of which splits a character. Stops before the
 * character that begins segment limit + 1 (0: none does); gives the bytes before it. */
static size_t walk_segments(struct rcd_sv text, bool ucs2, unsigned most, size_t limit,
                            size_t *segments)
{
	const char *p = text.p, *end = p != NULL ? p + text.n : NULL;
	unsigned used = most;

	*segments = 0;
	while (p < end) {
		const char *from = p;
		unsigned w = measure_char(rcd_utf8_next(&p, end), ucs2);

		if (used + w > most) {
			if (limit != 0 && *segments == limit)
				return (size_t)(from - text.p);
			++*segments;
			used = 0;
		}
		used += w;
	}
	return text.n;
}

struct rcd_sms_size rcd_sms_size(struct rcd_sv text)
{
	struct rcd_sms_size size = {0, needs_ucs2(text)};

	(void)walk_segments(text, size.ucs2, size.ucs2 ? UCS2_ONE : GSM_ONE, 0, &size.segments);
	if (size.segments > 1)
		(void)walk_segments(text, size.ucs2, size.ucs2 ? UCS2_PART : GSM_PART, 0, &size.segments);
	return size;
}

size_t rcd_sms_fit(struct rcd_sv text, size_t segments)
{
	struct rcd_sms_size size = rcd_sms_size(text);
	unsigned most = size.ucs2 ? UCS2_ONE : GSM_ONE;

	if (segments > 1)
		most = size.ucs2 ? UCS2_PART : GSM_PART;
	return size.segments <= segments
	           ? text.n
	           : walk_segments(text, size.ucs2, most, segments, &size.segments);
}

/* --- plain characters ----------------------------------------------------------------------- */

struct plain {
	uint32_t from, to;
	const char *text;
};

/* For the eye alone. Sorted. */
static const struct plain signs[] = {
	{0x60, 0x60, "'"},      {0xA0, 0xA0, " "},       {0xAB, 0xAB, "\""},     {0xB0, 0xB0, "o"},
	{0xB4, 0xB4, "'"},      {0xB7, 0xB7, "-"},       {0xBB, 0xBB, "\""},     {0xD7, 0xD7, "x"},
	{0x2000, 0x200A, " "},  {0x2010, 0x2015, "-"},   {0x2018, 0x201B, "'"},  {0x201C, 0x201F, "\""},
	{0x2022, 0x2023, "-"},  {0x2026, 0x2026, "..."}, {0x2028, 0x2029, "\n"}, {0x202F, 0x202F, " "},
	{0x2032, 0x2032, "'"},  {0x2033, 0x2033, "\""},  {0x2039, 0x203A, "'"},  {0x2043, 0x2043, "-"},
	{0x205F, 0x205F, " "},  {0x20BF, 0x20BF, "BTC"}, {0x2122, 0x2122, "TM"}, {0x2190, 0x2190, "<-"},
	{0x2192, 0x2192, "->"}, {0x2212, 0x2212, "-"},   {0x2248, 0x2248, "~"},  {0x2260, 0x2260, "!="},
	{0x2264, 0x2264, "<="}, {0x2265, 0x2265, ">="},  {0x25AA, 0x25AB, "-"},  {0x25CF, 0x25CF, "-"},
	{0x27A1, 0x27A1, "->"}, {0x3000, 0x3000, " "},
};

/* Letters whose accent GSM 03.38 does not have, and signs that have a short name. Sorted. */
static const struct plain letters[] = {
	{0xAA, 0xAA, "a"},   {0xA9, 0xA9, "(c)"}, {0xAE, 0xAE, "(R)"},  {0xB2, 0xB2, "2"},
	{0xB3, 0xB3, "3"},   {0xB9, 0xB9, "1"},   {0xBA, 0xBA, "o"},    {0xBC, 0xBC, "1/4"},
	{0xBD, 0xBD, "1/2"}, {0xBE, 0xBE, "3/4"}, {0xC0, 0xC3, "A"},    {0xC8, 0xC8, "E"},
	{0xCA, 0xCB, "E"},   {0xCC, 0xCF, "I"},   {0xD2, 0xD5, "O"},    {0xD9, 0xDB, "U"},
	{0xDD, 0xDD, "Y"},   {0xE1, 0xE3, "a"},   {0xE7, 0xE7, "c"},    {0xEA, 0xEB, "e"},
	{0xED, 0xEF, "i"},   {0xF3, 0xF5, "o"},   {0xFA, 0xFB, "u"},    {0xFD, 0xFD, "y"},
	{0xFF, 0xFF, "y"},   {0x100, 0x105, "a"}, {0x106, 0x10D, "c"},  {0x10E, 0x111, "d"},
	{0x112, 0x11B, "e"}, {0x11C, 0x123, "g"}, {0x128, 0x131, "i"},  {0x139, 0x142, "l"},
	{0x143, 0x148, "n"}, {0x14C, 0x151, "o"}, {0x152, 0x153, "oe"}, {0x154, 0x159, "r"},
	{0x15A, 0x161, "s"}, {0x162, 0x167, "t"}, {0x168, 0x173, "u"},  {0x179, 0x17E, "z"},
	{0x300, 0x36F, ""},
};

static bool is_picture(uint32_t c)
{
	return (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF) ||
	       (c >= 0x2B00 && c <= 0x2BFF) || (c >= 0x231A && c <= 0x23FF) ||
	       (c >= 0x25A0 && c <= 0x25FF) || c == 0x20E3 || c == 0x3030;
}

static const char *find_plain(const struct plain *table, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= table[i].from && c <= table[i].to)
			return table[i].text;
	return NULL;
}

static const char *plain_of(uint32_t c, bool accents)
{
	const char *text = find_plain(signs, sizeof(signs) / sizeof(signs[0]), c);

	if (text == NULL && accents && count_septets(c) == 0)
		text = find_plain(letters, sizeof(letters) / sizeof(letters[0]), c);
	if (text == NULL && (is_picture(c) || rcd_is_invisible(c)))
		text = "";
	return text;
}

static char get_last_char(const struct rcd_buf *out, size_t from)
{
	return out->n > from ? out->p[out->n - 1] : '\n';
}

void rcd_sms_plain(struct rcd_sv text, bool accents, struct rcd_buf *out)
{
	const char *p = text.p, *end = p != NULL ? p + text.n : NULL;
	const size_t begin = out->n;
	bool gap = false; /* a picture was left out: no two blanks around it, none before a line end */

	while (p < end) {
		const char *from = p;
		uint32_t c = rcd_utf8_next(&p, end);
		const char *as = plain_of(c, accents);

		if (as != NULL && as[0] == '\0') {
			gap = true;
			continue;
		}
		if (gap && c < 0x80 && strchr(" \n.,;:!?)", (int)c) != NULL && !out->bad)
			while (out->n > begin && out->p[out->n - 1] == ' ')
				out->n--;
		if (!(gap && c == ' ' && get_last_char(out, begin) == '\n'))
			rcd_buf_add(out, as != NULL ? as : from, as != NULL ? strlen(as) : (size_t)(p - from));
		gap = gap && c == ' ';
	}
}

/* --- what is sent --------------------------------------------------------------------------- */

/* The end of the last whole sentence within n bytes, or of the last word. */
static size_t find_cut(struct rcd_sv text, size_t n)
{
	size_t sentence = rcd_sentence_last((struct rcd_sv){text.p, n}), word = n;

	if (sentence == n && strchr(" \n", text.p[n]) == NULL) /* in the middle of "loja.com" */
		sentence = rcd_sentence_last((struct rcd_sv){text.p, n - 1});
	if (sentence > 0)
		return sentence;
	while (word > 0 && strchr(" \n", text.p[word - 1]) == NULL)
		word--;
	return word > 0 ? word : n;
}

/* With or without accents, whichever has fewer segments; with them if that is the same. */
static void choose_form(struct rcd_sv text, struct rcd_buf *out)
{
	struct rcd_buf bare;

	rcd_sms_plain(text, false, out);
	if (out->bad || !rcd_sms_size(rcd_buf_view(out)).ucs2)
		return;
	rcd_buf_init(&bare, out->max);
	rcd_sms_plain(text, true, &bare);
	if (bare.bad) {
		out->bad = true;
	} else if (rcd_sms_size(rcd_buf_view(&bare)).segments <
	           rcd_sms_size(rcd_buf_view(out)).segments) {
		rcd_buf_reset(out);
		rcd_buf_sv(out, rcd_buf_view(&bare));
	}
	rcd_buf_free(&bare);
}

size_t rcd_sms_text(struct rcd_sv text, const struct rcd_sms_how *how, struct rcd_buf *out)
{
	struct rcd_buf all;
	struct rcd_sv v;
	size_t n;

	rcd_buf_init(&all, 4 * RCD_MAX_TEXT);
	if (how->plain)
		choose_form(text, &all);
	else
		rcd_buf_sv(&all, text);
	v = rcd_sv_trim(rcd_buf_view(&all));
	if (v.n == 0) /* pictures alone */
		v = rcd_sv_trim(text);
	n = how->segments == 0 ? v.n : rcd_sms_fit(v, how->segments);
	if (n < v.n)
		n = find_cut(v, n);
	rcd_buf_sv(out, rcd_sv_trim((struct rcd_sv){v.p, n}));
	out->bad = out->bad || all.bad;
	n = v.n - n;
	rcd_buf_free(&all);
	return n;
}
