/* What is expected of answers: each expectation held and not held, and the language of texts. */
#include "daemon/eval/judge.h"
#include "daemon/eval/language.h"
#include "tests/t.h"

#include <stdlib.h>

static const char heard_text[] =
	"Olá! A taxa de entrega é de R$\u00a09,90 e a loja abre às 9h.\nA troca é em até **sete "
	"dias**.";

static int hear(struct rcd_heard *h, json_t **passages, json_t **calls)
{
	*passages = json_pack("[{s:s}, {s:s}]", "source", "entrega.md", "source", "loja/trocas.md");
	*calls = json_pack("[{s:s, s:{s:s}, s:{s:[{s:s}]}}, {s:s, s:{s:s, s:i, s:[s, s], s:{s:b}}}]",
	                   "name", "search_knowledge", "arguments", "query", "Prazo de ENTREGA",
	                   "result", "passages", "source", "horarios.md", "name", "save_contact",
	                   "arguments", "name", "Márcia Lima", "age", 40, "likes", "café", "queijo",
	                   "more", "vip", 1);
	*h = (struct rcd_heard){.text = RCD_SV(heard_text),
	                        .rung = "chat",
	                        .passages = *passages,
	                        .calls = *calls,
	                        .ms = 1500,
	                        .spoken = true,
	                        .handed_over = false};
	return *passages != NULL && *calls != NULL ? 0 : -1;
}

static int judge(enum rcd_expect_kind kind, const char *text, const struct rcd_heard *h, bool *held,
                 char *why, size_t n, struct rcd_err *err)
{
	struct rcd_expect e = {.kind = kind, .line = 1, .text = strdup(text)};
	struct rcd_buf found;
	int ret;

	rcd_buf_init(&found, 1 << 20);
	ret = e.text == NULL ? rcd_fail_nomem(err) : rcd_expect_read(&e, err);
	if (ret == 0)
		ret = rcd_judge(&e, h, held, &found, err);
	(void)snprintf(why, n, "%s", found.p != NULL ? found.p : "");
	rcd_buf_free(&found);
	rcd_expect_done(&e);
	return ret;
}

