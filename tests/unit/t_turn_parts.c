/* The small parts a turn is made of: the stop sign, sentences, the quiet window, ladders. */

#include "answer/sentence.h"
#include "base/clock.h"
#include "daemon/turn_names.h"
#include "net/http.h"
#include "tests/t.h"
#include "turn/turn.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the stop sign ------------------------------------------------------------------------ */

struct nap {
	struct rcd_cancel sign;
	bool slept;
	int64_t ms;
};

static void *sleeper(void *arg)
{
	struct nap *n = arg;
	int64_t began = rcd_mono_ms();

	(void)rcd_cancel_under(&n->sign);
	n->slept = rcd_cancel_sleep(20000);
	n->ms = rcd_mono_ms() - began;
	return NULL;
}

static int a_sleep_is_cut_short(void)
{
	struct nap n = {.slept = true};
	pthread_t id;
	int ret = 0;

	rcd_cancel_init(&n.sign);
	T_INT(pthread_create(&id, NULL, sleeper, &n), 0);
	(void)usleep(20000);
	rcd_cancel_set(&n.sign);
	(void)pthread_join(id, NULL);
	T_OK(!n.slept && n.ms < 10000);
	/* set already: does not even begin */
	T_OK(rcd_cancel_under(&n.sign) == NULL);
	T_OK(!rcd_cancel_sleep(20000));
	T_OK(rcd_cancel_under(NULL) == &n.sign);
	T_OK(rcd_cancel_sleep(1));
out:
	rcd_cancel_free(&n.sign);
	return ret;
}

struct call {
	struct rcd_cancel sign;
	struct rcd_http *http;
	char url[64];
	int ret;
	struct rcd_err err;
};

static void *caller(void *arg)
{
	struct call *c = arg;
	const struct rcd_http_req req = {.url = c->url, .deadline = rcd_deadline_in(20000)};
	struct rcd_http_res res;

	(void)rcd_cancel_under(&c->sign);
	c->ret = rcd_http_do(c->http, &req, &res, &c->err);
	rcd_http_res_free(&res);
	return NULL;
}

/* A server that takes the connection and never says a word. */
static int deaf(int *port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, n) != 0 || listen(fd, 8) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &n) != 0)
		return -1;
	*port = ntohs(a.sin_port);
	return fd;
}

static int a_request_is_cut_short(void)
{
	struct call c = {.ret = 0};
	int64_t began = rcd_mono_ms();
	int ret = 0, port = 0, fd = deaf(&port);
	pthread_t id;

	rcd_cancel_init(&c.sign);
	T_OK(fd >= 0);
	T_DO(rcd_http_open(&c.http, &c.err), c.err);
	(void)snprintf(c.url, sizeof(c.url), "http://127.0.0.1:%d/", port);
	T_INT(pthread_create(&id, NULL, caller, &c), 0);
	(void)usleep(30000);
	rcd_cancel_set(&c.sign);
	(void)pthread_join(id, NULL);
	T_INT(c.ret, -1);
	T_INT(c.err.code, RCD_CANCELLED);
	T_OK(rcd_mono_ms() - began < 10000);
	/* and one that is made under a sign that is set does not begin */
	(void)caller(&c);
	(void)rcd_cancel_under(NULL);
	T_INT(c.err.code, RCD_CANCELLED);
out:
	rcd_http_close(c.http);
	rcd_cancel_free(&c.sign);
	if (fd >= 0)
		(void)close(fd);
	return ret;
}

/* --- sentences ---------------------------------------------------------------------------- */

