/* A takeover against sending, ten thousand times: once a person has the conversation and what
 * was on its way has settled, nothing leaves. */

#include "tests/unit/race.h"

static int set_owner(struct race *r, enum rcd_owner owner, struct rcd_err *err)
{
	enum rcd_owner was;

	return rcd_owner_set(r->db, 1, r->job.contact_id, owner, &was, err);
}

static int take_over(struct race *r, struct rcd_err *err)
{
	return set_owner(r, RCD_OWNER_PERSON, err);
}

static int give_back(struct race *r, struct rcd_err *err)
{
	return set_owner(r, RCD_OWNER_BOT, err);
}

static int races(void)
{
	return run_races(take_over, give_back);
}

const struct t_case t_cases[] = {
	{"races", races, 0},
	{NULL, NULL, 0},
};
