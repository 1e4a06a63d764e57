/* What the daemon says of itself. */

#include "base/clock.h"
#include "daemon/recadod/web.h"
#include "daemon/tenant.h"
#include "store/history.h"

#define PROBE_MS 2000

static bool can_read_store(struct rcd_web *web)
{
	struct rcd_read read = {.db = web->rt.db};
	struct rcd_err err = {0};
	int64_t v = 0;

	while (rcd_read_attempt(&read, &err))
		read.ret = rcd_get_i64(read.conn, &v, "SELECT 1", RCD_BIND(), &err);
	return read.ret == 0 && v == 1;
}

/* Only a commit proves that a message could be stored: reading goes on on a full or read-only
 * disk. However many ask, there is one commit in PROBE_MS; the others are told its result. */
static bool can_write_store(struct rcd_web *web)
{
	int64_t last = atomic_load(&web->probed_ms), now = rcd_mono_ms();
	struct rcd_err err;

	if (now - last < PROBE_MS || !atomic_compare_exchange_strong(&web->probed_ms, &last, now))
		return atomic_load(&web->writable);
	atomic_store(&web->writable,
	             rcd_watermark_set(web->rt.db, RCD_TENANT, "health", rcd_now_ms(), &err) == 0);
	return atomic_load(&web->writable);
}

static bool is_role_alive(struct rcd_web *web, enum rcd_role role)
{
	struct rcd_board *b = web->child->board;

	return rcd_board_count(b, role).ready >= 1 || atomic_load(&b->want[role]) == 0;
}

static json_t *role_json(struct rcd_web *web, enum rcd_role role)
{
	struct rcd_board_count c = rcd_board_count(web->child->board, role);

	return json_pack("{s:i, s:i, s:i, s:I}", "ready", c.ready, "wanted",
	                 atomic_load(&web->child->board->want[role]), "busy", c.busy, "served",
	                 (json_int_t)c.served);
}

void rcd_page_health(struct rcd_web *web, struct rcd_req *req)
{
	bool reads = can_read_store(web), writes = reads && can_write_store(web);
	const char *unwell = reads ? "read-only" : "down";
	bool well = writes && is_role_alive(web, RCD_ROLE_WEB) && is_role_alive(web, RCD_ROLE_WORK);

	(void)rcd_reply_json(req, well ? 200 : 503,
	                     json_pack("{s:s, s:s, s:s, s:{s:o, s:o}}", "status",
	                               well ? "healthy" : "unhealthy", "service", "recado", "store",
	                               writes ? "ok" : unwell, "workers", "web",
	                               role_json(web, RCD_ROLE_WEB), "work",
	                               role_json(web, RCD_ROLE_WORK)));
}

static json_t *stats_json(const struct rcd_stats *s)
{
	return json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		"total_users", (json_int_t)s->total_users, "total_conversations",
		(json_int_t)s->total_conversations, "audio_conversations",
		(json_int_t)s->audio_conversations, "text_conversations", (json_int_t)s->text_conversations,
		"messages_received", (json_int_t)s->messages_received, "messages_sent",
		(json_int_t)s->messages_sent, "messages_rejected", (json_int_t)s->messages_rejected,
		"jobs_waiting", (json_int_t)s->jobs_waiting, "jobs_running", (json_int_t)s->jobs_running,
		"oldest_waiting_ms", (json_int_t)s->oldest_waiting_ms, "last_message_ms",
		(json_int_t)s->last_message_ms, "ahead_abandoned", (json_int_t)s->ahead_abandoned,
		"ahead_tokens", (json_int_t)s->ahead_tokens, "whatsapp_messages_today",
		(json_int_t)s->whatsapp.messages, "whatsapp_model_calls_today",
		(json_int_t)s->whatsapp.model_calls, "sms_messages_today", (json_int_t)s->sms.messages,
		"sms_model_calls_today", (json_int_t)s->sms.model_calls);
}

/* How many customers write is the business's own affair. */
static bool may_show_totals(struct rcd_web *web, struct rcd_req *req)
{
	return web->child->conf->public_stats || rcd_is_admitted(web, req);
}

