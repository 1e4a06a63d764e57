/* What the provider tells beside a message's words, for the model and the history: the message it
 * quotes, the ad it follows, a place, a chosen line, a form. One line in brackets each, with what
 * others wrote in quotes, on one line and of limited length: it is material, whatever it says. */

#include "provider/twilio_context.h"

#include "base/quote.h"
#include "provider/twilio_card.h"
#include "provider/twilio_flow.h"

#define MAX_QUOTED 300   /* characters of a quoted message */
#define MAX_HEADLINE 150 /* of an ad, */
#define MAX_AD 300       /* and of its text */
#define MAX_PLACE 150
#define MAX_CHOICE 100

enum word {
	W_OURS,
	W_THEIRS,
	W_OURS_GONE,
	W_GONE,
	W_FORWARDED,
	W_OFTEN,
	W_AD,
	W_POST,
	W_LINK,
	W_PLACE,
	W_BUTTON,
	W_LIST,
	W_FORM,
	W_CARD,
	N_WORDS
};

static const char *const words[2][N_WORDS] = {
	{
		[W_OURS] = "o cliente responde à mensagem da empresa",
		[W_THEIRS] = "o cliente responde à própria mensagem anterior",
		[W_OURS_GONE] =
			"o cliente responde a uma mensagem anterior da empresa, cujo texto não está disponível",
		[W_GONE] = "o cliente responde a uma mensagem anterior, cujo texto não está disponível",
		[W_FORWARDED] = "mensagem encaminhada pelo cliente",
		[W_OFTEN] = "mensagem encaminhada muitas vezes",
		[W_AD] = "o cliente veio pelo anúncio",
		[W_POST] = "o cliente veio pela publicação",
		[W_LINK] = "o cliente veio por um anúncio ou publicação",
		[W_PLACE] = "localização",
		[W_BUTTON] = "o cliente tocou no botão",
		[W_LIST] = "o cliente escolheu na lista",
		[W_FORM] = "o cliente preencheu o formulário",
		[W_CARD] = "contato",
	},
	{
		[W_OURS] = "the customer replies to the business's message",
		[W_THEIRS] = "the customer replies to their own earlier message",
		[W_OURS_GONE] =
			/* NOLINTNEXTLINE(bugprone-suspicious-missing-comma): one text */
		"the customer replies to an earlier message of the business, whose text is not "
		"available",
		[W_GONE] = "the customer replies to an earlier message, whose text is not available",
		[W_FORWARDED] = "message forwarded by the customer",
		[W_OFTEN] = "message forwarded many times",
		[W_AD] = "the customer came by the ad",
		[W_POST] = "the customer came by the post",
		[W_LINK] = "the customer came by an ad or a post",
		[W_PLACE] = "location",
		[W_BUTTON] = "the customer pressed the button",
		[W_LIST] = "the customer chose from the list",
		[W_FORM] = "the customer filled in the form",
		[W_CARD] = "contact card",
	},
};

/* Lines in brackets, one below the other. */
struct context {
	enum rcd_lang lang;
	struct rcd_buf *out;
};

static void open_line(struct context *c, enum word w)
{
	if (c->out->n > 0)
		rcd_buf_ch(c->out, '\n');
	rcd_buf_fmt(c->out, "[%s", words[c->lang][w]);
}

static void close_line(struct context *c)
{
	rcd_buf_ch(c->out, ']');
}

static void append_line(struct context *c, enum word w)
{
	open_line(c, w);
	close_line(c);
}

/* Between what was put before and the text; nothing where the text shows nothing. */
static bool append_text(struct context *c, const char *between, struct rcd_sv text, size_t max)
{
	size_t before = c->out->n;

	rcd_buf_fmt(c->out, "%s\"", between);
	if (rcd_quote(c->out, text, max)) {
		rcd_buf_ch(c->out, '"');
		return true;
	}
	rcd_buf_cut(c->out, before);
	return false;
}

static bool is_true(struct rcd_sv v)
{
	return rcd_sv_ieq(v, RCD_SV("true"));
}

/* --- the quoted message ------------------------------------------------------------------- */

static void append_quoted_line(struct context *c, const struct rcd_twilio_quoted *q)
{
	size_t before = c->out->n;

	open_line(c, q->ours ? W_OURS : W_THEIRS);
	if (append_text(c, ": ", q->text, MAX_QUOTED)) {
		close_line(c);
	} else {
		rcd_buf_cut(c->out, before);
		append_line(c, q->ours ? W_OURS_GONE : W_GONE);
	}
}

/* --- the ad, the place, what was chosen ---------------------------------------------------- */

