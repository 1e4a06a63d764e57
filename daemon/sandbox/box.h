#ifndef RCD_SB_BOX_H
#define RCD_SB_BOX_H

#include "base/json.h"
#include "base/secret.h"
#include "daemon/sandbox/conversations.h"
#include "daemon/sandbox/ledger.h"
#include "daemon/sandbox/media.h"
#include "daemon/sandbox/messages.h"
#include "daemon/sandbox/objects.h"
#include "daemon/sandbox/plan.h"
#include "daemon/sandbox/pool.h"
#include "daemon/sandbox/realtime.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/sandbox/server.h"
#include "net/form.h"
#include "net/http.h"

/* What the simulated providers share, and how one of their requests is answered. */

enum rcd_sb_setting {
	RCD_SB_OPENAI_URL,
	RCD_SB_OPENAI_KEY,
	RCD_SB_ELEVENLABS_URL,
	RCD_SB_ELEVENLABS_KEY,
	RCD_SB_ELEVENLABS_VOICE,
	RCD_SB_TWILIO_URL,
	RCD_SB_TWILIO_ACCOUNT,
	RCD_SB_TWILIO_TOKEN,
	RCD_SB_TWILIO_NUMBER,
	RCD_SB_S3_URL,
	RCD_SB_S3_KEY_ID,
	RCD_SB_S3_SECRET,
	RCD_SB_S3_REGION,
	RCD_SB_N_SETTINGS
};

struct rcd_sandbox {
	struct rcd_sb_server *server;
	struct rcd_sb_timer *timer;
	struct rcd_sb_pool *speech; /* text to speech */
	struct rcd_sb_pool *post;   /* status callbacks, the look at media URLs */
	struct rcd_sb_ledger *ledger;
	struct rcd_sb_plan *plan;
	struct rcd_sb_messages *messages;
	struct rcd_sb_media *media;
	struct rcd_sb_conversations *conversations;
	struct rcd_sb_objects *objects;
	struct rcd_sb_sessions *sessions; /* of the Realtime API */
	struct rcd_http *http;
	struct rcd_secret token; /* Twilio's, for signatures */
	char *basic;             /* the Authorization header that Twilio wants to see */
	char *bearer;            /* and OpenAI */
	char origin[40];
	int chat_delay_ms;
	struct rcd_sandbox_env env[RCD_SB_N_SETTINGS + 1];
	char *value[RCD_SB_N_SETTINGS]; /* owns what env shows */
};

/* Who is asked decides how credentials come and what an error looks like. */
enum rcd_sb_provider { RCD_SB_TWILIO, RCD_SB_OPENAI, RCD_SB_ELEVENLABS, RCD_SB_S3, RCD_SB_NOBODY };

struct rcd_sb_call;
/* 0, or -1 when memory is short: then the connection is closed. */
typedef int rcd_sb_call_fn(struct rcd_sb_call *c);

struct rcd_sb_route {
	const char *method;  /* "GET" takes HEAD too where there is no "HEAD" before it */
	const char *pattern; /* "*" takes one segment, "*.json" one that ends so, "**" all the rest */
	enum rcd_sb_provider provider;
	const char *op;
	bool open; /* wants no credentials */
	rcd_sb_call_fn *fn;
};

#define RCD_SB_MAX_STARS 3

struct rcd_sb_call {
	struct rcd_sandbox *box;
	struct rcd_sb_req *req;
	const struct rcd_sb_route *route;
	struct rcd_sv star[RCD_SB_MAX_STARS]; /* views into the request's path */
	struct rcd_sb_answer *out;
	struct rcd_sb_fault fault;
	bool dry;                   /* to be refused: parsed and noted in the ledger, without effects */
	json_t *note;               /* the ledger's line */
	struct rcd_sb_after *after; /* begun when the ledger has its line */
};

/* call.c: what handlers do all the time. */
void rcd_sb_note(struct rcd_sb_call *c, const char *key, json_t *take);
void rcd_sb_note_sv(struct rcd_sb_call *c, const char *key, struct rcd_sv v);
int rcd_sb_reply(struct rcd_sb_call *c, int status, const char *type, struct rcd_sv body);
int rcd_sb_reply_json(struct rcd_sb_call *c, int status, json_t *take);
void rcd_sb_header(struct rcd_sb_call *c, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The request's body as a JSON object; NULL when it is none (*nomem says why). */
json_t *rcd_sb_json(struct rcd_sb_call *c, bool *nomem);

/* refuse.c: the provider's own form of an error. code may be "": the usual one for the status. */
int rcd_sb_refuse(struct rcd_sb_call *c, int status, const char *code, const char *message);

/* settings.c: fills value and env; the origin is known by then. */
int rcd_sb_settings(struct rcd_sandbox *s, struct rcd_err *err);

/* pace.c: sends a finished event stream piece by piece, at the pace that the plan sets; a cut
 * one ends after half. A ledger line "stream" follows when all is sent or the client
 * disconnects. */
int rcd_sb_pace(struct rcd_sb_call *c);

/* fault.c: applies the fault of the plan to a finished answer. */
int rcd_sb_spoil(struct rcd_sb_call *c);

/* routes.c: NULL when there is none; path_known: but one with another method. */
const struct rcd_sb_route *rcd_sb_route_find(const char *method, const char *path,
                                             struct rcd_sv star[RCD_SB_MAX_STARS],
                                             bool *path_known);
const char *rcd_sb_provider_name(enum rcd_sb_provider p);

rcd_sb_call_fn rcd_sb_twilio_send, rcd_sb_twilio_list, rcd_sb_twilio_get, rcd_sb_twilio_media,
	rcd_sb_twilio_media_list, rcd_sb_twilio_cdn, rcd_sb_twilio_typing;
rcd_sb_call_fn rcd_sb_openai_chat, rcd_sb_openai_transcribe, rcd_sb_openai_embed,
	rcd_sb_openai_models, rcd_sb_openai_respond, rcd_sb_openai_conversation_new,
	rcd_sb_openai_conversation, rcd_sb_openai_conversation_delete, rcd_sb_openai_conversation_items,
	rcd_sb_realtime_connect;
rcd_sb_call_fn rcd_sb_elevenlabs_speak, rcd_sb_elevenlabs_voices;
/* Authenticated by their own signature check, not by the credentials above. */
rcd_sb_call_fn rcd_sb_s3_put, rcd_sb_s3_get, rcd_sb_s3_delete, rcd_sb_s3_list;
rcd_sb_call_fn rcd_sb_own_media, rcd_sb_own_inbound, rcd_sb_own_ledger, rcd_sb_own_plan;

/* openai_conversations.c: the 404 for an unknown conversation. */
int rcd_sb_conversation_missing(struct rcd_sb_call *c, struct rcd_sv id);

/* twilio.c: a message's document, made of the form that asked for it; NULL: no memory. */
json_t *rcd_sb_twilio_document(const struct rcd_sandbox *box, const struct rcd_form *f,
                               const char *sid, int64_t when_ms);

/* twilio_post.c: what follows an accepted message: Twilio fetches its media and calls the status
 * callback. begin never blocks and takes ownership of a (NULL does nothing); when the queue is
 * full the work is dropped and the ledger says so. */
struct rcd_sb_after *rcd_sb_after_new(struct rcd_sandbox *box, const struct rcd_form *form,
                                      const char *sid);
void rcd_sb_after_begin(struct rcd_sb_after *a);
/* The "k" of a StatusCallback's query, "" when there is none. At most n bytes with NUL. */
void rcd_sb_callback_key(struct rcd_sv url, char *out, size_t n);

#endif
