#include "provider/twilio.h"

/* Twilio does not say what it counts as a character. A code point beyond the basic plane
 * counts as two here, as in UTF-16: no other count comes out higher, and a text over the limit
 * is refused whole (21617). */
static size_t measure_char(uint32_t cp)
{
	return cp > 0xFFFF ? 2 : 1;
}

static bool is_blank(uint32_t cp)
{
	return cp == ' ' || (cp >= '\t' && cp <= '\r') || cp == 0x2028 || cp == 0x2029 || cp == 0x3000;
}

static bool is_stop(uint32_t cp)
{
	return cp == '.' || cp == '!' || cp == '?' || cp == 0x2026 || cp == 0x3002;
}

/* What may stand between the stop of a sentence and the white space after it. */
static bool is_closing(uint32_t cp)
{
	return cp == '"' || cp == '\'' || cp == ')' || cp == ']' || cp == '*' || cp == '_' ||
	       cp == 0x201D || cp == 0x2019 || cp == 0xBB;
}

size_t rcd_twilio_split(struct rcd_sv text)
{
	const char *p = text.p, *const end = text.p + text.n;
	size_t units = 0, sentence = 0, space = 0;
	bool stopped = false, in_space = true;

	while (p < end) {
		size_t here = (size_t)(p - text.p);
		uint32_t cp = rcd_utf8_next(&p, end);

		if (is_blank(cp)) {
			if (!in_space && here > 0)
				space = here;
			if (!in_space && (stopped || cp == '\n') && units >= RCD_MAX_BODY_CHARS / 2)
				sentence = here;
		}
		if (units + measure_char(cp) > RCD_MAX_BODY_CHARS && sentence > 0)
			return sentence;
		if (units + measure_char(cp) > RCD_MAX_BODY_CHARS)
			return space > 0 ? space : here;
		units += measure_char(cp);
		stopped = is_stop(cp) || (stopped && is_closing(cp));
		in_space = is_blank(cp);
	}
	return text.n;
}
