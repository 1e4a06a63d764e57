/* Closing one request. A file of its own: the owner of a conversation closes requests, and this
 * gives the conversation back to its owner. */
#include "base/clock.h"
#include "store/owner.h"
#include "store/request.h"

struct done {
	int64_t tenant, id;
};

static int close_one(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char set[] = "UPDATE request SET closed_ms = $3 WHERE id = $2 AND tenant_id = $1"
							  " AND closed_ms = 0 RETURNING contact_id";
	static const char left[] =
		"SELECT count(*) FROM request WHERE tenant_id = $1 AND contact_id = $2"
		" AND closed_ms = 0";
	const struct done *d = arg;
	int64_t contact_id, n;

	if (rcd_get_i64(conn, &contact_id, set,
	                RCD_BIND(rcd_i64(d->tenant), rcd_i64(d->id), rcd_i64(rcd_now_ms())), err) != 0)
		return err->code != RCD_NOENT
		           ? -1
		           : rcd_fail(err, RCD_NOENT, 0, "no open request has the number %lld",
		                      (long long)d->id);
	if (rcd_get_i64(conn, &n, left, RCD_BIND(rcd_i64(d->tenant), rcd_i64(contact_id)), err) != 0)
		return -1;
	return n > 0 ? 0 : rcd_owner_stop_waiting(conn, d->tenant, contact_id, err);
}

int rcd_request_done(struct rcd_db *db, int64_t tenant, int64_t id, struct rcd_err *err)
{
	struct done d = {tenant, id};

	return rcd_db_write(db, close_one, &d, err);
}
