/* recado eval: scripted conversations with the bot, and whether it answers as expected. */

#include "daemon/recado/eval.h"

#include "base/file.h"
#include "base/limits.h"
#include "daemon/eval/judge.h"
#include "daemon/log.h"
#include "daemon/recado/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BAR 24

/* --- the file ------------------------------------------------------------------------------- */

static int read_script(struct rcd_eval_plan *p)
{
	struct rcd_buf text;
	struct rcd_err err;
	int line = 0, meant, status = RCD_EXIT_OK;

	rcd_buf_init(&text, RCD_MAX_EVAL_FILE);
	if (rcd_file_read(p->file, RCD_MAX_EVAL_FILE, &text, &err) != 0) {
		(void)rcd_cli_fail(p->cli, "%s", err.msg);
		status = RCD_EXIT_USAGE;
	} else if (rcd_eval_read(&p->script, rcd_buf_view(&text), &line, &err) != 0) {
		if (line > 0)
			fprintf(stderr, "%s:%d: %s\n", p->file, line, err.msg);
		else
			fprintf(stderr, "%s: %s\n", p->file, err.msg);
		status = RCD_EXIT_USAGE;
	} else if ((meant = rcd_eval_choose(p)) < 0) {
		status = rcd_cli_fail(p->cli, "out of memory");
	} else if (meant == 0) {
		(void)rcd_cli_fail(p->cli,
		                   "no case of %s is called or tagged \"%s\": see recado eval --list",
		                   p->file, p->only.word[p->only.n - 1]);
		status = RCD_EXIT_USAGE;
	}
	rcd_buf_free(&text);
	return status;
}

/* --- what the person sees ------------------------------------------------------------------- */

struct screen {
	const struct rcd_eval_plan *plan;
	json_t *seen; /* notes */
	bool bar;
};

static void on_far(void *arg, size_t done, size_t all, const char *name)
{
	size_t full = all > 0 ? BAR * done / all : BAR;

	(void)arg;
	fprintf(stderr, "\r[%.*s%.*s] %zu/%zu %.*s\033[K", (int)full, "########################",
	        (int)(BAR - full), "........................", done, all,
	        (int)rcd_utf8_cut(rcd_sv(name), 40), name);
}

static void on_told(void *arg, const json_t *outcome)
{
	const struct screen *s = arg;

	if (s->bar)
		fputs("\r\033[K", stderr);
	if (s->plan->cli->json)
		return;
	rcd_eval_show_case(s->plan, outcome, s->seen);
	(void)fflush(stdout);
}

static int print_json(const struct rcd_eval_plan *p, json_t *sums, json_t *outcomes)
{
	struct rcd_buf b;

	rcd_buf_init(&b, 64 << 20);
	(void)json_object_set_new(sums, "file", rcd_json_str(rcd_sv(p->file)));
	(void)json_object_set(sums, "cases", outcomes);
	rcd_json_text(json_incref(sums), &b);
	rcd_buf_ch(&b, '\n');
	return rcd_cli_print(p->cli, &b);
}

/* A run in which every case was skipped proves nothing: it exits with an error. */
static int print_report(const struct rcd_eval_plan *p, json_t *outcomes, bool whole)
{
	json_t *sums = rcd_eval_sums(outcomes);
	int status = RCD_EXIT_OK;

	if (p->cli->json)
		status = print_json(p, sums, outcomes);
	else
		rcd_eval_show_sums(sums);
	if (!whole || json_integer_value(json_object_get(sums, "failed")) > 0)
		status = RCD_EXIT_FAILED;
	else if (json_integer_value(json_object_get(sums, "passed")) == 0)
		status = rcd_cli_fail(p->cli, "every case was skipped, so nothing is known");
	json_decref(sums);
	return status;
}

/* --- all of it ------------------------------------------------------------------------------ */

