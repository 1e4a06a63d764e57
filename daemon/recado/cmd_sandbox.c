/* recado sandbox: simulated Twilio, OpenAI and ElevenLabs on one port of loopback. Prints the
 * settings that point a Recado at it as lines for a shell, then "ready URL". */

#include "daemon/recado/cmd.h"
#include "daemon/sandbox/sandbox.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { MAX_FILES = 8192 };

/* A thousand parked requests are a thousand descriptors; the usual soft limit is 1024. */
static void more_files(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0 || lim.rlim_cur >= MAX_FILES)
		return;
	lim.rlim_cur = lim.rlim_max < MAX_FILES ? lim.rlim_max : MAX_FILES;
	(void)setrlimit(RLIMIT_NOFILE, &lim);
}

static bool secret(const char *name)
{
	return strstr(name, "_KEY") != NULL || strstr(name, "_TOKEN") != NULL;
}

static void print_quoted(const char *value)
{
	if (value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	                        "+-._:/")] == '\0') {
		fputs(value, stdout);
		return;
	}
	putchar('\'');
	for (; *value != '\0'; value++)
		if (*value == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*value);
	putchar('\'');
}

/* A secret that came from our own environment is there already and may be a real one: it is
 * not shown. */
static int announce(const struct rcd_sandbox *box)
{
	for (const struct rcd_sandbox_env *e = rcd_sandbox_env(box); e->name != NULL; e++) {
		const char *mine = getenv(e->name);

		if (secret(e->name) && mine != NULL && strcmp(mine, e->value) == 0)
			continue;
		printf("export %s=", e->name);
		print_quoted(e->value);
		putchar('\n');
	}
	printf("ready http://127.0.0.1:%d\n", rcd_sandbox_port(box));
	return fflush(stdout);
}

static int serve(const struct rcd_cli *cli, const struct rcd_sandbox_conf *conf)
{
	struct rcd_sandbox *box = NULL;
	struct rcd_err err = {0};
	int sig, ret = RCD_EXIT_OK;
	sigset_t stop;

	more_files();
	/* before the sandbox has threads, so that all of them leave these to sigwait */
	sigemptyset(&stop);
	sigaddset(&stop, SIGINT);
	sigaddset(&stop, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, &stop, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	if (rcd_sandbox_start(&box, conf, &err) != 0)
		return rcd_cli_fail(cli, "%s", err.msg);
	if (announce(box) != 0)
		ret = rcd_cli_fail(cli, "cannot write to standard output");
	else
		(void)sigwait(&stop, &sig);
	(void)rcd_sandbox_stop(box);
	return ret;
}

int rcd_cmd_sandbox(struct rcd_cli *cli, int argc, char **argv)
{
	static const struct option opts[] = {
		{"port", required_argument, NULL, 'p'},
		{"ledger", required_argument, NULL, 'l'},
		{"plan", required_argument, NULL, 'f'},
		RCD_CLI_LONG,
	};
	struct rcd_sandbox_conf conf = {.port = -1};
	int c;

	while ((c = getopt_long(argc, argv, RCD_CLI_SHORT "p:", opts, NULL)) != -1) {
		if (c == 'p') {
			if (!rcd_cli_number(cli, "--port", optarg, 0, 65535, &conf.port))
				return RCD_EXIT_USAGE;
		} else if (c == 'l') {
			conf.ledger = optarg;
		} else if (c == 'f') {
			conf.plan = optarg;
		} else if (!rcd_cli_opt(cli, c)) {
			return RCD_EXIT_USAGE;
		}
	}
	if (conf.port < 0 || optind < argc) {
		fprintf(stderr, "usage: recado sandbox --port P [--ledger FILE] [--plan FILE]\n");
		return RCD_EXIT_USAGE;
	}
	return serve(cli, &conf);
}
