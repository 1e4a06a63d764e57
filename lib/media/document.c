/* Documents of customers: their text, as data for the model, and a line of it for the history.
 * Later turns have what kind of document it was and how it begins: the whole text in every later
 * prompt would cost more than it answers, and the file itself is kept. */

#include "knowledge/document.h"
#include "answer/sentence.h"
#include "base/clock.h"
#include "base/program.h"
#include "base/quote.h"
#include "media/media_int.h"

#include <string.h>
#include <unistd.h>

#define EXCERPT 300   /* characters of it in the history */
#define LEAST_MS 1000 /* for the extractor, however late it is */
/* Added to the number of a part: where its text is kept among transcripts. */
#define PART_TEXT 1000

static bool has_part(struct rcd_sv v, const char *part)
{
	return v.n > 0 && memmem(v.p, v.n, part, strlen(part)) != NULL;
}

static enum rcd_media_text name_kind(struct rcd_sv bytes, struct rcd_sv type)
{
	if (rcd_sv_starts(bytes, RCD_SV("%PDF-")))
		return RCD_DOCUMENT_PDF;
	if (has_part(type, "spreadsheet") || has_part(type, "excel"))
		return RCD_DOCUMENT_SHEET;
	if (has_part(type, "presentation") || has_part(type, "powerpoint"))
		return RCD_DOCUMENT_SLIDES;
	return has_part(type, "csv") ? RCD_DOCUMENT_TABLE : RCD_DOCUMENT_TEXT;
}

static bool is_wanted(const struct rcd_media *m)
{
	return m->extract != NULL && m->vision->document_chars > 0 && rcd_media_has_model(m);
}

/* --- what is told of it ---------------------------------------------------------------------- */

/* One document: what is said of it, and its text with nothing around it. */
struct reading {
	struct rcd_buf label, text;
};

static void free_reading(struct reading *r)
{
	rcd_buf_free(&r->label);
	rcd_buf_free(&r->text);
}

/* Every line in quotes of its own: no line of it can look like ours. */
static void quote_lines(struct rcd_buf *out, struct rcd_sv text)
{
	struct rcd_sv line;

	while (rcd_sv_cut(&text, '\n', &line))
		rcd_buf_fmt(out, "> %.*s\n", RCD_SV_ARG(line));
}

/* Bytes of the first max characters of it. */
static size_t cut_chars(struct rcd_sv text, size_t max)
{
	const char *p = text.p, *end = text.p + text.n;

	while (p < end && max-- > 0)
		(void)rcd_utf8_next(&p, end);
	return (size_t)(p - text.p);
}

/* Up to a whole sentence, where there is one. */
static struct rcd_sv cut_text(struct rcd_sv text, size_t max)
{
	struct rcd_sv head = {text.p, cut_chars(text, max)};
	size_t whole;

	if (head.n == text.n)
		return text;
	whole = rcd_sentence_last(head);
	return (struct rcd_sv){head.p, whole > 0 ? whole : head.n};
}

static void put_mark(const struct rcd_media *m, const struct reading *r, struct rcd_received *h)
{
	struct rcd_buf *out = &h->customer_text;

	rcd_buf_fmt(out, "%s[%s: %s", out->n > 0 ? "\n" : "",
	            rcd_media_text(m->lang, RCD_MARK_DOCUMENT), r->label.p);
	if (r->text.n > 0) {
		rcd_buf_str(out, ": \"");
		(void)rcd_quote(out, rcd_buf_view(&r->text), EXCERPT);
		rcd_buf_ch(out, '"');
	}
	rcd_buf_ch(out, ']');
}

