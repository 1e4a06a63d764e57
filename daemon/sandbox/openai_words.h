#ifndef RCD_SB_OPENAI_WORDS_H
#define RCD_SB_OPENAI_WORDS_H

#include "daemon/sandbox/box.h"

/* What the simulated models say, whatever protocol they are asked through. */

struct rcd_sb_words {
	struct rcd_buf text; /* as much of it as comes */
	const char *finish;  /* "stop", "length", "content_filter" */
	bool broken;         /* an error takes the place of the rest */
	bool refusal;        /* text is one */
};

/* The answer to what the user said last: the text that the plan's fault names, else from the
 * passages in told (openai_quote.h), else that it was heard. -1: no memory. Free it with
 * rcd_sb_words_done, also after -1. */
int rcd_sb_words_make(const struct rcd_sb_fault *fault, const json_t *told, struct rcd_sv user,
                      struct rcd_sb_words *out);
void rcd_sb_words_done(struct rcd_sb_words *w);

/* The text of the last message of role "user" in an array of messages; absent: none. */
struct rcd_sv rcd_sb_words_of_user(const json_t *messages);
/* The first piece of a text: a word with the white space behind it, the size of what real
 * models send. Bytes; 0 at the end. */
size_t rcd_sb_words_piece(struct rcd_sv text);
/* The families that take no temperature of ours. */
bool rcd_sb_model_reasons(const char *model);
/* About four bytes each. */
int64_t rcd_sb_tokens(size_t bytes);

#endif
