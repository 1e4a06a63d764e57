/* Whom we were asked to forget, as hashes: an id that is known can be looked up, none can be read.
 * In the file a line is "TENANT HASH MS". Hashes of before there was a key are replaced when the id
 * they are of is seen again; until then nobody knows whose they are. */
#include "store/tombstone.h"

#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MAX_FILE (64 << 20)
#define HASH RCD_TOMBSTONE_HASH

static int put_hash(struct rcd_conn *conn, int64_t tenant, const char *hash, int64_t ms,
                    struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO forgotten(tenant_id, hash, ms) VALUES($1, $2, $3)"
		" ON CONFLICT(tenant_id, hash) DO UPDATE SET ms = excluded.ms WHERE excluded.ms > "
		"forgotten.ms";

	return rcd_exec(conn, NULL, add, RCD_BIND(rcd_i64(tenant), rcd_str(hash), rcd_i64(ms)), err);
}

/* Fills set with what is known: {hash: ms}. Calls with a set of its own for each alias would cost
 * a statement each; the ids of one contact are few. */
static int ids_of(struct rcd_conn *conn, const struct rcd_tombstone_in *in, json_t *set,
                  struct rcd_err *err)
{
	static const char get[] =
		"SELECT kind, value FROM contact_alias WHERE tenant_id = $1 AND contact_id = $2";
	char hash[HASH];
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->contact_id)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1)
		if (rcd_tombstone_hash(in->key, rcd_q_sv(&q, 0), rcd_q_sv(&q, 1), hash, err) != 0) {
			row = -1;
			break;
		} else if (json_object_set_new(set, hash, json_integer(0)) != 0) {
			row = rcd_fail_nomem(err);
			break;
		}
	rcd_q_end(&q);
	return row;
}

int rcd_tombstones_add(struct rcd_conn *conn, const struct rcd_tombstone_in *in,
                       struct rcd_err *err)
{
	json_t *set = json_object(), *unused;
	const char *hash;
	int ret = set != NULL ? ids_of(conn, in, set, err) : rcd_fail_nomem(err);

	json_object_foreach (set, hash, unused)
		if (ret == 0)
			ret = put_hash(conn, in->tenant, hash, in->ms, err);
	json_decref(set);
	return ret;
}

/* --- the file ------------------------------------------------------------------------------ */

/* {hash: ms} of the tenant's lines; others are left where they are. */
static int read_file(const char *file, int64_t tenant, struct rcd_buf *text, json_t *set,
                     struct rcd_err *err)
{
	struct rcd_sv rest, line, part[3];

	if (access(file, F_OK) != 0 && errno == ENOENT)
		return 0;
	if (rcd_file_read(file, MAX_FILE, text, err) != 0)
		return -1;
	rest = rcd_buf_view(text);
	while (rcd_sv_cut(&rest, '\n', &line)) {
		int64_t of, ms;
		int n = 0;

		while (n < 3 && rcd_sv_cut(&line, ' ', &part[n]))
			n++;
		if (n != 3 || !rcd_tombstone_is_hash(part[1]) ||
		    rcd_parse_i64(part[0], 1, INT64_MAX, &of) != 0 || of != tenant ||
		    rcd_parse_i64(part[2], 0, INT64_MAX, &ms) != 0)
			continue;
		if (json_object_setn_new(set, part[1].p, part[1].n, json_integer(ms)) != 0)
			return rcd_fail_nomem(err);
	}
	return 0;
}

struct both {
	int64_t tenant;
	json_t *file, *table; /* {hash: ms} */
	json_t *renamed;      /* {plain hash: the one with the key} */
	uint8_t key[RCD_TOMBSTONE_KEY];
	struct rcd_forgotten *out;
	int max, n;
};

static int read_table(struct rcd_conn *conn, struct both *b, struct rcd_err *err)
{
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, "SELECT hash, ms FROM forgotten WHERE tenant_id = $1",
	          RCD_BIND(rcd_i64(b->tenant)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_sv hash = rcd_q_sv(&q, 0);

		if (json_object_setn_new(b->table, hash.p, hash.n, json_integer(rcd_q_i64(&q, 1))) != 0) {
			row = rcd_fail_nomem(err);
			break;
		}
	}
	rcd_q_end(&q);
	return row;
}

/* Both, or -1; text: the file as it is. free_both() in any case. */
static int load_both(struct both *b, struct rcd_db *db, const char *file, struct rcd_buf *text,
                     struct rcd_err *err)
{
	struct rcd_read read = {.db = db};

