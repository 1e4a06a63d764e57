#ifndef TESTS_CRASH_PLANT_H
#define TESTS_CRASH_PLANT_H

#include "provider/twilio.h"
#include "store/inbox.h"
#include "store/job.h"

/* What the linker calls the real function, and what it calls instead of it: both of the type
 * that its header gives. */
#define RCD_PLANT(name) __typeof__(name) __real_##name, __wrap_##name

RCD_PLANT(rcd_inbox_put);
RCD_PLANT(rcd_job_check);
RCD_PLANT(rcd_job_hold);
RCD_PLANT(rcd_job_finish);
RCD_PLANT(rcd_twilio_find);
RCD_PLANT(rcd_twilio_send);

#endif
