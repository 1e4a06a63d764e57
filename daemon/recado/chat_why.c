/* Diagnosis of an answer: passages, the rung that answered and why others did not, tools,
 * tokens, cost, time per step. */

#include "daemon/recado/chat.h"

#include <inttypes.h>
#include <stdio.h>

#define PASSAGE_BYTES 300 /* that are shown of one */
#define CALL_BYTES 600    /* of arguments, and of a result */

static struct rcd_sv cut_text(struct rcd_sv text, size_t max, const char **dots)
{
	struct rcd_sv out = {text.p, rcd_utf8_cut(text, max)};

	*dots = out.n < text.n ? "…" : "";
	return out;
}

static void print_passage(const struct rcd_chat *c, size_t i, const json_t *p)
{
	const int64_t page = json_integer_value(json_object_get(p, "page"));
	const double similarity = json_number_value(json_object_get(p, "similarity"));
	const struct rcd_sv heading = rcd_json_sv(p, "heading");
	struct rcd_sv rest, line;
	const char *dots;

	printf("  %zu. ", i + 1);
	rcd_chat_print(c, rcd_json_sv(p, "source"));
	if (page > 0)
		printf(", p. %" PRId64, page);
	if (heading.n > 0)
		printf(", ");
	rcd_chat_print(c, heading);
	printf("  (score %.4f", json_number_value(json_object_get(p, "score")));
	if (similarity > 0)
		printf(", similarity %.2f", similarity);
	printf(")\n");
	rest = cut_text(rcd_json_sv(p, "text"), PASSAGE_BYTES, &dots);
	while (rcd_sv_cut(&rest, '\n', &line)) {
		printf("     ");
		rcd_chat_print(c, line);
		printf("%s\n", rest.n == 0 ? dots : "");
	}
}

static void print_value(const struct rcd_chat *c, const json_t *v)
{
	struct rcd_buf b;
	struct rcd_sv shown;
	const char *dots;

	rcd_buf_init(&b, RCD_MAX_JSON);
	rcd_json_text(json_incref((json_t *)(uintptr_t)v), &b);
	shown = cut_text(rcd_buf_view(&b), CALL_BYTES, &dots);
	rcd_chat_print(c, shown);
	printf("%s", dots);
	rcd_buf_free(&b);
}

static void print_call(const struct rcd_chat *c, const json_t *call)
{
	printf("  ");
	rcd_chat_print(c, rcd_json_sv(call, "name"));
	printf(" ");
	print_value(c, json_object_get(call, "arguments"));
	printf("  (%" JSON_INTEGER_FORMAT " ms)\n    -> ",
	       json_integer_value(json_object_get(call, "ms")));
	print_value(c, json_object_get(call, "result"));
	printf("\n");
}

static void print_rung(const struct rcd_chat *c)
{
	const char *rung;
	json_t *why;

	printf("rung: %s", c->last.rung);
	if (c->last.persona[0] != '\0')
		printf(", persona version %.12s", c->last.persona);
	printf("\n");
	json_object_foreach (c->last.why, rung, why) {
		printf("  %s: ", rung);
		rcd_chat_print(c, rcd_sv(json_string_value(why)));
		printf("\n");
	}
}

static void print_tokens(const struct rcd_talk_answer *a)
{
	if (a->input_tokens == 0 && a->output_tokens == 0) {
		printf("tokens: none\n");
		return;
	}
	printf("tokens: %" PRId64 " in (%" PRId64 " of them cached), %" PRId64 " out\n",
	       a->input_tokens, a->cached_tokens, a->output_tokens);
	if (a->cost < 0)
		printf(
			"cost: no price is set for this model (openai.price_input and openai.price_output)\n");
	else
		printf("cost: US$ %.6f\n", a->cost);
}

static void print_steps(const struct rcd_talk_answer *a)
{
	const json_t *step;
	size_t i;

	printf("time: %" PRId64 " ms\n ", a->ms);
	json_array_foreach (a->steps, i, step) {
		printf(" %s %.1f", json_string_value(json_object_get(step, "name")),
		       json_number_value(json_object_get(step, "ms")));
	}
	printf("\n");
}

void rcd_chat_why(struct rcd_chat *c)
{
	const struct rcd_talk_answer *a = &c->last;
	const json_t *row;
	size_t i;

	print_rung(c);
	printf("passages:%s\n", json_array_size(a->passages) > 0 ? "" : " none");
	json_array_foreach (a->passages, i, row) {
		print_passage(c, i, row);
	}
	printf("tools:%s\n", json_array_size(a->calls) > 0 ? "" : " none");
	json_array_foreach (a->calls, i, row) {
		print_call(c, row);
	}
	print_tokens(a);
	print_steps(a);
	json_array_foreach (a->notes, i, row) {
		printf("note: ");
		rcd_chat_print(c, rcd_sv(json_string_value(row)));
		printf("\n");
	}
}

json_t *rcd_chat_json(const struct rcd_chat *c, struct rcd_sv said, const char *voice)
{
	const struct rcd_talk_answer *a = &c->last;

	return json_pack("{s:o* s:o s:s s:s s:b s:I s:I s:I s:I s:o s:O s:O s:O s:O s:O s:s?}", "said",
	                 said.p != NULL ? rcd_json_str(said) : NULL, "text",
	                 rcd_json_str(rcd_buf_view(&a->text)), "rung", a->rung, "persona", a->persona,
	                 "handed_over", a->handed_over, "ms", (json_int_t)a->ms, "input_tokens",
	                 (json_int_t)a->input_tokens, "cached_tokens", (json_int_t)a->cached_tokens,
	                 "output_tokens", (json_int_t)a->output_tokens, "cost",
	                 a->cost < 0 ? json_null() : json_real(a->cost), "why", a->why, "passages",
	                 a->passages, "calls", a->calls, "steps", a->steps, "notes", a->notes, "voice",
	                 voice);
}
