/* Simulated OpenAI: transcriptions. */

#include "daemon/sandbox/box.h"

#include "base/limits.h"

#include <string.h>

#define MAX_FILE ((size_t)25 * 1024 * 1024)

struct upload {
	struct rcd_buf file, model, language, format;
	char name[128], type[64];
	bool has_file;
};

static void copy_value(char *out, size_t n, const char *v)
{
	size_t len = v != NULL ? rcd_utf8_cut(rcd_sv(v), n - 1) : 0;

	if (len > 0)
		memcpy(out, v, len);
	out[len] = '\0';
}

static int on_part(void *arg, const char *name, const char *filename, const char *type,
                   struct rcd_sv piece)
{
	struct upload *u = arg;
	struct rcd_buf *into = NULL;

	if (strcmp(name, "file") == 0) {
		copy_value(u->name, sizeof(u->name), filename);
		copy_value(u->type, sizeof(u->type), type);
		u->has_file = true;
		into = &u->file;
	} else if (strcmp(name, "model") == 0) {
		into = &u->model;
	} else if (strcmp(name, "language") == 0) {
		into = &u->language;
	} else if (strcmp(name, "response_format") == 0) {
		into = &u->format;
	}
	if (into != NULL)
		rcd_buf_sv(into, piece);
	return into != NULL && into->bad && !into->over ? -1 : 0;
}

/* OpenAI goes by the file's name. */
static bool is_valid_name(const char *name)
{
	static const char *const ends[] = {"flac", "mp3", "mp4", "mpeg", "mpga",
	                                   "m4a",  "ogg", "wav", "webm"};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && i < sizeof(ends) / sizeof(ends[0]); i++)
		if (strcmp(dot + 1, ends[i]) == 0)
			return true;
	return false;
}

static int send_transcript(struct rcd_sb_call *c, const struct upload *u)
{
	struct rcd_buf text;
	int ret = -1;

	rcd_buf_init(&text, RCD_MAX_TEXT);
	if (c->fault.text != NULL)
		rcd_buf_str(&text, c->fault.text);
	else if (!rcd_sb_media_said(c->box->media, rcd_buf_view(&u->file), &text))
		rcd_buf_str(&text, "quanto custa a entrega?");
	if (text.bad) {
		rcd_buf_free(&text);
		return -1;
	}
	rcd_sb_note_sv(c, "text", rcd_buf_view(&text));
	if (u->format.n > 0 && strcmp(u->format.p, "text") == 0)
		ret = rcd_sb_reply(c, 200, "text/plain; charset=utf-8", rcd_buf_view(&text));
	else
		ret = rcd_sb_reply_json(c, 200,
		                        json_pack("{s:o s:{s:s s:i}}", "text",
		                                  rcd_json_str(rcd_buf_view(&text)), "usage", "type",
		                                  "duration", "seconds", 3));
	rcd_buf_free(&text);
	return ret;
}

static int judge_upload(struct rcd_sb_call *c, const struct upload *u)
{
	if (!u->has_file)
		return rcd_sb_refuse(c, 400, "", "Missing required parameter: 'file'.");
	if (u->model.n == 0)
		return rcd_sb_refuse(c, 400, "", "you must provide a model parameter");
	if (!is_valid_name(u->name))
		return rcd_sb_refuse(c, 400, "", "Invalid file format.");
	if (u->file.over)
		return rcd_sb_refuse(c, 413, "", "Maximum content size limit exceeded");
	if (u->file.n == 0)
		return rcd_sb_refuse(c, 400, "", "Audio file is too short.");
	return send_transcript(c, u);
}

int rcd_sb_openai_transcribe(struct rcd_sb_call *c)
{
	struct upload u = {.has_file = false};
	int ret;

	rcd_buf_init(&u.file, MAX_FILE);
	rcd_buf_init(&u.model, 128);
	rcd_buf_init(&u.language, 32);
	rcd_buf_init(&u.format, 32);
	if (rcd_sb_req_parts(c->req, on_part, &u) != 0) {
		ret = rcd_sb_refuse(c, 400, "", "Could not parse multipart form");
	} else {
		rcd_sb_note_sv(c, "model", rcd_buf_view(&u.model));
		rcd_sb_note_sv(c, "language", rcd_buf_view(&u.language));
		rcd_sb_note_sv(c, "filename", rcd_sv(u.name));
		rcd_sb_note_sv(c, "type", rcd_sv(u.type));
		rcd_sb_note(c, "bytes", json_integer((json_int_t)u.file.n));
		ret = judge_upload(c, &u);
	}
	rcd_buf_free(&u.file);
	rcd_buf_free(&u.model);
	rcd_buf_free(&u.language);
	rcd_buf_free(&u.format);
	return ret;
}
