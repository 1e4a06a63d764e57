/* Another system's users and conversations: what comes over, once, and what does not. */
#include "base/clock.h"
#include "base/limits.h"
#include "store/history.h"
#include "store/import.h"
#include "tests/unit/store.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <unistd.h>

#define USERS                                                                                         \
	"CREATE TABLE users(id INTEGER NOT NULL PRIMARY KEY, phone_number VARCHAR(20) NOT NULL UNIQUE,"   \
	" first_name VARCHAR(50), last_name VARCHAR(50), is_active BOOLEAN, first_message_date DATETIME," \
	" last_message_date DATETIME, total_messages INTEGER NOT NULL);"
#define CONVERSATIONS                                                                                \
	"CREATE TABLE conversations(id INTEGER NOT NULL PRIMARY KEY, phone_number VARCHAR(20) NOT NULL," \
	" user_message TEXT NOT NULL, bot_response TEXT NOT NULL, message_type VARCHAR(10),"             \
	" transcribed_text TEXT, thread_id VARCHAR(100), timestamp DATETIME);"

/* --- a foreign file ------------------------------------------------------------------- */

static const char *bot(void)
{
	static char path[300];

	(void)snprintf(path, sizeof(path), "%s/bot.db", t_dir());
	return path;
}

static int run_sql(const char *sql)
{
	sqlite3 *h = NULL;
	int rc = sqlite3_open(bot(), &h);

	if (rc == SQLITE_OK)
		rc = sqlite3_exec(h, sql, NULL, NULL, NULL);
	if (rc != SQLITE_OK)
		(void)fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(h));
	(void)sqlite3_close(h);
	return rc == SQLITE_OK ? 0 : -1;
}

/* --- importing ------------------------------------------------------------------------ */

struct told {
	int bad, progress;
	int64_t row;
	char why[100];
};

static void on_bad(void *arg, const char *table, int64_t row, const char *why)
{
	struct told *t = arg;

	t->bad++;
	t->row = row;
	(void)snprintf(t->why, sizeof(t->why), "%s: %s", table, why);
}

static void on_progress(void *arg, const char *table, int64_t done, int64_t all)
{
	struct told *t = arg;

	(void)table;
	t->progress += done <= all;
}

static struct told told;
static struct rcd_import_count count[RCD_FOREIGN_TABLES];
#define PEOPLE count[RCD_FOREIGN_USERS]
#define TURNS count[RCD_FOREIGN_CONVERSATIONS]

static int take(struct rcd_db *db, bool dry, struct rcd_err *err)
{
	const struct rcd_import how = {.tenant = 1,
	                               .dry_run = dry,
	                               .arg = &told,
	                               .bad = on_bad,
	                               .progress = on_progress};
	struct rcd_foreign *from = NULL;
	int ret;

	told = (struct told){0};
	if (rcd_foreign_open(&from, bot(), err) != 0)
		return -1;
	ret = rcd_import_history(db, from, &how, count, err);
	rcd_foreign_close(from);
	return ret;
}

struct text {
	const char *sql;
	char out[1200];
};