static int sentences(void)
{
	static const char numbered[] =
		"1. Corte de cabelo masculino: R$ 40,00\n2. Barba: R$ 30\n3. Os dois";
	static const char list[] = "1. Corte: R$ 40\n2. Barba: R$ 30\n3. Os dois: R$ 60\n4. Mais";
	static const struct {
		const char *text;
		size_t n;
	} row[] = {
		{"", 0},
		{"Abrimos às 9", 0},
		{"Abrimos às 9h.", 0}, /* may go on: "9h.30" */
		{"Abrimos às 9h. ", sizeof("Abrimos às 9h. ") - 1},
		{"Custa R$ 3.50 e", 0},
		{"Claro! E", 0}, /* too short to be worth a request of its own */
		{"Claro! Eu ajudo você. Qual", sizeof("Claro! Eu ajudo você. ") - 1},
		{"Vamos ver… Sim", sizeof("Vamos ver… ") - 1},
		{"Abrimos às 9h. E no sábado? Não", sizeof("Abrimos às 9h. ") - 1}, /* the first alone */
		{"A loja fica na R. Augusta, 100. Venha", sizeof("A loja fica na R. Augusta, 100. ") - 1},
		{"Quem atende é a Sra. Ana. Pode vir", sizeof("Quem atende é a Sra. Ana. ") - 1},
		{"Lá se vão 2. Depois", sizeof("Lá se vão 2. ") - 1},
		{"Primeira linha\nsegunda", sizeof("Primeira linha\n") - 1},
		{"Você vem? (Sim.) Então", sizeof("Você vem? ") - 1},
		{"(Você vem amanhã.) Então", sizeof("(Você vem amanhã.) ") - 1},
		{"É **isso mesmo.** Até", sizeof("É **isso mesmo.** ") - 1},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		T_INT(rcd_sentence(rcd_sv(row[i].text), true), row[i].n);
	T_INT(rcd_sentence(rcd_sv(list), true), sizeof("1. Corte: R$ 40\n") - 1);
	T_INT(rcd_sentence(rcd_sv(numbered), false), sizeof(numbered) - 1 - (sizeof("3. Os dois") - 1));
	T_INT(rcd_sentence(rcd_sv(list), false),
	      sizeof("1. Corte: R$ 40\n2. Barba: R$ 30\n3. Os dois: R$ 60\n") - 1);
out:
	return ret;
}

/* --- the window, the ladders --------------------------------------------------------------- */

static int windows(void)
{
	struct rcd_twilio_msg m = {.body = RCD_SV("espera...")};
	const struct rcd_window w = {.text = 1, .unfinished = 2, .note = 3, .most = 4};
	int ret = 0;

	T_INT(rcd_window_ms(&w, RCD_SV("oi"), false), 1);
	T_INT(rcd_window_ms(&w, RCD_SV("então… "), false), 2);
	T_INT(rcd_window_ms(&w, RCD_SV("espera..."), false), 2);
	m.n_media = 1;
	m.media[0].type = RCD_SV("image/jpeg");
	T_INT(rcd_window_ms(&w, RCD_SV("espera..."), rcd_twilio_has_audio(&m)), 2);
	m.media[0].type = RCD_SV("audio/ogg");
	T_INT(rcd_window_ms(&w, RCD_SV("espera..."), rcd_twilio_has_audio(&m)), 3);
out:
	return ret;
}

static int ladders(void)
{
	struct rcd_ladder text, audio;
	int ret = 0;

	rcd_ladder_default(RCD_SV("/webhook/whatsapp"), &text, &audio);
	T_OK(text.n == 2 && text.rung[0] == RCD_RUNG_CHAT && text.rung[1] == RCD_RUNG_ASSISTANT);
	T_OK(audio.n == 3 && audio.rung[0] == RCD_RUNG_REALTIME && audio.rung[1] == RCD_RUNG_CHAT);
	rcd_ladder_default(RCD_SV("/webhook/FUNCIONA"), &text, &audio);
	T_OK(audio.n == 2 && audio.rung[0] == RCD_RUNG_CHAT && audio.rung[1] == RCD_RUNG_ASSISTANT);
	rcd_ladder_default(RCD_SV("/webhook/whatsapp/realtime"), &text, &audio);
	T_OK(text.n == 3 && text.rung[0] == RCD_RUNG_REALTIME && text.rung[2] == RCD_RUNG_ASSISTANT);
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"a_sleep_is_cut_short", a_sleep_is_cut_short, 0},
	{"a_request_is_cut_short", a_request_is_cut_short, 0},
	{"sentences", sentences, 0},
	{"windows", windows, 0},
	{"ladders", ladders, 0},
	{NULL, NULL, 0},
};
