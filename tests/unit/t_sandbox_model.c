/* The simulated Responses and Conversations, and the pace of streamed answers. */

#include "daemon/sandbox/openai_quote.h"
#include "tests/unit/sandbox.h"

#include <pthread.h>

#define ASK                                                                                        \
	"{\"model\":\"gpt-6-luna\",\"instructions\":\"Seja "                                           \
	"breve.\",\"input\":[{\"role\":\"user\",\"content\":\"oi, tudo bem?\"}]"
#define CHAT                                                                                       \
	"{\"model\":\"gpt-6-luna\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"oi\"}]}"

static int respond(struct bench *b, const char *body)
{
	return openai(b, "/v1/responses", body, 0);
}

static int delete (struct bench *b, const char *path)
{
	struct rcd_http_req req = {.method = "DELETE",
	                           .key_header = "Authorization: Bearer ",
	                           .key = &b->openai};

	return ask(b, &req, path);
}

/* The names of a stream's events, "a b c"; numbers go up by one. */
static int names(struct bench *b, struct rcd_buf *out)
{
	struct rcd_sv rest = rcd_buf_view(&b->res.body), line;
	int number = 0;

	rcd_buf_reset(out);
	rcd_buf_str(out, "");
	while (rcd_sv_cut(&rest, '\n', &line)) {
		json_t *v = NULL;

		if (rcd_sv_starts(line, RCD_SV("event: ")))
			rcd_buf_fmt(out, "%s%.*s", out->n > 0 ? " " : "", RCD_SV_ARG(rcd_sv_skip(line, 7)));
		if (!rcd_sv_starts(line, RCD_SV("data: ")) ||
		    rcd_json_parse(rcd_sv_skip(line, 6), RCD_MAX_JSON, &v, RCD_UNREAD_ERR) != 0)
			continue;
		number += json_integer_value(json_object_get(v, "sequence_number")) == number ? 1 : 1000;
		json_decref(v);
	}
	return out->bad ? -1 : number;
}

static int whole(void)
{
	struct bench b;
	json_t *v = NULL, *message;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_DO(respond(&b, ASK "}"), b.err);
	T_INT(b.res.status, 200);
	v = answer(&b);
	T_STR(json_string_value(json_object_get(v, "object")), "response");
	T_STR(json_string_value(json_object_get(v, "status")), "completed");
	T_OK(json_is_true(json_object_get(v, "store"))); /* so it is when nobody says otherwise */
	message = json_array_get(json_object_get(v, "output"), 0);
	T_STR(json_string_value(json_object_get(message, "status")), "completed");
	T_OK(
		strstr(json_string_value(
				   json_object_get(json_array_get(json_object_get(message, "content"), 0), "text")),
	           "oi, tudo bem?") != NULL);
	T_INT(lines(&b, "responses", "instructions", "Seja breve."), 1);
	T_DO(respond(&b, "{\"model\":\"local\",\"input\":\"oi\",\"store\":false,\"temperature\":0.5}"),
	     b.err);
	T_STR(member(&b, NULL, "status"), "completed");
	T_INT(lines(&b, "responses", "user", "oi"), 1);
out:
	json_decref(v);
	close_bench(&b);
	return ret;
}

static int streamed(void)
{
	struct rcd_buf text;
	struct bench b;
	int ret = 0;

	rcd_buf_init(&text, 65536);
	T_DO(open_bench(&b, NULL), b.err);
	T_OK(plan(&b, "responses text=\"Sim, claro.\"") == 0);
	T_DO(respond(&b, ASK ",\"stream\":true,\"store\":false}"), b.err);
	T_OK(strncmp(b.res.type, "text/event-stream", 17) == 0);
	T_INT(names(&b, &text), 10);
	T_STR(text.p, "response.created response.in_progress response.output_item.added "
	              "response.content_part.added "
	              "response.output_text.delta response.output_text.delta response.output_text.done "
	              "response.content_part.done response.output_item.done response.completed");
	T_OK(strstr(b.res.body.p, "\"delta\":\"Sim, \"") != NULL);
out:
	rcd_buf_free(&text);
	close_bench(&b);
	return ret;
}

