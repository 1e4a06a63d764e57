/* Three walks over another system's tables: who they are, what was said, how much was counted. */
#include "store/import.h"

#include "base/address.h"
#include "base/clock.h"
#include "base/limits.h"
#include "store/history.h"

#include <stdlib.h>
#include <string.h>

#define AHEAD_MS 86400000 /* clocks differ, but not by more than a day */

/* A row as we understand it; ok is false for one that was reported. */
struct rec {
	bool ok;
	char phone[RCD_PHONE_TEXT];
	struct rcd_sv bsuid;
	int64_t first_ms, last_ms; /* of a conversation: the same */
	int64_t total;
};

struct batch {
	const struct rcd_import *how;
	struct rcd_foreign_row *row;
	struct rec *rec;
	size_t n;
	int64_t now;
	struct rcd_import_count count; /* what the write has done */
};

/* --- understanding -------------------------------------------------------------------- */

static const char *read_sender(const char *text, struct rec *rec)
{
	struct rcd_sv bare = rcd_address_bare(rcd_sv(text));

	if (text == NULL)
		return "no phone number";
	if (rcd_phone_clean(bare, rec->phone) == 0)
		return NULL;
	rec->phone[0] = '\0';
	if (!rcd_bsuid_ok(bare))
		return "phone_number is neither a number with a country code nor an id";
	rec->bsuid = bare;
	return NULL;
}

/* 0 in *ms for NULL. */
static const char *read_time(const char *text, int64_t now, int64_t *ms)
{
	*ms = 0;
	if (text == NULL)
		return NULL;
	if (rcd_time_parse(rcd_sv(text), ms) != 0 || *ms <= 0)
		return "a time is not written as 2026-11-21 13:05:09";
	return *ms > now + AHEAD_MS ? "a time is in the future" : NULL;
}

static const char *read_user(const struct rcd_foreign_row *row, int64_t now, struct rec *rec)
{
	const char *bad;
	int64_t first, last;

	if ((bad = read_sender(row->col[RCD_U_PHONE], rec)) != NULL ||
	    (bad = read_time(row->col[RCD_U_FIRST], now, &first)) != NULL ||
	    (bad = read_time(row->col[RCD_U_LAST], now, &last)) != NULL)
		return bad;
	if (last < first)
		last = first;
	if (last == 0)
		last = first != 0 ? first : now;
	rec->first_ms = first != 0 ? first : last;
	rec->last_ms = last;
	if (rcd_parse_i64(rcd_sv(row->col[RCD_U_TOTAL]), 0, INT32_MAX, &rec->total) != 0)
		rec->total = 0;
	return NULL;
}

static const char *read_turn(const struct rcd_foreign_row *row, int64_t now, struct rec *rec)
{
	const char *bad;

	if ((bad = read_sender(row->col[RCD_C_PHONE], rec)) != NULL ||
	    (bad = read_time(row->col[RCD_C_TIME], now, &rec->first_ms)) != NULL)
		return bad;
	rec->last_ms = rec->first_ms;
	return rec->first_ms == 0 ? "no timestamp" : NULL;
}

/* --- taking over ---------------------------------------------------------------------- */

/* Each puts one row; in a dry run conn only reads. */

static int find_contact(struct rcd_conn *conn, const struct batch *b, const struct rec *rec,
                        int64_t *id, struct rcd_err *err)
{
	return rcd_contact_find(conn, b->how->tenant, rcd_sv(rec->phone), rec->bsuid, id, err);
}

/* Also tells the contact's first day; messages: how many this adds. */
static int resolve_contact(struct rcd_conn *conn, const struct batch *b, const struct rec *rec,
                           int messages, int64_t *id, struct rcd_err *err)
{
	const struct rcd_contact_in in = {.tenant = b->how->tenant,
	                                  .phone = rcd_sv(rec->phone),
	                                  .bsuid = rec->bsuid,
	                                  .seen_ms = rec->first_ms,
	                                  .messages = messages};

	if (rcd_contact_resolve(conn, &in, id, err) != 0)
		return -1;
	return rcd_contact_earlier(conn, in.tenant, *id, rec->first_ms, err);
}

static bool is_false(const char *text)
{
	return text != NULL &&
	       (strcmp(text, "0") == 0 || strcmp(text, "f") == 0 || strcmp(text, "false") == 0);
}

static int put_user(struct rcd_conn *conn, struct batch *b, size_t i, struct rcd_err *err)
{
	const struct rcd_foreign_row *row = &b->row[i];
	const struct rec *rec = &b->rec[i];
	struct rcd_contact_past past = {.tenant = b->how->tenant,
	                                .first_name = rcd_sv(row->col[RCD_U_FIRST_NAME]),
	                                .last_name = rcd_sv(row->col[RCD_U_LAST_NAME]),
	                                .first_ms = rec->first_ms,
	                                .last_ms = rec->last_ms};
	int64_t known;

	if (find_contact(conn, b, rec, &known, err) != 0)
		return -1;
	*(known != 0 ? &b->count.known : &b->count.added) += 1;
	if (b->how->dry_run)
		return 0;
	past.aside = known == 0 && is_false(row->col[RCD_U_ACTIVE]);
	if (resolve_contact(conn, b, rec, 0, &past.id, err) != 0)
		return -1;
	return rcd_contact_past(conn, &past, err);
}

