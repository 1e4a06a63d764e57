/* The answer while it is written. A model's words go through the filter to the voice as they come,
 * and with the marks of the channel into the text. */

#include "answer/sms.h"
#include "base/visible.h"
#include "turn/steps.h"

static int check_answer(const struct rcd_turn *t, struct rcd_err *err)
{
	if (!t->think->answer.bad)
		return 0;
	return t->think->answer.over
	           ? rcd_fail(err, RCD_LIMIT, 0, "an answer of more than %d bytes", RCD_MAX_TEXT)
	           : rcd_fail_nomem(err);
}

int rcd_turn_write_answer(struct rcd_turn *t, struct rcd_sv text, struct rcd_err *err)
{
	rcd_buf_sv(&t->parts->think.answer, text);
	if (check_answer(t, err) != 0)
		return -1;
	rcd_turn_tell_words(t, text);
	return 0;
}

int rcd_turn_add_answer(struct rcd_turn *t, struct rcd_sv text, struct rcd_err *err)
{
	return rcd_turn_write_answer(t, text, err) == 0 ? rcd_turn_speak_words(t, text, err) : -1;
}

int rcd_turn_put_answer(struct rcd_turn *t, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_buf marked;
	int ret;

	rcd_buf_init(&marked, 2 * RCD_MAX_TEXT);
	rcd_marks_text(text, rcd_turn_marks(t), &marked);
	ret = marked.bad ? rcd_fail_nomem(err) : rcd_turn_write_answer(t, rcd_buf_view(&marked), err);
	rcd_buf_free(&marked);
	return ret == 0 ? rcd_turn_speak_all(t, text, err) : -1;
}

int rcd_turn_append_notice(struct rcd_turn *t, const char *text, struct rcd_err *err)
{
	rcd_buf_fmt(&t->parts->think.answer, "\n\n%s", text);
	return check_answer(t, err);
}

/* An observer reads the words as they come, before a whole line shows what its marks mean. */
static void tell_live(struct rcd_turn *t, struct rcd_sv words)
{
	if (t->env->watch == NULL)
		return;
	rcd_buf_sv(&t->parts->think.watched_text, words);
	rcd_turn_tell_words(t, words);
}

/* And the message once more where that reads otherwise. */
static void tell_marked(struct rcd_turn *t)
{
	struct rcd_sv message = rcd_sv_skip(rcd_buf_view(&t->think->answer), t->think->message_at);

	if (t->env->watch == NULL ||
	    rcd_sv_eq(rcd_sv_trim(message), rcd_sv_trim(rcd_buf_view(&t->think->watched_text))))
		return;
	rcd_turn_tell_discarded(t);
	rcd_turn_tell_words(t, rcd_buf_view(&t->think->answer));
}

static int pass_visible(struct rcd_turn *t, struct rcd_sv words, struct rcd_err *err)
{
	rcd_marks_push(&t->parts->think.marks, words, &t->parts->think.answer);
	tell_live(t, words);
	return check_answer(t, err) == 0 ? rcd_turn_speak_words(t, words, err) : -1;
}

static int pass_rest(struct rcd_turn *t, const struct rcd_buf *rest, struct rcd_err *err)
{
	if (rest->bad)
		return rcd_fail_nomem(err);
	return rest->n > 0 ? pass_visible(t, rcd_buf_view(rest), err) : 0;
}

static int pass_words(void *arg, struct rcd_sv words, struct rcd_err *err)
{
	struct rcd_turn *t = arg;
	struct rcd_buf rest;
	int ret;

	if (t->hear->pictures == NULL)
		return pass_visible(t, words, err);
	rcd_buf_init(&rest, words.n + RCD_MAX_TEXT);
	rcd_captions_push(&t->parts->think.captions, words, &rest);
	ret = pass_rest(t, &rest, err);
	rcd_buf_free(&rest);
	return ret;
}

/* What was held back as the beginning of a description of a picture, and is none. */
static int end_captions(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_buf rest;
	int ret;

	rcd_buf_init(&rest, RCD_MAX_TEXT);
	rcd_captions_end(&t->parts->think.captions, &rest);
	ret = pass_rest(t, &rest, err);
	rcd_buf_free(&rest);
	return ret;
}

static void forget_captions(struct rcd_turn *t)
{
	rcd_captions_done(&t->parts->think.captions);
	rcd_captions_init(&t->parts->think.captions);
}

void rcd_turn_discard_answer(struct rcd_turn *t)
{
	rcd_turn_tell_discarded(t);
	rcd_buf_reset(&t->parts->think.answer);
	forget_captions(t);
	rcd_turn_drop_voice(t);
	rcd_turn_use_own_voice(t, false);
	rcd_tool_effects_withdraw(&t->parts->think.effects);
	t->outcome.waits = 0;
}

