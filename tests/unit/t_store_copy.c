/* A whole store into another one: every table, every column, and nothing but the truth about it. */
#include "store/copy.h"
#include "store/driver.h"
#include "store/inbox.h"
#include "store/passage.h"
#include "tests/unit/store.h"

#include <stdlib.h>

#define ROWS 450 /* more than two pages */

/* --- a source with something in every column ------------------------------------------- */

static const char *odd(int r)
{
	static const char *const text[] = {"", "ação 🙂", "it''s; \"$1\"", "Z", "a", "%s\n\t"};

	return text[r % 6];
}

/* Row r of a table: numbers count, so that what refers to a row finds it. */
static void make_row(const struct rcd_table *t, int r, char text[RCD_TABLE_COLUMNS][64],
                     struct rcd_arg *arg)
{
	for (int i = 0; t->types[i] != '\0'; i++) {
		arg[i] = (struct rcd_arg){.type = t->types[i]};
		/* what is spoken refers to its note by name */
		(void)snprintf(text[i], 64, "%d-%s", r,
		               odd(strcmp(t->name, "speech") == 0 && i == 2 ? r : r + i));
		if (arg[i].type == 'i')
			arg[i].i = r;
		else if (arg[i].type == 'd')
			arg[i].d = r / 7.0;
		else
			arg[i].v = rcd_sv(text[i]);
		if (arg[i].type == 'b')
			arg[i].v.n++; /* with its NUL */
		if (arg[i].type == 'v' && r == 7 && i >= t->n_key && strcmp(t->name, "speech") != 0)
			arg[i].v = (struct rcd_sv){"a\0b\xff", 4};
	}
}

static int fill(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	/* wherever it may be */
	static const char *const none[] = {
		"UPDATE contact SET phone = NULL, bsuid = NULL, first_name = NULL, last_name = NULL WHERE "
		"id % 3 = 0",
		"UPDATE inbox SET turn_id = NULL WHERE id % 3 = 0",
		"UPDATE job SET last_error = NULL WHERE tenant_id % 3 = 0",
		"UPDATE turn SET answered_ms = NULL, finished_ms = NULL, user_message = NULL WHERE id % 3 "
		"= 0",
		"UPDATE turn SET bot_response = NULL, transcript = NULL, thread_id = NULL, rung = NULL "
		"WHERE id % 3 = 0",
		"UPDATE turn_trace SET why = NULL, trace = NULL WHERE turn_id % 3 = 0",
		"UPDATE outbox SET sid = NULL, body = NULL, media_url = NULL WHERE id % 3 = 0",
		"UPDATE attachment SET type = NULL, path = NULL WHERE part % 3 = 0",
	};
	struct rcd_arg row[RCD_TABLE_COLUMNS];
	char text[RCD_TABLE_COLUMNS][64];

	(void)arg;
	for (const struct rcd_table *t = rcd_tables; t->name != NULL; t++)
		for (int r = strcmp(t->name, "tenant") == 0 ? 2 : 1; r <= ROWS; r++) {
			struct rcd_bind bind = {.arg = row, .n = strlen(t->types)};

			make_row(t, r, text, row);
			if (rcd_exec(conn, NULL, t->add, bind, err) != 0)
				return -1;
		}
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		if (rcd_exec(conn, NULL, none[i], RCD_BIND(), err) != 0)
			return -1;
	return 0;
}

static const char *path_of(const char *name)
{
	static char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", t_dir(), name);
	return path;
}

static int open_file(struct rcd_db **db, const char *name, struct rcd_err *err)
{
	const struct rcd_db_conf conf = {.url = path_of(name)};

	return rcd_db_migrate(conf.url, err) != 0 ? -1 : rcd_db_open(db, &conf, err);
}

static struct rcd_copied out[RCD_MAX_TABLES];
static size_t n;
static int64_t mended;
static int words;

static void on_progress(void *arg, const char *table, int64_t done, int64_t all)
{
	(void)arg;
	words += table != NULL && done <= all;
}

static int copy(struct rcd_db *from, struct rcd_db *to, struct rcd_err *err)
{
	const struct rcd_copy how = {.progress = on_progress};

	return rcd_copy_store(from, to, &how, out, &n, &mended, err);
}

static int do_count(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_get_i64(conn, arg,
	                   "SELECT (SELECT count(*) FROM contact) + (SELECT count(*) FROM turn)",
	                   RCD_BIND(), err);
}

static int64_t count(struct rcd_db *db)
{
	int64_t rows;

	return rcd_db_read(db, do_count, &rows, RCD_UNREAD_ERR) == 0 ? rows : -1;
}

