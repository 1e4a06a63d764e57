/* One call of the model's: found, checked, run once. */

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

static void tell_error(struct rcd_buf *result, const char *what)
{
	rcd_buf_reset(result);
	rcd_json_text(json_pack("{s:o}", "error", rcd_json_str(rcd_sv(what))), result);
}

/* Is it the model's affair, or ours? */
static bool told_to_model(enum rcd_code code)
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

static int in_commit(struct rcd_conn *conn, const struct rcd_job *job, void *arg,
                     struct rcd_buf *result, struct rcd_err *err)
{
	struct rcd_tool_run *r = arg;

	(void)job;
	r->conn = conn;
	r->result = result;
	return r->tool->run(r, err);
}

/* The result that is there already. */
static int as_read(struct rcd_conn *conn, const struct rcd_job *job, void *arg,
                   struct rcd_buf *result, struct rcd_err *err)
{
	const struct rcd_tool_run *r = arg;

	(void)conn, (void)job, (void)err;
	rcd_buf_sv(result, rcd_buf_view(r->result));
	return 0;
}

static int refuse(enum rcd_tool_seen seen, struct rcd_err *err)
{
	if (seen == RCD_TOOL_OVER)
		return rcd_fail(err, RCD_LIMIT, 0, "no more calls in this turn: answer now");
	if (seen == RCD_TOOL_LOST)
		return rcd_fail(err, RCD_EXISTS, 0,
		                "this was begun before and its outcome is not known; it is not done again");
	return 0;
}

static int run_read(struct rcd_tool_run *r, struct rcd_tool_entry *e, struct rcd_err *err)
{
	struct rcd_buf kept, *out = r->result;
	enum rcd_tool_seen seen;
	int ret;

	if (r->tool->run(r, err) != 0)
		return -1;
	rcd_buf_init(&kept, RCD_TOOL_RESULT);
	e->effect = as_read;
	e->arg = r;
	ret = rcd_tool_begin(r->turn->env->db, e, &seen, &kept, err);
	if (ret == 0)
		ret = refuse(seen, err);
	if (ret == 0) {
		rcd_buf_reset(out);
		rcd_buf_sv(out, rcd_buf_view(&kept));
	}
	rcd_buf_free(&kept);
	return ret;
}

static int store_ok(struct rcd_conn *conn, const struct rcd_job *job, void *arg,
                    struct rcd_buf *result, struct rcd_err *err)
{
	(void)conn, (void)job, (void)arg, (void)err;
	rcd_buf_str(result, "{\"ok\":true}");
	return 0;
}

/* Written down first: the turn may have made all its calls. */
static int run_turn(struct rcd_tool_run *r, struct rcd_tool_entry *e, struct rcd_err *err)
{
	enum rcd_tool_seen seen;

	e->effect = store_ok;
	if (rcd_tool_begin(r->turn->env->db, e, &seen, r->result, err) != 0 || refuse(seen, err) != 0)
		return -1;
	rcd_buf_reset(r->result);
	return r->tool->run(r, err);
}

static int run_outside(struct rcd_tool_run *r, struct rcd_tool_entry *e, struct rcd_err *err)
{
	struct rcd_db *db = r->turn->env->db;
	struct rcd_err lost;
	enum rcd_tool_seen seen;

	if (rcd_tool_begin(db, e, &seen, r->result, err) != 0 || refuse(seen, err) != 0)
		return -1;
	if (seen == RCD_TOOL_AGAIN)
		return 0;
	if (r->tool->run(r, err) == 0)
		return r->result->bad ? rcd_fail_nomem(err)
		                      : rcd_tool_end(db, e, rcd_buf_view(r->result), err);
	if (r->harmless)
		(void)rcd_tool_end(db, e, rcd_sv(NULL), &lost);
	if (r->harmless || !told_to_model(err->code))
		return -1;
	tell_error(r->result,
	           err->msg); /* it may have worked: that is what the same call hears again */
	return r->result->bad ? rcd_fail_nomem(err) : rcd_tool_end(db, e, rcd_buf_view(r->result), err);
}

/* What it does would outlive a turn that a newer message begins anew. */
static bool has_effect(const struct rcd_tool *tool)
{
	return tool->kind == RCD_TOOL_STORES || (tool->kind == RCD_TOOL_LEAVES && !tool->asks);
}

/* While the turn runs ahead no row is kept of it: another message may ask for something else. */
static int run_early(struct rcd_tool_run *r, struct rcd_err *err)
{
	if (r->turn->think.early_calls >= RCD_TOOL_CALLS)
		return refuse(RCD_TOOL_OVER, err);
	r->turn->think.early_calls++;
	return r->tool->run(r, err);
}

static int run(struct rcd_tool_run *r, struct rcd_err *err)
{
	char key[2 * RCD_SHA256_N + 1];
	struct rcd_tool_entry e = {.job = &r->turn->job, .key = key, .name = r->tool->name};
	enum rcd_tool_seen seen;

	if (rcd_turn_is_ahead(r->turn) && !has_effect(r->tool))
		return run_early(r, err);
	if (rcd_turn_await_window(r->turn, err) != 0)
		return -1;
	e.most = RCD_TOOL_CALLS - r->turn->think.early_calls;
	if (make_key(r->tool, r->args, key, err) != 0)
		return -1;
	switch (r->tool->kind) {
	case RCD_TOOL_READS:
		return run_read(r, &e, err);
	case RCD_TOOL_TURNS:
		return run_turn(r, &e, err);
	case RCD_TOOL_LEAVES:
		return run_outside(r, &e, err);
	default:
		e.effect = in_commit;
		e.arg = r;
		return rcd_tool_begin(r->turn->env->db, &e, &seen, r->result, err) == 0 ? refuse(seen, err)
		                                                                        : -1;
	}
}

/* --- one call ----------------------------------------------------------------------------- */

static const struct rcd_tool *find(const struct rcd_tools *tools, const char *name)
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

	r->tool = find(r->turn->env->tools, call->name);
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
		ret = run(r, err);
	json_decref(args);
	return ret;
}

/* One line of the trace. */
static void trace(struct rcd_turn *t, const struct rcd_tool_run *r, int64_t began,
                  const struct rcd_err *err)
{
	json_t *row = json_array_get(t->trace.steps, json_array_size(t->trace.steps) - 1);
	json_t *calls = json_object_get(row, "calls");

	if (calls == NULL && json_object_set_new(row, "calls", json_array()) == 0)
		calls = json_object_get(row, "calls");
	(void)json_array_append_new(calls, json_pack("{s:s, s:I, s:s}", "tool",
	                                             r->tool != NULL ? r->tool->name : "?", "ms",
	                                             (json_int_t)(rcd_mono_ms() - began), "outcome",
	                                             err != NULL ? rcd_code_name(err->code) : "ok"));
}

int rcd_tool_call(struct rcd_turn *t, const struct rcd_tool_call *call, int64_t deadline,
                  struct rcd_buf *result, struct rcd_err *err)
{
	struct rcd_tool_run r = {.turn = t, .deadline = deadline, .result = result};
	int64_t began = rcd_mono_ms();
	int ret = check_and_run(&r, call, err);

	trace(t, &r, began, ret == 0 ? NULL : err);
	if (ret != 0 && !told_to_model(err->code))
		return -1;
	if (ret != 0)
		tell_error(result, err->msg);
	if (result->bad)
		return rcd_fail_nomem(err);
	rcd_turn_tell_called(t, call, rcd_buf_view(result), rcd_mono_ms() - began);
	return 0;
}
