#ifndef RCD_RUNTIME_H
#define RCD_RUNTIME_H

#include "audio/decode.h"
#include "daemon/conf.h"
#include "daemon/semantic.h"
#include "net/account.h"
#include "provider/engine.h"

#include <limits.h>

/* The store, the HTTP client and everything else that turns need in a process, put together from
 * the configuration. */

/* The providers at which there is an account. */
enum rcd_provider { RCD_PROVIDER_OPENAI, RCD_PROVIDER_VOICE, RCD_PROVIDER_TWILIO, RCD_N_PROVIDERS };

struct rcd_runtime_conf {
	const struct rcd_conf *conf; /* borrowed until close */
	bool turns;                  /* run here; otherwise there are no network and no tools either */
	bool typing;                 /* and customers see that we write */
	bool sessions;               /* and realtime sessions are kept for those that ask for them */
	struct rcd_realtime_stats *stats;                           /* of those; may be NULL */
	void (*note)(void *arg, int64_t turn_id, const char *text); /* as in struct rcd_turn_env */
	void *note_arg;
	rcd_account_word *accounts; /* RCD_N_PROVIDERS, shared by processes; NULL: of this one alone */
	rcd_account_fn *account;    /* told when one is refused, and when no more; may be NULL */
	void (*adapted)(void *arg, const char *call,
	                const char *part); /* as in struct rcd_openai_engine */
};

struct rcd_runtime {
	struct rcd_db *db;
	struct rcd_http *http;
	struct rcd_realtime_conf realtime_conf;
	struct rcd_realtime *sessions; /* where a ladder has them */
	struct rcd_typing_sender *typing_sender;
	struct rcd_tools *tools;
	struct rcd_blob_store blobs;
	char extractor_path[PATH_MAX];
	struct rcd_extract_conf extract;
	char decoder_path[PATH_MAX];
	struct rcd_decoder decoder;
	struct rcd_media_gates gates;
	struct rcd_voice_conf voice; /* with it */
	struct rcd_breaker chat, assistant, realtime, transcribe, speech, send;
	struct rcd_openai_conf openai;   /* the configuration's, with */
	struct rcd_openai_engine engine; /* what the process has learned of the engine behind it */
	struct rcd_account account[RCD_N_PROVIDERS]; /* that those and the semantic search report to */
	rcd_account_word own_accounts[RCD_N_PROVIDERS];
	struct rcd_daemon_semantic semantic;
	struct rcd_turn_env turn;
};

/* *rt must stay where it is. After -1 nothing is left to close. */
int rcd_runtime_open(struct rcd_runtime *rt, const struct rcd_runtime_conf *how,
                     struct rcd_err *err);
/* Turns under way end with RCD_CANCELLED; then nothing else may use it. Zeroed, it is closed. */
void rcd_runtime_close(struct rcd_runtime *rt);
/* Do turns of this configuration ask for realtime sessions, and may they have any? */
bool rcd_runtime_keeps_sessions(const struct rcd_conf *conf);

#endif
