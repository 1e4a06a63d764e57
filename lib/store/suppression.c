#include "store/suppression.h"

#include "base/clock.h"
#include "base/crypto.h"
#include "store/driver.h"
#include "store/owner.h"
#include "store/sms_past.h"

#include <string.h>

#define NEVER_TOLD (-1)

const char *const rcd_scope_name[RCD_N_SCOPES] = {
	[RCD_SCOPE_ALL] = "all",
	[RCD_SCOPE_MARKETING] = "marketing",
	[RCD_SCOPE_AUDIO] = "audio",
	[RCD_SCOPE_TEXT] = "text",
};

/* What an SMS asked for, and so holds for SMS alone. */
static const char *const sms_scope_name[RCD_N_SCOPES] = {
	[RCD_SCOPE_ALL] = "sms",
	[RCD_SCOPE_MARKETING] = "sms_marketing",
};

const char *rcd_suppress_scope(const struct rcd_suppress *in)
{
	return in->by_sms ? sms_scope_name[in->scope] : rcd_scope_name[in->scope];
}

const char *const rcd_wish_source_name[RCD_N_WISH_SOURCES] = {
	[RCD_BY_CUSTOMER] = "customer",
	[RCD_BY_PROVIDER] = "provider",
	[RCD_BY_OPERATOR] = "operator",
};

/* --- what is decided ---------------------------------------------------------------------- */

/* A message decides once, and not against a later message. */
static int is_outdated(struct rcd_conn *conn, const struct rcd_suppress *in, bool *yes,
                       struct rcd_err *err)
{
	static const char newer[] =
		"SELECT count(*) FROM suppression WHERE tenant_id = $1 AND contact_id = $2"
		" AND scope = $3 AND (inbox_id >= $4 OR end_inbox_id >= $4)";
	int64_t n = 0;

	if (in->inbox_id > 0 &&
	    rcd_get_i64(conn, &n, newer,
	                RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->contact_id),
	                         rcd_str(rcd_suppress_scope(in)), rcd_i64(in->inbox_id)),
	                err) != 0)
		return -1;
	*yes = n > 0;
	return 0;
}

static int begin_row(struct rcd_conn *conn, const struct rcd_suppress *in, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO suppression(id, tenant_id, contact_id, scope, since_ms, source, reason, "
		"inbox_id, told_turn_id)"
		" VALUES($1, $2, $3, $4, $5, $6, $7, $8, $9)"
		" ON CONFLICT(tenant_id, contact_id, scope) WHERE until_ms IS NULL DO NOTHING";

	return rcd_exec(conn, NULL, add,
	                RCD_BIND(rcd_i64(rcd_id_new()), rcd_i64(in->tenant), rcd_i64(in->contact_id),
	                         rcd_str(rcd_suppress_scope(in)), rcd_i64(rcd_now_ms()),
	                         rcd_str(rcd_wish_source_name[in->source]), rcd_str(in->reason),
	                         rcd_i64(in->inbox_id),
	                         rcd_i64(in->source == RCD_BY_CUSTOMER ? (int64_t)0
	                                                               : (int64_t)NEVER_TOLD)),
	                err);
}

static int end_row(struct rcd_conn *conn, const struct rcd_suppress *in, const char *scope,
                   struct rcd_err *err)
{
	static const char end[] =
		"UPDATE suppression SET until_ms = $4, end_source = $5, end_reason = $6,"
		" end_inbox_id = $7 WHERE tenant_id = $1 AND contact_id = $2 AND scope = $3 AND until_ms "
		"IS NULL";

	return rcd_exec(conn, NULL, end,
	                RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->contact_id), rcd_str(scope),
	                         rcd_i64(rcd_now_ms()), rcd_str(rcd_wish_source_name[in->source]),
	                         rcd_str(in->reason), rcd_i64(in->inbox_id)),
	                err);
}

/* No voice note, and nothing but voice notes: whoever wants one does not want the other. */
static int end_opposite(struct rcd_conn *conn, const struct rcd_suppress *in, struct rcd_err *err)
{
	if (!in->on || (in->scope != RCD_SCOPE_AUDIO && in->scope != RCD_SCOPE_TEXT))
		return 0;
	return end_row(conn, in,
	               rcd_scope_name[in->scope == RCD_SCOPE_AUDIO ? RCD_SCOPE_TEXT : RCD_SCOPE_AUDIO],
	               err);
}

/* An operator who lets messages out again means all of them. */
static int end_scope(struct rcd_conn *conn, const struct rcd_suppress *in, struct rcd_err *err)
{
	const char *of_sms = sms_scope_name[in->scope];

	if (in->source == RCD_BY_OPERATOR && of_sms != NULL && end_row(conn, in, of_sms, err) != 0)
		return -1;
	return end_row(conn, in, rcd_suppress_scope(in), err);
}

