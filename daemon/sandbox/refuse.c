/* Refusals in each provider's own form. */

#include "daemon/sandbox/box.h"

#include <stdio.h>
#include <string.h>

/* What a provider calls its errors by default: the first row whose range holds the status. */
struct usual {
	int from, to;
	const char *code;
};

static const struct usual twilio_codes[] = {
	{401, 401, "20003"},
	{404, 404, "20404"},
	{429, 429, "20429"},
	{0, 999, "20500"},
};
static const struct usual openai_types[] = {
	{429, 429, "requests"},
	{500, 999, "server_error"},
	{0, 999, "invalid_request_error"},
};
static const struct usual openai_codes[] = {
	{401, 401, "invalid_api_key"},
	{429, 429, "rate_limit_exceeded"},
	{0, 999, NULL},
};
static const struct usual elevenlabs_codes[] = {
	{401, 401, "invalid_api_key"},
	{404, 404, "voice_not_found"},
	{429, 429, "too_many_concurrent_requests"},
	{500, 999, "internal_server_error"},
	{0, 999, "invalid_request"},
};
static const struct usual s3_codes[] = {
	{301, 301, "PermanentRedirect"}, {307, 307, "TemporaryRedirect"}, {403, 403, "AccessDenied"},
	{404, 404, "NoSuchKey"},         {429, 429, "SlowDown"},          {503, 503, "SlowDown"},
	{500, 999, "InternalError"},     {0, 999, "InvalidRequest"},
};

/* Every table ends with a row for any status. */
static const char *find_code(const struct usual *row, int status)
{
	while (status < row->from || status > row->to)
		row++;
	return row->code;
}

static json_t *make_twilio_error(int status, const char *code, const char *message)
{
	int64_t n = 0;
	char url[80];

	if (rcd_parse_i64(rcd_sv(code), 1, 999999, &n) != 0)
		(void)rcd_parse_i64(rcd_sv(find_code(twilio_codes, status)), 1, 999999, &n);
	(void)snprintf(url, sizeof(url), "https://www.twilio.com/docs/errors/%lld", (long long)n);
	return json_pack("{s:I, s:s, s:s, s:i}", "code", (json_int_t)n, "message", message, "more_info",
	                 url, "status", status);
}

static json_t *make_openai_error(int status, const char *code, const char *message)
{
	if (code[0] == '\0')
		code = find_code(openai_codes, status);
	return json_pack("{s:{s:s, s:s, s:n, s:s?}}", "error", "message", message, "type",
	                 find_code(openai_types, status), "param", "code", code);
}

static json_t *make_elevenlabs_error(int status, const char *code, const char *message)
{
	if (code[0] == '\0')
		code = find_code(elevenlabs_codes, status);
	return json_pack("{s:{s:s, s:s}}", "detail", "status", code, "message", message);
}

/* S3 answers in XML. */
static int refuse_s3(struct rcd_sb_call *c, int status, const char *code, const char *message)
{
	struct rcd_buf b;
	int ret = -1;

	if (code[0] == '\0')
		code = find_code(s3_codes, status);
	rcd_buf_init(&b, 4096);
	rcd_buf_fmt(
		&b,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message>",
		code, message);
	if (strcmp(code, "AuthorizationHeaderMalformed") == 0)
		rcd_buf_fmt(&b, "<Region>%s</Region>", c->box->value[RCD_SB_S3_REGION]);
	if (status >= 300 && status < 400) /* the bucket has moved to a region of its own */
		rcd_buf_str(&b, "<Endpoint>bucket.s3.sandbox-west-1.amazonaws.com</Endpoint>");
	rcd_buf_str(&b, "<RequestId>5A9DB0C5</RequestId></Error>");
	if (!b.bad)
		ret = rcd_sb_reply(c, status, "application/xml", rcd_buf_view(&b));
	rcd_buf_free(&b);
	return ret;
}

int rcd_sb_refuse(struct rcd_sb_call *c, int status, const char *code, const char *message)
{
	enum rcd_sb_provider who = c->route != NULL ? c->route->provider : RCD_SB_NOBODY;
	json_t *body;

	if (code[0] != '\0')
		rcd_sb_note(c, "code", json_string(code));
	if (who == RCD_SB_S3)
		return refuse_s3(c, status, code, message);
	if (who == RCD_SB_TWILIO)
		body = make_twilio_error(status, code, message);
	else if (who == RCD_SB_ELEVENLABS)
		body = make_elevenlabs_error(status, code, message);
	else
		body = make_openai_error(status, code, message);
	return rcd_sb_reply_json(c, status, body);
}