/* All of this message was reasoning so far; what was said before it stays. */
static int take_back(void *arg, struct rcd_err *err)
{
	struct rcd_turn *t = arg;

	rcd_turn_tell_discarded(t);
	rcd_buf_reset(&t->parts->think.watched_text);
	forget_captions(t);
	t->parts->think.answer.n = t->parts->think.message_at;
	rcd_marks_done(&t->parts->think.marks);
	rcd_marks_init(&t->parts->think.marks, rcd_turn_marks(t));
	if (t->think->answer.n > 0)
		rcd_turn_tell_words(t, rcd_buf_view(&t->think->answer));
	if (t->speak->own_voice)
		return 0;
	rcd_turn_drop_voice(t);
	return t->think->answer.n > 0 ? rcd_turn_speak_words(t, rcd_buf_view(&t->think->answer), err)
	                              : 0;
}

void rcd_turn_model_begin(struct rcd_turn *t)
{
	rcd_turn_model_done(t);
	t->parts->think.sink = (struct rcd_filter_sink){pass_words, take_back, t};
	t->parts->think.message_at = t->parts->think.answer.n;
	rcd_filter_init(&t->parts->think.filter, &t->think->sink, rcd_tools_schemas(t->env->tools));
	rcd_marks_init(&t->parts->think.marks, rcd_turn_marks(t));
	rcd_buf_init(&t->parts->think.watched_text, 2 * RCD_MAX_TEXT);
}

void rcd_turn_model_done(struct rcd_turn *t)
{
	rcd_buf_free(&t->parts->think.watched_text);
	rcd_filter_done(&t->parts->think.filter);
	rcd_marks_done(&t->parts->think.marks);
}

int rcd_turn_model_words(void *arg, struct rcd_sv words, struct rcd_err *err)
{
	struct rcd_turn *t = arg;

	return rcd_filter_push(&t->parts->think.filter, words, err);
}

/* In the words of the protocols and of the engines that speak them. */
static bool is_cut(const char *finish)
{
	static const char *const words[] = {"length", "max_tokens", "max_output_tokens", "model_length",
	                                    "model_context_window_exceeded"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (rcd_sv_ieq(rcd_sv(finish), rcd_sv(words[i])))
			return true;
	return false;
}

/* Half a sentence is worse for a customer than none. */
static void cut_tail(struct rcd_turn *t)
{
	size_t cut = rcd_marks_cut(&t->parts->think.marks);

	if (t->speak->speech != NULL && !t->speak->own_voice)
		rcd_speech_cut(t->speak->speech, cut);
	rcd_turn_log(t, "answer_cut reason=length kept=%zu dropped=%zu",
	             t->think->answer.n + t->think->marks.line.n, cut);
	rcd_turn_figure(t, "cut_bytes", (int64_t)cut);
}

static int check_message(const struct rcd_turn *t, bool cut, struct rcd_err *err)
{
	if (t->speak->own_voice && t->think->filter.removed > 0)
		return rcd_fail(err, RCD_PROTO, 0, "the session spoke its reasoning");
	if (!rcd_is_blank(rcd_sv_skip(rcd_buf_view(&t->think->answer), t->think->message_at)))
		return 0;
	return rcd_fail(err, RCD_PROTO, 0, "the model gave no visible answer%s",
	                cut ? ": no sentence was whole at the token limit" : "");
}

int rcd_turn_model_end(struct rcd_turn *t, const char *finish, bool calls, struct rcd_err *err)
{
	bool cut = is_cut(finish);

	if (rcd_filter_end(&t->parts->think.filter, err) != 0 || end_captions(t, err) != 0)
		return -1;
	if (cut)
		cut_tail(t);
	rcd_marks_end(&t->parts->think.marks, &t->parts->think.answer);
	if (check_answer(t, err) != 0)
		return -1;
	tell_marked(t);
	return calls ? 0 : check_message(t, cut, err);
}

/* text as an SMS, instead of it; what was cut is noted. */
static int fit_text(struct rcd_turn *t, struct rcd_buf *text, size_t segments, struct rcd_err *err)
{
	const struct rcd_sms_how how = {.plain = t->env->conf->sms_plain, .segments = segments};
	struct rcd_buf out;
	size_t cut;

	if (!rcd_turn_is_sms(t))
		return 0;
	rcd_buf_init(&out, text->max);
	cut = rcd_sms_text(rcd_buf_view(text), &how, &out);
	if (out.bad) {
		rcd_buf_free(&out);
		return rcd_fail_nomem(err);
	}
	if (cut > 0)
		rcd_turn_log(t, "answer_cut reason=sms kept=%zu dropped=%zu", out.n, cut);
	rcd_buf_free(text);
	*text = out;
	return 0;
}

int rcd_turn_fit_sms(struct rcd_turn *t, struct rcd_err *err)
{
	/* what the law gives a customer a right to see is sent whole */
	return fit_text(t, &t->parts->think.answer,
	                t->rules->reply.n > 0 ? 0 : (size_t)t->env->conf->sms_segments, err);
}
