#ifndef RCD_ERR_H
#define RCD_ERR_H

#include <stdbool.h>

/* How a function of the library says what went wrong: it returns -1 and, when the
 * caller gave a place for it, fills one of these. The text is lower case, names the
 * object and the limit, and never holds a secret or what a customer wrote. */

enum rcd_code {
	RCD_OK,
	RCD_NOMEM,     /* an allocation failed */
	RCD_INVAL,     /* the caller's input is wrong: a bad setting, a bad argument */
	RCD_PROTO,     /* a peer's bytes are not what the protocol says */
	RCD_IO,        /* the operating system said no: see sys */
	RCD_BUSY,      /* somebody else holds it now: again later */
	RCD_TIMEOUT,   /* the deadline passed */
	RCD_DENIED,    /* refused for who we are or where it points: not again */
	RCD_LIMIT,     /* larger or longer than we take */
	RCD_NOENT,     /* not there */
	RCD_EXISTS,    /* there already */
	RCD_CANCELLED, /* given up by our own side */
	RCD_DOWN,      /* a peer cannot be reached or answers 5xx/429: again later */
	RCD_N_CODES
};

/* What a peer's refusal says of our account there, whatever its code: a refused key and an empty
 * account stop every call, and only the operator can mend them. */
enum rcd_account_fault {
	RCD_ACCOUNT_FINE,  /* nothing is said */
	RCD_ACCOUNT_KEY,   /* the key, or what it may do, is refused */
	RCD_ACCOUNT_QUOTA, /* no credit is left, or the account is suspended */
	RCD_N_ACCOUNT_FAULTS
};

struct rcd_err {
	enum rcd_code code;
	int sys;         /* errno, HTTP status or vendor code; 0 for none */
	int retry_after; /* seconds a peer asked us to wait; 0 for none said */
	char msg[192];
	enum rcd_account_fault account;
	bool for_good; /* the same input fails the same, whoever tries it again and when */
};

/* Fills err (may be NULL) and returns -1. */
int rcd_fail(struct rcd_err *err, enum rcd_code code, int sys, const char *fmt, ...)
	__attribute__((format(printf, 4, 5), cold));

/* The same with errno's text behind the message. */
int rcd_fail_errno(struct rcd_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), cold));

int rcd_fail_nomem(struct rcd_err *err) __attribute__((cold));

/* Says of an error that was just filled that it is one for good; -1. For what our own input makes
 * impossible, never for what a peer or the store says today. */
int rcd_fail_for_good(struct rcd_err *err) __attribute__((cold));

/* "timeout", "denied" …: for logs and JSON. Never NULL. */
const char *rcd_code_name(enum rcd_code code);

#endif
