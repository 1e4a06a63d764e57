#include "daemon/modes.h"

#include "daemon/log.h"
#include "store/db.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define OTHERS (S_IRWXO)

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

void rcd_modes_init(void)
{
	const struct rlimit none = {0, 0};
	mode_t mask = umask(0);

	(void)umask(mask | S_IWGRP | OTHERS);
	(void)setrlimit(RLIMIT_CORE, &none);
	if (!SANITIZED)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* By descriptor, so that a name that changes meanwhile mends nothing else; never through a link. */
static void mend_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & OTHERS) != 0) {
		if (fchmod(fd, st.st_mode & 07777 & ~(mode_t)OTHERS) == 0)
			rcd_log(RCD_NOTICE, "store_mode_mended path=%s mode=%04o: others could read it", path,
			        (unsigned)(st.st_mode & 07777));
		else
			rcd_log(
				RCD_ERROR,
				"store_mode_open path=%s mode=%04o: others can read it, and it cannot be changed "
				"(%m); "
				"chmod o= it as its owner",
				path, (unsigned)(st.st_mode & 07777));
	}
	(void)close(fd);
}

void rcd_modes_mend_store(const char *database_url)
{
	static const char *const tail[] = {"", "-wal", "-shm", "-lock"};
	char *path = rcd_db_on_server(database_url) ? NULL : rcd_db_path(database_url, RCD_UNREAD_ERR);

	for (size_t i = 0; path != NULL && i < sizeof(tail) / sizeof(tail[0]); i++) {
		char *name = NULL;

		if (asprintf(&name, "%s%s", path, tail[i]) >= 0)
			mend_file(name);
		free(name);
	}
	free(path);
}
