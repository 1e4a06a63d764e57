/* Every allocation fails once, SQLite's own too (a shared library, which the wrappers of the
 * harness do not reach): putting a message, gathering it, searching. What was said to be
 * there is there, and the store works on afterwards. */
#include "base/clock.h"
#include "store/inbox.h"
#include "store/passage.h"
#include "tests/unit/store.h"

#include <malloc.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

void *__real_malloc(size_t n);
void *__real_realloc(void *p, size_t n);

static atomic_bool counted; /* before, SQLite's allocations always succeed */

static void *take(int n)
{
	return atomic_load(&counted) ? malloc((size_t)n) : __real_malloc((size_t)n);
}

static void *grow(void *p, int n)
{
	return atomic_load(&counted) ? realloc(p, (size_t)n) : __real_realloc(p, (size_t)n);
}

static int size_of(void *p)
{
	return (int)malloc_usable_size(p);
}

static int round_up(int n)
{
	return (n + 7) & ~7;
}

static int start(void *arg)
{
	(void)arg;
	return SQLITE_OK;
}

static void stop(void *arg)
{
	(void)arg;
}

/* Thousands of stores are made: in memory, where there is such a place. */
static bool hook(void)
{
	static const sqlite3_mem_methods m = {take, free, grow, size_of, round_up, start, stop, NULL};

	if (access("/dev/shm", W_OK) == 0)
		(void)setenv("TMPDIR", "/dev/shm", 1);
	return sqlite3_config(SQLITE_CONFIG_MALLOC, &m) == SQLITE_OK &&
	       sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0) == SQLITE_OK;
}

static int put(struct rcd_db *db, const char *key, bool *fresh, struct rcd_err *err)
{
	const struct rcd_inbox_in in = {.tenant = 1,
	                                .event_key = rcd_sv(key),
	                                .sender = RCD_SV("whatsapp:+1"),
	                                .route = RCD_SV("/w"),
	                                .body = RCD_SV("Body=oi"),
	                                .received_ms = 1,
	                                .due_ms = 1};

	return rcd_inbox_put(db, &in, fresh, err);
}

static int messages(void)
{
	struct rcd_job job = {.tenant = 1, .key = "whatsapp:+1"};
	struct rcd_inbox_row *rows = NULL;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	bool fresh = false, first;
	int ret = 0, got;
	size_t n = 0;

	T_OK(hook());
	T_DO(t_store(&db, &err), err);
	atomic_store(&counted, true);
	first = put(db, "SM1", &fresh, &err) == 0;
	if (!first)
		T_INT(err.code, RCD_NOMEM);
	got = rcd_inbox_gather(db, &job, false, &rows, &n, &err);
	if (got != 0)
		T_INT(err.code, RCD_NOMEM);
	else
		T_INT(n, first);
	atomic_store(&counted, false);
	/* the provider tries again; only the one that was not confirmed is new */
	T_DO(put(db, "SM1", &fresh, &err), err);
	T_INT(fresh, !first);
	rcd_inbox_rows_free(rows, n);
	rows = NULL;
	n = 0;
	T_DO(rcd_inbox_gather(db, &job, false, &rows, &n, &err), err);
	T_INT(n, 1);
	T_STR(rows[0].event_key, "SM1");
	T_OK(rcd_sv_is(rows[0].body, "Body=oi"));
	if (!first || got != 0)
		ret = T_NOMEM;
out:
	rcd_inbox_rows_free(rows, n);
	rcd_db_close(db);
	return ret;
}

static int passages(void)
{
	const struct rcd_source src = {.name = (char *)(uintptr_t) "a.md", .size = 1, .mtime_ns = 2};
	const struct rcd_passage_in in[] = {{RCD_SV("Frete"), RCD_SV("O frete custa quinze."), 0},
	                                    {RCD_SV("Pix"), RCD_SV("Aceitamos pix."), 2}};
	const struct rcd_sv word = RCD_SV("fret");
	struct rcd_passage *p = NULL;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0, done, found;
	size_t n = 0;

	T_OK(hook());
	T_DO(t_store(&db, &err), err);
	atomic_store(&counted, true);
	done = rcd_source_replace(db, 1, &src, in, 2, &err);
	if (done != 0)
		T_INT(err.code, RCD_NOMEM);
	found = rcd_passage_search(db, 1, &word, 1, 3, &p, &n, &err);
	if (found != 0)
		T_INT(err.code, RCD_NOMEM);
	else
		T_INT(n, done == 0);
	atomic_store(&counted, false);
	rcd_passages_free(p, n);
	p = NULL;
	n = 0;
	T_DO(rcd_source_replace(db, 1, &src, in, 2, &err), err);
	T_DO(rcd_passage_search(db, 1, &word, 1, 3, &p, &n, &err), err);
	T_INT(n, 1);
	T_STR(p[0].heading, "Frete");
	if (done != 0 || found != 0)
		ret = T_NOMEM;
out:
	rcd_passages_free(p, n);
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {
	{"messages", messages, T_OOM},
	{"passages", passages, T_OOM},
	{NULL, NULL, 0},
};
