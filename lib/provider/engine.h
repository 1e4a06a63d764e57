#ifndef RCD_ENGINE_H
#define RCD_ENGINE_H

#include "base/json.h"

#include <stdatomic.h>
#include <stdbool.h>

/* Capabilities of the engine behind a base URL. Many engines implement OpenAI's protocol but refuse
 * members they do not know: a refused member is omitted, and remembered as such. Only members whose
 * absence does not change the question are listed. A model without vision gets the text alone. */

enum rcd_engine_part {
	RCD_ENGINE_STORE = 1 << 0,
	RCD_ENGINE_STREAM_OPTIONS = 1 << 1,
	RCD_ENGINE_MAX_COMPLETION = 1 << 2, /* max_completion_tokens: max_tokens is sent instead, */
	RCD_ENGINE_MAX_TOKENS = 1 << 3,     /* and vice versa */
	RCD_ENGINE_MAX_OUTPUT = 1 << 4,
	RCD_ENGINE_TEMPERATURE = 1 << 5,
	RCD_ENGINE_REASONING = 1 << 6,
	RCD_ENGINE_FORMAT = 1 << 7,
	RCD_ENGINE_TOOLS = 1 << 8,
	RCD_ENGINE_CACHE_KEY = 1 << 9,
	RCD_ENGINE_ENCODING = 1 << 10,
	RCD_ENGINE_DIMENSIONS = 1 << 11,
	/* of the messages */
	RCD_ENGINE_SYSTEMS = 1 << 12, /* system messages anywhere: one in front, and roles alternate */
	RCD_ENGINE_SYSTEM = 1 << 13,  /* the role: its text begins the first message of the user */
	RCD_ENGINE_NULL = 1 << 14,    /* content null beside calls: "" */
	RCD_ENGINE_EXTRAS = 1 << 15,  /* members that came with a call and went back */
	/* of the last message of the user: pictures beside its text */
	RCD_ENGINE_PICTURES = 1 << 16,    /* a model without vision */
	RCD_ENGINE_BAD_PICTURE = 1 << 17, /* a picture that this model refuses; not remembered */
	RCD_N_ENGINE_PARTS = 18
};
#define RCD_ENGINE_UNSEEN (RCD_ENGINE_PICTURES | RCD_ENGINE_BAD_PICTURE)

/* Kinds of requests; each has its own members. */
enum rcd_engine_call {
	RCD_ENGINE_CHAT,
	RCD_ENGINE_RESPONSES,
	RCD_ENGINE_EMBED,
	RCD_N_ENGINE_CALLS
};

/* Shared by all threads of a process. Initially zero except tell and arg. */
struct rcd_openai_engine {
	_Atomic unsigned without[RCD_N_ENGINE_CALLS];                /* the omitted parts */
	void (*tell)(void *arg, const char *call, const char *part); /* once per part; may be NULL */
	void *arg;
};

unsigned rcd_engine_known(struct rcd_openai_engine *e,
                          enum rcd_engine_call call); /* e NULL: nothing */
void rcd_engine_learn(struct rcd_openai_engine *e, enum rcd_engine_call call, unsigned without);
/* A new copy of the request without these parts; NULL: out of memory. */
json_t *rcd_engine_fit(const json_t *req, unsigned without);
/* Which parts a request has. */
unsigned rcd_engine_parts(const json_t *req);

/* Inside lib/provider only: messages without the parts that are of the messages. */
int rcd_engine_add_pictures(json_t *req,
                            json_t *pictures); /* {"note": …, "urls": […]}, borrowed; may be NULL */
int rcd_engine_show(json_t *req,
                    bool blind); /* puts them where they belong, or (blind) takes them off */
bool rcd_engine_shows(const json_t *req); /* are there any where they belong? */
json_t *rcd_engine_messages(const json_t *messages, unsigned without);
unsigned rcd_engine_message_parts(const json_t *messages);

#endif