/* How answers go wrong: what each protocol's last event is. */
static int spoiled(void)
{
	static const struct {
		const char *plan, *says;
	} row[] = {
		{"responses broken code=rate_limit_exceeded", "\"code\":\"rate_limit_exceeded\""},
		{"responses failed", "\"status\":\"failed\""},
		{"responses incomplete", "\"reason\":\"max_output_tokens\""},
		{"responses filtered", "\"reason\":\"content_filter\""},
		{"responses refusal", "\"refusal\":\"Desculpe"},
		{"chat broken code=rate_limit_exceeded", "\"code\":\"rate_limit_exceeded\""},
		{"chat failed", "\"code\":\"server_error\""},
		{"chat incomplete", "\"finish_reason\":\"length\""},
		{"chat filtered", "\"finish_reason\":\"content_filter\""},
		{"chat refusal", "\"refusal\":\"Desculpe, \""},
	};
	static const char *const last[] = {"error", "response.failed", "response.incomplete",
	                                   "response.incomplete", "response.completed"};
	struct rcd_buf text;
	struct bench b;
	int ret = 0;

	rcd_buf_init(&text, 65536);
	T_DO(open_bench(&b, NULL), b.err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_OK(plan(&b, row[i].plan) == 0);
		if (i < 5)
			T_DO(respond(&b, ASK ",\"stream\":true}"), b.err);
		else
			T_DO(openai(&b, "/v1/chat/completions", CHAT, 0), b.err);
		T_INT(b.res.status, 200);
		if (strstr(b.res.body.p, row[i].says) == NULL)
			T_FAIL("%s: %s", row[i].plan, b.res.body.p);
		if (i >= 5)
			continue;
		T_OK(names(&b, &text) > 0);
		if (!rcd_sv_ends(rcd_buf_view(&text), rcd_sv(last[i])))
			T_FAIL("%s: %s", row[i].plan, text.p);
	}
	T_OK(plan(&b, "responses failed\nchat failed") == 0);
	T_DO(respond(&b, ASK "}"), b.err);
	T_STR(member(&b, NULL, "status"), "failed");
	T_STR(member(&b, "error", "code"), "server_error");
out:
	rcd_buf_free(&text);
	close_bench(&b);
	return ret;
}

static int refused(void)
{
	static const struct {
		const char *body;
		int status;
		const char *code;
	} row[] = {
		{"[", 400, "-"},
		{ASK ",\"messages\":[]}", 400, "unknown_parameter"},
		{ASK ",\"max_completion_tokens\":300}", 400, "unknown_parameter"},
		{"{\"input\":\"oi\"}", 400, "missing_required_parameter"},
		{"{\"model\":\"gpt-6-luna\"}", 400, "missing_required_parameter"},
		{"{\"model\":\"m\",\"input\":7}", 400, "invalid_type"},
		{"{\"model\":\"m\",\"input\":[7]}", 400, "invalid_type"},
		{"{\"model\":\"m\",\"input\":[{\"role\":\"bot\",\"content\":\"\"}]}", 400, "invalid_value"},
		{"{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":\"\",\"name\":\"x\"}]}", 400,
	     "unknown_parameter"},
		{"{\"model\":\"m\",\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\"}]}]}", 400,
	     "invalid_value"},
		{ASK ",\"store\":1}", 400, "invalid_type"},
		{ASK ",\"temperature\":0.5}", 400, "unsupported_parameter"},
		{ASK ",\"max_output_tokens\":15}", 400, "integer_below_min_value"},
		{ASK ",\"reasoning\":{\"effort\":\"much\"}}", 400, "invalid_value"},
		{"{\"model\":\"gpt-4.1\",\"input\":\"a\",\"reasoning\":{\"effort\":\"low\"}}", 400,
	     "unsupported_parameter"},
		{ASK ",\"conversation\":\"conv_1\",\"previous_response_id\":\"resp_1\"}", 400,
	     "mutually_exclusive_parameters"},
		{ASK ",\"conversation\":\"thread_1\"}", 400, "invalid_value"},
		{ASK ",\"conversation\":\"conv_1\"}", 404, "-"},
		{ASK ",\"conversation\":{\"id\":\"conv_1\"}}", 404, "-"},
	};
	struct bench b;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_DO(respond(&b, row[i].body), b.err);
		if (b.res.status != row[i].status || strcmp(member(&b, "error", "code"), row[i].code) != 0)
			T_FAIL("%s: %d, %s", row[i].body, b.res.status, member(&b, "error", "message"));
	}
	T_DO(openai(&b, "/v1/conversations", "{\"name\":\"x\"}", 0), b.err);
	T_STR(member(&b, "error", "code"), "unknown_parameter");
	T_DO(openai(&b, "/v1/conversations/conv_1", NULL, 0), b.err);
	T_INT(b.res.status, 404);
	T_DO(openai(&b, "/v1/conversations/conv_1/items", NULL, 0), b.err);
	T_INT(b.res.status, 404);
