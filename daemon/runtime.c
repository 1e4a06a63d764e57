#include "daemon/runtime.h"

#include "daemon/place.h"
#include "daemon/tenant.h"

static bool on_ladder(const struct rcd_ladder *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->rung[i] == RCD_RUNG_REALTIME)
			return true;
	return false;
}

bool rcd_runtime_keeps_sessions(const struct rcd_conf *conf)
{
	bool wanted = false;

	for (size_t i = 0; i < conf->n_routes; i++)
		wanted = wanted || on_ladder(&conf->route[i].text) || on_ladder(&conf->route[i].audio);
	return wanted && rcd_secret_set(conf->realtime.key) && conf->realtime.sessions > 0;
}

/* Sessions cost a thread and connections: only where turns will ask for them. */
static int open_sessions(struct rcd_runtime *rt, const struct rcd_runtime_conf *how,
                         struct rcd_err *err)
{
	const struct rcd_conf *conf = how->conf;

	if (!how->sessions || !rcd_runtime_keeps_sessions(conf))
		return 0;
	rt->realtime_conf = conf->realtime;
	rt->realtime_conf.stats = how->stats;
	return rcd_realtime_open(&rt->sessions, &rt->realtime_conf, err);
}

/* The bit that each breaker has in the word of its account. */
enum {
	OP_CHAT = 1,
	OP_ASSISTANT = 2,
	OP_REALTIME = 4,
	OP_TRANSCRIBE = 8,
	OP_EMBED = 16,
	OP_SPEECH = 1,
	OP_SEND = 1
};

static void open_breaker(struct rcd_breaker *b, struct rcd_account *account, unsigned op)
{
	rcd_breaker_init(b);
	b->account = account;
	b->op = op;
}

static void open_accounts(struct rcd_runtime *rt, const struct rcd_runtime_conf *how)
{
	static const char *const name[RCD_N_PROVIDERS] = {[RCD_PROVIDER_OPENAI] = "openai",
	                                                  [RCD_PROVIDER_VOICE] = "elevenlabs",
	                                                  [RCD_PROVIDER_TWILIO] = "twilio"};
	rcd_account_word *words = how->accounts != NULL ? how->accounts : rt->own_accounts;
	struct rcd_account *openai = &rt->account[RCD_PROVIDER_OPENAI];

	for (int i = 0; i < RCD_N_PROVIDERS; i++)
		rt->account[i] = (struct rcd_account){name[i], &words[i], how->account, how->note_arg};
	open_breaker(&rt->chat, openai, OP_CHAT);
	open_breaker(&rt->assistant, openai, OP_ASSISTANT);
	open_breaker(&rt->realtime, openai, OP_REALTIME);
	open_breaker(&rt->transcribe, openai, OP_TRANSCRIBE);
	open_breaker(&rt->speech, &rt->account[RCD_PROVIDER_VOICE], OP_SPEECH);
	open_breaker(&rt->send, &rt->account[RCD_PROVIDER_TWILIO], OP_SEND);
}

/* Embeddings have their own breaker, and the same account. */
static int open_semantic(struct rcd_runtime *rt, const struct rcd_conf *conf, struct rcd_err *err)
{
	if (rcd_semantic_open(&rt->semantic, conf, &rt->openai, RCD_TENANT, rt->http, err) != 0)
		return -1;
	rt->semantic.breaker.account = &rt->account[RCD_PROVIDER_OPENAI];
	rt->semantic.breaker.op = OP_EMBED;
	return 0;
}

static int open_parts(struct rcd_runtime *rt, const struct rcd_runtime_conf *how,
                      struct rcd_err *err)
{
	const struct rcd_conf *conf = how->conf;
	const struct rcd_db_conf dc = {.url = conf->database_url};

