/* The brake's rules: loops of programs end within the limits, and no person is ever braked. */

#include "policy/autoreply.h"
#include "policy/brake.h"
#include "policy/norm.h"
#include "tests/t.h"

#include <stdlib.h>

static const struct rcd_brake_conf limits = {.loop_answers = 4,
                                             .answers = 30,
                                             .window_s = 300,
                                             .fast_answers = 8,
                                             .quiet_s = 30};

/* --- one conversation, as the daemon would have it ------------------------------------------- */

#define MOST 256

struct talk {
	struct rcd_brake_turn turn[MOST];
	char text[MOST][2][400];
	size_t n;
	int64_t now;
	int answers, calls; /* calls: messages that were decided */
	enum rcd_brake last;
};

/* A message comes after_ms behind the one before; answer is what it would be told. */
static int say(struct talk *k, int after_ms, const char *in, const char *answer,
               struct rcd_err *err)
{
	struct rcd_brake_turn *t = &k->turn[k->n];
	size_t from = k->n >= RCD_BRAKE_TURNS ? k->n - RCD_BRAKE_TURNS : 0;

	k->now += after_ms;
	while (from < k->n && k->turn[from].started_ms < k->now - RCD_BRAKE_MEMORY_MS)
		from++;
	(void)snprintf(k->text[k->n][0], sizeof(k->text[0][0]), "%s", in);
	(void)snprintf(k->text[k->n][1], sizeof(k->text[0][1]), "%s", answer);
	*t = (struct rcd_brake_turn){.started_ms = k->now,
	                             .messages = 1,
	                             .in = rcd_sv(k->text[k->n][0])};
	if (rcd_brake(&limits, &k->turn[from], k->n - from + 1, &k->last, err) != 0)
		return -1;
	t->braked = k->last != RCD_BRAKE_NONE;
	if (!t->braked)
		t->out = rcd_sv(k->text[k->n][1]);
	k->answers += !t->braked;
	k->n++;
	return 0;
}

/* n times the same few messages in turn, with a number in each where it has a %d. */
static int loop(struct talk *k, int n, int after_ms, const char *const *in,
                const char *const *answer, struct rcd_err *err)
{
	size_t n_in = 0, n_answer = 0;

	while (in[n_in] != NULL)
		n_in++;
	while (answer[n_answer] != NULL)
		n_answer++;
	for (int i = 0; i < n; i++) {
		char text[400];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		(void)snprintf(text, sizeof(text), in[(size_t)i % n_in], i + 1);
#pragma GCC diagnostic pop
		if (say(k, after_ms, text, answer[(size_t)i % n_answer], err) != 0)
			return -1;
	}
	return 0;
}

static const char *const fixed[] = {"Atendemos das 9 às 18h. Como posso ajudar?", NULL};
static const char *const varied[] = {"Claro! Qual seria?",
                                     "Entendi, e para quando?",
                                     "Posso ajudar com mais algo?",
                                     "Perfeito, anotado.",
                                     "De nada!",
                                     "Combinado, até logo!",
                                     "Estou por aqui.",
                                     NULL};

/* --- loops ------------------------------------------------------------------------------------ */

static const struct {
	const char *name;
	const char *in[4];
	const char *const *answer;
	int after_ms, most; /* answers */
} loops[] = {
	{"equal", {"Olá! Em que podemos ser úteis hoje?"}, fixed, 750, 5},
	{"equal, and the model varies", {"Olá! Em que podemos ser úteis hoje?"}, varied, 750, 5},
	{"a counter", {"Recebemos a sua mensagem de número %d."}, varied, 750, 5},
	{"a clock", {"Agora são 10:%02d:07 de 01/12/2026 e estamos ouvindo."}, varied, 750, 5},
	{"a ticket", {"O seu protocolo é A%dF9-22K e será atendido na ordem."}, varied, 750, 5},
	{"a short counter", {"teste %d"}, fixed, 750, 9},
	{"two in turn",
     {"Bem-vindo à loja do João, escolha.", "Não entendi a sua resposta, tente de novo."},
     varied,
     750,
     6},
	{"three in turn",
     {"Bem-vindo à loja do João, escolha.", "Não entendi a sua resposta, tente de novo.",
      "Encerrando por falta de resposta válida."},
     varied,
     750,
     7},
	{"an auto-reply", {"No momento não podemos atender. Retornaremos em breve."}, varied, 4000, 2},
	{"auto-replies",
     {"Out of office until %d.", "Thank you for contacting ACME, we will get back to you.",
      "En este momento no podemos atenderle."},
     varied,
     4000,
     4},
	{"a slow auto-reply", {"Resposta automática: estamos em reunião."}, varied, 300000, 2},
	{"stickers", {"[figurinha]"}, fixed, 1500, 4},
	{"empty", {""}, fixed, 1500, 4},
	{"notes without speech", {"[áudio sem fala]"}, fixed, 3000, 4},
	{"the same note",
     {"Oi, aqui é da central de atendimento, tudo bem com você?"},
     varied,
     5000,
     5},
	{"a message in two lines",
     {"Bem-vindo à loja do João!\nEscolha uma opção: %d", "Escolha uma opção: %d"},
     varied,
     750,
     10},
	{"short", {"ok"}, fixed, 2000, 9},
};