out:
	close_bench(&b);
	return ret;
}

/* The text of item i of a list of items. */
static const char *text_at(const json_t *list, size_t i)
{
	const json_t *item = json_array_get(json_object_get(list, "data"), i);

	return json_string_value(
		json_object_get(json_array_get(json_object_get(item, "content"), 0), "text"));
}

static int conversation(void)
{
	char id[80], body[512], path[128], items[160];
	struct bench b;
	json_t *v = NULL;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_DO(
		openai(&b, "/v1/conversations",
	           "{\"items\":[{\"role\":\"user\",\"content\":\"antes\"}],\"metadata\":{\"a\":\"b\"}}",
	           0),
		b.err);
	T_INT(b.res.status, 200);
	T_STR(member(&b, NULL, "object"), "conversation");
	T_STR(member(&b, "metadata", "a"), "b");
	(void)snprintf(id, sizeof(id), "%.79s", member(&b, NULL, "id"));
	(void)snprintf(path, sizeof(path), "/v1/conversations/%s", id);
	(void)snprintf(items, sizeof(items), "%s/items?order=asc", path);
	(void)snprintf(body, sizeof(body), "%s,\"conversation\":\"%s\",\"stream\":true}", ASK, id);
	T_OK(plan(&b, "responses text=\"Tudo!\" nth=1\nresponses failed nth=2") == 0);
	T_DO(respond(&b, body), b.err);
	T_DO(respond(&b, body), b.err); /* failed: nothing of it stays */
	T_DO(openai(&b, items, NULL, 0), b.err);
	v = answer(&b);
	T_INT(json_array_size(json_object_get(v, "data")), 3);
	T_STR(text_at(v, 0), "antes");
	T_STR(text_at(v, 1), "oi, tudo bem?");
	T_STR(text_at(v, 2), "Tudo!");
	T_OK(json_is_false(json_object_get(v, "has_more")));
	json_decref(v);
	(void)snprintf(items, sizeof(items), "%s/items?limit=1", path);
	T_DO(openai(&b, items, NULL, 0), b.err);
	v = answer(&b);
	T_STR(text_at(v, 0), "Tudo!"); /* newest first */
	T_OK(json_is_true(json_object_get(v, "has_more")));
	T_DO(openai(&b, path, NULL, 0), b.err);
	T_STR(member(&b, NULL, "id"), id);
	T_DO(delete (&b, path), b.err);
	T_STR(member(&b, NULL, "object"), "conversation.deleted");
	T_DO(delete (&b, path), b.err);
	T_INT(b.res.status, 404);
	T_DO(respond(&b, body), b.err);
	T_INT(b.res.status, 404);
	T_INT(lines(&b, "responses", "conversation", id), 2);
	T_INT(lines(&b, "conversations.create", "conversation", id), 1);
	T_INT(lines(&b, "conversations.delete", "conversation", id), 2);
out:
	json_decref(v);
	close_bench(&b);
	return ret;
}

/* Six words at 50 ms take a while, and whoever hangs up is seen to. */
static int pace(void)
{
	struct rcd_http_req req = {.key_header = "Authorization: Bearer ",
	                           .body = RCD_SV(CHAT),
	                           .body_type = "application/json",
	                           .peer = RCD_PEER_LOOPBACK};
	struct rcd_http_stream *s = NULL;
	struct rcd_http_res res = {0};
	char url[128], bytes[512];
	struct bench b;
	int64_t began;
	size_t n;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_OK(
		plan(
			&b,
			"chat pace=50 text=\"um dois tr\xC3\xAAs quatro cinco seis\"\nresponses cut pace=20") ==
		0);
	began = rcd_mono_ms();
	T_DO(openai(&b, "/v1/chat/completions", CHAT, 0), b.err);
	T_OK(rcd_mono_ms() - began >= 6 * 50);
	T_OK(strstr(b.res.body.p, "\"seis\"") != NULL && strstr(b.res.body.p, "[DONE]") != NULL);
	T_OK(soon(&b, "stream", "decision", "ok", 1));
	(void)snprintf(url, sizeof(url), "%s/v1/chat/completions", b.origin);
	req.url = url;
	req.key = &b.openai;
	T_DO(rcd_http_begin(b.http, &req, &s, &res, &b.err), b.err);
	T_DO(rcd_http_read(s, bytes, sizeof(bytes), &n, &b.err), b.err);
	T_OK(n > 0);
	s = rcd_http_end(s);
	T_OK(soon(&b, "stream", "decision", "left", 1));
	T_INT(respond(&b, ASK ",\"stream\":true}"), -1);
	T_INT(b.err.code, RCD_DOWN);
	T_OK(soon(&b, "stream", "decision", "cut", 1));
out:
	(void)rcd_http_end(s);
	rcd_http_res_free(&res);
	close_bench(&b);
	return ret;
}

