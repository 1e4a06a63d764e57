#ifndef RCD_CONF_PARTS_H
#define RCD_CONF_PARTS_H

#include "daemon/setting.h"

/* What the files conf*.c share while a configuration is being built. */

struct rcd_conf_own {                 /* behind rcd_conf.own */
	char *secret_from[RCD_N_SECRETS]; /* NULL: not set */
	struct rcd_setting set[];         /* one per row of rcd_options */
};

struct rcd_load {
	struct rcd_conf *conf; /* file and dir are there from the beginning */
	struct rcd_conf_own *own;
	rcd_conf_note_fn *note;
	void *arg;
	int errors;
};

/* where (may be NULL) and the text become one note: "where: text". */
void rcd_load_error(struct rcd_load *l, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void rcd_load_warn(struct rcd_load *l, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* What became of a rcd_setting_* call for option i: its error is noted, or where is kept. */
void rcd_load_done(struct rcd_load *l, size_t i, const char *where, int rc,
                   const struct rcd_err *err);
/* The setting of that name, which must exist. */
struct rcd_setting *rcd_load_get(struct rcd_load *l, const char *name);

/* Finds what libconfig 1.5 would swallow or die of: numbers that wrap, texts and comments
 * without an end, control bytes, bytes that are not UTF-8, @include. */
int rcd_conf_scan(struct rcd_sv text, int *line, struct rcd_err *err);

void rcd_load_env(struct rcd_load *l);
/* After secrets_dir has become a path. */
void rcd_load_secrets(struct rcd_load *l);

/* Takes paths from where they count, makes URLs and numbers normal, and judges the whole. */
void rcd_conf_check(struct rcd_load *l);
/* Puts the values into the fields of l->conf; nothing can fail any more. */
void rcd_conf_fill(struct rcd_load *l);

#endif