	if (rcd_db_open(&rt->db, &dc, err) != 0)
		return -1;
	if (!how->turns)
		return 0;
	if (rcd_http_open(&rt->http, err) != 0 ||
	    (how->typing &&
	     rcd_typing_sender_open(&rt->typing_sender, rt->http, &conf->twilio, err) != 0) ||
	    rcd_tools_open(&rt->tools, &conf->tools, err) != 0 || open_sessions(rt, how, err) != 0)
		return -1;
	return open_semantic(rt, conf, err);
}

/* Without the program voice notes of other kinds than Ogg/Opus go on unheard, or are asked for
 * again: a turn says so when it happens. */
static void place_decoder(struct rcd_runtime *rt, const struct rcd_conf *conf)
{
	rt->decoder = (struct rcd_decoder){.unsandboxed = conf->decode_unsandboxed};
	if (rcd_place_decode(rt->decoder_path, sizeof(rt->decoder_path), RCD_UNREAD_ERR) == 0)
		rt->decoder.program = rt->decoder_path;
	rt->voice = conf->voice;
	rt->voice.decoder = &rt->decoder;
}

/* Without it documents of customers are answered as what they are. */
static void place_extractor(struct rcd_runtime *rt, const struct rcd_conf *conf)
{
	rt->extract = (struct rcd_extract_conf){.unsandboxed = conf->unsandboxed};
	if (rcd_place_extract(rt->extractor_path, sizeof(rt->extractor_path), RCD_UNREAD_ERR) == 0)
		rt->extract.program = rt->extractor_path;
}

int rcd_runtime_open(struct rcd_runtime *rt, const struct rcd_runtime_conf *how,
                     struct rcd_err *err)
{
	const struct rcd_conf *conf = how->conf;

	*rt = (struct rcd_runtime){0};
	open_accounts(rt, how);
	rt->openai = conf->openai;
	rt->openai.engine = &rt->engine;
	rt->engine.tell = how->adapted;
	rt->engine.arg = how->note_arg;
	if (open_parts(rt, how, err) != 0) {
		rcd_runtime_close(rt);
		return -1;
	}
	rcd_blob_open(&rt->blobs, &conf->blobs, rt->http);
	place_decoder(rt, conf);
	rcd_media_gates_init(&rt->gates);
	place_extractor(rt, conf);
	rt->turn = (struct rcd_turn_env){
		.conf = &conf->turn,
		.twilio = &conf->twilio,
		.openai = &rt->openai,
		.voice = &rt->voice,
		.decoder = &rt->decoder,
		.gates = &rt->gates,
		.extract = &rt->extract,
		.db = rt->db,
		.http = rt->http,
		.sessions = rt->sessions,
		.typing_sender = rt->typing_sender,
		.semantic = rt->semantic.search.vectors != NULL ? &rt->semantic.search : NULL,
		.tools = rt->tools,
		.blobs = &rt->blobs,
		.chat = &rt->chat,
		.assistant = &rt->assistant,
		.realtime = &rt->realtime,
		.transcribe = &rt->transcribe,
		.speech = &rt->speech,
		.send = &rt->send,
		.note = how->note,
		.note_arg = how->note_arg,
	};
	return 0;
}

void rcd_runtime_close(struct rcd_runtime *rt)
{
	rcd_http_abort(rt->http);
	rt->typing_sender = rcd_typing_sender_close(rt->typing_sender);
	rt->tools = rcd_tools_close(rt->tools);
	rt->sessions = rcd_realtime_close(rt->sessions);
	rt->http = rcd_http_close(rt->http);
	rcd_semantic_close(&rt->semantic);
	rt->db = rcd_db_close(rt->db);
	rcd_breaker_free(&rt->chat);
	rcd_breaker_free(&rt->assistant);
	rcd_breaker_free(&rt->realtime);
	rcd_breaker_free(&rt->transcribe);
	rcd_breaker_free(&rt->speech);
	rcd_breaker_free(&rt->send);
	rcd_media_gates_free(&rt->gates);
}
