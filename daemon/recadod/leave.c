#include "daemon/recadod/web.h"

#include <stdatomic.h>
#include <sys/eventfd.h>

void rcd_web_leave(struct rcd_web *web, _Atomic int *count)
{
	int fd = web->gone_fd;

	atomic_fetch_sub(count, 1);
	(void)eventfd_write(fd, 1);
}
