/* What was said with a contact a short while ago, on one channel. */

#include "tests/t.h"
#include "base/clock.h"
#include "store/history.h"
#include "store/inbox.h"
#include "store/recent.h"
#include "tests/unit/store.h"

#include <stdlib.h>

#define PHONE "+5511987654321"

/* A message on a channel and its answered turn. */
static int converse(struct rcd_db *db, const char *sender, const char *said, const char *answer,
                    struct rcd_job *job, struct rcd_err *err)
{
	static int sids;
	struct rcd_inbox_in in = {.tenant = 1,
	                          .sender = rcd_sv(sender),
	                          .route = RCD_SV("/w"),
	                          .body = RCD_SV("Body=x")};
	struct rcd_turn_begin turn = {.job = job, .n_inbox = 1, .route = RCD_SV("/w")};
	struct rcd_turn_answer out = {.job = job,
	                              .user_message = rcd_sv(said),
	                              .bot_response = rcd_sv(answer),
	                              .rung = RCD_SV("chat"),
	                              .why = RCD_SV("{}")};
	struct rcd_inbox_row *row = NULL;
	char sid[32];
	size_t n = 0;
	bool fresh;
	int ret = -1;

	(void)snprintf(sid, sizeof(sid), "SM%d", ++sids);
	in.event_key = rcd_sv(sid);
	in.received_ms = in.due_ms = in.latest_ms = turn.started_ms = rcd_now_ms();
	turn.contact = (struct rcd_contact_in){.tenant = 1,
	                                       .phone = RCD_SV(PHONE),
	                                       .seen_ms = in.received_ms};
	if (rcd_inbox_put(db, &in, &fresh, err) == 0 &&
	    rcd_job_claim_one(db, 7, 600000, 1, RCD_JOB_TURN, sender, job, err) == 0 &&
	    rcd_inbox_gather(db, job, false, &row, &n, err) == 0) {
		turn.inbox_ids = &row[0].id;
		ret = rcd_history_begin(db, &turn, &job->turn_id, &job->contact_id, err);
	}
	rcd_inbox_rows_free(row, n);
	return ret == 0 && rcd_history_answer(db, &out, err) == 0
	           ? rcd_history_finish(db, job, RCD_SV("{}"), err)
	           : -1;
}

static int by_channel(void)
{
	struct rcd_recent_in in = {.tenant = 1,
	                           .except = INT64_MAX,
	                           .channel = RCD_SV("whatsapp"),
	                           .max = 10};
	struct rcd_recent *row = NULL;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_job job = {0};
	int64_t first;
	size_t n = 0;
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(converse(db, "whatsapp:" PHONE, "um", "dois", &job, &err), err);
	first = job.turn_id;
	T_DO(converse(db, PHONE, "por SMS", "sim", &job, &err), err);
	T_DO(converse(db, "whatsapp:" PHONE, "três", NULL, &job, &err), err);
	in.contact_id = job.contact_id;
	in.since_ms = rcd_now_ms() - 60000;
	T_DO(rcd_recent_turns(db, &in, &row, &n, &err), err);
	T_INT(n, 2);
	T_INT(row[0].id, first);
	T_STR(row[0].said, "um");
	T_STR(row[0].answer, "dois");
	T_STR(row[0].rung, "chat");
	T_INT(row[0].messages, 1);
	T_STR(row[1].said, "três");
	T_STR(row[1].answer, "");
	free(row);
	row = NULL;
	in.except = first; /* whose id another process may have taken from a later time */
	T_DO(rcd_recent_turns(db, &in, &row, &n, &err), err);
	T_INT(n, 1);
	T_INT(row[0].id, job.turn_id);
	free(row);
	row = NULL;
	in.except = job.turn_id; /* the last one's own view */
	T_DO(rcd_recent_turns(db, &in, &row, &n, &err), err);
	T_INT(n, 1);
	free(row);
	row = NULL;
	in.channel = RCD_SV("sms");
	T_DO(rcd_recent_turns(db, &in, &row, &n, &err), err);
	T_INT(n, 1);
	T_STR(row[0].said, "por SMS");
	free(row);
	row = NULL;
	in.since_ms = rcd_now_ms() + 1000;
	T_DO(rcd_recent_turns(db, &in, &row, &n, &err), err);
	T_INT(n, 0);
out:
	free(row);
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {{"by_channel", by_channel, T_OOM}, {NULL, NULL, 0}};
