/* What simulated models say. */

#include "daemon/sandbox/openai_words.h"

#include "base/limits.h"
#include "daemon/sandbox/openai_quote.h"
#include "daemon/sandbox/openai_see.h"

#include <string.h>

#define QUOTED 80 /* bytes of the customer's words in the answer */

/* Without the calls in it, which no model should say. */
static struct rcd_sv cut_calls(struct rcd_sv text)
{
	const char *call = text.n > 0 ? memmem(text.p, text.n, "@call ", 6) : NULL;

	return call != NULL ? rcd_sv_trim((struct rcd_sv){text.p, (size_t)(call - text.p)}) : text;
}

static int write_answer(const struct rcd_sb_fault *fault, const json_t *told, struct rcd_sv user,
                        struct rcd_buf *out)
{
	struct rcd_sv quote;
	size_t head;

	user = cut_calls(user);
	quote = (struct rcd_sv){user.p, rcd_utf8_cut(user, QUOTED)};
	if (fault->text != NULL) {
		rcd_buf_str(out, fault->text);
		return 0;
	}
	if (fault->kind == RCD_SB_REFUSAL) {
		rcd_buf_str(out, "Desculpe, não posso ajudar com isso.");
		return 0;
	}
	rcd_sb_see(told, out);
	head = out->n;
	if (rcd_sb_quote(told, user, out) != 0)
		return -1;
	out->n = cut_calls(rcd_buf_view(out)).n;
	if (out->n > head)
		return 0;
	if (user.n == 0)
		rcd_buf_str(out, "Olá! Como posso ajudar?");
	else
		rcd_buf_fmt(out,
		            "Entendi: “%.*s%s”. Já estou vendo isso para você. "
		            "Posso ajudar em mais alguma coisa?",
		            RCD_SV_ARG(quote), quote.n < user.n ? "…" : "");
	return 0;
}

static const char *name_finish(enum rcd_sb_fault_kind kind)
{
	if (kind == RCD_SB_INCOMPLETE)
		return "length";
	return kind == RCD_SB_FILTERED ? "content_filter" : "stop";
}

int rcd_sb_words_make(const struct rcd_sb_fault *fault, const json_t *told, struct rcd_sv user,
                      struct rcd_sb_words *out)
{
	enum rcd_sb_fault_kind kind = fault->kind;

	*out = (struct rcd_sb_words){.finish = name_finish(kind),
	                             .broken = kind == RCD_SB_BROKEN || kind == RCD_SB_FAILED,
	                             .refusal = kind == RCD_SB_REFUSAL};
	rcd_buf_init(&out->text, RCD_MAX_TEXT + 512);
	rcd_buf_str(&out->text, "");
	if (write_answer(fault, told, user, &out->text) != 0 || out->text.bad)
		return -1;
	if (out->broken || kind == RCD_SB_INCOMPLETE || kind == RCD_SB_FILTERED)
		out->text.n = rcd_utf8_cut(rcd_buf_view(&out->text), out->text.n / 2);
	out->text.p[out->text.n] = '\0';
	return 0;
}

void rcd_sb_words_done(struct rcd_sb_words *w)
{
	rcd_buf_free(&w->text);
}

/* A message's text: a string, or the first text part of an array. */
static struct rcd_sv get_content(const json_t *message)
{
	const json_t *parts = json_object_get(message, "content");
	size_t i;
	json_t *part;

	if (json_is_string(parts))
		return rcd_json_sv(message, "content");
	json_array_foreach (parts, i, part)
		if (json_is_string(json_object_get(part, "text")))
			return rcd_json_sv(part, "text");
	return rcd_sv(NULL);
}

struct rcd_sv rcd_sb_words_of_user(const json_t *messages)
{
	for (size_t i = json_array_size(messages); i > 0; i--) {
		const json_t *m = json_array_get(messages, i - 1);

		if (rcd_sv_is(rcd_json_sv(m, "role"), "user"))
			return get_content(m);
	}
	return rcd_sv(NULL);
}

size_t rcd_sb_words_piece(struct rcd_sv text)
{
	size_t n = 0;

	while (n < text.n && text.p[n] != ' ' && text.p[n] != '\n')
		n++;
	while (n < text.n && (text.p[n] == ' ' || text.p[n] == '\n'))
		n++;
	return n;
}

bool rcd_sb_model_reasons(const char *model)
{
	static const char *const family[] = {"gpt-5", "gpt-6", "o1", "o3", "o4"};

	for (size_t i = 0; i < sizeof(family) / sizeof(family[0]); i++)
		if (rcd_sv_starts(rcd_sv(model), rcd_sv(family[i])))
			return true;
	return false;
}

int64_t rcd_sb_tokens(size_t bytes)
{
	return (int64_t)bytes / 4 + 1;
}
