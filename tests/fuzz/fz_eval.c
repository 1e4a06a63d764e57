#include "base/limits.h"
#include "daemon/eval/judge.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* A script is taken whole or refused with a reason and a line in it. What is taken hangs together,
 * and every expectation can be judged, of an answer made of the script itself too. */

static void judge_all(const struct rcd_eval *e, struct rcd_sv text)
{
	json_t *calls = json_pack("[{s:s, s:{s:s}}]", "name", "save_contact", "arguments", "name",
	                          "Ana");
	const struct rcd_heard heard = {.text = text, .rung = "chat", .calls = calls, .ms = 800};
	struct rcd_buf found;
	struct rcd_err err;
	bool held;

	rcd_buf_init(&found, 1 << 20);
	for (size_t i = 0; i < e->n_expect && i < 64; i++) {
		rcd_buf_reset(&found);
		held = true;
		if (rcd_judge(&e->expect[i], &heard, &held, &found, &err) != 0 || held != (found.n == 0))
			abort();
	}
	rcd_buf_free(&found);
	json_decref(calls);
}

static void check(const struct rcd_eval *e)
{
	size_t turn = 0, expect = e->always.n;

	if (e->n_cases == 0 || e->always.from != 0)
		abort();
	for (size_t i = 0; i < e->n_cases; i++) {
		const struct rcd_eval_case *c = &e->cases[i];

		if (c->first_turn != turn || c->n_turns == 0 || c->always.from != expect ||
		    c->name[0] == '\0')
			abort();
		expect += c->always.n;
		for (; turn < c->first_turn + c->n_turns; turn++) {
			if (e->turns[turn].expects.from != expect || e->turns[turn].said[0] == '\0')
				abort();
			expect += e->turns[turn].expects.n;
		}
	}
	if (turn != e->n_turns || expect != e->n_expect)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	const struct rcd_sv text = {(const char *)p, n};
	struct rcd_eval *e = NULL;
	struct rcd_err err = {0};
	int line = -1;

	if (n > 64 * 1024)
		return 0;
	if (rcd_eval_read(&e, text, &line, &err) != 0) {
		if (err.msg[0] == '\0' || line < 0 || !rcd_utf8_ok(rcd_sv(err.msg)))
			abort();
		return 0;
	}
	check(e);
	judge_all(e, (struct rcd_sv){text.p, n < 4096 ? n : rcd_utf8_cut(text, 4096)});
	rcd_eval_free(e);
	return 0;
}