void rcd_page_stats(struct rcd_web *web, struct rcd_req *req)
{
	struct rcd_stats s;
	struct rcd_err err;

	if (!may_show_totals(web, req))
		(void)rcd_reply_error(req, 403, "from this machine only, or with the admin token");
	else if (rcd_stats(web->rt.db, RCD_TENANT, &s, &err) != 0)
		(void)rcd_reply_error(req, 503, "the store does not answer");
	else
		(void)rcd_reply_json(req, 200, stats_json(&s));
}

void rcd_page_system(struct rcd_web *web, struct rcd_req *req)
{
	const struct rcd_conf *conf = web->child->conf;
	struct rcd_board *b = web->child->board;
	struct rcd_db_stats d;

	rcd_db_stats(web->rt.db, &d);
	(void)rcd_reply_json(
		req, 200,
		json_pack(
			"{s:s, s:I, s:i, s:i, s:o, s:o, s:{s:I, s:I, s:I, s:I}, s:{s:b, s:b, s:b}, s:{s:s, "
			"s:s, s:s}}",
			"version", RCD_VERSION, "uptime_ms",
			(json_int_t)(rcd_now_ms() - atomic_load(&b->started_ms)), "generation",
			atomic_load(&b->generation), "restarts", atomic_load(&b->restarts), "web",
			role_json(web, RCD_ROLE_WEB), "work", role_json(web, RCD_ROLE_WORK), "store", "commits",
			(json_int_t)d.commits, "writes", (json_int_t)d.writes, "checkpoints",
			(json_int_t)d.checkpoints, "largest_batch", (json_int_t)d.largest_batch, "keys",
			"openai", rcd_secret_set(&conf->openai.key), "elevenlabs",
			rcd_secret_set(&conf->voice.key), "twilio", rcd_secret_set(&conf->twilio.token),
			"models", "chat", conf->openai.chat_model, "transcription",
			conf->openai.transcribe_model, "voice", conf->voice.model));
}

static void write_totals(struct rcd_buf *page, const struct rcd_stats *s)
{
	rcd_buf_fmt(page, "<table>\n<tr><td>Contatos<td>%lld\n<tr><td>Conversas<td>%lld\n",
	            (long long)s->total_users, (long long)s->total_conversations);
	rcd_buf_fmt(page, "<tr><td>Com áudio<td>%lld\n<tr><td>Só texto<td>%lld\n</table>\n",
	            (long long)s->audio_conversations, (long long)s->text_conversations);
}

void rcd_page_index(struct rcd_web *web, struct rcd_req *req)
{
	bool store = can_read_store(web), totals = may_show_totals(web, req);
	struct rcd_stats s = {0};
	struct rcd_buf page;
	struct rcd_err err;

	if (store && totals && rcd_stats(web->rt.db, RCD_TENANT, &s, &err) != 0)
		store = false;
	rcd_buf_init(&page, 16384);
	rcd_buf_str(
		&page,
		"<!doctype html>\n<html lang=\"pt-BR\"><meta charset=\"utf-8\">"
		"<meta name=\"viewport\" content=\"width=device-width\"><title>Recado</title>"
		"<style>body{font:16px system-ui,sans-serif;max-width:36em;margin:3em auto;padding:0 1em;"
		"color-scheme:light dark}td{padding:.2em 1em .2em 0}</style><h1>Recado</h1>\n");
	rcd_buf_fmt(&page, "<p>%s</p>\n",
	            store ? "O serviço está no ar e atendendo."
	                  : "O serviço está no ar, mas o banco não responde.");
	if (totals)
		write_totals(&page, &s);
	rcd_buf_str(&page, "<p><a href=\"/health\">/health</a> · <a href=\"/stats\">/stats</a></p>\n");
	if (page.bad)
		(void)rcd_reply_error(req, 503, "out of memory");
	else
		(void)rcd_reply(req, store ? 200 : 503, "text/html; charset=utf-8", rcd_buf_view(&page));
	rcd_buf_free(&page);
}
