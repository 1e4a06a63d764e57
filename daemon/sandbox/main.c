/* recado-sandbox: simulated Twilio, OpenAI, ElevenLabs and S3 on one port of loopback. Prints the
 * settings that point a Recado at it as lines for a shell, then "ready URL". A program of its own,
 * so that the command line of a production machine links neither HTTP server nor simulation. */

#include "daemon/sandbox/sandbox.h"

#include "base/sv.h"
#include "daemon/modes.h"

#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { EXIT_OK, EXIT_FAILED, EXIT_USAGE };
enum { MAX_FILES = 8192 };

__attribute__((format(printf, 1, 2))) static int print_error(const char *fmt, ...)
{
	va_list ap;

	fputs("recado-sandbox: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXIT_FAILED;
}

/* A thousand parked requests are a thousand descriptors; the usual soft limit is 1024. */
static void raise_file_limit(void)
{
	struct rlimit lim;

	if (getrlimit(RLIMIT_NOFILE, &lim) != 0 || lim.rlim_cur >= MAX_FILES)
		return;
	lim.rlim_cur = lim.rlim_max < MAX_FILES ? lim.rlim_max : MAX_FILES;
	(void)setrlimit(RLIMIT_NOFILE, &lim);
}

static bool is_secret(const char *name)
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

/* A secret taken from this process's environment is not printed: it may be a real one, and the
 * caller has it already. */
static int print_settings(const struct rcd_sandbox *box)
{
	for (const struct rcd_sandbox_env *e = rcd_sandbox_env(box); e->name != NULL; e++) {
		const char *mine = getenv(e->name);

		if (is_secret(e->name) && mine != NULL && strcmp(mine, e->value) == 0)
			continue;
		printf("export %s=", e->name);
		print_quoted(e->value);
		putchar('\n');
	}
	printf("ready http://127.0.0.1:%d\n", rcd_sandbox_port(box));
	return fflush(stdout);
}

/* Blocked before the sandbox has threads, so that all of them leave these signals to sigwait. */
static void block_stop_signals(sigset_t *stop)
{
	sigemptyset(stop);
	sigaddset(stop, SIGINT);
	sigaddset(stop, SIGTERM);
	(void)pthread_sigmask(SIG_BLOCK, stop, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
}

static int serve_until_signal(const struct rcd_sandbox_conf *conf)
{
	struct rcd_sandbox *box = NULL;
	struct rcd_err err = {0};
	int sig, status = EXIT_OK;
	sigset_t stop;

	raise_file_limit();
	block_stop_signals(&stop);
	if (rcd_sandbox_start(&box, conf, &err) != 0)
		return print_error("%s", err.msg);
	if (print_settings(box) != 0)
		status = print_error("cannot write to standard output");
	else
		(void)sigwait(&stop, &sig);
	(void)rcd_sandbox_stop(box);
	return status;
}

static void print_usage(FILE *f)
{
	fputs("usage: recado-sandbox --port P [--ledger FILE] [--plan FILE]\n", f);
}

static int parse_port(const char *text, int *port)
{
	int64_t v;

	if (rcd_parse_i64(rcd_sv(text), 0, 65535, &v) != 0) {
		(void)print_error("--port \"%s\" is not a number from 0 to 65535", text);
		return EXIT_USAGE;
	}
	*port = (int)v;
	return EXIT_OK;
}

static int parse_option(int c, struct rcd_sandbox_conf *conf)
{
	switch (c) {
	case 'p':
		return parse_port(optarg, &conf->port);
	case 'l':
		conf->ledger = optarg;
		return EXIT_OK;
	case 'f':
		conf->plan = optarg;
		return EXIT_OK;
	case 'h':
		print_usage(stdout);
		exit(EXIT_OK);
	case 'V':
		puts("recado-sandbox " RCD_VERSION);
		exit(EXIT_OK);
	default:
		print_usage(stderr);
		return EXIT_USAGE;
	}
}

int main(int argc, char **argv)
{
	static const struct option opts[] = {
		{"port", required_argument, NULL, 'p'}, {"ledger", required_argument, NULL, 'l'},
		{"plan", required_argument, NULL, 'f'}, {"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},    {NULL, 0, NULL, 0},
	};
	struct rcd_sandbox_conf conf = {.port = -1};
	int c;

	rcd_modes_init();
	while ((c = getopt_long(argc, argv, "hp:V", opts, NULL)) != -1)
		if (parse_option(c, &conf) != EXIT_OK)
			return EXIT_USAGE;
	if (conf.port < 0 || optind < argc) {
		print_usage(stderr);
		return EXIT_USAGE;
	}
	return serve_until_signal(&conf);
}
