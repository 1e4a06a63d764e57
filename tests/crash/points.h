#ifndef TESTS_CRASH_POINTS_H
#define TESTS_CRASH_POINTS_H

/* Crash points. The V=crash build forces this header into every file of the library and of
 * recadod, so that the sources hold no trace of it and no other build contains it: the calls
 * below become the same calls with a point before and after. A point's name is
 *
 *     FILE.FUNCTION.CALL.before|after        history.rcd_history_answer.write.after
 *
 * CRASH_AT=NAME:NTH in the environment kills each process with SIGKILL at its own NTH pass.
 * CRASH_AT=@FILE maps a file that holds struct rcd_crash_aim: who counts it down to nothing
 * dies, one process in all, and the file may be aimed anew while everything runs.
 *
 * A file that defines one of these functions is built without the points (the Makefile finds
 * them): a macro cannot tell a definition from a call. */

#define RCD_CRASH_NAME 124

struct rcd_crash_aim {
	_Atomic int left;          /* passes until death; less than 1: spent */
	_Atomic int stops;         /* not 0: it stands still (SIGSTOP) instead of dying */
	char name[RCD_CRASH_NAME]; /* ends with NUL */
};

struct rcd_crash_point {
	const char *file, *func, *call, *when;
};

void rcd_crash_name(const struct rcd_crash_point *p, char out[RCD_CRASH_NAME]);
void rcd_crash_pass(const struct rcd_crash_point *p);

#ifndef RCD_NO_POINTS

#include "base/file.h"
#include "net/http.h"
#include "store/db.h"
#include "store/db_sqlite.h"
#include "store/wlock.h"

#include <stdio.h>
#include <unistd.h>

/* Every point is listed in the section rcd_crash, for tests/crash/list.c. */
#define RCD_POINT(call_, when_)                                                                    \
	do {                                                                                           \
		static const struct rcd_crash_point point_ = {__FILE_NAME__, __func__, call_, when_};      \
		static const struct rcd_crash_point *const listed_                                         \
			__attribute__((section("rcd_crash"), used)) = &point_;                                 \
		rcd_crash_pass(listed_);                                                                   \
	} while (0)

#define RCD_AROUND(call_, expr)                                                                    \
	({                                                                                             \
		RCD_POINT(call_, "before");                                                                \
		__typeof__(expr) result_ = (expr);                                                         \
		RCD_POINT(call_, "after");                                                                 \
		result_;                                                                                   \
	})

#define RCD_AROUND_VOID(call_, expr)                                                               \
	({                                                                                             \
		RCD_POINT(call_, "before");                                                                \
		(expr);                                                                                    \
		RCD_POINT(call_, "after");                                                                 \
	})

/* a macro does not expand within itself: the inner name is the function */
#define rcd_db_write(...) RCD_AROUND("write", rcd_db_write(__VA_ARGS__))
#define rcd_db_migrate(...) RCD_AROUND("migrate", rcd_db_migrate(__VA_ARGS__))
/* run, not committed */
#define rcd_sqlite_keep(...) RCD_AROUND("run", rcd_sqlite_keep(__VA_ARGS__))
#define rcd_sqlite_log_pages(...) RCD_AROUND("committed", rcd_sqlite_log_pages(__VA_ARGS__))
#define rcd_sqlite_checkpoint(...) RCD_AROUND("checkpoint", rcd_sqlite_checkpoint(__VA_ARGS__))
#define rcd_wlock_take(...) RCD_AROUND("lock", rcd_wlock_take(__VA_ARGS__))
#define rcd_http_do(...) RCD_AROUND("http", rcd_http_do(__VA_ARGS__))
#define rcd_http_begin(...) RCD_AROUND("http", rcd_http_begin(__VA_ARGS__))
#define fsync(...) RCD_AROUND("fsync", fsync(__VA_ARGS__))
#define rename(...) RCD_AROUND("rename", rename(__VA_ARGS__))
#define unlink(...) RCD_AROUND("unlink", unlink(__VA_ARGS__))
#define fork()                                                                                     \
	({                                                                                             \
		RCD_POINT("fork", "before");                                                               \
		pid_t pid_ = fork();                                                                       \
		if (pid_ == 0)                                                                             \
			RCD_POINT("fork", "child");                                                            \
		else                                                                                       \
			RCD_POINT("fork", "after");                                                            \
		pid_;                                                                                      \
	})

#ifdef RCD_DAEMON_POINTS

#include "daemon/recadod/child.h"
#include "daemon/recadod/req.h"

#define rcd_accept(...) RCD_AROUND("accept", rcd_accept(__VA_ARGS__))
#define rcd_reply(...) RCD_AROUND("reply", rcd_reply(__VA_ARGS__))
#define rcd_req_end(...) RCD_AROUND("end", rcd_req_end(__VA_ARGS__))
#define rcd_child_ready(...) RCD_AROUND_VOID("ready", rcd_child_ready(__VA_ARGS__))

#endif
#endif
#endif
