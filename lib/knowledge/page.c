#include "knowledge/page.h"

#include "base/clock.h"
#include "net/guard.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define REDIRECTS 3
#define PAGE_MS 60000

static bool is_redirect(int status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static int get_once(struct rcd_http *http, const char *url, enum rcd_peer peer, int64_t deadline,
                    struct rcd_http_res *res, struct rcd_err *err)
{
	static const char *const headers[] =
		{"Accept: text/html, application/pdf, text/markdown, text/plain, text/csv, */*;q=0.5",
	     NULL};
	const struct rcd_http_req req = {.url = url,
	                                 .headers = headers,
	                                 .peer = peer,
	                                 .max_body = RCD_MAX_DOCUMENT,
	                                 .deadline = deadline};
	struct rcd_origin origin;

	return rcd_origin_parse(url, &origin, err) == 0 ? rcd_http_do(http, &req, res, err) : -1;
}

/* The whole way to a page: at is the URL that answers in the end. */
static int follow_redirects(struct rcd_http *http, enum rcd_peer first, struct rcd_buf *at,
                            struct rcd_http_res *res, struct rcd_err *err)
{
	int64_t deadline = rcd_deadline_in(PAGE_MS);
	struct rcd_buf next;

	rcd_buf_init(&next, RCD_MAX_URL);
	for (int hops = 0;; hops++) {
		int ret = get_once(http, at->p, hops == 0 ? first : RCD_PEER_PUBLIC, deadline, res, err);

		if (ret != 0 || !is_redirect(res->status))
			return ret;
		if (hops == REDIRECTS)
			ret = rcd_fail(err, RCD_LIMIT, 0, "it is redirected more than %d times", REDIRECTS);
		else
			ret = rcd_url_join(at->p, res->location, &next, err);
		rcd_http_res_free(res);
		if (ret != 0)
			return -1;
		rcd_buf_free(at);
		*at = next;
		rcd_buf_init(&next, RCD_MAX_URL);
	}
}

static const char *ending_of(const char *type)
{
	static const struct {
		const char *type, *ending;
	} known[] = {
		{"text/html", ".html"},
		{"application/xhtml+xml", ".html"},
		{"application/pdf", ".pdf"},
		{"text/markdown", ".md"},
		{"text/csv", ".csv"},
		{"application/vnd.openxmlformats-officedocument.wordprocessingml.document", ".docx"},
	};
	struct rcd_sv rest = rcd_sv(type), word;

	if (rcd_sv_cut(&rest, ';', &word))
		for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
			if (rcd_sv_ieq(rcd_sv_trim(word), rcd_sv(known[i].type)))
				return known[i].ending;
	return NULL;
}

static void write_name(const char *url, const char *type, char *out, size_t n)
{
	const char *ending = ending_of(type), *slash = strrchr(url, '/');

	if (ending != NULL)
		(void)snprintf(out, n, "page%s", ending);
	else
		(void)snprintf(out, n, "%.*s", (int)strcspn(slash + 1, "?#"), slash + 1);
}

static int write_file(struct rcd_sv bytes, int *out, struct rcd_err *err)
{
	int fd = memfd_create("page", MFD_CLOEXEC);

	if (fd < 0)
		return rcd_fail_errno(err, "memory for the page");
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno != EINTR) {
			(void)rcd_fail_errno(err, "memory for the page");
			(void)close(fd);
			return -1;
		}
		bytes = rcd_sv_skip(bytes, n > 0 ? (size_t)n : 0);
	}
	(void)lseek(fd, 0, SEEK_SET);
	*out = fd;
	return 0;
}

int rcd_page_fetch(struct rcd_http *http, const char *url, enum rcd_peer first,
                   struct rcd_page *out, struct rcd_err *err)
{
	struct rcd_http_res res = {0};
	struct rcd_buf at;
	int ret;

	rcd_buf_init(&at, RCD_MAX_URL);
	rcd_buf_str(&at, url);
	if (at.bad) {
		ret = at.over ? rcd_fail(err, RCD_LIMIT, 0, "the URL is too long") : rcd_fail_nomem(err);
		rcd_buf_free(&at);
		return ret;
	}
	ret = follow_redirects(http, first, &at, &res, err);
	if (ret == 0 && res.status != 200)
		ret = rcd_fail(err, res.status == 404 || res.status == 410 ? RCD_NOENT : RCD_DOWN,
		               res.status, "the page answers %d", res.status);
	if (ret == 0) {
		write_name(at.p, res.type, out->name, sizeof(out->name));
		out->bytes = (int64_t)res.body.n;
		ret = write_file(rcd_buf_view(&res.body), &out->fd, err);
	}
	rcd_http_res_free(&res);
	rcd_buf_free(&at);
	return ret;
}
