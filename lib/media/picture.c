/* Pictures on their way to a model that sees, and what it saw on the way into the history. They are
 * shown in the turn in which they came; later turns have the words. */

#include "base/picture.h"
#include "base/crypto.h"
#include "media/media_int.h"

#include <stdio.h>

static bool is_wanted(const struct rcd_media *m, const struct rcd_received *h, size_t bytes)
{
	const struct rcd_vision_conf *v = m->vision;

	return rcd_media_has_model(m) && m->sees && json_array_size(h->pictures) < (size_t)v->images &&
	       bytes <= (size_t)v->max_bytes && bytes + h->picture_bytes <= RCD_MAX_SHOWN;
}

/* WhatsApp's stickers are WebP of this size, its photos are JPEG. */
static bool is_sticker(const struct rcd_picture *p)
{
	return p->width == 512 && p->height == 512 && rcd_sv_is(rcd_sv(p->type), "image/webp");
}

static bool is_sane(const struct rcd_picture *p)
{
	return p->width <= RCD_MAX_PICTURE_SIDE && p->height <= RCD_MAX_PICTURE_SIDE &&
	       (uint64_t)p->width * p->height <= RCD_MAX_PICTURE_PIXELS;
}

static json_t *make_url(struct rcd_sv bytes, const char *type)
{
	struct rcd_buf url;
	json_t *v = NULL;

	rcd_buf_init(&url, 2 * RCD_MAX_SHOWN);
	rcd_buf_fmt(&url, "data:%s;base64,", type);
	rcd_base64(bytes, &url);
	if (!url.bad)
		v = json_stringn_nocheck(url.p, url.n);
	rcd_buf_free(&url);
	return v;
}

int rcd_picture_show(const struct rcd_media *m, struct rcd_sv bytes, struct rcd_received *h,
                     bool *shown, struct rcd_err *err)
{
	struct rcd_picture p;

	*shown = false;
	if (!is_wanted(m, h, bytes.n) || rcd_picture_read(bytes, &p) != 0 || is_sticker(&p) ||
	    !is_sane(&p))
		return 0;
	if (h->pictures == NULL && (h->pictures = json_array()) == NULL)
		return rcd_fail_nomem(err);
	h->picture_mark[json_array_size(h->pictures)] = h->n_picture_marks;
	if (json_array_append_new(h->pictures, make_url(bytes, p.type)) != 0)
		return rcd_fail_nomem(err);
	h->picture_bytes += bytes.n;
	*shown = true;
	return 0;
}

json_t *rcd_pictures_ask(const struct rcd_received *h, enum rcd_lang lang)
{
	return json_pack("{s:s, s:O}", "note", rcd_media_text(lang, RCD_PICTURES_RULE), "urls",
	                 h->pictures);
}

/* --- what was seen ------------------------------------------------------------------------- */

static size_t count_marks(struct rcd_sv text, const char *mark)
{
	struct rcd_sv line;
	size_t n = 0;

	while (rcd_sv_cut(&text, '\n', &line))
		n += rcd_sv_is(line, mark);
	return n;
}

/* The description of the picture whose mark is that one; absent: there is none. */
static struct rcd_sv find_caption(const struct rcd_received *h, const struct rcd_captions *captions,
                                  size_t mark)
{
	struct rcd_sv rest = rcd_buf_view(&captions->text), line;

	for (size_t k = 0; k < json_array_size(h->pictures) && rcd_sv_cut(&rest, '\n', &line); k++)
		if (h->picture_mark[k] == mark)
			return line;
	return rcd_sv(NULL);
}

int rcd_pictures_describe(const struct rcd_received *h, const struct rcd_captions *captions,
                          enum rcd_lang lang, struct rcd_buf *out, struct rcd_err *err)
{
	const char *image = rcd_media_text(lang, RCD_MARK_IMAGE);
	struct rcd_sv rest = rcd_buf_view(&h->customer_text), line, caption;
	char bare[32];
	size_t mark;

	(void)snprintf(bare, sizeof(bare), "[%s]", image);
	/* marks of the oldest messages may have been cut off */
	mark = h->n_picture_marks - count_marks(rest, bare);
	while (rcd_sv_cut(&rest, '\n', &line)) {
		if (out->n > 0)
			rcd_buf_ch(out, '\n');
		caption = rcd_sv_is(line, bare) ? find_caption(h, captions, mark++) : rcd_sv(NULL);
		if (caption.n > 0)
			rcd_buf_fmt(out, "[%s: %.*s]", image, RCD_SV_ARG(caption));
		else
			rcd_buf_sv(out, line);
	}
	return captions->text.bad || out->bad ? rcd_fail_nomem(err) : 0;
}
