/* Runs the conversations of an eval: each case is a contact of its own, in the talk of a worker. */

#include "daemon/recado/eval.h"

#include "base/clock.h"
#include "daemon/eval/judge.h"
#include "daemon/recado/talk.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the workers share. */
struct run {
	const struct rcd_eval_plan *plan;
	const struct rcd_eval_watch *watch;
	pthread_mutex_t lock; /* of all below */
	size_t next, told;    /* indexes of cases: the next to start, the next to report */
	size_t wanted, done;
	json_t **outcome;   /* by case; NULL: not yet, or not wanted */
	struct rcd_err err; /* the first that ended a worker */
	bool broken;
};

struct worker {
	struct run *run;
	struct rcd_talk *talk;
	pthread_t thread;
	int who; /* the next contact */
};

/* --- one turn ------------------------------------------------------------------------------- */

static int judge_some(const struct rcd_eval *e, struct rcd_expects which,
                      const struct rcd_heard *heard, json_t *failed, struct rcd_err *err)
{
	struct rcd_buf found;
	int ret = 0;

	rcd_buf_init(&found, 4 << 20);
	for (size_t i = which.from; ret == 0 && i < which.from + which.n; i++) {
		const struct rcd_expect *x = &e->expect[i];
		bool held = false;
		json_t *row;

		rcd_buf_reset(&found);
		ret = rcd_judge(x, heard, &held, &found, err);
		if (ret != 0 || held)
			continue;
		row = json_pack("{s:i, s:s, s:o, s:o}", "line", x->line, "expected",
		                rcd_expect_name[x->kind], "value", rcd_json_str(rcd_sv(x->text)), "found",
		                rcd_json_str(rcd_buf_view(&found)));
		if (json_array_append_new(failed, row) != 0)
			ret = rcd_fail_nomem(err);
	}
	rcd_buf_free(&found);
	return ret;
}

static json_t *list_sources(const json_t *passages)
{
	json_t *out = json_array();
	const json_t *p;
	size_t i;

	json_array_foreach (passages, i, p)
		(void)json_array_append_new(out, rcd_json_str(rcd_json_sv(p, "source")));
	return out;
}

/* Without the results: they may be long, and are the program's own. */
static json_t *list_calls(const json_t *calls)
{
	json_t *out = json_array();
	const json_t *c;
	size_t i;

	json_array_foreach (calls, i, c)
		(void)json_array_append_new(out,
		                            json_pack("{s:O, s:O?}", "name", json_object_get(c, "name"),
		                                      "arguments", json_object_get(c, "arguments")));
	return out;
}

static json_t *make_turn_json(const struct rcd_eval_turn *t, const struct rcd_talk_answer *a,
                              json_t *failed)
{
	return json_pack("{s:i, s:o, s:o, s:s, s:I, s:o, s:I, s:I, s:o, s:o, s:b, s:b, s:O, s:O, s:o}",
	                 "line", t->line, "user", rcd_json_str(rcd_sv(t->said)), "said",
	                 rcd_json_str(rcd_buf_view(&a->text)), "rung", a->rung, "ms", (json_int_t)a->ms,
	                 "cost", a->cost < 0 ? json_null() : json_real(a->cost), "input_tokens",
	                 (json_int_t)a->input_tokens, "output_tokens", (json_int_t)a->output_tokens,
	                 "passages", list_sources(a->passages), "calls", list_calls(a->calls), "spoken",
	                 a->note != NULL, "handed_over", a->handed_over, "why", a->why, "notes",
	                 a->notes, "failed", failed);
}

static int judge_turn(const struct rcd_eval *e, const struct rcd_eval_case *c,
                      const struct rcd_eval_turn *t, const struct rcd_talk_answer *a, json_t **out,
                      struct rcd_err *err)
{
	const struct rcd_heard heard = {.text = rcd_buf_view(&a->text),
	                                .rung = a->rung,
	                                .passages = a->passages,
	                                .calls = a->calls,
	                                .ms = a->ms,
	                                .spoken = a->note != NULL,
	                                .handed_over = a->handed_over};
	json_t *failed = json_array();

	if (failed == NULL)
		return rcd_fail_nomem(err);
	if (judge_some(e, t->expects, &heard, failed, err) != 0 ||
	    judge_some(e, c->always, &heard, failed, err) != 0 ||
	    judge_some(e, e->always, &heard, failed, err) != 0) {
		json_decref(failed);
		return -1;
	}
	*out = make_turn_json(t, a, failed);
	return *out != NULL ? 0 : rcd_fail_nomem(err);
}

