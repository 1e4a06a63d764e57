#ifndef RCD_T_HOUSE_H
#define RCD_T_HOUSE_H

/* Everything that a turn runs in: a store, an HTTP engine and the simulated providers. */

#include "base/clock.h"
#include "base/file.h"
#include "daemon/sandbox/sandbox.h"
#include "daemon/turn_names.h"
#include "store/inbox.h"
#include "tests/unit/audio.h"
#include "tests/unit/store.h"
#include "turn/turn.h"

#include <stdlib.h>

#define OWNER 7
#define SENDER "whatsapp:+5511987654321"
#define SENT "whatsapp:%2B5511987654321" /* the same in a form */

struct house {
	struct rcd_sandbox *box;
	struct rcd_db *db;
	struct rcd_http *http;
	struct rcd_breaker chat, assistant, realtime, transcribe, speech, send;
	struct rcd_realtime_conf live;
	struct rcd_realtime *sessions;
	struct rcd_twilio_conf twilio;
	struct rcd_openai_conf openai;
	struct rcd_voice_conf voice;
	struct rcd_turn_conf conf;
	struct rcd_blob_conf media;
	struct rcd_blob_store blobs;
	struct rcd_turn_env env;
	char url[512], audio[512], persona[512], knowledge[512];
};

static inline const char *of(const struct house *h, const char *name)
{
	for (const struct rcd_sandbox_env *e = rcd_sandbox_env(h->box); e->name != NULL; e++)
		if (strcmp(e->name, name) == 0)
			return e->value;
	return NULL;
}

static inline int secret(struct house *h, struct rcd_secret *s, const char *name,
                         struct rcd_err *err)
{
	return rcd_secret_put(s, rcd_sv(of(h, name)), err);
}

static inline int settings(struct house *h, struct rcd_err *err)
{
	static const char *const none[] = {NULL};

	(void)snprintf(h->audio, sizeof(h->audio), "%s/audio", t_dir());
	(void)snprintf(h->persona, sizeof(h->persona), "%s/persona", t_dir());
	(void)snprintf(h->knowledge, sizeof(h->knowledge), "%s/knowledge", t_dir());
	(void)snprintf(h->url, sizeof(h->url), "%s", t_store_url());
	h->twilio = (struct rcd_twilio_conf){.base_url = of(h, "TWILIO_BASE_URL"),
	                                     .base_url_set = true,
	                                     .account_sid = of(h, "TWILIO_ACCOUNT_SID"),
	                                     .number = of(h, "TWILIO_PHONE_NUMBER"),
	                                     .cdn = none};
	h->openai = (struct rcd_openai_conf){.base_url = of(h, "OPENAI_BASE_URL"),
	                                     .chat_model = "gpt-6-luna",
	                                     .assistant_model = "gpt-6-luna",
	                                     .transcribe_model = "gpt-transcribe",
	                                     .language = "pt",
	                                     .max_tokens = 300,
	                                     .reasoning = "none"};
	h->voice = (struct rcd_voice_conf){.base_url = of(h, "ELEVENLABS_BASE_URL"),
	                                   .voice_id = of(h, "ELEVENLABS_VOICE_ID"),
	                                   .model = "eleven_multilingual_v2",
	                                   .speed = 1,
	                                   .language = "pt",
	                                   .offline_voice = "pt-br",
	                                   .offline_program = "espeak-ng"};
	h->conf = (struct rcd_turn_conf){.public_url = "https://bot.example.com",
	                                 .persona_dir = h->persona,
	                                 .voice_when = RCD_VOICE_NEVER,
	                                 .short_chars = 600,
	                                 .speech = {.bitrate = 32000, .complexity = 5, .keep_days = 30},
	                                 .history_turns = 10,
	                                 .history_tokens = 3000,
	                                 .deadline_ms = 20000};
	for (int i = 0; i < RCD_N_TEXTS; i++)
		h->conf.text[i] = rcd_text_name[i];
	h->conf.text[RCD_TEXT_VOICE_DOWN] = "";
	return secret(h, &h->twilio.token, "TWILIO_AUTH_TOKEN", err) == 0 &&
	               secret(h, &h->openai.key, "OPENAI_API_KEY", err) == 0 &&
	               secret(h, &h->voice.key, "ELEVENLABS_API_KEY", err) == 0
	           ? 0
	           : -1;
}

static inline int build(struct house *h, const char *plan, struct rcd_err *err)
{
	const struct rcd_sandbox_conf sc = {0};
	struct rcd_db_conf dc = {0};

	*h = (struct house){0};
	rcd_breaker_init(&h->chat);
	rcd_breaker_init(&h->assistant);
	rcd_breaker_init(&h->realtime);
	rcd_breaker_init(&h->transcribe);
	rcd_breaker_init(&h->speech);
	rcd_breaker_init(&h->send);
	if (rcd_sandbox_start(&h->box, &sc, err) != 0 ||
	    (plan != NULL && rcd_sandbox_plan(h->box, plan, err) != 0) || settings(h, err) != 0)
		return -1;
	dc.url = h->url;
	if (t_store_new(h->url, err) != 0 || rcd_db_open(&h->db, &dc, err) != 0 ||
	    rcd_http_open(&h->http, err) != 0)
		return -1;
	h->media = (struct rcd_blob_conf){.audio_dir = h->audio, .state_dir = t_dir()};
	rcd_blob_open(&h->blobs, &h->media, h->http);
	h->env = (struct rcd_turn_env){.conf = &h->conf,
	                               .twilio = &h->twilio,
	                               .openai = &h->openai,
	                               .voice = &h->voice,
	                               .db = h->db,
	                               .http = h->http,
	                               .decoder = a_decoder(),
	                               .blobs = &h->blobs,
	                               .chat = &h->chat,
	                               .assistant = &h->assistant,
	                               .realtime = &h->realtime,
	                               .transcribe = &h->transcribe,
	                               .speech = &h->speech,
	                               .send = &h->send};
	return 0;
}

static inline void pull_down(struct house *h)
{
	rcd_realtime_close(h->sessions);
	rcd_http_close(h->http);
	rcd_db_close(h->db);
	rcd_sandbox_stop(h->box);
	rcd_secret_wipe(&h->twilio.token);
	rcd_secret_wipe(&h->openai.key);
	rcd_secret_wipe(&h->voice.key);
	rcd_breaker_free(&h->chat);
	rcd_breaker_free(&h->assistant);
	rcd_breaker_free(&h->realtime);
	rcd_breaker_free(&h->transcribe);
	rcd_breaker_free(&h->speech);
	rcd_breaker_free(&h->send);
}

static inline int count(struct house *h, const char *op)
{
	char *ledger = rcd_sandbox_ledger(h->box), needle[64];
	int n = 0;

	(void)snprintf(needle, sizeof(needle), "\"op\":\"%s\"", op);
	for (const char *at = ledger; at != NULL && (at = strstr(at, needle)) != NULL; at++)
		n++;
	free(ledger);
	return n;
}

struct number {
	const char *sql;
	int64_t n;
};

static inline int read_number(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct number *q = arg;

	return rcd_get_i64(conn, &q->n, q->sql, RCD_BIND(), err);
}

/* -1 when it could not be read. */
static inline int64_t number(struct house *h, const char *sql)
{
	struct number q = {sql, -1};

	return rcd_db_read(h->db, read_number, &q, RCD_UNREAD_ERR) == 0 ? q.n : -1;
}

#endif
