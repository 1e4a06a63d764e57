#ifndef RCD_SB_REALTIME_INT_H
#define RCD_SB_REALTIME_INT_H

/* Inside of the simulated Realtime API.
 *
 * realtime.c         the handshake, the threads, and what a client may say
 * realtime_event.c   what is said to a client
 * realtime_listen.c  the audio buffer, its items and their transcripts
 * realtime_check.c   what the real one would refuse
 * realtime_answer.c  responses
 * realtime_calls.c   those that call tools */

#include "daemon/sandbox/box.h"
#include "daemon/sandbox/wire.h"

#include <sys/queue.h>

#define RCD_SB_ITEMS 64
#define RCD_SB_RT_ID 40
#define RCD_SB_RT_HZ 24000
#define RCD_SB_RT_MAX_EVENT ((size_t)16 * 1024 * 1024)

struct rcd_sb_rt_item {
	char id[RCD_SB_RT_ID];
	char *text;
};

struct rcd_sb_session {
	LIST_ENTRY(rcd_sb_session) link;
	struct rcd_sandbox *box;
	struct rcd_sb_wire *wire; /* under the lock of struct rcd_sb_sessions while it is changed */
	char id[RCD_SB_RT_ID], model[64];
	bool transcribes, speaks; /* audio.input.transcription is set; output_modalities is audio */
	bool cut;                 /* ends without a word */
	struct rcd_buf audio;     /* input_audio_buffer */
	struct rcd_sb_rt_item item[RCD_SB_ITEMS]; /* the default conversation */
	size_t n_items;
};

/* An event handler: -1 ends the session. */
typedef int rcd_sb_rt_fn(struct rcd_sb_session *s, const json_t *event);
rcd_sb_rt_fn rcd_sb_rt_append, rcd_sb_rt_clear, rcd_sb_rt_commit, rcd_sb_rt_respond;

/* realtime_event.c. Adds event_id and sends; drops the reference (NULL: no memory). */
int rcd_sb_rt_send(struct rcd_sb_session *s, json_t *take);
/* The error event that answers a client's event. */
int rcd_sb_rt_error(struct rcd_sb_session *s, const json_t *event, const char *type,
                    const char *code, const char *message);
#define RCD_SB_RT_INVALID "invalid_request_error"
/* The error event that a plan's fault asks for. */
int rcd_sb_rt_refuse(struct rcd_sb_session *s, const json_t *event, const struct rcd_sb_fault *f);
void rcd_sb_rt_id(const char *prefix, char out[RCD_SB_RT_ID]);
/* A message with one part, as events show items. */
json_t *rcd_sb_rt_item_json(const char *id, const char *role, const char *status, const char *type,
                            const char *key, struct rcd_sv text);

/* NULL: the item is not there (any more). */
struct rcd_sb_rt_item *rcd_sb_rt_item(struct rcd_sb_session *s, struct rcd_sv id);

/* realtime_calls.c: calls as rcd_sb_calls_next gives them, as the events of a response and as the
 * items of its output. */
int rcd_sb_rt_say_calls(struct rcd_sb_session *s, const char *response, const json_t *calls);
json_t *rcd_sb_rt_call_items(const json_t *calls, const char *status);

/* realtime_check.c: what is wrong with it, NULL for nothing; *code as OpenAI has it. */
const char *rcd_sb_rt_check_session(const json_t *session, const char **code);
const char *rcd_sb_rt_check_response(const json_t *response, const char **code);

#endif
