/* The request of a declared tool. The model's arguments fill its url and its body, and lead nowhere
 * else. */

#include "base/clock.h"
#include "base/limits.h"
#include "net/http.h"
#include "tools/asker.h"
#include "tools/http_tool.h"
#include "tools/path.h"

#include <stdio.h>
#include <string.h>

/* --- the url ------------------------------------------------------------------------------ */

bool rcd_tool_next_place(struct rcd_sv *rest, struct rcd_sv *before, struct rcd_sv *name)
{
	const char *open = rest->n > 0 ? memchr(rest->p, '{', rest->n) : NULL;
	const char *close = open != NULL ? memchr(open, '}', rest->n - (size_t)(open - rest->p)) : NULL;

	if (close == NULL)
		return false;
	*before = (struct rcd_sv){rest->p, (size_t)(open - rest->p)};
	*name = (struct rcd_sv){open + 1, (size_t)(close - open) - 1};
	*rest = rcd_sv_skip(*rest, (size_t)(close - rest->p) + 1);
	return true;
}

static void append_encoded(struct rcd_sv v, struct rcd_buf *out)
{
	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		             c == '-' || c == '_' || c == '.' || c == '~';

		if (plain)
			rcd_buf_ch(out, v.p[i]);
		else
			rcd_buf_fmt(out, "%%%02X", c);
	}
}

static void append_value(const json_t *v, struct rcd_buf *out)
{
	if (json_is_string(v)) {
		append_encoded((struct rcd_sv){json_string_value(v), json_string_length(v)}, out);
	} else if (v != NULL) {
		struct rcd_buf text;

		rcd_buf_init(&text, RCD_MAX_URL);
		rcd_json_canonical(v, &text);
		append_encoded(rcd_buf_view(&text), out);
		out->bad = out->bad || text.bad;
		rcd_buf_free(&text);
	}
}

static bool is_in_url(const struct rcd_tool_http *h, const char *name)
{
	struct rcd_sv rest = rcd_sv(h->url), before, one;

	while (rcd_tool_next_place(&rest, &before, &one))
		if (rcd_sv_is(one, name))
			return true;
	return false;
}

/* Values side by side may make up what none of them is: dots. */
static bool has_dots(const struct rcd_buf *url)
{
	const char *path = strchr(strstr(url->p, "://") + 3, '/');
	struct rcd_sv rest = rcd_sv(path), part;

	rest.n = strcspn(path, "?");
	while (rcd_sv_cut(&rest, '/', &part))
		if (rcd_tool_is_dots(part))
			return true;
	return false;
}

static bool can_fill_place(const json_t *v)
{
	return json_is_integer(v) ||
	       (json_is_string(v) &&
	        rcd_tool_fills_place((struct rcd_sv){json_string_value(v), json_string_length(v)}));
}

/* The url with the model's values in its places. */
static int fill_places(const struct rcd_tool_run *r, struct rcd_buf *out, struct rcd_err *err)
{
	struct rcd_sv rest = rcd_sv(r->tool->http->url), before, name;
	char text[80];

	while (rcd_tool_next_place(&rest, &before, &name)) {
		(void)snprintf(text, sizeof(text), "%.*s", RCD_SV_ARG(name));
		if (!can_fill_place(json_object_get(r->args, text)))
			return rcd_fail(err, RCD_DENIED, 0,
			                "%s: must be there, not blank, and have no slash or control"
			                " character: ask the customer for it",
			                text);
		rcd_buf_sv(out, before);
		append_value(json_object_get(r->args, text), out);
	}
	rcd_buf_sv(out, rest);
	return 0;
}

/* The other arguments of a GET. */
static void append_query(const struct rcd_tool_run *r, struct rcd_buf *out)
{
	const struct rcd_tool_http *h = r->tool->http;
	char sep = strchr(h->url, '?') != NULL ? '&' : '?';
	const char *key;
	json_t *v;

	json_object_foreach ((json_t *)(uintptr_t)r->args, key, v) {
		if (is_in_url(h, key))
			continue;
		rcd_buf_fmt(out, "%c%s=", sep, key);
		append_value(v, out);
		sep = '&';
	}
}

static int make_url(const struct rcd_tool_run *r, struct rcd_buf *out, struct rcd_err *err)
{
	const struct rcd_tool_http *h = r->tool->http;
	struct rcd_origin origin;

	if (fill_places(r, out, err) != 0)
		return -1;
	if (h->get)
		append_query(r, out);
	if (out->bad)
		return out->over ? rcd_fail(err, RCD_LIMIT, 0, "the arguments are too long")
		                 : rcd_fail_nomem(err);
	if (rcd_origin_parse(out->p, &origin, err) != 0 || !rcd_origin_same(&origin, &h->origin) ||
	    has_dots(out))
		return rcd_fail(err, RCD_DENIED, 0, "the arguments lead elsewhere");
	return 0;
}

/* --- the exchange ------------------------------------------------------------------------- */

/* {"status": 200, "body": …}: what is JSON stays JSON. */
static int write_response(struct rcd_tool_run *r, const struct rcd_http_res *res,
                          struct rcd_err *err)
{
	struct rcd_sv body = rcd_buf_view(&res->body);
	json_t *v = NULL;

	if (rcd_json_parse(body, RCD_MAX_JSON, &v, RCD_UNREAD_ERR) != 0)
		v = rcd_json_str(body);
	rcd_json_text(json_pack("{s:i, s:o}", "status", res->status, "body", v), r->result);
	if (!r->result->bad)
		return 0;
	return r->result->over ? rcd_fail(err, RCD_LIMIT, 0, "a longer answer than it may have")
	                       : rcd_fail_nomem(err);
}

static int send_request(struct rcd_tool_run *r, const char *url, struct rcd_sv body,
                        struct rcd_err *err)
{
	const struct rcd_tool_http *h = r->tool->http;
	int64_t by = rcd_deadline_in(h->timeout_ms);
	struct rcd_tool_asker who = {.contact = ""};
	struct rcd_http_req req = {.method = h->get ? "GET" : "POST",
	                           .url = url,
	                           .headers = who.header,
	                           .body = h->get ? rcd_sv(NULL) : body,
	                           .body_type = h->get ? NULL : "application/json",
	                           .max_body = h->max,
	                           .deadline = by < r->env->deadline ? by : r->env->deadline};
	struct rcd_http_res res = {0};
	int ret;

	rcd_tool_asker(r->env, strcmp(h->origin.scheme, "https") == 0, &who);
	if (rcd_secret_set(&h->secret)) {
		req.key_header = h->header;
		req.key = &h->secret;
	}
	ret = rcd_http_do(r->env->http, &req, &res, err);
	r->unsent = ret != 0 && !res.sent;
	if (ret == 0)
		ret = write_response(r, &res, err);
	rcd_http_res_free(&res);
	return ret;
}

int rcd_tool_http_run(struct rcd_tool_run *r, struct rcd_err *err)
{
	struct rcd_buf url, body;
	int ret;

	rcd_buf_init(&url, RCD_MAX_URL);
	rcd_buf_init(&body, 2 * RCD_MAX_CALL_ARGS);
	rcd_json_canonical(r->args, &body);
	r->unsent = true;
	ret = make_url(r, &url, err);
	if (ret == 0 && body.bad)
		ret = rcd_fail_nomem(err);
	if (ret == 0)
		ret = send_request(r, url.p, rcd_buf_view(&body), err);
	rcd_buf_free(&url);
	rcd_buf_free(&body);
	return ret;
}
