/* Running ahead: a turn begins with the contact's first message, while its quiet window is still
 * open, and has its answer ready when the window closes. Until then it does nothing that another
 * message would have to undo: the answer is not stored, and tools that change something wait. */

#include "base/clock.h"
#include "base/words.h"
#include "turn/steps.h"

/* Of a burst whose answer is thought of ahead: more are likely to follow. */
#define MOST_MESSAGES 3
#define HABIT_TURNS 8 /* the last turns that tell how a contact writes, */
#define HABIT_LEAST 4 /* if there are as many; half of them bursts is a habit */

/* Does this contact write in several messages as a rule? Most answers would be thrown away. */
static int writes_in_bursts(struct rcd_turn *t, bool *yes, struct rcd_err *err)
{
	int turns, bursts;

	if (rcd_history_bursts(t->env->db, t->job.tenant, t->job.contact_id, HABIT_TURNS, &turns,
	                       &bursts, err) != 0)
		return -1;
	*yes = turns >= HABIT_LEAST && 2 * bursts >= turns;
	return 0;
}

int rcd_turn_open_window(struct rcd_turn *t, int64_t until_ms, struct rcd_err *err)
{
	const int most = t->env->conf->window.most;
	int64_t left = until_ms - rcd_now_ms();
	bool bursts = false;

	/* a webhook that waits for the answer has a deadline of its own */
	if (until_ms == 0 || left <= 0 || t->webhook != NULL)
		return 0;
	if (most > 0 && left > most) /* the clock was set back since the message came */
		left = most;
	/* both clocks are cut to whole milliseconds: without one more the answer may be one early */
	t->time.window_end = rcd_deadline_in(left + 1);
	t->time.ahead = t->env->conf->ahead;
	if (t->time.ahead != RCD_AHEAD_THINK)
		return 0;
	if (t->gather->n <= MOST_MESSAGES && writes_in_bursts(t, &bursts, err) != 0)
		return -1;
	if (t->gather->n > MOST_MESSAGES || bursts)
		t->time.ahead = RCD_AHEAD_HEAR;
	return 0;
}

bool rcd_turn_is_ahead(const struct rcd_turn *t)
{
	return t->time.window_end != 0 && rcd_mono_ms() < t->time.window_end;
}

int rcd_turn_await_window(struct rcd_turn *t, struct rcd_err *err)
{
	if (!rcd_cancel_sleep_until(t->time.window_end))
		return rcd_fail(err, RCD_CANCELLED, 0, "a newer message came before the window closed");
	t->time.window_end = 0;
	return 0;
}

/* --- what it costs ------------------------------------------------------------------------ */

/* About: what a model was told before its request was given up, it does not say itself. */
static int64_t tokens_of(const json_t *messages)
{
	const json_t *m;
	size_t bytes = 0, i;

	json_array_foreach (messages, i, m)
		bytes += rcd_json_sv(m, "content").n;
	return (int64_t)rcd_tokens(bytes);
}

void rcd_turn_count_early(struct rcd_turn *t, const json_t *messages,
                          const struct rcd_chat_usage *usage)
{
	t->spent.calls++;
	t->spent.tokens += usage != NULL
	                       ? usage->input_tokens + usage->output_tokens
	                       : tokens_of(messages) + (int64_t)rcd_tokens(t->think->answer.n);
}
