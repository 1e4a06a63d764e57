/* Requests for a person: one open per contact and channel, folded, and how they end. */

#include "tests/t.h"
#include "base/clock.h"
#include "store/contact.h"
#include "store/owner.h"
#include "store/request.h"
#include "tests/unit/store.h"

#include <stdlib.h>

#define WHATSAPP RCD_SV("whatsapp:+5511987654321")
#define SMS RCD_SV("+5511987654321")

struct who {
	const char *phone;
	int64_t id;
};

static int resolve(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct who *w = arg;
	const struct rcd_contact_in in = {.tenant = 1,
	                                  .phone = rcd_sv(w->phone),
	                                  .seen_ms = rcd_now_ms()};

	return rcd_contact_resolve(conn, &in, &w->id, err);
}

struct ask {
	struct rcd_request_in in;
	bool fresh, hand_off;
};

static int ask(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	struct ask *a = arg;

	if (a->hand_off &&
	    rcd_owner_hand_off(conn, 1, a->in.contact_id, a->in.turn_id, a->in.detail, err) != 0)
		return -1;
	return rcd_request_open(conn, &a->in, &a->fresh, err);
}

static int open_request(struct rcd_db *db, int64_t contact_id, struct rcd_sv sender,
                        int64_t reasons, const char *detail, bool *fresh, struct rcd_err *err)
{
	struct ask a = {.in = {.tenant = 1,
	                       .contact_id = contact_id,
	                       .turn_id = 7,
	                       .sender = sender,
	                       .reasons = reasons,
	                       .detail = rcd_sv(detail)},
	                .hand_off = (reasons & RCD_WAITS_HANDOFF) != 0};

	if (rcd_db_write(db, ask, &a, err) != 0)
		return -1;
	*fresh = a.fresh;
	return 0;
}

static int folds(void)
{
	struct who ana = {.phone = "+5511987654321"}, bia = {.phone = "+5511900000000"};
	struct rcd_request *row = NULL;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	struct rcd_buf b;
	size_t n = 0;
	bool fresh;
	int ret = 0;

	rcd_buf_init(&b, 100);
	T_DO(t_store(&db, &err), err);
	T_DO(rcd_db_write(db, resolve, &ana, &err), err);
	T_DO(rcd_db_write(db, resolve, &bia, &err), err);
	T_DO(open_request(db, ana.id, WHATSAPP, RCD_WAITS_LOOP, NULL, &fresh, &err), err);
	T_OK(fresh);
	T_DO(open_request(db, ana.id, WHATSAPP, RCD_WAITS_LOOP, NULL, &fresh, &err), err);
	T_OK(!fresh); /* somebody knows */
	T_DO(open_request(db, ana.id, WHATSAPP, RCD_WAITS_NO_ANSWER, "o preço", &fresh, &err), err);
	T_OK(fresh);
	T_DO(open_request(db, ana.id, SMS, RCD_WAITS_APOLOGY, NULL, &fresh, &err), err);
	T_OK(fresh);
	T_DO(open_request(db, bia.id, RCD_SV("whatsapp:+5511900000000"), RCD_WAITS_LOOP, NULL, &fresh,
	                  &err),
	     err);
	T_OK(fresh);
	T_DO(rcd_request_list(db, 1, 10, &row, &n, &err), err);
	T_INT(n, 3);
	T_STR(row[0].channel, "whatsapp");
	T_STR(row[0].sender, "whatsapp:+5511987654321");
	T_STR(row[0].detail, "o preço");
	T_INT(row[0].times, 3);
	T_INT(row[0].contact_id, ana.id);
	T_OK(row[0].last_ms >= row[0].since_ms);
	rcd_waits_names(row[0].reasons, &b);
	if (b.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_STR(b.p, "no_answer,loop");
	T_STR(row[1].channel, "sms");
	T_INT(row[2].contact_id, bia.id);
	rcd_request_rows_free(row, n);
	row = NULL;
	T_DO(rcd_request_list(db, 2, 10, &row, &n, &err), err);
	T_INT(n, 0); /* of another tenant */
out:
	rcd_buf_free(&b);
	rcd_request_rows_free(row, n);
	rcd_db_close(db);
	return ret;
}

static int ends(void)
{
	struct who ana = {.phone = "+5511987654321"};
	struct rcd_request *row = NULL;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	enum rcd_owner owner, was;
	size_t n = 0;
	int64_t first, second;
	bool fresh;
	int ret = 0;

	T_DO(t_store(&db, &err), err);
	T_DO(rcd_db_write(db, resolve, &ana, &err), err);
	T_DO(open_request(db, ana.id, WHATSAPP, RCD_WAITS_HANDOFF, "quer um desconto", &fresh, &err),
	     err);
	T_DO(open_request(db, ana.id, SMS, RCD_WAITS_LOOP, NULL, &fresh, &err), err);
	T_DO(rcd_request_list(db, 1, 10, &row, &n, &err), err);
	T_INT(n, 2);
	T_INT(row[0].owner, RCD_OWNER_WAITS);
	first = row[0].id;
	second = row[1].id;
	rcd_request_rows_free(row, n);
	row = NULL;
	/* with the first done another is still open: the bot stays silent until that is done too */
	T_DO(rcd_request_done(db, 1, first, &err), err);
	T_DO(rcd_owner_get(db, 1, ana.id, &owner, &err), err);
	T_INT(owner, RCD_OWNER_WAITS);
	T_INT(rcd_request_done(db, 1, first, &err), -1);
	T_INT(err.code, RCD_NOENT);
	T_DO(rcd_request_done(db, 1, second, &err), err);
	T_DO(rcd_owner_get(db, 1, ana.id, &owner, &err), err);
	T_INT(owner, RCD_OWNER_BOT);
	/* the same again is a new request; a takeover leaves it, a handback ends it */
	T_DO(open_request(db, ana.id, WHATSAPP, RCD_WAITS_HANDOFF, "de novo", &fresh, &err), err);
	T_OK(fresh);
	T_DO(rcd_owner_set(db, 1, ana.id, RCD_OWNER_PERSON, &was, &err), err);
	T_DO(rcd_request_list(db, 1, 10, &row, &n, &err), err);
	T_INT(n, 1);
	T_INT(row[0].owner, RCD_OWNER_PERSON);
	first = row[0].id;
	rcd_request_rows_free(row, n);
	row = NULL;
	/* done by somebody else while a person has the conversation: it stays theirs */
	T_DO(rcd_request_done(db, 1, first, &err), err);
	T_DO(rcd_owner_get(db, 1, ana.id, &owner, &err), err);
	T_INT(owner, RCD_OWNER_PERSON);
	T_DO(open_request(db, ana.id, SMS, RCD_WAITS_LOOP, NULL, &fresh, &err), err);
	T_DO(rcd_owner_set(db, 1, ana.id, RCD_OWNER_BOT, &was, &err), err);
	T_DO(rcd_request_list(db, 1, 10, &row, &n, &err), err);
	T_INT(n, 0);
	/* a handback of what is the bot's already ends a request too */
	T_DO(open_request(db, ana.id, SMS, RCD_WAITS_LOOP, NULL, &fresh, &err), err);
	T_DO(rcd_owner_set(db, 1, ana.id, RCD_OWNER_BOT, &was, &err), err);
	T_DO(rcd_request_list(db, 1, 10, &row, &n, &err), err);
	T_INT(n, 0);
out:
	rcd_request_rows_free(row, n);
	rcd_db_close(db);
	return ret;
}

const struct t_case t_cases[] = {{"folds", folds, T_OOM}, {"ends", ends, 0}, {NULL, NULL, 0}};