static int put_turn(struct rcd_conn *conn, struct batch *b, size_t i, struct rcd_err *err)
{
	const struct rcd_foreign_row *row = &b->row[i];
	struct rcd_turn_past turn = {.tenant = b->how->tenant,
	                             .ms = b->rec[i].first_ms,
	                             .row = row->id,
	                             .audio = rcd_sv_is(rcd_sv(row->col[RCD_C_TYPE]), "audio"),
	                             .user_message = row->col[RCD_C_MESSAGE] != NULL
	                                                 ? rcd_sv(row->col[RCD_C_MESSAGE])
	                                                 : RCD_SV(""),
	                             .bot_response = row->col[RCD_C_RESPONSE] != NULL
	                                                 ? rcd_sv(row->col[RCD_C_RESPONSE])
	                                                 : RCD_SV(""),
	                             .transcript = rcd_sv(row->col[RCD_C_TRANSCRIPT]),
	                             .thread_id = rcd_sv(row->col[RCD_C_THREAD])};
	int64_t id;
	bool known;

	if (find_contact(conn, b, &b->rec[i], &turn.contact_id, err) != 0 ||
	    rcd_history_past_id(conn, &turn, &id, &known, err) != 0)
		return -1;
	*(known ? &b->count.known : &b->count.added) += 1;
	if (known || b->how->dry_run)
		return 0;
	if (resolve_contact(conn, b, &b->rec[i], 1, &turn.contact_id, err) != 0)
		return -1;
	return rcd_history_past_add(conn, &turn, id, err);
}

/* After the turns, which count one message each: a system may have counted more. */
static int put_total(struct rcd_conn *conn, struct batch *b, size_t i, struct rcd_err *err)
{
	const struct rec *rec = &b->rec[i];
	struct rcd_contact_past past = {.tenant = b->how->tenant,
	                                .first_ms = rec->first_ms,
	                                .last_ms = rec->last_ms,
	                                .messages = rec->total};

	if (b->how->dry_run || rec->total == 0)
		return 0;
	if (find_contact(conn, b, rec, &past.id, err) != 0)
		return -1;
	return past.id != 0 ? rcd_contact_past(conn, &past, err) : 0;
}

/* --- walking -------------------------------------------------------------------------- */

struct walk {
	enum rcd_foreign_table table;
	const char *(*read)(const struct rcd_foreign_row *row, int64_t now, struct rec *rec);
	int (*put)(struct rcd_conn *conn, struct batch *b, size_t i, struct rcd_err *err);
	bool again; /* its rows were counted and reported in an earlier walk */
};

static const struct walk walks[] = {
	{RCD_FOREIGN_USERS, read_user, put_user, false},
	{RCD_FOREIGN_CONVERSATIONS, read_turn, put_turn, false},
	{RCD_FOREIGN_USERS, read_user, put_total, true},
};

struct put {
	const struct walk *walk;
	struct batch *batch;
};

static int put_all(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	const struct put *p = arg;

	p->batch->count = (struct rcd_import_count){0};
	for (size_t i = 0; i < p->batch->n; i++)
		if (p->batch->rec[i].ok && p->walk->put(conn, p->batch, i, err) != 0)
			return -1;
	return 0;
}

/* Before the write, which must not wait for who listens to the reports. */
static void read_all(const struct walk *walk, struct batch *b, struct rcd_import_count *count)
{
	for (size_t i = 0; i < b->n; i++) {
		const char *bad = walk->read(&b->row[i], b->now, &b->rec[i]);

		b->rec[i].ok = bad == NULL;
		if (walk->again)
			continue;
		count->read++;
		count->bad += bad != NULL;
		count->cut += bad == NULL && b->row[i].cut;
		if (bad != NULL)
			b->how->bad(b->how->arg, rcd_foreign_name(walk->table), b->row[i].id, bad);
	}
}

static int take_batch(struct rcd_db *db, const struct walk *walk, struct batch *b,
                      struct rcd_import_count *count, struct rcd_err *err)
{
	struct put put = {walk, b};
	int ret;

	b->rec = calloc(b->n, sizeof(*b->rec));
	if (b->rec == NULL)
		return rcd_fail_nomem(err);
	read_all(walk, b, count);
	ret = b->how->dry_run ? rcd_db_read(db, put_all, &put, err)
	                      : rcd_db_write(db, put_all, &put, err);
	free(b->rec);
	if (ret == 0) {
		count->added += b->count.added;
		count->known += b->count.known;
	}
	return ret;
}

static int take_table(struct rcd_db *db, struct rcd_foreign *from, const struct rcd_import *how,
                      const struct walk *walk, struct rcd_import_count *count, struct rcd_err *err)
{
	struct batch b = {.how = how, .now = rcd_now_ms()};
	int64_t after = INT64_MIN, all, done = 0;
	int ret;

	if (rcd_foreign_count(from, walk->table, &all, err) != 0)
		return -1;
	do {
		if (rcd_foreign_read(from, walk->table, after, &b.row, &b.n, err) != 0)
			return -1;
		ret = b.n > 0 ? take_batch(db, walk, &b, count, err) : 0;
		if (b.n > 0)
			after = b.row[b.n - 1].id;
		free(b.row);
		done += (int64_t)b.n;
		if (ret == 0 && how->progress != NULL && !walk->again)
			how->progress(how->arg, rcd_foreign_name(walk->table), done, all);
	} while (ret == 0 && b.n == RCD_FOREIGN_BATCH);
	return ret;
}

int rcd_import_history(struct rcd_db *db, struct rcd_foreign *from, const struct rcd_import *how,
                       struct rcd_import_count count[RCD_FOREIGN_TABLES], struct rcd_err *err)
{
	memset(count, 0, RCD_FOREIGN_TABLES * sizeof(*count));
	for (size_t i = 0; i < sizeof(walks) / sizeof(walks[0]); i++)
		if (take_table(db, from, how, &walks[i], &count[walks[i].table], err) != 0)
			return -1;
	return 0;
}
