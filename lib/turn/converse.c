/* A model that may call tools: asked, answered what it called, asked again, until it has said
 * what the customer reads. The one loop for every protocol. */

#include "answer/prompt.h"
#include "base/clock.h"
#include "turn/steps.h"

#define MAX_ROUNDS 10 /* requests; the last offers no tools */

struct talk {
	struct rcd_turn *t;
	json_t *messages;
	json_t *pictures; /* NULL: none */
	struct rcd_tool_calls calls;
	int64_t deadline;
	size_t said; /* of the answer, before this round */
	int cuts;    /* how often the history was cut: to half, then to nothing */
};

/* A prompt that the model refused as too long, with less of what was said before; false when there
 * is nothing left to leave out. */
static bool cut_history(struct talk *k, const struct rcd_err *err)
{
	size_t left = 0;
	json_t *less = NULL;

	if (!rcd_openai_too_long(err) || k->t->think->answer.n > k->said)
		return false;
	while (less == NULL && k->cuts < 2)
		less = rcd_prompt_shorten(k->messages, k->cuts++ > 0, &left);
	if (less == NULL)
		return false;
	rcd_turn_log(k->t, "history_cut messages=%zu reason=prompt_too_long", left);
	json_decref(k->messages);
	k->messages = less;
	return true;
}

/* One request, and again with less history when it is too long. */
static int ask_round(struct talk *k, struct rcd_openai_ask *ask, rcd_round_fn *round, void *arg,
                     struct rcd_chat_usage *usage, struct rcd_err *err)
{
	int ret;

	do {
		ask->messages = k->messages;
		ask->pictures = k->pictures;
		rcd_tool_calls_free(&k->calls);
		rcd_turn_model_begin(k->t);
		k->t->spent.requests++;
		ret = round(k->t, ask, arg, usage, err);
		if (!usage->unseen) /* each is a cost like a request of its own */
			k->t->spent.requests += (int64_t)json_array_size(k->t->hear->pictures);
	} while (ret != 0 && cut_history(k, err));
	if (ret == 0 && usage->unseen && k->t->hear->unshown_notice != RCD_NOTICE_NONE &&
	    k->t->hear->n_documents == 0)
		return rcd_fail(err, RCD_INVAL, 0, "the model sees no pictures, and there are no words");
	return ret;
}

static int append_message(json_t *messages, json_t *take, struct rcd_err *err)
{
	return json_array_append_new(messages, take) == 0 ? 0 : rcd_fail_nomem(err);
}

static int answer_one(struct talk *k, const struct rcd_tool_call *call, struct rcd_err *err)
{
	struct rcd_buf result;
	int ret;

	rcd_buf_init(&result, 2 * RCD_TOOL_RESULT);
	ret = rcd_turn_call(k->t, call, k->deadline - RCD_TOOL_REST_MS, &result, err);
	if (ret == 0)
		ret = append_message(k->messages, rcd_tool_result_message(call, rcd_buf_view(&result)),
		                     err);
	rcd_buf_free(&result);
	return ret;
}

/* What was called and what came of it become a part of the conversation. */
static int answer_calls(struct talk *k, struct rcd_err *err)
{
	struct rcd_turn *t = k->t;
	struct rcd_sv words = rcd_sv_skip(rcd_buf_view(&t->think->answer), k->said);

	if (append_message(k->messages, rcd_tool_calls_message(&k->calls, words), err) != 0)
		return -1;
	for (size_t i = 0; i < k->calls.n; i++)
		if (answer_one(k, &k->calls.call[i], err) != 0)
			return -1;
	/* what it says next stands by itself */
	return words.n > 0 ? rcd_turn_add_answer(t, RCD_SV("\n\n"), err) : 0;
}

static void add_usage(struct rcd_chat_usage *sum, const struct rcd_chat_usage *one)
{
	sum->first_ms = sum->first_ms != 0 ? sum->first_ms : one->first_ms;
	sum->input_tokens += one->input_tokens;
	sum->cached_tokens += one->cached_tokens;
	sum->output_tokens += one->output_tokens;
}

/* The first words come in the model's share of the time; one that works has the rest. */
static int run_rounds(struct talk *k, int stall_ms, rcd_round_fn *round, void *arg,
                      struct rcd_chat_usage *usage, struct rcd_err *err)
{
	const json_t *offer = rcd_tools_schemas(k->t->env->tools);
	struct rcd_openai_ask ask = {.calls = &k->calls, .deadline = k->deadline, .stall_ms = stall_ms};

	if (json_array_size(offer) == 0)
		offer = NULL;
	for (int i = 0; i < MAX_ROUNDS; i++) {
		struct rcd_chat_usage one = {0};
		const bool early = rcd_turn_is_ahead(k->t);
		int ret;

		ask.tools = i + 1 < MAX_ROUNDS ? offer : NULL;
		k->said = k->t->think->answer.n;
		ret = ask_round(k, &ask, round, arg, &one, err);
		if (early)
			rcd_turn_count_early(k->t, k->messages, ret == 0 ? &one : NULL);
		if (ret != 0 || rcd_turn_model_end(k->t, one.finish, k->calls.n > 0, err) != 0)
			return -1;
		add_usage(usage, &one);
		if (k->calls.n == 0)
			return 0;
		if (answer_calls(k, err) != 0)
			return -1;
		ask.stall_ms = (int)rcd_deadline_left(k->deadline, RCD_TOOL_MS);
		if (ask.stall_ms == 0)
			break;
	}
	return rcd_fail(err, RCD_LIMIT, 0, "the model called tools and said nothing");
}

int rcd_turn_converse(struct rcd_turn *t, int stall_ms, rcd_round_fn *round, void *arg,
                      struct rcd_chat_usage *usage, struct rcd_err *err)
{
	struct talk k = {.t = t,
	                 .messages = json_copy(t->recall->prompt),
	                 .deadline = rcd_deadline_in(RCD_TOOL_MS)};
	int ret;

	if (t->time.deadline < k.deadline)
		k.deadline = t->time.deadline;
	rcd_tool_calls_init(&k.calls);
	k.pictures = t->hear->pictures != NULL ? rcd_pictures_ask(t->hear, t->env->conf->lang) : NULL;
	if (k.messages == NULL || (k.pictures == NULL && t->hear->pictures != NULL))
		ret = rcd_fail_nomem(err);
	else
		ret = run_rounds(&k, stall_ms, round, arg, usage, err);
	rcd_tool_calls_free(&k.calls);
	json_decref(k.messages);
	json_decref(k.pictures);
	return ret;
}
