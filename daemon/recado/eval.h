#ifndef RCD_CMD_EVAL_H
#define RCD_CMD_EVAL_H

#include "base/cancel.h"
#include "daemon/eval/script.h"
#include "daemon/recado/cmd.h"

/* recado eval: cmd_eval.c reads what is wanted, eval_choose.c chooses the cases, eval_run.c talks,
 * eval_show.c prints. */

#define RCD_EVAL_JOBS 8
#define RCD_EVAL_REPEAT 100

/* Given by one option, several times. */
#define RCD_EVAL_WORDS 16
struct rcd_eval_words {
	const char *word[RCD_EVAL_WORDS];
	int n;
};

struct rcd_eval_plan {
	const struct rcd_cli *cli;
	const char *file;
	const struct rcd_conf *conf;
	struct rcd_db *from; /* NULL: there is no store yet */
	struct rcd_eval *script;
	struct rcd_eval_words only, skip; /* none: all, none */
	bool *wanted;                     /* by case: --only means it */
	size_t columns;                   /* of the longest name that is */
	const char *route, *persona;      /* NULL: as configured */
	int jobs, repeat;
	int need; /* of a hundred runs, how many must pass */
	struct rcd_cancel *stop;
};

/* Fills wanted and columns; how many cases are wanted, -1: no memory. */
int rcd_eval_choose(struct rcd_eval_plan *p);
/* Why it is left out, into why; "": it is run. */
#define RCD_EVAL_WHY 128
void rcd_eval_left_out(const struct rcd_eval_plan *p, const struct rcd_eval_case *c,
                       char why[RCD_EVAL_WHY]);

/* The outcome of a case is what --json prints of it, see recado-eval(5). */

/* Called for each wanted case in the order of the file, once it and those before it are
 * finished; outcome is borrowed. */
typedef void rcd_eval_told_fn(void *arg, const json_t *outcome);
/* Progress: finished cases of all, and the name of one. */
typedef void rcd_eval_far_fn(void *arg, size_t done, size_t all, const char *name);

struct rcd_eval_watch {
	rcd_eval_told_fn *told;
	rcd_eval_far_fn *far; /* may be NULL */
	void *arg;
};

/* Runs all that are wanted; an array of outcomes, the caller's. RCD_CANCELLED when it was stopped:
 * the array holds what was done by then. */
int rcd_eval_run(const struct rcd_eval_plan *p, const struct rcd_eval_watch *w, json_t **outcomes,
                 struct rcd_err *err);

/* What is printed, to standard output. */
void rcd_eval_list(const struct rcd_eval_plan *p);
/* seen: an object whose keys are the notes that were shown already; it gets those of this one. */
void rcd_eval_show_case(const struct rcd_eval_plan *p, const json_t *outcome, json_t *seen);
/* The sums: {"passed", "failed", "skipped", "turns", "ms", "cost"}. */
json_t *rcd_eval_sums(const json_t *outcomes);
void rcd_eval_show_sums(const json_t *sums);

#endif
