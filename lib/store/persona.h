#ifndef RCD_STORE_PERSONA_H
#define RCD_STORE_PERSONA_H

#include "base/buf.h"
#include "store/db.h"

/* The versions of who answers: texts of a persona's layers as they once were, so that it can be
 * told later what made an answer. A version is its text: the same text again is the same one. */

#define RCD_PERSONA_HASH 65 /* hex of SHA-256, with the NUL */

/* Which version text is. RCD_NOMEM. */
int rcd_persona_hash(struct rcd_sv text, char out[RCD_PERSONA_HASH], struct rcd_err *err);

struct rcd_persona_version {
	int64_t id, imported_ms;
	char *name, *hash, *text;
	int64_t turns; /* that it has answered */
};

/* Makes text the newest version of name. *fresh: it is one that was not here before. Writes only
 * when something changes. */
int rcd_persona_put(struct rcd_db *db, int64_t tenant, struct rcd_sv name, struct rcd_sv text,
                    int64_t *id, bool *fresh, struct rcd_err *err);
/* The newest version of name; 0 and *id 0 when there is none. text is appended. */
int rcd_persona_newest(struct rcd_db *db, int64_t tenant, struct rcd_sv name, int64_t *id,
                       struct rcd_buf *text, struct rcd_err *err);
/* All versions of name, newest first. */
int rcd_persona_list(struct rcd_db *db, int64_t tenant, struct rcd_sv name,
                     struct rcd_persona_version **rows, size_t *n, struct rcd_err *err);
void rcd_persona_rows_free(struct rcd_persona_version *rows, size_t n);

#endif
