/* Who is who: ids of several kinds lead to one contact. */
#include "store/contact.h"

#include "base/clock.h"
#include "base/limits.h"
#include "store/tally.h"

#include <string.h>

#define MAX_NAME 100

static bool is_digits(struct rcd_sv v)
{
	for (size_t i = 0; i < v.n; i++)
		if (v.p[i] < '0' || v.p[i] > '9')
			return false;
	return true;
}

/* Brazilian mobile numbers were given a ninth digit, a 9 in front, and both forms go on in
 * the wild: +55, two digits of area, then eight that begin with 6 to 9 are the old form. The
 * key of a contact is the new form, what is shown and written to is what came. */
static struct rcd_sv phone_key(struct rcd_sv phone, char key[RCD_MAX_ADDRESS + 1])
{
	const size_t area = strlen("+5511");

	if (phone.n != area + 8 || !rcd_sv_starts(phone, RCD_SV("+55")) || phone.p[area] < '6' ||
	    !is_digits(rcd_sv_skip(phone, 1)))
		return phone;
	memcpy(key, phone.p, area);
	key[area] = '9';
	memcpy(key + area + 1, phone.p + area, 8);
	return (struct rcd_sv){key, phone.n + 1};
}

/* 0 for an id that is not known. */
static int look_up(struct rcd_conn *conn, int64_t tenant, const char *kind, struct rcd_sv value,
                   int64_t *id, struct rcd_err *err)
{
	static const char find[] = "SELECT coalesce((SELECT contact_id FROM contact_alias"
							   " WHERE tenant_id = $1 AND kind = $2 AND value = $3), 0)";

	*id = 0;
	return value.n == 0
	           ? 0
	           : rcd_get_i64(conn, id, find,
	                         RCD_BIND(rcd_i64(tenant), rcd_str(kind), rcd_text(value)), err);
}

/* Another writer may learn the same id at this moment: then *id becomes whose it is. */
static int add_alias(struct rcd_conn *conn, int64_t tenant, const char *kind, struct rcd_sv value,
                     int64_t *id, struct rcd_err *err)
{
	static const char add[] =
		"INSERT INTO contact_alias(tenant_id, kind, value, contact_id)"
		" VALUES($1, $2, $3, $4) ON CONFLICT(tenant_id, kind, value) DO NOTHING";
	int64_t n = 1;

	if (value.n > 0 &&
	    rcd_exec(conn, &n, add,
	             RCD_BIND(rcd_i64(tenant), rcd_str(kind), rcd_text(value), rcd_i64(*id)), err) != 0)
		return -1;
	return n == 1 ? 0 : look_up(conn, tenant, kind, value, id, err);
}

static int make_contact(struct rcd_conn *conn, const struct rcd_contact_in *in, int64_t *id,
                        struct rcd_err *err)
{
	static const char add[] = "INSERT INTO contact(id, tenant_id, first_ms, last_ms)"
							  " VALUES($1, $2, $3, $3)";

	*id = rcd_id_new();
	return rcd_exec(conn, NULL, add,
	                RCD_BIND(rcd_i64(*id), rcd_i64(in->tenant), rcd_i64(in->seen_ms)), err);
}

/* Somebody else made the contact first, so the one made here is nobody's: it goes again, and
 * what it was given before passes on. */
static int give_up(struct rcd_conn *conn, int64_t tenant, int64_t made, int64_t id,
                   struct rcd_err *err)
{
	static const char pass[] =
		"UPDATE contact_alias SET contact_id = $3 WHERE tenant_id = $1 AND contact_id = $2";
	static const char gone[] = "DELETE FROM contact WHERE id = $2 AND tenant_id = $1";

	if (rcd_exec(conn, NULL, pass, RCD_BIND(rcd_i64(tenant), rcd_i64(made), rcd_i64(id)), err) != 0)
		return -1;
	return rcd_exec(conn, NULL, gone, RCD_BIND(rcd_i64(tenant), rcd_i64(made)), err);
}

static struct rcd_sv short_name(struct rcd_sv v)
{
	v = rcd_sv_trim(v);
	v.n = rcd_utf8_cut(v, MAX_NAME);
	return v;
}

