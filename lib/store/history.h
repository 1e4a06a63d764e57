#ifndef RCD_HISTORY_H
#define RCD_HISTORY_H

#include "store/channel_day.h"
#include "store/contact.h"
#include "store/job.h"
#include "store/media.h"
#include "store/outbox.h"
#include "store/request.h"

/* Turns: what was asked, what was answered, by which rung and how long each step took.
 * The table is clustered by contact, so that a contact's last turns are one run of pages.
 * People read it through the views `users` and `conversations` (recado-history(5)). */

struct rcd_turn_begin {
	const struct rcd_job *job;
	struct rcd_contact_in contact;
	const int64_t *inbox_ids; /* the messages this turn answers */
	size_t n_inbox;
	struct rcd_sv route;
	int64_t started_ms;
	int64_t *window_ms; /* NULL, or: until when (ms UTC) the answer has to wait; 0: it has not */
};

/* One commit: contact resolved, turn row made, the messages and the job tied to it. A turn
 * that was begun before takes those of the messages up that it has not. Checks the fence. A message
 * that came in after those were read is not among them: rcd_job_moved tells of it. */
int rcd_history_begin(struct rcd_db *db, const struct rcd_turn_begin *in, int64_t *turn_id,
                      int64_t *contact_id, struct rcd_err *err);

struct rcd_media_in {
	struct rcd_sv name; /* file name in the audio folder */
	int64_t bytes, duration_ms, expires_ms;
	const struct rcd_speech_piece *piece; /* that may be used again */
	size_t n_pieces;
};

/* Why no answer may leave. */
enum rcd_hold {
	RCD_HOLD_PERSON,   /* the conversation is a person's */
	RCD_HOLD_WISH,     /* the contact wants no messages */
	RCD_HOLD_NO_VOICE, /* the contact wants no voice notes, and there is one among the parts */
};

struct rcd_turn_answer {
	const struct rcd_job *job; /* with turn_id and contact_id */
	bool audio;                /* the customer sent a voice note */
	struct rcd_sv user_message;
	struct rcd_sv transcript; /* absent for text */
	struct rcd_sv bot_response;
	struct rcd_sv rung;      /* "chat", "knowledge" … */
	int64_t persona_id;      /* the version that was asked for it; 0: none was */
	struct rcd_sv why;       /* JSON: why the rungs above did not answer */
	struct rcd_sv thread_id; /* of the conversation at the provider; absent for none */
	const struct rcd_outbox_in *part;
	size_t n_parts;
	bool sending;          /* the first part begins as SENDING: it leaves at once */
	struct rcd_sv handoff; /* the reason why the conversation is a person's from here on; absent */
	const struct rcd_request_in *request; /* NULL, or what a person is asked for with it, and */
	bool *request_fresh;                  /* whether nobody knew that yet */
	int64_t model_calls; /* that were made for it; with the parts a cost of the channel's day */
	bool *unless_more;   /* NULL, or: set (and nothing stored, RCD_CANCELLED) when the sender
	                        has written more meanwhile; */
	bool joined_only;    /* with this only when it came before the window closed */
	int64_t *open_ms;    /* NULL, or: for how long the window is still open, when it is (and
	                        nothing stored, RCD_BUSY) */
	const struct rcd_media_in *media; /* NULL: no spoken answer */
	enum rcd_hold *hold;              /* NULL, or: set with RCD_DENIED */
};

/* One commit: the answer, its outbox rows (written anew; a turn is answered once, the second
 * time is RCD_EXISTS) and its media row. Checks the fence, and with parts that the conversation
 * is the bot's and that the contact wants them: RCD_DENIED otherwise. With sending the lease
 * begins anew. */
int rcd_history_answer(struct rcd_db *db, const struct rcd_turn_answer *in, struct rcd_err *err);

/* One commit, before the answer: the message that it takes longer, once in the turn's life
 * (RCD_EXISTS the second time), as SENDING; the lease begins anew. Checks the fence, and the same
 * as an answer. row: its id and key. */
int rcd_history_hold_on(struct rcd_db *db, const struct rcd_job *job,
                        const struct rcd_outbox_in *part, struct rcd_outbox_row *row,
                        struct rcd_err *err);

/* One commit: the voice of an answer that has gone ahead, as its last part. Checks the same. */
int rcd_history_voice(struct rcd_db *db, const struct rcd_job *job,
                      const struct rcd_outbox_in *part, const struct rcd_media_in *media,
                      struct rcd_err *err);

/* One commit: the turn shows in the views, the job is finished. trace: JSON of the steps. */
int rcd_history_finish(struct rcd_db *db, const struct rcd_job *job, struct rcd_sv trace,
                       struct rcd_err *err);
/* The same, and in the same commit what became of the turn's last message; NULL: that is stored. */
int rcd_history_finish_with(struct rcd_db *db, const struct rcd_job *job, struct rcd_sv trace,
                            const struct rcd_outbox_move *last, struct rcd_err *err);