/* The column of the view users. */
static int set_active(struct rcd_conn *conn, const struct rcd_suppress *in, struct rcd_err *err)
{
	static const char set[] = "UPDATE contact SET is_active = $3 WHERE id = $2 AND tenant_id = $1";

	if (in->scope != RCD_SCOPE_ALL || in->by_sms)
		return 0;
	return rcd_exec(conn, NULL, set,
	                RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->contact_id), rcd_i64(!in->on)), err);
}

static int claim_telling(struct rcd_conn *conn, const struct rcd_suppress *in, bool *tell,
                         struct rcd_err *err)
{
	static const char claim[] =
		"UPDATE suppression SET told_turn_id = $4 WHERE tenant_id = $1"
		" AND contact_id = $2 AND scope = $3 AND until_ms IS NULL AND told_turn_id IN (0, $4)";
	static const char ended[] =
		"SELECT count(*) FROM suppression WHERE tenant_id = $1 AND contact_id = $2"
		" AND scope = $3 AND end_inbox_id = $4 AND $4 > 0 AND end_source = 'customer'";
	int64_t n = 0;

	if (in->turn_id > 0 && in->on &&
	    rcd_exec(conn, &n, claim,
	             RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->contact_id),
	                      rcd_str(rcd_suppress_scope(in)), rcd_i64(in->turn_id)),
	             err) != 0)
		return -1;
	if (in->turn_id > 0 && !in->on &&
	    rcd_get_i64(conn, &n, ended,
	                RCD_BIND(rcd_i64(in->tenant), rcd_i64(in->contact_id),
	                         rcd_str(rcd_suppress_scope(in)), rcd_i64(in->inbox_id)),
	                err) != 0)
		return -1;
	*tell = n > 0;
	return 0;
}

int rcd_suppression_put(struct rcd_conn *conn, const struct rcd_suppress *in, bool *tell,
                        struct rcd_err *err)
{
	enum rcd_owner owner;
	bool outdated, told;
	int ret = 0;

	if (rcd_suppress_scope(in) == NULL)
		return rcd_fail(err, RCD_INVAL, 0, "the scope %s is none of SMS",
		                rcd_scope_name[in->scope]);
	if (rcd_owner_hold(conn, in->tenant, in->contact_id, &owner, err) != 0 ||
	    is_outdated(conn, in, &outdated, err) != 0)
		return -1;
	if (!outdated)
		ret = in->on ? begin_row(conn, in, err) : end_scope(conn, in, err);
	if (ret == 0 && !outdated &&
	    (end_opposite(conn, in, err) != 0 || set_active(conn, in, err) != 0))
		ret = -1;
	if (ret == 0)
		ret = claim_telling(conn, in, tell != NULL ? tell : &told, err);
	return ret;
}

struct set {
	const struct rcd_job *job;
	const struct rcd_suppress *in;
	bool tell;
};

static int set_wish(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct set *s = arg;

	if (s->job != NULL && rcd_job_check(conn, s->job, err) != 0)
		return -1;
	return rcd_suppression_put(conn, s->in, &s->tell, err);
}

int rcd_suppression_set(struct rcd_db *db, const struct rcd_job *job, const struct rcd_suppress *in,
                        bool *tell, struct rcd_err *err)
{
	struct set s = {job, in, false};

	if (rcd_db_write(db, set_wish, &s, err) != 0)
		return -1;
	if (tell != NULL)
		*tell = s.tell;
	return 0;
}

/* --- what holds --------------------------------------------------------------------------- */

struct row {
	enum rcd_scope scope; /* RCD_N_SCOPES: one that this version does not know */
	bool blocked, by_sms;
	int64_t told_turn_id;
};

static const char in_force[] =
	"SELECT scope, reason, told_turn_id FROM suppression WHERE tenant_id = $1"
	" AND contact_id = $2 AND until_ms IS NULL";

static struct row read_row(struct rcd_q *q)
{
	struct row r = {.scope = 0,
	                .blocked = rcd_sv_is(rcd_q_sv(q, 1), RCD_REASON_BLOCKED),
	                .told_turn_id = rcd_q_i64(q, 2)};

	struct rcd_sv name = rcd_q_sv(q, 0);

	for (; r.scope < RCD_N_SCOPES; r.scope++) {
		r.by_sms = sms_scope_name[r.scope] != NULL && rcd_sv_is(name, sms_scope_name[r.scope]);
		if (r.by_sms || rcd_sv_is(name, rcd_scope_name[r.scope]))
			break;
	}
	return r;
}

/* What holds for one way of sending: of SMS what was said by SMS as well. */
struct held {
	struct rcd_suppressed any, sms;
};

