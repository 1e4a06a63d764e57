/* Which instance a command means: --dir, -c or the installed one, and its configuration. */

#include "daemon/recado/cmd.h"

#include "daemon/place.h"
#include "daemon/recado/up.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void rcd_cli_errors(void *arg, bool error, const char *text)
{
	(void)arg;
	if (error)
		fprintf(stderr, "%s\n", text);
}

/* "DIR/recado.conf" or the file named; false after having said why not. */
static bool find_conf_file(const struct rcd_cli *cli, char *out, size_t n)
{
	struct rcd_err err;
	int len;

	if (cli->dir != NULL && cli->file != NULL) {
		rcd_cli_fail(cli, "--dir and -c are two ways to say one thing: give one");
		return false;
	}
	if (cli->dir == NULL && cli->file == NULL) {
		if (rcd_place_conf(out, n, &err) == 0)
			return true;
		rcd_cli_fail(cli, "%s", err.msg);
		return false;
	}
	len = cli->dir ? snprintf(out, n, "%s/" RCD_UP_CONF, cli->dir)
	               : snprintf(out, n, "%s", cli->file);
	if (len >= 0 && (size_t)len < n)
		return true;
	rcd_cli_fail(cli, "the path is too long");
	return false;
}

struct rcd_conf *rcd_cli_conf(const struct rcd_cli *cli)
{
	struct rcd_up_set set;
	struct rcd_conf *conf = NULL;
	char file[PATH_MAX];

	if (!find_conf_file(cli, file, sizeof(file)))
		return NULL;
	rcd_up_set(&set, 0);
	if (rcd_conf_load(&conf, file, cli->dir ? set.list : NULL, rcd_cli_errors, NULL))
		return NULL;
	return conf;
}

static int open_store(const struct rcd_cli *cli, struct rcd_conf **conf, struct rcd_db **db)
{
	struct rcd_db_conf how = {.readers = 1};
	struct rcd_err err;

	how.url = (*conf)->database_url;
	if (rcd_db_open(db, &how, &err) == 0)
		return RCD_EXIT_OK;
	*conf = rcd_conf_free(*conf);
	return rcd_cli_fail(cli, "%s", err.msg);
}

int rcd_cli_store(const struct rcd_cli *cli, struct rcd_conf **conf, struct rcd_db **db)
{
	*conf = rcd_cli_conf(cli);
	return *conf != NULL ? open_store(cli, conf, db) : RCD_EXIT_CONF;
}

int rcd_cli_store_if_any(const struct rcd_cli *cli, struct rcd_conf **conf, struct rcd_db **db)
{
	char *path;
	bool none;

	*db = NULL;
	*conf = rcd_cli_conf(cli);
	if (*conf == NULL)
		return RCD_EXIT_CONF;
	path = rcd_db_on_server((*conf)->database_url)
	           ? NULL
	           : rcd_db_path((*conf)->database_url, RCD_UNREAD_ERR);
	none = path != NULL && access(path, F_OK) != 0 && errno == ENOENT;
	free(path);
	return none ? RCD_EXIT_OK : open_store(cli, conf, db);
}
