#ifndef RCD_STORE_PQ_H
#define RCD_STORE_PQ_H

#include "store/driver.h"

/* libpq, wrapped: one connection to PostgreSQL that is always in pipeline mode. Commands are
 * queued and sent; their results are fetched in the same order. Between two marks (sync), a
 * command that failed makes the server skip those behind it. One thread at a time. */

struct rcd_pq;

/* RCD_INVAL when url is not one that PostgreSQL's library takes, or would send its password away in
 * clear (pq_tls.h); no error text anywhere in
 * this file holds a part of the URL that could be its password. */
int rcd_pq_check_url(const char *url, struct rcd_err *err);
/* postgresql://user@host:port/database of url, malloc'd: what may be shown. */
char *rcd_pq_shown(const char *url, struct rcd_err *err);

/* Blocks at most connect_timeout (5 s per address unless the URL says otherwise). What the
 * URL leaves open about keepalives and dead peers is set here. RCD_IO when nobody answers or
 * the server refuses. */
int rcd_pq_open(struct rcd_pq **out, const char *url, struct rcd_err *err);
struct rcd_pq *rcd_pq_close(struct rcd_pq *pq); /* NULL-safe, returns NULL */

/* Of an idle connection: false when the server has closed it meanwhile. Never blocks. */
bool rcd_pq_alive(struct rcd_pq *pq);
int rcd_pq_fd(const struct rcd_pq *pq);
/* The process id the server gave at the start; behind a pooler it is not the backend's. */
int rcd_pq_backend(const struct rcd_pq *pq);

/* Queue one command each: naming a statement, running a named one, running a text. They only
 * fail when the connection is gone or without memory. */
int rcd_pq_prepare(struct rcd_pq *pq, const char *name, const char *sql, const struct rcd_arg *arg,
                   int n, struct rcd_err *err);
int rcd_pq_run(struct rcd_pq *pq, const char *name, const struct rcd_arg *arg, int n,
               struct rcd_err *err);
int rcd_pq_run_text(struct rcd_pq *pq, const char *sql, const struct rcd_arg *arg, int n,
                    struct rcd_err *err);
int rcd_pq_sync(struct rcd_pq *pq, struct rcd_err *err); /* a mark; sends what is queued */

/* The next command's result. Blocks. */
enum rcd_pq_end {
	RCD_PQ_DONE,    /* *res (may be without rows) is the caller's, freed by rcd_pq_free */
	RCD_PQ_MARK,    /* a mark was reached */
	RCD_PQ_SKIPPED, /* one before it failed */
	RCD_PQ_FAILED,  /* see *fail */
	RCD_PQ_LOST     /* the connection is gone */
};
struct rcd_pq_fail {
	char state[6]; /* SQLSTATE */
	struct rcd_err err;
};
enum rcd_pq_end rcd_pq_next(struct rcd_pq *pq, void **res, struct rcd_pq_fail *fail);

/* Several statements in one text, outside of a pipeline: nothing may be queued. */
int rcd_pq_script(struct rcd_pq *pq, const char *sql, struct rcd_err *err);

/* The payload of the next notification into buf, cut at its size; false when none has come. */
bool rcd_pq_notice(struct rcd_pq *pq, char *buf, size_t size);

/* Results, all in PostgreSQL's binary form. type is the OID. */
enum rcd_pq_type {
	RCD_PQ_BOOL = 16,
	RCD_PQ_BYTEA = 17,
	RCD_PQ_NAME = 19,
	RCD_PQ_INT8 = 20,
	RCD_PQ_INT2 = 21,
	RCD_PQ_INT4 = 23,
	RCD_PQ_TEXT = 25,
	RCD_PQ_FLOAT4 = 700,
	RCD_PQ_FLOAT8 = 701,
	RCD_PQ_VARCHAR = 1043
};
int rcd_pq_rows(const void *res);
int rcd_pq_cols(const void *res);
unsigned rcd_pq_type(const void *res, int col);
struct rcd_sv rcd_pq_value(const void *res, int row, int col); /* absent for NULL */
int64_t rcd_pq_number(struct rcd_sv value);                    /* of 2, 4 or 8 bytes */
int64_t rcd_pq_changes(const void *res);
bool rcd_pq_tag(const void *res, const char *tag); /* what the command was: "COMMIT" … */
void rcd_pq_free(void *res);

#endif
