/* STOP against sending, ten thousand times: once a suppression is committed and what was on its way
 * has settled, nothing leaves until START. And what the store decides of wishes in whatever order.
 */

#include "store/suppression.h"
#include "tests/unit/race.h"

static int set_wish(struct race *r, bool on, int64_t inbox_id, bool *tell, struct rcd_err *err)
{
	const struct rcd_suppress in = {.tenant = 1,
	                                .contact_id = r->job.contact_id,
	                                .scope = RCD_SCOPE_ALL,
	                                .on = on,
	                                .source = RCD_BY_CUSTOMER,
	                                .reason = "stop",
	                                .inbox_id = inbox_id,
	                                .turn_id = tell != NULL ? 77 : 0};

	return rcd_suppression_set(r->db, NULL, &in, tell, err);
}

static int forbid_by_stop(struct race *r, struct rcd_err *err)
{
	return set_wish(r, true, 0, NULL, err);
}

static int allow_by_start(struct race *r, struct rcd_err *err)
{
	return set_wish(r, false, 0, NULL, err);
}

static int races(void)
{
	return run_races(forbid_by_stop, allow_by_start);
}

/* Messages decide in their order, once each; one turn confirms. */
static int order(void)
{
	struct race r = {.races = 0};
	struct rcd_suppressed now;
	struct rcd_err err = {0};
	bool tell = false;
	int ret = 0;

	T_DO(t_store(&r.db, &err), err);
	T_DO(begin_race(&r, 0, &err), err);
	T_DO(set_wish(&r, true, 10, NULL, &err), err); /* as a webhook does */
	T_DO(set_wish(&r, true, 10, &tell, &err), err);
	T_INT(tell, true);
	T_DO(set_wish(&r, true, 10, &tell, &err), err); /* the same turn, run again */
	T_INT(tell, true);
	T_DO(set_wish(&r, false, 12, &tell, &err), err);
	T_INT(tell, true);
	T_DO(set_wish(&r, true, 10, &tell, &err), err); /* late, and older than the START */
	T_INT(tell, false);
	T_DO(rcd_suppression_get(r.db, 1, r.job.contact_id, false, &now, &err), err);
	T_INT(now.on[RCD_SCOPE_ALL], false);
	T_DO(set_wish(&r, true, 13, NULL, &err), err);
	T_DO(rcd_suppression_get(r.db, 1, r.job.contact_id, false, &now, &err), err);
	T_INT(now.on[RCD_SCOPE_ALL], true);
	T_INT(mark_part(&r, RCD_OUT_SENDING, &err), -1);
	T_INT(err.code, RCD_DENIED);
	r.job.contact_id = 5; /* nobody */
	T_INT(set_wish(&r, true, 14, NULL, &err), -1);
	T_INT(err.code, RCD_NOENT);
out:
	rcd_db_close(r.db);
	return ret;
}

/* Whoever wants no voice notes does not want nothing but voice notes. */
static int opposites(void)
{
	struct rcd_suppress in = {.tenant = 1,
	                          .scope = RCD_SCOPE_TEXT,
	                          .on = true,
	                          .source = RCD_BY_OPERATOR,
	                          .reason = "command"};
	struct race r = {.races = 0};
	struct rcd_suppressed now;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(t_store(&r.db, &err), err);
	T_DO(begin_race(&r, 0, &err), err);
	in.contact_id = r.job.contact_id;
	T_DO(rcd_suppression_set(r.db, NULL, &in, NULL, &err), err);
	in.scope = RCD_SCOPE_AUDIO;
	T_DO(rcd_suppression_set(r.db, NULL, &in, NULL, &err), err);
	T_DO(rcd_suppression_get(r.db, 1, in.contact_id, false, &now, &err), err);
	T_INT(now.on[RCD_SCOPE_TEXT], false);
	T_INT(now.on[RCD_SCOPE_AUDIO], true);
	T_DO(mark_part(&r, RCD_OUT_SENDING, &err), err); /* a text */
out:
	rcd_db_close(r.db);
	return ret;
}

/* May it leave now? The row serves again. */
static int may_leave(struct race *r, bool *yes, struct rcd_err *err)
{
	*yes = mark_part(r, RCD_OUT_SENDING, err) == 0;
	if (!*yes && err->code != RCD_DENIED)
		return -1;
	return rcd_db_write(r->db, make_ready, r, err);
}

/* Its sender can be forged: what an SMS says of messages holds for SMS alone. */
static int sms_counts_for_sms(void)
{
	static const struct {
		bool on, by_sms;
		enum rcd_wish_source source;
		bool whatsapp, sms; /* what may leave then */
	} row[] = {
		{true, true, RCD_BY_CUSTOMER, true, false},   /* a forged STOP */
		{false, false, RCD_BY_CUSTOMER, true, false}, /* a START elsewhere is not its end */
		{true, false, RCD_BY_CUSTOMER, false, false}, /* a STOP on WhatsApp */
		{false, true, RCD_BY_CUSTOMER, false, false}, /* a forged START */
		{true, true, RCD_BY_PROVIDER, false, false},  {false, false, RCD_BY_OPERATOR, true, true},
	};
	struct race r = {.by_sms = false}, s = {.by_sms = true};
	struct rcd_suppress in = {.tenant = 1, .reason = "stop"};
	struct rcd_suppressed now;
	struct rcd_err err = {0};
	bool leaves;
	int ret = 0;

	T_DO(t_store(&r.db, &err), err);
	s.db = r.db;
	T_DO(begin_race(&r, 0, &err), err);
	T_DO(begin_race(&s, 0, &err), err);
	T_INT(r.job.contact_id, s.job.contact_id);
	in.contact_id = r.job.contact_id;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		in.on = row[i].on;
		in.by_sms = row[i].by_sms;
		in.source = row[i].source;
		T_DO(rcd_suppression_set(r.db, NULL, &in, NULL, &err), err);
		T_DO(may_leave(&r, &leaves, &err), err);
		T_INT(leaves, row[i].whatsapp);
		T_DO(may_leave(&s, &leaves, &err), err);
		T_INT(leaves, row[i].sms);
		T_DO(rcd_suppression_get(r.db, 1, in.contact_id, false, &now, &err), err);
		T_INT(now.on[RCD_SCOPE_ALL], !row[i].whatsapp);
		T_DO(rcd_suppression_get(r.db, 1, in.contact_id, true, &now, &err), err);
		T_INT(now.on[RCD_SCOPE_ALL], !row[i].sms);
	}
	in.scope = RCD_SCOPE_AUDIO; /* there is no such wish by SMS */
	in.on = in.by_sms = true;
	T_INT(rcd_suppression_set(r.db, NULL, &in, NULL, &err), -1);
	T_INT(err.code, RCD_INVAL);
out:
	rcd_db_close(r.db);
	return ret;
}

const struct t_case t_cases[] = {
	{"races", races, 0},
	{"order", order, T_OOM},
	{"opposites", opposites, 0},
	{"sms_counts_for_sms", sms_counts_for_sms, T_OOM},
	{NULL, NULL, 0},
};
