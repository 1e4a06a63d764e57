#ifndef RCD_STORE_FORGET_H
#define RCD_STORE_FORGET_H

#include "base/json.h"
#include "store/job.h"

/* Everything of one contact: told, and taken away. */

/* All that the store holds of a contact, as one JSON object: arrays of rows. "messages" are as they
 * came in, "spoken" and "attachments" name files. The caller's. */
int rcd_contact_export(struct rcd_db *db, int64_t tenant, int64_t contact_id, json_t **out,
                       struct rcd_err *err);

/* What is to be forgotten: what came up to until_ms. */
struct rcd_forget {
	int64_t tenant, contact_id, until_ms;
	const struct rcd_job *job; /* the turn that does it, which ends with it; NULL: from outside,
	                              and then turns under way end too */
	const char *tombstones;    /* their file; rcd_memory_forget knows it */
	bool sms_only;             /* what came by SMS alone, see sms_past.h; from a turn only */
};
/* One commit: its rows are gone, a tombstone per id is there. Of what came in only the provider's
 * ids of the messages stay, or they would be found missing and taken in again; of the sums of a
 * day nothing is anybody's. What came later stays, and with it the contact, without its name. */
int rcd_forget_rows(struct rcd_db *db, const struct rcd_forget *what, struct rcd_err *err);

/* After a delete: its bytes leave the store's files, which are written anew, and the log of what
 * was written last. Writers wait for some seconds at most. RCD_LIMIT: a file is too large for
 * that, so that words may stand in gaps of its pages, or a pooler is in between; RCD_BUSY: readers
 * stay on the log, or somebody's transaction does not end. A server's log is its own business. */
int rcd_db_scrub(struct rcd_db *db, struct rcd_err *err);

/* Tombstones: hashes of the ids of who was forgotten, and when, in a table and in a file outside
 * the store, so that a store from a backup can be told. */
struct rcd_forgotten {
	int64_t contact_id, until_ms;
};
/* Contacts that are here although they were forgotten, by the tombstones of the file that the
 * store does not have, or has with an earlier time: at most max of them. */
int rcd_tombstones_check(struct rcd_db *db, int64_t tenant, const char *file,
                         struct rcd_forgotten *out, int max, int *n, struct rcd_err *err);
/* Brings both to the same. */
int rcd_tombstones_merge(struct rcd_db *db, int64_t tenant, const char *file, struct rcd_err *err);

#endif
