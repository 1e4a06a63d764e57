#ifndef RCD_PAGE_H
#define RCD_PAGE_H

#include "net/http.h"

/* A document of the web, as an open file. */
struct rcd_page {
	int fd; /* a file without a name, at its beginning; the caller closes it */
	char
		name[96]; /* what its Content-Type or, without a telling one, its URL says it is: "x.pdf" */
	int64_t bytes;
};

/* GETs url and follows at most three redirects, each judged like a URL that somebody sent us:
 * public addresses only, https only. first is what url itself may lead to. Blocks. RCD_DENIED: it
 * leads where we do not go; RCD_LIMIT: too large, or too many redirects; RCD_NOENT: it is not
 * there; otherwise as rcd_http_do(). */
int rcd_page_fetch(struct rcd_http *http, const char *url, enum rcd_peer first,
                   struct rcd_page *out, struct rcd_err *err);

#endif
