#include "daemon/extract/unzip.h"

#include <zip.h>

#define CHUNK 65536
#define RATIO 200           /* of XML, deflate makes 10 to 30 */
#define SMALL (1024 * 1024) /* what the ratio does not count for */

/* The library's own handle is all there is. */
static zip_t *get_handle(struct rcd_zip *zip)
{
	return (zip_t *)zip;
}

int rcd_zip_open(struct rcd_zip **out, struct rcd_sv doc, struct rcd_err *err)
{
	zip_source_t *source;
	zip_error_t why;
	zip_t *zip;

	zip_error_init(&why);
	source = zip_source_buffer_create(doc.p, doc.n, 0, &why);
	zip = source != NULL ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
	if (zip == NULL) {
		bool memory = zip_error_code_zip(&why) == ZIP_ER_MEMORY;

		zip_source_free(source);
		zip_error_fini(&why);
		return memory
		           ? rcd_fail_nomem(err)
		           : rcd_fail(err, RCD_PROTO, 0, "the file is broken: it is no whole zip archive");
	}
	zip_error_fini(&why);
	if (zip_get_num_entries(zip, 0) > RCD_ZIP_FILES) {
		zip_discard(zip);
		return rcd_fail(err, RCD_LIMIT, 0, "the archive holds more than %d files", RCD_ZIP_FILES);
	}
	*out = (struct rcd_zip *)zip;
	return 0;
}

static int read_all(zip_file_t *file, size_t packed, struct rcd_buf *out, struct rcd_err *err)
{
	size_t total = 0;

	for (;;) {
		char *at = rcd_buf_room(out, CHUNK);
		zip_int64_t n;

		if (at == NULL)
			break;
		n = zip_fread(file, at, CHUNK);
		if (n < 0)
			return rcd_fail(err, RCD_PROTO, 0,
			                "the file is broken: what it holds cannot be unpacked");
		if (n == 0)
			return 0;
		out->n += (size_t)n;
		out->p[out->n] = '\0';
		total += (size_t)n;
		if (total > SMALL && total / RATIO > packed)
			return rcd_fail(err, RCD_LIMIT, 0, "it unpacks to more than %d times its size", RATIO);
	}
	return out->over ? rcd_fail(err, RCD_LIMIT, 0, "it unpacks to more than %zu MB", out->max >> 20)
	                 : rcd_fail_nomem(err);
}

bool rcd_zip_has(struct rcd_zip *zip, const char *name)
{
	return zip_name_locate(get_handle(zip), name, 0) >= 0;
}

int rcd_zip_read(struct rcd_zip *zip, const char *name, struct rcd_buf *out, struct rcd_err *err)
{
	zip_stat_t st;
	zip_file_t *file;
	int ret;

	if (zip_stat(get_handle(zip), name, 0, &st) != 0)
		return rcd_fail(err, RCD_NOENT, 0, "there is no %s in it", name);
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && st.encryption_method != ZIP_EM_NONE)
		return rcd_fail(err, RCD_DENIED, 0, "it is encrypted: save it without a password");
	file = zip_fopen_index(get_handle(zip), st.index, 0);
	if (file == NULL)
		return rcd_fail(err, RCD_PROTO, 0, "the file is broken: what it holds cannot be unpacked");
	ret = read_all(file, (st.valid & ZIP_STAT_COMP_SIZE) != 0 ? (size_t)st.comp_size : 0, out, err);
	(void)zip_fclose(file);
	return ret;
}

void rcd_zip_close(struct rcd_zip *zip)
{
	if (zip != NULL)
		zip_discard(get_handle(zip));
}
