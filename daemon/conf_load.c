/* What every step of building a configuration says and asks. */

#include "daemon/conf_parts.h"

#include <stdarg.h>
#include <stdio.h>

#define MAX_PLACE 4200 /* a path, a colon, a line */

static __attribute__((format(printf, 4, 0))) void log_note(struct rcd_load *l, bool error,
                                                           const char *where, const char *fmt,
                                                           va_list ap)
{
	struct rcd_buf b;
	char text[512];

	(void)vsnprintf(text, sizeof(text), fmt, ap);
	l->errors += error;
	if (l->note == NULL)
		return;
	rcd_buf_init(&b, MAX_PLACE + sizeof(text));
	if (where != NULL)
		rcd_buf_fmt(&b, "%s: ", where);
	rcd_buf_str(&b, text);
	l->note(l->arg, error, b.bad ? text : b.p);
	rcd_buf_free(&b);
}

void rcd_load_error(struct rcd_load *l, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_note(l, true, where, fmt, ap);
	va_end(ap);
}

void rcd_load_warn(struct rcd_load *l, const char *where, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_note(l, false, where, fmt, ap);
	va_end(ap);
}

void rcd_load_done(struct rcd_load *l, size_t i, const char *where, int rc,
                   const struct rcd_err *err)
{
	struct rcd_err e = {0};

	if (rc != 0)
		rcd_load_error(l, where, "%s: %s", rcd_options[i].name, err->msg);
	else if (rcd_setting_where(&l->own->set[i], where, &e) != 0)
		rcd_load_error(l, where, "%s", e.msg);
}

struct rcd_setting *rcd_load_get(struct rcd_load *l, const char *name)
{
	return &l->own->set[rcd_option_find(name)];
}