/* why: a part of what is found instead; NULL: it is as expected */
static const struct {
	enum rcd_expect_kind kind;
	const char *text, *why;
} table[] = {
	/* words: case, accents, marks and white space say nothing */
	{RCD_MUST_SAY, "ola", NULL},
	{RCD_MUST_SAY, "TAXA DE ENTREGA", NULL},
	{RCD_MUST_SAY, "R$ 9.90", NULL},
	{RCD_MUST_SAY, "às 9h. A troca", NULL},
	{RCD_MUST_SAY, "7 dias | sete dias", NULL},
	{RCD_MUST_SAY, "troc*", NULL},
	{RCD_MUST_SAY, "a loj* abr* as", NULL},
	{RCD_MUST_SAY, "7 dias", "it is not there"},
	{RCD_MUST_SAY, "7 dias | oito dias", "none of it is there"},
	{RCD_MUST_SAY, "tax", "not there"}, /* whole words */
	{RCD_MUST_SAY, "taxa entrega", "not there"},
	{RCD_MUST_SAY, "90", NULL},
	{RCD_MUST_SAY, "9,9", "not there"},
	{RCD_MUST_SAY, "sete dias e", "not there"}, /* beyond the end */
	{RCD_MUST_SAY, "trocad*", "not there"},
	{RCD_MUST_NOT_SAY, "não sei | sete dias", "\"sete dias\" is there"},
	{RCD_MUST_NOT_SAY, "taxa", "\"taxa\" is there"},
	{RCD_MUST_NOT_SAY, "abr*", "is there"},
	{RCD_MUST_NOT_SAY, "não sei | tax | 7", NULL},
	/* characters */
	{RCD_MUST_WRITE, "R$ 9,90", NULL},     /* the space that does not break */
	{RCD_MUST_WRITE, "9h. A troca", NULL}, /* the end of a line */
	{RCD_MUST_WRITE, "R$9,90 | **", NULL},
	{RCD_MUST_WRITE, "R$ 9.90", "not there"},
	{RCD_MUST_WRITE, "olá", "not there"},
	{RCD_MUST_NOT_WRITE, "** | ##", "\"**\" is there"},
	{RCD_MUST_NOT_WRITE, "## | ola", NULL},
	/* passages */
	{RCD_MUST_CITE, "entrega.md", NULL},
	{RCD_MUST_CITE, "trocas.md", NULL}, /* below a folder */
	{RCD_MUST_CITE, "loja/trocas.md | precos.md", NULL},
	{RCD_MUST_CITE, "horarios.md", NULL}, /* searched for by the model */
	{RCD_MUST_CITE, "ocas.md", "given were entrega.md, loja/trocas.md, horarios.md"},
	{RCD_MUST_CITE, "precos.md", "given were"},
	{RCD_MUST_NOT_CITE, "trocas.md", "given were"},
	{RCD_MUST_NOT_CITE, "precos.md", NULL},
	/* calls */
	{RCD_MUST_CALL, "save_contact", NULL},
	{RCD_MUST_CALL, "*", NULL},
	{RCD_MUST_CALL, "search_knowledge {}", NULL},
	{RCD_MUST_CALL, "search_knowledge {\"query\": \"entrega\"}", NULL},
	{RCD_MUST_CALL, "search_knowledge {\"query\": \"entreg*\"}", NULL},
	{RCD_MUST_CALL, "search_knowledge {\"query\": \"\"}", NULL},
	{RCD_MUST_CALL, "save_contact {\"name\": \"marcia\", \"age\": 40}", NULL},
	{RCD_MUST_CALL, "save_contact {\"likes\": [\"cafe\", \"queijo\"], \"more\": {\"vip\": true}}",
     NULL},
	{RCD_MUST_CALL, "* {\"age\": 40.0}", NULL},
	{RCD_MUST_CALL, "handoff_human",
     "called were search_knowledge {\"query\":\"Prazo de ENTREGA\"}, save_contact {"},
	{RCD_MUST_CALL, "search_knowledge {\"query\": \"troca\"}", "called were"},
	{RCD_MUST_CALL, "search_knowledge {\"name\": \"\"}", "called were"},
	{RCD_MUST_CALL, "save_contact {\"age\": 41}", "called were"},
	{RCD_MUST_CALL, "save_contact {\"age\": \"40\"}", "called were"},
	{RCD_MUST_CALL, "save_contact {\"name\": 40}", "called were"},
	{RCD_MUST_CALL, "save_contact {\"name\": {\"a\": 1}}", "called were"},
	{RCD_MUST_CALL, "save_contact {\"name\": \"?\"}", "called were"},
	{RCD_MUST_CALL, "save_contact {\"likes\": [\"cafe\"]}", "called were"},
	{RCD_MUST_CALL, "save_contact {\"likes\": \"cafe\"}", "called were"},
	{RCD_MUST_CALL, "save_contact {\"more\": {\"vip\": false}}", "called were"},
	{RCD_MUST_CALL, "save_contact {\"more\": null}", "called were"},
	{RCD_MUST_NOT_CALL, "save_contact", "called were"},
	{RCD_MUST_NOT_CALL, "*", "called were"},
	{RCD_MUST_NOT_CALL, "save_contact {\"age\": 40}", "called were"},
	{RCD_MUST_NOT_CALL, "save_contact {\"age\": 41}", NULL},
	{RCD_MUST_NOT_CALL, "handoff_human", NULL},
	/* the rest */
	{RCD_EXPECT_LANGUAGE, "pt", NULL},
	{RCD_EXPECT_LANGUAGE, "en", "it is pt"},
	{RCD_EXPECT_LENGTH, "88..88", NULL},
	{RCD_EXPECT_LENGTH, "..88", NULL},
	{RCD_EXPECT_LENGTH, "88..", NULL},
	{RCD_EXPECT_LENGTH, "89..", "it has 88 characters"},
	{RCD_EXPECT_LENGTH, "..87", "it has 88 characters"},
	{RCD_EXPECT_WITHIN, "1.5 s", NULL},
	{RCD_EXPECT_WITHIN, "1,499 s", "it took 1500 ms"},
	{RCD_EXPECT_WITHIN, "1499 ms", "it took 1500 ms"},
	{RCD_EXPECT_RUNG, "chat", NULL},
	{RCD_EXPECT_RUNG, "knowledge | chat", NULL},
	{RCD_EXPECT_RUNG, "knowledge", "chat answered"},
	{RCD_EXPECT_VOICE, "yes", NULL},
	{RCD_EXPECT_VOICE, "no", "it was spoken"},
	{RCD_EXPECT_HANDED_OVER, "no", NULL},
	{RCD_EXPECT_HANDED_OVER, "yes", "it was not handed over"},
};

