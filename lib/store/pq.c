/* The one file that knows libpq-fe.h. */
#include "store/pq.h"

#include "base/buf.h"
#include "store/pq_tls.h"

#include <libpq-fe.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct rcd_pq {
	PGconn *conn;
	struct rcd_buf clean; /* texts that had to be made UTF-8, until they are queued */
};

#define MAX_CLEAN ((size_t)64 * 1024 * 1024)

/* --- the URL -------------------------------------------------------------------------- */

static int bad_url(struct rcd_err *err)
{
	return rcd_fail(err, RCD_INVAL, 0,
	                "database URL: not one of PostgreSQL"
	                " (in a password, @ is written %%40, : is %%3A, / is %%2F)");
}

static const char *value_of(const PQconninfoOption *o, const char *key)
{
	for (; o->keyword != NULL; o++)
		if (strcmp(o->keyword, key) == 0)
			return o->val;
	return NULL;
}

/* A password with a bare @ or / in it ends up in the host, port or database, and from there in
 * messages: such a URL is refused. */
static bool is_misread(const PQconninfoOption *o)
{
	static const char *const key[] = {"host", "hostaddr", "port", "dbname"};

	for (size_t i = 0; i < sizeof(key) / sizeof(key[0]); i++) {
		const char *v = value_of(o, key[i]);

		if (v != NULL && strchr(v, '@') != NULL)
			return true;
		for (const char *p = v; i == 2 && p != NULL && *p != '\0'; p++)
			if (strchr("0123456789,", *p) == NULL)
				return true;
	}
	return false;
}

/* libpq knows the system's authorities by name since 16; before, a file must be named. */
static const char *system_roots(void)
{
	static const char *const bundle[] = {"/etc/ssl/certs/ca-certificates.crt",
	                                     "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"};
	const size_t n = sizeof(bundle) / sizeof(bundle[0]);

	if (PQlibVersion() >= 160000)
		return "system";
	for (size_t i = 0; i < n; i++)
		if (access(bundle[i], R_OK) == 0)
			return bundle[i];
	return bundle[0]; /* libpq says that it is not there */
}

/* Where a URL names no host, libpq takes the environment's; a file of authorities that the
 * environment names comes before the system's. */
static int choose_tls(const PQconninfoOption *o, struct rcd_pq_tls *tls, struct rcd_err *err)
{
	PQconninfoOption *known = PQconndefaults();
	struct rcd_pq_place at = {value_of(o, "host"), value_of(o, "hostaddr"), value_of(o, "service"),
	                          value_of(o, "sslmode"), value_of(o, "sslrootcert")};
	int ret;

	if (known == NULL)
		return rcd_fail_nomem(err);
	if (at.host == NULL)
		at.host = value_of(known, "host");
	if (at.hostaddr == NULL)
		at.hostaddr = value_of(known, "hostaddr");
	ret = rcd_pq_tls(&at, system_roots(), tls, err);
	if (value_of(known, "sslrootcert") != NULL)
		tls->sslrootcert = NULL;
	PQconninfoFree(known);
	return ret;
}

static PQconninfoOption *parse_url(const char *url, struct rcd_pq_tls *tls, struct rcd_err *err)
{
	char *why = NULL;
	PQconninfoOption *o = PQconninfoParse(url, &why);

	if (o == NULL && why == NULL) {
		rcd_fail_nomem(err);
	} else if (o == NULL || is_misread(o)) {
		PQconninfoFree(o);
		o = NULL;
		bad_url(err);
	} else if (choose_tls(o, tls, err) != 0) {
		PQconninfoFree(o);
		o = NULL;
	}
	PQfreemem(why); /* it may quote the password */
	return o;
}

int rcd_pq_check_url(const char *url, struct rcd_err *err)
{
	struct rcd_pq_tls tls = {NULL, NULL};
	PQconninfoOption *o = parse_url(url, &tls, err);

	if (o == NULL)
		return -1;
	PQconninfoFree(o);
	return 0;
}

