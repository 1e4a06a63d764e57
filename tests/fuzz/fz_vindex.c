#include "base/file.h"
#include "knowledge/vindex_int.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* Makes the sums right as far as the header lets us, so that what is behind them is reached. */
static void repair(char *file, size_t n)
{
	struct vindex_header h;
	struct vindex_layout l;

	if (n < VINDEX_HEADER)
		return;
	memcpy(&h, file, sizeof(h));
	memcpy(h.magic, VINDEX_MAGIC, sizeof(VINDEX_MAGIC));
	if (vindex_layout(h.about.dimensions, h.room, &l, RCD_UNREAD_ERR) == 0 && l.bytes == n &&
	    h.about.rows <= h.room)
		for (int s = 0; s < N_SECS; s++)
			h.sum[s] = vindex_sum(0, file + l.at[s], ((size_t)h.about.rows * l.row[s] + 7) / 8 * 8);
	h.self = vindex_sum(0, &h, offsetof(struct vindex_header, self));
	memcpy(file, &h, sizeof(h));
}

/* The first byte: as it is, or repaired. Nothing that a file holds may lead outside it. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static float query[RCD_MAX_DIMENSIONS] = {0.5f, -0.25f};
	static char path[64];
	struct rcd_near near[RCD_MAX_NEAR];
	struct rcd_vindex *v = NULL;
	size_t found = 0;
	char *file;

	if (n == 0 || (file = malloc(n)) == NULL)
		return 0;
	if (path[0] == '\0')
		(void)snprintf(path, sizeof(path), "/dev/shm/fz_vindex.%d", (int)getpid());
	memcpy(file, p + 1, n - 1);
	if (p[0] % 2 == 1)
		repair(file, n - 1);
	if (rcd_file_write(path, (struct rcd_sv){file, n - 1}, 0600, RCD_UNREAD_ERR) == 0 &&
	    rcd_vindex_open(&v, path, RCD_UNREAD_ERR) == 0 &&
	    rcd_vindex_search(v, query, RCD_MAX_NEAR, near, &found, RCD_UNREAD_ERR) == 0 &&
	    (found > RCD_MAX_NEAR || found > rcd_vindex_about(v)->rows))
		abort();
	rcd_vindex_close(v);
	(void)unlink(path);
	free(file);
	return 0;
}
