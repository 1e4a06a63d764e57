#include "store/owner.h"

#include "base/clock.h"
#include "store/outbox.h"
#include "store/request.h"

#define ON_THE_WAY_MS 120000

const char *const rcd_owner_name[RCD_N_OWNERS] = {
	[RCD_OWNER_BOT] = "bot",
	[RCD_OWNER_PERSON] = "person",
	[RCD_OWNER_WAITS] = "waits",
};

struct ask {
	int64_t tenant, contact_id, n;
	enum rcd_owner owner, was;
};

static int read_owner(struct rcd_conn *conn, struct ask *a, struct rcd_err *err)
{
	static const char owner[] = "SELECT owner FROM contact WHERE id = $2 AND tenant_id = $1";

	return rcd_get_i64(conn, &a->n, owner, RCD_BIND(rcd_i64(a->tenant), rcd_i64(a->contact_id)),
	                   err);
}

int rcd_owner_get(struct rcd_db *db, int64_t tenant, int64_t contact_id, enum rcd_owner *owner,
                  struct rcd_err *err)
{
	struct ask a = {.tenant = tenant, .contact_id = contact_id};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = read_owner(read.conn, &a, err);
	if (read.ret != 0)
		return -1;
	*owner = (enum rcd_owner)a.n;
	return 0;
}

static int set_owner(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	static const char change[] = "UPDATE contact SET owner = $3, owner_version = owner_version + 1,"
								 " owner_ms = $4 WHERE id = $2 AND tenant_id = $1";
	struct ask *a = arg;

	if (rcd_owner_hold(conn, a->tenant, a->contact_id, &a->was, err) != 0)
		return -1;
	if (a->owner == RCD_OWNER_BOT &&
	    rcd_request_close_all(conn, a->tenant, a->contact_id, err) != 0)
		return -1;
	if (a->was == a->owner)
		return 0;
	return rcd_exec(conn, NULL, change,
	                RCD_BIND(rcd_i64(a->tenant), rcd_i64(a->contact_id), rcd_i64(a->owner),
	                         rcd_i64(rcd_now_ms())),
	                err);
}

int rcd_owner_lets(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, int64_t turn_id,
                   bool *lets, struct rcd_err *err)
{
	static const char last[] =
		"SELECT count(*) FROM handoff WHERE contact_id = $2 AND tenant_id = $1"
		" AND turn_id = $3";
	enum rcd_owner owner;
	int64_t n = 0;

	if (rcd_owner_hold(conn, tenant, contact_id, &owner, err) != 0)
		return -1;
	if (owner == RCD_OWNER_WAITS &&
	    rcd_get_i64(conn, &n, last,
	                RCD_BIND(rcd_i64(tenant), rcd_i64(contact_id), rcd_i64(turn_id)), err) != 0)
		return -1;
	*lets = owner == RCD_OWNER_BOT || n > 0;
	return 0;
}

int rcd_owner_hand_off(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, int64_t turn_id,
                       struct rcd_sv reason, struct rcd_err *err)
{
	static const char put[] =
		"INSERT INTO handoff(contact_id, tenant_id, turn_id, reason, ms) VALUES($1, $2, $3, $4, $5)"
		" ON CONFLICT(contact_id) DO UPDATE SET turn_id = excluded.turn_id, reason = "
		"excluded.reason,"
		" ms = excluded.ms";
	struct ask a = {.tenant = tenant, .contact_id = contact_id, .owner = RCD_OWNER_WAITS};

	if (rcd_exec(conn, NULL, put,
	             RCD_BIND(rcd_i64(contact_id), rcd_i64(tenant), rcd_i64(turn_id), rcd_text(reason),
	                      rcd_i64(rcd_now_ms())),
	             err) != 0)
		return -1;
	return set_owner(conn, &a, err);
}

int rcd_owner_stop_waiting(struct rcd_conn *conn, int64_t tenant, int64_t contact_id,
                           struct rcd_err *err)
{
	struct ask a = {.tenant = tenant, .contact_id = contact_id, .owner = RCD_OWNER_BOT};
	enum rcd_owner now;

	if (rcd_owner_hold(conn, tenant, contact_id, &now, err) != 0)
		return -1;
	return now == RCD_OWNER_WAITS ? set_owner(conn, &a, err) : 0;
}

int rcd_owner_set(struct rcd_db *db, int64_t tenant, int64_t contact_id, enum rcd_owner owner,
                  enum rcd_owner *was, struct rcd_err *err)
{
	struct ask a = {.tenant = tenant, .contact_id = contact_id, .owner = owner};

	if (rcd_db_write(db, set_owner, &a, err) != 0)
		return -1;
	*was = a.was;
	return 0;
}

static int count_on_the_way(struct rcd_conn *conn, struct ask *a, struct rcd_err *err)
{
	static const char count[] =
		"SELECT count(*) FROM outbox WHERE tenant_id = $1 AND contact_id = $2"
		" AND state IN (0, 1, 4) AND state = $3 AND updated_ms > $4";

	return rcd_get_i64(conn, &a->n, count,
	                   RCD_BIND(rcd_i64(a->tenant), rcd_i64(a->contact_id),
	                            rcd_i64(RCD_OUT_SENDING), rcd_i64(rcd_now_ms() - ON_THE_WAY_MS)),
	                   err);
}

int rcd_owner_on_the_way(struct rcd_db *db, int64_t tenant, int64_t contact_id, int64_t *n,
                         struct rcd_err *err)
{
	struct ask a = {.tenant = tenant, .contact_id = contact_id};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = count_on_the_way(read.conn, &a, err);
	if (read.ret != 0)
		return -1;
	*n = a.n;
	return 0;
}
