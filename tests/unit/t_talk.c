/* A conversation in this process, with simulated providers, over a store that goes away with it. */
#include "daemon/recado/talk.h"

#include "base/file.h"
#include "daemon/log.h"
#include "store/inbox.h"
#include "store/passage.h"
#include "tests/unit/sandbox.h"

#include <dirent.h>
#include <sys/stat.h>

struct place {
	struct bench b;
	struct rcd_conf *conf;
	struct rcd_db *db; /* the instance's */
	struct rcd_talk *talk;
	struct rcd_talk_answer a;
	struct rcd_cancel stop;
	char tmp[300];
	/* what was told */
	struct rcd_buf heard;
	int words, taken_back;
};

static void on_words(void *arg, struct rcd_sv words)
{
	struct place *p = arg;

	p->words++;
	rcd_buf_sv(&p->heard, words);
}

static void on_unsaid(void *arg)
{
	struct place *p = arg;

	p->taken_back++;
	rcd_buf_reset(&p->heard);
}

static int file(const char *name, const char *text)
{
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/%s", t_dir(), name);
	return rcd_file_write(path, rcd_sv(text), 0600, RCD_UNREAD_ERR);
}

/* An instance in a folder: a persona, knowledge in the folder and one source that was added. */
static int instance(struct place *p, const char *conf, struct rcd_err *err)
{
	static const struct rcd_passage_in added =
		{RCD_SV("Garantia"), RCD_SV("A garantia das bicicletas vale dezoito meses."), 3};
	static const struct rcd_source source = {(char *)"kb:garantia.pdf", 10, 1};
	struct rcd_db_conf how = {.readers = 1};
	char path[400];

	if (file("recado.conf", conf) != 0 || file("persona/10.md", "Você atende a loja.\n") != 0 ||
	    file("knowledge/trocas.md", "# Trocas\n\nTrocas em até sete dias com a nota.\n") != 0)
		return rcd_fail(err, RCD_IO, 0, "files");
	(void)snprintf(path, sizeof(path), "%s/recado.conf", t_dir());
	if (rcd_conf_load(&p->conf, path, NULL, NULL, NULL) != 0)
		return rcd_fail(err, RCD_INVAL, 0, "configuration");
	how.url = p->conf->database_url;
	return rcd_db_migrate(how.url, err) != 0 || rcd_db_open(&p->db, &how, err) != 0
	           ? -1
	           : rcd_source_replace(p->db, 1, &source, &added, 1, err);
}

#define CONF "public_url = \"https://loja.example\"; state_dir = \".\"; zone = \"UTC\";\n"

/* keys: the sandbox's; without, nobody is asked. */
static int open_place(struct place *p, const char *conf, bool keys, struct rcd_err *err)
{
	memset(p, 0, sizeof(*p));
	rcd_log_init("talk", RCD_ERROR);
	rcd_buf_init(&p->heard, RCD_MAX_TEXT);
	rcd_cancel_init(&p->stop);
	(void)snprintf(p->tmp, sizeof(p->tmp), "%s/tmp", t_dir());
	(void)mkdir(p->tmp, 0700);
	(void)setenv("TMPDIR", p->tmp, 1);
	if (open_bench(&p->b, NULL) != 0)
		return rcd_fail(err, p->b.err.code, 0, "%s", p->b.err.msg);
	for (const struct rcd_sandbox_env *e = rcd_sandbox_env(p->b.box); e->name != NULL; e++)
		(void)(keys ? setenv(e->name, e->value, 1) : unsetenv(e->name));
	return instance(p, conf, err);
}

static int begin(struct place *p, struct rcd_err *err)
{
	const struct rcd_talk_conf how = {.conf = p->conf,
	                                  .from = p->db,
	                                  .stop = &p->stop,
	                                  .arg = p,
	                                  .said = on_words,
	                                  .unsaid = on_unsaid};

	return rcd_talk_open(&p->talk, &how, err);
}

static int say(struct place *p, int who, const char *words, struct rcd_err *err)
{
	rcd_talk_answer_free(&p->a);
	rcd_buf_reset(&p->heard);
	p->words = p->taken_back = 0;
	return rcd_talk_say(p->talk, who, rcd_sv(words), false, &p->a, err);
}

static void close_place(struct place *p)
{
	rcd_talk_answer_free(&p->a);
	p->talk = rcd_talk_close(p->talk);
	rcd_db_close(p->db);
	rcd_conf_free(p->conf);
	close_bench(&p->b);
	rcd_buf_free(&p->heard);
	rcd_cancel_free(&p->stop);
}

static const char *nth(const json_t *array, size_t i, const char *key)
{
	return json_string_value(json_object_get(json_array_get(array, i), key));
}

