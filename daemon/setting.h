#ifndef RCD_SETTING_H
#define RCD_SETTING_H

#include "daemon/conf.h"
#include "daemon/options.h"

/* The value of one setting, checked against its row of the table. Which members count goes
 * by the type. The functions replace the value only when the new one is good. */
struct rcd_setting {
	char *where;    /* "/etc/recado/recado.conf:12", "$PUBLIC_URL"; NULL: the default */
	int64_t i;      /* INT, BOOL, ENUM (the word's index) */
	double r;       /* REAL */
	char *str;      /* STR, TEXT, ID, WORD, PATH, URL */
	char **list;    /* LIST, NULL-terminated */
	json_t *groups; /* GROUPS; NULL: none */
	struct rcd_route *route;
	size_t n_routes;
};

/* "must be a whole number from 1 to 64": RCD_INVAL. */
int rcd_setting_must_be(const struct rcd_option *o, struct rcd_err *err);

int rcd_setting_int(const struct rcd_option *o, int64_t v, struct rcd_setting *s,
                    struct rcd_err *err); /* REAL takes one too */
int rcd_setting_real(const struct rcd_option *o, double v, struct rcd_setting *s,
                     struct rcd_err *err);
int rcd_setting_bool(const struct rcd_option *o, bool v, struct rcd_setting *s,
                     struct rcd_err *err);
int rcd_setting_str(const struct rcd_option *o, struct rcd_sv v, struct rcd_setting *s,
                    struct rcd_err *err);
int rcd_setting_list(const struct rcd_option *o, const struct rcd_sv *v, size_t n,
                     struct rcd_setting *s, struct rcd_err *err);
/* An array of objects, taken over. */
int rcd_setting_groups(const struct rcd_option *o, json_t *take, struct rcd_setting *s,
                       struct rcd_err *err);
/* path is copied. */
int rcd_setting_routes(const struct rcd_option *o, const struct rcd_route *v, size_t n,
                       struct rcd_setting *s, struct rcd_err *err);

/* One rung more; RCD_INVAL for a name that is none, or there already. */
int rcd_ladder_add(struct rcd_ladder *l, struct rcd_sv name, struct rcd_err *err);

/* A path is matched byte by byte and is part of a signed URL: nothing in it may have a second
 * spelling. */
int rcd_route_check(const char *path, struct rcd_err *err);

/* From one text, as defaults, overrides and the environment write it: "12", "true", "a,b";
 * routes as "/path:rest:deprecated:text=chat+assistant,…". */
int rcd_setting_text(const struct rcd_option *o, struct rcd_sv text, struct rcd_setting *s,
                     struct rcd_err *err);

int rcd_setting_where(struct rcd_setting *s, const char *where, struct rcd_err *err);
void rcd_setting_free(struct rcd_setting *s);

/* {"rest", "twiml"}: indexed by rcd_route.twiml. */
extern const char *const rcd_reply_name[2];
#define RCD_MAX_ROUTES 32

#endif
