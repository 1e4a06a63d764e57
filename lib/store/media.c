#include "store/media.h"

#include "base/limits.h"

#include <stdio.h>
#include <string.h>

#define NAME 64

static int add_attachment(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO attachment(tenant_id, inbox_id, part, contact_id, kind, type, path, bytes)"
		" VALUES($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT(tenant_id, inbox_id, part) DO NOTHING";
	const struct rcd_attachment_in *in = arg;

	return rcd_exec(conn, NULL, add,
	                RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->inbox_id), rcd_i64(in->part),
	                         rcd_i64(in->contact_id), rcd_text(in->kind), rcd_text(in->type),
	                         rcd_text(in->path), rcd_i64(in->bytes)),
	                err);
}

int rcd_attachment_put(struct rcd_db *db, const struct rcd_attachment_in *in, struct rcd_err *err)
{
	struct rcd_attachment_in copy = *in;

	return rcd_db_write(db, add_attachment, &copy, err);
}

struct kept {
	int64_t tenant, inbox_id, part;
	struct rcd_buf *path;
};

static int find_kept(struct rcd_conn *conn, const struct kept *k, struct rcd_err *err)
{
	static const char get[] =
		"SELECT path FROM attachment WHERE tenant_id = $1 AND inbox_id = $2 AND part = $3"
		" AND path IS NOT NULL";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(k->tenant), rcd_i64(k->inbox_id), rcd_i64(k->part)),
	          err) != 0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1)
		rcd_buf_sv(k->path, rcd_q_sv(&q, 0));
	rcd_q_end(&q);
	if (row == 0)
		return rcd_fail(err, RCD_NOENT, 0, "nothing of it is kept");
	if (row > 0 && k->path->bad)
		return rcd_fail_nomem(err);
	return row < 0 ? -1 : 0;
}

int rcd_attachment_path(struct rcd_db *db, int64_t tenant, int64_t inbox_id, int part,
                        struct rcd_buf *path, struct rcd_err *err)
{
	struct kept k = {tenant, inbox_id, part, path};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = find_kept(read.conn, &k, err);
	return read.ret;
}

/* --- spoken answers ------------------------------------------------------------------- */

struct expired {
	int64_t now;
	char (*names)[NAME];
	int max, n;
};

static int find_expired(struct rcd_conn *conn, struct expired *e, struct rcd_err *err)
{
	static const char get[] =
		"SELECT name FROM media WHERE expires_ms <= $1 ORDER BY expires_ms LIMIT $2";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(e->now), rcd_i64(e->max)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_sv name = rcd_q_sv(&q, 0);
		size_t n = name.n < NAME ? name.n : NAME - 1;

		memcpy(e->names[e->n], name.p, n);
		e->names[e->n++][n] = '\0';
	}
	rcd_q_end(&q);
	return row;
}

int rcd_media_expired(struct rcd_db *db, int64_t now_ms, char (*names)[NAME], int max, int *n,
                      struct rcd_err *err)
{
	struct expired e = {.now = now_ms, .names = names, .max = max > 0 ? max : 0};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = find_expired(read.conn, &e, err);
	if (read.ret != 0)
		return -1;
	*n = e.n;
	return 0;
}

static int delete_media(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const char *name = arg;

	return rcd_exec(conn, NULL, "DELETE FROM media WHERE name = $1", RCD_BIND(rcd_str(name)), err);
}

int rcd_media_forget(struct rcd_db *db, const char *name, struct rcd_err *err)
{
	return rcd_db_write(db, delete_media, (void *)(uintptr_t)name, err);
}

struct postponed {
	const char *name;
	int64_t until_ms;
};

static int postpone_expiry(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct postponed *p = arg;

	return rcd_exec(conn, NULL, "UPDATE media SET expires_ms = $2 WHERE name = $1",
	                RCD_BIND(rcd_str(p->name), rcd_i64(p->until_ms)), err);
}