static int entries(const char *dir)
{
	DIR *d = opendir(dir);
	int n = 0;

	while (d != NULL && readdir(d) != NULL)
		n++;
	if (d != NULL)
		(void)closedir(d);
	return n - 2;
}

static int do_rows(struct rcd_conn *conn, void *arg, struct rcd_err *err)
{
	return rcd_get_i64(
		conn, arg,
		"SELECT (SELECT count(*) FROM inbox) + (SELECT count(*) FROM turn)"
		" + (SELECT count(*) FROM contact) + (SELECT count(*) FROM outbox) + (SELECT count(*) FROM "
		"job)"
		" + (SELECT count(*) FROM persona_version)",
		RCD_BIND(), err);
}

/* --- cases ---------------------------------------------------------------------------------- */

static int answers(void)
{
	struct place p;
	struct rcd_err err = {0};
	int64_t rows = -1;
	int ret = 0;

	T_DO(open_place(&p, CONF "openai: { price_input = 2.0; price_output = 8.0; };\n", true, &err),
	     err);
	T_DO(begin(&p, &err), err);
	T_INT(entries(p.tmp), 1);
	T_DO(say(&p, 0, "qual é a garantia das bicicletas?", &err), err);
	T_STR(p.a.rung, "chat");
	T_OK(strstr(p.a.text.p, "garantia das bicicletas") != NULL);
	T_OK(p.words > 3 && rcd_sv_eq(rcd_sv_trim(rcd_buf_view(&p.heard)), rcd_buf_view(&p.a.text)));
	T_STR(nth(p.a.passages, 0, "source"), "garantia.pdf");
	T_INT(json_integer_value(json_object_get(json_array_get(p.a.passages, 0), "page")), 3);
	T_OK(p.a.input_tokens > 100 && p.a.output_tokens > 5 && p.a.cost > 0 && p.a.ms >= 0);
	T_OK(p.a.cost == ((double)p.a.input_tokens * 2 + (double)p.a.output_tokens * 8) / 1e6);
	T_INT(strlen(p.a.persona), 64);
	T_STR(nth(p.a.steps, 6, "name"), "think");
	T_INT(json_object_size(p.a.why), 0);
	T_OK(!p.a.handed_over && p.a.note == NULL && json_array_size(p.a.calls) == 0);
	/* the folder's own file, which the instance's store had never seen */
	T_DO(say(&p, 0, "até quando posso fazer trocas?", &err), err);
	T_STR(nth(p.a.passages, 0, "source"), "trocas.md");
	/* nothing of it was sent, or is in the instance's store */
	T_INT(lines(&p.b, "messages.create", NULL, NULL), 0);
	T_DO(rcd_db_read(p.db, do_rows, &rows, &err), err);
	T_INT(rows, 0);
	p.talk = rcd_talk_close(p.talk);
	T_INT(entries(p.tmp), 0);
out:
	close_place(&p);
	return ret;
}

static int tools_and_a_person(void)
{
	const json_t *call;
	struct place p;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(open_place(&p, CONF, true, &err), err);
	T_DO(begin(&p, &err), err);
	T_DO(say(&p, 0, "sou a Ana @call save_contact {\"name\":\"Ana\"}", &err), err);
	T_INT(json_array_size(p.a.calls), 1);
	call = json_array_get(p.a.calls, 0);
	T_STR(nth(p.a.calls, 0, "name"), "save_contact");
	T_STR(json_string_value(json_object_get(json_object_get(call, "arguments"), "name")), "Ana");
	T_OK(json_is_true(json_object_get(json_object_get(call, "result"), "ok")));
	T_OK(p.a.cost < 0); /* no price is set */
	T_DO(say(&p, 0, "quero alguém @call handoff_human {\"reason\":\"pediu\"}", &err), err);
	T_OK(p.a.handed_over && p.a.text.n > 0);
	T_DO(say(&p, 0, "alô?", &err), err);
	T_OK(p.a.handed_over && p.a.text.n == 0);
	T_STR(p.a.rung, "person");
	/* another contact knows nothing of it */
	T_DO(say(&p, 1, "oi", &err), err);
	T_OK(!p.a.handed_over && p.a.text.n > 0);
	/* and who is forgotten begins anew */
	T_DO(rcd_talk_forget(p.talk, 0, &err), err);
	T_DO(rcd_talk_forget(p.talk, 7, &err), err);
	T_DO(say(&p, 0, "voltei", &err), err);
	T_OK(!p.a.handed_over && p.a.text.n > 0);
out:
	close_place(&p);
	return ret;
}