/* phone only when that number is known as this contact's: two contacts never show the same. */
static int update_contact(struct rcd_conn *conn, const struct rcd_contact_in *in, int64_t id,
                          struct rcd_sv phone, struct rcd_err *err)
{
	static const char set[] =
		"UPDATE contact SET phone = coalesce(phone, $3), bsuid = coalesce(bsuid, $4),"
		" first_name = CASE WHEN $5 IS NULL THEN first_name ELSE $5 END,"
		" last_name = CASE WHEN $5 IS NULL THEN last_name ELSE $6 END,"
		" last_ms = CASE WHEN $7 > last_ms THEN $7 ELSE last_ms END,"
		" is_active = CASE WHEN $8 > 0 AND NOT EXISTS(SELECT 1 FROM suppression WHERE tenant_id = "
		"$2"
		" AND contact_id = $1 AND scope = 'all' AND until_ms IS NULL) THEN 1 ELSE is_active END,"
		" messages = messages + $8 WHERE id = $1 AND tenant_id = $2";
	struct rcd_sv first = {NULL, 0}, last = {NULL, 0};
	struct rcd_sv name = rcd_utf8_ok(in->name) ? rcd_sv_trim(in->name) : first;

	if (name.n > 0) {
		last = name;
		(void)rcd_sv_cut(&last, ' ', &first);
		first = short_name(first);
		last = short_name(last);
	}
	return rcd_exec(conn, NULL, set,
	                RCD_BIND(rcd_i64(id), rcd_i64(in->tenant), rcd_text(phone),
	                         rcd_text(in->bsuid.n > 0 ? in->bsuid : (struct rcd_sv){NULL, 0}),
	                         rcd_text(first),
	                         rcd_text(last.n > 0 ? last : (struct rcd_sv){NULL, 0}),
	                         rcd_i64(in->seen_ms), rcd_i64(in->messages)),
	                err);
}

static int check_contact(const struct rcd_contact_in *in, struct rcd_err *err)
{
	if (in->phone.n == 0 && in->bsuid.n == 0) {
		(void)rcd_fail(err, RCD_INVAL, 0, "contact: neither a number nor another id");
		return rcd_fail_for_good(err);
	}
	if (in->phone.n > RCD_MAX_ADDRESS || in->bsuid.n > RCD_MAX_ADDRESS) {
		(void)rcd_fail(err, RCD_LIMIT, 0, "contact: an id is longer than %d bytes",
		               RCD_MAX_ADDRESS);
		return rcd_fail_for_good(err);
	}
	return 0;
}

/* A contact for ids that nobody knew, or whose first writer was faster. */
static int make_known(struct rcd_conn *conn, const struct rcd_contact_in *in, struct rcd_sv phone,
                      int64_t *id, struct rcd_err *err)
{
	const struct rcd_tally more = {.new_users = 1};
	int64_t made, by_phone, by_bsuid;

	if (make_contact(conn, in, &made, err) != 0)
		return -1;
	by_phone = by_bsuid = made;
	if (add_alias(conn, in->tenant, RCD_ID_PHONE, phone, &by_phone, err) != 0 ||
	    add_alias(conn, in->tenant, RCD_ID_BSUID, in->bsuid, &by_bsuid, err) != 0)
		return -1;
	*id = by_bsuid != made ? by_bsuid : by_phone;
	if (*id != made)
		return give_up(conn, in->tenant, made, *id, err);
	return rcd_tally_add(conn, in->tenant, in->seen_ms, &more, err);
}

int rcd_contact_resolve(struct rcd_conn *conn, const struct rcd_contact_in *in, int64_t *contact_id,
                        struct rcd_err *err)
{
	char key[RCD_MAX_ADDRESS + 1];
	struct rcd_sv phone = phone_key(in->phone, key), shown = {NULL, 0};
	int64_t id, by_phone, by_bsuid;