/* One commit: no answer can be made; the turn becomes a dead letter, the job is finished. */
int rcd_history_die(struct rcd_db *db, const struct rcd_job *job, const char *why, int code,
                    struct rcd_err *err);

/* Inside a write: the job of a turn is done, or ready again when its sender has written more. */
int rcd_history_job_done(struct rcd_conn *conn, const struct rcd_job *job, struct rcd_err *err);

/* The rung of turn turn_id, or (0) of the contact's last finished one, and when it was finished;
 * "" and 0 when there is none. */
#define RCD_RUNG_NAME 16
int rcd_history_rung(struct rcd_db *db, int64_t tenant, int64_t contact_id, int64_t turn_id,
                     char rung[RCD_RUNG_NAME], int64_t *ms, struct rcd_err *err);

/* Of the contact's last max finished turns: how many there are, and how many of them answered more
 * than one message. */
int rcd_history_bursts(struct rcd_db *db, int64_t tenant, int64_t contact_id, int max, int *turns,
                       int *bursts, struct rcd_err *err);

/* Has the turn an answer already (a predecessor died after it)? */
int rcd_history_answered(struct rcd_db *db, const struct rcd_job *job, bool *answered,
                         struct rcd_err *err);

/* A turn that another system had with a contact of ours. */
struct rcd_turn_past {
	int64_t tenant, contact_id;
	int64_t ms;  /* when it was finished there */
	int64_t row; /* its number there, which gives the order within the millisecond */
	bool audio;
	struct rcd_sv user_message, bot_response, transcript,
		thread_id; /* the last two may be absent */
};
/* Inside a read or a write: the id that the turn has here (*known) or is to get. The ids are
 * computed, so that the same turn told again is known without a list of what was taken over. */
int rcd_history_past_id(struct rcd_conn *conn, const struct rcd_turn_past *in, int64_t *id,
                        bool *known, struct rcd_err *err);
/* Inside a write, for one that is not known: a finished turn, and its part of the day's sums. */
int rcd_history_past_add(struct rcd_conn *conn, const struct rcd_turn_past *in, int64_t id,
                         struct rcd_err *err);

struct rcd_history_row {
	int64_t id, started_ms;
	char *user_message, *bot_response;
	bool audio;
};

/* Turns of which channels: SMS alone, or all others (see sms_past.h). */
enum rcd_turns_of { RCD_TURNS_ALL, RCD_TURNS_SMS, RCD_TURNS_OTHER };
struct rcd_history_window {
	int64_t after;
	int max;
	enum rcd_turns_of of;
};
/* The last w->max finished turns of the contact in this window, oldest first. */
int rcd_history_window(struct rcd_db *db, int64_t tenant, int64_t contact_id,
                       const struct rcd_history_window *w, struct rcd_history_row **rows, size_t *n,
                       struct rcd_err *err);
/* The rung of the contact's last finished turn on these channels, as rcd_history_rung. */
int rcd_history_last_rung(struct rcd_db *db, int64_t tenant, int64_t contact_id,
                          enum rcd_turns_of of, char rung[RCD_RUNG_NAME], int64_t *ms,
                          struct rcd_err *err);
void rcd_history_rows_free(struct rcd_history_row *rows, size_t n);

/* The conversation at the provider that the contact's last finished turn was a part of; ""
 * when it was of none. */
#define RCD_THREAD_ID 101 /* the seeds' column has 100 characters */
int rcd_history_thread(struct rcd_db *db, int64_t tenant, int64_t contact_id,
                       char id[RCD_THREAD_ID], struct rcd_err *err);
int rcd_history_thread_of(struct rcd_db *db, int64_t tenant, int64_t contact_id,
                          enum rcd_turns_of of, char id[RCD_THREAD_ID], struct rcd_err *err);

struct rcd_stats {
	int64_t total_users, total_conversations, audio_conversations, text_conversations;
	int64_t messages_received, messages_sent, messages_rejected, jobs_waiting, jobs_running;
	int64_t oldest_waiting_ms;             /* age of the longest waiting due job, 0 for none */
	int64_t ahead_abandoned, ahead_tokens; /* model calls of turns that ran ahead, for nothing */
	int64_t last_message_ms;
	struct rcd_channel_day whatsapp, sms; /* today (UTC) */
};
int rcd_stats(struct rcd_db *db, int64_t tenant, struct rcd_stats *out, struct rcd_err *err);

/* How many of the tenant's last answers each rung gave, most first; at most max rungs. */
struct rcd_rung_count {
	char rung[RCD_RUNG_NAME];
	int64_t n;
};
int rcd_rung_counts(struct rcd_db *db, int64_t tenant, int last, struct rcd_rung_count *out,
                    int max, int *n, struct rcd_err *err);

#endif