char *rcd_pq_shown(const char *url, struct rcd_err *err)
{
	struct rcd_pq_tls tls = {NULL, NULL};
	PQconninfoOption *o = parse_url(url, &tls, err);
	const char *user, *host, *port, *name;
	char *out = NULL;

	if (o == NULL)
		return NULL;
	user = value_of(o, "user");
	host = value_of(o, "host");
	port = value_of(o, "port");
	name = value_of(o, "dbname");
	if (asprintf(&out, "postgresql://%s%s%s%s%s/%s", user != NULL ? user : "",
	             user != NULL ? "@" : "", host != NULL ? host : "", port != NULL ? ":" : "",
	             port != NULL ? port : "", name != NULL ? name : "") < 0) {
		out = NULL;
		rcd_fail_nomem(err);
	}
	PQconninfoFree(o);
	return out;
}

/* --- opening -------------------------------------------------------------------------- */

/* A peer that is gone without a word (an unplugged cable, a suspended server) is noticed
 * within half a minute, and not after the two hours of the system's defaults. */
static const char *const ours[][2] = {
	{"connect_timeout", "5"},       {"keepalives", "1"},       {"keepalives_idle", "15"},
	{"keepalives_interval", "5"},   {"keepalives_count", "3"}, {"tcp_user_timeout", "15000"},
	{"application_name", "recado"}, {"gssencmode", "disable"}, {"client_encoding", "UTF8"},
};
#define N_OURS (sizeof(ours) / sizeof(ours[0]))
#define MAX_OPTIONS 64

#define N_TLS 2

static PGconn *connect_to(const PQconninfoOption *o, const struct rcd_pq_tls *tls)
{
	const char *key[MAX_OPTIONS + N_OURS + N_TLS + 1] = {NULL},
												   *val[MAX_OPTIONS + N_OURS + N_TLS + 1] = {NULL};
	size_t n = 0;

	for (const PQconninfoOption *p = o; p->keyword != NULL && n < MAX_OPTIONS; p++) {
		if (p->val == NULL || strcmp(p->keyword, "client_encoding") == 0)
			continue;
		key[n] = p->keyword;
		val[n++] = p->val;
	}
	for (size_t i = 0; i < N_OURS; i++) {
		const char *set = value_of(o, ours[i][0]);

		if (set != NULL && strcmp(ours[i][0], "client_encoding") != 0)
			continue;
		key[n] = ours[i][0];
		val[n++] = ours[i][1];
	}
	if (tls->sslmode != NULL) {
		key[n] = "sslmode";
		val[n++] = tls->sslmode;
	}
	if (tls->sslrootcert != NULL) {
		key[n] = "sslrootcert";
		val[n++] = tls->sslrootcert;
	}
	return PQconnectdbParams(key, val, 0);
}

/* libpq's words name host, port, user and database, never the password. */
static int fail_refused(PGconn *conn, struct rcd_err *err)
{
	struct rcd_sv text = rcd_sv(PQerrorMessage(conn)), line = {NULL, 0};

	(void)rcd_sv_cut(&text, '\n', &line);
	return rcd_fail(err, RCD_IO, 0, "PostgreSQL: %.*s", line.n > 150 ? 150 : (int)line.n,
	                line.p != NULL ? line.p : "no connection");
}

