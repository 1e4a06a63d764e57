/* A contact's rows go. */
#include "store/forget.h"

#include "store/followup.h"
#include "store/history.h"
#include "store/memory.h"
#include "store/owner.h"
#include "store/sms_past.h"
#include "store/tombstone.h"

#include <stdio.h>

/* $1 the tenant, $2 the contact, $3 up to when */
#define TURNS "(SELECT id FROM turn WHERE tenant_id = $1 AND contact_id = $2 AND started_ms <= $3)"
/* of any time */
#define OF " WHERE tenant_id = $1 AND contact_id = $2 AND CAST($3 AS BIGINT) > 0"
/* Where it has written from, as messages name it. */
#define SENDERS                                                                                    \
	"(SELECT i.sender FROM inbox i JOIN turn t ON t.id = i.turn_id"                                \
	" WHERE t.tenant_id = $1 AND t.contact_id = $2"                                                \
	" UNION SELECT value FROM contact_alias WHERE tenant_id = $1 AND contact_id = $2"              \
	" UNION SELECT 'whatsapp:' || value FROM contact_alias"                                        \
	" WHERE tenant_id = $1 AND contact_id = $2)"
#define MESSAGES                                                                                   \
	"(SELECT id FROM inbox WHERE tenant_id = $1 AND (turn_id IN " TURNS                            \
	" OR ((turn_id IS NULL OR turn_id = -1) AND received_ms <= $3 AND sender IN " SENDERS ")))"

/* In this order: what a statement asks for is still there. */
static const char *const statements[] = {
	"DELETE FROM heard WHERE inbox_id IN " MESSAGES,
	"DELETE FROM attachment WHERE tenant_id = $1 AND inbox_id IN " MESSAGES,
	"DELETE FROM dead_letter WHERE tenant_id = $1 AND died_ms <= $3"
	" AND (contact_id = $2 OR sender IN " SENDERS ")",
	"DELETE FROM outbox WHERE tenant_id = $1 AND turn_id IN " TURNS,
	"DELETE FROM media WHERE tenant_id = $1 AND turn_id IN " TURNS,
	"DELETE FROM turn_trace WHERE turn_id IN " TURNS,
	"UPDATE inbox SET sender = '-', route = '', body = substr(body, 1, 0), turn_id = 0"
	" WHERE id IN " MESSAGES,
	"DELETE FROM turn WHERE tenant_id = $1 AND contact_id = $2 AND started_ms <= $3",
	"DELETE FROM tool_call" OF,
	"DELETE FROM contact_card" OF,
	"DELETE FROM lead" OF,
	"DELETE FROM followup" OF,
	"DELETE FROM handoff" OF,
	"DELETE FROM request" OF,
	/* being forgotten is no consent: what holds goes on for as long as the contact is known */
	"DELETE FROM suppression WHERE tenant_id = $1 AND contact_id = $2 AND until_ms <= $3",
	"UPDATE suppression SET inbox_id = 0 WHERE tenant_id = $1 AND contact_id = $2 AND"
	" since_ms <= $3",
	"DELETE FROM summary" OF,
	"DELETE FROM fact" OF,
	"UPDATE contact SET first_name = NULL, last_name = NULL, first_ms = $3 + 1 WHERE"
	" tenant_id = $1 AND id = $2",
};

/* Turns under way: their next write finds that the job is nobody's any more. */
static int end_jobs(struct rcd_conn *conn, const struct rcd_forget *what, struct rcd_err *err)
{
	static const char turns[] =
		"DELETE FROM job WHERE tenant_id = $1 AND kind = $3 AND key IN " SENDERS;
	static const char summary[] = "DELETE FROM job WHERE tenant_id = $1 AND kind = $2 AND key = $3";
	static const char promised[] =
		"DELETE FROM job WHERE tenant_id = $1 AND kind = $3 AND key IN"
		" (SELECT CAST(turn_id AS TEXT) FROM followup WHERE tenant_id = $1 AND contact_id = $2)";
	char key[24];

	(void)snprintf(key, sizeof(key), "%lld", (long long)what->contact_id);
	if (rcd_exec(conn, NULL, summary,
	             RCD_BIND(rcd_i64(what->tenant), rcd_str(RCD_JOB_SUMMARY), rcd_str(key)),
	             err) != 0 ||
	    rcd_exec(conn, NULL, promised,
	             RCD_BIND(rcd_i64(what->tenant), rcd_i64(what->contact_id),
	                      rcd_str(RCD_JOB_FOLLOWUP)),
	             err) != 0)
		return -1;
	return what->job != NULL ? 0
	                         : rcd_exec(conn, NULL, turns,
	                                    RCD_BIND(rcd_i64(what->tenant), rcd_i64(what->contact_id),
	                                             rcd_str(RCD_JOB_TURN)),
	                                    err);
}