	rcd_buf_init(text, MAX_FILE);
	b->file = json_object();
	b->table = json_object();
	b->renamed = json_object();
	if (b->file == NULL || b->table == NULL || b->renamed == NULL)
		return rcd_fail_nomem(err);
	if (rcd_tombstone_key(file, b->key, err) != 0)
		return -1;
	if (read_file(file, b->tenant, text, b->file, err) != 0)
		return -1;
	while (rcd_read_attempt(&read, err))
		read.ret = read_table(read.conn, b, err);
	return read.ret;
}

static void free_both(struct both *b, struct rcd_buf *text)
{
	json_decref(b->file);
	json_decref(b->table);
	json_decref(b->renamed);
	rcd_wipe(b->key, sizeof(b->key));
	rcd_buf_free(text);
}

/* Somebody may be forgotten, come back, and be forgotten once more: the later time counts. */
static bool newer_in_file(const struct both *b, const char *hash)
{
	return json_integer_value(json_object_get(b->file, hash)) >
	       json_integer_value(json_object_get(b->table, hash));
}

static bool any_newer_in_file(const struct both *b)
{
	const char *hash;
	json_t *unused;

	json_object_foreach (b->file, hash, unused)
		if (newer_in_file(b, hash))
			return true;
	return false;
}

/* --- hashes without a key ------------------------------------------------------------------- */

static bool has_plain(const json_t *set)
{
	const char *hash;
	json_t *unused;

	json_object_foreach ((json_t *)(uintptr_t)set, hash, unused)
		if (rcd_tombstone_is_plain(rcd_sv(hash)))
			return true;
	return false;
}

/* One id that is here: is there a plain hash of it? */
static int find_plain(struct both *b, struct rcd_sv kind, struct rcd_sv value, struct rcd_err *err)
{
	char plain[HASH], keyed[HASH];

	if (rcd_tombstone_plain_hash(kind, value, plain, err) != 0)
		return -1;
	if (json_object_get(b->file, plain) == NULL && json_object_get(b->table, plain) == NULL)
		return 0;
	if (rcd_tombstone_hash(b->key, kind, value, keyed, err) != 0)
		return -1;
	return json_object_set_new(b->renamed, plain, json_string(keyed)) == 0 ? 0
	                                                                       : rcd_fail_nomem(err);
}

static int find_all_plain(struct rcd_conn *conn, struct both *b, struct rcd_err *err)
{
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, "SELECT kind, value FROM contact_alias WHERE tenant_id = $1",
	          RCD_BIND(rcd_i64(b->tenant)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1)
		if (find_plain(b, rcd_q_sv(&q, 0), rcd_q_sv(&q, 1), err) != 0) {
			row = -1;
			break;
		}
	rcd_q_end(&q);
	return row;
}

static int rename_rows(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char drop[] = "DELETE FROM forgotten WHERE tenant_id = $1 AND hash = $2";
	const struct both *b = arg;
	const char *plain;
	json_t *keyed;

	json_object_foreach (b->renamed, plain, keyed) {
		const json_t *ms = json_object_get(b->table, plain);

		if (ms == NULL)
			continue;
		if (put_hash(conn, b->tenant, json_string_value(keyed), json_integer_value(ms), err) != 0 ||
		    rcd_exec(conn, NULL, drop, RCD_BIND(rcd_i64(b->tenant), rcd_str(plain)), err) != 0)
			return -1;
	}
	return 0;
}

/* Every line stays but for the hash in it. */
static int rename_lines(const struct both *b, const char *file, struct rcd_sv text,
                        struct rcd_err *err)
{
	struct rcd_sv line, tenant, hash;
	struct rcd_buf out;
	char name[HASH];
	int64_t of;
	int ret;

	rcd_buf_init(&out, MAX_FILE);
	while (rcd_sv_cut(&text, '\n', &line)) {
		struct rcd_sv rest = line;
		const char *keyed = NULL;

		if (line.n == 0)
			continue;
		if (rcd_sv_cut(&rest, ' ', &tenant) && rcd_sv_cut(&rest, ' ', &hash) &&
		    rcd_tombstone_is_plain(hash) && rcd_parse_i64(tenant, 1, INT64_MAX, &of) == 0 &&
		    of == b->tenant) {
			(void)snprintf(name, sizeof(name), "%.*s", RCD_SV_ARG(hash));
			keyed = json_string_value(json_object_get(b->renamed, name));
		}
		if (keyed != NULL)
			rcd_buf_fmt(&out, "%.*s %s %.*s\n", RCD_SV_ARG(tenant), keyed, RCD_SV_ARG(rest));
		else
			rcd_buf_fmt(&out, "%.*s\n", RCD_SV_ARG(line));
	}
	ret = out.bad ? rcd_fail_nomem(err) : rcd_file_write(file, rcd_buf_view(&out), 0640, err);
	rcd_buf_free(&out);
	return ret;
}