/* The rows' first columns, one a line. */
static int do_text(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct text *t = arg;
	struct rcd_q q;
	size_t n = 0;
	int row;

	if (rcd_q(&q, conn, t->sql, RCD_BIND(), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1 && n < sizeof(t->out)) {
		struct rcd_sv v = rcd_q_sv(&q, 0);

		n += (size_t)snprintf(t->out + n, sizeof(t->out) - n, "%.*s\n", (int)v.n,
		                      v.n > 0 ? v.p : "");
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

#define ALL_USERS                                                                                       \
	"SELECT phone_number || '|' || coalesce(first_name, '-') || '|' || coalesce(last_name, '-') || '|'" \
	" || is_active || '|' || first_message_date || '|' || last_message_date || '|' || total_messages"   \
	" FROM users ORDER BY phone_number"
#define ALL_TURNS                                                                                     \
	"SELECT phone_number || '|' || user_message || '|' || bot_response || '|' || message_type || '|'" \
	" || coalesce(transcribed_text, '-') || '|' || coalesce(thread_id, '-') || '|' || timestamp"      \
	" FROM conversations ORDER BY id"
#define ALL_DAYS                                                                                         \
	"SELECT day || '|' || conversations || '|' || audio || '|' || text || '|' || users FROM daily_stats" \
	" ORDER BY day"

static const char small[] = USERS CONVERSATIONS
	"INSERT INTO users VALUES(1, '+5511987654321', 'Ana', 'Souza', 1, '2025-07-01 10:00:00.123456',"
	" '2025-07-01 10:00:00.123456', 9);"
	"INSERT INTO users VALUES(2, 'whatsapp:+4915112345678', NULL, NULL, 0, '2025-07-02T08:00:00Z', NULL, 0);"
	"INSERT INTO users VALUES(3, '+551187650000', '', '  ', NULL, NULL, '2025-06-30 23:00:00-03:00', 0);"
	"INSERT INTO conversations VALUES(1, '+5511987654321', 'oi', 'olá!', 'text', NULL, 'thread_1',"
	" '2025-07-01 10:00:01.000001');"
	"INSERT INTO conversations VALUES(2, '+5511987654321', 'ouvi', 'sim', 'audio', 'ouvi', NULL,"
	" '2025-07-01 10:05:00');"
	"INSERT INTO conversations VALUES(3, 'whatsapp:+5511987650000', 'nove', 'dígitos', NULL, NULL, NULL,"
	" '2025-07-01 10:05:00');"
	/* nobody in users; before the first date that is known of Ana */
	"INSERT INTO conversations VALUES(4, 'BR.1A2B', 'sem número', 'ok', 'text', NULL, NULL,"
	" '2025-07-03 00:00:00');"
	"INSERT INTO conversations VALUES(5, '+551187654321', 'antes', 'ok', 'text', NULL, NULL,"
	" '2025-06-01 12:00:00');";

/* Alike after one import and after two. */
static int is_small(struct rcd_db *db)
{
	struct rcd_stats s;
	struct rcd_err err;
	int ret = 0;

	T_STR(text(db, ALL_USERS),
	      "+4915112345678|-|-|0|2025-07-02 08:00:00|2025-07-02 08:00:00|0\n"
	      "+551187650000|-|-|1|2025-07-01 02:00:00|2025-07-01 10:05:00|1\n"
	      "+5511987654321|Ana|Souza|1|2025-06-01 12:00:00|2025-07-01 10:05:00|9\n"
	      "BR.1A2B|-|-|1|2025-07-03 00:00:00|2025-07-03 00:00:00|1\n");
	T_STR(text(db, ALL_TURNS), "+5511987654321|antes|ok|text|-|-|2025-06-01 12:00:00\n"
	                           "+5511987654321|oi|olá!|text|-|thread_1|2025-07-01 10:00:01\n"
	                           "+5511987654321|ouvi|sim|audio|ouvi|-|2025-07-01 10:05:00\n"
	                           "+551187650000|nove|dígitos|text|-|-|2025-07-01 10:05:00\n"
	                           "BR.1A2B|sem número|ok|text|-|-|2025-07-03 00:00:00\n");
	T_STR(text(db, ALL_DAYS),
	      "2025-06-01|1|0|1|1\n2025-07-01|3|1|2|2\n2025-07-02|0|0|0|0\n2025-07-03|1|0|1|1\n");
	T_STR(text(db, "SELECT day || '|' || CAST(sum(new_users) AS BIGINT) FROM tally GROUP BY day"
	               " HAVING sum(new_users) > 0 ORDER BY day"),
	      "20240|1\n20270|1\n20271|1\n20272|1\n");
	T_DO(rcd_stats(db, 1, &s, &err), err);
	T_INT(s.total_users, 4);
	T_INT(s.total_conversations, 5);
	T_INT(s.audio_conversations, 1);
	T_INT(s.jobs_waiting, 0);
out:
	return ret;
}

static int taken_once(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_INT(run_sql(small), 0);
	T_DO(take(db, true, &err), err);
	T_OK(PEOPLE.added == 3 && TURNS.added == 5 && TURNS.known == 0);
	T_STR(text(db, "SELECT (SELECT count(*) FROM contact) || '|' || (SELECT count(*) FROM turn)"),
	      "0|0\n");
	T_DO(take(db, false, &err), err);
	T_OK(PEOPLE.added == 3 && PEOPLE.read == 3 && PEOPLE.bad == 0);
	T_OK(TURNS.added == 5 && TURNS.read == 5 && TURNS.known == 0 && TURNS.bad == 0 &&
	     TURNS.cut == 0);
	T_INT(told.bad, 0);
	T_INT(told.progress, 2);
	T_INT(is_small(db), 0);
	T_DO(take(db, true, &err), err);
	T_OK(PEOPLE.known == 3 && TURNS.known == 5 && PEOPLE.added + TURNS.added == 0);
	T_DO(take(db, false, &err), err);
	T_OK(PEOPLE.known == 3 && TURNS.known == 5 && PEOPLE.added + TURNS.added == 0);
	T_INT(is_small(db), 0);
	/* that system went on meanwhile */
	T_INT(
		run_sql(
			"INSERT INTO conversations VALUES(6, '+5511987654321', 'de novo', 'oi', 'text', NULL, NULL,"
			" '2025-07-01 11:00:00')"),
		0);
	T_DO(take(db, false, &err), err);
	T_OK(TURNS.known == 5 && TURNS.added == 1);
	T_STR(text(db, ALL_DAYS),
	      "2025-06-01|1|0|1|1\n2025-07-01|4|1|3|2\n2025-07-02|0|0|0|0\n2025-07-03|1|0|1|1\n");
out:
	rcd_db_close(db);
	return ret;
}

/* Every allocation of ours fails once: what was committed is whole, and the rest comes later. */
static int without_memory(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_INT(run_sql(small), 0);
	T_DO(t_store(&db, &err), err);
	T_DO(take(db, false, &err), err);
	T_OK(PEOPLE.added == 3 && TURNS.added == 5);
out:
	rcd_db_close(db);
	return ret;
}

/* --- what already is here ------------------------------------------------------------- */

static int do_live(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char turn[] =
		"INSERT INTO turn(tenant_id, contact_id, id, started_ms, answered_ms,"
		" finished_ms, user_message, bot_response, route) VALUES(1, $1, $2, $3, $3, $3, 'oi', 'olá!', '/w')";
	const struct rcd_contact_in in = {.tenant = 1,
	                                  .phone = RCD_SV("+5511987654321"),
	                                  .name = RCD_SV("Bia Lima"),
	                                  .seen_ms = 1751364000000,
	                                  .messages = 1};
	int64_t id;

	(void)arg;
	if (rcd_contact_resolve(conn, &in, &id, err) != 0)
		return -1;
	return rcd_exec(conn, NULL, turn,
	                RCD_BIND(rcd_i64(id), rcd_i64(in.seen_ms * (1 << 20) + 5), rcd_i64(in.seen_ms)),
	                err);
}

/* A contact who has written here keeps name and state, and has one day once. */
static int beside_live(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(rcd_db_write(db, do_live, NULL, &err), err);
	T_INT(
		run_sql(
			USERS CONVERSATIONS
			"INSERT INTO users VALUES(1, '+551187654321', 'Ana', 'Souza', 0, '2025-06-01 00:00:00',"
			" '2025-07-01 10:00:00', 1);"
			"INSERT INTO conversations VALUES(1, '+551187654321', 'oi', 'olá!', 'text', NULL, NULL,"
			" '2025-07-01 10:00:00');"),
		0);
	T_DO(take(db, false, &err), err);
	T_OK(PEOPLE.known == 1 && TURNS.added == 1);
	T_STR(text(db, ALL_USERS),
	      "+5511987654321|Bia|Lima|1|2025-06-01 00:00:00|2025-07-01 10:00:00|2\n");
	T_STR(text(db, ALL_DAYS),
	      "2025-06-01|0|0|0|0\n2025-07-01|1|0|1|0\n"); /* the live one was never tallied */
	/* the order of time: two in one millisecond stand in the order of their rows */
	T_INT(run_sql(
			  "INSERT INTO conversations VALUES(9, '+551187654321', 'b', 'b', 'text', NULL, NULL,"
			  " '2025-07-01 09:00:00');"
			  "INSERT INTO conversations VALUES(8, '+551187654321', 'a', 'a', 'text', NULL, NULL,"
			  " '2025-07-01 09:00:00');"
			  "INSERT INTO conversations VALUES(7, '+551187654321', 'c', 'c', 'text', NULL, NULL,"
			  " '2025-07-01 09:00:01');"),
	      0);
	T_DO(take(db, false, &err), err);
	T_STR(text(db, "SELECT user_message FROM conversations ORDER BY id"), "a\nb\nc\noi\noi\n");
	/* another system's row of the same moment and number is another turn */
	T_INT(run_sql("UPDATE conversations SET user_message = 'outra' WHERE id = 8"), 0);
	T_DO(take(db, false, &err), err);
	T_OK(TURNS.known == 3 && TURNS.added == 1);
	T_DO(take(db, false, &err), err);
	T_OK(TURNS.known == 4 && TURNS.added == 0);
out:
	rcd_db_close(db);
	return ret;
}

/* --- hostile -------------------------------------------------------------------------- */

static int bad_rows(void)
{
	static const struct {
		const char *phone, *time, *why; /* NULL: good */
	} row[] = {
		{"'+5511987654321'", "'2025-07-01 10:00:00'", NULL},
		{"NULL", "'2025-07-01 10:00:00'", "conversations: no phone number"},
		{"'junk'", "'2025-07-01 10:00:00'",
	     "conversations: phone_number is neither a number with a country"
	     " code nor an id"},
		{"X'2B3535003131'", "'2025-07-01 10:00:00'",
	     "conversations: phone_number is neither a number with a"
	     " country code nor an id"},
		{"printf('%.*c', 5000, '5')", "'2025-07-01 10:00:00'",
	     "conversations: phone_number is neither a number"
	     " with a country code nor an id"},
		{"'+5511987654321'", "NULL", "conversations: no timestamp"},
		{"'+5511987654321'", "'ontem'",
	     "conversations: a time is not written as 2026-11-21 13:05:09"},
		{"'+5511987654321'", "1751364000",
	     "conversations: a time is not written as 2026-11-21 13:05:09"},
		{"'+5511987654321'", "'1970-01-01 00:00:00'",
	     "conversations: a time is not written as"
	     " 2026-11-21 13:05:09"},
		{"'+5511987654321'", "'2190-01-01 00:00:00'", "conversations: a time is in the future"},
	};
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	char sql[400];
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_INT(run_sql(USERS
	              "CREATE TABLE conversations(id INTEGER PRIMARY KEY, phone_number, user_message,"
	              " bot_response, message_type, transcribed_text, thread_id, timestamp)"),
	      0);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		(void)snprintf(sql, sizeof(sql),
		               "DELETE FROM conversations; INSERT INTO conversations VALUES(%zu, %s,"
		               " 'm', 'r', 'text', NULL, NULL, %s)",
		               70 + i, row[i].phone, row[i].time);
		T_INT(run_sql(sql), 0);
		T_DO(take(db, false, &err), err);
		T_INT(TURNS.added, row[i].why == NULL);
		T_INT(told.bad, row[i].why != NULL);
		T_INT(TURNS.bad, row[i].why != NULL);
		if (row[i].why != NULL) {
			T_STR(told.why, row[i].why);
			T_INT(told.row, (int)i + 70);
		}
	}
out:
	rcd_db_close(db);
	return ret;
}

/* NULs, bytes that are no UTF-8, what is too long or missing: stored as well as it can be. */
static int hostile_text(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_INT(
		run_sql(
			"CREATE TABLE users(ID INTEGER PRIMARY KEY, Phone_Number);"
			"CREATE TABLE conversations(id INTEGER PRIMARY KEY, phone_number, user_message, bot_response,"
			" timestamp);"
			"INSERT INTO users VALUES(1, '+5511987654321');"
			"INSERT INTO conversations VALUES(1, '+5511987654321', X'6100FF62', X'C3A1E282',"
			" '2025-07-01 10:00:00');"
			"INSERT INTO conversations VALUES(2, '+5511987654321', zeroblob(300000),"
			" printf('%.*c', 70000, 'x'), '2025-07-01 10:00:01');"
			"INSERT INTO conversations VALUES(3, '+5511987654321', NULL, 5, '2025-07-01 10:00:02');"
			"INSERT INTO conversations VALUES(-4, '+5511987654321', '''; DROP TABLE turn; --', '$1',"
			" '2025-07-01 10:00:03');"),
		0);
	T_DO(take(db, false, &err), err);
	T_OK(TURNS.added == 4 && TURNS.bad == 0 && TURNS.cut == 1 && PEOPLE.added == 1);
	T_STR(
		text(
			db,
			"SELECT user_message || '|' || bot_response FROM conversations WHERE length(bot_response) < 99"
			" ORDER BY id"),
		"a\xEF\xBF\xBD\xEF\xBF\xBD"
		"b|á\xEF\xBF\xBD\xEF\xBF\xBD\n|5\n'; DROP TABLE turn; --|$1\n");
	T_STR(text(db, "SELECT length(user_message) || '|' || length(bot_response) FROM conversations"
	               " WHERE length(bot_response) > 99"),
	      "21845|65536\n");
	T_DO(take(db, false, &err), err);
	T_OK(TURNS.known == 4 && TURNS.added == 0);
out:
	rcd_db_close(db);
	return ret;
}

/* More than a batch of the largest rows there can be. */
static int large_rows(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_INT(
		run_sql(
			USERS CONVERSATIONS
			"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)"
			" INSERT INTO conversations SELECT i, '+5511987654321', printf('%.*c', 100000, 'x'),"
			" printf('%.*c', 100000, 'y'), 'audio', printf('%.*c', 100000, 'z'), printf('%.*c', 9999, 't'),"
			" datetime(1751364000 + i, 'unixepoch') FROM n"),
		0);
	T_DO(take(db, false, &err), err);
	T_OK(TURNS.added == 250 && TURNS.cut == 250);
	T_STR(text(db, ALL_DAYS), "2025-07-01|250|250|0|1\n");
	T_STR(text(db, "SELECT phone_number || '|' || total_messages FROM users"),
	      "+5511987654321|250\n");
out:
	rcd_db_close(db);
	return ret;
}

static int refused(void)
{
	static const struct {
		const char *sql;
		enum rcd_code code;
		const char *msg;
	} row[] = {
		{"CREATE TABLE x(y)", RCD_NOENT, "there is no table users"},
		{USERS, RCD_NOENT, "there is no table conversations"},
		{CONVERSATIONS "CREATE TABLE users(id INTEGER PRIMARY KEY)", RCD_NOENT,
	     "the table users there has no column phone_number"},
		{CONVERSATIONS "CREATE TABLE users(phone_number)", RCD_NOENT,
	     "the table users there has no column id"},
		{USERS CONVERSATIONS "CREATE TABLE contact_alias(x)", RCD_INVAL,
	     "this is a store of Recado itself"},
		{USERS
	     "CREATE TABLE conversations(id, phone_number, user_message, bot_response, timestamp);"
	     "INSERT INTO conversations VALUES('a', '+5511987654321', 'm', 'r', '2025-07-01 10:00:00');"
	     "INSERT INTO conversations VALUES('b', '+5511987654321', 'm', 'r', '2025-07-01 10:00:00');",
	     RCD_PROTO, "the ids there are not ascending integers"},
	};
	struct rcd_db *db = NULL;
	struct rcd_foreign *from = NULL;
	struct rcd_err err = {0};
	FILE *f;
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_INT(rcd_foreign_open(&from, bot(), &err), -1);
	T_OK(strstr(err.msg, "No such file") != NULL);
	T_OK(access(bot(), F_OK) != 0);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		(void)unlink(bot());
		T_INT(run_sql(row[i].sql), 0);
		T_INT(take(db, false, &err), -1);
		T_INT(err.code, row[i].code);
		T_STR(err.msg, row[i].msg);
	}
	T_OK(t_pg() || (rcd_foreign_open(&from, t_store_path(), &err) == -1 &&
	                strcmp(err.msg, "this is a store of Recado itself") == 0));
	T_OK((f = fopen(bot(), "w")) != NULL);
	(void)fputs(
		"this is not a database, but it is long enough to be looked at as if it were one, is it not?"
		" A header has a hundred bytes.",
		f);
	(void)fclose(f);
	T_INT(rcd_foreign_open(&from, bot(), &err), -1);
	T_OK(from == NULL);
out:
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {
	{"taken_once", taken_once, 0},     {"without_memory", without_memory, T_OOM},
	{"beside_live", beside_live, 0},   {"bad_rows", bad_rows, 0},
	{"hostile_text", hostile_text, 0}, {"large_rows", large_rows, 0},
	{"refused", refused, 0},           {NULL, NULL, 0},
};
