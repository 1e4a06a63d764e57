#ifndef RCD_UP_H
#define RCD_UP_H

#include "base/buf.h"
#include "base/err.h"
#include "daemon/conf.h"

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* `recado up`: one instance in one folder. cmd_up.c prepares and runs it; beside it
 *   up_folder.c  what the folder holds and the two sockets' addresses
 *   up_owner.c   whose the folder is, for root
 *   up_nginx.c   nginx.conf
 *   up_child.c   starts, restarts and reaps nginx and recadod
 *   up_log.c     recadod's messages to log/recadod.log, the grave ones to the terminal
 *   up_probe.c   asks /health
 * After rcd_up_enter everything is relative to the folder, which is the working directory of
 * all processes: so its path may be of any length and hold any character. */

#define RCD_UP_CONF "recado.conf"
#define RCD_UP_SOCKET "run/recado.sock"
#define RCD_UP_NGINX_CONF "run/nginx.conf"
#define RCD_UP_NGINX_LOG "log/nginx.log"
#define RCD_UP_LOG "log/recadod.log"
#define RCD_UP_AUDIO "static/audio"

/* The settings that keep all of an instance in its folder, as recadod's -s takes them; "?=":
 * only where the file says nothing. port 0: not known. */
struct rcd_up_set {
	char public_url[64];
	const char *list[4]; /* ends with NULL */
};
void rcd_up_set(struct rcd_up_set *set, int port);

/* As root: RCD_DENIED where somebody else owns, or may change, a folder on the way to dir; and
 * likewise what the working directory holds of an instance. Both do nothing for other users. */
int rcd_up_check_way(const char *dir, struct rcd_err *err);
int rcd_up_check_parts(struct rcd_err *err);
/* Creates the folder and what it holds, changes into it and takes its lock (*lock_fd, held until
 * closed). RCD_BUSY when another `recado up` runs there. */
int rcd_up_enter(const char *dir, int *lock_fd, struct rcd_err *err);
/* recado.conf, persona/ and knowledge/ where they are not there yet. */
int rcd_up_fill(struct rcd_err *err);
/* Listens on RCD_UP_SOCKET. */
int rcd_up_listen(int *fd, struct rcd_err *err);
/* RCD_BUSY while something else listens on 127.0.0.1:port. */
int rcd_up_port_free(int port, struct rcd_err *err);

/* Writes nginx.conf and the rules it includes, those for an object store too when conf has one. */
int rcd_up_nginx_conf(int port, const struct rcd_conf *conf, bool root, struct rcd_err *err);

struct rcd_up_child {
	const char *name;
	const char *const *argv;
	int listen_fd; /* handed on as fd 3 by systemd's protocol; -1: none */
	int log_fd;    /* becomes its standard error; -1: ours */
	bool secrets;  /* keeps the settings in the environment */
	pid_t pid;     /* also its process group; 0: not running */
	int64_t started_ms;
	int64_t start_at_ms; /* when to start it; 0: not to be started */
	int quick_deaths;    /* in a row, each within a second of its start */
};

int rcd_up_start(struct rcd_up_child *c, struct rcd_err *err);
/* Handles the end of its process: schedules the restart. RCD_DOWN when a restart is pointless. */
int rcd_up_reap(struct rcd_up_child *c, int status, bool was_ready, struct rcd_err *err);
/* Ends orphans of dead children; blocks for at most a few seconds. */
void rcd_up_end_orphans(void);

#define RCD_UP_LOG_MAX (16 * 1024 * 1024) /* when a log file is put aside, and */
#define RCD_UP_LOG_KEEP 4                 /* how many of them are kept (.1 is the latest) */

struct rcd_up_log {
	int read_fd, write_fd, file_fd;
	off_t size; /* of the file */
	size_t n;
	char line[4096];
};

int rcd_up_log_open(struct rcd_up_log *log, struct rcd_err *err);
/* Takes what has come in. */
void rcd_up_log_relay(struct rcd_up_log *log);
/* Rotates nginx's log when it is large; true: nginx must reopen it (SIGUSR1). */
bool rcd_up_log_rotate_nginx(void);
void rcd_up_log_close(struct rcd_up_log *log); /* half-open is fine, if zeroed to -1 */

/* GET /health on its own connection. *fd: the one under way, -1 for none. */
int rcd_up_probe_start(int port, int *fd);
/* The answer's status, 0 when it is not complete, -1 when it failed. Closes *fd unless 0. */
int rcd_up_probe_read(int *fd);

#endif
