/* The daemon without its store: linked from recadod's own objects with
 * --wrap=rcd_inbox_put, so that everything around that one call is the same. */

#include "store/inbox.h"

int __wrap_rcd_inbox_put(struct rcd_db *db, const struct rcd_inbox_in *in, bool *fresh,
                         struct rcd_err *err);

int __wrap_rcd_inbox_put(struct rcd_db *db, const struct rcd_inbox_in *in, bool *fresh,
                         struct rcd_err *err)
{
	(void)db;
	(void)in;
	(void)err;
	*fresh = true;
	return 0;
}
