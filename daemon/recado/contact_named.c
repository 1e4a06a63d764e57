#include "daemon/recado/contact_named.h"

#include "base/limits.h"
#include "provider/twilio.h"
#include "store/contact.h"

#include <string.h>

struct find {
	int64_t tenant, id;
	struct rcd_sv phone, bsuid;
};

static int find_contact(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct find *f = arg;

	return rcd_contact_find(conn, f->tenant, f->phone, f->bsuid, &f->id, err);
}

int rcd_contact_named(struct rcd_db *db, int64_t tenant, const char *who, int64_t *id,
                      struct rcd_err *err)
{
	char number[RCD_MAX_ADDRESS + 1] = "";
	struct find f = {.tenant = tenant, .bsuid = rcd_sv(who)};

	if (rcd_sv_starts(f.bsuid, RCD_SV("whatsapp:")))
		f.bsuid = rcd_sv_skip(f.bsuid, strlen("whatsapp:"));
	if (rcd_twilio_number(rcd_sv(who), number, err) == 0)
		f = (struct find){.tenant = tenant, .phone = rcd_sv(number)};
	if (rcd_db_read(db, find_contact, &f, err) != 0)
		return -1;
	if (f.id == 0 && f.phone.n > 0) { /* a short code */
		f = (struct find){.tenant = tenant, .bsuid = rcd_sv(who)};
		if (rcd_db_read(db, find_contact, &f, err) != 0)
			return -1;
	}
	*id = f.id;
	return f.id != 0 ? 0 : rcd_fail(err, RCD_NOENT, 0, "nobody has written from %.40s", who);
}