static int bots_end(void)
{
	struct talk *k = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
		free(k);
		k = calloc(1, sizeof(*k));
		if (k == NULL)
			return T_NOMEM;
		T_DO(loop(k, 60, loops[i].after_ms, loops[i].in, loops[i].answer, &err), err);
		if (k->answers > loops[i].most || k->answers == 0 || k->last != RCD_BRAKE_HELD)
			T_FAIL("%s: %d answers, at most %d; ended %s", loops[i].name, k->answers, loops[i].most,
			       rcd_brake_name[k->last]);
	}
out:
	free(k);
	return ret;
}

/* It says what we said. */
static int echo_ends(void)
{
	struct talk *k = calloc(1, sizeof(*k));
	struct rcd_err err = {0};
	char text[400] = "Bom dia, tem alguém aí para me atender?", answer[400];
	int ret = 0;

	if (k == NULL)
		return T_NOMEM;
	for (int i = 0; i < 60; i++) {
		/* a model that never says the same twice */
		(void)snprintf(answer, sizeof(answer), "Esta é a resposta %c%c que ninguém deu antes",
		               'a' + i % 26, 'a' + i / 26);
		T_DO(say(k, 1000, text, answer, &err), err);
		if (k->last == RCD_BRAKE_NONE)
			(void)snprintf(text, sizeof(text), "%s", answer);
	}
	T_INT(k->answers, 5);
out:
	free(k);
	return ret;
}

static const char *const chatter[] = {
	"Que ótimo falar com você! Nós também trabalhamos com atendimento e "
	"adoraríamos saber mais do seu negócio.",
	"Claro, posso explicar melhor: a nossa equipe acompanha cada cliente desde o "
	"começo até o resultado final.",
	"Excelente pergunta! O valor depende do tamanho da loja e de quantas pessoas "
	"respondem as mensagens por dia.",
	"Perfeito, entendi a sua necessidade e acho que temos a solução ideal para o "
	"que você está procurando hoje.",
	"Fico feliz em ajudar! Se quiser posso enviar um material completo com "
	"exemplos de clientes parecidos com você.",
	"Sem problemas, podemos marcar uma conversa rápida na semana que vem para "
	"mostrar tudo funcionando ao vivo.",
};

/* Two that answer each other with ever new words: by pace where both are quick, by number else. */
static int two_bots_end(void)
{
	struct talk *k = calloc(2, sizeof(*k)), *slow = k != NULL ? &k[1] : NULL;
	struct rcd_err err = {0};
	char text[400];
	int ret = 0;

	if (k == NULL)
		return T_NOMEM;
	for (int i = 0; i < 60; i++) {
		(void)snprintf(text, sizeof(text), "%c%c%c: %s", 'a' + i % 26, 'a' + i / 26, 'k' + i % 7,
		               chatter[i % 6]);
		T_DO(say(k, 5000, text, varied[i % 7], &err), err);
		T_DO(say(slow, 9000, text, varied[i % 7], &err), err);
	}
	T_INT(k->answers, 9); /* the first is nobody's answer */
	T_OK(slow->answers <= 31);
	T_INT(slow->last, RCD_BRAKE_HELD);
out:
	free(k);
	return ret;
}

