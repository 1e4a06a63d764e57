#ifndef RCD_TALK_INT_H
#define RCD_TALK_INT_H

#include "daemon/recado/talk.h"
#include "daemon/runtime.h"

#include <limits.h>
#include <pthread.h>

/* Shared by talk.c (turns) and talk_open.c (setup). */

#define RCD_TALK_TENANT 1
#define RCD_TALK_NOTES 50 /* kept of one answer */

struct rcd_talk {
	struct rcd_talk_conf how;
	struct rcd_conf own;    /* the instance's configuration, with places of our own in it */
	struct rcd_route route; /* the only one */
	char dir[PATH_MAX];     /* "": not made yet */
	char *db, *audio;
	struct rcd_turn_watch watch;
	struct rcd_runtime rt;
	bool open; /* rt */

	pthread_mutex_t lock; /* of notes: a turn has threads of its own */
	json_t *notes;

	/* of what is being said */
	struct rcd_talk_answer *answer;
	int64_t began_ms, contact_id, persona_id;
	bool ended;
};

extern const struct rcd_turn_watch rcd_talk_watch;
void rcd_talk_note(void *arg, int64_t turn_id, const char *text);

#endif
