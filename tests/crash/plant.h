#ifndef TESTS_CRASH_PLANT_H
#define TESTS_CRASH_PLANT_H

#include "provider/twilio.h"
#include "store/inbox.h"
#include "store/job.h"

/* What the linker calls the real function, and what it calls instead of it. */
#define RCD_PLANT(name, ...)                                                                       \
	int __real_##name(__VA_ARGS__);                                                            \
	int __wrap_##name(__VA_ARGS__)

RCD_PLANT(rcd_inbox_put, struct rcd_db *, const struct rcd_inbox_in *, bool *, struct rcd_err *);
RCD_PLANT(rcd_job_check, struct rcd_conn *, const struct rcd_job *, struct rcd_err *);
RCD_PLANT(rcd_job_finish, struct rcd_conn *, const struct rcd_job *, struct rcd_err *);
RCD_PLANT(rcd_twilio_find, struct rcd_http *, const struct rcd_twilio_conf *,
          const struct rcd_twilio_send *, int64_t, int64_t, char[64], struct rcd_err *);

#endif
