#ifndef RCD_CONF_H
#define RCD_CONF_H

#include "net/s3.h"
#include "turn/turn.h"

/* The configuration of one instance: recado.conf, then the environment, then secrets. Built
 * whole, checked whole, never changed afterwards: a reload builds another one. */

struct rcd_conf {
	char *file; /* what was read, NULL: defaults alone */
	char *dir;  /* relative paths are taken from here: the file's folder, "." without */

	char *public_url, *language;
	char *state_dir, *run_dir, *socket, *database_url;
	char *audio_dir, *persona_dir, *knowledge_dir;
	bool decode_unsandboxed; /* the same for voice notes */
	bool unsandboxed;        /* documents may be read where the kernel has no sandbox for it */
	int log_level;           /* 3 error … 7 debug, as syslog numbers them */

	int web_processes, web_threads;
	int work_processes, work_threads;
	int twiml_deadline_ms;
	char *const *trusted_proxies; /* addresses and networks, for the nginx of `recado up` */
	bool public_stats;            /* sums for everybody, as / and /stats */
	bool sweep;                   /* ask Twilio for messages that never came */
	int drain_ms;                 /* how long a stopping process may finish what it has */

	struct rcd_route *route;
	size_t n_routes;

	struct rcd_twilio_conf twilio;
	struct rcd_openai_conf openai;
	struct rcd_realtime_conf realtime; /* but for the place of its counts */
	struct rcd_voice_conf voice;
	char *media; /* "": files */
	struct rcd_s3_conf s3;
	struct rcd_blob_conf blobs;
	struct rcd_turn_conf turn;
	struct rcd_tools_conf tools;
	struct { /* of the search by meaning */
		double floor;
		int within_ms;
	} semantic;
	struct { /* of the chat model, in US dollars for a million tokens; 0: not known */
		double input, cached, output;
	} price;
	char status_url[600]; /* where Twilio tells what became of a message */
	struct rcd_secret admin_token, session_secret;

	void *own; /* the strings the structs above point to */
};

/* Told of everything worth saying while reading: warnings (an unknown model's end date, a
 * name that replaced another) and all errors, each "file:line: what, and the way out". */
typedef void rcd_conf_note_fn(void *arg, bool error, const char *text);

/* file NULL: the defaults. overrides: "name=value" strings set after the file and before the
 * environment (NULL-terminated; NULL for none); "name?=value" only where the file says
 * nothing. -1 when there was an error; every one of them went to note (which may be NULL). */
int rcd_conf_load(struct rcd_conf **out, const char *file, const char *const *overrides,
                  rcd_conf_note_fn *note, void *arg);
struct rcd_conf *rcd_conf_free(struct rcd_conf *conf); /* wipes the secrets; NULL-safe */

/* Can persona_dir and knowledge_dir be read? Apart from rcd_conf_load, because a command that
 * needs neither works without them, and a daemon that must take messages starts all the same. */
int rcd_conf_folders(const struct rcd_conf *conf, struct rcd_err *err);

/* The effective configuration in the file's own syntax, every setting with where it comes
 * from as a comment; secrets only as "set" or "not set". */
void rcd_conf_print(const struct rcd_conf *conf, struct rcd_buf *out);
/* The commented default file, as etc/recado.conf holds it. */
void rcd_conf_defaults(struct rcd_buf *out);

/* Removes the secrets from this process's environment, so that no child sees them. After a
 * fork: a master that reloads still needs its own. */
void rcd_conf_scrub_env(void);

#endif
