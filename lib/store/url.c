/* Database URLs: which engine one means, and what of it may be shown. */
#include "store/url.h"

#include "store/db.h"
#include "store/pq.h"

#include <stdlib.h>
#include <string.h>

static bool is_postgres(struct rcd_sv url)
{
	return rcd_sv_starts(url, RCD_SV("postgresql://")) || rcd_sv_starts(url, RCD_SV("postgres://"));
}

char *rcd_db_path(const char *url, struct rcd_err *err)
{
	struct rcd_sv v = rcd_sv(url);
	char *path;

	if (rcd_sv_starts(v, RCD_SV("sqlite:///")))
		v = rcd_sv_skip(v, strlen("sqlite:///"));
	else if (v.n > 0 && strstr(url, "://") != NULL) {
		rcd_fail(err, RCD_INVAL, 0, "database URL: %s",
		         is_postgres(v) ? "it is not a file"
		                        : "only sqlite:///FILE and postgresql:// are understood");
		return NULL;
	}
	if (v.n == 0 || v.p[v.n - 1] == '/' || memchr(v.p, '?', v.n) != NULL || v.p[0] == ':' ||
	    rcd_sv_starts(v, RCD_SV("file:"))) {
		rcd_fail(err, RCD_INVAL, 0, "database URL: it names no file");
		return NULL;
	}
	path = rcd_sv_dup(v);
	if (path == NULL)
		rcd_fail_nomem(err);
	return path;
}

bool rcd_db_on_server(const char *url)
{
	return is_postgres(rcd_sv(url));
}

char *rcd_db_shown(const char *url, struct rcd_err *err)
{
	return is_postgres(rcd_sv(url)) ? rcd_pq_shown(url, err) : rcd_db_path(url, err);
}

int rcd_engine_of(const char *url, const struct rcd_engine **engine, char **where,
                  struct rcd_err *err)
{
	bool pg = is_postgres(rcd_sv(url));
	char *w;

	if (pg && rcd_pq_check_url(url, err) != 0)
		return -1;
	w = pg ? strdup(url) : rcd_db_path(url, err);
	if (w == NULL)
		return pg ? rcd_fail_nomem(err) : -1;
	*engine = pg ? &rcd_pg : &rcd_sqlite;
	*where = w;
	return 0;
}
