/* recadod: reads the configuration and becomes the master. */

#include "daemon/conf.h"
#include "daemon/log.h"
#include "daemon/modes.h"
#include "daemon/recadod/master.h"
#include "daemon/recadod/title.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifndef RCD_SYSCONFDIR
#define RCD_SYSCONFDIR "/etc"
#endif
#define DEFAULT_FILE RCD_SYSCONFDIR "/recado/recado.conf"
#define MAX_OVERRIDES 32

static const char usage[] =
	"usage: recadod [-c FILE] [-s NAME=VALUE]... [-t | -T | -V]\n"
	"  -c FILE        configuration (default " DEFAULT_FILE ")\n"
	"  -s NAME=VALUE  set one option over the file, for example -s web.threads=8\n"
	"  -t             check the configuration and say so\n"
	"  -T             check it and print what is in effect\n"
	"  -V             print the version\n"
	"recadod stays in the foreground; see recadod(8).\n";

static void write_note(void *arg, bool error, const char *text)
{
	(void)arg;
	(void)fprintf(stderr, "recadod: %s%s\n", error ? "" : "warning: ", text);
}

static int print_conf(const struct rcd_conf *conf)
{
	struct rcd_buf out;
	int ret;

	rcd_buf_init(&out, RCD_MAX_CONF_FILE);
	rcd_conf_print(conf, &out);
	ret = out.bad || fwrite(out.p, 1, out.n, stdout) != out.n || fflush(stdout) != 0;
	rcd_buf_free(&out);
	return ret;
}

int main(int argc, char **argv)
{
	const char *file = NULL, *override[MAX_OVERRIDES + 1] = {NULL};
	struct rcd_conf *conf = NULL;
	bool test = false, dump = false;
	struct rcd_err err = {0};
	int opt, n = 0, ret, folders;

	rcd_modes_init();
	argv = rcd_title_init(argc, argv);
	while ((opt = getopt(argc, argv, "c:s:tTVh")) != -1) {
		if (opt == 'c')
			file = optarg;
		else if (opt == 's' && n < MAX_OVERRIDES)
			override[n++] = optarg;
		else if (opt == 't')
			test = true;
		else if (opt == 'T')
			dump = true;
		else if (opt == 'V')
			return printf("recadod %s\n", RCD_VERSION) > 0 ? 0 : 1;
		else
			return fputs(usage, opt == 'h' ? stdout : stderr) >= 0 && opt == 'h' ? 0 : 2;
	}
	if (optind < argc) {
		(void)fputs(usage, stderr);
		return 2;
	}
	if (file == NULL && access(DEFAULT_FILE, F_OK) == 0)
		file = DEFAULT_FILE;
	if (rcd_conf_load(&conf, file, override, write_note, NULL) != 0)
		return 78; /* EX_CONFIG: the service is not restarted over it */
	folders = rcd_conf_folders(conf, &err);
	if (folders != 0)
		write_note(NULL, test || dump, err.msg);
	if (test && folders != 0) {
		rcd_conf_free(conf);
		return 78;
	}
	if (test || dump) {
		if (!dump)
			(void)fprintf(stderr, "recadod: %s is good\n",
			              file != NULL ? file : "the default configuration");
		ret = dump ? print_conf(conf) : 0;
		rcd_conf_free(conf);
		return ret;
	}
	rcd_log_init("master", conf->log_level);
	rcd_title("recadod: master%s%s", file != NULL ? " " : "", file != NULL ? file : "");
	return rcd_master(conf, file, override);
}