static bool find_any_voice(const struct rcd_eval *e, struct rcd_expects which)
{
	for (size_t i = which.from; i < which.from + which.n; i++)
		if (e->expect[i].kind == RCD_EXPECT_VOICE)
			return true;
	return false;
}

static int take_turn(struct worker *w, int who, const struct rcd_eval_case *c,
                     const struct rcd_eval_turn *t, json_t **out, struct rcd_err *err)
{
	const struct rcd_eval *e = w->run->plan->script;
	bool voice = find_any_voice(e, t->expects) || find_any_voice(e, c->always) ||
	             find_any_voice(e, e->always);
	struct rcd_talk_answer a;
	int ret;

	if (rcd_talk_say(w->talk, who, rcd_sv(t->said), voice, &a, err) != 0)
		return -1;
	ret = judge_turn(e, c, t, &a, out, err);
	rcd_talk_answer_free(&a);
	return ret;
}

/* --- one case ------------------------------------------------------------------------------- */

/* Runs one conversation. An error of a turn fails the case; one that would recur for every case
 * ends the run. */
static int run_turns(struct worker *w, const struct rcd_eval_case *c, json_t **out,
                     struct rcd_err *err)
{
	json_t *turns = json_array(), *turn = NULL, *said = NULL;
	bool passed = true;
	int who = w->who++;

	for (size_t i = 0; i < c->n_turns && said == NULL; i++) {
		if (take_turn(w, who, c, &w->run->plan->script->turns[c->first_turn + i], &turn, err) ==
		    0) {
			passed = passed && json_array_size(json_object_get(turn, "failed")) == 0;
			(void)json_array_append_new(turns, turn);
			continue;
		}
		if (err->code == RCD_CANCELLED || err->code == RCD_NOMEM) {
			json_decref(turns);
			return -1;
		}
		passed = false;
		said = rcd_json_str(rcd_sv(err->msg));
	}
	*out = json_pack("{s:b, s:o, s:o*}", "passed", passed, "turns", turns, "error", said);
	return *out != NULL ? 0 : rcd_fail_nomem(err);
}

static json_t *list_tags(const struct rcd_eval_case *c)
{
	json_t *out = json_array();
	struct rcd_sv rest = rcd_sv(c->tags), word;

	while (rcd_eval_word(&rest, &word))
		(void)json_array_append_new(out, rcd_json_str(word));
	return out;
}

/* Sums time and cost of the turns; the cost is null when that of one turn is unknown. */
static void add_figures(json_t *o)
{
	const json_t *runs = json_object_get(o, "runs"), *run, *turn, *cost;
	json_int_t ms = 0, turns = 0;
	double all = 0;
	bool known = true;
	size_t i, k;

	json_array_foreach (runs, i, run) {
		json_array_foreach (json_object_get(run, "turns"), k, turn) {
			ms += json_integer_value(json_object_get(turn, "ms"));
			cost = json_object_get(turn, "cost");
			known = known && json_is_number(cost);
			all += json_number_value(cost);
			turns++;
		}
	}
	(void)json_object_set_new(o, "n_turns", json_integer(turns));
	(void)json_object_set_new(o, "ms", json_integer(ms));
	(void)json_object_set_new(o, "cost", known ? json_real(all) : json_null());
}

static json_t *make_outcome(const struct rcd_eval_case *c, const char *result)
{
	return json_pack("{s:o, s:i, s:o, s:s}", "name", rcd_json_str(rcd_sv(c->name)), "line", c->line,
	                 "tags", list_tags(c), "result", result);
}

static json_t *make_skipped(const struct rcd_eval_case *c, const char *why)
{
	json_t *o = make_outcome(c, "skipped");

	(void)json_object_set_new(o, "why", rcd_json_str(rcd_sv(why)));
	(void)json_object_set_new(o, "runs", json_array());
	add_figures(o);
	return o;
}

static int try_case(struct worker *w, const struct rcd_eval_case *c, json_t **out,
                    struct rcd_err *err)
{
	const struct rcd_eval_plan *p = w->run->plan;
	json_t *runs = json_array(), *one;
	int passes = 0;

	for (int i = 0; i < p->repeat; i++) {
		if (run_turns(w, c, &one, err) != 0) {
			json_decref(runs);
			return -1;
		}
		passes += json_is_true(json_object_get(one, "passed"));
		(void)json_array_append_new(runs, one);
	}
	*out = make_outcome(c, passes * 100 >= p->need * p->repeat ? "passed" : "failed");
	(void)json_object_set_new(*out, "passes", json_integer(passes));
	if (json_object_set_new(*out, "runs", runs) != 0) {
		json_decref(*out);
		return rcd_fail_nomem(err);
	}
	add_figures(*out);
	return 0;
}

/* --- all of them ---------------------------------------------------------------------------- */

