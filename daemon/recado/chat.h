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
	bool prompt;                 /* somebody types */
	bool screen;                 /* and reads: words are shown as they come */
	bool voice;                  /* every answer is spoken */
	bool failed, over;           /* something could not be done; /quit */
	char *persona;               /* that was switched to; NULL: the instance's */
	struct rcd_talk_answer last; /* steps NULL: nothing was answered yet */
	int64_t began_ms;            /* the command */
	struct rcd_buf shown;        /* of the answer that comes */
};

/* A line that begins with one "/". */
void rcd_chat_word(struct rcd_chat *c, struct rcd_sv line);
/* The last answer's spoken form as a new file in the working folder; NULL after having said why
 * not. The caller's. */
char *rcd_chat_voice(struct rcd_chat *c);

/* Everything that is known of the last answer, for people. */
void rcd_chat_why(struct rcd_chat *c);
/* And as one JSON object, with what was said (may be absent) and the file of its voice (may be
 * NULL). */
json_t *rcd_chat_json(const struct rcd_chat *c, struct rcd_sv said, const char *voice);

/* Text from elsewhere: a terminal is not to obey it. */
void rcd_chat_print(const struct rcd_chat *c, struct rcd_sv text);
/* take as one line of JSON. */
void rcd_chat_line(struct rcd_chat *c, json_t *take);
/* What could not be done, to standard error, or with --json as an object. */
void rcd_chat_fail(struct rcd_chat *c, const char *what, ...) __attribute__((format(printf, 2, 3)));

#endif