/* --- cases ---------------------------------------------------------------------------- */

static int moved(void)
{
	static const struct rcd_sv word[] = {{"1", 1}};
	const struct rcd_inbox_in next = {.tenant = 1,
	                                  .event_key = RCD_SV("new"),
	                                  .sender = RCD_SV("s"),
	                                  .route = RCD_SV("/"),
	                                  .body = RCD_SV("b"),
	                                  .received_ms = 1,
	                                  .due_ms = 1};
	struct rcd_db *from = NULL, *to = NULL;
	struct rcd_passage *found = NULL;
	struct rcd_err err = {0};
	size_t n_found = 0, tables = 0;
	bool fresh = false;
	int ret = 0;

	T_DO(open_file(&from, "source.db", &err), err);
	T_DO(rcd_db_write(from, fill, NULL, &err), err);
	T_DO(t_store(&to, &err), err);
	T_DO(copy(from, to, &err), err);
	while (rcd_tables[tables].name != NULL)
		tables++;
	T_INT(n, tables);
	T_OK(n <= RCD_MAX_TABLES && words >= (int)n);
	for (size_t i = 0; i < n; i++) {
		T_STR(out[i].table, rcd_tables[i].name);
		T_INT(out[i].rows_from, ROWS);
		T_INT(out[i].rows_to, ROWS);
		T_STR(out[i].hash_to, out[i].hash_from);
		T_OK(out[i].same);
	}
	T_OK(mended > 5);
	/* it works on: knowledge is found, a new message has a new number */
	T_DO(rcd_passage_search(to, 1, word, 1, 3, &found, &n_found, &err), err);
	T_OK(n_found == 1 && strcmp(found[0].heading, "1-a") == 0);
	T_DO(rcd_inbox_put(to, &next, &fresh, &err), err);
	T_OK(fresh);
	/* twice is refused, and nothing changes */
	T_INT(copy(from, to, &err), -1);
	T_INT(err.code, RCD_EXISTS);
	T_STR(err.msg, "the target is not empty: there are rows in tenant");
	T_INT(count(to), 2 * ROWS);
	T_INT(count(from), 2 * ROWS);
out:
	rcd_passages_free(found, n_found);
	rcd_db_close(to);
	rcd_db_close(from);
	return ret;
}

static int empty(void)
{
	struct rcd_db *from = NULL, *to = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(open_file(&from, "source.db", &err), err);
	T_DO(t_store(&to, &err), err);
	T_DO(copy(from, to, &err), err);
	T_OK(out[0].rows_to == 1 && out[0].same && out[1].rows_to == 0 && out[1].same);
	T_DO(copy(from, to, &err), err); /* still empty */
out:
	rcd_db_close(to);
	rcd_db_close(from);
	return ret;
}

static int plant(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char lie[] = "CREATE TRIGGER lie AFTER INSERT ON turn WHEN new.id = 300 BEGIN"
							  " UPDATE turn SET bot_response = 'x' WHERE id = 300; END";

	(void)arg;
	return rcd_exec(conn, NULL, lie, RCD_BIND(), err);
}