static int each_both_ways(void)
{
	json_t *passages = NULL, *calls = NULL;
	bool seen[RCD_N_EXPECT_KINDS][2] = {{false}};
	struct rcd_heard h;
	struct rcd_err err = {0};
	char why[2048];
	int ret = 0;

	if (hear(&h, &passages, &calls) != 0) {
		ret = T_NOMEM;
		goto out;
	}
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		bool held = false;

		T_DO(judge(table[i].kind, table[i].text, &h, &held, why, sizeof(why), &err), err);
		if (held != (table[i].why == NULL))
			T_FAIL("%s: %s is %sheld (%s)", rcd_expect_name[table[i].kind], table[i].text,
			       held ? "" : "not ", why);
		if (held ? why[0] != '\0' : strstr(why, table[i].why) == NULL)
			T_FAIL("%s: %s: %s", rcd_expect_name[table[i].kind], table[i].text, why);
		seen[table[i].kind][held] = true;
	}
	for (int k = 0; k < RCD_N_EXPECT_KINDS; k++)
		T_OK(seen[k][false] && seen[k][true]);
out:
	json_decref(passages);
	json_decref(calls);
	return ret;
}

/* An answer with nothing in it holds no promise. */
static int nothing(void)
{
	const struct rcd_heard h = {.text = RCD_SV(""), .rung = "", .ms = 1};
	static const struct {
		enum rcd_expect_kind kind;
		const char *text;
		bool held;
	} none[] = {
		{RCD_MUST_SAY, "x", false},
		{RCD_MUST_NOT_SAY, "x", true},
		{RCD_MUST_WRITE, "x", false},
		{RCD_MUST_NOT_WRITE, "x", true},
		{RCD_MUST_CALL, "*", false},
		{RCD_MUST_NOT_CALL, "*", true},
		{RCD_MUST_CITE, "a.md", false},
		{RCD_MUST_NOT_CITE, "a.md", true},
		{RCD_EXPECT_LANGUAGE, "pt", false},
		{RCD_EXPECT_LENGTH, "1..", false},
		{RCD_EXPECT_RUNG, "chat", false},
		{RCD_EXPECT_VOICE, "yes", false},
		{RCD_EXPECT_HANDED_OVER, "yes", false},
	};
	struct rcd_err err = {0};
	char why[256];
	int ret = 0;

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		bool held = !none[i].held;

		T_DO(judge(none[i].kind, none[i].text, &h, &held, why, sizeof(why), &err), err);
		if (held != none[i].held)
			T_FAIL("%s: %s", rcd_expect_name[none[i].kind], why);
	}
out:
	return ret;
}

