#include "store/owner.h"

/* A write that changes nothing holds the row on every engine until the transaction ends. */
int rcd_owner_hold(struct rcd_conn *conn, int64_t tenant, int64_t contact_id, enum rcd_owner *owner,
                   struct rcd_err *err)
{
	static const char hold[] = "UPDATE contact SET owner = owner WHERE id = $2 AND tenant_id = $1"
							   " RETURNING owner";
	int64_t now;

	if (rcd_get_i64(conn, &now, hold, RCD_BIND(rcd_i64(tenant), rcd_i64(contact_id)), err) != 0)
		return -1;
	*owner = (enum rcd_owner)now;
	return 0;
}
