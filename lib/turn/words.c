/* A model's words on their way to the customer: through the filter to the voice as they come, and
 * with the marks of the channel into the answer. */

#include "answer/sms.h"
#include "base/address.h"
#include "base/visible.h"
#include "tools/tool.h"

static const json_t *offered(const struct rcd_turn *t)
{
	return t->env->tools != NULL ? t->env->tools->offer : NULL;
}

/* The one of the last message, which is answered. */
static struct rcd_sv channel_of(const struct rcd_turn *t)
{
	return rcd_address_channel(t->n_in > 0 && t->msg != NULL ? t->msg[t->n_in - 1].from
	                                                         : rcd_sv(t->job.key));
}

bool rcd_turn_is_sms(const struct rcd_turn *t)
{
	return rcd_sv_is(channel_of(t), "sms");
}

enum rcd_turns_of rcd_turn_reach(const struct rcd_turn *t)
{
	return rcd_turn_is_sms(t) ? RCD_TURNS_SMS : RCD_TURNS_OTHER;
}

enum rcd_marks_style rcd_turn_marks(const struct rcd_turn *t)
{
	return rcd_sv_is(channel_of(t), "whatsapp") ? RCD_MARKS_WHATSAPP : RCD_MARKS_PLAIN;
}

static int check_answer(const struct rcd_turn *t, struct rcd_err *err)
{
	if (!t->answer.bad)
		return 0;
	return t->answer.over
	           ? rcd_fail(err, RCD_LIMIT, 0, "an answer of more than %d bytes", RCD_MAX_TEXT)
	           : rcd_fail_nomem(err);
}

/* An observer reads the words as they come, before a whole line shows what its marks mean. */
static void tell_live(struct rcd_turn *t, struct rcd_sv words)
{
	if (t->env->watch == NULL)
		return;
	rcd_buf_sv(&t->live_words, words);
	rcd_turn_tell_words(t, words);
}

/* And the message once more where that reads otherwise. */
static void tell_marked(struct rcd_turn *t)
{
	struct rcd_sv message = rcd_sv_skip(rcd_buf_view(&t->answer), t->message_at);

	if (t->env->watch == NULL ||
	    rcd_sv_eq(rcd_sv_trim(message), rcd_sv_trim(rcd_buf_view(&t->live_words))))
		return;
	rcd_turn_tell_unsaid(t);
	rcd_turn_tell_words(t, rcd_buf_view(&t->answer));
}

static int pass_visible(struct rcd_turn *t, struct rcd_sv words, struct rcd_err *err)
{
	rcd_marks_push(&t->marks, words, &t->answer);
	tell_live(t, words);
	return check_answer(t, err) == 0 ? rcd_turn_voice(t, words, err) : -1;
}

static int pass_words(void *arg, struct rcd_sv words, struct rcd_err *err)
{
	struct rcd_turn *t = arg;
	struct rcd_buf rest;
	int ret;

	if (t->pictures == NULL)
		return pass_visible(t, words, err);
	rcd_buf_init(&rest, words.n + RCD_MAX_TEXT);
	rcd_captions_push(&t->captions, words, &rest);
	ret = rest.bad     ? rcd_fail_nomem(err)
	      : rest.n > 0 ? pass_visible(t, rcd_buf_view(&rest), err)
	                   : 0;
	rcd_buf_free(&rest);
	return ret;
}

/* What was held back as the beginning of a description of a picture, and is none. */
static int end_captions(struct rcd_turn *t, struct rcd_err *err)
{
	struct rcd_buf rest;
	int ret;

	rcd_buf_init(&rest, RCD_MAX_TEXT);
	rcd_captions_end(&t->captions, &rest);
	ret = rest.bad     ? rcd_fail_nomem(err)
	      : rest.n > 0 ? pass_visible(t, rcd_buf_view(&rest), err)
	                   : 0;
	rcd_buf_free(&rest);
	return ret;
}

static void forget_captions(struct rcd_turn *t)
{
	rcd_captions_done(&t->captions);
	rcd_captions_init(&t->captions);
}