static void drop_notice(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

int rcd_pq_open(struct rcd_pq **out, const char *url, struct rcd_err *err)
{
	struct rcd_pq_tls tls = {NULL, NULL};
	PQconninfoOption *o = parse_url(url, &tls, err);
	struct rcd_pq *pq = o != NULL ? calloc(1, sizeof(*pq)) : NULL;

	if (o == NULL)
		return -1;
	if (pq == NULL) {
		PQconninfoFree(o);
		return rcd_fail_nomem(err);
	}
	rcd_buf_init(&pq->clean, MAX_CLEAN);
	pq->conn = connect_to(o, &tls);
	PQconninfoFree(o);
	if (pq->conn == NULL)
		rcd_fail_nomem(err);
	else if (PQstatus(pq->conn) != CONNECTION_OK || PQenterPipelineMode(pq->conn) != 1)
		fail_refused(pq->conn, err);
	else {
		(void)PQsetNoticeReceiver(pq->conn, drop_notice, NULL);
		*out = pq;
		return 0;
	}
	rcd_pq_close(pq);
	return -1;
}

struct rcd_pq *rcd_pq_close(struct rcd_pq *pq)
{
	if (pq == NULL)
		return NULL;
	PQfinish(pq->conn);
	rcd_buf_free(&pq->clean);
	free(pq);
	return NULL;
}

bool rcd_pq_alive(struct rcd_pq *pq)
{
	struct pollfd p = {.fd = PQsocket(pq->conn), .events = POLLIN};

	if (PQstatus(pq->conn) != CONNECTION_OK)
		return false;
	if (poll(&p, 1, 0) > 0 && PQconsumeInput(pq->conn) != 1)
		return false;
	return PQstatus(pq->conn) == CONNECTION_OK;
}

int rcd_pq_fd(const struct rcd_pq *pq)
{
	return PQsocket(pq->conn);
}

int rcd_pq_backend(const struct rcd_pq *pq)
{
	return PQbackendPID(pq->conn);
}

/* --- arguments ------------------------------------------------------------------------ */

struct wire {
	Oid type[RCD_MAX_ARGS];
	const char *value[RCD_MAX_ARGS];
	int bytes[RCD_MAX_ARGS], binary[RCD_MAX_ARGS];
	char number[RCD_MAX_ARGS][8];
};

static void big_endian(char out[8], uint64_t v)
{
	for (int i = 7; i >= 0; i--, v >>= 8)
		out[i] = (char)(v & 0xff);
}

static bool is_storable(struct rcd_sv v)
{
	return v.n == 0 || (memchr(v.p, '\0', v.n) == NULL && rcd_utf8_ok(v));
}

/* PostgreSQL stores no NUL and no malformed UTF-8 in a text: U+FFFD stands in their place.
 * The cleaned texts lie one behind the other; a buffer that grows moves them, so it is given
 * its size first. */
static int reserve_room(struct rcd_pq *pq, const struct rcd_arg *arg, int n, struct rcd_err *err)
{
	size_t room = 0;

	rcd_buf_reset(&pq->clean);
	for (int i = 0; i < n; i++)
		if (arg[i].type == 'v' && !is_storable(arg[i].v))
			room += 3 * arg[i].v.n;
	if (room > 0 && rcd_buf_room(&pq->clean, room) == NULL)
		return pq->clean.over ? rcd_fail(err, RCD_LIMIT, 0, "store: a text is too large")
		                      : rcd_fail_nomem(err);
	return 0;
}

static int put_on_wire(struct rcd_pq *pq, struct wire *w, const struct rcd_arg *arg, int n,
                       struct rcd_err *err)
{
	if (reserve_room(pq, arg, n, err) != 0)
		return -1;
	for (int i = 0; i < n; i++) {
		struct rcd_sv v = arg[i].v;
		uint64_t bits = 0;

		w->binary[i] = 1;
		switch (arg[i].type) {
		case 'i':
		case 'd':
			memcpy(&bits, arg[i].type == 'i' ? (const void *)&arg[i].i : (const void *)&arg[i].d,
			       8);
			big_endian(w->number[i], bits);
			v = (struct rcd_sv){w->number[i], 8};
			w->type[i] = arg[i].type == 'i' ? RCD_PQ_INT8 : RCD_PQ_FLOAT8;
			break;
		case 'b':
			w->type[i] = RCD_PQ_BYTEA;
			break;
		default:
			w->type[i] = RCD_PQ_TEXT;
			if (!is_storable(v)) {
				size_t from = pq->clean.n;

				rcd_buf_utf8(&pq->clean, v);
				v = (struct rcd_sv){pq->clean.p + from, pq->clean.n - from};
			}
		}
		if (v.n > MAX_CLEAN)
			return rcd_fail(err, RCD_LIMIT, 0, "store: a value is larger than %zu bytes",
			                MAX_CLEAN);
		w->value[i] = arg[i].null ? NULL : v.p;
		w->bytes[i] = (int)v.n;
	}
	return 0;
}

/* --- queueing ------------------------------------------------------------------------- */

static int check_sent(struct rcd_pq *pq, int ok, struct rcd_err *err)
{
	if (ok == 1)
		return 0;
	return PQstatus(pq->conn) == CONNECTION_OK
	           ? rcd_fail_nomem(err)
	           : rcd_fail(err, RCD_IO, 0, "store: the connection to PostgreSQL was lost");
}

int rcd_pq_prepare(struct rcd_pq *pq, const char *name, const char *sql, const struct rcd_arg *arg,
                   int n, struct rcd_err *err)
{
	struct wire w;

	if (put_on_wire(pq, &w, arg, n, err) != 0)
		return -1;
	return check_sent(pq, PQsendPrepare(pq->conn, name, sql, n, w.type), err);
}

int rcd_pq_run(struct rcd_pq *pq, const char *name, const struct rcd_arg *arg, int n,
               struct rcd_err *err)
{
	struct wire w;

	if (put_on_wire(pq, &w, arg, n, err) != 0)
		return -1;
	return check_sent(pq, PQsendQueryPrepared(pq->conn, name, n, w.value, w.bytes, w.binary, 1),
	                  err);
}

int rcd_pq_run_text(struct rcd_pq *pq, const char *sql, const struct rcd_arg *arg, int n,
                    struct rcd_err *err)
{
	struct wire w;

	if (put_on_wire(pq, &w, arg, n, err) != 0)
		return -1;
	return check_sent(pq,
	                  PQsendQueryParams(pq->conn, sql, n, w.type, w.value, w.bytes, w.binary, 1),
	                  err);
}

int rcd_pq_sync(struct rcd_pq *pq, struct rcd_err *err)
{
	return check_sent(pq, PQpipelineSync(pq->conn), err);
}

/* --- results -------------------------------------------------------------------------- */

static enum rcd_code code_of(const char *state)
{
	static const struct {
		const char *state; /* or the beginning of it */
		enum rcd_code code;
	} row[] = {
		{"23505", RCD_EXISTS}, {"22001", RCD_LIMIT}, {"54", RCD_LIMIT}, {"22", RCD_INVAL},
		{"23", RCD_INVAL},     {"42", RCD_INVAL},    {"0A", RCD_INVAL}, {"26", RCD_INVAL},
		{"25006", RCD_INVAL},  {"40", RCD_BUSY},     {"55", RCD_BUSY},  {"57014", RCD_BUSY},
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (strncmp(state, row[i].state, strlen(row[i].state)) == 0)
			return row[i].code;
	return RCD_IO; /* 08 53 57P 58 XX … */
}

/* The server's own words are used only where they can speak of nothing but our SQL text: those
 * about data may quote a value. */
static void describe_failure(const PGresult *res, struct rcd_pq_fail *fail)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *name = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);
	bool own_text = state != NULL && strncmp(state, "42", 2) == 0 && text != NULL;

	(void)snprintf(fail->state, sizeof(fail->state), "%s", state != NULL ? state : "");
	if (name == NULL)
		name = "see its log";
	rcd_fail(&fail->err, code_of(fail->state), 0,
	         "store: PostgreSQL refused a statement: %.120s (%s)", own_text ? text : name,
	         fail->state);
}