static void *hang(void *arg)
{
	(void)respond(arg, ASK ",\"stream\":true}");
	return NULL;
}

/* Stopping does not wait for a slow answer. */
static int stop_while_pacing(void)
{
	struct bench b;
	pthread_t t;
	int64_t began;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_OK(plan(&b, "responses pace=5000") == 0);
	T_INT(pthread_create(&t, NULL, hang, &b), 0);
	if (!soon(&b, "responses", NULL, NULL, 1))
		ret = -1;
	began = rcd_mono_ms();
	b.box = rcd_sandbox_stop(b.box);
	(void)pthread_join(t, NULL);
	T_INT(ret, 0);
	T_OK(rcd_mono_ms() - began < 5000);
out:
	close_bench(&b);
	return ret;
}

/* Every operation once, wherever memory ends: answered, refused or cut off. */
static int short_of_memory(void)
{
	struct rcd_sandbox_conf conf = {.port = 0};
	char id[80], body[512], path[128];
	struct bench b;
	bool all;
	int ret = 0;

	if (open_bench(&b, &conf) != 0) {
		ret = b.err.code == RCD_TIMEOUT ? -1 : T_NOMEM;
		goto out;
	}
	all = plan(&b, "responses pace=1 text=\"a b\"") == 0;
	all = openai(&b, "/v1/conversations", "{\"metadata\":{\"a\":\"b\"}}", 0) == 0 &&
	      b.res.status == 200 && all;
	T_OK(b.err.code != RCD_TIMEOUT);
	(void)snprintf(id, sizeof(id), "%.79s", all ? member(&b, NULL, "id") : "conv_1");
	(void)snprintf(path, sizeof(path), "/v1/conversations/%s/items", id);
	(void)snprintf(body, sizeof(body), "%s,\"conversation\":\"%s\",\"stream\":true}", ASK, id);
	all = respond(&b, body) == 0 && all;
	T_OK(b.err.code != RCD_TIMEOUT);
	all = openai(&b, path, NULL, 0) == 0 && all;
	T_OK(b.err.code != RCD_TIMEOUT);
	path[strlen(path) - 6] = '\0';
	all = delete (&b, path) == 0 && all;
	T_OK(b.err.code != RCD_TIMEOUT);
	ret = all ? 0 : T_NOMEM;
out:
	close_bench(&b);
	return ret;
}

/* --- what it finds in passages ------------------------------------------------------------- */

#define PERSONA "# Quem você é\n\nVocê fala da taxa de entrega com carinho.\n"
/* clang-format off */
#define PASSAGES \
	"Trechos:\n\n## Entrega\n(entrega.md)\nEntregamos de segunda a sábado. A taxa de entrega é de R$ 9,90,\n" \
	"e é grátis acima de R$ 120,00.\n\n## Trocas > Como pedir\n(trocas.md)\nEnvie o número do pedido e uma foto. " \
	"O reembolso sai em cinco dias.\n\n## Horário de funcionamento\n(horarios.md)\n" \
	"De segunda a sexta abrimos às 9h e fechamos às 19h. No sábado, das 9h às 14h.\nDomingo fica fechado. " \
	"Aceitamos visitas.\n\n## Dúvidas\n(duvidas.md)\nTem estacionamento?\nA primeira hora é grátis no número 1240.\n" \
	"Tem cestas?\n- Cesta pequena: montada na loja\n- Cesta grande: R$ 240,00\n\n" \
	"## Sem fonte\nA taxa de embrulho é de R$ 2,00.\n"