/* Somebody of whom nothing is left is nobody. */
static int end_contact(struct rcd_conn *conn, const struct rcd_forget *what, struct rcd_err *err)
{
	static const char left[] = "SELECT count(*) FROM turn WHERE tenant_id = $1 AND contact_id = $2";
	static const char wishes[] = "DELETE FROM suppression WHERE tenant_id = $1 AND contact_id = $2";
	static const char ids[] = "DELETE FROM contact_alias WHERE tenant_id = $1 AND contact_id = $2";
	static const char gone[] = "DELETE FROM contact WHERE tenant_id = $1 AND id = $2";
	int64_t n;

	if (rcd_get_i64(conn, &n, left, RCD_BIND(rcd_i64(what->tenant), rcd_i64(what->contact_id)),
	                err) != 0)
		return -1;
	if (n > 0)
		return 0;
	return rcd_exec(conn, NULL, wishes, RCD_BIND(rcd_i64(what->tenant), rcd_i64(what->contact_id)),
	                err) != 0 ||
	               rcd_exec(conn, NULL, ids,
	                        RCD_BIND(rcd_i64(what->tenant), rcd_i64(what->contact_id)), err) != 0 ||
	               rcd_exec(conn, NULL, gone,
	                        RCD_BIND(rcd_i64(what->tenant), rcd_i64(what->contact_id)), err) != 0
	           ? -1
	           : 0;
}

static int forget_sms(struct rcd_conn *conn, const struct rcd_forget *what, struct rcd_err *err)
{
	enum rcd_owner owner;

	if (rcd_job_check(conn, what->job, err) != 0 ||
	    rcd_owner_hold(conn, what->tenant, what->contact_id, &owner, err) != 0 ||
	    rcd_sms_past_forget(conn, what, err) != 0)
		return -1;
	return rcd_history_job_done(conn, what->job, err);
}

struct forgetting {
	const struct rcd_forget *what;
	struct rcd_tombstone_in tombstone;
};

static int forget_rows(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct forgetting *f = arg;
	const struct rcd_forget *what = f->what;
	enum rcd_owner owner;

	if (what->sms_only)
		return forget_sms(conn, what, err);
	if ((what->job != NULL && rcd_job_check(conn, what->job, err) != 0) ||
	    rcd_owner_hold(conn, what->tenant, what->contact_id, &owner, err) != 0 ||
	    rcd_tombstones_add(conn, &f->tombstone, err) != 0 || end_jobs(conn, what, err) != 0)
		return -1;
	for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
		if (rcd_exec(conn, NULL, statements[i],
		             RCD_BIND(rcd_i64(what->tenant), rcd_i64(what->contact_id),
		                      rcd_i64(what->until_ms)),
		             err) != 0)
			return -1;
	if (end_contact(conn, what, err) != 0)
		return -1;
	return what->job != NULL ? rcd_history_job_done(conn, what->job, err) : 0;
}

int rcd_forget_rows(struct rcd_db *db, const struct rcd_forget *what, struct rcd_err *err)
{
	struct forgetting f = {what,
	                       {.tenant = what->tenant,
	                        .contact_id = what->contact_id,
	                        .ms = what->until_ms}};
	int ret = what->tombstones != NULL
	              ? rcd_tombstone_key(what->tombstones, f.tombstone.key, err)
	              : rcd_fail(err, RCD_INVAL, 0, "to forget takes a file for tombstones");

	if (ret == 0)
		ret = rcd_db_write(db, forget_rows, &f, err);
	rcd_wipe(f.tombstone.key, sizeof(f.tombstone.key));
	return ret;
}
