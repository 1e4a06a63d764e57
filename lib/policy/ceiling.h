#ifndef RCD_CEILING_H
#define RCD_CEILING_H

#include "store/channel_day.h"

/* Daily cost limit of one channel. As it is approached, voice is dropped first, then model calls,
 * then answers. Concurrent turns may exceed it by what they have already started. 0 means
 * unlimited. */

struct rcd_ceiling_conf {
	int model_calls, messages;
};

enum rcd_ceiling {
	RCD_CEILING_NONE,
	RCD_CEILING_NEAR,     /* four fifths of either are spent: no voice */
	RCD_CEILING_MODELS,   /* no model calls are left: the knowledge answers, and fixed texts */
	RCD_CEILING_MESSAGES, /* no messages are left: nothing is answered */
	RCD_N_CEILINGS
};
extern const char *const rcd_ceiling_name[RCD_N_CEILINGS]; /* "voice_off", "knowledge", "silent" */

bool rcd_ceiling_is_set(const struct rcd_ceiling_conf *conf);
enum rcd_ceiling rcd_ceiling(const struct rcd_ceiling_conf *conf,
                             const struct rcd_channel_day *day);

#endif
