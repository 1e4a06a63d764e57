/* One call of the model's: found, checked, run once. */

#include "base/cancel.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/shape.h"
#include "tools/tool.h"

#include <string.h>

struct rcd_sv rcd_tool_arg(const struct rcd_tool_run *r, const char *name)
{
	struct rcd_sv v = rcd_sv_trim(rcd_json_sv(r->args, name));

	return v.n > 0 ? v : (struct rcd_sv){NULL, 0};
}

void rcd_tool_ok(struct rcd_tool_run *r)
{
	rcd_buf_str(r->result, "{\"ok\":true}");
}

static void write_error(struct rcd_buf *result, const char *what)
{
	rcd_buf_reset(result);
	rcd_json_text(json_pack("{s:o}", "error", rcd_json_str(rcd_sv(what))), result);
}

/* Is the error one that the model can do something about? */
static bool is_for_model(enum rcd_code code)
{
	return code != RCD_NOMEM && code != RCD_CANCELLED && code != RCD_BUSY && code != RCD_IO;
}

static int make_key(const struct rcd_tool *tool, const json_t *args, char key[2 * RCD_SHA256_N + 1],
                    struct rcd_err *err)
{
	uint8_t digest[RCD_SHA256_N];
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, 4 * RCD_MAX_CALL_ARGS);
	rcd_buf_fmt(&text, "%s\n", tool->name);
	rcd_json_canonical(args, &text);
	ret = text.bad ? rcd_fail_nomem(err) : rcd_sha256(rcd_buf_view(&text), digest);
	if (ret == 0)
		rcd_hex(digest, sizeof(digest), key);
	rcd_buf_free(&text);
	return ret;
}

/* --- the kinds ---------------------------------------------------------------------------- */

static int run_in_commit(struct rcd_conn *conn, const struct rcd_job *job, void *arg,
                         struct rcd_buf *result, struct rcd_err *err)
{
	struct rcd_tool_run *r = arg;

	(void)job;
	r->conn = conn;
	r->result = result;
	return r->tool->run(r, err);
}

/* Of a call that has run before its row is written. */
static int copy_result(struct rcd_conn *conn, const struct rcd_job *job, void *arg,
                       struct rcd_buf *result, struct rcd_err *err)
{
	const struct rcd_tool_run *r = arg;

	(void)conn, (void)job, (void)err;
	rcd_buf_sv(result, rcd_buf_view(r->result));
	return 0;
}

static int store_ok(struct rcd_conn *conn, const struct rcd_job *job, void *arg,
                    struct rcd_buf *result, struct rcd_err *err)
{
	(void)conn, (void)job, (void)arg, (void)err;
	rcd_buf_str(result, "{\"ok\":true}");
	return 0;
}

static int check_seen(enum rcd_tool_seen seen, struct rcd_err *err)
{
	if (seen == RCD_TOOL_OVER)
		return rcd_fail(err, RCD_LIMIT, 0, "no more calls in this turn: answer now");
	if (seen == RCD_TOOL_LOST)
		return rcd_fail(err, RCD_EXISTS, 0,
		                "this was begun before and its outcome is not known; it is not done again");
	return 0;
}

/* Writes the call's row, and refuses a call that may not run. */
static int begin_call(struct rcd_tool_run *r, const struct rcd_tool_entry *e,
                      enum rcd_tool_seen *seen, struct rcd_buf *result, struct rcd_err *err)
{
	return rcd_tool_begin(r->env->db, e, seen, result, err) == 0 ? check_seen(*seen, err) : -1;
}

static int run_read(struct rcd_tool_run *r, struct rcd_tool_entry *e, struct rcd_err *err)
{
	struct rcd_buf kept, *out = r->result;
	enum rcd_tool_seen seen;
	int ret;

	if (r->tool->run(r, err) != 0)
		return -1;
	rcd_buf_init(&kept, RCD_TOOL_RESULT);
	e->effect = copy_result;
	e->arg = r;
	ret = begin_call(r, e, &seen, &kept, err);
	if (ret == 0) {
		rcd_buf_reset(out);
		rcd_buf_sv(out, rcd_buf_view(&kept));
	}
	rcd_buf_free(&kept);
	return ret;
}

static int run_store(struct rcd_tool_run *r, struct rcd_tool_entry *e, struct rcd_err *err)
{
	enum rcd_tool_seen seen;

	e->effect = run_in_commit;
	e->arg = r;
	return begin_call(r, e, &seen, r->result, err);
}

/* The row comes first: the turn may have made all its calls. */
static int run_answer(struct rcd_tool_run *r, struct rcd_tool_entry *e, struct rcd_err *err)
{
	enum rcd_tool_seen seen;

	e->effect = store_ok;
	if (begin_call(r, e, &seen, r->result, err) != 0)
		return -1;
	rcd_buf_reset(r->result);
	return r->tool->run(r, err);
}

