#ifndef RCD_ERR_H
#define RCD_ERR_H

#include <stdbool.h>

/* Errors of the library: a function that fails returns -1 and fills the struct rcd_err of its
 * caller. That is never NULL: a caller that reads no error passes RCD_UNREAD_ERR. The text is lower
 * case, names the object and the limit, and never holds a secret or a customer's words. */

enum rcd_code {
	RCD_OK,
	RCD_NOMEM,     /* an allocation failed */
	RCD_INVAL,     /* the caller's input is wrong: a bad setting, a bad argument */
	RCD_PROTO,     /* a peer's bytes are not what the protocol says */
	RCD_IO,        /* the operating system refused: see sys */
	RCD_BUSY,      /* held by someone else: retry later */
	RCD_TIMEOUT,   /* the deadline passed */
	RCD_DENIED,    /* refused for our credentials or its target: do not retry */
	RCD_LIMIT,     /* above a maximum */
	RCD_NOENT,     /* does not exist */
	RCD_EXISTS,    /* exists already */
	RCD_CANCELLED, /* cancelled by our own side */
	RCD_DOWN,      /* a peer is unreachable or answers 5xx/429: retry later */
	RCD_N_CODES
};

/* What a refusal says about our account at that peer. A refused key or an empty account fails every
 * call until the operator mends it. */
enum rcd_account_fault {
	RCD_ACCOUNT_FINE,  /* nothing */
	RCD_ACCOUNT_KEY,   /* the key or its permissions are refused */
	RCD_ACCOUNT_QUOTA, /* no credit is left, or the account is suspended */
	RCD_N_ACCOUNT_FAULTS
};

struct rcd_err {
	enum rcd_code code;
	int sys;         /* errno, HTTP status or vendor code; 0 for none */
	int retry_after; /* seconds that a peer asked us to wait; 0 for none */
	char msg[192];
	enum rcd_account_fault account;
	bool for_good; /* permanent: a retry with the same input fails the same way */
};

/* A place for an error that nobody reads; it lives until the end of the caller's block. */
#define RCD_UNREAD_ERR (&(struct rcd_err){0})

/* Fills err and returns -1. */
int rcd_fail(struct rcd_err *err, enum rcd_code code, int sys, const char *fmt, ...)
	__attribute__((format(printf, 4, 5), nonnull(1), cold));

/* The same with the text of errno appended. */
int rcd_fail_errno(struct rcd_err *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3), nonnull(1), cold));

int rcd_fail_nomem(struct rcd_err *err) __attribute__((nonnull, cold));

/* Marks an error that was just filled as permanent; returns -1. Only for what our own input makes
 * impossible, never for a refusal by a peer or the store. */
int rcd_fail_for_good(struct rcd_err *err) __attribute__((nonnull, cold));

/* "timeout", "denied" …: for logs and JSON. Never NULL. */
const char *rcd_code_name(enum rcd_code code);

#endif
