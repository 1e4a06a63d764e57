/* What an eval looks like. */

#include "daemon/recado/eval.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define NAME_COLUMNS 44
#define SAID 300 /* bytes of an answer that are shown */

static void print_padded(struct rcd_sv v, size_t columns)
{
	size_t n = rcd_utf8_count(v);

	printf("%.*s%*s", RCD_SV_ARG(v), (int)(n < columns ? columns - n : 0), "");
}

/* On one line, shortened. */
static void print_text(struct rcd_sv v)
{
	const bool cut = v.n > SAID;

	v.n = rcd_utf8_cut(v, SAID);
	rcd_cli_put(v, true);
	fputs(cut ? "…" : "", stdout);
}

void rcd_eval_list(const struct rcd_eval_plan *p)
{
	for (size_t i = 0; i < p->script->n_cases; i++) {
		const struct rcd_eval_case *c = &p->script->cases[i];

		if (!p->wanted[i])
			continue;
		print_padded(rcd_sv(c->name), p->columns < NAME_COLUMNS ? p->columns : NAME_COLUMNS);
		printf("  %zu turn%s", c->n_turns, c->n_turns == 1 ? "" : "s");
		if (c->tags != NULL)
			printf("  tags: %s", c->tags);
		if (c->needs != NULL)
			printf("  needs: %s", c->needs);
		putchar('\n');
	}
}

/* In columns for one case, unaligned for the sums. */
static void print_figures(const json_t *o, bool columns)
{
	const json_t *cost = json_object_get(o, "cost");
	json_int_t turns = json_integer_value(json_object_get(o, "n_turns"));
	const char *one = columns ? " " : "";

	printf(columns ? "%2" JSON_INTEGER_FORMAT " turn%s %7.1f s"
	               : "%" JSON_INTEGER_FORMAT " turn%s, %.1f s",
	       turns, turns != 1 ? "s" : one,
	       (double)json_integer_value(json_object_get(o, "ms")) / 1000);
	if (json_is_number(cost))
		printf("%s$%.5f", columns ? "  " : ", ", json_number_value(cost));
	else if (!columns)
		fputs(", cost not known", stdout);
}

static void show_failed_turn(const json_t *turn, size_t number)
{
	const json_t *failed = json_object_get(turn, "failed"), *f;
	const char *rung;
	json_t *reason;
	size_t i;

	if (json_array_size(failed) == 0)
		return;
	printf("        turn %zu: ", number);
	print_text(rcd_json_sv(turn, "user"));
	putchar('\n');
	json_array_foreach (failed, i, f) {
		printf("          line %" JSON_INTEGER_FORMAT ": %.*s: ",
		       json_integer_value(json_object_get(f, "line")),
		       RCD_SV_ARG(rcd_json_sv(f, "expected")));
		print_text(rcd_json_sv(f, "value"));
		printf("; but ");
		print_text(rcd_json_sv(f, "found"));
		putchar('\n');
	}
	printf("          said by %.*s: ", RCD_SV_ARG(rcd_json_sv(turn, "rung")));
	print_text(rcd_json_sv(turn, "said"));
	putchar('\n');
	json_object_foreach (json_object_get(turn, "why"), rung, reason) {
		printf("          not by %s: ", rung);
		print_text((struct rcd_sv){json_string_value(reason), json_string_length(reason)});
		putchar('\n');
	}
}

/* The first run that did not pass stands for all of them. */
static void show_failed_run(const json_t *o)
{
	const json_t *run, *turn;
	size_t i, k;

	json_array_foreach (json_object_get(o, "runs"), i, run) {
		if (json_is_true(json_object_get(run, "passed")))
			continue;
		json_array_foreach (json_object_get(run, "turns"), k, turn) {
			show_failed_turn(turn, k + 1);
		}
		if (json_object_get(run, "error") != NULL) {
			printf("        turn %zu: no answer: ",
			       json_array_size(json_object_get(run, "turns")) + 1);
			rcd_cli_put(rcd_json_sv(run, "error"), true);
			putchar('\n');
		}
		return;
	}
}

/* Prints the notes that an operator would find in the log, each once per run. */
static void show_note(const char *note, json_t *seen)
{
	if (json_object_get(seen, note) != NULL || json_object_set_new(seen, note, json_true()) != 0)
		return;
	fputs("        note: ", stdout);
	print_text(rcd_sv(note));
	putchar('\n');
}

static void show_notes(const json_t *o, json_t *seen)
{
	const json_t *run, *turn, *note;
	size_t i, k, n;

	json_array_foreach (json_object_get(o, "runs"), i, run) {
		json_array_foreach (json_object_get(run, "turns"), k, turn) {
			json_array_foreach (json_object_get(turn, "notes"), n, note) {
				show_note(json_string_value(note), seen);
			}
		}
	}
}

void rcd_eval_show_case(const struct rcd_eval_plan *p, const json_t *o, json_t *seen)
{
	const struct rcd_sv result = rcd_json_sv(o, "result");

	struct rcd_sv shown = result;

	if (rcd_sv_is(result, "passed"))
		shown = RCD_SV("ok");
	else if (rcd_sv_is(result, "failed"))
		shown = RCD_SV("FAILED");
	print_padded(shown, 9);
	print_padded(rcd_json_sv(o, "name"), p->columns < NAME_COLUMNS ? p->columns : NAME_COLUMNS);
	if (rcd_sv_is(result, "skipped")) {
		printf("  %.*s\n", RCD_SV_ARG(rcd_json_sv(o, "why")));
		return;
	}
	fputs("  ", stdout);
	if (p->repeat > 1)
		printf("%3" JSON_INTEGER_FORMAT "/%-3d ", json_integer_value(json_object_get(o, "passes")),
		       p->repeat);
	print_figures(o, true);
	putchar('\n');
	if (rcd_sv_is(result, "failed"))
		show_failed_run(o);
	show_notes(o, seen);
}

json_t *rcd_eval_sums(const json_t *outcomes)
{
	json_int_t passed = 0, failed = 0, skipped = 0, turns = 0, ms = 0;
	const json_t *o, *cost;
	bool known = true;
	double all = 0;
	size_t i;

	json_array_foreach (outcomes, i, o) {
		const struct rcd_sv result = rcd_json_sv(o, "result");

		passed += rcd_sv_is(result, "passed");
		failed += rcd_sv_is(result, "failed");
		skipped += rcd_sv_is(result, "skipped");
		turns += json_integer_value(json_object_get(o, "n_turns"));
		ms += json_integer_value(json_object_get(o, "ms"));
		cost = json_object_get(o, "cost");
		known = known && json_is_number(cost);
		all += json_number_value(cost);
	}
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "passed", passed, "failed", failed,
	                 "skipped", skipped, "n_turns", turns, "ms", ms, "cost",
	                 known ? json_real(all) : json_null());
}

void rcd_eval_show_sums(const json_t *sums)
{
	static const char *const what[] = {"passed", "failed", "skipped"};

	putchar('\n');
	for (size_t i = 0; i < 3; i++)
		printf("%s%" JSON_INTEGER_FORMAT " %s", i > 0 ? ", " : "",
		       json_integer_value(json_object_get(sums, what[i])), what[i]);
	fputs("; ", stdout);
	print_figures(sums, false);
	putchar('\n');
}
