#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static __attribute__((format(printf, 4, 0))) void fill_err(struct rcd_err *err, enum rcd_code code,
                                                           int sys, const char *fmt, va_list ap)
{
	err->code = code;
	err->sys = sys;
	err->retry_after = 0;
	err->account = RCD_ACCOUNT_FINE;
	err->for_good = false;
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
}

int rcd_fail(struct rcd_err *err, enum rcd_code code, int sys, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill_err(err, code, sys, fmt, ap);
	va_end(ap);
	return -1;
}

static enum rcd_code code_of_errno(int sys)
{
	switch (sys) {
	case ENOMEM:
		return RCD_NOMEM;
	case ENOENT:
		return RCD_NOENT;
	default:
		return RCD_IO;
	}
}

int rcd_fail_errno(struct rcd_err *err, const char *fmt, ...)
{
	int sys = errno;
	char text[64];
	va_list ap;
	size_t n;

	va_start(ap, fmt);
	fill_err(err, code_of_errno(sys), sys, fmt, ap);
	va_end(ap);
	n = strlen(err->msg);
	(void)snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", strerror_r(sys, text, sizeof(text)));
	return -1;
}

int rcd_fail_nomem(struct rcd_err *err)
{
	return rcd_fail(err, RCD_NOMEM, 0, "out of memory");
}

int rcd_fail_for_good(struct rcd_err *err)
{
	err->for_good = true;
	return -1;
}

const char *rcd_code_name(enum rcd_code code)
{
	static const char *const name[RCD_N_CODES] = {
		[RCD_OK] = "ok",           [RCD_NOMEM] = "nomem",   [RCD_INVAL] = "invalid",
		[RCD_PROTO] = "protocol",  [RCD_IO] = "io",         [RCD_BUSY] = "busy",
		[RCD_TIMEOUT] = "timeout", [RCD_DENIED] = "denied", [RCD_LIMIT] = "limit",
		[RCD_NOENT] = "not found", [RCD_EXISTS] = "exists", [RCD_CANCELLED] = "cancelled",
		[RCD_DOWN] = "down",
	};

	return code < RCD_N_CODES ? name[code] : "unknown";
}
