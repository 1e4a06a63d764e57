#include "daemon/sandbox/openai_see.h"

#include "base/crypto.h"
#include "base/limits.h"
#include "base/picture.h"

#include <stdio.h>
#include <string.h>

/* A part's URL: in an object for Chat Completions, bare for Responses; absent: it is no picture. */
static struct rcd_sv get_url(const json_t *part, struct rcd_sv *detail)
{
	struct rcd_sv type = rcd_json_sv(part, "type");
	const json_t *from = rcd_sv_is(type, "image_url") ? json_object_get(part, "image_url") : part;

	*detail = rcd_json_sv(from, "detail");
	if (rcd_sv_is(type, "image_url"))
		return json_is_object(from) ? rcd_json_sv(from, "url") : rcd_sv(NULL);
	return rcd_sv_is(type, "input_image") ? rcd_json_sv(part, "image_url") : rcd_sv(NULL);
}

static bool is_picture(const json_t *part)
{
	struct rcd_sv type = rcd_json_sv(part, "type");

	return rcd_sv_is(type, "image_url") || rcd_sv_is(type, "input_image");
}

/* A PNG without its end is one that the real service cannot read. */
static bool is_whole(struct rcd_sv bytes, const struct rcd_picture *p)
{
	return !rcd_sv_is(rcd_sv(p->type), "image/png") || memmem(bytes.p, bytes.n, "IEND", 4) != NULL;
}

/* "data:TYPE;base64,BYTES" whose bytes are of that type. */
static int read_url(struct rcd_sv url, struct rcd_picture *p)
{
	struct rcd_sv type = {NULL, 0}, rest = url;
	struct rcd_buf bytes;
	int ret = -1;

	if (!rcd_sv_cut(&rest, ';', &type) || !rcd_sv_starts(type, RCD_SV("data:")) ||
	    !rcd_sv_starts(rest, RCD_SV("base64,")))
		return -1;
	rcd_buf_init(&bytes, RCD_MAX_SHOWN);
	if (rcd_base64_decode(rcd_sv_skip(rest, 7), &bytes) == 0 &&
	    rcd_picture_read(rcd_buf_view(&bytes), p) == 0 &&
	    rcd_sv_is(rcd_sv_skip(type, 5), p->type) && is_whole(rcd_buf_view(&bytes), p))
		ret = 0;
	rcd_buf_free(&bytes);
	return ret;
}

static int set_ruling(struct rcd_sb_ruling *no, const char *code, const char *message)
{
	no->status = 400;
	no->code = code;
	(void)snprintf(no->message, sizeof(no->message), "%s", message);
	return -1;
}

static int check_part(const json_t *part, const char *model, struct rcd_sb_ruling *no)
{
	struct rcd_sv detail, url = get_url(part, &detail);
	struct rcd_picture p;

	if (!is_picture(part))
		return 0;
	if (rcd_sv_starts(rcd_sv(model), RCD_SV("gpt-3.5")))
		return set_ruling(no, "",
		                  "Invalid content type. image_url is only supported by certain models.");
	if (url.n == 0)
		return set_ruling(no, "missing_required_parameter",
		                  "Missing required parameter: 'image_url.url'.");
	if (detail.n > 0 && !rcd_sv_is(detail, "auto") && !rcd_sv_is(detail, "low") &&
	    !rcd_sv_is(detail, "high"))
		return set_ruling(no, "invalid_value", "Invalid value: 'image_url.detail'.");
	if (read_url(url, &p) != 0)
		return set_ruling(no, "invalid_image_format",
		                  "You uploaded an unsupported image. Please make sure your image "
		                  "has of one of the following formats: ['png', 'jpeg', 'gif', 'webp'].");
	return 0;
}

int rcd_sb_check_pictures(const json_t *messages, const char *model, struct rcd_sb_ruling *no)
{
	const json_t *message, *part;
	size_t i, k;

	json_array_foreach (messages, i, message) {
		json_array_foreach (json_object_get(message, "content"), k, part) {
			if (is_picture(part) && !rcd_sv_is(rcd_json_sv(message, "role"), "user"))
				return set_ruling(no, "invalid_value",
				                  "Images are only allowed in messages with role 'user'.");
			if (check_part(part, model, no) != 0)
				return -1;
		}
	}
	return 0;
}

size_t rcd_sb_pictures(const json_t *messages)
{
	const json_t *message, *part;
	size_t i, k, n = 0;

	json_array_foreach (messages, i, message) {
		json_array_foreach (json_object_get(message, "content"), k, part)
			n += is_picture(part);
	}
	return n;
}

static const json_t *get_last_parts(const json_t *messages)
{
	for (size_t i = json_array_size(messages); i > 0; i--)
		if (rcd_sv_is(rcd_json_sv(json_array_get(messages, i - 1), "role"), "user"))
			return json_object_get(json_array_get(messages, i - 1), "content");
	return NULL;
}

static void describe_parts(const json_t *parts, const char *before, const char *behind,
                           struct rcd_buf *out)
{
	struct rcd_picture p;
	struct rcd_sv detail;
	const json_t *part;
	size_t i;

	json_array_foreach (parts, i, part)
		if (is_picture(part) && read_url(get_url(part, &detail), &p) == 0)
			rcd_buf_fmt(out, "%s%s %ux%u%s", before, p.type, p.width, p.height, behind);
}

void rcd_sb_see(const json_t *req, struct rcd_buf *out)
{
	const json_t *input = json_object_get(req, "input"), *part;
	const json_t *parts = get_last_parts(input != NULL ? input : json_object_get(req, "messages"));
	size_t i;

	json_array_foreach (parts, i, part) {
		struct rcd_sv text = rcd_json_sv(part, "text");

		if (text.n > 0 && (memmem(text.p, text.n, "[imagem:", 8) != NULL ||
		                   memmem(text.p, text.n, "[image:", 7) != NULL)) {
			describe_parts(parts, "[imagem: ", "]\n", out);
			break;
		}
	}
	describe_parts(parts, "Vejo ", ". ", out);
}
