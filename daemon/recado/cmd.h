#ifndef RCD_CMD_H
#define RCD_CMD_H

#include "base/buf.h"
#include "daemon/conf.h"

#include <getopt.h>

/* The command line: main.c finds the command and calls it, cli.c has what all commands share. Each
 * parses its own options, with the ones that all share mixed in:
 *
 *     static const struct option opts[] = {{"port", required_argument, NULL, 'p'}, RCD_CLI_LONG};
 *     while ((c = getopt_long(argc, argv, RCD_CLI_SHORT "p:", opts, NULL)) != -1)
 *             if (c == 'p') … else if (!rcd_cli_opt(cli, c)) return RCD_EXIT_USAGE;
 */

enum { RCD_EXIT_OK, RCD_EXIT_FAILED, RCD_EXIT_USAGE, RCD_EXIT_CONF = 78 };

/* Which instance is meant, and how to print. */
struct rcd_cli {
	const char *dir;  /* --dir: an instance in one folder, as `recado up` makes it */
	const char *file; /* -c: a configuration file. Neither: the installed one */
	bool json;
	const struct rcd_cmd *cmd;
};

/* argv[0] is the command's name. Gives the exit status. */
typedef int rcd_cmd_fn(struct rcd_cli *cli, int argc, char **argv);

struct rcd_cmd {
	const char *name;
	rcd_cmd_fn *run;
	const char *args; /* its own options, for the help */
	const char *help; /* one line */
};

#define RCD_CLI_SHORT "c:h"
#define RCD_CLI_LONG                                                                               \
	{"dir", required_argument, NULL, 1001}, {"json", no_argument, NULL, 1002},                     \
		{"help", no_argument, NULL, 'h'},                                                          \
	{                                                                                              \
		NULL, 0, NULL, 0                                                                           \
	}

/* Takes one of the shared options (--help prints and ends with 0). False for anything else:
 * getopt has said what was wrong. */
bool rcd_cli_opt(struct rcd_cli *cli, int c);
/* "recado up: text", a line on standard error; gives RCD_EXIT_FAILED. */
int rcd_cli_fail(const struct rcd_cli *cli, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Only the shared options, and least to most arguments behind them, from argv[optind] on. */
bool rcd_cli_args(struct rcd_cli *cli, int argc, char **argv, int least, int most);
/* A decimal option value; false after having said what is wrong with it. */
bool rcd_cli_number(const struct rcd_cli *cli, const char *what, const char *text, int min, int max,
                    int *out);

/* b to standard output, and frees it; gives the exit status, having said what went wrong. */
int rcd_cli_print(const struct rcd_cli *cli, struct rcd_buf *b);
/* The same for people: control characters except line ends and tabs become "?". Customers,
 * models and web pages wrote some of the text, and a terminal would interpret them. */
int rcd_cli_show(const struct rcd_cli *cli, struct rcd_buf *b);
/* Prints one such text. line: line ends and tabs become spaces. */
void rcd_cli_put(struct rcd_sv text, bool line);

/* For rcd_conf_load: errors to standard error; warnings are recadod's to say. */
rcd_conf_note_fn rcd_cli_errors;
/* The instance's configuration, as its recadod sees it; NULL when there were errors. */
struct rcd_conf *rcd_cli_conf(const struct rcd_cli *cli);
/* Its configuration and its store, opened; RCD_EXIT_OK, or what to exit with (it was said). */
int rcd_cli_store(const struct rcd_cli *cli, struct rcd_conf **conf, struct rcd_db **db);
/* The same of an instance that may not have run yet: *db is NULL then. */
int rcd_cli_store_if_any(const struct rcd_cli *cli, struct rcd_conf **conf, struct rcd_db **db);

rcd_cmd_fn rcd_cmd_up, rcd_cmd_sandbox, rcd_cmd_stats, rcd_cmd_conf, rcd_cmd_say, rcd_cmd_version;
rcd_cmd_fn rcd_cmd_import, rcd_cmd_move, rcd_cmd_eval;
rcd_cmd_fn rcd_cmd_chat, rcd_cmd_contact, rcd_cmd_persona, rcd_cmd_queue, rcd_cmd_takeover,
	rcd_cmd_handback, rcd_cmd_kb;
rcd_cmd_fn rcd_cmd_waiting;

#endif