static int end_call(struct rcd_tool_run *r, const struct rcd_tool_entry *e, struct rcd_err *err)
{
	if (r->result->bad)
		return rcd_fail_nomem(err);
	return rcd_tool_end(r->env->db, e, rcd_buf_view(r->result), err);
}

/* A request that failed. Where something may have left, the error is the result that the same call
 * gets again: it may have worked. */
static int end_failed(struct rcd_tool_run *r, const struct rcd_tool_entry *e, struct rcd_err *err)
{
	struct rcd_err ignored;

	if (r->unsent)
		(void)rcd_tool_end(r->env->db, e, rcd_sv(NULL), &ignored);
	if (r->unsent || !is_for_model(err->code))
		return -1;
	write_error(r->result, err->msg);
	return end_call(r, e, err);
}

static int run_request(struct rcd_tool_run *r, struct rcd_tool_entry *e, struct rcd_err *err)
{
	enum rcd_tool_seen seen;

	if (begin_call(r, e, &seen, r->result, err) != 0)
		return -1;
	if (seen == RCD_TOOL_AGAIN)
		return 0;
	return r->tool->run(r, err) == 0 ? end_call(r, e, err) : end_failed(r, e, err);
}

/* --- the window --------------------------------------------------------------------------- */

/* Would what it does outlive a turn that a newer message begins anew? */
static bool has_effect(const struct rcd_tool *tool)
{
	return tool->kind == RCD_TOOL_STORES || (tool->kind == RCD_TOOL_REQUESTS && !tool->asks);
}

/* While the window is open no row is kept of a call: another message may ask for something else. */
static int run_early(struct rcd_tool_run *r, struct rcd_err *err)
{
	struct rcd_tool_effects *effects = r->env->effects;

	if (effects->early_calls >= RCD_TOOL_CALLS)
		return check_seen(RCD_TOOL_OVER, err);
	effects->early_calls++;
	return r->tool->run(r, err);
}

static int run_once(struct rcd_tool_run *r, struct rcd_err *err)
{
	char key[2 * RCD_SHA256_N + 1];
	struct rcd_tool_entry e = {.job = r->env->job, .key = key, .name = r->tool->name};

	if (rcd_mono_ms() < r->env->window_end && !has_effect(r->tool))
		return run_early(r, err);
	if (!rcd_cancel_sleep_until(r->env->window_end))
		return rcd_fail(err, RCD_CANCELLED, 0, "a newer message came before the window closed");
	e.most = RCD_TOOL_CALLS - r->env->effects->early_calls;
	if (make_key(r->tool, r->args, key, err) != 0)
		return -1;
	switch (r->tool->kind) {
	case RCD_TOOL_READS:
		return run_read(r, &e, err);
	case RCD_TOOL_ANSWERS:
		return run_answer(r, &e, err);
	case RCD_TOOL_REQUESTS:
		return run_request(r, &e, err);
	default:
		return run_store(r, &e, err);
	}
}

/* --- one call ----------------------------------------------------------------------------- */

static const struct rcd_tool *find_tool(const struct rcd_tools *tools, const char *name)
{
	for (size_t i = 0; tools != NULL && i < tools->n; i++)
		if (strcmp(tools->tool[i].name, name) == 0)
			return &tools->tool[i];
	return NULL;
}

static int check_and_run(struct rcd_tool_run *r, const struct rcd_tool_call *call,
                         struct rcd_err *err)
{
	json_t *args;
	int ret;

	r->tool = find_tool(r->env->tools, call->name);
	if (r->tool == NULL)
		return rcd_fail(err, RCD_NOENT, 0, "there is no such tool");
	args = rcd_tool_call_args(call);
	if (args == NULL)
		return rcd_fail(err, RCD_INVAL, 0,
		                "the arguments are not one JSON object of at most %d bytes",
		                RCD_MAX_CALL_ARGS);
	r->args = args;
	ret = rcd_shape_check(r->tool->shape, args, err);
	if (ret == 0)
		ret = run_once(r, err);
	json_decref(args);
	return ret;
}

int rcd_tools_call(const struct rcd_tool_env *env, const struct rcd_tool_call *call,
                   struct rcd_buf *result, struct rcd_tool_outcome *outcome, struct rcd_err *err)
{
	struct rcd_tool_run r = {.env = env, .result = result};
	int ret = check_and_run(&r, call, err);

	outcome->tool = r.tool != NULL ? r.tool->name : "?";
	outcome->code = ret == 0 ? "ok" : rcd_code_name(err->code);
	if (ret != 0 && !is_for_model(err->code))
		return -1;
	if (ret != 0)
		write_error(result, err->msg);
	return result->bad ? rcd_fail_nomem(err) : 0;
}

void rcd_tool_effects_withdraw(struct rcd_tool_effects *e)
{
	e->handoff[0] = '\0';
	e->n_media = 0;
}
