/* One attachment: what it is by its bytes decides what is done with it. */

#include "media/media_int.h"

/* What is not speech is kept and answered as what it is. */
static const struct {
	enum rcd_media_text mark;
	enum rcd_notice notice;
} as_it_is[RCD_N_KINDS] = {
	[RCD_KIND_UNKNOWN] = {RCD_MARK_FILE, RCD_NOTICE_DOCUMENT},
	[RCD_KIND_IMAGE] = {RCD_MARK_IMAGE, RCD_NOTICE_IMAGE},
	[RCD_KIND_STICKER] = {RCD_MARK_STICKER, RCD_NOTICE_STICKER},
	[RCD_KIND_VIDEO] = {RCD_MARK_VIDEO, RCD_NOTICE_VIDEO},
	[RCD_KIND_WEBM] = {RCD_MARK_VIDEO, RCD_NOTICE_VIDEO},
	[RCD_KIND_PDF] = {RCD_MARK_DOCUMENT, RCD_NOTICE_DOCUMENT},
	[RCD_KIND_DOCUMENT] = {RCD_MARK_DOCUMENT, RCD_NOTICE_DOCUMENT},
	[RCD_KIND_TEXT] = {RCD_MARK_DOCUMENT, RCD_NOTICE_DOCUMENT},
	[RCD_KIND_CONTACT] = {RCD_MARK_CONTACT, RCD_NOTICE_CONTACT},
};

static bool is_audio_type(struct rcd_sv type)
{
	return rcd_sv_starts(type, RCD_SV("audio/"));
}

static bool is_document(enum rcd_kind kind)
{
	return kind == RCD_KIND_PDF || kind == RCD_KIND_DOCUMENT || kind == RCD_KIND_TEXT;
}

static bool may_be_document(struct rcd_sv declared)
{
	return !is_audio_type(declared) && !rcd_sv_starts(declared, RCD_SV("image/")) &&
	       !rcd_sv_starts(declared, RCD_SV("video/"));
}

static void put_mark(const struct rcd_media *m, struct rcd_received *h, enum rcd_media_text mark)
{
	rcd_received_mark(h, rcd_media_text(m->lang, mark));
}

static int hear_picture(const struct rcd_media *m, struct rcd_sv bytes, enum rcd_kind kind,
                        struct rcd_received *h, struct rcd_err *err)
{
	const enum rcd_media_text mark = as_it_is[kind].mark;
	bool shown = false;

	if (rcd_picture_show(m, bytes, h, &shown, err) != 0)
		return -1;
	h->n_picture_marks += shown || mark == RCD_MARK_IMAGE;
	put_mark(m, h, shown ? RCD_MARK_IMAGE : mark);
	h->has_shown = h->has_shown || shown;
	rcd_received_notice(h, as_it_is[kind].notice);
	return 0;
}

static bool hear_card(const struct rcd_media *m, struct rcd_sv bytes, struct rcd_received *h)
{
	struct rcd_buf text;
	bool is_read;

	rcd_buf_init(&text, RCD_MAX_CONTEXT);
	is_read = rcd_beside_put_card(m, bytes, &text);
	if (is_read) {
		rcd_received_beside(h, rcd_buf_view(&text));
		h->has_words = true;
	}
	rcd_buf_free(&text);
	return is_read;
}

static void refuse_audio(const struct rcd_media *m, enum rcd_kind kind, size_t bytes,
                         struct rcd_received *h)
{
	h->has_voice_note = true;
	rcd_media_log(m, "audio_not_recognized kind=%s bytes=%zu", rcd_kind_name(kind), bytes);
	put_mark(m, h, RCD_MARK_VOICE_NOTE);
	rcd_received_notice(h, RCD_NOTICE_NOT_AUDIO);
}

static int hear_bytes(const struct rcd_media *m, const struct rcd_attachment *a,
                      struct rcd_sv bytes, struct rcd_sv type, struct rcd_received *h,
                      struct rcd_err *err)
{
	enum rcd_kind kind = rcd_sniff(bytes, type);
	bool told = false;

	if (rcd_kind_is_audio(kind))
		return rcd_voice_note_hear(m, a, bytes, kind, h, err);
	if (rcd_attachment_keep(m, a, kind, type, bytes, err) != 0)
		return -1;
	if (is_audio_type(type)) {
		refuse_audio(m, kind, bytes.n, h);
		return 0;
	}
	if (kind == RCD_KIND_CONTACT && hear_card(m, bytes, h))
		return 0;
	if (kind == RCD_KIND_IMAGE || kind == RCD_KIND_STICKER)
		return hear_picture(m, bytes, kind, h, err);
	if (is_document(kind) && rcd_document_hear(m, a, bytes, type, h, &told, err) != 0)
		return -1;
	if (!told)
		put_mark(m, h, as_it_is[kind].mark);
	rcd_received_notice(h, as_it_is[kind].notice);
	return 0;
}

static void miss_attachment(const struct rcd_media *m, const struct rcd_attachment *a,
                            const struct rcd_err *why, struct rcd_received *h)
{
	rcd_media_log(m, "attachment_not_fetched err=\"%s\"", why->msg);
	h->has_voice_note = h->has_voice_note || is_audio_type(a->declared);
	put_mark(m, h, RCD_MARK_ATTACHMENT);
	rcd_received_notice(h, RCD_NOTICE_MEDIA_GONE);
}

static int fetch_and_hear(const struct rcd_media *m, const struct rcd_attachment *a,
                          struct rcd_received *h, struct rcd_err *err)
{
	struct rcd_gate *gate = NULL;
	struct rcd_buf bytes;
	char type[96] = "";
	int ret = rcd_attachment_fetch(m, a, &bytes, type, &gate, err);

	if (ret == 0) {
		ret = hear_bytes(m, a, rcd_buf_view(&bytes), a->declared.n > 0 ? a->declared : rcd_sv(type),
		                 h, err);
	} else if (err->code != RCD_NOMEM && err->code != RCD_CANCELLED) {
		miss_attachment(m, a, err, h);
		ret = 0;
	}
	rcd_buf_free(&bytes);
	rcd_gate_leave(gate);
	return ret;
}

/* *known: this turn had heard or read it before it began anew. */
static int recall_attachment(const struct rcd_media *m, const struct rcd_attachment *a,
                             struct rcd_received *h, bool *known, struct rcd_err *err)
{
	if (rcd_voice_note_recall(m, a, h, known, err) != 0)
		return -1;
	if (*known || !may_be_document(a->declared))
		return 0;
	if (rcd_document_recall(m, a, h, known, err) != 0)
		return -1;
	if (*known)
		rcd_received_notice(h, RCD_NOTICE_DOCUMENT);
	return 0;
}

int rcd_attachment_hear(const struct rcd_media *m, const struct rcd_attachment *a,
                        struct rcd_received *h, struct rcd_err *err)
{
	bool known = false, spared = false;

	if (recall_attachment(m, a, h, &known, err) != 0)
		return -1;
	if (known)
		return 0;
	if (is_audio_type(a->declared) && m->turn->spares_note(m->arg, &spared, err) != 0)
		return -1;
	if (!spared)
		return fetch_and_hear(m, a, h, err);
	h->has_voice_note = true;
	put_mark(m, h, RCD_MARK_VOICE_NOTE);
	return 0;
}
