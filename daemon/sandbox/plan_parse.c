/* Text of a fault plan into rules; the syntax stands in plan.h. */

#include "daemon/sandbox/plan_int.h"

#include "base/buf.h"
#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

/* The words of one line, quotes and escapes already resolved. */
struct word {
	struct rcd_buf text;
	size_t name_n; /* bytes before the first unquoted "=", 0: there is none */
};

/* What a fault can happen to. */
enum { REQUEST = 1, MODEL = 2, CALLBACK = 4 };

static const struct {
	const char *name;
	unsigned kinds;
} ops[] = {
	{"messages.create", REQUEST},
	{"messages.list", REQUEST},
	{"messages.get", REQUEST},
	{"messages.media", REQUEST},
	{"media.get", REQUEST},
	{"cdn.get", REQUEST},
	{"typing", REQUEST},
	{"chat", REQUEST | MODEL},
	{"responses", REQUEST | MODEL},
	{"conversations.create", REQUEST},
	{"conversations.get", REQUEST},
	{"conversations.delete", REQUEST},
	{"conversations.items", REQUEST},
	{"transcribe", REQUEST},
	{"embeddings", REQUEST},
	{"models", REQUEST},
	{"tts", REQUEST},
	{"voices", REQUEST},
	{"twilio", REQUEST},
	{"openai", REQUEST},
	{"s3.put", REQUEST},
	{"s3.get", REQUEST},
	{"s3.head", REQUEST},
	{"s3.delete", REQUEST},
	{"s3.list", REQUEST},
	{"s3", REQUEST},
	{"elevenlabs", REQUEST},
	{"*", REQUEST},
	{"realtime.connect", REQUEST},
	{"realtime.transcribe", REQUEST},
	{"realtime.response", REQUEST | MODEL},
	{"callback", CALLBACK},
};

static const struct {
	const char *word;
	enum rcd_sb_fault_kind kind;
	int status;
	unsigned kinds;
} faults[] = {
	{"429", RCD_SB_STATUS, 429, REQUEST},        {"500-before", RCD_SB_STATUS, 500, REQUEST},
	{"500-after", RCD_SB_AFTER, 500, REQUEST},   {"cut", RCD_SB_CUT, 0, REQUEST},
	{"garbage", RCD_SB_GARBAGE, 0, REQUEST},     {"never", RCD_SB_NEVER, 0, REQUEST | CALLBACK},
	{"broken", RCD_SB_BROKEN, 0, MODEL},         {"failed", RCD_SB_FAILED, 0, MODEL | CALLBACK},
	{"incomplete", RCD_SB_INCOMPLETE, 0, MODEL}, {"filtered", RCD_SB_FILTERED, 0, MODEL},
	{"refusal", RCD_SB_REFUSAL, 0, MODEL},       {"twice", RCD_SB_TWICE, 0, CALLBACK},
	{"disorder", RCD_SB_DISORDER, 0, CALLBACK},
};

static unsigned get_kinds(const struct rcd_sb_rule *r)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(r->op, ops[i].name) == 0)
			return ops[i].kinds;
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The inside of "…"; *line stands behind the opening quote. */
static int parse_quoted(struct rcd_sv *line, struct rcd_buf *out, struct rcd_err *err)
{
	while (line->n > 0 && *line->p != '"') {
		char c = *line->p;

		if (c == '\\' && line->n > 1) {
			*line = rcd_sv_skip(*line, 1);
			c = *line->p == 'n' ? '\n' : *line->p;
		}
		rcd_buf_ch(out, c);
		*line = rcd_sv_skip(*line, 1);
	}
	if (line->n == 0)
		return rcd_fail(err, RCD_INVAL, 0, "a quote without its end");
	*line = rcd_sv_skip(*line, 1);
	return 0;
}

/* Takes one word off *line: 1, 0 at the line's end, -1. */
static int take_word(struct rcd_sv *line, struct word *w, struct rcd_err *err)
{
	rcd_buf_reset(&w->text);
	rcd_buf_str(&w->text, ""); /* so that there is a string even for "" */
	w->name_n = 0;
	while (line->n > 0 && is_blank(*line->p))
		*line = rcd_sv_skip(*line, 1);
	if (line->n == 0 || *line->p == '#')
		return 0;
	while (line->n > 0 && !is_blank(*line->p)) {
		char c = *line->p;

		*line = rcd_sv_skip(*line, 1);
		if (c == '"') {
			if (parse_quoted(line, &w->text, err) != 0)
				return -1;
			continue;
		}
		if (c == '=' && w->name_n == 0)
			w->name_n = w->text.n;
		rcd_buf_ch(&w->text, c);
	}
	return w->text.bad ? rcd_fail_nomem(err) : 1;
}

