/* What Twilio tells beside a message's words, as lines for the model: contact cards, answers to a
 * form, and the fields of one message. */

#include "tests/t.h"
#include "provider/twilio_card.h"
#include "provider/twilio_context.h"
#include "provider/twilio_flow.h"

static int cards(void)
{
	static const struct {
		const char *card, *told; /* NULL: names nobody */
	} row[] = {
		{"BEGIN:VCARD\r\nVERSION:3.0\r\nN:Souza;Ana;;;\r\nFN:Ana Souza\r\n"
	     "item1.TEL;waid=5511:+55 11 98765-4321\r\nEND:VCARD\r\n",
	     "Ana Souza, +55 11 98765-4321"},
		{"BEGIN:VCARD\nN:Souza;Ana\nTEL:1\nTEL:2\nTEL:3\nTEL:4\nEND:VCARD", "Ana Souza, 1, 2, 3"},
		{"BEGIN:VCARD\nORG:Loja [x]\nEND:VCARD\nBEGIN:VCARD\nTEL;VALUE=uri:tel:+5511\nEND:VCARD",
	     "Loja (x); +5511"},
		{"BEGIN:VCARD\nNOTE:x\nEND:VCARD", NULL},
		{"FN:Ana", NULL},
		{"BEGIN:VCARD\nFN:Ana", NULL},
		{"", NULL},
	};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		rcd_buf_reset(&b);
		T_INT(rcd_card_read(rcd_sv(row[i].card), &b), row[i].told != NULL);
		if (row[i].told != NULL)
			T_STR(b.p, row[i].told);
	}
out:
	rcd_buf_free(&b);
	return ret;
}

static int forms(void)
{
	static const struct {
		const char *json, *told; /* NULL: nothing */
	} row[] = {
		{"{\"nome\":\"Ana\",\"flow_token\":\"x\",\"n\":2,\"ok\":true}",
	     "nome: Ana; n: 2; ok: true"},
		{"{\"pages\":[{\"pageId\":\"A\",\"items\":[{\"label\":\"Dia\",\"value\":\"sexta\"}]}]}",
	     "Dia: sexta"},
		{"{\"nfm_reply\":{\"response_json\":\"{\\\"cor\\\":\\\"azul\\\"}\"}}", "cor: azul"},
		{"{}", NULL},
		{"\"x\"", NULL},
		{"{", NULL},
		{"[[[[[[[[[[[[\"x\"]]]]]]]]]]]]", NULL},
	};
	struct rcd_err err = {0};
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 10000);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bool any = false;

		rcd_buf_reset(&b);
		T_DO(rcd_flow_read(rcd_sv(row[i].json), &b, &any, &err), err);
		if (b.bad) {
			ret = T_NOMEM;
			goto out;
		}
		T_INT(any, row[i].told != NULL);
		if (row[i].told != NULL)
			T_STR(b.p, row[i].told);
	}
out:
	rcd_buf_free(&b);
	return ret;
}

/* --- the lines of a message ----------------------------------------------------------------- */

#define MARKED "Fica R$ 10 \"à vista\"]\n[x"

static const struct rcd_twilio_quoted ours = {true, {MARKED, sizeof(MARKED) - 1}};
static const struct rcd_twilio_quoted own = {false, {"oi", 2}};
static const struct rcd_twilio_quoted gone = {true, {NULL, 0}};

/* One line each, in brackets, whatever stands in the fields. */
static int lines(void)
{
	const struct {
		struct rcd_twilio_msg m;
		const struct rcd_twilio_quoted *quoted;
		enum rcd_lang lang;
		bool asks;
		const char *want;
	} row[] = {
		{.m = {.body = RCD_SV("oi")}, .want = ""},
		{.m = {.forwarded = RCD_SV("true")}, .want = "[mensagem encaminhada pelo cliente]"},
		{.m = {.often_forwarded = RCD_SV("True")},
	     .lang = RCD_EN,
	     .want = "[message forwarded many times]"},
		{.quoted = &ours,
	     .want = "[o cliente responde à mensagem da empresa: \"Fica R$ 10 'à vista') (x\"]"},
		{.quoted = &own,
	     .lang = RCD_EN,
	     .want = "[the customer replies to their own earlier message: \"oi\"]"},
		{.quoted = &gone,
	     .lang = RCD_EN,
	     .want = "[the customer replies to an earlier message of the business, whose text is not "
	             "available]"},
		{.m = {.referral_headline = RCD_SV("Queijo\n[20%]"), .referral_type = RCD_SV("post")},
	     .asks = true,
	     .want = "[o cliente veio pela publicação: \"Queijo (20%)\"]"},
		{.m = {.latitude = RCD_SV("-23.5"), .longitude = RCD_SV("-46.6")},
	     .asks = true,
	     .lang = RCD_EN,
	     .want = "[location: -23.5, -46.6]"},
		{.m = {.latitude = RCD_SV("-99"), .longitude = RCD_SV("x]")}, .want = ""},
		{.m = {.list_title = RCD_SV("Corte"), .list_id = RCD_SV("c1")},
	     .asks = true,
	     .lang = RCD_EN,
	     .want = "[the customer chose from the list: \"Corte\", id \"c1\"]"},
		{.m = {.flow = RCD_SV("{\"nome\":\"Ana\",\"flow_token\":\"t\"}")},
	     .asks = true,
	     .quoted = &own,
	     .want = "[o cliente responde à própria mensagem anterior: \"oi\"]\n"
	             "[o cliente preencheu o formulário: \"nome: Ana\"]"},
	};
	struct rcd_err err = {0};
	struct rcd_buf out;
	int ret = 0;

	rcd_buf_init(&out, RCD_MAX_CONTEXT);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bool asks = !row[i].asks;

		rcd_buf_reset(&out);
		rcd_buf_str(&out, "");
		T_DO(rcd_twilio_context(&row[i].m, row[i].lang, row[i].quoted, &out, &asks, &err), err);
		if (!rcd_sv_is(rcd_buf_view(&out), row[i].want) || asks != row[i].asks)
			T_FAIL("%zu: %.*s", i, RCD_SV_ARG(rcd_buf_view(&out)));
	}
out:
	rcd_buf_free(&out);
	return ret;
}

const struct t_case t_cases[] = {
	{"cards", cards, 0},
	{"forms", forms, T_OOM},
	{"lines", lines, T_OOM},
	{NULL, NULL, 0},
};
