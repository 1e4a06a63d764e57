#ifndef RCD_SANDBOX_H
#define RCD_SANDBOX_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Simulated providers on the real wire formats: Twilio, OpenAI, ElevenLabs and an S3 store, in
 * one HTTP server on loopback, with a ledger of every request and a plan of faults. A part of
 * the product, used by its tests inside their own process. */

struct rcd_sandbox;

struct rcd_sandbox_conf {
	int port;           /* 0: any free one */
	const char *ledger; /* append-only file of JSON lines, NULL: memory only */
	const char *plan;   /* file of the fault plan, NULL: none */
	int chat_delay_ms;  /* before the first byte of every chat answer */
	bool quiet_memory;  /* keep no ledger in memory (long loads) */
};

int rcd_sandbox_start(struct rcd_sandbox **out, const struct rcd_sandbox_conf *conf,
                      struct rcd_err *err);
int rcd_sandbox_port(const struct rcd_sandbox *s);
struct rcd_sandbox *rcd_sandbox_stop(struct rcd_sandbox *s); /* NULL-safe, returns NULL */

/* The same plan syntax as the file's, from memory; replaces what was there. */
int rcd_sandbox_plan(struct rcd_sandbox *s, const char *text, struct rcd_err *err);
/* The ledger so far, as JSON lines; free(). */
char *rcd_sandbox_ledger(struct rcd_sandbox *s);
/* Puts bytes under a Twilio media URL and gives that URL (origin of this sandbox); free(). */
char *rcd_sandbox_media(struct rcd_sandbox *s, const void *p, size_t n, const char *type);

/* An inbound message that is in the account but was never delivered by a webhook. */
struct rcd_sandbox_inbound {
	const char *from, *to; /* to NULL: the account's number, on the channel of from */
	const char *body;      /* NULL: none */
	const char *media_url; /* of rcd_sandbox_media(), NULL: none */
	int64_t age_ms;        /* how long ago it was received */
};
/* Gives its sid; free(). NULL: no memory, or no such media. */
char *rcd_sandbox_inbound(struct rcd_sandbox *s, const struct rcd_sandbox_inbound *m);

/* Names and values of the settings that point a Recado at it: "OPENAI_BASE_URL" … and the
 * credentials it wants to see. The list ends with a NULL name; borrowed. */
struct rcd_sandbox_env {
	const char *name, *value;
};
const struct rcd_sandbox_env *rcd_sandbox_env(const struct rcd_sandbox *s);

#endif
