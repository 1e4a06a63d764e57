#ifndef RCD_FILTER_H
#define RCD_FILTER_H

#include "base/json.h"

/* What of a model's words is for the customer, as the words come: without reasoning that an engine
 * left in the text, without the tokens of its template, without characters that show nothing. A
 * tool call written as text ends the answer. The result does not depend on how the words are cut
 * into pieces. What could still become a mark is held back, a few bytes as a rule. */

#define RCD_FILTER_JSON 4096 /* bytes of JSON that are held back to see whether it is a call */
#define RCD_FILTER_TAIL 96   /* bytes of what was said last that are looked at again */

struct rcd_filter_sink {
	int (*words)(void *arg, struct rcd_sv words, struct rcd_err *err); /* whole characters */
	/* Everything since init was reasoning: take it back. */
	int (*restart)(void *arg, struct rcd_err *err);
	void *arg;
};

/* How far a JSON value has been read. */
struct rcd_json_scan {
	size_t at;             /* next byte */
	size_t word, word_end; /* the last string, without its quotes */
	int depth;
	char quote; /* of the string we are in; 0: in none */
	bool escaped, named, args, call;
};

struct rcd_filter {
	const struct rcd_filter_sink *sink;
	const json_t *tools;
	struct rcd_buf in, out; /* not decided yet; decided in this piece */
	struct rcd_json_scan scan;
	char tail[RCD_FILTER_TAIL];
	size_t n_tail;
	char part[4]; /* of a character that is not whole */
	size_t n_part;
	size_t role_n;   /* bytes of a role's name that were passed over */
	uint32_t before; /* the last character taken in */
	bool reasoning, fenced, role;
	bool skip_space; /* white space here stood around a mark */
	bool said;       /* the sink has words since init or restart */
	/* results */
	bool visible;   /* something that can be seen was said */
	size_t removed; /* bytes of reasoning, about */
};

/* tools: [{name, …}] that the model was offered, or NULL; borrowed, as is sink. */
void rcd_filter_init(struct rcd_filter *f, const struct rcd_filter_sink *sink, const json_t *tools);
void rcd_filter_done(struct rcd_filter *f);
/* RCD_PROTO: a tool call written as text; RCD_NOMEM; or what the sink said. */
int rcd_filter_push(struct rcd_filter *f, struct rcd_sv words, struct rcd_err *err);
/* There is no more: says what was held back. Reasoning that nothing ended is left out. */
int rcd_filter_end(struct rcd_filter *f, struct rcd_err *err);

/* A whole text at once, appended to out. */
int rcd_filter_text(struct rcd_sv text, const json_t *tools, struct rcd_buf *out,
                    struct rcd_err *err);

#endif