static bool append_referral(struct context *c, const struct rcd_twilio_msg *m)
{
	bool said = m->referral_headline.n + m->referral_body.n > 0;
	enum word w = rcd_sv_is(m->referral_type, "post") ? W_POST : W_AD;

	if (!said && m->referral_type.n + m->referral_id.n + m->referral_click.n == 0)
		return false;
	open_line(c, said ? w : W_LINK);
	said = append_text(c, ": ", m->referral_headline, MAX_HEADLINE);
	(void)append_text(c, said ? " – " : ": ", m->referral_body, MAX_AD);
	close_line(c);
	return true;
}

/* Degrees as a decimal number, -90 to 90 or -180 to 180. */
static bool is_degrees(struct rcd_sv v, int64_t most)
{
	struct rcd_sv whole = {NULL, 0}, part = v;
	int64_t n;

	(void)rcd_sv_cut(&part, '.', &whole);
	if (v.n > 24 || rcd_parse_i64(whole, -most, most, &n) != 0)
		return false;
	for (size_t i = 0; i < part.n; i++)
		if (part.p[i] < '0' || part.p[i] > '9')
			return false;
	return true;
}

static bool append_place(struct context *c, const struct rcd_twilio_msg *m)
{
	bool point = is_degrees(m->latitude, 90) && is_degrees(m->longitude, 180);
	size_t before = c->out->n;
	bool any;

	if (m->latitude.n + m->longitude.n + m->address.n + m->label.n == 0)
		return false;
	open_line(c, W_PLACE);
	any = append_text(c, ": ", m->label, MAX_PLACE);
	any = append_text(c, any ? ", " : ": ", m->address, MAX_PLACE) || any;
	if (point)
		rcd_buf_fmt(c->out, "%s%.*s, %.*s", any ? "; " : ": ", RCD_SV_ARG(m->latitude),
		            RCD_SV_ARG(m->longitude));
	close_line(c);
	if (!any && !point)
		rcd_buf_cut(c->out, before);
	return any || point;
}

static void append_button(struct context *c, const struct rcd_twilio_msg *m)
{
	if (m->button_payload.n == 0 || rcd_sv_eq(m->button_payload, m->button) ||
	    rcd_sv_eq(m->button_payload, m->body))
		return;
	open_line(c, W_BUTTON);
	(void)append_text(c, ": ", m->button, MAX_CHOICE);
	(void)append_text(c, ", id ", m->button_payload, MAX_CHOICE);
	close_line(c);
}

static bool append_choice(struct context *c, const struct rcd_twilio_msg *m)
{
	if (m->list_title.n + m->list_id.n == 0)
		return false;
	open_line(c, W_LIST);
	(void)append_text(c, ": ", m->list_title, MAX_CHOICE);
	(void)append_text(c, " – ", m->list_description, MAX_CHOICE);
	if (!rcd_sv_eq(m->list_id, m->list_title))
		(void)append_text(c, ", id ", m->list_id, MAX_CHOICE);
	close_line(c);
	return true;
}

static int append_form(struct context *c, struct rcd_sv json, bool *any, struct rcd_err *err)
{
	size_t before = c->out->n;

	if (json.n == 0)
		return 0;
	open_line(c, W_FORM);
	rcd_buf_str(c->out, ": \"");
	if (rcd_flow_read(json, c->out, any, err) != 0)
		return -1;
	rcd_buf_ch(c->out, '"');
	close_line(c);
	if (!*any)
		rcd_buf_cut(c->out, before);
	return 0;
}

bool rcd_twilio_has_quoted(const struct rcd_twilio_msg *m)
{
	return m->quoted_sid.n > 0 || m->quoted_sender.n > 0;
}

int rcd_twilio_context(const struct rcd_twilio_msg *m, enum rcd_lang lang,
                       const struct rcd_twilio_quoted *quoted, struct rcd_buf *out, bool *asks,
                       struct rcd_err *err)
{
	struct context c = {lang, out};
	bool ad, place, choice, form = false;

	if (is_true(m->forwarded) || is_true(m->often_forwarded))
		append_line(&c, is_true(m->often_forwarded) ? W_OFTEN : W_FORWARDED);
	ad = append_referral(&c, m);
	if (quoted != NULL)
		append_quoted_line(&c, quoted);
	place = append_place(&c, m);
	append_button(&c, m);
	choice = append_choice(&c, m);
	if (append_form(&c, m->flow, &form, err) != 0 ||
	    (!form && append_form(&c, m->interactive, &form, err) != 0))
		return -1;
	*asks = ad || place || choice || form;
	return out->bad ? rcd_fail_nomem(err) : 0;
}

bool rcd_twilio_contact_card(enum rcd_lang lang, struct rcd_sv vcard, struct rcd_buf *out)
{
	struct context c = {lang, out};
	size_t before = out->n;
	bool named;

	open_line(&c, W_CARD);
	rcd_buf_str(out, ": \"");
	named = rcd_card_read(vcard, out);
	rcd_buf_ch(out, '"');
	close_line(&c);
	if (!named)
		rcd_buf_cut(out, before);
	return named && !out->bad;
}