/* clang-format on */
#define HOURS                                                                                         \
	"De segunda a sexta abrimos às 9h e fechamos às 19h. No sábado, das 9h às 14h. Domingo fica " \
	"fechado."

static const struct {
	const char *role, *question, *says;
} quoted[] = {
	{"system", "Qual é a taxa de entrega?",
     "A taxa de entrega é de R$ 9,90, e é grátis acima de R$ 120,00."},
	{"developer", "entregam no sábado?", "Entregamos de segunda a sábado."},
	{"system", "Mando foto para a troca, e o reembolso?",
     "Envie o número do pedido e uma foto. O reembolso sai em cinco dias."},
	/* only the heading has the word: the passage's beginning */
	{"system", "Qual é o horário de funcionamento?", HOURS},
	{"developer", "Oi, boa tarde! Me diz o horário?", HOURS},
	{"system", "Olá, bom dia! Quanto custa a entrega?",
     "A taxa de entrega é de R$ 9,90, e é grátis acima de R$ 120,00."},
	/* the answer, not the question above it */
	{"system", "Vocês têm estacionamento?", "A primeira hora é grátis no número 1240."},
	/* one item of a list, and of two the one with the price */
	{"system", "Quanto é a cesta?", "Cesta grande: R$ 240,00"},
	{"system", "bom dia", ""},
	{"system", "quanto custa o embrulho?", ""}, /* no passage: it has no source */
	{"system", "vocês vendem bicicletas?", ""},
	{"system", "o que é?", ""}, /* not a word to look for */
	{"system", "", ""},
	{"user", "Qual é a taxa de entrega?", ""}, /* who asks has told nothing */
	{"assistant", "Qual é a taxa de entrega?", ""},
};

static int quotes(void)
{
	struct rcd_buf out;
	json_t *req = NULL;
	int ret = 0;

	rcd_buf_init(&out, 4096);
	for (size_t i = 0; i < sizeof(quoted) / sizeof(quoted[0]); i++) {
		static const char *const where[] = {"messages", "input"};

		for (int k = 0; k < 2; k++) {
			rcd_buf_reset(&out);
			rcd_buf_str(&out, "");
			req = json_pack("{s:s, s:[{s:s, s:s}]}", "instructions", PERSONA, where[k], "role",
			                quoted[i].role, "content", PASSAGES);
			if (req == NULL || out.bad ||
			    rcd_sb_quote(req, rcd_sv(quoted[i].question), &out) != 0) {
				ret = T_NOMEM;
				goto out;
			}
			T_STR(out.p, quoted[i].says);
			json_decref(req);
			req = NULL;
		}
	}
out:
	json_decref(req);
	rcd_buf_free(&out);
	return ret;
}

/* And says it, by either protocol. */
static int answers_from_passages(void)
{
	static const char *const path[] = {"/v1/chat/completions", "/v1/responses"},
							 *const where[] = {"messages", "input"};
	struct bench b;
	struct rcd_buf body;
	int ret = 0;

	rcd_buf_init(&body, 1 << 16);
	T_DO(open_bench(&b, NULL), b.err);
	for (int k = 0; k < 2; k++) {
		rcd_buf_reset(&body);
		rcd_json_text(json_pack("{s:s, s:[{s:s, s:s}, {s:s, s:s}]}", "model", "gpt-6-luna",
		                        where[k], "role", "system", "content", PASSAGES, "role", "user",
		                        "content", "Qual é a taxa de entrega?"),
		              &body);
		T_DO(openai(&b, path[k], body.p, 0), b.err);
		T_INT(b.res.status, 200);
		T_OK(strstr(b.res.body.p, "R$ 9,90") != NULL && strstr(b.res.body.p, "Entendi") == NULL);
	}
out:
	rcd_buf_free(&body);
	close_bench(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"whole", whole, 0},
	{"streamed", streamed, 0},
	{"spoiled", spoiled, 0},
	{"refused", refused, 0},
	{"conversation", conversation, 0},
	{"pace", pace, 0},
	{"stop_while_pacing", stop_while_pacing, 0},
	{"short_of_memory", short_of_memory, T_OOM},
	{"quotes", quotes, T_OOM},
	{"answers_from_passages", answers_from_passages, 0},
	{NULL, NULL, 0},
};
