/* What a channel costs in a day: counted, compared, told once. */

#include "policy/ceiling.h"
#include "tests/t.h"
#include "tests/unit/store.h"

static int steps(void)
{
	static const struct {
		struct rcd_ceiling_conf limit;
		struct rcd_channel_day day;
		enum rcd_ceiling step;
	} row[] = {
		{{0, 0}, {1000000, 1000000, 0}, RCD_CEILING_NONE},
		{{10, 0}, {7, 1000, 0}, RCD_CEILING_NONE},
		{{10, 0}, {8, 0, 0}, RCD_CEILING_NEAR},
		{{10, 0}, {10, 0, 0}, RCD_CEILING_MODELS},
		{{0, 10}, {1000, 8, 0}, RCD_CEILING_NEAR},
		{{10, 10}, {10, 9, 0}, RCD_CEILING_MODELS},
		{{10, 10}, {3, 10, 0}, RCD_CEILING_MESSAGES},
		{{10, 10}, {12, 13, 0}, RCD_CEILING_MESSAGES},
		{{2000000000, 0}, {1600000000, 0, 0}, RCD_CEILING_NEAR},
	};
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (rcd_ceiling(&row[i].limit, &row[i].day) != row[i].step)
			T_FAIL("row %zu is %s", i, rcd_ceiling_name[rcd_ceiling(&row[i].limit, &row[i].day)]);
	T_OK(!rcd_ceiling_is_set(&row[0].limit) && rcd_ceiling_is_set(&row[1].limit));
out:
	return ret;
}

static int add(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_channel_day_add(conn, arg, 2, 3, err);
}

static int counts(void)
{
	struct rcd_channel whatsapp = {1, RCD_SV("whatsapp")}, sms = {1, RCD_SV("sms")};
	struct rcd_channel_day day;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	bool first;
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(rcd_channel_day_get(db, &whatsapp, &day, &err), err);
	T_INT(day.model_calls + day.messages + day.told, 0);
	T_DO(rcd_channel_day_tell(db, &whatsapp, 2, &first, &err), err);
	T_OK(first);
	T_DO(rcd_db_write(db, add, &whatsapp, &err), err);
	T_DO(rcd_db_write(db, add, &whatsapp, &err), err);
	T_DO(rcd_channel_day_tell(db, &whatsapp, 2, &first, &err), err);
	T_OK(!first);
	T_DO(rcd_channel_day_tell(db, &whatsapp, 4, &first, &err), err);
	T_OK(first);
	T_DO(rcd_channel_day_get(db, &whatsapp, &day, &err), err);
	T_INT(day.model_calls, 4);
	T_INT(day.messages, 6);
	T_INT(day.told, 6);
	T_DO(rcd_channel_day_get(db, &sms, &day, &err), err);
	T_INT(day.messages, 0);
out:
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {{"steps", steps, 0}, {"counts", counts, T_OOM}, {NULL, NULL, 0}};