/* --- people ----------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int after_ms;
	const char *const *answer;
	const char *in[40];
} people[] = {
	{"thanks", 3000, fixed, {"oi", "ok", "ok", "obrigado"}},
	{"says ok to everything",
     6000,
     fixed,
     {"oi", "sim", "ok", "sim", "ok", "ok", "obrigado", "ok"}},
	{"answers yes and no", 8000, varied, {"quero agendar", "sim", "não", "sim",     "sim", "não",
                                          "sim",           "sim", "sim", "não",     "sim", "sim",
                                          "sim",           "ok",  "ok",  "sim",     "sim", "não",
                                          "não",           "sim", "ok",  "obrigada"}},
	{"answers with numbers",
     7000,
     varied,
     {"oi", "2", "1", "3", "42", "11987654321", "01310-100", "12/12/2026", "15h", "2", "10", "1",
      "5", "7", "9", "1"}},
	{"corrects himself",
     2500,
     fixed,
     {"qual o horaro de vocês", "qual o horário de vocês", "quero dizer no sábado",
      "no sábado de manhã", "na verdade domingo", "domingo à tarde", "ops, sábado mesmo"}},
	{"writes fast",
     2000,
     fixed,
     {"oi", "tudo bem?", "queria saber", "o preço", "do bolo", "de chocolate", "pra sábado",
      "umas 20 pessoas", "ah e sem glúten", "dá?", "e entrega?", "na Vila Mariana",
      "perto do metrô", "quanto fica?", "aceita pix?"}},
	{"is impatient",
     4000,
     fixed,
     {"qual o preço do frete para Manaus?", "oi?", "?", "??", "alguém?", "???", "oi?", "olá"}},
	{"asks again and again",
     20000,
     fixed,
     {"qual o preço do frete para Manaus?", "qual o preço do frete para Manaus?", "oi?",
      "qual o preço do frete para Manaus?", "qual o preço do frete para Manaus??",
      "tá difícil hein"}},
	{"sends pictures",
     4000,
     fixed,
     {"[imagem]", "[imagem]", "[imagem]", "[imagem]", "[imagem]", "[imagem]", "[imagem]",
      "[imagem]", "queria um orçamento desses móveis"}},
	{"likes stickers",
     5000,
     varied,
     {"oi", "[figurinha]", "bom dia!", "[figurinha]", "kkkk", "[figurinha]", "valeu"}},
	{"emoji", 5000, fixed, {"👍", "👍", "😂😂", "❤️", "👍", "🙏", "obrigado"}},
	{"asks about auto-replies",
     15000,
     fixed,
     {"como funciona a resposta automática?", "e se eu estiver out of office?",
      "a mensagem automática sai de noite?", "dá pra usar resposta automática no SMS?",
      "quanto custa a resposta automática", "entendi"}},
	{"orders for five minutes",
     10500,
     varied,
     {"quero uma pizza",
      "calabresa",
      "grande",
      "sim",
      "borda de catupiry",
      "uma coca",
      "2 litros",
      "rua das flores 12",
      "apto 31",
      "vila mariana",
      "são paulo",
      "cartão",
      "débito",
      "sim",
      "não precisa",
      "quanto tempo?",
      "tá bom",
      "ah troca a borda",
      "cheddar",
      "isso",
      "e mais uma água",
      "sem gás",
      "pode ser",
      "sim",
      "obrigado",
      "valeu",
      "chegou?",
      "tá",
      "ok"}},
	{"pastes long texts",
     9000,
     varied,
     {"Segue o texto da reclamação que mandei para a outra loja, que não me "
      "respondeu até agora, um absurdo completo.",
      "E aqui a resposta deles: lamentamos o ocorrido e estamos apurando com o setor "
      "responsável pela sua entrega.",
      "Depois disso eu escrevi de novo: já se passaram dez dias úteis e não tive "
      "retorno algum sobre o meu pedido.",
      "o que vocês acham?"}},
};

static int people_are_answered(void)
{
	struct talk *k = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	for (size_t i = 0; i < sizeof(people) / sizeof(people[0]); i++) {
		free(k);
		k = calloc(1, sizeof(*k));
		if (k == NULL)
			return T_NOMEM;
		for (size_t m = 0; people[i].in[m] != NULL; m++) {
			T_DO(say(k, people[i].after_ms, people[i].in[m],
			         people[i].answer[m % (people[i].answer == fixed ? 1 : 7)], &err),
			     err);
			if (k->last != RCD_BRAKE_NONE)
				T_FAIL("%s: braked (%s) at \"%s\"", people[i].name, rcd_brake_name[k->last],
				       people[i].in[m]);
		}
	}
out:
	free(k);
	return ret;
}

/* --- until something new ------------------------------------------------------------------------
 */