static int rungs_and_voice(void)
{
	struct place p;
	struct stat st;
	struct rcd_err err = {0};
	char *note = NULL;
	int ret = 0;

	T_DO(open_place(&p, CONF, true, &err), err);
	T_DO(begin(&p, &err), err);
	T_INT(plan(&p.b, "chat broken\nresponses 500-before\n"), 0);
	T_DO(say(&p, 0, "qual é a garantia das bicicletas?", &err), err);
	T_STR(p.a.rung, "knowledge");
	T_OK(strstr(json_string_value(json_object_get(p.a.why, "chat")), "down") != NULL);
	T_OK(p.taken_back >= 1 && p.a.cost == 0);
	T_STR(p.heard.p, "A garantia das bicicletas vale dezoito meses.");
	T_INT(json_array_size(p.a.passages), 1);
	T_OK(json_array_size(p.a.notes) >= 2);
	T_INT(plan(&p.b, ""), 0);
	rcd_talk_answer_free(&p.a);
	T_DO(rcd_talk_say(p.talk, 0, RCD_SV("bom dia"), true, &p.a, &err), err);
	T_OK(p.a.note != NULL && stat(p.a.note, &st) == 0 && st.st_size > 200);
	T_DO(rcd_talk_speak(p.talk, RCD_SV("Bom dia."), &note, &err), err);
	T_OK(stat(note, &st) == 0 && st.st_size > 200);
out:
	free(note);
	close_place(&p);
	return ret;
}

static int without_keys(void)
{
	char persona[400];
	struct place p;
	struct rcd_err err = {0};
	int ret = 0;

	T_DO(open_place(&p, CONF, false, &err), err);
	p.db = rcd_db_close(p.db); /* and without a store */
	T_DO(begin(&p, &err), err);
	T_DO(say(&p, 0, "até quando posso fazer trocas?", &err), err);
	T_STR(p.a.rung, "knowledge");
	T_STR(p.a.text.p, "Trocas em até sete dias com a nota.");
	T_STR(p.a.persona, "");
	T_INT(rcd_talk_say(p.talk, 0, RCD_SV(" \n"), false, &p.a, &err), -1);
	T_INT(err.code, RCD_INVAL);
	T_INT(rcd_talk_say(p.talk, 0, RCD_SV("a\xff"), false, &p.a, &err), -1);
	T_INT(rcd_talk_say(p.talk, 0, (struct rcd_sv){"a\0b", 3}, false, &p.a, &err), -1);
	T_INT(err.code, RCD_INVAL);
	T_INT(rcd_talk_say(p.talk, 0, (struct rcd_sv){p.heard.p, RCD_TALK_WORDS + 1}, false, &p.a,
	                   &err),
	      -1);
	T_INT(err.code, RCD_LIMIT);
	T_INT(rcd_talk_persona(p.talk, p.tmp, &err), -1);
	T_INT(err.code, RCD_NOENT);
	(void)snprintf(persona, sizeof(persona), "%s/persona", t_dir());
	T_DO(rcd_talk_persona(p.talk, persona, &err), err);
out:
	close_place(&p);
	return ret;
}

static void *stopper(void *arg)
{
	struct place *p = arg;

	(void)soon(&p->b, "chat", NULL, NULL, 0);
	(void)usleep(50000);
	rcd_cancel_set(&p->stop);
	return NULL;
}

static int stopped(void)
{
	struct rcd_talk_conf how = {.route = "/webhook/nada"};
	struct rcd_err err = {0};
	struct place p;
	pthread_t id;
	int ret = 0;

	T_DO(open_place(&p, CONF, true, &err), err);
	how.conf = p.conf;
	T_INT(rcd_talk_open(&p.talk, &how, &err), -1);
	T_STR(err.msg, "there is no route /webhook/nada; recado conf lists them");
	T_DO(begin(&p, &err), err);
	T_INT(plan(&p.b, "chat never\n"), 0);
	T_INT(pthread_create(&id, NULL, stopper, &p), 0);
	ret = say(&p, 0, "oi", &err);
	(void)pthread_join(id, NULL);
	T_INT(ret, -1);
	ret = 0;
	T_INT(err.code, RCD_CANCELLED);
	T_OK(p.a.steps == NULL);
	p.talk = rcd_talk_close(p.talk);
	T_INT(begin(&p, &err), -1);
	T_INT(err.code, RCD_CANCELLED);
	T_INT(entries(p.tmp), 0);
out:
	close_place(&p);
	return ret;
}

const struct t_case t_cases[] = {
	{"answers", answers, 0},
	{"tools_and_a_person", tools_and_a_person, 0},
	{"rungs_and_voice", rungs_and_voice, 0},
	{"without_keys", without_keys, 0},
	{"stopped", stopped, 0},
	{NULL, NULL, 0},
};
