#include "store/recent.h"

#include "store/rows.h"

#include <stddef.h>

/* Ids are made of the time: this is the least of that millisecond, see rcd_id_new. */
#define ID_OF_MS(ms) ((ms) * (1 << 20))

struct recent {
	const struct rcd_recent_in *in;
	struct rcd_rows rows;
};

static void read_row(struct rcd_q *q, struct rcd_rows *rows, struct rcd_recent *r)
{
	r->id = rcd_q_i64(q, 0);
	r->started_ms = rcd_q_i64(q, 1);
	r->audio = rcd_q_i64(q, 2) != 0;
	r->said = rcd_rows_text(rows, rcd_q_sv(q, 3));
	r->answer = rcd_rows_text(rows, rcd_q_sv(q, 4));
	r->rung = rcd_rows_text(rows, rcd_q_sv(q, 5));
	r->messages = rcd_q_i64(q, 6);
}

/* A turn's messages say what channel it was on. One of ours alone (a follow-up) has none. A contact
 * has one turn at a time, so all others came before this one, also where their ids are larger:
 * after the clock was set back, processes go on from the largest id that each of them has given. */
static int read_recent(struct rcd_conn *conn, struct recent *r, struct rcd_err *err)
{
	static const char get[] =
		"SELECT id, started_ms, audio, said, answer, rung, messages"
		" FROM (SELECT t.id, t.started_ms, t.audio,"
		" substr(coalesce(t.user_message, ''), 1, 2000) AS said,"
		" substr(coalesce(t.bot_response, ''), 1, 2000) AS answer, coalesce(t.rung, '') AS rung,"
		" (SELECT count(*) FROM inbox i WHERE i.tenant_id = t.tenant_id AND i.turn_id = t.id"
		" AND CASE WHEN substr(i.sender, 1, 9) = 'whatsapp:' THEN 'whatsapp' ELSE 'sms' END = $5)"
		" AS messages"
		" FROM turn t WHERE t.tenant_id = $1 AND t.contact_id = $2 AND t.id <> $3 AND t.id >= $4"
		" AND t.started_ms >= $6 ORDER BY t.id DESC LIMIT $7) AS last"
		" WHERE messages > 0 ORDER BY started_ms, id";
	const struct rcd_recent_in *in = r->in;
	struct rcd_q q;
	int row;

	if (rcd_q(&q, conn, get,
	          RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->contact_id), rcd_i64(in->except),
	                   rcd_i64(ID_OF_MS(in->since_ms)), rcd_text(in->channel),
	                   rcd_i64(in->since_ms), rcd_i64(in->max)),
	          err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct rcd_recent *one = rcd_rows_add(&r->rows);

		if (one == NULL) {
			row = rcd_fail_nomem(err);
			break;
		}
		read_row(&q, &r->rows, one);
	}
	rcd_q_end(&q);
	return row;
}

int rcd_recent_turns(struct rcd_db *db, const struct rcd_recent_in *in, struct rcd_recent **rows,
                     size_t *n, struct rcd_err *err)
{
	static const size_t text[] = {offsetof(struct rcd_recent, said),
	                              offsetof(struct rcd_recent, answer),
	                              offsetof(struct rcd_recent, rung)};
	struct recent r = {.in = in};
	void *all;
	struct rcd_read read = {.db = db};

	rcd_rows_init(&r.rows, sizeof(struct rcd_recent));
	while (rcd_read_attempt(&read, err))
		read.ret = read_recent(read.conn, &r, err);
	if (read.ret != 0) {
		rcd_rows_free(&r.rows);
		return -1;
	}
	if (rcd_rows_take(&r.rows, text, 3, &all, n, err) != 0)
		return -1;
	*rows = all;
	return 0;
}
