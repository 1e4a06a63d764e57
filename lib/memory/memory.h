#ifndef RCD_MEMORY_MEMORY_H
#define RCD_MEMORY_MEMORY_H

#include "base/json.h"
#include "base/words.h"
#include "net/breaker.h"
#include "net/http.h"
#include "policy/wish.h"
#include "provider/blob.h"
#include "provider/openai.h"
#include "store/contact.h"
#include "store/forget.h"
#include "store/history.h"
#include "store/memory.h"
#include "store/suppression.h"

/* What is known of a person: told to the model with a prompt, told to the person who asks for it,
 * summed up when the window of turns is full, and forgotten on request. The room knows nothing of a
 * turn; struct rcd_person says whose memory it is and what of it this channel may see. */

struct rcd_person {
	struct rcd_db *db;
	int64_t tenant, contact_id;
	enum rcd_turns_of reach; /* RCD_TURNS_SMS: the sender can be forged, and gets no memory */
	enum rcd_lang lang;      /* of the words that stand around what is told */
};

/* --- for a prompt -------------------------------------------------------------------------- */

struct rcd_known {
	struct rcd_contact_row *contact; /* NULL: a stranger */
	struct rcd_memory memory;        /* empty by SMS */
	struct rcd_sv name;              /* how they are called; absent when it is not known */
};
int rcd_known_load(const struct rcd_person *p, struct rcd_known *out, struct rcd_err *err);
void rcd_known_free(struct rcd_known *k);

/* Appends what the model is told of them and of their wishes, a line each; nothing where nothing
 * is known. It is their word among ours: one line each, that looks like no other. */
int rcd_known_tell(const struct rcd_known *k, const struct rcd_suppressed *wishes,
                   enum rcd_lang lang, struct rcd_buf *out, struct rcd_err *err);

/* How many turns a prompt shows at most, and how many tokens they come to, about. */
struct rcd_memory_size {
	int turns, tokens;
};
/* Appends the last turns that the summary does not hold (after: the last one in it) to prompt, a
 * message each. Its beginning moves only when the summary does. *full: what falls out next is to be
 * summed up; never by SMS. */
int rcd_memory_window(const struct rcd_person *p, const struct rcd_memory_size *size, int64_t after,
                      json_t *prompt, bool *full, struct rcd_err *err);
/* How many of the newest rows fit into max turns and tokens; of any rows at least one. */
size_t rcd_memory_fit(const struct rcd_history_row *row, size_t n, size_t max, size_t tokens);

/* --- for the person ------------------------------------------------------------------------ */

/* What turns are stored as that ask whether to forget, that were told yes, and that told what is
 * known. */
#define RCD_RUNG_ASKS "forget?"
#define RCD_RUNG_FORGETS "forget"
#define RCD_RUNG_KNOWN "known"

/* The operator's words. */
struct rcd_memory_texts {
	const char *known;     /* above what is known */
	const char *forget;    /* asks whether everything is to be forgotten */
	const char *forgotten; /* after the yes */
	const char *by_sms;    /* behind these by SMS: they are about SMS alone */
};
/* The answer to what a person wishes of their own data, appended to reply, and *rung, which it is
 * stored as. Both stay as they are where wish asks for nothing: a yes counts only as the answer to
 * our question. The forgetting itself is done when the answer has left. */
int rcd_memory_answer(const struct rcd_person *p, enum rcd_wish wish,
                      const struct rcd_memory_texts *texts, struct rcd_buf *reply,
                      const char **rung, struct rcd_err *err);

/* --- in the background --------------------------------------------------------------------- */

struct rcd_memory_env {
	struct rcd_db *db;
	struct rcd_http *http; /* NULL: nothing is asked of a provider */
	const struct rcd_openai_conf *openai;
	struct rcd_breaker *chat;
	const struct rcd_blob_store *blobs;
	struct rcd_memory_size size; /* of the prompt's window */
	/* Something the operator should read; may be NULL. */
	void (*note)(void *arg, int64_t turn_id, const char *text);
	void *note_arg;
};

/* A job of kind RCD_JOB_SUMMARY, from its claim to its end: the turns that the window is about to
 * leave behind go into the contact's summary, and what they say of the contact into its facts. A
 * fact counts when the contact has said the sentence it is said to come from. Asks the chat model
 * once; its words pass the filter of answers. -1: RCD_PROTO for an answer that is none; the other
 * codes of rcd_openai_chat; RCD_CANCELLED: somebody else has the job. */
int rcd_memory_summarise(const struct rcd_memory_env *env, const struct rcd_job *job,
                         struct rcd_err *err);

/* Forgets a contact: its files, what OpenAI keeps of it, its rows, and the words of all these in
 * the store's own files. Of env the store and the media are needed; without an HTTP client, or
 * where OpenAI cannot be reached, its conversations stay there, and env's note says so. Blocks on
 * the network. RCD_BUSY, RCD_LIMIT: the rows are gone, but their words may be in the database's
 * files still (rcd_db_scrub). -1 otherwise: not done, or not wholly; doing it again goes on. */
int rcd_memory_forget(const struct rcd_memory_env *env, const struct rcd_forget *what,
                      struct rcd_err *err);

/* Where a store that came back from a backup knows somebody who was forgotten: once more. */
int rcd_memory_forget_again(const struct rcd_memory_env *env, int64_t tenant, int *n,
                            struct rcd_err *err);

#endif
