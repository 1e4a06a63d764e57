/* Commands of the chat: /why, /persona, /forget, /voice … */

#include "daemon/recado/chat.h"

#include "base/file.h"
#include "daemon/place.h"
#include "daemon/recado/persona_look.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 9999 /* of spoken answers in one folder */

struct word {
	const char *name, *args, *help;
	void (*run)(struct rcd_chat *c, const char *arg);
};

static bool is_answered(struct rcd_chat *c)
{
	if (c->last.steps != NULL)
		return true;
	rcd_chat_fail(c, "nothing was answered yet");
	return false;
}

static void do_why(struct rcd_chat *c, const char *arg)
{
	(void)arg;
	if (!is_answered(c))
		return;
	if (c->cli->json)
		rcd_chat_line(c, json_pack("{s:s s:o}", "word", "why", "answer",
		                           rcd_chat_json(c, rcd_sv(NULL), NULL)));
	else
		rcd_chat_why(c);
}

/* --- /persona ------------------------------------------------------------------------------- */

static const char *get_persona_dir(const struct rcd_chat *c)
{
	return c->persona != NULL ? c->persona : c->conf->persona_dir;
}

/* A path, or the name of a folder beside the persona of the instance or among the installed
 * ones. */
static char *find_persona(const struct rcd_chat *c, const char *name)
{
	const char *own = c->conf->persona_dir, *slash = strrchr(own, '/');
	char installed[300], source[300], found[PATH_MAX];
	char *out = NULL;

	if (strchr(name, '/') != NULL || strlen(name) > 200)
		return strdup(name);
	if (slash != NULL && asprintf(&out, "%.*s/%s", (int)(slash - own), own, name) >= 0 &&
	    access(out, X_OK) == 0)
		return out;
	free(out);
	(void)snprintf(installed, sizeof(installed), "persona/%s", name);
	(void)snprintf(source, sizeof(source), "etc/persona/%s", name);
	return strdup(rcd_place_shared(installed, source, found, sizeof(found), RCD_UNREAD_ERR) == 0
	                  ? found
	                  : name);
}

static bool switch_persona(struct rcd_chat *c, const char *name)
{
	char *dir = find_persona(c, name);
	struct rcd_err err = {0};

	if (dir == NULL || rcd_talk_persona(c->talk, dir, &err) != 0) {
		rcd_chat_fail(c, "%s", dir == NULL ? "out of memory" : err.msg);
		free(dir);
		return false;
	}
	free(c->persona);
	c->persona = dir;
	return true;
}

static void do_persona(struct rcd_chat *c, const char *arg)
{
	struct rcd_persona_look look;
	struct rcd_err err = {0};

	if (arg[0] != '\0' && !switch_persona(c, arg))
		return;
	if (rcd_persona_look(&c->conf->turn, get_persona_dir(c), &look, &err) != 0)
		rcd_chat_fail(c, "%s", err.msg);
	else if (c->cli->json)
		rcd_chat_line(c, json_pack("{s:s s:o}", "word", "persona", "persona",
		                           rcd_persona_json(&look)));
	else
		rcd_persona_print(&look);
	rcd_persona_look_done(&look);
}

/* --- /forget -------------------------------------------------------------------------------- */

static void do_forget(struct rcd_chat *c, const char *arg)
{
	struct rcd_err err = {0};

	(void)arg;
	if (rcd_talk_forget(c->talk, 0, &err) != 0) {
		rcd_chat_fail(c, "%s", err.msg);
		return;
	}
	rcd_talk_answer_free(&c->last);
	if (c->cli->json)
		rcd_chat_line(c, json_pack("{s:s s:b}", "word", "forget", "forgotten", true));
	else
		printf("forgotten: you begin anew\n");
}

/* --- /voice --------------------------------------------------------------------------------- */

/* Creates a file under the first free name in the working folder. */
static int open_new_file(char name[32], struct rcd_err *err)
{
	for (int i = 1; i <= FILES; i++) {
		int fd;

		(void)snprintf(name, 32, "recado-%d.ogg", i);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			return rcd_fail_errno(err, "cannot write %s", name);
	}
	return rcd_fail(err, RCD_LIMIT, 0, "recado-1.ogg to recado-%d.ogg are there already", FILES);
}

static int write_all(int fd, struct rcd_sv bytes, struct rcd_err *err)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n <= 0)
			return rcd_fail_errno(err, "cannot write the spoken answer");
		bytes = rcd_sv_skip(bytes, (size_t)n);
	}
	return 0;
}

