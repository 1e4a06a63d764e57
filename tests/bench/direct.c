/* What one fsync per message costs: a webhook that checks the signature and then inserts its
 * row in a transaction of its own, synchronous=FULL, SQLite's busy handler between the
 * processes. One row in one table with a unique key, so less than Recado stores.
 *
 *   direct SOCKET PROCESSES DATABASE URL      with $TWILIO_AUTH_TOKEN; URL is what is signed */

#include "base/clock.h"
#include "base/limits.h"
#include "provider/sign.h"

#include <fcgiapp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct worker {
	FCGX_Request r;
	sqlite3 *db;
	sqlite3_stmt *insert;
	struct rcd_secret token;
	const char *url;
};

static int open_db(const char *path, sqlite3 **db)
{
	return sqlite3_open(path, db) != SQLITE_OK || sqlite3_busy_timeout(*db, 10000) != SQLITE_OK ||
	               sqlite3_exec(
					   *db,
					   "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
					   "CREATE TABLE IF NOT EXISTS inbox(id INTEGER PRIMARY KEY, sid TEXT NOT NULL "
					   "UNIQUE,"
					   " sender TEXT NOT NULL, received_ms INTEGER NOT NULL, body BLOB NOT NULL)",
					   NULL, NULL, NULL) != SQLITE_OK
	           ? -1
	           : 0;
}

static int insert(struct worker *w, const struct rcd_form *form, struct rcd_sv body)
{
	struct rcd_sv sid = rcd_form_get(form, "MessageSid"), from = rcd_form_get(form, "From");
	int rc;

	(void)sqlite3_bind_text(w->insert, 1, sid.p, (int)sid.n, SQLITE_STATIC);
	(void)sqlite3_bind_text(w->insert, 2, from.p, (int)from.n, SQLITE_STATIC);
	(void)sqlite3_bind_int64(w->insert, 3, rcd_now_ms());
	(void)sqlite3_bind_blob(w->insert, 4, body.p, (int)body.n, SQLITE_STATIC);
	rc = sqlite3_step(w->insert);
	(void)sqlite3_reset(w->insert);
	return rc == SQLITE_DONE ? 0 : -1;
}

static int take(struct worker *w)
{
	char body[8192];
	int n = FCGX_GetStr(body, sizeof(body), w->r.in), ret = 503;
	struct rcd_sv view = {body, n > 0 ? (size_t)n : 0};
	const char *sign = FCGX_GetParam("HTTP_X_TWILIO_SIGNATURE", w->r.envp);
	struct rcd_form form = {0};
	struct rcd_err err;

	if (rcd_form_parse(view, &form, &err) != 0)
		return 400;
	if (!rcd_sign_twilio(&w->token, w->url, &form, rcd_sv(NULL), rcd_sv(sign)))
		ret = 403;
	else if (insert(w, &form, view) == 0)
		ret = 200;
	rcd_form_free(&form);
	return ret;
}

static int serve(int listen_fd, const char *path, const char *url)
{
	struct worker w = {.url = url};
	struct rcd_err err;

	if (rcd_secret_put(&w.token, rcd_sv(getenv("TWILIO_AUTH_TOKEN")), &err) != 0 ||
	    open_db(path, &w.db) != 0 ||
	    sqlite3_prepare_v2(w.db,
	                       "INSERT INTO inbox(sid, sender, received_ms, body) VALUES(?, ?, ?, ?)",
	                       -1, &w.insert, NULL) != SQLITE_OK ||
	    FCGX_InitRequest(&w.r, listen_fd, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&w.r) == 0) {
		(void)FCGX_FPrintF(
			w.r.out,
			"Status: %d\r\nContent-Type: text/xml\r\nContent-Length: 11\r\n\r\n<Response/>",
			take(&w));
		FCGX_Finish_r(&w.r);
	}
	return 1;
}

int main(int argc, char **argv)
{
	sqlite3 *db = NULL;
	int fd;

	if (argc != 5 || open_db(argv[3], &db) != 0) /* the table, before anybody inserts */
		return 2;
	(void)sqlite3_close(db);
	if (FCGX_Init() != 0 || (fd = FCGX_OpenSocket(argv[1], 1024)) < 0)
		return 2;
	for (long i = strtol(argv[2], NULL, 10); i > 0; i--)
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			_exit(serve(fd, argv[3], argv[4]));
		}
	return wait(NULL) < 0;
}