/* All of this message was reasoning so far; what was said before it stays. */
static int take_back(void *arg, struct rcd_err *err)
{
	struct rcd_turn *t = arg;

	rcd_turn_tell_unsaid(t);
	rcd_buf_reset(&t->live_words);
	forget_captions(t);
	t->answer.n = t->message_at;
	rcd_marks_done(&t->marks);
	rcd_marks_init(&t->marks, rcd_turn_marks(t));
	if (t->answer.n > 0)
		rcd_turn_tell_words(t, rcd_buf_view(&t->answer));
	if (t->own_voice)
		return 0;
	t->speaker = rcd_speaker_drop(t->speaker);
	return t->answer.n > 0 ? rcd_turn_voice(t, rcd_buf_view(&t->answer), err) : 0;
}

void rcd_turn_model_begin(struct rcd_turn *t)
{
	rcd_turn_model_done(t);
	t->sink = (struct rcd_filter_sink){pass_words, take_back, t};
	t->message_at = t->answer.n;
	rcd_filter_init(&t->filter, &t->sink, offered(t));
	rcd_marks_init(&t->marks, rcd_turn_marks(t));
	rcd_buf_init(&t->live_words, 2 * RCD_MAX_TEXT);
}

void rcd_turn_model_done(struct rcd_turn *t)
{
	rcd_buf_free(&t->live_words);
	rcd_filter_done(&t->filter);
	rcd_marks_done(&t->marks);
}

int rcd_turn_model_words(void *arg, struct rcd_sv words, struct rcd_err *err)
{
	struct rcd_turn *t = arg;

	return rcd_filter_push(&t->filter, words, err);
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
	size_t cut = rcd_marks_cut(&t->marks);

	if (t->speaker != NULL && !t->own_voice)
		rcd_speaker_cut(t->speaker, cut);
	rcd_turn_note(t, "answer_cut reason=length kept=%zu dropped=%zu", t->answer.n + t->marks.line.n,
	              cut);
	rcd_turn_figure(t, "cut_bytes", (int64_t)cut);
}

static int judge(const struct rcd_turn *t, bool cut, struct rcd_err *err)
{
	if (t->own_voice && t->filter.removed > 0)
		return rcd_fail(err, RCD_PROTO, 0, "the session spoke its reasoning");
	if (!rcd_is_blank(rcd_sv_skip(rcd_buf_view(&t->answer), t->message_at)))
		return 0;
	return rcd_fail(err, RCD_PROTO, 0, "the model gave no visible answer%s",
	                cut ? ": no sentence was whole at the token limit" : "");
}

int rcd_turn_model_end(struct rcd_turn *t, const char *finish, bool calls, struct rcd_err *err)
{
	bool cut = is_cut(finish);

	if (rcd_filter_end(&t->filter, err) != 0 || end_captions(t, err) != 0)
		return -1;
	if (cut)
		cut_tail(t);
	rcd_marks_end(&t->marks, &t->answer);
	if (check_answer(t, err) != 0)
		return -1;
	tell_marked(t);
	return calls ? 0 : judge(t, cut, err);
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
		rcd_turn_note(t, "answer_cut reason=sms kept=%zu dropped=%zu", out.n, cut);
	rcd_buf_free(text);
	*text = out;
	return 0;
}

int rcd_turn_finish_text(struct rcd_turn *t, struct rcd_sv text, struct rcd_buf *out,
                         struct rcd_err *err)
{
	struct rcd_buf clean;
	int ret;

	rcd_buf_init(&clean, RCD_MAX_TEXT);
	ret = rcd_filter_text(text, offered(t), &clean, err);
	if (ret == 0)
		rcd_marks_text(rcd_buf_view(&clean), rcd_turn_marks(t), out);
	if (ret == 0 && out->bad)
		ret = rcd_fail_nomem(err);
	if (ret == 0)
		ret = fit_text(t, out, (size_t)t->env->conf->sms_segments, err);
	rcd_buf_free(&clean);
	return ret;
}

int rcd_turn_fit_sms(struct rcd_turn *t, struct rcd_err *err)
{
	/* what the law gives a customer a right to see is sent whole */
	return fit_text(t, &t->answer, t->reply.n > 0 ? 0 : (size_t)t->env->conf->sms_segments, err);
}
