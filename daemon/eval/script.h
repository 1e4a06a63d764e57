#ifndef RCD_EVAL_SCRIPT_H
#define RCD_EVAL_SCRIPT_H

#include "base/err.h"
#include "base/json.h"
#include "base/sv.h"

/* Scripted conversations and what is expected of the answers, as recado-eval(5) says they are
 * written. */

enum rcd_expect_kind {
	RCD_MUST_SAY,
	RCD_MUST_NOT_SAY,
	RCD_MUST_WRITE,
	RCD_MUST_NOT_WRITE,
	RCD_MUST_CALL,
	RCD_MUST_NOT_CALL,
	RCD_MUST_CITE,
	RCD_MUST_NOT_CITE,
	RCD_EXPECT_LANGUAGE,
	RCD_EXPECT_LENGTH,
	RCD_EXPECT_WITHIN,
	RCD_EXPECT_RUNG,
	RCD_EXPECT_VOICE,
	RCD_EXPECT_HANDED_OVER,
	RCD_N_EXPECT_KINDS
};
extern const char *const rcd_expect_name[RCD_N_EXPECT_KINDS]; /* "must say" */

struct rcd_expect {
	enum rcd_expect_kind kind;
	int line;
	char *text;         /* what stands behind the colon */
	struct rcd_sv *any; /* the alternatives in it, views of text; of a call: the tool's name */
	size_t n_any;
	json_t *arguments; /* of a call; NULL: none are asked for */
	int64_t min, max;  /* LENGTH: characters, WITHIN: max in ms */
	bool yes;          /* HANDED_OVER, VOICE */
};

/* Some of rcd_eval.expect: those that stand between two other lines. */
struct rcd_expects {
	size_t from, n;
};

struct rcd_eval_turn {
	int line;
	char *said; /* by the customer */
	struct rcd_expects expects;
};

struct rcd_eval_case {
	int line;
	char *name;
	char *tags;                /* as they stand there; NULL: none */
	char *needs;               /* likewise */
	struct rcd_expects always; /* of each of its answers */
	size_t first_turn, n_turns;
};

struct rcd_eval {
	struct rcd_eval_case *cases;
	size_t n_cases;
	struct rcd_eval_turn *turns;
	size_t n_turns;
	struct rcd_expect *expect;
	size_t n_expect;
	struct rcd_expects always; /* of each answer in the file */
};

#define RCD_EVAL_CASES 2000
#define RCD_EVAL_TURNS 50    /* of one case */
#define RCD_EVAL_EXPECTS 100 /* behind one line */
#define RCD_EVAL_LINE 8192   /* bytes, with what goes on in the lines below */
#define RCD_EVAL_NAME 80     /* of a case, in characters */

/* Reads a whole script. *line is where it went wrong, 0 when that is nowhere. RCD_INVAL for what
 * does not belong there, RCD_LIMIT, RCD_NOMEM. */
int rcd_eval_read(struct rcd_eval **out, struct rcd_sv text, int *line, struct rcd_err *err);
struct rcd_eval *rcd_eval_free(struct rcd_eval *e); /* NULL-safe, returns NULL */

/* Takes the next of "a, b  c" off *rest; false at its end. */
bool rcd_eval_word(struct rcd_sv *rest, struct rcd_sv *word);
/* Is word one of them? Without regard to ASCII case. list may be NULL. */
bool rcd_eval_has_word(const char *list, struct rcd_sv word);

/* expect.c: fills all but line and text from e->text. */
int rcd_expect_read(struct rcd_expect *e, struct rcd_err *err);
void rcd_expect_done(struct rcd_expect *e);

#endif