static void put_text(const struct rcd_media *m, const struct reading *r, struct rcd_received *h)
{
	const size_t most = (size_t)m->vision->document_chars;
	const size_t left = most > h->document_chars ? most - h->document_chars : 0;
	struct rcd_sv text = rcd_buf_view(&r->text), shown = cut_text(text, left);

	h->n_documents++;
	rcd_buf_fmt(&h->document_text, "\n%s %zu (%s):\n", rcd_media_text(m->lang, RCD_DOCUMENT_HEAD),
	            h->n_documents, r->label.p);
	quote_lines(&h->document_text, rcd_sv_trim(shown));
	if (shown.n < text.n)
		rcd_buf_fmt(&h->document_text, "%s\n", rcd_media_text(m->lang, RCD_DOCUMENT_MORE));
	h->document_chars += rcd_utf8_count(shown);
}

static int put_reading(const struct rcd_media *m, const struct reading *r, struct rcd_received *h,
                       struct rcd_err *err)
{
	if (r->label.bad || r->text.bad)
		return rcd_fail_nomem(err);
	put_mark(m, r, h);
	if (r->text.n > 0)
		put_text(m, r, h);
	h->has_shown = true;
	return h->document_text.bad ? rcd_fail_nomem(err) : 0;
}

/* --- reading -------------------------------------------------------------------------------- */

static void put_passages(const struct rcd_media *m, const struct rcd_passages *cut,
                         struct rcd_buf *out)
{
	const size_t enough = 4 * (size_t)m->vision->document_chars + 4;
	int64_t page = 0;

	for (size_t i = 0; i < cut->n && out->n < enough; i++) {
		const struct rcd_passage_in *p = &cut->p[i];

		if (p->page > 0 && p->page != page)
			rcd_buf_fmt(out, "(%s %lld)\n", rcd_media_text(m->lang, RCD_DOCUMENT_PAGE),
			            (long long)p->page);
		page = p->page;
		if (p->heading.n > 0)
			rcd_buf_fmt(out, "%.*s\n", RCD_SV_ARG(p->heading));
		rcd_clean_text(out, rcd_sv_trim(p->text));
		rcd_buf_str(out, "\n\n");
	}
}

static void put_pages(const struct rcd_media *m, const struct rcd_passages *cut,
                      struct rcd_buf *out)
{
	int64_t pages = 0;

	for (size_t i = 0; i < cut->n; i++)
		if (cut->p[i].page > pages)
			pages = cut->p[i].page;
	if (pages > 0)
		rcd_buf_fmt(out, ", %lld %s", (long long)pages,
		            rcd_media_text(m->lang, pages == 1 ? RCD_DOCUMENT_PAGE : RCD_DOCUMENT_PAGES));
}

static int run_extractor(const struct rcd_media *m, struct rcd_sv bytes, struct rcd_sv type,
                         struct rcd_document *d, struct rcd_err *err)
{
	struct rcd_extract_conf how = *m->extract;
	int fd = rcd_program_input(bytes, err), ret;
	int64_t began = rcd_mono_us();

	if (fd < 0)
		return -1;
	how.ms = (int)rcd_deadline_left(*m->hear_by, RCD_EXTRACT_MS);
	if (how.ms < LEAST_MS)
		how.ms = LEAST_MS;
	ret = rcd_document_read(&how, fd, has_part(type, "csv") ? "document.csv" : "document.txt", d,
	                        err);
	(void)close(fd);
	rcd_media_figure(m, "extract_us", rcd_mono_us() - began);
	return ret;
}

static int extract_text(const struct rcd_media *m, struct rcd_sv bytes, struct rcd_sv type,
                        struct rcd_document *d, struct rcd_err *err)
{
	struct rcd_gate *gate = m->gates != NULL ? &m->gates->extractors : NULL;
	int ret;

	if (rcd_media_enter_gate(m, gate, err) != 0)
		return -1;
	ret = run_extractor(m, bytes, type, d, err);
	rcd_gate_leave(gate);
	return ret;
}

/* 1: it cannot be read because of us, and is answered as the kind that it is. */
static int read_document(const struct rcd_media *m, struct rcd_sv bytes, struct rcd_sv type,
                         struct reading *r, struct rcd_err *err)
{
	struct rcd_document d = {.json = NULL};

