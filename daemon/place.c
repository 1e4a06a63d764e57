#include "daemon/place.h"

#include "base/sv.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* dir/name as a path of an existing thing (executable if asked). */
static bool is_there(char *out, size_t n, struct rcd_sv dir, const char *name, int mode)
{
	struct stat st;
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%.*s/%s", RCD_SV_ARG(dir), name);

	if (len < 0 || (size_t)len >= sizeof(path) || (size_t)len >= n || access(path, mode) != 0)
		return false;
	if (mode == X_OK && (stat(path, &st) != 0 || !S_ISREG(st.st_mode)))
		return false;
	memcpy(out, path, (size_t)len + 1);
	return true;
}

/* The folder of this program. */
static int find_home(char *out, size_t n, struct rcd_err *err)
{
	ssize_t len = readlink("/proc/self/exe", out, n - 1);
	char *slash;

	if (len < 0)
		return rcd_fail_errno(err, "cannot read /proc/self/exe");
	out[len] = '\0';
	slash = strrchr(out, '/');
	if (slash == NULL)
		return rcd_fail(err, RCD_NOENT, 0, "cannot tell where this program lies");
	*slash = '\0';
	return 0;
}

int rcd_place_recadod(char *out, size_t n, struct rcd_err *err)
{
	char dir[PATH_MAX];

	if (find_home(dir, sizeof(dir), err))
		return -1;
	if (is_there(out, n, rcd_sv(dir), "recadod", X_OK) ||
	    is_there(out, n, rcd_sv(dir), "../sbin/recadod", X_OK))
		return 0;
	return rcd_fail(err, RCD_NOENT, 0, "recadod is neither beside this program nor in ../sbin");
}

static int place_helper(const char *name, char *out, size_t n, struct rcd_err *err)
{
	char dir[PATH_MAX], installed[64];

	if (find_home(dir, sizeof(dir), err))
		return -1;
	(void)snprintf(installed, sizeof(installed), "../lib/recado/%s", name);
	if (is_there(out, n, rcd_sv(dir), name, X_OK) || is_there(out, n, rcd_sv(dir), installed, X_OK))
		return 0;
	return rcd_fail(err, RCD_NOENT, 0, "%s is neither beside this program nor in ../lib/recado",
	                name);
}

int rcd_place_extract(char *out, size_t n, struct rcd_err *err)
{
	return place_helper("recado-extract", out, n, err);
}

int rcd_place_decode(char *out, size_t n, struct rcd_err *err)
{
	return place_helper("recado-decode", out, n, err);
}

int rcd_place_sandbox(char *out, size_t n, struct rcd_err *err)
{
	return place_helper("recado-sandbox", out, n, err);
}

int rcd_place_program(const char *name, char *out, size_t n, struct rcd_err *err)
{
	static const char *const system_dirs = "/usr/sbin:/usr/local/sbin:/sbin:/usr/bin:/bin";
	const char *const lists[] = {getenv("PATH"), system_dirs};
	struct rcd_sv rest, dir;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		for (rest = rcd_sv(lists[i]); rcd_sv_cut(&rest, ':', &dir);)
			if (dir.n > 0 && dir.p[0] == '/' && is_there(out, n, dir, name, X_OK))
				return 0;
	return rcd_fail(err, RCD_NOENT, 0, "there is no %s (apt install %s)", name, name);
}

int rcd_place_shared(const char *installed, const char *source, char *out, size_t n,
                     struct rcd_err *err)
{
	char dir[PATH_MAX], name[256];

	if (find_home(dir, sizeof(dir), err))
		return -1;
	(void)snprintf(name, sizeof(name), "../share/recado/%s", installed);
	if (is_there(out, n, rcd_sv(dir), name, R_OK))
		return 0;
	(void)snprintf(name, sizeof(name), "../../%s", source);
	if (is_there(out, n, rcd_sv(dir), name, R_OK))
		return 0;
	return rcd_fail(err, RCD_NOENT, 0,
	                "neither share/recado/%s nor %s is there: is Recado "
	                "installed whole?",
	                installed, source);
}

int rcd_place_conf(char *out, size_t n, struct rcd_err *err)
{
	char dir[PATH_MAX];

	if (find_home(dir, sizeof(dir), err))
		return -1;
	if (is_there(out, n, rcd_sv(dir), "../etc/recado/recado.conf", R_OK) ||
	    is_there(out, n, RCD_SV("/etc/recado"), "recado.conf", R_OK))
		return 0;
	return rcd_fail(err, RCD_NOENT, 0,
	                "there is no /etc/recado/recado.conf: say which instance "
	                "with --dir or -c");
}