int rcd_media_postpone(struct rcd_db *db, const char *name, int64_t until_ms, struct rcd_err *err)
{
	struct postponed p = {name, until_ms};

	return rcd_db_write(db, postpone_expiry, &p, err);
}

struct known {
	const char *name;
	int64_t n;
};

static int count_media(struct rcd_conn *conn, struct known *k, struct rcd_err *err)
{
	return rcd_get_i64(conn, &k->n, "SELECT count(*) FROM media WHERE name = $1",
	                   RCD_BIND(rcd_str(k->name)), err);
}

int rcd_media_known(struct rcd_db *db, const char *name, bool *yes, struct rcd_err *err)
{
	struct known k = {.name = name};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = count_media(read.conn, &k, err);
	if (read.ret != 0)
		return -1;
	*yes = k.n != 0;
	return 0;
}

/* The one whose key comes next: transactions that write the same rows do so in the same order. */
static const struct rcd_speech_piece *next_piece(const struct rcd_speech_piece *piece, size_t n,
                                                 const struct rcd_speech_piece *last)
{
	const struct rcd_speech_piece *next = NULL;

	for (size_t i = 0; i < n; i++)
		if ((last == NULL || strcmp(piece[i].said, last->said) > 0) &&
		    (next == NULL || strcmp(piece[i].said, next->said) < 0))
			next = &piece[i];
	return next;
}

int rcd_speech_pieces_put(struct rcd_conn *conn, int64_t tenant, struct rcd_sv name,
                          const struct rcd_speech_piece *piece, size_t n, struct rcd_err *err)
{
	static const char put[] =
		"INSERT INTO speech(tenant_id, said, name, first_packet, packets) VALUES($1, $2, $3, $4, "
		"$5)"
		" ON CONFLICT(tenant_id, said) DO UPDATE SET name = excluded.name,"
		" first_packet = excluded.first_packet, packets = excluded.packets";
	const struct rcd_speech_piece *last = NULL, *p;

	while ((p = next_piece(piece, n, last)) != NULL) {
		if (rcd_exec(conn, NULL, put,
		             RCD_BIND(rcd_i64(tenant), rcd_str(p->said), rcd_text(name), rcd_i64(p->first),
		                      rcd_i64(p->packets)),
		             err) != 0)
			return -1;
		last = p;
	}
	return 0;
}

struct said {
	int64_t tenant, now;
	const char *key;
	struct rcd_media_found *out;
};

static int find_said(struct rcd_conn *conn, const struct said *s, struct rcd_err *err)
{
	static const char get[] = "SELECT m.name, m.bytes, m.expires_ms, s.first_packet, s.packets"
							  " FROM speech s JOIN media m ON m.name = s.name"
							  " WHERE s.tenant_id = $1 AND s.said = $2 AND m.expires_ms > $3";
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get, RCD_BIND(rcd_i64(s->tenant), rcd_str(s->key), rcd_i64(s->now)), err) !=
	    0)
		return -1;
	row = rcd_q_step(&q, err);
	if (row == 1) {
		(void)snprintf(s->out->name, sizeof(s->out->name), "%.*s", RCD_SV_ARG(rcd_q_sv(&q, 0)));
		s->out->bytes = rcd_q_i64(&q, 1);
		s->out->expires_ms = rcd_q_i64(&q, 2);
		s->out->first = rcd_q_i64(&q, 3);
		s->out->packets = rcd_q_i64(&q, 4);
	}
	rcd_q_end(&q);
	if (row == 0)
		return rcd_fail(err, RCD_NOENT, 0, "nothing like it was said");
	return row == 1 ? 0 : -1;
}

int rcd_media_said(struct rcd_db *db, int64_t tenant, const char *said, int64_t now_ms,
                   struct rcd_media_found *out, struct rcd_err *err)
{
	struct rcd_media_found found;
	struct said s = {tenant, now_ms, said, &found};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = find_said(read.conn, &s, err);
	if (read.ret != 0)
		return -1;
	*out = found;
	return 0;
}