static int put_int(struct rcd_sv v, int max, int *out, struct rcd_err *err)
{
	int64_t n = 0;

	if (rcd_parse_i64(v, 0, max, &n) != 0)
		return rcd_fail(err, RCD_INVAL, 0, "\"%.40s\" is not a number from 0 to %d", v.p, max);
	*out = (int)n;
	return 0;
}

static int put_count(struct rcd_sv v, int64_t *out, struct rcd_err *err)
{
	int n = 0;

	if (put_int(v, 1000000000, &n, err) != 0)
		return -1;
	if (n == 0)
		return rcd_fail(err, RCD_INVAL, 0, "a count begins at 1");
	*out = n;
	return 0;
}

static int put_prob(struct rcd_sv v, double *out, struct rcd_err *err)
{
	char *end;
	double x = strtod(v.p, &end); /* v comes from a buffer, which ends with NUL */

	if (v.n == 0 || end != v.p + v.n || !(x >= 0 && x <= 1))
		return rcd_fail(err, RCD_INVAL, 0, "\"%.40s\" is not a number from 0 to 1", v.p);
	*out = x;
	return 0;
}

static int put_text(struct rcd_sb_rule *r, struct rcd_sv v, struct rcd_err *err)
{
	if ((get_kinds(r) & MODEL) == 0 && strcmp(r->op, "transcribe") != 0 &&
	    strcmp(r->op, "realtime.transcribe") != 0)
		return rcd_fail(err, RCD_INVAL, 0, "text= is for models and transcriptions, not %s", r->op);
	if (!rcd_utf8_ok(v))
		return rcd_fail(err, RCD_INVAL, 0, "text= is not UTF-8");
	free(r->fault.text);
	r->fault.text = rcd_sv_dup(v);
	return r->fault.text != NULL ? 0 : rcd_fail_nomem(err);
}

static int put_kind(struct rcd_sb_rule *r, enum rcd_sb_fault_kind kind, int status,
                    struct rcd_err *err)
{
	if (r->fault.kind != RCD_SB_OK)
		return rcd_fail(err, RCD_INVAL, 0, "two faults in one rule");
	if (kind == RCD_SB_STATUS && (get_kinds(r) & REQUEST) == 0)
		return rcd_fail(err, RCD_INVAL, 0, "a status is not for %s", r->op);
	r->fault.kind = kind;
	r->fault.status = status;
	return 0;
}

static int put_status(struct rcd_sb_rule *r, struct rcd_sv v, struct rcd_err *err)
{
	int status = 0;

	if (put_int(v, 599, &status, err) != 0)
		return -1;
	if (status < 300)
		return rcd_fail(err, RCD_INVAL, 0, "status= is from 300 to 599");
	return put_kind(r, RCD_SB_STATUS, status, err);
}

static int put_pace(struct rcd_sb_rule *r, struct rcd_sv v, struct rcd_err *err)
{
	if ((get_kinds(r) & MODEL) == 0)
		return rcd_fail(err, RCD_INVAL, 0, "pace= is for models, not %s", r->op);
	return put_int(v, 60000, &r->fault.pace_ms, err);
}

static int put_code(struct rcd_sb_rule *r, struct rcd_sv v, struct rcd_err *err)
{
	if (v.n == 0 || v.n >= sizeof(r->fault.code))
		return rcd_fail(err, RCD_INVAL, 0, "code= has 1 to %zu characters",
		                sizeof(r->fault.code) - 1);
	memcpy(r->fault.code, v.p, v.n + 1);
	return 0;
}

