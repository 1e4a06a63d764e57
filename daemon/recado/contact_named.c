#include "daemon/recado/contact_named.h"

#include "base/limits.h"
#include "provider/twilio.h"
#include "store/contact.h"

#include <string.h>

/* *id is 0 when there is no such contact. */
static int find_contact(struct rcd_db *db, int64_t tenant, struct rcd_sv phone, struct rcd_sv bsuid,
                        int64_t *id, struct rcd_err *err)
{
	struct rcd_read read = {.db = db};

	*id = 0;
	while (rcd_read_attempt(&read, err))
		read.ret = rcd_contact_find(read.conn, tenant, phone, bsuid, id, err);
	return read.ret;
}

int rcd_contact_named(struct rcd_db *db, int64_t tenant, const char *who, int64_t *id,
                      struct rcd_err *err)
{
	static const struct rcd_sv none = {NULL, 0};
	char number[RCD_MAX_ADDRESS + 1] = "";
	struct rcd_sv bsuid = rcd_sv(who);
	bool is_number = rcd_twilio_number(rcd_sv(who), number, err) == 0;

	if (is_number && find_contact(db, tenant, rcd_sv(number), none, id, err) != 0)
		return -1;
	if (!is_number && rcd_sv_starts(bsuid, RCD_SV("whatsapp:")))
		bsuid = rcd_sv_skip(bsuid, strlen("whatsapp:"));
	if ((!is_number || *id == 0) && /* a short code */
	    find_contact(db, tenant, none, bsuid, id, err) != 0)
		return -1;
	return *id != 0 ? 0 : rcd_fail(err, RCD_NOENT, 0, "nobody has written from %.40s", who);
}