static int copy_here(const char *note, char name[32], struct rcd_err *err)
{
	struct rcd_buf bytes;
	int fd, ret;

	rcd_buf_init(&bytes, RCD_MAX_MEDIA);
	ret = rcd_file_read(note, RCD_MAX_MEDIA - 1, &bytes, err);
	if (ret == 0) {
		fd = open_new_file(name, err);
		ret = fd < 0 ? -1 : write_all(fd, rcd_buf_view(&bytes), err);
		if (fd >= 0 && close(fd) != 0 && ret == 0)
			ret = rcd_fail_errno(err, "cannot write %s", name);
		if (fd >= 0 && ret != 0)
			(void)unlink(name);
	}
	rcd_buf_free(&bytes);
	return ret;
}

char *rcd_chat_voice(struct rcd_chat *c)
{
	char name[32], here[PATH_MAX], *path = NULL;
	struct rcd_err err = {0};

	if (c->last.text.n == 0 ||
	    (c->last.note == NULL &&
	     rcd_talk_speak(c->talk, rcd_buf_view(&c->last.text), &c->last.note, &err) != 0) ||
	    copy_here(c->last.note, name, &err) != 0) {
		rcd_chat_fail(c, "%s", c->last.text.n == 0 ? "there are no words to speak" : err.msg);
		return NULL;
	}
	if (getcwd(here, sizeof(here)) == NULL || asprintf(&path, "%s/%s", here, name) < 0)
		path = strdup(name);
	return path;
}

static void do_voice(struct rcd_chat *c, const char *arg)
{
	bool on = strcmp(arg, "on") == 0;
	char *path;

	if (on || strcmp(arg, "off") == 0) {
		c->voice = on;
		if (c->cli->json)
			rcd_chat_line(c, json_pack("{s:s s:b}", "word", "voice", "on", on));
		else
			printf(on ? "every answer is spoken from now on\n" : "answers are not spoken\n");
		return;
	}
	if (arg[0] != '\0') {
		rcd_chat_fail(
			c, "/voice speaks the last answer, /voice on and /voice off say whether all are");
		return;
	}
	path = is_answered(c) ? rcd_chat_voice(c) : NULL;
	if (path != NULL && c->cli->json)
		rcd_chat_line(c, json_pack("{s:s s:s}", "word", "voice", "file", path));
	else if (path != NULL)
		printf("%s\n", path);
	free(path);
}

/* --- all of them ---------------------------------------------------------------------------- */

static void do_help(struct rcd_chat *c, const char *arg);

static void do_quit(struct rcd_chat *c, const char *arg)
{
	(void)arg;
	c->over = true;
}

static const struct word words[] = {
	{"why", "", "what the last answer was made of: rung, passages, tools, tokens, cost, time",
     do_why},
	{"persona", "[NAME|FOLDER]", "who answers, and its layers; or another one from now on",
     do_persona},
	{"forget", "", "forgets you and all that was said", do_forget},
	{"voice", "[on|off]", "speaks the last answer into a file here; on: every answer", do_voice},
	{"help", "", "this list", do_help},
	{"quit", "", "ends (so does Ctrl-D)", do_quit},
};
#define N_WORDS (sizeof(words) / sizeof(words[0]))

static void do_help(struct rcd_chat *c, const char *arg)
{
	json_t *all = json_object();

	(void)arg;
	for (size_t i = 0; i < N_WORDS; i++) {
		if (!c->cli->json)
			printf("/%s %-*s %s\n", words[i].name, (int)(22 - strlen(words[i].name)), words[i].args,
			       words[i].help);
		(void)json_object_set_new(all, words[i].name, json_string(words[i].help));
	}
	if (c->cli->json)
		rcd_chat_line(c, json_pack("{s:s s:O}", "word", "help", "words", all));
	else
		printf("Everything else is said to the bot; // at the beginning says a /.\n");
	json_decref(all);
}

void rcd_chat_word(struct rcd_chat *c, struct rcd_sv line)
{
	struct rcd_sv rest = rcd_sv_skip(line, 1), name;
	char *arg;

	(void)rcd_sv_cut(&rest, ' ', &name);
	rest = rcd_sv_trim(rest);
	for (size_t i = 0; i < N_WORDS; i++) {
		if (!rcd_sv_is(rcd_sv_trim(name), words[i].name))
			continue;
		if (rest.n > 0 && words[i].args[0] == '\0') {
			rcd_chat_fail(c, "/%s takes nothing behind it", words[i].name);
			return;
		}
		arg = rest.n > 0 ? rcd_sv_dup(rest) : strdup("");
		if (arg != NULL)
			words[i].run(c, arg);
		else
			rcd_chat_fail(c, "out of memory");
		free(arg);
		return;
	}
	rcd_chat_fail(c,
	              "there is no /%.*s; there are /why, /persona, /forget, /voice, /help and /quit",
	              (int)rcd_utf8_cut(name, 40), name.n > 0 ? name.p : "");
}
