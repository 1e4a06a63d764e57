/* recado chat: a conversation with the bot in the terminal, or line by line from a file. */

#include "daemon/recado/chat.h"

#include "base/clock.h"
#include "daemon/log.h"
#include "daemon/recado/input.h"
#include "daemon/recado/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 1000 /* before a copy says how far it is */

/* --- an answer ------------------------------------------------------------------------------ */

static void on_said(void *arg, struct rcd_sv words)
{
	struct rcd_chat *c = arg;

	if (!c->screen)
		return;
	if (c->shown.n == 0) /* nothing stands before the first word */
		while (words.n > 0 && (words.p[0] == '\n' || words.p[0] == ' '))
			words = rcd_sv_skip(words, 1);
	rcd_buf_sv(&c->shown, words);
	rcd_chat_print(c, words);
	(void)fflush(stdout);
}

static void on_unsaid(void *arg)
{
	struct rcd_chat *c = arg;

	if (c->screen && c->shown.n > 0)
		printf("\n(taken back: another rung answers)\n");
	rcd_buf_reset(&c->shown);
}

/* Prints the part of the answer that was not streamed: all of it, or what was appended. */
static void show_rest(struct rcd_chat *c)
{
	const struct rcd_sv shown = rcd_sv_trim(rcd_buf_view(&c->shown));
	struct rcd_sv rest = rcd_buf_view(&c->last.text);

	if (rcd_sv_starts(rest, shown))
		rest = rcd_sv_skip(rest, shown.n);
	else if (shown.n > 0)
		printf("\n");
	rcd_chat_print(c, rest);
	if (c->last.text.n > 0)
		printf("\n");
	if (c->last.handed_over)
		printf("(a person answers from here on, the bot is silent; /forget begins anew)\n");
}

static void say_line(struct rcd_chat *c, struct rcd_sv line)
{
	struct rcd_talk_answer next;
	struct rcd_err err = {0};
	char *path = NULL;

	rcd_buf_reset(&c->shown);
	if (rcd_talk_say(c->talk, 0, line, c->voice, &next, &err) != 0) {
		if (c->shown.n > 0)
			printf("\n");
		if (err.code != RCD_CANCELLED)
			rcd_chat_fail(c, "%s", err.msg);
		return;
	}
	rcd_talk_answer_free(&c->last);
	c->last = next;
	if (!c->cli->json)
		show_rest(c);
	if (c->voice && c->last.text.n > 0)
		path = rcd_chat_voice(c);
	if (c->cli->json)
		rcd_chat_line(c, rcd_chat_json(c, line, path));
	else if (path != NULL)
		printf("%s\n", path);
	free(path);
}

/* --- the conversation ----------------------------------------------------------------------- */

static void take_line(struct rcd_chat *c, struct rcd_sv line)
{
	line = rcd_sv_trim(line);
	if (line.n == 0)
		return;
	if (rcd_sv_starts(line, RCD_SV("//")))
		say_line(c, rcd_sv_skip(line, 1));
	else if (line.p[0] == '/')
		rcd_chat_word(c, line);
	else
		say_line(c, line);
}

static void print_greeting(const struct rcd_chat *c)
{
	/* printed first, because it surprises most */
	if (!rcd_openai_usable(&c->conf->openai))
		fprintf(stderr,
		        "No OpenAI key is set: what the knowledge says is answered, word for word.\n");
	if (c->prompt)
		fprintf(
			stderr,
			"What you say here reaches no customer and stays out of the history. /help says what "
			"else "
			"there is, Ctrl-D ends.\n");
}

