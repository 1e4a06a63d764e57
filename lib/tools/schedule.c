/* schedule_message: one message later, to whom the turn is with. */

#include "base/clock.h"
#include "base/visible.h"
#include "base/zone.h"
#include "store/followup.h"
#include "tools/tool.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define AHEAD_MS (30 * 86400000LL)
#define MARGIN_MS (10 * 60000LL) /* of WhatsApp's window, for what may hold it up */

/* "YYYY-MM-DDTHH:MM" as clocks there show it. -1: it is no time. */
static int parse_local_time(const char *zone, struct rcd_sv v, int64_t *ms)
{
	struct tm tm = {0};
	char text[20];
	const char *end;
	time_t wall;
	int day;

	if (v.n != 16)
		return -1;
	(void)snprintf(text, sizeof(text), "%.*s", RCD_SV_ARG(v));
	end = strptime(text, "%Y-%m-%dT%H:%M", &tm);
	if (end == NULL || *end != '\0')
		return -1;
	day = tm.tm_mday;
	wall = timegm(&tm);
	if (tm.tm_mday != day) /* the 31st of a shorter month */
		return -1;
	return rcd_zone_moment(zone, (int64_t)wall * 1000, ms, RCD_UNREAD_ERR);
}

/* "2026-11-28T18:56 (America/Manaus)" */
static void format_now(const char *zone, int64_t ms, char *out, size_t n)
{
	struct tm tm;
	char text[24];

	if (rcd_zone_time(zone, ms, &tm, RCD_UNREAD_ERR) != 0 ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M", &tm) == 0)
		text[0] = '\0';
	(void)snprintf(out, n, "%s (%.40s)", text, zone);
}

static int read_due_time(const struct rcd_tool_run *r, int64_t latest, int64_t *ms,
                         struct rcd_err *err)
{
	const json_t *minutes = json_object_get(r->args, "in_minutes");
	struct rcd_sv at = rcd_tool_arg(r, "at");
	int64_t now = rcd_now_ms();
	const char *zone = r->env->zone;
	char text[72];

	format_now(zone, now, text, sizeof(text));
	if ((minutes != NULL) == (at.n > 0))
		return rcd_fail(err, RCD_INVAL, 0, "say in_minutes or at, one of them; it is %s now", text);
	if (minutes != NULL)
		*ms = now + json_integer_value(minutes) * 60000;
	else if (parse_local_time(zone, at, ms) != 0)
		return rcd_fail(err, RCD_INVAL, 0, "at must be YYYY-MM-DDTHH:MM; it is %s now", text);
	if (*ms <= now || *ms > latest)
		return rcd_fail(err, RCD_INVAL, 0,
		                "the time must come, and within %lld hours; it is %s now",
		                (long long)((latest - now) / 3600000), text);
	return 0;
}

static void note_cut(const struct rcd_tool_env *env, size_t kept, size_t dropped)
{
	char text[80];

	(void)snprintf(text, sizeof(text), "answer_cut reason=sms kept=%zu dropped=%zu", kept, dropped);
	if (env->note != NULL)
		env->note(env->note_arg, env->job->turn_id, text);
}

/* As an answer is: without what is not for the customer, in the channel's marks. */
static int store_followup(struct rcd_tool_run *r, struct rcd_followup_in *in, struct rcd_err *err)
{
	struct rcd_buf text;
	size_t cut;
	int ret;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	ret = rcd_finish_text(rcd_tool_arg(r, "text"), r->env->tools->schemas, &r->env->form, &text,
	                      &cut, err);
	if (ret == 0 && cut > 0)
		note_cut(r->env, text.n, cut);
	in->body = rcd_sv_trim(rcd_buf_view(&text));
	if (ret == 0 && rcd_is_blank(in->body))
		ret = rcd_fail(err, RCD_INVAL, 0, "text must say something");
	if (ret == 0)
		ret = rcd_followup_put(r->conn, r->env->job, in, err);
	rcd_buf_free(&text);
	return ret;
}

int rcd_tool_schedule_message(struct rcd_tool_run *r, struct rcd_err *err)
{
	const struct rcd_tool_env *env = r->env;
	struct rcd_followup_in in = {.from = env->to, .to = env->from};
	int64_t latest = rcd_sv_is(env->channel, "whatsapp")
	                     ? env->received_ms + RCD_FOLLOWUP_WINDOW_MS - MARGIN_MS
	                     : rcd_now_ms() + AHEAD_MS;

	if (env->refuses_messages)
		return rcd_fail(err, RCD_INVAL, 0,
		                "this customer asked for no messages that answer nothing");
	if (read_due_time(r, latest, &in.due_ms, err) != 0 || store_followup(r, &in, err) != 0)
		return -1;
	rcd_tool_ok(r);
	return 0;
}
