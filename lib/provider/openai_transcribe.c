#include "base/limits.h"
#include "provider/openai_api.h"

#include <stdio.h>

/* the deadline is the limit: nothing comes back before the whole note has been heard */
#define FIRST_MS (600 * 1000)

static int read_transcript(const struct rcd_http_res *res, const char *doing, struct rcd_buf *out,
                           struct rcd_err *err)
{
	struct rcd_sv text;
	json_t *answer;
	int ret = 0;

	if (res->status != 200)
		return rcd_openai_refused(doing, res, rcd_buf_view(&res->body), err);
	if (rcd_answer_json(rcd_buf_view(&res->body), &answer, err) != 0)
		return rcd_answer_lost(doing, err);
	text = rcd_json_sv(answer, "text");
	if (text.p == NULL) {
		ret = rcd_fail(err, RCD_PROTO, 0, "%s: an answer without text", doing);
	} else {
		rcd_buf_sv(out, rcd_sv_trim(text));
		if (out->bad)
			ret = out->over
			          ? rcd_fail(err, RCD_LIMIT, 0, "%s: more than %zu bytes", doing, out->max)
			          : rcd_fail_nomem(err);
	}
	json_decref(answer);
	return ret;
}

int rcd_openai_transcribe(struct rcd_http *http, const struct rcd_openai_conf *conf,
                          struct rcd_sv bytes, const char *filename, const char *type,
                          int64_t deadline, struct rcd_buf *out, struct rcd_err *err)
{
	const struct rcd_http_part part[] = {
		{"file", filename, type, bytes},
		{"model", NULL, NULL, rcd_sv(conf->transcribe_model)},
		{"response_format", NULL, NULL, RCD_SV("json")},
		{"language", NULL, NULL, rcd_sv(conf->language)}, /* the last, left off when not set */
	};
	const bool language = conf->language != NULL && conf->language[0] != '\0';
	struct rcd_http_req req = {.key_header = rcd_openai_key_header(conf),
	                           .key = &conf->key,
	                           .parts = part,
	                           .n_parts = language ? 4 : 3,
	                           .first_ms = FIRST_MS,
	                           .repeatable = true,
	                           .deadline = deadline};
	struct rcd_http_res res = {0};
	struct rcd_buf url;
	char doing[96];
	int ret;

	if (filename == NULL || type == NULL)
		return rcd_fail(err, RCD_INVAL, 0, "openai: transcription of something that is not audio");
	(void)snprintf(doing, sizeof(doing), "openai: transcription with %.64s",
	               conf->transcribe_model);
	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_answer_url(&url, conf->base_url, "/audio/transcriptions");
	req.url = url.p;
	if (url.bad)
		ret = rcd_fail_nomem(err);
	else if (rcd_http_do(http, &req, &res, err) != 0)
		ret = rcd_answer_lost(doing, err);
	else
		ret = read_transcript(&res, doing, out, err);
	rcd_http_res_free(&res);
	rcd_buf_free(&url);
	return ret;
}
