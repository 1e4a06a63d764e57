#include "knowledge/document.h"

#include "base/charset.h"
#include "knowledge/kind.h"
#include "knowledge/passages_json.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define FRAMES (3 * RCD_MAX_DOCUMENT_TEXT) /* with what stands around the text */

static int read_bytes(int fd, size_t max, struct rcd_buf *out, struct rcd_err *err)
{
	while (out->n < max) {
		size_t want = max - out->n < 65536 ? max - out->n : 65536;
		char *at = rcd_buf_room(out, want);
		ssize_t n;

		if (at == NULL)
			return rcd_fail_nomem(err);
		n = pread(fd, at, want, (off_t)out->n);
		if (n < 0 && errno != EINTR)
			return rcd_fail_errno(err, "it cannot be read");
		if (n == 0)
			return 0;
		if (n > 0)
			out->n += (size_t)n;
	}
	return 0;
}

static int find_kind(int fd, const char *name, enum rcd_kind *kind, struct rcd_err *err)
{
	struct rcd_buf head;
	int ret;

	rcd_buf_init(&head, RCD_KIND_HEAD);
	ret = read_bytes(fd, RCD_KIND_HEAD, &head, err);
	if (ret == 0)
		*kind = rcd_kind(rcd_buf_view(&head), rcd_sv(name));
	rcd_buf_free(&head);
	return ret;
}

/* UTF-16 needs twice the bytes. */
static int read_text(int fd, struct rcd_buf *out, struct rcd_err *err)
{
	struct rcd_buf bytes;
	int ret;

	rcd_buf_init(&bytes, 2 * RCD_MAX_DOCUMENT_TEXT + 2);
	ret = read_bytes(fd, bytes.max, &bytes, err);
	if (ret == 0 && bytes.n == bytes.max)
		ret = rcd_fail(err, RCD_LIMIT, 0, "it holds more than %d MB of text",
		               RCD_MAX_DOCUMENT_TEXT >> 20);
	if (ret == 0)
		ret = rcd_charset_utf8(rcd_buf_view(&bytes), out, err);
	rcd_buf_free(&bytes);
	return ret;
}

static int read_vectors(int fd, struct rcd_document *d, struct rcd_err *err)
{
	struct rcd_buf bytes;
	int ret;

	rcd_buf_init(&bytes, RCD_MAX_VECTOR_FILE + 1);
	ret = read_bytes(fd, bytes.max, &bytes, err);
	if (ret == 0 && bytes.n == bytes.max)
		ret = rcd_fail(err, RCD_LIMIT, 0, "a JSON file of more than %d MB",
		               RCD_MAX_VECTOR_FILE >> 20);
	if (ret == 0)
		ret = rcd_json_parse(rcd_buf_view(&bytes), RCD_MAX_VECTOR_FILE, &d->json, err);
	if (ret == 0)
		ret = rcd_passages_json(d->json, bytes.n, &d->text, &d->cut, err);
	rcd_buf_free(&bytes);
	return ret;
}

static int read_kind(const struct rcd_extract_conf *how, enum rcd_kind kind, int fd,
                     struct rcd_document *d, struct rcd_err *err)
{
	const char *extractor = rcd_kind_extractor(kind);

	if (kind == RCD_KIND_OLD_OFFICE)
		return rcd_fail(
			err, RCD_DENIED, 0,
			"it is encrypted or of an old format (.doc, .xls, .ppt): save it as .docx, .xlsx or "
			".pptx without a password");
	if (kind == RCD_KIND_VECTORS)
		return read_vectors(fd, d, err);
	if (extractor != NULL && how == NULL)
		return rcd_fail(err, RCD_BUSY, 0, "it waits for recado-extract");
	rcd_buf_init(&d->text, extractor != NULL ? FRAMES : RCD_MAX_DOCUMENT_TEXT);
	if (extractor == NULL)
		return read_text(fd, &d->text, err) == 0 ? rcd_cut(rcd_buf_view(&d->text), &d->cut, err)
		                                         : -1;
	return rcd_extract(how, extractor, fd, &d->text, err) == 0
	           ? rcd_cut_frames(rcd_buf_view(&d->text), &d->cut, err)
	           : -1;
}

int rcd_document_read(const struct rcd_extract_conf *how, int fd, const char *name,
                      struct rcd_document *out, struct rcd_err *err)
{
	struct rcd_document d = {.cut = {0}};
	enum rcd_kind kind;
	struct stat st;

	if (fstat(fd, &st) != 0)
		return rcd_fail_errno(err, "it cannot be read");
	if (st.st_size > RCD_MAX_DOCUMENT)
		return rcd_fail(err, RCD_LIMIT, 0, "it has more than %d MB", RCD_MAX_DOCUMENT >> 20);
	rcd_buf_init(&d.text, 0);
	if (find_kind(fd, name, &kind, err) == 0 && read_kind(how, kind, fd, &d, err) == 0) {
		*out = d;
		return 0;
	}
	rcd_document_done(&d);
	return -1;
}

void rcd_document_done(struct rcd_document *d)
{
	rcd_passages_done(&d->cut);
	rcd_buf_free(&d->text);
	json_decref(d->json);
	d->json = NULL;
}
