#ifndef RCD_OPTIONS_H
#define RCD_OPTIONS_H

#include "base/err.h"
#include "base/sv.h"

#include <stdbool.h>
#include <stddef.h>

/* Every setting there is, in one table. The reader, `-T`, the default file and the test of
 * recado.conf(5) all go by it. */

#ifndef RCD_SYSCONFDIR
#define RCD_SYSCONFDIR "/etc"
#endif
#ifndef RCD_LOCALSTATEDIR
#define RCD_LOCALSTATEDIR "/var"
#endif

enum rcd_opt_type {
	RCD_OPT_INT,
	RCD_OPT_REAL,
	RCD_OPT_BOOL,
	RCD_OPT_STR,  /* one line, printable */
	RCD_OPT_TEXT, /* may have several lines */
	RCD_OPT_ID,   /* letters, digits, "-" and "_": it becomes a part of a URL */
	RCD_OPT_WORD, /* one of words; the field holds the word */
	RCD_OPT_ENUM, /* one of words; the field holds its number, counted from first */
	RCD_OPT_PATH,
	RCD_OPT_URL,
	RCD_OPT_LIST,   /* of strings */
	RCD_OPT_GROUPS, /* of groups of plain values; the field holds a json_t array of objects */
	RCD_OPT_ROUTES, /* of groups, see struct rcd_route */
};

#define RCD_NO_FIELD ((size_t)-1)

struct rcd_option {
	const char *name; /* "web.threads": in the file, threads in the group web */
	enum rcd_opt_type type;
	double min, max;  /* of a number; otherwise of the length in bytes, min 1: not "" */
	const char *def;  /* as text, see rcd_setting_text() */
	const char *unit; /* NULL: none */
	const char *env;  /* the variable that wins over the file, NULL: none */
	const char *const *words;
	int first;
	size_t at;        /* of the field in struct rcd_conf, or RCD_NO_FIELD */
	const char *help; /* one sentence */
};

extern const struct rcd_option rcd_options[]; /* groups stand together */
extern const size_t rcd_n_options;

/* A secret is never in the file: it comes from the environment, $CREDENTIALS_DIRECTORY/name
 * or secrets_dir/name. */
struct rcd_secret_option {
	const char *name;    /* of its file */
	const char *setting; /* as somebody might write it in recado.conf */
	const char *env;
	size_t at;
	const char *help;
};
#define RCD_N_SECRETS 7
extern const struct rcd_secret_option rcd_secrets[RCD_N_SECRETS];

/* Index in rcd_options; -1: no such setting. */
int rcd_option_find(const char *name);
bool rcd_option_is_group(const char *name);
/* The name of a setting that looks most like it, misplaced ones included. Never NULL. */
const char *rcd_option_nearest(const char *name);
/* Among n words, likewise. */
const char *rcd_nearest_word(const char *name, const char *const *words, size_t n);
/* The secret that a setting of this name would hold, NULL for none. */
const struct rcd_secret_option *rcd_secret_find(const char *name);

/* "a whole number from 1 to 512": for errors, the file and the manual. Gives out. */
#define RCD_ALLOWED_N 192
const char *rcd_option_allowed(const struct rcd_option *o, char out[RCD_ALLOWED_N]);

#endif
