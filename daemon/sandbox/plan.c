/* Decides what goes wrong with each request. */

#include "daemon/sandbox/plan_int.h"

#include "base/file.h"
#include "base/limits.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rcd_sb_plan {
	pthread_mutex_t lock;
	struct rcd_sb_rules *rules;
};

static struct rcd_sb_rules *rules_free(struct rcd_sb_rules *r)
{
	if (r != NULL)
		rcd_sb_rules_done(r);
	free(r);
	return NULL;
}

int rcd_sb_plan_open(struct rcd_sb_plan **out, struct rcd_err *err)
{
	struct rcd_sb_plan *p = calloc(1, sizeof(*p));

	if (p == NULL || (p->rules = calloc(1, sizeof(*p->rules))) == NULL) {
		free(p);
		return rcd_fail_nomem(err);
	}
	(void)pthread_mutex_init(&p->lock, NULL);
	*out = p;
	return 0;
}

int rcd_sb_plan_set(struct rcd_sb_plan *p, const char *name, struct rcd_sv text,
                    struct rcd_err *err)
{
	struct rcd_sb_rules *r = calloc(1, sizeof(*r)), *old;

	if (r == NULL)
		return rcd_fail_nomem(err);
	if (rcd_sb_rules_parse(r, name, text, err) != 0) {
		(void)rules_free(r);
		return -1;
	}
	(void)pthread_mutex_lock(&p->lock);
	old = p->rules;
	p->rules = r;
	(void)pthread_mutex_unlock(&p->lock);
	(void)rules_free(old);
	return 0;
}

int rcd_sb_plan_read(struct rcd_sb_plan *p, const char *path, struct rcd_err *err)
{
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, RCD_MAX_CONF_FILE);
	ret = rcd_file_read(path, RCD_MAX_CONF_FILE, &text, err);
	if (ret == 0)
		ret = rcd_sb_plan_set(p, path, rcd_buf_view(&text), err);
	rcd_buf_free(&text);
	return ret;
}

/* 0 ≤ x < 1 (splitmix64: the same seed gives the same faults on every machine). */
static double roll_dice(uint64_t *state)
{
	uint64_t z = *state += 0x9E3779B97F4A7C15u;

	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
	z ^= z >> 31;
	return (double)(z >> 11) / 9007199254740992.0;
}

static bool is_about(const struct rcd_sb_rule *r, const char *provider, const char *op)
{
	return strcmp(r->op, op) == 0 ||
	       (provider != NULL && (strcmp(r->op, provider) == 0 || strcmp(r->op, "*") == 0));
}

static bool is_due(struct rcd_sb_rules *rules, struct rcd_sb_rule *r)
{
	r->seen++;
	if (r->seen < r->nth || (r->times > 0 && r->fired >= r->times))
		return false;
	if (r->prob < 1 && roll_dice(&rules->dice) >= r->prob)
		return false;
	r->fired++;
	return true;
}

static int merge_fault(struct rcd_sb_fault *out, const struct rcd_sb_fault *f)
{
	char *text = out->text;
	int delay = out->delay_ms + f->delay_ms, pace = out->pace_ms > 0 ? out->pace_ms : f->pace_ms;

	if (text == NULL && f->text != NULL && (text = rcd_sv_dup(rcd_sv(f->text))) == NULL)
		return -1;
	if (out->kind == RCD_SB_OK)
		*out = *f;
	out->text = text;
	out->delay_ms = delay;
	out->pace_ms = pace;
	return 0;
}

int rcd_sb_plan_ask(struct rcd_sb_plan *p, const char *provider, const char *op,
                    struct rcd_sb_fault *out)
{
	struct rcd_sb_fault f = {0};
	struct rcd_sb_rules *rules;
	int ret = 0;

	(void)pthread_mutex_lock(&p->lock);
	rules = p->rules;
	for (size_t i = 0; i < rules->n && ret == 0; i++)
		if (is_about(&rules->rule[i], provider, op) && is_due(rules, &rules->rule[i]))
			ret = merge_fault(&f, &rules->rule[i].fault);
	(void)pthread_mutex_unlock(&p->lock);
	if (ret != 0) {
		rcd_sb_fault_done(&f);
		return -1;
	}
	*out = f;
	return 0;
}

struct rcd_sb_plan *rcd_sb_plan_close(struct rcd_sb_plan *p)
{
	if (p == NULL)
		return NULL;
	(void)rules_free(p->rules);
	(void)pthread_mutex_destroy(&p->lock);
	free(p);
	return NULL;
}