static void run_conversation(struct rcd_chat *c, struct rcd_stop *stop)
{
	struct rcd_input in;
	struct rcd_err err = {0};
	struct rcd_sv line;
	int ret = 1;

	rcd_input_init(&in, STDIN_FILENO, rcd_stop_fd(stop), RCD_TALK_WORDS);
	print_greeting(c);
	while (!c->over && rcd_stop_signal(stop) == 0) {
		if (c->prompt)
			printf("> ");
		if (fflush(stdout) != 0) {
			rcd_chat_fail(c, "cannot write to standard output");
			break;
		}
		ret = rcd_input_line(&in, &line, &err);
		if (ret == 1)
			take_line(c, line);
		else if (ret < 0)
			rcd_chat_fail(c, "%s", err.msg);
		if (ret == 0 || (ret < 0 && err.code != RCD_LIMIT))
			break;
	}
	if (c->prompt && ret == 0)
		printf("\n");
	rcd_input_done(&in);
}

/* --- the place for it ----------------------------------------------------------------------- */

static void on_progress(void *arg, const char *what, int64_t done, int64_t all)
{
	const struct rcd_chat *c = arg;

	if (c->prompt && rcd_mono_ms() - c->began_ms >= PATIENCE_MS)
		fprintf(stderr, "\rcopying the knowledge: %s, %lld of %lld%s", what, (long long)done,
		        (long long)all, done == all ? "\n" : "");
}

static int open_talk(struct rcd_chat *c, struct rcd_db *from, const char *route,
                     struct rcd_stop *stop)
{
	const struct rcd_talk_conf how = {.conf = c->conf,
	                                  .from = from,
	                                  .route = route,
	                                  .stop = rcd_stop_cancel(stop),
	                                  .arg = c,
	                                  .said = on_said,
	                                  .unsaid = on_unsaid,
	                                  .progress = on_progress};
	struct rcd_err err = {0};

	if (rcd_talk_open(&c->talk, &how, &err) == 0)
		return RCD_EXIT_OK;
	return err.code == RCD_CANCELLED ? RCD_EXIT_FAILED : rcd_cli_fail(c->cli, "%s", err.msg);
}

static int run_chat(struct rcd_chat *c, const char *route)
{
	struct rcd_stop *stop = NULL;
	struct rcd_db *db = NULL;
	struct rcd_err err = {0};
	int status, by;

	if (rcd_stop_open(&stop, &err) != 0)
		return rcd_cli_fail(c->cli, "%s", err.msg);
	status = rcd_cli_store_if_any(c->cli, &c->conf, &db);
	if (status == RCD_EXIT_OK) {
		rcd_log_init("chat", RCD_ERROR);
		status = open_talk(c, db, route, stop);
	}
	db = rcd_db_close(db);
	if (status == RCD_EXIT_OK)
		run_conversation(c, stop);
	c->talk = rcd_talk_close(c->talk);
	by = rcd_stop_signal(stop);
	rcd_stop_close(stop);
	rcd_conf_free(c->conf);
	if (by != 0)
		return 128 + by;
	return status == RCD_EXIT_OK && c->failed && !c->prompt ? RCD_EXIT_FAILED : status;
}

int rcd_cmd_chat(struct rcd_cli *cli, int argc, char **argv)
{
	static const struct option opts[] = {{"route", required_argument, NULL, 'r'}, RCD_CLI_LONG};
	struct rcd_chat c = {.cli = cli, .began_ms = rcd_mono_ms()};
	const char *route = NULL;
	int o, status;

	while ((o = getopt_long(argc, argv, RCD_CLI_SHORT "r:", opts, NULL)) != -1)
		if (o == 'r')
			route = optarg;
		else if (!rcd_cli_opt(cli, o))
			return RCD_EXIT_USAGE;
	if (optind != argc) {
		rcd_cli_fail(
			cli, "\"%s\" is one argument too many: what is to be said comes from standard input",
			argv[optind]);
		return RCD_EXIT_USAGE;
	}
	c.prompt = !cli->json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
	c.screen = !cli->json && isatty(STDOUT_FILENO);
	rcd_buf_init(&c.shown, RCD_MAX_TEXT);
	status = run_chat(&c, route);
	rcd_talk_answer_free(&c.last);
	rcd_buf_free(&c.shown);
	free(c.persona);
	return status;
}