/* The server's last words on a connection: it was told to end, or we were idle too long. */
static bool is_fatal(const PGresult *res)
{
	const char *severity = PQresultErrorField(res, PG_DIAG_SEVERITY_NONLOCALIZED);

	return severity != NULL && strcmp(severity, "FATAL") == 0;
}

static enum rcd_pq_end end_of(struct rcd_pq *pq, const PGresult *res, struct rcd_pq_fail *fail)
{
	switch (PQresultStatus(res)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		return RCD_PQ_DONE;
	case PGRES_PIPELINE_SYNC:
		return RCD_PQ_MARK;
	case PGRES_PIPELINE_ABORTED:
		return RCD_PQ_SKIPPED;
	default:
		describe_failure(res, fail);
		return PQstatus(pq->conn) == CONNECTION_OK && !is_fatal(res) ? RCD_PQ_FAILED : RCD_PQ_LOST;
	}
}

/* Every command's results end with a NULL, a mark's do not. */
enum rcd_pq_end rcd_pq_next(struct rcd_pq *pq, void **res, struct rcd_pq_fail *fail)
{
	PGresult *r = PQgetResult(pq->conn);
	enum rcd_pq_end end = r != NULL ? end_of(pq, r, fail) : RCD_PQ_LOST;

	if (end != RCD_PQ_DONE) {
		PQclear(r);
		r = NULL;
	}
	if (end != RCD_PQ_MARK && end != RCD_PQ_LOST) {
		PGresult *more = PQgetResult(pq->conn);

		if (more != NULL) { /* the connection was lost behind the result */
			PQclear(more);
			PQclear(r);
			r = NULL;
			end = RCD_PQ_LOST;
		}
	}
	if (end == RCD_PQ_LOST)
		rcd_fail(&fail->err, RCD_IO, 0, "store: the connection to PostgreSQL was lost");
	*res = r;
	return end;
}