static int something_new_is_answered(void)
{
	static const char *const in[] = {"Olá! Em que podemos ser úteis hoje?", NULL};
	static const char *const stickers[] = {"[figurinha]", NULL};
	struct talk *k = calloc(2, sizeof(*k));
	struct rcd_err err = {0};
	int ret = 0;

	if (k == NULL)
		return T_NOMEM;
	T_DO(loop(k, 8, 1000, in, fixed, &err), err);
	T_INT(k->answers, 5);
	/* what is new, but came at the loop's own pace, is the loop's */
	T_DO(say(k, 5000, "Você ainda está aí? Responda por favor.", "x", &err), err);
	T_INT(k->last, RCD_BRAKE_HELD);
	/* the quiet counts from the loop's last message, not from that */
	T_DO(say(k, 26000, "Aqui é a Ana da loja, o robô endoidou", "Oi, Ana!", &err), err);
	T_INT(k->last, RCD_BRAKE_NONE);
	/* the same again after the quiet is nothing new */
	T_DO(say(k, 60000, in[0], "x", &err), err);
	T_INT(k->last, RCD_BRAKE_LOOP);
	T_DO(say(k, 60000, "No momento não podemos atender.", "x", &err), err);
	T_INT(k->last, RCD_BRAKE_HELD);
	T_DO(say(k, 3700000, in[0], "Oi!", &err), err); /* an hour later it is */
	T_INT(k->last, RCD_BRAKE_NONE);
	/* words after stickers are heard at once */
	T_DO(loop(&k[1], 7, 1500, stickers, fixed, &err), err);
	T_INT(k[1].answers, 4);
	T_DO(say(&k[1], 1500, "tem desse modelo em azul?", "Tem!", &err), err);
	T_INT(k[1].last, RCD_BRAKE_NONE);
out:
	free(k);
	return ret;
}

static int notes_are_spared(void)
{
	struct rcd_brake_turn last = {.started_ms = 1000,
	                              .in = RCD_SV("Aqui é da central de atendimento")};
	int ret = 0;

	T_OK(!rcd_brake_holds(&limits, &last, 2000)); /* not braked */
	last.braked = true;
	T_OK(rcd_brake_holds(&limits, &last, 2000));
	T_OK(!rcd_brake_holds(&limits, &last, 31000)); /* quiet enough: it may be something new */
	last.in = RCD_SV("[figurinha]");
	T_OK(!rcd_brake_holds(&limits, &last, 2000));
	last.in = RCD_SV("[áudio]");
	last.audio = true;
	T_OK(rcd_brake_holds(&limits, &last, 2000));
out:
	return ret;
}

static int limits_of_nothing(void)
{
	static const struct rcd_brake_conf none = {.window_s = 300, .quiet_s = 30};
	struct rcd_brake_turn turn[RCD_BRAKE_TURNS + 1];
	struct rcd_err err = {0};
	enum rcd_brake why;
	int ret = 0;

	for (size_t i = 0; i <= RCD_BRAKE_TURNS; i++)
		turn[i] = (struct rcd_brake_turn){.started_ms = (int64_t)i,
		                                  .messages = 1,
		                                  .in = RCD_SV("oi"),
		                                  .out = RCD_SV("oi")};
	T_DO(rcd_brake(&none, turn, RCD_BRAKE_TURNS + 1, &why, &err), err);
	T_INT(why, RCD_BRAKE_NONE);
	T_DO(rcd_brake(&limits, turn, 1, &why, &err), err);
	T_INT(why, RCD_BRAKE_NONE);
	T_DO(rcd_brake(&limits, turn, RCD_BRAKE_TURNS + 1, &why, &err), err);
	T_INT(why, RCD_BRAKE_LOOP);
out:
	return ret;
}

/* --- the same, and what programs say
 * --------------------------------------------------------------- */

