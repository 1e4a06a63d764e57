/* Who is who, and what people see in the views with the sqlite3 command line. */
#include "base/clock.h"
#include "store/contact.h"
#include "store/history.h"
#include "store/inbox.h"
#include "tests/unit/store.h"

#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct who {
	const char *phone, *bsuid, *name;
	int64_t seen_ms, id;
};

static int do_resolve(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct who *w = arg;
	const struct rcd_contact_in in = {.tenant = 1,
	                                  .phone = rcd_sv(w->phone),
	                                  .bsuid = rcd_sv(w->bsuid),
	                                  .name = rcd_sv(w->name),
	                                  .seen_ms = w->seen_ms,
	                                  .messages = 1};

	return rcd_contact_resolve(conn, &in, &w->id, err);
}

/* The contact's id, -1 for failure. */
static int64_t resolve(struct rcd_db *db, const char *phone, const char *bsuid, const char *name)
{
	struct who w = {phone, bsuid, name, 1000, 0};
	struct rcd_err err;

	return rcd_db_write(db, do_resolve, &w, &err) == 0 ? w.id : -1;
}

struct text {
	const char *sql;
	char out[600];
};

/* Rows as lines, columns parted by |. */
static int do_text(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct text *t = arg;
	struct rcd_q q;
	size_t n = 0;
	int row;

	t->out[0] = '\0';
	if (rcd_q(&q, conn, t->sql, RCD_BIND(), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_sv v = rcd_q_sv(&q, 0);

		n += (size_t)snprintf(t->out + n, sizeof(t->out) - n, "%.*s\n", (int)v.n,
		                      v.n > 0 ? v.p : "");
		if (n >= sizeof(t->out))
			break;
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

static const char *text(struct rcd_db *db, const char *sql)
{
	static struct text t;
	struct rcd_err err = {0};

	t = (struct text){.sql = sql};
	if (rcd_db_read(db, do_text, &t, &err) != 0)
		(void)snprintf(t.out, sizeof(t.out), "failed: %s", err.msg);
	return t.out;
}

static int identity(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int64_t ana, bob, eva;
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	/* with and without the ninth digit it is one person; another area is another one */
	ana = resolve(db, "+551187654321", NULL, "Ana  Maria Souza ");
	T_OK(ana > 0);
	T_OK(resolve(db, "+5511987654321", NULL, NULL) == ana);
	T_OK(resolve(db, "+5521987654321", NULL, NULL) != ana);
	/* a landline keeps its eight digits, other countries theirs */
	T_OK(resolve(db, "+551133334444", NULL, NULL) != resolve(db, "+5511933334444", NULL, NULL));
	T_OK(resolve(db, "+14155238886", NULL, NULL) != resolve(db, "+149155238886", NULL, NULL));
	/* an id without a number first, the number learnt later */
	bob = resolve(db, NULL, "BR.1A2B", "Bob");
	T_OK(bob > 0 && bob != ana);
	T_OK(resolve(db, "+4915112345678", "BR.1A2B", NULL) == bob);
	T_OK(resolve(db, "+4915112345678", NULL, NULL) == bob);
	/* both known and different: the business-scoped id wins, no number is shown twice */
	eva = resolve(db, NULL, "BR.EVA", "Eva");
	T_OK(resolve(db, "+5511987654321", "BR.EVA", NULL) == eva);
	T_OK(resolve(db, "+5511987654321", NULL, NULL) == ana);
	T_OK(resolve(db, NULL, NULL, "X") == -1);
	T_STR(
		text(
			db,
			"SELECT phone_number || '|' || coalesce(first_name, '-') || '|' || coalesce(last_name, "
			"'-')"
			" || '|' || is_active || '|' || total_messages || '|' || first_message_date FROM users"
			" WHERE first_name IS NOT NULL ORDER BY id"),
		"+551187654321|Ana|Maria Souza|1|3|1970-01-01 00:00:01\n"
		"+4915112345678|Bob|-|1|3|1970-01-01 00:00:01\n"
		"BR.EVA|Eva|-|1|2|1970-01-01 00:00:01\n");
	T_STR(text(db,
	           "SELECT count(*) || '|' || (SELECT CAST(sum(new_users) AS BIGINT) FROM tally) FROM "
	           "contact"),
	      "8|8\n");
	/* a name that is not text is no name */
	T_OK(resolve(db, "+551187654321", NULL, "\xff\xfe") == ana);
	T_STR(text(db, "SELECT first_name FROM users WHERE phone_number = '+551187654321'"), "Ana\n");
out:
	rcd_db_close(db);
	return ret;
}

/* --- views ---------------------------------------------------------------------------- */

static int converse(struct rcd_db *db, const char *key, bool audio, bool finish,
                    struct rcd_err *err)
{
	const int64_t now = rcd_now_ms();
	const struct rcd_inbox_in in = {.tenant = 1,
	                                .event_key = rcd_sv(key),
	                                .sender = RCD_SV("whatsapp:+5511987654321"),
	                                .route = RCD_SV("/w"),
	                                .body = RCD_SV("b"),
	                                .received_ms = now,
	                                .due_ms = now};
	struct rcd_inbox_row *rows = NULL;
	struct rcd_job job;
	bool fresh;
	size_t n_rows;
	int n;

	if (rcd_inbox_put(db, &in, &fresh, err) != 0 ||
	    rcd_job_claim(db, 1, 60000, &job, 1, &n, err) != 0 ||
	    rcd_inbox_gather(db, &job, false, &rows, &n_rows, err) != 0)
		return -1;
	const struct rcd_turn_begin b = {.job = &job,
	                                 .inbox_ids = &rows[0].id,
	                                 .n_inbox = 1,
	                                 .route = RCD_SV("/w"),
	                                 .started_ms = now,
	                                 .contact = {.tenant = 1,
	                                             .phone = RCD_SV("+5511987654321"),
	                                             .name = RCD_SV("Ana Souza"),
	                                             .seen_ms = now,
	                                             .messages = 1}};
	const struct rcd_turn_answer a = {.job = &job,
	                                  .audio = audio,
	                                  .user_message = audio ? RCD_SV("olá da voz") : RCD_SV("olá"),
	                                  .transcript = audio ? RCD_SV("olá da voz")
	                                                      : (struct rcd_sv){NULL, 0},
	                                  .bot_response = RCD_SV("oi"),
	                                  .rung = RCD_SV("chat")};
	int ret = rcd_history_begin(db, &b, &job.turn_id, &job.contact_id, err);

	rcd_inbox_rows_free(rows, n_rows);
	if (ret != 0 || rcd_history_answer(db, &a, err) != 0)
		return -1;
	return finish ? rcd_history_finish(db, &job, RCD_SV("{}"), err) : 0;
}

/* What a person types while the daemon writes. */
static int shell(const char *sql, char *out, size_t size)
{
	const char *file[] = {"sqlite3", "-readonly", t_store_url(), sql, NULL};
	const char *server[] = {"psql", "-At", "-v", "ON_ERROR_STOP=1", "-c", sql, t_store_url(), NULL};
	char *const *argv = (char *const *)(uintptr_t)(t_pg() ? server : file);
	posix_spawn_file_actions_t fa;
	int fd[2], status = -1;
	pid_t pid = -1;
	ssize_t got;
	size_t n = 0;

	if (pipe(fd) != 0)
		return -1;
	(void)posix_spawn_file_actions_init(&fa);
	(void)posix_spawn_file_actions_adddup2(&fa, fd[1], 1);
	(void)posix_spawn_file_actions_addclose(&fa, fd[0]);
	(void)posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", 1, 0);
	/* as the manual says */
	(void)setenv("PGOPTIONS", "-c search_path=recado -c default_transaction_read_only=on", 1);
	if (posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ) != 0)
		pid = -1;
	(void)unsetenv("PGOPTIONS");
	(void)posix_spawn_file_actions_destroy(&fa);
	(void)close(fd[1]);
	while (pid > 0 && n + 1 < size && (got = read(fd[0], out + n, size - 1 - n)) > 0)
		n += (size_t)got;
	out[n] = '\0';
	(void)close(fd[0]);
	return pid > 0 && waitpid(pid, &status, 0) == pid ? status : -1;
}

#define COLUMNS(view)                                                                              \
	(t_pg() ? "SELECT column_name FROM information_schema.columns WHERE table_schema = 'recado'"   \
	          " AND table_name = '" view "' ORDER BY ordinal_position"                             \
	        : "SELECT name FROM pragma_table_info('" view "')")

static int views(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	char out[600], today[RCD_TIME_TEXT], want[700];
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(converse(db, "SM1", false, true, &err), err);
	T_DO(converse(db, "SM2", true, true, &err), err);
	T_DO(converse(db, "SM3", false, false, &err), err); /* not finished: not to be seen */
	rcd_time_text(rcd_now_ms(), today);
	today[10] = '\0';
	T_INT(
		shell(
			"SELECT phone_number, user_message, bot_response, message_type,"
			" coalesce(transcribed_text, 'NULL'), coalesce(thread_id, 'NULL'), substr(timestamp, "
			"1, 10),"
			" length(timestamp) FROM conversations WHERE phone_number = '+5511987654321' ORDER BY "
			"id",
			out, sizeof(out)),
		0);
	(void)snprintf(want, sizeof(want),
	               "+5511987654321|olá|oi|text|NULL|NULL|%s|19\n"
	               "+5511987654321|olá da voz|oi|audio|olá da voz|NULL|%s|19\n",
	               today, today);
	T_STR(out, want);
	T_INT(shell("SELECT * FROM daily_stats", out, sizeof(out)), 0);
	(void)snprintf(want, sizeof(want), "%s|2|1|1|1\n", today);
	T_STR(out, want);
	T_INT(shell(COLUMNS("users"), out, sizeof(out)), 0);
	T_STR(
		out,
		"id\nphone_number\nfirst_name\nlast_name\nis_active\nfirst_message_date\nlast_message_date\n"
		"total_messages\n");
	T_INT(shell(COLUMNS("conversations"), out, sizeof(out)), 0);
	T_STR(
		out,
		"id\nphone_number\nuser_message\nbot_response\nmessage_type\ntranscribed_text\nthread_id\n"
		"timestamp\n");
	T_OK(shell("DELETE FROM contact", out, sizeof(out)) != 0);
out:
	rcd_db_close(db);
	return ret;
}

/* A table that grows for ever is never walked from end to end by what people and we ask. */
static int plans(void)
{
	static const struct {
		const char *sql, *must;
	} row[] = {
		{"SELECT * FROM conversations WHERE phone_number = '+55'", "contact_shown"},
		{"SELECT * FROM users WHERE phone_number = '+55'", "contact_shown"},
		{"SELECT * FROM conversations ORDER BY id DESC LIMIT 20", "turn_id"},
		{"SELECT * FROM conversations WHERE id = 5", "turn_id"},
		{"SELECT id FROM turn WHERE tenant_id = 1 AND contact_id = 2 AND finished_ms IS NOT NULL"
	     " ORDER BY id DESC LIMIT 20",
	     "PRIMARY KEY"},
		{"SELECT id FROM inbox WHERE tenant_id = 1 AND sender = 's' AND turn_id IS NULL ORDER BY "
	     "id",
	     "inbox_waiting"},
		{"SELECT id FROM inbox WHERE turn_id = 1 AND tenant_id = 1 ORDER BY id", "inbox_turn"},
		{"SELECT kind, due_ms FROM job WHERE state = 0 AND due_ms <= 1 UNION ALL SELECT kind, "
	     "due_ms FROM job"
	     " WHERE state = 1 AND lease_until_ms <= 1 ORDER BY 2 LIMIT 1",
	     "job_ready"},
		{"SELECT kind FROM job WHERE state = 0 AND ahead = 1 AND due_ms > 1 ORDER BY due_ms LIMIT "
	     "1",
	     "job_ahead"},
		{"SELECT (SELECT count(*) FROM inbox WHERE tenant_id = 1 AND turn_id = t.id) FROM (SELECT "
	     "id FROM turn"
	     " WHERE tenant_id = 1 AND contact_id = 2 AND finished_ms IS NOT NULL ORDER BY id DESC "
	     "LIMIT 8) AS t",
	     "inbox_turn"},
		{"SELECT scope FROM suppression WHERE tenant_id = 1 AND contact_id = 2 AND until_ms IS "
	     "NULL",
	     "suppression_in_force"},
		{"SELECT count(*) FROM suppression WHERE tenant_id = 1 AND contact_id = 2 AND scope = 'all'"
	     " AND (inbox_id >= 3 OR end_inbox_id >= 3)",
	     "suppression_contact"},
		{"SELECT * FROM daily_stats", "tally"},
		{"SELECT t.id, (SELECT count(*) FROM inbox i WHERE i.tenant_id = t.tenant_id AND i.turn_id "
	     "= t.id"
	     " AND i.sender = 's') FROM turn t WHERE t.tenant_id = 1 AND t.contact_id = 2 AND t.id < 9 "
	     "AND t.id >= 3"
	     " AND t.started_ms >= 1 ORDER BY t.id DESC LIMIT 64",
	     "PRIMARY KEY"},
		{"SELECT id FROM request WHERE tenant_id = 1 AND contact_id = 2 AND channel = 's' AND "
	     "closed_ms = 0",
	     "request_open"},
		{"SELECT id FROM request r WHERE r.tenant_id = 1 AND r.closed_ms = 0 ORDER BY r.since_ms, "
	     "r.id LIMIT 9",
	     "request_open"},
		{"SELECT sum(messages) FROM channel_day WHERE tenant_id = 1 AND day = 2 AND channel = 's'",
	     "PRIMARY KEY"},
		{"SELECT path FROM attachment WHERE tenant_id = 1 AND inbox_id = 2 AND part = 0 AND path "
	     "IS NOT NULL",
	     "SEARCH attachment USING"},
	};
	char sql[600];
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char plan[600];

		(void)snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", row[i].sql);
		T_INT(shell(sql, plan, sizeof(plan)), 0);
		if (strstr(plan, row[i].must) == NULL ||
		    (strstr(plan, "SCAN t") != NULL && strstr(plan, "turn_id") == NULL &&
		     strstr(plan, "SCAN tally") == NULL) ||
		    strstr(plan, "SCAN job") != NULL || strstr(plan, "SCAN inbox") != NULL)
			T_FAIL("%s: %s", row[i].sql, plan);
	}
out:
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {
	{"identity", identity, 0},
	{"views", views, 0},
	{"plans", plans, T_SQLITE},
	{NULL, NULL, 0},
};