int rcd_pq_script(struct rcd_pq *pq, const char *sql, struct rcd_err *err)
{
	struct rcd_pq_fail fail;
	PGresult *res;
	int ret = 0;

	if (PQexitPipelineMode(pq->conn) != 1)
		return rcd_fail(err, RCD_INVAL, 0, "store: a script among other statements");
	res = PQexec(pq->conn, sql);
	if (res == NULL) {
		ret = rcd_fail_nomem(err);
	} else if (PQresultStatus(res) != PGRES_COMMAND_OK && PQresultStatus(res) != PGRES_TUPLES_OK) {
		describe_failure(res, &fail);
		ret = rcd_fail(err, fail.err.code, 0, "%s", fail.err.msg);
	}
	PQclear(res);
	return PQenterPipelineMode(pq->conn) == 1 ? ret : check_sent(pq, 0, err);
}

bool rcd_pq_notice(struct rcd_pq *pq, char *buf, size_t size)
{
	PGnotify *n = PQnotifies(pq->conn);

	if (n == NULL)
		return false;
	(void)snprintf(buf, size, "%s", n->extra);
	PQfreemem(n);
	return true;
}

int rcd_pq_rows(const void *res)
{
	return PQntuples(res);
}

int rcd_pq_cols(const void *res)
{
	return PQnfields(res);
}

unsigned rcd_pq_type(const void *res, int col)
{
	return PQftype(res, col);
}

/* An empty text is present: only NULL is the absent view. */
struct rcd_sv rcd_pq_value(const void *res, int row, int col)
{
	struct rcd_sv v = {NULL, 0};

	if (PQgetisnull(res, row, col))
		return v;
	v.p = PQgetvalue(res, row, col);
	v.n = (size_t)PQgetlength(res, row, col);
	return v;
}

int64_t rcd_pq_number(struct rcd_sv v)
{
	uint64_t n = 0;

	for (size_t i = 0; i < v.n && i < 8; i++)
		n = n << 8 | (unsigned char)v.p[i];
	switch (v.n) {
	case 2:
		return (int16_t)n;
	case 4:
		return (int32_t)n;
	default:
		return (int64_t)n;
	}
}

int64_t rcd_pq_changes(const void *res)
{
	int64_t n = 0;

	(void)rcd_parse_i64(rcd_sv(PQcmdTuples((PGresult *)(uintptr_t)res)), 0, INT64_MAX, &n);
	return n;
}

bool rcd_pq_tag(const void *res, const char *tag)
{
	return strcmp(PQcmdStatus((PGresult *)(uintptr_t)res), tag) == 0;
}

void rcd_pq_free(void *res)
{
	PQclear(res);
}