static int same_but_for(void)
{
	static const struct {
		const char *a, *b;
		bool same;
	} row[] = {
		{"Olá!", "OLA", true},
		{"Pedido nº 17, às 9h30!", "pedido nº 1.234,50 as 10:31:07", true},
		{"São 10:32 de 01/12/2026", "São 23:59:59 de 2/1/27", true},
		{"um  dois\t tres", "um dois três.", true},
		{"a\nb", "b\n\na\na", true},
		{"👍", "👎", false},
		{"?", "??", false},
		{"sim", "não", false},
		{"tenho 2 filhos", "tenho filhos", false},
		{"quero azul", "quero azul claro", false},
		{"", "oi", false},
	};
	struct rcd_norm a, b;
	struct rcd_buf text;
	struct rcd_err err = {0};
	int ret = 0;

	rcd_buf_init(&text, 4000);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_DO(rcd_norm(rcd_sv(row[i].a), &a, &err), err);
		T_DO(rcd_norm(rcd_sv(row[i].b), &b, &err), err);
		if (rcd_norm_eq(&a, &b) != row[i].same)
			T_FAIL("\"%s\" and \"%s\"", row[i].a, row[i].b);
	}
	T_DO(rcd_norm_text(RCD_SV("Pedido nº 17, às 9h30 \xff!"), &text, &err), err);
	T_STR(text.p, "pedido no # as #");
	T_INT(a.letters, 0);
	T_INT(b.letters, 2);
out:
	rcd_buf_free(&text);
	return ret;
}

static int programs_say(void)
{
	static const struct {
		const char *text;
		bool automatic;
	} row[] = {
		{"Resposta automática: estamos em reunião", true},
		{"*MENSAGEM AUTOMÁTICA*\nVoltamos segunda", true},
		{"Olá! Esta é uma mensagem automática.", true},
		{"No momento não podemos atender, deixe o seu recado", true},
		{"Estamos fora do horário de atendimento (9h às 18h)", true},
		{"A Loja X agradece! Agradecemos o seu contato.", true},
		{"Automatic reply: Re: hello", true},
		{"I'm out of the office until Monday", true},
		{"Thanks for contacting us!", true},
		{"This is an automated message, do not reply to this message", true},
		{"Respuesta automática", true},
		{"En este momento no podemos atenderte.", true},
		{"Gracias por comunicarte con nosotros", true},
		{"como funciona a resposta automática?", false},
		{"vocês respondem fora do horário?", false},
		{"no momento não preciso, obrigado", false},
		{"estou fora", false},
		{"obrigado pelo contato", false},
		{"thanks!", false},
		{"gracias", false},
		{"", false},
	};
	struct rcd_err err = {0};
	bool yes;
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_DO(rcd_autoreply(rcd_sv(row[i].text), &yes, &err), err);
		if (yes != row[i].automatic)
			T_FAIL("\"%s\"", row[i].text);
	}
out:
	return ret;
}

/* Turns that seem to come from the future hold nobody for an hour. */
static int a_clock_set_back_holds_nobody(void)
{
	static const int step[] = {-3600000, 7200000};
	struct talk *k = calloc(1, sizeof(*k));
	struct rcd_err err = {0};
	char text[200];
	int ret = 0;

	T_OK(k != NULL);
	for (size_t s = 0; s < 2; s++) {
		for (int i = (int)s; i <= limits.answers; i++) { /* one was answered since the step */
			(void)snprintf(text, sizeof(text), "tem na cor %c%c?", 'a' + i / 10 + (int)s * 10,
			               'a' + i % 10);
			T_DO(say(k, 2000, text, text + 4, &err), err);
		}
		T_INT(k->last, RCD_BRAKE_RATE);
		T_DO(say(k, 2000, "e quanto custa a entrega?", "R$ 10.", &err), err);
		T_INT(k->last, RCD_BRAKE_HELD);
		(void)snprintf(text, sizeof(text),
		               "então quero uma de cada, pode ser%s? moro perto da praça e passo aí com a "
		               "minha irmã",
		               s == 0 ? "" : " amanhã de manhã");
		T_DO(say(k, step[s], text, "Pode.", &err), err);
		T_INT(k->last, RCD_BRAKE_NONE);
	}
out:
	free(k);
	return ret;
}

const struct t_case t_cases[] = {
	{"bots_end", bots_end, 0},
	{"echo_ends", echo_ends, 0},
	{"two_bots_end", two_bots_end, 0},
	{"people_are_answered", people_are_answered, 0},
	{"something_new_is_answered", something_new_is_answered, 0},
	{"notes_are_spared", notes_are_spared, 0},
	{"a_clock_set_back_holds_nobody", a_clock_set_back_holds_nobody, 0},
	{"limits_of_nothing", limits_of_nothing, 0},
	{"same_but_for", same_but_for, T_OOM},
	{"programs_say", programs_say, 0},
	{NULL, NULL, 0},
};
