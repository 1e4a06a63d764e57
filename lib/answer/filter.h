#ifndef RCD_FILTER_H
#define RCD_FILTER_H

#include "base/json.h"

/* Streaming filter from a model's output to the customer's text: removes reasoning that an engine
 * left in the text, template tokens and invisible characters. A tool call written as text is an
 * error. The result does not depend on how the input is split. Bytes that could still become a mark
 * are held back, usually a few. */

#define RCD_FILTER_JSON 4096 /* bytes of JSON held back to detect a call */
#define RCD_FILTER_TAIL 96   /* bytes of recent output kept for look-behind */

struct rcd_filter_sink {
	int (*words)(void *arg, struct rcd_sv words, struct rcd_err *err); /* whole characters */
	/* Discard all words since init or the last restart: they were reasoning. */
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
	struct rcd_buf in, out; /* undecided input; output of this piece */
	struct rcd_json_scan scan;
	char tail[RCD_FILTER_TAIL];
	size_t n_tail;
	char part[4]; /* of an incomplete character */
	size_t n_part;
	size_t role_n;   /* bytes of a role name skipped so far */
	uint32_t before; /* the last character of the input */
	bool reasoning, fenced, role;
	bool skip_space; /* drop leading white space: a mark was removed here */
	bool said;       /* the sink has words since init or restart */
	bool restart;    /* the sink is to be told to restart before the next words */
	bool closed;     /* an end tag of reasoning came */
	bool doubtful;   /* a lone one came again: what was said is reasoning if more words follow */
	/* results */
	bool visible;   /* a visible character was written */
	size_t removed; /* bytes of reasoning, about */
};

/* tools: [{name, …}] that the model was offered, or NULL; borrowed, as is sink. */
void rcd_filter_init(struct rcd_filter *f, const struct rcd_filter_sink *sink, const json_t *tools);
void rcd_filter_done(struct rcd_filter *f);
/* RCD_PROTO: a tool call written as text; RCD_NOMEM; or an error of the sink. */
int rcd_filter_push(struct rcd_filter *f, struct rcd_sv words, struct rcd_err *err);
/* End of input: writes what was held back. Unterminated reasoning is dropped. */
int rcd_filter_end(struct rcd_filter *f, struct rcd_err *err);

/* Filters a whole text and appends it to out. */
int rcd_filter_text(struct rcd_sv text, const json_t *tools, struct rcd_buf *out,
                    struct rcd_err *err);

#endif
