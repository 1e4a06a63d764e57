/* What every command does: its shared options, its errors, its output. */

#include "daemon/recado/cmd.h"

#include "base/sv.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

bool rcd_cli_opt(struct rcd_cli *cli, int c)
{
	switch (c) {
	case 'c':
		cli->file = optarg;
		return true;
	case 1001:
		cli->dir = optarg;
		return true;
	case 1002:
		cli->json = true;
		return true;
	case 'h':
		printf("usage: recado %s %s%s[--dir DIR | -c FILE] [--json]\n%s\n", cli->cmd->name,
		       cli->cmd->args, cli->cmd->args[0] ? " " : "", cli->cmd->help);
		exit(RCD_EXIT_OK);
	default:
		fprintf(stderr, "see `recado %s --help`\n", cli->cmd->name);
		return false;
	}
}

int rcd_cli_fail(const struct rcd_cli *cli, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "recado %s: ", cli->cmd->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return RCD_EXIT_FAILED;
}

bool rcd_cli_args(struct rcd_cli *cli, int argc, char **argv, int least, int most)
{
	static const struct option opts[] = {RCD_CLI_LONG};
	int c;

	while ((c = getopt_long(argc, argv, RCD_CLI_SHORT, opts, NULL)) != -1)
		if (!rcd_cli_opt(cli, c))
			return false;
	if (argc - optind > most)
		rcd_cli_fail(cli, "\"%s\" is one argument too many", argv[optind + most]);
	else if (argc - optind < least)
		rcd_cli_fail(cli, "an argument is missing: recado %s %s", cli->cmd->name, cli->cmd->args);
	else
		return true;
	return false;
}

bool rcd_cli_number(const struct rcd_cli *cli, const char *what, const char *text, int min, int max,
                    int *out)
{
	int64_t v;

	if (rcd_parse_i64(rcd_sv(text), min, max, &v)) {
		rcd_cli_fail(cli, "%s \"%s\" is not a number from %d to %d", what, text, min, max);
		return false;
	}
	*out = (int)v;
	return true;
}

int rcd_cli_print(const struct rcd_cli *cli, struct rcd_buf *b)
{
	int status = RCD_EXIT_OK;

	if (b->bad)
		status = rcd_cli_fail(cli, "out of memory");
	else if (fwrite(b->p, 1, b->n, stdout) != b->n || fflush(stdout) != 0)
		status = rcd_cli_fail(cli, "cannot write to standard output");
	rcd_buf_free(b);
	return status;
}