/* One letter of one row: it is told, and nothing was copied. */
static int differs(void)
{
	struct rcd_db *from = NULL, *to = NULL;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(open_file(&from, "source.db", &err), err);
	T_DO(rcd_db_write(from, fill, NULL, &err), err);
	T_DO(t_store(&to, &err), err);
	T_DO(rcd_db_write(to, plant, NULL, &err), err);
	T_INT(copy(from, to, &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_STR(err.msg, "the copy of turn is not what was written; nothing was copied");
	for (size_t i = 0; i < n; i++)
		T_INT(out[i].same, strcmp(out[i].table, "turn") != 0);
	T_INT(count(to), 0);
out:
	rcd_db_close(to);
	rcd_db_close(from);
	return ret;
}

static int do_seen(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_get_i64(conn, arg,
	                   "SELECT (SELECT count(*) FROM inbox) * 10 + (SELECT count(*) FROM tenant)",
	                   RCD_BIND(), err);
}

/* What the business knows alone, while its messages stay where they are. */
static int knowledge(void)
{
	static const struct rcd_passage_in p[] = {{RCD_SV("Trocas"), RCD_SV("Sete dias para trocas."),
	                                           0},
	                                          {RCD_SV("Frete"), RCD_SV("O frete custa dez reais."),
	                                           2}};
	static const struct rcd_source file = {(char *)"trocas.md", 40, 1};
	static const struct rcd_sv word[] = {{"troc", 4}};
	const struct rcd_inbox_in in = {.tenant = 1,
	                                .event_key = RCD_SV("one"),
	                                .sender = RCD_SV("s"),
	                                .route = RCD_SV("/"),
	                                .body = RCD_SV("b"),
	                                .received_ms = 1,
	                                .due_ms = 1};
	const struct rcd_copy how = {.tables = rcd_copy_knowledge};
	struct rcd_db *from = NULL, *to = NULL;
	struct rcd_passage *found = NULL;
	struct rcd_err err = {0};
	size_t n_found = 0;
	int64_t seen = 0;
	bool fresh = false;
	int ret = 0;

	T_DO(t_store(&from, &err), err);
	T_DO(rcd_source_replace(from, 1, &file, p, 2, &err), err);
	T_DO(rcd_inbox_put(from, &in, &fresh, &err), err);
	T_DO(open_file(&to, "target.db", &err), err);
	T_DO(rcd_copy_store(from, to, &how, out, &n, NULL, &err), err);
	T_INT(n, 4);
	T_OK(out[0].same && out[0].rows_to == 1 && out[1].rows_to == 2 && out[3].rows_to == 1);
	T_DO(rcd_passage_search(to, 1, word, 1, 3, &found, &n_found, &err), err);
	T_OK(n_found == 1 && strcmp(found[0].heading, "Trocas") == 0 &&
	     strcmp(found[0].source, "trocas.md") == 0);
	T_DO(rcd_db_read(to, do_seen, &seen, &err), err);
	T_INT(seen, 1); /* no message came along, and the tenant stayed */
	T_INT(rcd_copy_store(from, to, &how, out, &n, NULL, &err), -1);
	T_STR(err.msg, "the target is not empty: there are rows in source");
out:
	rcd_passages_free(found, n_found);
	rcd_db_close(to);
	rcd_db_close(from);
	return ret;
}

/* --- the list ------------------------------------------------------------------------- */

static char letter(struct rcd_sv type)
{
	if (rcd_sv_is(type, "INTEGER"))
		return 'i';
	if (rcd_sv_is(type, "TEXT"))
		return 'v';
	return rcd_sv_is(type, "BLOB") ? 'b' : 'd';
}

static const struct rcd_table *find(struct rcd_sv name)
{
	for (const struct rcd_table *t = rcd_tables; t->name != NULL; t++)
		if (rcd_sv_is(name, t->name))
			return t;
	return NULL;
}

/* Is the column at that place, of that type, in the key or not? Moves the place on. */
static bool has(const struct rcd_table *t, struct rcd_sv column, char type, int64_t key)
{
	struct rcd_sv rest = rcd_sv(t->columns), one;

	for (int i = 0; rcd_sv_cut(&rest, ',', &one); i++)
		if (rcd_sv_eq(rcd_sv_trim(one), column))
			return t->types[i] == type && key == (i < t->n_key ? i + 1 : 0);
	return false;
}

static int do_compare(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char all[] =
		"SELECT m.name, c.name, c.type, c.pk FROM sqlite_schema m, pragma_table_info(m.name) c"
		" WHERE m.type = 'table' AND m.name NOT LIKE 'passage\\_fts%' ESCAPE '\\' AND m.name NOT "
		"LIKE 'sqlite%'";
	int *columns = arg, row;
	struct rcd_q q;

	if (rcd_q(&q, conn, all, RCD_BIND(), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		const struct rcd_table *t = find(rcd_q_sv(&q, 0));

		if (t == NULL || !has(t, rcd_q_sv(&q, 1), letter(rcd_q_sv(&q, 2)), rcd_q_i64(&q, 3))) {
			row = rcd_fail(err, RCD_INVAL, 0, "store/tables.c: %.*s, column %.*s",
			               RCD_SV_ARG(rcd_q_sv(&q, 0)), RCD_SV_ARG(rcd_q_sv(&q, 1)));
			break;
		}
		++*columns;
	}
	rcd_q_end(&q);
	return row;
}

/* A step of the schema that forgets tables.c would lose its rows in a move. */
static int whole_schema(void)
{
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int columns = 0, listed = 0, ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(rcd_db_read(db, do_compare, &columns, &err), err);
	for (const struct rcd_table *t = rcd_tables; t->name != NULL; t++)
		listed += (int)strlen(t->types);
	T_INT(columns, listed);
out:
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {
	{"moved", moved, 0},
	{"empty", empty, T_OOM},
	{"differs", differs, T_SQLITE},
	{"knowledge", knowledge, T_OOM},
	{"whole_schema", whole_schema, T_SQLITE},
	{NULL, NULL, 0},
};
