#ifndef RCD_TOOLS_TOOLS_H
#define RCD_TOOLS_TOOLS_H

#include "answer/finish.h"
#include "base/secret.h"
#include "knowledge/knowledge.h"
#include "net/http.h"
#include "provider/tool_call.h"
#include "store/job.h"

/* The tools that a model may call: those built in and those the operator declares. Who the
 * contact is comes from the turn's job: no tool takes an argument that says so.
 *
 * The room knows nothing of a turn. A turn describes itself in struct rcd_tool_env and finds what
 * its calls did to its answer in struct rcd_tool_effects. */

/* --- the table ---------------------------------------------------------------------------- */

struct rcd_tools_conf {
	char *const *enabled;        /* names, NULL-terminated; the declared ones among them */
	char *const *lead_stages;    /* of move_lead */
	const json_t *media;         /* array of {name, url}: what send_media may send */
	const json_t *http;          /* array of groups, see docs/tools.md */
	const char *public_url;      /* media that begin with "/" lie below it */
	const char *secrets_dir;     /* where the secrets of declared tools are files; and */
	const char *credentials_dir; /* the one that is looked at first, NULL: none */
};

struct rcd_tools;

/* Builds the table, or says what is wrong with which tool: RCD_INVAL, RCD_NOENT for a secret
 * that is not there. conf is borrowed for the life of the tools. Shared by all threads. */
int rcd_tools_open(struct rcd_tools **out, const struct rcd_tools_conf *conf, struct rcd_err *err);
struct rcd_tools *rcd_tools_close(struct rcd_tools *tools); /* NULL-safe, returns NULL */
/* What a model is told of them: [{"name", "description", "parameters": JSON Schema}]. Borrowed;
 * NULL for no tools. */
const json_t *rcd_tools_schemas(const struct rcd_tools *tools);

/* --- one call ----------------------------------------------------------------------------- */

#define RCD_TOOL_MS 60000      /* for all calls of one turn */
#define RCD_TOOL_REST_MS 1500  /* of that, kept for the model to tell what came of a call */
#define RCD_TOOL_RESULT 16384  /* bytes of one result */
#define RCD_MAX_ANSWER_MEDIA 3 /* pictures and documents of one answer */
#define RCD_HANDOFF_REASON 400 /* bytes, NUL included */

struct rcd_tool_media {
	const char *name; /* borrowed from the configuration */
	char *url;        /* owned by the table */
};

/* What the calls of one turn do to its answer. All zero at first; the turn's. */
struct rcd_tool_effects {
	char handoff[RCD_HANDOFF_REASON]; /* why a person answers after this answer; "": the bot does */
	const struct rcd_tool_media *media[RCD_MAX_ANSWER_MEDIA]; /* sent along with the answer */
	size_t n_media;
	int early_calls; /* made before the window closed: no row of the store counts these */
};
/* The answer is withdrawn, and with it what was to go along. The calls stay counted. */
void rcd_tool_effects_withdraw(struct rcd_tool_effects *e);

/* The turn in which a model calls. Everything is borrowed for the time of one call. */
struct rcd_tool_env {
	const struct rcd_tools *tools; /* NULL: none */
	struct rcd_db *db;
	struct rcd_http *http;
	const struct rcd_semantic *semantic; /* NULL: knowledge is searched by words alone */
	const struct rcd_job *job; /* with turn_id and contact_id; every write checks its fence */
	/* of the customer's last message */
	struct rcd_sv from, to; /* channel addresses */
	struct rcd_sv channel;  /* "whatsapp", "sms" … */
	const char *phone;      /* "+5511…"; "" or NULL: not known */
	int64_t received_ms;
	/* of the contact */
	const char *zone;       /* in which they say times */
	bool refuses_messages;  /* that answer nothing: RCD_SCOPE_MARKETING */
	struct rcd_finish form; /* of a text that is sent later */
	int64_t window_end; /* rcd_mono_ms() before which a call may leave no trace; 0: it is over */
	int64_t deadline;
	struct rcd_tool_effects *effects;
	/* Something the operator should read; may be NULL. */
	void (*note)(void *arg, int64_t turn_id, const char *text);
	void *note_arg;
};

/* For the trace. */
struct rcd_tool_outcome {
	const char *tool; /* its name; "?": there is no such tool */
	const char *code; /* "ok", or the name of an error */
};

/* One call, from the model's words to the JSON it is told; errors are told too. -1: the turn
 * cannot go on. outcome is set in any case. Blocks: on a request of a declared tool, and until the
 * window closes before a call that changes something. */
int rcd_tools_call(const struct rcd_tool_env *env, const struct rcd_tool_call *call,
                   struct rcd_buf *result, struct rcd_tool_outcome *outcome, struct rcd_err *err);

#endif
