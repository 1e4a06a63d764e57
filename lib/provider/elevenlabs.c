#include "base/limits.h"
#include "provider/answer.h"
#include "provider/voice.h"
#include "provider/voice_body.h"

#include <string.h>
#include <strings.h>

#define HZ 24000
#define DOING "elevenlabs: speech"
#define FIRST_MS (30 * 1000)

static int read_body(struct rcd_http_stream *http, struct rcd_voice_body *body, struct rcd_err *err)
{
	uint8_t piece[8192];
	size_t n;

	for (;;) {
		if (rcd_http_read(http, piece, sizeof(piece), &n, err) != 0)
			return rcd_answer_lost(DOING, err);
		if (n == 0)
			return rcd_voice_body_end(body, err);
		if (rcd_voice_body_add(body, piece, n, err) != 0)
			return -1;
	}
}

static bool is_same(const char *word, const char *other)
{
	return strcmp(word, other) == 0;
}

static enum rcd_account_fault map_account(int status, const char *word)
{
	if (status == 402 || is_same(word, "quota_exceeded"))
		return RCD_ACCOUNT_QUOTA;
	return status == 401 || status == 403 ? RCD_ACCOUNT_KEY : RCD_ACCOUNT_FINE;
}

static const char *get_advice(int status, const char *word)
{
	if (is_same(word, "quota_exceeded"))
		return "; the account has no characters left";
	if (is_same(word, "voice_not_found") || status == 404)
		return "; check ELEVENLABS_VOICE_ID";
	return status == 401 ? "; is ELEVENLABS_API_KEY right?" : "";
}

/* {"detail": {"status": "quota_exceeded"}}, or a list of what is wrong with the request. */
static int fail_refused(const char *doing, const struct rcd_http_res *res, struct rcd_sv body,
                        struct rcd_err *err)
{
	enum rcd_code code = RCD_INVAL;
	json_t *answer = NULL;
	char word[RCD_WORD];

	(void)rcd_json_parse(body, RCD_MAX_REFUSAL, &answer, RCD_UNREAD_ERR);
	(void)rcd_answer_word(rcd_json_sv(json_object_get(answer, "detail"), "status"), word);
	json_decref(answer);
	if (res->status == 401 || res->status == 402 || res->status == 403 || res->status == 404 ||
	    is_same(word, "quota_exceeded") || is_same(word, "voice_not_found"))
		code = RCD_DENIED;
	else if (res->status == 408 || res->status == 429 || res->status >= 500)
		code = RCD_DOWN;
	else if (res->status < 400)
		code = RCD_PROTO;
	(void)rcd_fail(err, code, res->status, "%s: HTTP %d%s%s%s", doing, res->status,
	               word[0] != '\0' ? ", " : "", word, get_advice(res->status, word));
	err->retry_after = res->retry_after;
	err->account = map_account(res->status, word);
	return -1;
}

/* The models that take language_code; the others refuse the request. */
static bool has_language(const char *model)
{
	struct rcd_sv m = rcd_sv(model);

	return rcd_sv_ends(m, RCD_SV("_v2_5")) || rcd_sv_starts(m, RCD_SV("eleven_v3")) ||
	       rcd_sv_starts(m, RCD_SV("eleven_v4"));
}

static json_t *build_request(const struct rcd_voice_conf *conf, struct rcd_sv text)
{
	/* the text has its numbers in words already */
	json_t *req = json_pack("{s:o, s:s, s:s, s:{s:f, s:f, s:f, s:b, s:f}}", "text",
	                        rcd_json_str(text), "model_id", conf->model, "apply_text_normalization",
	                        "off", "voice_settings", "stability", conf->stability,
	                        "similarity_boost", conf->similarity, "style", conf->style,
	                        "use_speaker_boost", (int)conf->speaker_boost, "speed", conf->speed);

	if (req != NULL && conf->language != NULL && conf->language[0] != '\0' &&
	    has_language(conf->model) &&
	    json_object_set_new(req, "language_code", json_string(conf->language)) != 0) {
		json_decref(req);
		return NULL;
	}
	return req;
}

static int run_exchange(struct rcd_http *http, const struct rcd_http_req *req,
                        struct rcd_voice_body *body, struct rcd_err *err)
{
	struct rcd_exchange x = {.doing = DOING, .refused = fail_refused};
	int ret = rcd_exchange_begin(&x, http, req, err);

	if (ret == 0)
		ret = rcd_voice_type_ok(x.res.type)
		          ? read_body(x.stream, body, err)
		          : rcd_fail(err, RCD_PROTO, 0, DOING ": the answer is not sound");
	rcd_exchange_end(&x);
	return ret;
}

/* It becomes part of a path. */
static bool is_voice_id(const char *id)
{
	size_t n = strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

	return n > 0 && n <= 64 && id[n] == '\0';
}

static int speak_text(struct rcd_http *http, const struct rcd_voice_conf *conf, struct rcd_sv text,
                      int64_t deadline, rcd_pcm_fn *fn, void *arg, struct rcd_err *err)
{
	struct rcd_voice_body sound = {.doing = DOING,
	                               .decoder = conf->decoder,
	                               .hz = HZ,
	                               .fn = fn,
	                               .arg = arg};
	struct rcd_buf url, body;
	int ret;

	if (conf->voice_id == NULL || !is_voice_id(conf->voice_id))
		return rcd_fail(err, RCD_INVAL, 0,
		                DOING ": ELEVENLABS_VOICE_ID is not 1 to 64 letters and digits");
	if (rcd_sv_trim(text).n == 0)
		return rcd_fail(err, RCD_INVAL, 0, DOING ": nothing to say");
	rcd_voice_body_init(&sound);
	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&body, RCD_MAX_JSON);
	rcd_answer_url(&url, conf->base_url, "/v1/text-to-speech/");
	rcd_buf_fmt(&url, "%s/stream?output_format=pcm_%d", conf->voice_id, HZ);
	rcd_json_text(build_request(conf, text), &body);
	if (url.bad || body.bad) {
		ret = rcd_fail_nomem(err);
	} else {
		const struct rcd_http_req req = {.url = url.p,
		                                 .key_header = "xi-api-key: ",
		                                 .key = &conf->key,
		                                 .body = rcd_buf_view(&body),
		                                 .body_type = "application/json",
		                                 .first_ms = FIRST_MS,
		                                 .repeatable = true,
		                                 .deadline = deadline};
		ret = run_exchange(http, &req, &sound, err);
	}
	rcd_voice_body_free(&sound);
	rcd_buf_free(&body);
	rcd_buf_free(&url);
	return ret;
}

const struct rcd_voice_ops rcd_voice_elevenlabs = {"elevenlabs", HZ, true, speak_text};