static int run_cases(struct rcd_eval_plan *p)
{
	struct screen screen = {.plan = p, .seen = json_object(), .bar = isatty(STDERR_FILENO) != 0};
	const struct rcd_eval_watch watch = {.told = on_told,
	                                     .far = screen.bar ? on_far : NULL,
	                                     .arg = &screen};
	struct rcd_stop *stop = NULL;
	json_t *outcomes = NULL;
	struct rcd_err err;
	int ret, status;

	if (rcd_stop_open(&stop, &err) != 0) {
		json_decref(screen.seen);
		return rcd_cli_fail(p->cli, "%s", err.msg);
	}
	p->stop = rcd_stop_cancel(stop);
	ret = rcd_eval_run(p, &watch, &outcomes, &err);
	if (screen.bar)
		fputs("\r\033[K", stderr);
	status = outcomes != NULL ? print_report(p, outcomes, ret == 0) : RCD_EXIT_FAILED;
	if (ret != 0)
		status = rcd_cli_fail(p->cli, "%s",
		                      err.code == RCD_CANCELLED ? "stopped before the end" : err.msg);
	if (rcd_stop_signal(stop) != 0)
		status = 128 + rcd_stop_signal(stop);
	json_decref(outcomes);
	json_decref(screen.seen);
	rcd_stop_close(stop);
	return status;
}

static int run_script(struct rcd_eval_plan *p, bool list)
{
	struct rcd_conf *conf = NULL;
	struct rcd_db *db = NULL;
	int status = read_script(p);

	if (status == RCD_EXIT_OK && list) {
		rcd_eval_list(p);
	} else if (status == RCD_EXIT_OK) {
		rcd_log_init("recado", RCD_ERROR);
		status = rcd_cli_store_if_any(p->cli, &conf, &db);
		p->conf = conf;
		p->from = db;
		if (status == RCD_EXIT_OK)
			status = run_cases(p);
	}
	rcd_db_close(db);
	rcd_conf_free(conf);
	p->script = rcd_eval_free(p->script);
	free(p->wanted);
	return status;
}

static bool add_word(struct rcd_cli *cli, struct rcd_eval_words *w)
{
	if (w->n == RCD_EVAL_WORDS) {
		rcd_cli_fail(cli, "--only and --skip each at most %d times", RCD_EVAL_WORDS);
		return false;
	}
	w->word[w->n++] = optarg;
	return true;
}

static bool take_option(struct rcd_eval_plan *p, struct rcd_cli *cli, int c, bool *list)
{
	switch (c) {
	case 'o':
		return add_word(cli, &p->only);
	case 's':
		return add_word(cli, &p->skip);
	case 'l':
		*list = true;
		return true;
	case 'j':
		return rcd_cli_number(cli, "-j", optarg, 1, RCD_EVAL_JOBS, &p->jobs);
	case 'n':
		return rcd_cli_number(cli, "--repeat", optarg, 1, RCD_EVAL_REPEAT, &p->repeat);
	case 'k':
		return rcd_cli_number(cli, "--need", optarg, 1, 100, &p->need);
	case 'r':
		p->route = optarg;
		return true;
	case 'p':
		p->persona = optarg;
		return true;
	default:
		return rcd_cli_opt(cli, c);
	}
}

int rcd_cmd_eval(struct rcd_cli *cli, int argc, char **argv)
{
	static const struct option opts[] = {
		{"only", required_argument, NULL, 'o'},
		{"skip", required_argument, NULL, 's'},
		{"list", no_argument, NULL, 'l'},
		{"jobs", required_argument, NULL, 'j'},
		{"repeat", required_argument, NULL, 'n'},
		{"need", required_argument, NULL, 'k'},
		{"route", required_argument, NULL, 'r'},
		{"persona", required_argument, NULL, 'p'},
		RCD_CLI_LONG,
	};
	struct rcd_eval_plan p = {.cli = cli, .jobs = 1, .repeat = 1, .need = 100};
	bool list = false;
	int c;

	while ((c = getopt_long(argc, argv, RCD_CLI_SHORT "j:", opts, NULL)) != -1)
		if (!take_option(&p, cli, c, &list))
			return RCD_EXIT_USAGE;
	if (argc - optind != 1) {
		fprintf(stderr, "usage: recado eval %s\n", cli->cmd->args);
		return RCD_EXIT_USAGE;
	}
	p.file = argv[optind];
	return run_script(&p, list);
}
