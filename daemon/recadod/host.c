#include "daemon/recadod/host.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void mix_hash(uint64_t *h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*h = (*h ^ (unsigned char)p[i]) * 0x100000001b3u; /* FNV-1a */
}

int64_t rcd_host_number(const char *state_dir)
{
	char id[64] = "", name[256] = "";
	char *real = realpath(state_dir, NULL);
	int fd = open("/etc/machine-id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, id, sizeof(id)) : 0;
	uint64_t h = 0xcbf29ce484222325u;

	if (fd >= 0)
		(void)close(fd);
	(void)gethostname(name, sizeof(name) - 1);
	mix_hash(&h, id, n > 0 ? (size_t)n : 0);
	mix_hash(&h, name, strlen(name) + 1);
	mix_hash(&h, real != NULL ? real : state_dir, strlen(real != NULL ? real : state_dir));
	free(real);
	return (int64_t)(h % (INT32_MAX - 1)) + 1;
}
