/* A contact's last 20 turns out of very many: fills a store on the real schema with big
 * transactions, then calls rcd_history_window for random contacts.
 *
 *   history [ROWS [CONTACTS [FOLDER]]]     1,000,000 rows of 50,000 contacts; one line of JSON.
 *                                          A FOLDER keeps the store and is used again. */

#include "store/history.h"
#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define COLD_CALLS 300
#define CALLS 20000
#define LAST 20
#define PER_COMMIT 1000000

static uint64_t seed = 0x9E3779B97F4A7C15u;

static uint64_t draw(uint64_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

struct turn {
	int64_t contact, id;
};

struct fill {
	int64_t from, to, contacts;
	struct turn *turn; /* room for PER_COMMIT */
};

static int by_contact(const void *a, const void *b)
{
	const struct turn *x = a, *y = b;

	return x->contact != y->contact ? (x->contact > y->contact) - (x->contact < y->contact)
	                                : (x->id > y->id) - (x->id < y->id);
}

static int fill_contacts(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char add[] = "INSERT INTO contact(id, tenant_id, phone, first_ms, last_ms)"
							  " VALUES($1, 1, $2, 1, 1)";
	const struct fill *f = arg;
	char phone[40];

	for (int64_t i = 1; i <= f->contacts; i++) {
		(void)snprintf(phone, sizeof(phone), "+55119%08lld", (long long)i);
		if (rcd_exec(conn, NULL, add, RCD_BIND(rcd_i64(i), rcd_str(phone)), err) != 0)
			return -1;
	}
	return 0;
}

/* Ids in the order of time, contacts at random: what months of messages leave behind. Within
 * one commit they go in by contact, so that each page is written once and not twenty times. */
static int fill_turns(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO turn(tenant_id, contact_id, id, started_ms, answered_ms, finished_ms, "
		"user_message,"
		" bot_response, route, rung) VALUES(1, $1, $2, $3, $3, $3, $4, $5, '/webhook/whatsapp', "
		"'chat')";
	const struct fill *f = arg;
	size_t n = (size_t)(f->to - f->from);
	char user[96], bot[160];

	for (size_t i = 0; i < n; i++)
		f->turn[i] = (struct turn){(int64_t)draw((uint64_t)f->contacts) + 1, f->from + (int64_t)i};
	qsort(f->turn, n, sizeof(*f->turn), by_contact);
	for (size_t i = 0; i < n; i++) {
		const struct turn *t = &f->turn[i];

		(void)snprintf(user, sizeof(user), "Bom dia! Qual o prazo de entrega do pedido %lld?",
		               (long long)t->id);
		(void)snprintf(bot, sizeof(bot),
		               "Bom dia! O pedido %lld sai hoje e chega em dois dias úteis. Posso"
		               " ajudar em mais alguma coisa?",
		               (long long)t->id);
		if (rcd_exec(conn, NULL, add,
		             RCD_BIND(rcd_i64(t->contact), rcd_i64(t->id), rcd_i64(1700000000000 + t->id),
		                      rcd_str(user), rcd_str(bot)),
		             err) != 0)
			return -1;
	}
	return 0;
}

static int fill(struct rcd_db *db, int64_t rows, int64_t contacts, struct rcd_err *err)
{
	struct fill f = {.from = 1, .to = 1, .contacts = contacts};
	int ret;

	f.turn = calloc(PER_COMMIT, sizeof(*f.turn));
	if (f.turn == NULL)
		return rcd_fail_nomem(err);
	ret = rcd_db_write(db, fill_contacts, &f, err);
	while (ret == 0 && f.from <= rows) {
		f.to = f.from + PER_COMMIT <= rows + 1 ? f.from + PER_COMMIT : rows + 1;
		ret = rcd_db_write(db, fill_turns, &f, err);
		f.from = f.to;
	}
	free(f.turn);
	return ret;
}

static int by_size(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int call(struct rcd_db *db, int64_t contact, size_t *rows, struct rcd_err *err)
{
	struct rcd_history_row *row = NULL;
	size_t n = 0;

	if (rcd_history_window(db, 1, contact, &(struct rcd_history_window){.max = LAST}, &row, &n,
	                       err) != 0)
		return -1;
	rcd_history_rows_free(row, n);
	*rows += n;
	return 0;
}

/* Calls for random contacts, sorted by time. file: the database and its log, whose pages the kernel
 * is asked to drop before each call, as a machine short of memory does; NULL: none. */
static int measure(struct rcd_db *db, int64_t contacts, const int file[2], int64_t *ns, int calls,
                   size_t *rows, struct rcd_err *err)
{
	*rows = 0;
	for (int i = 0; i < calls; i++) {
		int64_t contact = (int64_t)draw((uint64_t)contacts) + 1;
		struct timespec a, b;

		for (int k = 0; file != NULL && k < 2; k++)
			(void)posix_fadvise(file[k], 0, 0, POSIX_FADV_DONTNEED);
		(void)clock_gettime(CLOCK_MONOTONIC, &a);
		if (call(db, contact, rows, err) != 0)
			return -1;
		(void)clock_gettime(CLOCK_MONOTONIC, &b);
		ns[i] = (b.tv_sec - a.tv_sec) * 1000000000 + (b.tv_nsec - a.tv_nsec);
	}
	qsort(ns, (size_t)calls, sizeof(*ns), by_size);
	return 0;
}

/* Every contact once. */
static int warm_up(struct rcd_db *db, int64_t contacts, struct rcd_err *err)
{
	size_t rows = 0;

	for (int64_t i = 1; i <= contacts; i++)
		if (call(db, i, &rows, err) != 0)
			return -1;
	return 0;
}

static void print_side(const char *name, const int64_t *ns, int calls, size_t rows)
{
	(void)printf(
		"{\"side\":\"%s\",\"rows_per_call\":%.1f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f",
		name, (double)rows / calls, (double)ns[calls / 2] / 1000.0,
		(double)ns[calls * 99 / 100] / 1000.0, (double)ns[calls - 1] / 1000.0);
}

static int measure_both(struct rcd_db *db, const char *path, int64_t contacts, double fill_s,
                        struct rcd_err *err)
{
	int64_t *ns = calloc(CALLS, sizeof(*ns));
	char log[320];
	int file[2] = {open(path, O_RDONLY | O_CLOEXEC), -1}, ret = -1;
	struct stat st = {0};
	size_t rows = 0;

	(void)snprintf(log, sizeof(log), "%s-wal", path);
	file[1] = open(log, O_RDONLY | O_CLOEXEC);
	if (ns == NULL || file[0] < 0 || file[1] < 0 || fstat(file[0], &st) != 0 ||
	    fdatasync(file[0]) != 0 || fdatasync(file[1]) != 0) {
		ret = rcd_fail_errno(err, "cannot measure");
	} else if (warm_up(db, contacts, err) == 0 &&
	           measure(db, contacts, NULL, ns, CALLS, &rows, err) == 0) {
		print_side("warm", ns, CALLS, rows);
		(void)printf(",\"fill_s\":%.1f,\"file_mb\":%.0f}\n", fill_s, (double)st.st_size / 1e6);
		ret = measure(db, contacts, file, ns, COLD_CALLS, &rows, err);
		if (ret == 0)
			print_side("cold", ns, COLD_CALLS, rows);
		(void)printf("}\n");
	}
	for (int k = 0; k < 2; k++)
		if (file[k] >= 0)
			(void)close(file[k]);
	free(ns);
	return ret;
}

static int run(const char *path, int64_t rows, int64_t contacts, struct rcd_err *err)
{
	const struct rcd_db_conf conf = {.url = path, .readers = 1};
	bool old = access(path, F_OK) == 0;
	int64_t from = rcd_mono_ms();
	struct rcd_db *db = NULL;
	int ret = -1;

	if (rcd_db_migrate(path, err) == 0 && rcd_db_open(&db, &conf, err) == 0 &&
	    (old || fill(db, rows, contacts, err) == 0))
		ret = measure_both(db, path, contacts, (double)(rcd_mono_ms() - from) / 1000.0, err);
	rcd_db_close(db);
	return ret;
}

int main(int argc, char **argv)
{
	static const char *const tail[] = {"", "-wal", "-shm", "-lock"};
	int64_t rows = 1000000, contacts = 50000;
	const char *tmp = getenv("TMPDIR");
	char dir[256], path[300];
	struct rcd_err err = {0};
	int ret;

	if ((argc > 1 && rcd_parse_i64(rcd_sv(argv[1]), 1, 1000000000, &rows) != 0) ||
	    (argc > 2 && rcd_parse_i64(rcd_sv(argv[2]), 1, 10000000, &contacts) != 0))
		return 2;
	(void)snprintf(dir, sizeof(dir), "%s", argc > 3 ? argv[3] : "");
	if (argc <= 3) {
		(void)snprintf(dir, sizeof(dir), "%s/recado-bench.XXXXXX", tmp != NULL ? tmp : "/tmp");
		if (mkdtemp(dir) == NULL)
			return 1;
	}
	(void)snprintf(path, sizeof(path), "%s/history.db", dir);
	ret = run(path, rows, contacts, &err);
	if (ret != 0)
		(void)fprintf(stderr, "history: %s\n", err.msg);
	for (size_t i = 0; argc <= 3 && i < sizeof(tail) / sizeof(tail[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/history.db%s", dir, tail[i]);
		(void)unlink(path);
	}
	if (argc <= 3)
		(void)rmdir(dir);
	return ret == 0 ? 0 : 1;
}
