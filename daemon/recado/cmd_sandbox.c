/* recado sandbox: runs recado-sandbox in the place of this process. */

#include "daemon/recado/cmd.h"

#include "daemon/place.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

int rcd_cmd_sandbox(struct rcd_cli *cli, int argc, char **argv)
{
	char path[PATH_MAX];
	struct rcd_err err;

	(void)argc;
	if (rcd_place_sandbox(path, sizeof(path), &err) != 0)
		return rcd_cli_fail(cli, "%s", err.msg);
	argv[0] = path;
	(void)execv(path, argv);
	return rcd_cli_fail(cli, "cannot run %s: %s", path, strerror(errno));
}