/* Ids that are here again get their tombstone under the key, with its time, in both places. */
static int rename_plain(struct rcd_db *db, int64_t tenant, const char *file, struct rcd_err *err)
{
	struct both b = {.tenant = tenant};
	struct rcd_buf text;
	int ret = load_both(&b, db, file, &text, err);
	struct rcd_read read = {.db = db};

	if (ret == 0 && (has_plain(b.file) || has_plain(b.table)))
		while (rcd_read_attempt(&read, err))
			read.ret = find_all_plain(read.conn, &b, err);
	ret = read.ret;
	if (ret == 0 && json_object_size(b.renamed) > 0)
		ret = rcd_db_write(db, rename_rows, &b, err) == 0
		          ? rename_lines(&b, file, rcd_buf_view(&text), err)
		          : -1;
	free_both(&b, &text);
	return ret;
}

/* --- a store from a backup ------------------------------------------------------------------ */

static int find_forgotten(struct rcd_conn *conn, struct both *b, struct rcd_err *err)
{
	static const char get[] =
		"SELECT a.kind, a.value, c.id, c.first_ms FROM contact_alias a"
		" JOIN contact c ON c.id = a.contact_id WHERE a.tenant_id = $1 ORDER BY c.id";
	char hash[HASH];
	struct rcd_q q;
	int row;

	b->n = 0;
	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(b->tenant)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1 && b->n < b->max) {
		const int64_t id = rcd_q_i64(&q, 2);
		int64_t ms;

		if (rcd_tombstone_hash(b->key, rcd_q_sv(&q, 0), rcd_q_sv(&q, 1), hash, err) != 0) {
			row = -1;
			break;
		}
		ms = json_integer_value(json_object_get(b->file, hash));
		if (newer_in_file(b, hash) && rcd_q_i64(&q, 3) <= ms &&
		    (b->n == 0 || b->out[b->n - 1].contact_id != id))
			b->out[b->n++] = (struct rcd_forgotten){id, ms};
	}
	rcd_q_end(&q);
	return row < 0 ? -1 : 0;
}

int rcd_tombstones_check(struct rcd_db *db, int64_t tenant, const char *file,
                         struct rcd_forgotten *out, int max, int *n, struct rcd_err *err)
{
	struct both b = {.tenant = tenant, .out = out, .max = max};
	struct rcd_buf text;
	int ret;
	struct rcd_read read = {.db = db};

	*n = 0;
	if (rename_plain(db, tenant, file, err) != 0)
		return -1;
	ret = load_both(&b, db, file, &text, err);
	if (ret == 0 && any_newer_in_file(&b))
		while (rcd_read_attempt(&read, err))
			read.ret = find_forgotten(read.conn, &b, err);
	ret = read.ret;
	*n = b.n;
	free_both(&b, &text);
	return ret;
}

static int insert_hashes(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct both *b = arg;
	const char *hash;
	json_t *ms;

	json_object_foreach (b->file, hash, ms)
		if (newer_in_file(b, hash) &&
		    put_hash(conn, b->tenant, hash, json_integer_value(ms), err) != 0)
			return -1;
	return 0;
}

/* Lines that are out of date stay: the last of a hash counts. */
static int append_lines(const struct both *b, const char *file, struct rcd_buf *text,
                        struct rcd_err *err)
{
	const size_t before = text->n;
	const char *hash;
	json_t *ms;

	json_object_foreach (b->table, hash, ms)
		if (json_integer_value(json_object_get(b->file, hash)) < json_integer_value(ms))
			rcd_buf_fmt(text, "%lld %s %lld\n", (long long)b->tenant, hash,
			            (long long)json_integer_value(ms));
	if (text->bad)
		return rcd_fail_nomem(err);
	return text->n == before ? 0 : rcd_file_write(file, rcd_buf_view(text), 0640, err);
}

int rcd_tombstones_merge(struct rcd_db *db, int64_t tenant, const char *file, struct rcd_err *err)
{
	struct both b = {.tenant = tenant};
	struct rcd_buf text;
	int ret = load_both(&b, db, file, &text, err);

	if (ret == 0 && any_newer_in_file(&b))
		ret = rcd_db_write(db, insert_hashes, &b, err);
	if (ret == 0)
		ret = append_lines(&b, file, &text, err);
	free_both(&b, &text);
	return ret;
}
