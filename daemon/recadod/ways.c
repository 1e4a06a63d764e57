/* The ways in, and what answers on each: /upgrade-webhook and /system/advanced-status. */

#include "base/clock.h"
#include "daemon/recadod/web.h"
#include "daemon/tenant.h"
#include "daemon/turn_names.h"
#include "store/dead.h"
#include "store/history.h"

#include <stdio.h>

#define LAST_ANSWERS 200

static json_t *ladder_json(const struct rcd_ladder *l)
{
	json_t *names = json_array();

	for (size_t i = 0; i < l->n; i++)
		(void)json_array_append_new(names, json_string(rcd_rung_name[l->rung[i]]));
	(void)json_array_append_new(names, json_string(rcd_rung_name[RCD_RUNG_KNOWLEDGE]));
	(void)json_array_append_new(names, json_string(rcd_rung_name[RCD_RUNG_APOLOGY]));
	return names;
}

static json_t *routes_json(const struct rcd_conf *conf)
{
	json_t *routes = json_array();

	for (size_t i = 0; i < conf->n_routes; i++) {
		const struct rcd_route *r = &conf->route[i];
		char url[1200];

		(void)snprintf(url, sizeof(url), "%s%s", conf->public_url, r->path);
		(void)json_array_append_new(routes,
		                            json_pack("{s:s, s:s, s:s, s:b, s:o, s:o}", "path", r->path,
		                                      "url", url, "reply", r->twiml ? "twiml" : "rest",
		                                      "deprecated", (int)r->deprecated, "text",
		                                      ladder_json(&r->text), "audio",
		                                      ladder_json(&r->audio)));
	}
	return routes;
}

/* What to enter at Twilio, and what answers there. */
void rcd_page_upgrade(struct rcd_web *web, struct rcd_req *req)
{
	const struct rcd_conf *conf = web->child->conf;

	(void)rcd_reply_json(
		req, 200,
		json_pack(
			"{s:s, s:s, s:o, s:s}", "status", "ok", "message",
			"Choose a webhook for the WhatsApp sender in Twilio's console; the method is POST.",
			"routes", routes_json(conf), "status_callback", conf->status_url));
}

static json_t *queue_json(struct rcd_web *web, struct rcd_err *err)
{
	struct rcd_queue_sums q;

	if (rcd_queue_sums(web->rt.db, RCD_TENANT, &q, err) != 0)
		return NULL;
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "waiting", (json_int_t)q.waiting, "running",
	                 (json_int_t)q.running, "dead_letters", (json_int_t)q.dead, "fate_unknown",
	                 (json_int_t)q.unknown, "with_a_person", (json_int_t)q.person,
	                 "wait_for_a_person", (json_int_t)q.waits);
}

/* Who could answer now, and who did: a rung that is switched off, or has no key, stands on the
 * ladders all the same. */
static json_t *rungs_json(const struct rcd_conf *conf)
{
	int key = rcd_openai_usable(&conf->openai), live = rcd_runtime_keeps_sessions(conf);

	return json_pack("{s:b, s:b, s:b, s:b, s:b}", rcd_rung_name[RCD_RUNG_REALTIME], live,
	                 rcd_rung_name[RCD_RUNG_CHAT], key, rcd_rung_name[RCD_RUNG_ASSISTANT], key,
	                 rcd_rung_name[RCD_RUNG_KNOWLEDGE], 1, rcd_rung_name[RCD_RUNG_APOLOGY], 1);
}

static json_t *answers_json(struct rcd_web *web, struct rcd_err *err)
{
	struct rcd_rung_count row[RCD_N_RUNGS + 8];
	json_t *out;
	int n = 0;

	if (rcd_rung_counts(web->rt.db, RCD_TENANT, LAST_ANSWERS, row, sizeof(row) / sizeof(row[0]), &n,
	                    err) != 0)
		return NULL;
	out = json_object();
	for (int i = 0; i < n; i++)
		(void)json_object_set_new(out, row[i].rung, json_integer(row[i].n));
	return out;
}

static json_t *breakers_json(struct rcd_web *web)
{
	json_t *out = json_object();

	for (int i = 0; i < RCD_N_WATCHED; i++)
		(void)json_object_set_new(out, rcd_watched_name[i],
		                          json_integer(
									  rcd_board_open(web->child->board, (enum rcd_watched)i)));
	return out;
}

/* NULL: the store does not answer. */
static json_t *ladder_state(struct rcd_web *web, struct rcd_err *err)
{
	json_t *answers = answers_json(web, err);

	if (answers == NULL)
		return NULL;
	return json_pack("{s:o, s:o, s:o}", "available", rungs_json(web->child->conf), "last_answers",
	                 answers, "breakers_open", breakers_json(web));
}

void rcd_page_advanced(struct rcd_web *web, struct rcd_req *req)
{
	const struct rcd_conf *conf = web->child->conf;
	const struct rcd_turn_conf *turn = &conf->turn;
	struct rcd_err err = {0};
	json_t *queue = queue_json(web, &err), *ladder = ladder_state(web, &err);

	if (queue == NULL || ladder == NULL) {
		json_decref(queue);
		json_decref(ladder);
		(void)rcd_reply_error(req, 503, "the store does not answer");
		return;
	}
	(void)rcd_reply_json(
		req, 200,
		json_pack(
			"{s:s, s:s, s:o, s:o, s:o, s:{s:s, s:s, s:s, s:s}, s:{s:i, s:i, s:i, s:i, s:i, s:b}, "
			"s:{s:s, s:b, s:s}}",
			"status", "ok", "version", RCD_VERSION, "queue", queue, "ladder", ladder, "routes",
			routes_json(conf), "models", "chat", conf->openai.chat_model, "assistant",
			conf->openai.assistant_model, "transcription", conf->openai.transcribe_model, "voice",
			conf->voice.model, "turn", "deadline_ms", turn->deadline_ms, "window_ms",
			turn->window.text, "window_audio_ms", turn->window.note, "window_max_ms",
			turn->window.most, "reconcile_ms", turn->reconcile_ms, "typing", (int)turn->typing,
			"voice", "driver", rcd_voice_pick(&conf->voice)->name, "cloned",
			(int)(rcd_voice_pick(&conf->voice) == &rcd_voice_elevenlabs), "when",
			rcd_voice_when_name[turn->voice_when]));
}
