/* What a committed message costs: threads in two processes put unique messages, each waits
 * for its commit; beside it the same rows, one transaction and one sync each.
 *
 *   commit SECONDS [THREADS [PROCESSES]]      prints two lines of JSON */

#include "base/clock.h"
#include "base/crypto.h"
#include "store/inbox.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define BUCKETS 100000 /* of 10 µs: latencies up to a second */
#define BODY 660

struct shared {
	atomic_long bucket[BUCKETS];
	atomic_long max_us, failed, wal_max;
	atomic_long done[64]; /* per process */
	atomic_long cpu_us, largest, commits;
};

struct side {
	struct shared *sh;
	struct rcd_db *db;
	const char *path;
	int64_t until_us;
	int process;
};

static void note(struct side *s, int64_t us)
{
	long max = atomic_load(&s->sh->max_us);

	atomic_fetch_add(&s->sh->bucket[us / 10 < BUCKETS ? us / 10 : BUCKETS - 1], 1);
	atomic_fetch_add(&s->sh->done[s->process], 1);
	while (us > max && !atomic_compare_exchange_weak(&s->sh->max_us, &max, (long)us))
		continue;
}

static void watch_wal(struct side *s)
{
	char wal[320];
	struct stat st;

	(void)snprintf(wal, sizeof(wal), "%s-wal", s->path);
	if (stat(wal, &st) == 0 && st.st_size > atomic_load(&s->sh->wal_max))
		atomic_store(&s->sh->wal_max, (long)st.st_size);
}

static void *put_messages(void *arg)
{
	struct side *s = arg;
	char sid[35] = "SM", sender[40], body[BODY];
	uint32_t who;

	memset(body, 'x', sizeof(body));
	for (int i = 0;; i++) {
		int64_t from = rcd_mono_us(), now = rcd_now_ms();
		bool fresh = false;
		struct rcd_err err;

		if (from >= s->until_us)
			return NULL;
		rcd_random_hex(sid + 2, 16);
		rcd_random(&who, sizeof(who));
		(void)snprintf(sender, sizeof(sender), "whatsapp:+55119%08u", who % 10000);
		struct rcd_inbox_in in = {
			.tenant = 1,
			.event_key = {sid, 34},
			.sender = rcd_sv(sender),
			.route = RCD_SV("/webhook/whatsapp"),
			.body = {body, sizeof(body)},
			.received_ms = now,
			.due_ms = now + 3600000,
		};
		if (rcd_inbox_put(s->db, &in, &fresh, &err) != 0 || !fresh) {
			if (atomic_fetch_add(&s->sh->failed, 1) == 0)
				(void)fprintf(stderr, "commit: %s\n", err.msg);
			continue;
		}
		note(s, rcd_mono_us() - from);
		if (i % 64 == 0)
			watch_wal(s);
	}
}

static void process(struct side *s, int threads)
{
	const struct rcd_db_conf conf = {.url = s->path};
	pthread_t *t = calloc((size_t)threads, sizeof(*t));
	struct rcd_db_stats st;
	struct rusage ru;
	struct rcd_err err;

	if (t == NULL || rcd_db_open(&s->db, &conf, &err) != 0) {
		(void)fprintf(stderr, "commit: %s\n", t == NULL ? "no memory" : err.msg);
		_exit(1);
	}
	for (int i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, put_messages, s) != 0)
			_exit(1);
	for (int i = 0; i < threads; i++)
		(void)pthread_join(t[i], NULL);
	rcd_db_stats(s->db, &st);
	rcd_db_close(s->db);
	(void)getrusage(RUSAGE_SELF, &ru);
	atomic_fetch_add(&s->sh->cpu_us, (ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000000 +
	                                     ru.ru_utime.tv_usec + ru.ru_stime.tv_usec);
	atomic_fetch_add(&s->sh->commits, st.commits);
	if (st.largest_batch > atomic_load(&s->sh->largest))
		atomic_store(&s->sh->largest, st.largest_batch);
	free(t);
	_exit(0);
}

static double quantile(struct shared *sh, long n, double q)
{
	long seen = 0;

	for (int i = 0; i < BUCKETS; i++) {
		seen += sh->bucket[i];
		if ((double)seen >= q * (double)n)
			return i / 100.0;
	}
	return BUCKETS / 100.0;
}

static int side(const char *name, const char *path, double seconds, int processes, int threads)
{
	struct shared *sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                         -1, 0);
	struct rcd_err err;
	long total = 0, low = -1;
	int status, bad = 0;

	if (sh == MAP_FAILED || rcd_db_migrate(path, &err) != 0)
		return -1;
	for (int i = 0; i < processes; i++) {
		struct side s = {.sh = sh,
		                 .path = path,
		                 .process = i,
		                 .until_us = rcd_mono_us() + (int64_t)(seconds * 1e6)};
		pid_t pid = fork();

		if (pid < 0)
			return -1;
		if (pid == 0)
			process(&s, threads);
	}
	for (int i = 0; i < processes; i++)
		bad |= wait(&status) < 0 || status != 0;
	for (int i = 0; i < processes; i++) {
		total += sh->done[i];
		low = low < 0 || sh->done[i] < low ? sh->done[i] : low;
	}
	(void)printf("{\"side\":\"%s\",\"threads\":%d,\"processes\":%d,\"per_s\":%.0f,\"p50_ms\":%.2f,"
	             "\"p99_ms\":%.2f,\"max_ms\":%.2f,\"cpu_us\":%.1f,\"rows_per_commit\":%.1f,"
	             "\"largest\":%ld,\"least_share\":%.2f,\"wal_mb\":%.1f,\"failed\":%ld}\n",
	             name, threads, processes, (double)total / seconds, quantile(sh, total, 0.5),
	             quantile(sh, total, 0.99), (double)sh->max_us / 1000.0,
	             total > 0 ? (double)sh->cpu_us / (double)total : 0.0,
	             sh->commits > 0 ? (double)total / (double)sh->commits : 0.0, sh->largest,
	             total > 0 ? (double)low * processes / (double)total : 0.0,
	             (double)sh->wal_max / 1e6, sh->failed);
	(void)munmap(sh, sizeof(*sh));
	return bad ? -1 : 0;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 3;
	int threads = argc > 2 ? (int)strtod(argv[2], NULL) : 32;
	int processes = argc > 3 ? (int)strtod(argv[3], NULL) : 2;
	const char *tmp = getenv("TMPDIR");
	char dir[256], path[300];
	int bad;

	if (seconds <= 0 || threads < 1 || threads > 1000 || processes < 1 || processes > 64)
		return 2;
	(void)snprintf(dir, sizeof(dir), "%s/recado-bench.XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(dir) == NULL)
		return 1;
	(void)snprintf(path, sizeof(path), "%s/group.db", dir);
	bad = side("group commit", path, seconds, processes, threads);
	/* one thread alone has nobody to share a commit with: one sync per message */
	(void)snprintf(path, sizeof(path), "%s/single.db", dir);
	bad |= side("one sync each", path, seconds, 1, 1);
	for (int i = 0; i < 8; i++) {
		static const char *const tail[] = {"", "-wal", "-shm", "-lock"};

		(void)snprintf(path, sizeof(path), "%s/%s.db%s", dir, i < 4 ? "group" : "single",
		               tail[i % 4]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
	return bad ? 1 : 0;
}
