#include "policy/optout.h"

#include "base/fold.h"
#include "policy/optout_phrases.h"
#include "policy/phrase.h"

#include <pthread.h>

#define MAX_BYTES 300 /* of such a message: more is a letter */

const char *const rcd_optout_reason[RCD_N_OPTOUTS] = {
	[RCD_OPTOUT_NONE] = "none",     [RCD_OPTOUT_STOP] = "stop",
	[RCD_OPTOUT_START] = "start",   [RCD_OPTOUT_NO_OFFERS] = "no_offers",
	[RCD_OPTOUT_OFFERS] = "offers",
};

#define N_PHRASES (sizeof(phrases) / sizeof(phrases[0]))

/* Looked up before every acknowledgement: what begins with another letter is passed over. */
static uint32_t initials[N_PHRASES];
static pthread_once_t initials_once = PTHREAD_ONCE_INIT;

static void fill_initials(void)
{
	for (size_t i = 0; i < N_PHRASES; i++)
		initials[i] = rcd_phrase_initials(phrases[i].pattern);
}

static enum rcd_optout find_phrase(const struct rcd_words *w)
{
	const uint32_t initial = rcd_phrase_initial(w);

	(void)pthread_once(&initials_once, fill_initials);
	for (size_t i = 0; i < N_PHRASES; i++)
		if ((initials[i] & initial) != 0 && rcd_phrase_is(phrases[i].pattern, w))
			return phrases[i].means;
	return RCD_OPTOUT_NONE;
}

int rcd_optout_of(struct rcd_sv text, enum rcd_optout *out, struct rcd_err *err)
{
	struct rcd_words words;
	struct rcd_buf folded;
	int ret;

	*out = RCD_OPTOUT_NONE;
	text = rcd_sv_trim(text);
	if (text.n == 0 || text.n > MAX_BYTES)
		return 0;
	rcd_buf_init(&folded, 20 * MAX_BYTES); /* one code point folds to 18 at most */
	ret = rcd_fold(text, &folded, err);
	if (ret == 0 && rcd_words_of(rcd_buf_view(&folded), &words)) {
		rcd_words_trim(&words);
		*out = find_phrase(&words);
	}
	rcd_buf_free(&folded);
	return ret != 0 && err->code == RCD_NOMEM ? -1 : 0;
}
