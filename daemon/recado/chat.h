#ifndef RCD_CHAT_H
#define RCD_CHAT_H

#include "daemon/recado/cmd.h"
#include "daemon/recado/talk.h"

/* recado chat: cmd_chat.c has the conversation, chat_word.c what begins with "/", chat_why.c what
 * is known of an answer, chat_print.c how anything is printed. */

struct rcd_chat {
	const struct rcd_cli *cli;
	struct rcd_conf *conf;
	struct rcd_talk *talk;
	bool prompt;       /* somebody types */
	bool screen;       /* and reads: words are printed as they arrive */
	bool voice;        /* every answer is spoken */
	bool failed, over; /* something could not be done; /quit */
	char *persona;     /* the folder that /persona switched to; NULL: the one of the instance */
	struct rcd_talk_answer last; /* steps NULL: nothing was answered yet */
	int64_t began_ms;            /* the command */
	struct rcd_buf shown;        /* of the answer that comes */
};

/* A line that begins with one "/". */
void rcd_chat_word(struct rcd_chat *c, struct rcd_sv line);
/* Writes the last answer as speech into a new file in the working folder. The path is the
 * caller's; NULL after printing why not. */
char *rcd_chat_voice(struct rcd_chat *c);

/* Prints the diagnosis of the last answer. */
void rcd_chat_why(struct rcd_chat *c);
/* The same as a JSON object, with the input (may be absent) and the path of the voice note (may
 * be NULL). */
json_t *rcd_chat_json(const struct rcd_chat *c, struct rcd_sv said, const char *voice);

/* Prints untrusted text: control characters are escaped on a terminal. */
void rcd_chat_print(const struct rcd_chat *c, struct rcd_sv text);
/* take as one line of JSON. */
void rcd_chat_line(struct rcd_chat *c, json_t *take);
/* Reports an error: to standard error, or as an object with --json. */
void rcd_chat_fail(struct rcd_chat *c, const char *what, ...) __attribute__((format(printf, 2, 3)));

#endif
