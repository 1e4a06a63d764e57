#ifndef RCD_OPENAI_H
#define RCD_OPENAI_H

#include "base/json.h"
#include "base/secret.h"
#include "net/http.h"
#include "provider/tool_call.h"

struct rcd_openai_engine;

/* Client of OpenAI's protocol, for OpenAI and compatible engines. */

struct rcd_openai_conf {
	const char *base_url; /* includes /v1 */
	struct rcd_secret key;
	const char *chat_model;
	const char *transcribe_model;
	const char *embedding_model;
	int embedding_dimensions;
	const char *language; /* ISO 639-1, "pt" */
	double temperature;   /* sent when the model accepts one, see rcd_openai_takes_temperature */
	int max_tokens;
	const char *reasoning;       /* reasoning_effort for models that reason; "" : not sent */
	const char *assistant_model; /* of Responses */
	bool json;                   /* the answer of rcd_openai_chat is to be a JSON object */
	bool store;                  /* a contact's context may be kept at OpenAI, as a Conversation */
	struct rcd_openai_engine *engine; /* what the engine does not take (provider/engine.h); NULL:
	                              nothing is remembered from one call to the next */
};

/* Is it configured? A self-hosted engine may need no key; OpenAI does. */
bool rcd_openai_usable(const struct rcd_openai_conf *conf);

/* Did a call fail because the prompt exceeds the context of the model? */
bool rcd_openai_too_long(const struct rcd_err *err);

/* The gpt-5/gpt-6 and o families refuse a temperature other than their own. */
bool rcd_openai_takes_temperature(const char *model);

struct rcd_chat_usage {
	int64_t input_tokens, cached_tokens, output_tokens;
	int64_t first_ms; /* from the call to the first piece of text */
	bool unseen;      /* pictures were asked about, and left out */
	char finish[24];  /* "stop", "length", "content_filter" … */
};

/* A piece of the answer's text, as it arrives; -1 stops the stream. */
typedef int rcd_text_fn(void *arg, struct rcd_sv text, struct rcd_err *err);

/* POST /chat/completions, streaming. messages: array of {role, content}, borrowed. The
 * answer must end properly ([DONE] or a finish_reason): a cut stream, an error object inside
 * it, a refusal or an empty answer is a failure, whatever came before. Codes: RCD_DENIED
 * (401, 403, 404, insufficient_quota: not again), RCD_DOWN (429, 5xx, network),
 * RCD_TIMEOUT, RCD_PROTO, RCD_LIMIT (RCD_MAX_TEXT, or rcd_openai_too_long), RCD_INVAL (any other
 * 4xx: a setting that the model does not take). stall_ms: the longest silence, the one before the
 * answer begins included; 0: as long as the HTTP client thinks fit. */
int rcd_openai_chat(struct rcd_http *http, const struct rcd_openai_conf *conf, json_t *messages,
                    int64_t deadline, int stall_ms, rcd_text_fn *fn, void *arg,
                    struct rcd_chat_usage *usage, struct rcd_err *err);

/* A question to a model. Everything is borrowed until the call ends. */
struct rcd_openai_ask {
	json_t *messages;             /* array of {role, content}, calls and their results among them as
	                                 tool_call.h makes them; for Responses the system messages in
	                                 front become the instructions, which no conversation keeps */
	const json_t *tools;          /* array of {name, description, parameters}; NULL: none */
	struct rcd_tool_calls *calls; /* with tools: what the model wants done; an answer that has some
	                             is whole without a word, and none at all after -1 */
	json_t *pictures; /* beside the last message of the user: {"note": "what the model is told of
	                     them", "urls": ["data:image/png;base64,…"]}; a model that sees none, or not
	                     these, is asked without; NULL: none */
	const char
		*conversation; /* Responses: "conv_…": what it holds comes before messages, and both they
	                      and the answer are kept in it; NULL: nothing is kept at OpenAI */
	const char *cache_key; /* Responses: prompt_cache_key: requests of one key share their
	                          beginning; NULL: none */
	int64_t deadline;
	int stall_ms; /* as in rcd_openai_chat */
};

/* POST /chat/completions with all that a question may have; the rules and codes of
 * rcd_openai_chat. */
int rcd_openai_complete(struct rcd_http *http, const struct rcd_openai_conf *conf,
                        const struct rcd_openai_ask *ask, rcd_text_fn *fn, void *arg,
                        struct rcd_chat_usage *usage, struct rcd_err *err);

/* POST /responses, streaming, with conf->assistant_model; the rules and codes of
 * rcd_openai_chat. When a conversation is named also RCD_NOENT: it is gone, make a new one;
 * and RCD_BUSY: another answer is being written in it (a stream that we left may be that). */
int rcd_openai_respond(struct rcd_http *http, const struct rcd_openai_conf *conf,
                       const struct rcd_openai_ask *ask, rcd_text_fn *fn, void *arg,
                       struct rcd_chat_usage *usage, struct rcd_err *err);

/* Conversations: a contact's context, kept at OpenAI until it is deleted; nothing personal is
 * put into its description. The items outlive a deletion, as OpenAI says. Codes as above. */
#define RCD_CONVERSATION_ID 80
bool rcd_openai_is_conversation(const char *id); /* "conv_" and letters, digits, "_", "-" */
int rcd_openai_conversation_new(struct rcd_http *http, const struct rcd_openai_conf *conf,
                                int64_t deadline, char id[RCD_CONVERSATION_ID],
                                struct rcd_err *err);
int rcd_openai_conversation_delete(struct rcd_http *http, const struct rcd_openai_conf *conf,
                                   const char *id, int64_t deadline, struct rcd_err *err);

/* POST /audio/transcriptions with the bytes as they are; the text into out (trimmed; "" is
 * an answer too). Same codes. */
int rcd_openai_transcribe(struct rcd_http *http, const struct rcd_openai_conf *conf,
                          struct rcd_sv bytes, const char *filename, const char *type,
                          int64_t deadline, struct rcd_buf *out, struct rcd_err *err);

#endif