static int parse_setting(struct rcd_sb_rule *r, const struct word *w, struct rcd_err *err)
{
	struct rcd_sv name = {w->text.p, w->name_n};
	struct rcd_sv v = rcd_sv_skip(rcd_buf_view(&w->text), w->name_n + 1);

	if (rcd_sv_is(name, "delay"))
		return put_int(v, 600000, &r->fault.delay_ms, err);
	if (rcd_sv_is(name, "pace"))
		return put_pace(r, v, err);
	if (rcd_sv_is(name, "retry-after"))
		return put_int(v, 3600, &r->fault.retry_after, err);
	if (rcd_sv_is(name, "status"))
		return put_status(r, v, err);
	if (rcd_sv_is(name, "code"))
		return put_code(r, v, err);
	if (rcd_sv_is(name, "times"))
		return put_count(v, &r->times, err);
	if (rcd_sv_is(name, "nth"))
		return put_count(v, &r->nth, err);
	if (rcd_sv_is(name, "prob"))
		return put_prob(v, &r->prob, err);
	if (rcd_sv_is(name, "text"))
		return put_text(r, v, err);
	return rcd_fail(err, RCD_INVAL, 0, "there is no setting \"%.*s\"",
	                (int)(name.n < 40 ? name.n : 40), name.p);
}

static int parse_fault(struct rcd_sb_rule *r, const struct word *w, struct rcd_err *err)
{
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		if (strcmp(w->text.p, faults[i].word) == 0)
			return (faults[i].kinds & get_kinds(r)) != 0
			           ? put_kind(r, faults[i].kind, faults[i].status, err)
			           : rcd_fail(err, RCD_INVAL, 0, "%s is not for %s", faults[i].word, r->op);
	return rcd_fail(err, RCD_INVAL, 0, "there is no fault \"%.40s\"", w->text.p);
}

static int parse_op(struct rcd_sb_rule *r, const struct word *w, struct rcd_err *err)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(w->text.p, ops[i].name) == 0) {
			memcpy(r->op, ops[i].name, w->text.n + 1);
			return 0;
		}
	}
	return rcd_fail(err, RCD_INVAL, 0, "there is no operation \"%.40s\"", w->text.p);
}

static int parse_seed(struct rcd_sb_rules *out, struct rcd_sv *line, struct word *w,
                      struct rcd_err *err)
{
	int n = 0;

	if (take_word(line, w, err) != 1)
		return rcd_fail(err, RCD_INVAL, 0, "seed wants a number");
	if (put_int(rcd_buf_view(&w->text), INT32_MAX, &n, err) != 0)
		return -1;
	out->dice = (uint64_t)n;
	return 0;
}

static int parse_rest(struct rcd_sb_rule *r, struct rcd_sv *line, struct word *w,
                      struct rcd_err *err)
{
	int got;

	while ((got = take_word(line, w, err)) == 1)
		if ((w->name_n > 0 ? parse_setting(r, w, err) : parse_fault(r, w, err)) != 0)
			return -1;
	if (got != 0)
		return -1;
	if (r->fault.kind == RCD_SB_OK && r->fault.delay_ms == 0 && r->fault.pace_ms == 0 &&
	    r->fault.text == NULL)
		return rcd_fail(err, RCD_INVAL, 0, "the rule does nothing");
	if (r->nth > 0 && r->times == 0)
		r->times = 1;
	return 0;
}

static int parse_line(struct rcd_sb_rules *out, struct rcd_sv line, struct word *w,
                      struct rcd_err *err)
{
	struct rcd_sb_rule *r;
	int got = take_word(&line, w, err);

	if (got <= 0)
		return got;
	if (strcmp(w->text.p, "seed") == 0)
		return parse_seed(out, &line, w, err);
	if (out->n == RCD_SB_MAX_RULES)
		return rcd_fail(err, RCD_LIMIT, 0, "more than %d rules", RCD_SB_MAX_RULES);
	r = &out->rule[out->n++];
	*r = (struct rcd_sb_rule){.prob = 1};
	return parse_op(r, w, err) == 0 ? parse_rest(r, &line, w, err) : -1;
}

int rcd_sb_rules_parse(struct rcd_sb_rules *out, const char *name, struct rcd_sv text,
                       struct rcd_err *err)
{
	struct rcd_err why = {0};
	struct word w = {.name_n = 0};
	struct rcd_sv line;
	int number = 0, ret = 0;

	rcd_buf_init(&w.text, RCD_MAX_TEXT);
	out->dice = 1;
	while (ret == 0 && rcd_sv_cut(&text, '\n', &line)) {
		number++;
		ret = parse_line(out, line, &w, &why);
	}
	rcd_buf_free(&w.text);
	if (ret != 0)
		return rcd_fail(err, why.code, 0, "%s:%d: %s", name, number, why.msg);
	return 0;
}

void rcd_sb_rules_done(struct rcd_sb_rules *r)
{
	for (size_t i = 0; i < r->n; i++)
		rcd_sb_fault_done(&r->rule[i].fault);
	r->n = 0;
}