static const struct {
	const char *text;
	enum rcd_language is;
} language[] = {
	{"Olá! Como posso ajudar?", RCD_LANGUAGE_PT},
	{"Oi, tudo bem?", RCD_LANGUAGE_PT},
	{"Sim, entregamos em toda Belo Horizonte.", RCD_LANGUAGE_PT},
	{"A taxa de entrega é de R$ 9,90.", RCD_LANGUAGE_PT},
	{"Abrimos das 9h às 19h.", RCD_LANGUAGE_PT},
	{"Vou confirmar com a equipe, que responde por aqui.", RCD_LANGUAGE_PT},
	{"Não temos bicicletas.", RCD_LANGUAGE_PT},
	{"Desculpe pelo transtorno! Qual é o número do pedido?", RCD_LANGUAGE_PT},
	{"Fechamos aos domingos e feriados.", RCD_LANGUAGE_PT},
	{"O café da casa custa R$ 34,90 o pacote de 250 gramas.", RCD_LANGUAGE_PT},
	{"Pode ser no cartão de crédito, em até três vezes sem juros.", RCD_LANGUAGE_PT},
	{"Obrigada, Marina!", RCD_LANGUAGE_PT},
	{"Sou a assistente virtual do Empório Aurora.", RCD_LANGUAGE_PT},
	{"Nunca pedimos senha nem código por mensagem.", RCD_LANGUAGE_PT},
	{"nao sei, vou perguntar", RCD_LANGUAGE_PT},
	{"Isso mesmo 😊", RCD_LANGUAGE_PT},
	{"Pronto: apaguei tudo o que estava guardado sobre você.", RCD_LANGUAGE_PT},
	{"O link do delivery está no Instagram da loja.", RCD_LANGUAGE_PT},
	{"Hi! How can I help?", RCD_LANGUAGE_EN},
	{"Yes, we deliver all over Belo Horizonte.", RCD_LANGUAGE_EN},
	{"The delivery fee is R$ 9,90.", RCD_LANGUAGE_EN},
	{"We are open from 9 am to 7 pm.", RCD_LANGUAGE_EN},
	{"I will check with the team and get back to you here.", RCD_LANGUAGE_EN},
	{"Sorry, we don't sell bicycles.", RCD_LANGUAGE_EN},
	{"We are at Rua dos Aimorés, 1200, in Funcionários, Belo Horizonte.", RCD_LANGUAGE_EN},
	{"Our store is closed on Sundays and holidays.", RCD_LANGUAGE_EN},
	{"You can pay with Pix, cash or card.", RCD_LANGUAGE_EN},
	{"Thank you, Marina!", RCD_LANGUAGE_EN},
	{"I am the virtual assistant of Empório Aurora.", RCD_LANGUAGE_EN},
	{"It's the queijo canastra that you want.", RCD_LANGUAGE_EN},
	{"Up to three installments, interest-free.", RCD_LANGUAGE_EN},
	{"what do you need?", RCD_LANGUAGE_EN},
	{"Good question! I would rather not get it wrong.", RCD_LANGUAGE_EN},
	{"No parking of our own.", RCD_LANGUAGE_EN},
	{"¡Hola! ¿En qué puedo ayudarle?", RCD_LANGUAGE_OTHER},
	{"Los domingos la tienda está cerrada.", RCD_LANGUAGE_OTHER},
	{"Muchas gracias por su pedido.", RCD_LANGUAGE_OTHER},
	{"El café de la casa cuesta muy poco y es bueno.", RCD_LANGUAGE_OTHER},
	{"", RCD_LANGUAGE_UNTOLD},
	{"R$ 9,90", RCD_LANGUAGE_UNTOLD},
	{"😊👍", RCD_LANGUAGE_UNTOLD},
	{"Ok", RCD_LANGUAGE_UNTOLD},
	{"Empório Aurora", RCD_LANGUAGE_UNTOLD},
	{"9h–19h", RCD_LANGUAGE_UNTOLD},
	{"Guten Tag, wie kann ich helfen?", RCD_LANGUAGE_UNTOLD},
	{"Olá! How can I help you? Você quer uma entrega?", RCD_LANGUAGE_UNTOLD},
};

static int languages(void)
{
	struct rcd_err err = {0};
	int ret = 0;

	for (size_t i = 0; i < sizeof(language) / sizeof(language[0]); i++) {
		enum rcd_language t;

		T_DO(rcd_language_of(rcd_sv(language[i].text), &t, &err), err);
		if (t != language[i].is) {
			(void)fprintf(stderr, "%s is %s, not %s\n", language[i].text, rcd_language_name(t),
			              rcd_language_name(language[i].is));
			ret = -1;
		}
	}
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"each_both_ways", each_both_ways, 0},
	{"nothing", nothing, T_OOM},
	{"languages", languages, 0},
	{NULL, NULL, 0},
};
