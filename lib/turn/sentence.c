#include "turn/sentence.h"

#include <string.h>

#define FIRST 10 /* bytes: a mark this early belongs to "1." or "Sr.", or is not worth a request */
#define LATER 40 /* lines of a list go together */

static bool is_space(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

/* Does what stands before i end a sentence? i is at white space. */
static bool ends_before(struct rcd_sv t, size_t i)
{
	if (t.p[i] == '\n')
		return true;
	while (i > 0 && strchr("\"')*_", t.p[i - 1]) != NULL)
		i--;
	return i > 0 && (strchr(".!?", t.p[i - 1]) != NULL || rcd_sv_ends((struct rcd_sv){t.p, i}, RCD_SV("…")));
}

size_t rcd_sentence(struct rcd_sv text, bool first)
{
	for (size_t i = first ? FIRST : LATER; i < text.n; i++)
		if (is_space(text.p[i]) && ends_before(text, i))
			return i + 1;
	return 0;
}