/* Reports finished cases up to the first unfinished one. The lock is held. */
static void report_done(struct run *r)
{
	const struct rcd_eval *e = r->plan->script;

	for (; r->told < e->n_cases; r->told++) {
		if (r->outcome[r->told] != NULL)
			r->watch->told(r->watch->arg, r->outcome[r->told]);
		else if (r->plan->wanted[r->told])
			break;
	}
}

/* The next case, NULL when there is none or everything ends. */
static const struct rcd_eval_case *begin_case(struct run *r, size_t *at)
{
	const struct rcd_eval *e = r->plan->script;
	const struct rcd_eval_case *c = NULL;

	(void)pthread_mutex_lock(&r->lock);
	while (!r->broken && c == NULL && r->next < e->n_cases) {
		*at = r->next++;
		if (r->plan->wanted[*at])
			c = &e->cases[*at];
	}
	if (c != NULL && r->watch->far != NULL)
		r->watch->far(r->watch->arg, r->done, r->wanted, c->name);
	(void)pthread_mutex_unlock(&r->lock);
	return c;
}

static void end_case(struct run *r, size_t at, json_t *outcome)
{
	(void)pthread_mutex_lock(&r->lock);
	r->outcome[at] = outcome;
	r->done++;
	report_done(r);
	(void)pthread_mutex_unlock(&r->lock);
}

static void give_up(struct run *r, const struct rcd_err *err)
{
	(void)pthread_mutex_lock(&r->lock);
	if (!r->broken)
		r->err = *err;
	r->broken = true;
	(void)pthread_mutex_unlock(&r->lock);
}

/* Serialised: workers share one connection to the instance's store. */
static int open_talk(struct worker *w, struct rcd_err *err)
{
	const struct rcd_eval_plan *p = w->run->plan;
	const struct rcd_talk_conf how = {.conf = p->conf,
	                                  .from = p->from,
	                                  .route = p->route,
	                                  .stop = p->stop};
	int ret;

	(void)pthread_mutex_lock(&w->run->lock);
	ret = rcd_talk_open(&w->talk, &how, err);
	(void)pthread_mutex_unlock(&w->run->lock);
	if (ret == 0 && p->persona != NULL)
		ret = rcd_talk_persona(w->talk, p->persona, err);
	return ret;
}

static void *run_worker(void *arg)
{
	struct worker *w = arg;
	const struct rcd_eval_case *c;
	char why[RCD_EVAL_WHY];
	struct rcd_err err = {0};
	size_t at;

	while ((c = begin_case(w->run, &at)) != NULL) {
		json_t *outcome = NULL;

		rcd_eval_left_out(w->run->plan, c, why);
		if (why[0] != '\0') {
			end_case(w->run, at, make_skipped(c, why));
		} else if ((w->talk == NULL && open_talk(w, &err) != 0) ||
		           try_case(w, c, &outcome, &err) != 0) {
			give_up(w->run, &err);
			break;
		} else {
			end_case(w->run, at, outcome);
		}
	}
	w->talk = rcd_talk_close(w->talk);
	return NULL;
}

static json_t *collect_outcomes(struct run *r)
{
	json_t *all = json_array();

	for (size_t i = 0; i < r->plan->script->n_cases; i++)
		if (r->outcome[i] != NULL)
			(void)json_array_append_new(all, r->outcome[i]);
	return all;
}

int rcd_eval_run(const struct rcd_eval_plan *p, const struct rcd_eval_watch *w, json_t **outcomes,
                 struct rcd_err *err)
{
	struct run r = {.plan = p, .watch = w, .outcome = calloc(p->script->n_cases, sizeof(json_t *))};
	struct worker worker[RCD_EVAL_JOBS];
	int n = 0;

	if (r.outcome == NULL)
		return rcd_fail_nomem(err);
	(void)pthread_mutex_init(&r.lock, NULL);
	for (size_t i = 0; i < p->script->n_cases; i++)
		r.wanted += p->wanted[i];
	for (; n < p->jobs && n < RCD_EVAL_JOBS; n++) {
		worker[n] = (struct worker){.run = &r};
		if (pthread_create(&worker[n].thread, NULL, run_worker, &worker[n]) != 0)
			break;
	}
	if (n == 0) {
		(void)rcd_fail_errno(&r.err, "cannot start a thread");
		r.broken = true;
	}
	while (n > 0)
		(void)pthread_join(worker[--n].thread, NULL);
	*outcomes = collect_outcomes(&r);
	free(r.outcome);
	(void)pthread_mutex_destroy(&r.lock);
	if (!r.broken)
		return *outcomes != NULL ? 0 : rcd_fail_nomem(err);
	*err = r.err;
	return -1;
}
