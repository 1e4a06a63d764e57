/* recado: the command line. Finds the command in the table and calls it. */

#include "daemon/recado/cmd.h"

#include "daemon/modes.h"

#include <stdio.h>
#include <string.h>

static const struct rcd_cmd commands[] = {
	{"up", rcd_cmd_up, "--dir DIR [--port P]",
     "runs one instance from a folder, in the foreground"},
	{"sandbox", rcd_cmd_sandbox, "--port P [--ledger FILE] [--plan FILE]",
     "simulated Twilio, OpenAI and ElevenLabs"},
	{"stats", rcd_cmd_stats, "", "users, conversations and what waits"},
	{"say", rcd_cmd_say, "[--offline] -o FILE.ogg TEXT", "speaks a text as an answer would be"},
	{"kb", rcd_cmd_kb,
     "add FILE|FOLDER|URL [--name NAME] | list | remove NAME | search WORDS | reindex",
     "what the business knows"},
	{"chat", rcd_cmd_chat, "[--route PATH]", "talk to the bot here, as a customer would"},
	{"queue", rcd_cmd_queue, "[list | retry ID | drop ID]",
     "what waits, and what could not be done"},
	{"waiting", rcd_cmd_waiting, "[list | done ID]", "who waits for a person, since when and why"},
	{"takeover", rcd_cmd_takeover, "PHONE", "a person answers from now on, the bot is silent"},
	{"handback", rcd_cmd_handback, "PHONE", "the bot answers again"},
	{"contact", rcd_cmd_contact,
     "show PHONE | export PHONE FOLDER | forget PHONE | optout PHONE [--scope "
     "all|marketing|audio|text] |"
     " optin PHONE [--scope …]",
     "what is kept of a customer"},
	{"persona", rcd_cmd_persona, "[show | list | diff [A [B]] | test [PHONE]]",
     "who answers, as the model reads it"},
	{"eval", rcd_cmd_eval,
     "[-j N] [--only WORD] [--skip WORD] [--repeat N [--need PERCENT]] [--route PATH] [--persona "
     "DIR] [--list] FILE",
     "scripted conversations, and whether the bot answers as expected"},
	{"conf", rcd_cmd_conf, "", "the effective configuration and where it comes from"},
	{"import-history", rcd_cmd_import, "[--dry-run] URL|FILE",
     "another system's contacts and conversations"},
	{"migrate-to", rcd_cmd_move, "URL", "the whole store into another, empty database"},
	{"version", rcd_cmd_version, "", "this program's version"},
};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

static void print_usage(FILE *f)
{
	fputs("usage: recado COMMAND [--dir DIR | -c FILE] [--json] …\n\n", f);
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(f, "  %-14s %s\n", commands[i].name, commands[i].help);
	fputs("\n  --dir DIR   the instance that `recado up --dir DIR` runs\n"
	      "  -c FILE     the instance of this configuration file\n"
	      "  --json      for programs\n"
	      "\n`recado COMMAND --help` names a command's options; recado(1) says everything.\n",
	      f);
}

static const struct rcd_cmd *find_command(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	struct rcd_cli cli = {0};

	rcd_modes_init();
	if (argc < 2) {
		print_usage(stderr);
		return RCD_EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_usage(stdout);
		return RCD_EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		argv[1] = "version";
	cli.cmd = find_command(argv[1]);
	if (!cli.cmd) {
		fprintf(stderr, "recado: there is no command \"%s\"\n\n", argv[1]);
		print_usage(stderr);
		return RCD_EXIT_USAGE;
	}
	return cli.cmd->run(&cli, argc - 1, argv + 1);
}
