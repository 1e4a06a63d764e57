#ifndef RCD_TOOL_CALL_H
#define RCD_TOOL_CALL_H

#include "base/json.h"

/* Tool calls of a model, independent of the protocol: the provider's id, a name and arguments,
 * which are untrusted model output. */

#define RCD_MAX_CALLS 16                /* in one answer; more make it invalid */
#define RCD_MAX_CALL_ARGS 16384         /* bytes; longer ones are invalid */
#define RCD_MAX_CALL_EXTRAS (64 * 1024) /* bytes, of one answer; more are not kept */
#define RCD_CALL_ID 128
#define RCD_TOOL_NAME 65 /* letters, digits, "_" and "-", as the providers take them */

struct rcd_tool_call {
	int64_t at; /* the protocol's number of it while it is being told */
	char id[RCD_CALL_ID];
	char name[RCD_TOOL_NAME];
	struct rcd_buf args; /* a JSON text when all is well; bad: too long, or no memory */
	json_t *extras;      /* members of it that we do not know (a signature of the model's thoughts);
	                        they go back as they came; NULL: none */
};

/* The calls of one answer, in the order they began. The caller's storage. */
struct rcd_tool_calls {
	struct rcd_tool_call call[RCD_MAX_CALLS];
	size_t n;
	json_t *extras;  /* the same of the message around them */
	size_t extras_n; /* bytes of all of those, about */
};
void rcd_tool_calls_init(struct rcd_tool_calls *c);
void rcd_tool_calls_free(struct rcd_tool_calls *c); /* empty and usable again */

/* The call with that number, begun when there is none; NULL with RCD_LIMIT beyond the maximum. */
struct rcd_tool_call *rcd_tool_call_at(struct rcd_tool_calls *c, int64_t at, struct rcd_err *err);
/* Who it is: what is absent or told before changes nothing. */
void rcd_tool_call_named(struct rcd_tool_call *call, struct rcd_sv id, struct rcd_sv name);
/* A piece of a call, where the protocol numbers them and where an engine does not: by its index
 * (at: its place among the pieces, where it has none), by its id, or else more of the last one. */
struct rcd_tool_call *rcd_tool_call_of(struct rcd_tool_calls *c, const json_t *piece, int64_t at,
                                       struct rcd_err *err);
/* More of the arguments: a text, or a whole object from engines that send one. */
void rcd_tool_call_more(struct rcd_tool_call *call, const json_t *arguments);
/* Keeps in *extras what object has beside the members known (NULL-terminated): texts grow, lists
 * get longer, anything else is replaced. What is too much is left out. -1: memory is short. */
int rcd_tool_extras(struct rcd_tool_calls *c, json_t **extras, const json_t *object,
                    const char *const *known);
/* Gives an id of ours to each that has none, or that of another: some engines leave it out. */
void rcd_tool_calls_identify(struct rcd_tool_calls *c);
/* RCD_PROTO when one of them has no id or name: it cannot be answered. RCD_NOMEM. */
int rcd_tool_calls_whole(const struct rcd_tool_calls *c, struct rcd_err *err);
/* The arguments; NULL when they are not one JSON object within the limit. The caller's. */
json_t *rcd_tool_call_args(const struct rcd_tool_call *call);

/* For the next request, as messages of Chat Completions: the answer with its calls (said: the
 * text in it), and what came of one of them. NULL when memory is short. */
json_t *rcd_tool_calls_message(const struct rcd_tool_calls *c, struct rcd_sv said);
json_t *rcd_tool_result_message(const struct rcd_tool_call *call, struct rcd_sv result);

/* Such a message, for protocols in which calls and their results are items of their own: appends
 * those to input; not the text beside calls. 1: it is another message. -1: memory is short. */
int rcd_tool_items(const json_t *message, json_t *input);

/* tools, an array of {name, description, parameters}, as each protocol wants it; NULL when
 * memory is short. */
enum rcd_tools_for { RCD_TOOLS_CHAT, RCD_TOOLS_RESPONSES, RCD_TOOLS_REALTIME };
json_t *rcd_tools_offer(const json_t *tools, enum rcd_tools_for protocol);

#endif