static void add_row(struct held *out, const struct row *r)
{
	const bool block = r->scope == RCD_SCOPE_ALL && r->blocked; /* of WhatsApp, and no wish */

	out->sms.on[r->scope] |= !block;
	out->any.on[r->scope] |= !r->by_sms;
	out->any.by_block |= block && !r->by_sms;
}

/* turn_id: whose own confirmation is left out; 0: nobody's. */
static int read_all(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, int64_t turn_id,
                    struct held *out, struct rcd_err *err)
{
	struct rcd_q q;
	int row;

	*out = (struct held){.any = {.by_block = false}};
	if (rcd_q(&q, conn, in_force, RCD_BIND(rcd_i64(tenant), rcd_i64(contact_id)), err) != 0)
		return -1;
	while ((row = rcd_q_step(&q, err)) == 1) {
		struct row r = read_row(&q);

		if (r.scope == RCD_N_SCOPES ||
		    (turn_id > 0 && r.told_turn_id == turn_id && r.scope <= RCD_SCOPE_MARKETING))
			continue;
		add_row(out, &r);
	}
	rcd_q_end(&q);
	return row;
}

struct get {
	int64_t tenant, contact_id;
	struct held now;
};

static int read_wishes(struct rcd_conn *conn, struct get *g, struct rcd_err *err)
{
	return read_all(conn, g->tenant, g->contact_id, 0, &g->now, err);
}

int rcd_suppression_get(struct rcd_db *db, int64_t tenant, int64_t contact_id, bool by_sms,
                        struct rcd_suppressed *out, struct rcd_err *err)
{
	struct get g = {.tenant = tenant, .contact_id = contact_id};
	struct rcd_read read = {.db = db};

	while (rcd_read_attempt(&read, err))
		read.ret = read_wishes(read.conn, &g, err);
	if (read.ret != 0)
		return -1;
	*out = by_sms ? g.now.sms : g.now.any;
	return 0;
}

/* Does the turn answer nothing? Those are made from a promise. */
static int is_unasked(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, int64_t turn_id,
                      bool *yes, struct rcd_err *err)
{
	static const char route[] =
		"SELECT count(*) FROM turn WHERE tenant_id = $1 AND contact_id = $2 AND id = $3"
		" AND route = 'followup'";
	int64_t n;

	if (rcd_get_i64(conn, &n, route,
	                RCD_BIND(rcd_i64(tenant), rcd_i64(contact_id), rcd_i64(turn_id)), err) != 0)
		return -1;
	*yes = n > 0;
	return 0;
}

static int is_by_sms(struct rcd_conn *conn, int64_t tenant, int64_t turn_id, bool *yes,
                     struct rcd_err *err)
{
	static const char by_sms[] = "SELECT count(*) FROM turn t WHERE t.tenant_id = $1 AND t.id = $2"
								 " AND " RCD_TURN_IS_SMS("t");
	int64_t n;

	if (rcd_get_i64(conn, &n, by_sms, RCD_BIND(rcd_i64(tenant), rcd_i64(turn_id)), err) != 0)
		return -1;
	*yes = n > 0;
	return 0;
}

int rcd_suppression_check(struct rcd_conn *conn, int64_t tenant, int64_t contact_id,
                          int64_t turn_id, struct rcd_suppression_check *out, struct rcd_err *err)
{
	const struct rcd_suppressed *now;
	struct held held;
	bool unasked = false, sms = false;

	if (read_all(conn, tenant, contact_id, turn_id, &held, err) != 0 ||
	    (memcmp(held.any.on, held.sms.on, sizeof(held.any.on)) != 0 &&
	     is_by_sms(conn, tenant, turn_id, &sms, err) != 0))
		return -1;
	now = sms ? &held.sms : &held.any;
	if (now->on[RCD_SCOPE_MARKETING] &&
	    is_unasked(conn, tenant, contact_id, turn_id, &unasked, err) != 0)
		return -1;
	out->message = now->on[RCD_SCOPE_ALL] || unasked;
	out->voice = now->on[RCD_SCOPE_AUDIO];
	return 0;
}

int rcd_suppression_since(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, bool by_sms,
                          int64_t since_ms, bool *yes, struct rcd_err *err)
{
	static const char any[] =
		"SELECT count(*) FROM suppression WHERE contact_id = $2 AND tenant_id = $1"
		" AND (scope IN ('all', 'marketing') OR ($4 > 0 AND scope IN ('sms', 'sms_marketing')))"
		" AND (until_ms IS NULL OR since_ms >= $3)";
	int64_t n;

	if (rcd_get_i64(conn, &n, any,
	                RCD_BIND(rcd_i64(tenant), rcd_i64(contact_id), rcd_i64(since_ms),
	                         rcd_i64(by_sms)),
	                err) != 0)
		return -1;
	*yes = n > 0;
	return 0;
}