	rcd_buf_str(&r->label, rcd_media_text(m->lang, name_kind(bytes, type)));
	if (extract_text(m, bytes, type, &d, err) != 0) {
		if (err->code == RCD_NOMEM || err->code == RCD_CANCELLED)
			return -1;
		rcd_media_log(m, "document_unread err=\"%s\"", err->msg);
		if (err->code == RCD_NOENT || err->code == RCD_TIMEOUT || err->code == RCD_BUSY)
			return 1;
		rcd_buf_fmt(&r->label, ", %s",
		            rcd_media_text(m->lang, err->code == RCD_DENIED ? RCD_DOCUMENT_LOCKED
		                                                            : RCD_DOCUMENT_BROKEN));
		return 0;
	}
	put_pages(m, &d.cut, &r->label);
	put_passages(m, &d.cut, &r->text);
	rcd_document_done(&d);
	if (r->text.n == 0)
		rcd_buf_fmt(&r->label, ", %s", rcd_media_text(m->lang, RCD_DOCUMENT_EMPTY));
	return 0;
}

/* For a turn that begins anew: not fetched and not read a second time. */
static int store_reading(const struct rcd_media *m, const struct rcd_attachment *a,
                         const struct reading *r, struct rcd_err *err)
{
	struct rcd_buf kept;
	int ret;

	rcd_buf_init(&kept, 2 * RCD_MAX_PROMPT);
	rcd_buf_fmt(&kept, "%s\n", r->label.p);
	rcd_buf_sv(&kept, rcd_buf_view(&r->text));
	rcd_buf_cut(&kept, rcd_utf8_cut(rcd_buf_view(&kept), RCD_MAX_TEXT));
	ret = kept.bad ? rcd_fail_nomem(err)
	               : rcd_heard_put(m->db, m->tenant, a->inbox_id, PART_TEXT + a->part,
	                               rcd_buf_view(&kept), err);
	rcd_buf_free(&kept);
	return ret;
}

static void init_reading(struct reading *r)
{
	rcd_buf_init(&r->label, 1024);
	rcd_buf_init(&r->text, RCD_MAX_PROMPT);
}

int rcd_document_hear(const struct rcd_media *m, const struct rcd_attachment *a,
                      struct rcd_sv bytes, struct rcd_sv type, struct rcd_received *h, bool *told,
                      struct rcd_err *err)
{
	struct reading r;
	int ret;

	*told = false;
	if (!is_wanted(m))
		return 0;
	init_reading(&r);
	ret = read_document(m, bytes, type, &r, err);
	if (ret == 0) {
		*told = true;
		ret = put_reading(m, &r, h, err) == 0 ? store_reading(m, a, &r, err) : -1;
	}
	free_reading(&r);
	return ret < 0 ? -1 : 0;
}

int rcd_document_recall(const struct rcd_media *m, const struct rcd_attachment *a,
                        struct rcd_received *h, bool *told, struct rcd_err *err)
{
	struct reading r;
	struct rcd_buf kept;
	struct rcd_sv text, label = {NULL, 0};
	int ret;

	*told = false;
	if (!is_wanted(m))
		return 0;
	init_reading(&r);
	rcd_buf_init(&kept, RCD_MAX_TEXT);
	ret = rcd_heard_get(m->db, m->tenant, a->inbox_id, PART_TEXT + a->part, &kept, err);
	text = rcd_buf_view(&kept);
	if (ret == 0 && rcd_sv_cut(&text, '\n', &label)) {
		rcd_buf_sv(&r.label, label);
		rcd_buf_sv(&r.text, text);
		*told = true;
		ret = put_reading(m, &r, h, err);
	} else if (ret != 0 && err->code == RCD_NOENT) {
		ret = 0;
	}
	rcd_buf_free(&kept);
	free_reading(&r);
	return ret;
}

const char *rcd_documents_rule(enum rcd_lang lang)
{
	return rcd_media_text(lang, RCD_DOCUMENTS_RULE);
}
