#ifndef RCD_T_FCGI_H
#define RCD_T_FCGI_H

#include "base/buf.h"

/* The web server's side of FastCGI, as small as it can be: one request on one connection to
 * a unix socket, and its whole answer. */

/* A listening socket on a path, non-blocking; -1. */
int t_fcgi_listen(const char *path);
/* Appends one request. params: name, value, name, value …, NULL. */
void t_fcgi_request(struct rcd_buf *out, const char *const *params, struct rcd_sv body);
/* Connects, writes bytes and closes our half; the socket, or -1. */
int t_fcgi_send(const char *path, struct rcd_sv bytes);
/* Reads the answer to its end and keeps what the program wrote (head and body). */
int t_fcgi_answer(int fd, struct rcd_buf *out);

#endif