	if (check_contact(in, err) != 0 ||
	    look_up(conn, in->tenant, RCD_ID_PHONE, phone, &by_phone, err) != 0 ||
	    look_up(conn, in->tenant, RCD_ID_BSUID, in->bsuid, &by_bsuid, err) != 0)
		return -1;
	id = by_bsuid != 0 ? by_bsuid : by_phone;
	if (id == 0 && make_known(conn, in, phone, &id, err) != 0)
		return -1;
	if (by_phone == 0) {
		by_phone = id;
		if (add_alias(conn, in->tenant, RCD_ID_PHONE, phone, &by_phone, err) != 0)
			return -1;
	}
	if (by_bsuid == 0) {
		by_bsuid = id;
		if (add_alias(conn, in->tenant, RCD_ID_BSUID, in->bsuid, &by_bsuid, err) != 0)
			return -1;
		id = by_bsuid;
	}
	if (in->phone.n > 0 && by_phone == id)
		shown = in->phone;
	if (update_contact(conn, in, id, shown, err) != 0)
		return -1;
	*contact_id = id;
	return 0;
}

int rcd_contact_find(struct rcd_conn *conn, int64_t tenant, struct rcd_sv phone,
                     struct rcd_sv bsuid, int64_t *contact_id, struct rcd_err *err)
{
	char key[RCD_MAX_ADDRESS + 1];
	int64_t by_phone, by_bsuid;

	if (look_up(conn, tenant, RCD_ID_PHONE, phone_key(phone, key), &by_phone, err) != 0 ||
	    look_up(conn, tenant, RCD_ID_BSUID, bsuid, &by_bsuid, err) != 0)
		return -1;
	*contact_id = by_bsuid != 0 ? by_bsuid : by_phone;
	return 0;
}

/* --- what is known from elsewhere ----------------------------------------------------- */

int rcd_contact_earlier(struct rcd_conn *conn, int64_t tenant, int64_t id, int64_t first_ms,
                        struct rcd_err *err)
{
	static const char get[] = "SELECT first_ms FROM contact WHERE id = $1 AND tenant_id = $2";
	static const char set[] = "UPDATE contact SET first_ms = $3 WHERE id = $1 AND tenant_id = $2";
	const struct rcd_tally less = {.new_users = -1}, more = {.new_users = 1};
	int64_t before;

	if (rcd_get_i64(conn, &before, get, RCD_BIND(rcd_i64(id), rcd_i64(tenant)), err) != 0)
		return -1;
	if (first_ms >= before)
		return 0;
	if (rcd_exec(conn, NULL, set, RCD_BIND(rcd_i64(id), rcd_i64(tenant), rcd_i64(first_ms)), err) !=
	    0)
		return -1;
	if (rcd_tally_day(first_ms) == rcd_tally_day(before))
		return 0;
	if (rcd_tally_add(conn, tenant, before, &less, err) != 0)
		return -1;
	return rcd_tally_add(conn, tenant, first_ms, &more, err);
}

/* The two names stay together: neither is put beside one of another time. */
int rcd_contact_past(struct rcd_conn *conn, const struct rcd_contact_past *in, struct rcd_err *err)
{
	static const char set[] =
		"UPDATE contact SET first_name = coalesce(first_name, $3),"
		" last_name = CASE WHEN first_name IS NULL THEN coalesce(last_name, $4) ELSE last_name END,"
		" last_ms = CASE WHEN $5 > last_ms THEN $5 ELSE last_ms END,"
		" messages = CASE WHEN $6 > messages THEN $6 ELSE messages END,"
		" is_active = CASE WHEN $7 = 1 THEN 0 ELSE is_active END WHERE id = $1 AND tenant_id = $2";
	struct rcd_sv first = short_name(in->first_name), last = short_name(in->last_name);
	const struct rcd_sv none = {NULL, 0};

	if (rcd_exec(conn, NULL, set,
	             RCD_BIND(rcd_i64(in->id), rcd_i64(in->tenant),
	                      rcd_text(first.n > 0 ? first : none), rcd_text(last.n > 0 ? last : none),
	                      rcd_i64(in->last_ms), rcd_i64(in->messages), rcd_i64(in->aside)),
	             err) != 0)
		return -1;
	return rcd_contact_earlier(conn, in->tenant, in->id, in->first_ms, err);
}
