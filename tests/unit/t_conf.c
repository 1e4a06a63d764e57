#include "base/file.h"
#include "daemon/conf.h"
#include "daemon/log.h"
#include "daemon/options.h"
#include "daemon/turn_names.h"
#include "tests/t.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- a configuration made of text --------------------------------------------------- */

struct notes {
	struct rcd_buf errors, warnings; /* one per line */
	int n_errors, n_warnings;
};

static void keep(void *arg, bool error, const char *text)
{
	struct notes *n = arg;

	rcd_buf_fmt(error ? &n->errors : &n->warnings, "%s\n", text);
	n->n_errors += error;
	n->n_warnings += !error;
}

static void notes_init(struct notes *n)
{
	*n = (struct notes){0};
	rcd_buf_init(&n->errors, 1 << 20);
	rcd_buf_init(&n->warnings, 1 << 20);
	rcd_buf_str(&n->errors, "");
	rcd_buf_str(&n->warnings, "");
}

static void notes_free(struct notes *n)
{
	rcd_buf_free(&n->errors);
	rcd_buf_free(&n->warnings);
}

static bool said(const struct notes *n, const char *text)
{
	return strstr(n->errors.p, text) != NULL || strstr(n->warnings.p, text) != NULL;
}

static const char *path_of(const char *name)
{
	static char path[400];

	(void)snprintf(path, sizeof(path), "%s/%s", t_dir(), name);
	return path;
}

static int put_file(const char *name, struct rcd_sv text, mode_t mode)
{
	struct rcd_err err = {0};

	return rcd_file_write(path_of(name), text, mode, &err);
}

/* No variable of the outer world may reach a case. */
static void clean_env(void)
{
	static const char *const more[] = {"ASSISTANT_ID", "CREDENTIALS_DIRECTORY"};

	for (size_t i = 0; i < rcd_n_options; i++)
		if (rcd_options[i].env != NULL)
			(void)unsetenv(rcd_options[i].env);
	for (size_t i = 0; i < RCD_N_SECRETS; i++)
		(void)unsetenv(rcd_secrets[i].env);
	for (size_t i = 0; i < 2; i++)
		(void)unsetenv(more[i]);
}

/* text as recado.conf of a fresh folder; NULL when it is refused. */
static struct rcd_conf *load(const char *text, const char *const *overrides, struct notes *n)
{
	struct rcd_conf *conf = NULL;

	notes_free(n);
	notes_init(n);
	if (put_file("recado.conf", rcd_sv(text), 0600) != 0)
		return NULL;
	(void)rcd_conf_load(&conf, path_of("recado.conf"), overrides, keep, n);
	return conf;
}

/* --- cases -------------------------------------------------------------------------- */

static int defaults_are_whole(void)
{
	struct rcd_conf *c = NULL;
	struct notes n;
	int ret = 0;

	clean_env();
	notes_init(&n);
	T_INT(rcd_conf_load(&c, NULL, NULL, keep, &n), 0);
	T_INT(n.n_errors, 0);
	T_INT(n.n_warnings, 4);
	T_OK(said(&n, "public_url is not set") && said(&n, "twilio_auth_token is not set"));
	T_OK(said(&n, "openai_api_key is not set") &&
	     said(&n, "elevenlabs_api_key or elevenlabs.voice_id is not set"));
	T_STR(c->openai.language, "pt");
	T_STR(c->voice.offline_voice, "pt-br");
	T_STR(c->public_url, "");
	T_STR(c->language, "pt-BR");
	T_STR(c->state_dir, RCD_LOCALSTATEDIR "/lib/recado");
	T_STR(c->database_url, "sqlite:///" RCD_LOCALSTATEDIR "/lib/recado/recado.db");
	T_STR(c->audio_dir, RCD_LOCALSTATEDIR "/lib/recado/static/audio");
	T_STR(c->socket, "/run/recado/recado.sock");
	T_OK(c->file == NULL);
	T_STR(c->dir, ".");
	T_STR(c->persona_dir, "persona");
	T_INT(c->log_level, RCD_INFO);
	T_INT(c->web_processes, 2);
	T_INT(c->web_threads, 32);
	T_INT(c->work_threads, 512);
	T_INT(c->n_routes, 4);
	T_STR(c->route[1].path, "/webhook/FUNCIONA");
	T_OK(!c->route[0].twiml && !c->route[0].deprecated && c->route[3].deprecated);
	T_STR(c->openai.base_url, "https://api.openai.com/v1");
	T_STR(c->openai.chat_model, "gpt-6-luna");
	T_OK(c->openai.temperature == 0.7 && c->voice.stability == 0.6 && c->voice.similarity == 0.8);
	T_OK(c->voice.style == 0.2 && c->voice.speed == 1.0 && c->voice.speaker_boost);
	T_STR(c->openai.assistant_model, "gpt-6-luna");
	T_OK(!c->openai.store);
	T_INT(c->openai.max_tokens, 300);
	T_STR(c->voice.language, "pt");
	T_INT(c->turn.voice_when, RCD_VOICE_ALWAYS);
	T_OK(!c->twilio.base_url_set);
	T_STR(c->twilio.cdn[0], "media.twiliocdn.com");
	T_OK(c->twilio.cdn[5] == NULL);
	for (size_t i = 0; i < RCD_N_TEXTS; i++)
		T_OK(c->turn.text[i] != NULL && (c->turn.text[i][0] != '\0') == (i != RCD_TEXT_VOICE_DOWN));
	T_OK(c->turn.public_url == c->public_url && c->blobs.audio_dir == c->audio_dir);
out:
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

static int file_is_read(void)
{
	static const char text[] =
		"public_url = \"https://shop.example/\";\nlanguage = \"en\";\nlog_level = \"debug\";\n"
		"state_dir = \"var\"; knowledge_dir = \"/srv/k/\"; audio_dir = \"$state_dir/a\";\n"
		"web: { threads = 64; };\n"
		"openai: { temperature = 1; chat_model = \"local\"; base_url = \"http://127.0.0.1:9/v1/\"; "
		"};\n"
		"twilio: { phone_number = \"whatsapp:+14155238886\"; media_hosts = [ \"cdn.example\" ]; "
		"};\n"
		"voice: { when = \"mirror\"; }\n"
		"routes = ( { path = \"/webhook/a\"; reply = \"twiml\"; } );\n"
		"texts: { en: { sticker = \"Nice \" \"one\\n!\"; }; };\n";
	struct rcd_conf *c = NULL;
	char want[400];
	struct notes n;
	int ret = 0;

	clean_env();
	notes_init(&n);
	c = load(text, NULL, &n);
	T_STR(n.errors.p, "");
	T_OK(c != NULL);
	T_STR(c->public_url, "https://shop.example");
	T_INT(c->log_level, RCD_DEBUG);
	T_INT(c->web_threads, 64);
	T_OK(c->openai.temperature == 1.0);
	T_STR(c->openai.base_url, "http://127.0.0.1:9/v1");
	T_STR(c->twilio.number, "+14155238886");
	T_STR(c->twilio.cdn[0], "cdn.example");
	T_OK(c->twilio.cdn[1] == NULL);
	T_INT(c->turn.voice_when, RCD_VOICE_MIRROR);
	T_INT(c->n_routes, 1);
	T_OK(c->route[0].twiml);
	T_STR(c->turn.text[RCD_TEXT_STICKER], "Nice one\n!");
	T_STR(c->voice.language, "en");
	T_STR(c->knowledge_dir, "/srv/k");
	(void)snprintf(want, sizeof(want), "%s/var/a", c->dir);
	T_STR(c->audio_dir, want);
	(void)snprintf(want, sizeof(want), "sqlite:///%s/var/recado.db", c->dir);
	T_STR(c->database_url, want);
	(void)snprintf(want, sizeof(want), "%s/persona", c->dir);
	T_STR(c->persona_dir, want);
out:
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

/* Each piece alone must be refused, with its line and the words that help. */
static int mistakes_are_told(void)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"web: { thread = 3; };", ":1: no setting is named web.thread (nearest: web.threads)"},
		{"\nthreads = 4;", ":2: no setting is named threads (nearest: web.threads)"},
		{"pubic_url = \"x\";", "(nearest: public_url)"},
		{"wen: { threads = 4; };", "no setting is named wen"},
		{"web = 3;", ":1: web is a group"},
		{"web: { threads = 0; };", "web.threads: must be a whole number from 1 to 256"},
		{"web: { threads = 257; };", "web.threads: must be a whole number from 1 to 256"},
		{"web: { threads = -1; };", "web.threads: must be a whole number from 1 to 256"},
		{"web: { threads = 4294967297; };", ":1: a number of more than 9 digits"},
		{"web: { threads = 0x100000001; };", ":1: a number of more than 9 digits"},
		{"web: { threads = 4294967297L; };", ":1: a number of more than 9 digits"},
		{"web: { threads = 4.0; };", "must be a whole number"},
		{"web: { threads = \"4\"; };", "must be a whole number"},
		{"web: { threads = [ 4 ]; };", "must be a whole number"},
		{"drain_ms = -5;", "from 0 to 600000, in milliseconds"},
		{"openai: { temperature = 2.01; };", "must be a number from 0 to 2"},
		{"openai: { temperature = 1e999; };", "must be a number from 0 to 2"},
		{"openai: { chat_model = \"\"; };", "one line of 1 to 200 bytes"},
		{"openai: { chat_model = \"a\\nb\"; };", "one line of 1 to 200 bytes"},
		{"openai: { language = \"por\"; };", "two lower-case letters"},
		{"openai: { base_url = \"http://192.0.2.1/v1\"; };", ":1: openai.base_url: "},
		{"openai: { base_url = \"\"; };", "openai.base_url: must be a URL"},
		{"public_url = \"http://shop.example\";", ":1: public_url: "},
		{"public_url = \"https://shop.example/?a=b\";", ":1: public_url: "},
		{"elevenlabs: { speaker_boost = 1; };", "must be true or false"},
		{"elevenlabs: { voice_id = \"../x\"; };", "letters, digits"},
		{"voice: { when = \"often\"; };", "one of \"always\", \"short\", \"mirror\", \"never\""},
		{"voice: { offline_voice = \"-w/etc/x\"; };", "must not begin with \"-\""},
		{"twilio: { phone_number = \"hello\"; };", "twilio.phone_number: must be a number like"},
		{"twilio: { media_hosts = \"a.example\"; };", "must be a list of names"},
		{"twilio: { media_hosts = { a = 1; }; };", "must be a list of names"},
		{"twilio: { media_hosts = ( 1 ); };", "must be a list of names"},
		{"twilio: { media_hosts = [ \"com\" ]; };", "names with a dot"},
		{"twilio: { media_hosts = [ \"*.a.example\" ]; };", "names with a dot"},
		{"twilio: { media_hosts = [ \"https://a.example\" ]; };", "names with a dot"},
		{"media = \"https://b.example/x\";", "media: must be s3://bucket"},
		{"media = \"s3://Bucket\";", ":1: media: a bucket has"},
		{"media = \"s3://bucket/../x\";", ":1: media: a prefix has"},
		{"media = \"s3://bucket\";", "AWS_SECRET_ACCESS_KEY"},
		{"media_url = \"http://cdn.example\";", ":1: media_url: "},
		{"s3: { endpoint_url = \"http://192.0.2.1:9000\"; };", ":1: s3.endpoint_url: "},
		{"s3: { region = \"us east\"; };", "letters, digits"},
		{"s3: { secret_access_key = \"x\"; };", "is a secret"},
		{"routes = ();", "1 to 32 routes"},
		{"routes = 3;", "must be a list of {"},
		{"routes = (\n3);", "must be a list of groups"},
		{"routes = ( { reply = \"rest\"; } );", "a route without a path"},
		{"routes = ( { path = \"/webhook/a\"; },\n { path = \"/health\"; } );",
	     ":2: routes: a path must begin"},
		{"routes = ( { path = \"/webhook/a?b\"; } );", "a path may have letters"},
		{"routes = ( { path = \"/webhook/../a\"; } );", "a path may have letters"},
		{"routes = ( { path = \"/webhook/a/\"; } );", "a path may have letters"},
		{"routes = ( { path = \"/webhook/a\"; replay = \"rest\"; } );", "(nearest: \"reply\")"},
		{"routes = ( { path = \"/webhook/a\"; reply = \"soap\"; } );",
	     "reply must be \"rest\" or \"twiml\""},
		{"routes = ( { path = \"/webhook/a\"; }, { path = \"/webhook/a\"; } );",
	     "names a path twice"},
		{"database_url = \"postgresql://u:hunter2@hunter2@h/db\";",
	     "database URL: not one of PostgreSQL"},
		{"database_url = \"postgres://u:hunter2/x@h/db\";", "database URL: not one of PostgreSQL"},
		{"database_url = \"postgresql://u:p@h/db?hunter2=1\";",
	     "database URL: not one of PostgreSQL"},
		{"database_url = \"mysql://u:hunter2@h/db\";", "must be sqlite:////"},
		{"database_url = \"sqlite://\";", "must be sqlite:////"},
		{"database_url = \"sqlite:///:memory:\";", "must be sqlite:////"},
		{"texts: { en: { apology = \"\"; }; };", "a text of 1 to 1500 bytes"},
		{"web: { threads = 4; threads = 5; };", ":1: duplicate setting name"},
		{"\n\nweb: { threads = ; };", ":3: syntax error"},
		{"public_url = \"abc;\n", ":1: a text that begins here never ends"},
		{"\n/* web: {\n", ":2: a comment that begins here never ends"},
		{"\n @include \"/dev/zero\"\n", ":2: @include is not taken"},
		{"\n# \x01\n", ":2: the byte 0x01"},
		{"\n\n# \xff\n", ":3: the byte 0xff"},
	};
	struct rcd_conf *c = NULL;
	struct notes n;
	int ret = 0;

	clean_env();
	notes_init(&n);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		c = load(bad[i].text, NULL, &n);
		if (c != NULL)
			T_FAIL("taken: %s", bad[i].text);
		if (n.n_errors != 1 || strstr(n.errors.p, bad[i].says) == NULL)
			T_FAIL("%s\nsays\n%snot\n%s", bad[i].text, n.errors.p, bad[i].says);
		T_OK(strstr(n.errors.p, "hunter2") == NULL);
		T_OK(strstr(n.errors.p, "recado.conf:") != NULL);
	}
out:
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

static int all_mistakes_at_once(void)
{
	static const char text[] = "web: { threads = 0; processes = 0; };\nfoo = 1;\n"
							   "openai: { chat_model = \"gpt-4o\"; base_url = \"ftp://x\"; };\n"
							   "routes = ( { path = \"a\"; }, { pth = \"b\"; } );\n";
	const char *const overrides[] = {"nope=1", "work.threads", "turn.deadline_ms=1", NULL};
	struct rcd_conf *c = NULL;
	struct notes n;
	int ret = 0;

	clean_env();
	(void)setenv("TWILIO_PHONE_NUMBER", "hello", 1);
	notes_init(&n);
	c = load(text, overrides, &n);
	T_OK(c == NULL);
	T_INT(n.n_errors, 10);
	T_OK(said(&n, "override: no setting is named nope") && said(&n, "name=value"));
	T_OK(said(&n, "override: turn.deadline_ms: must be"));
	T_OK(said(&n, "$TWILIO_PHONE_NUMBER: twilio.phone_number: must be"));
	T_OK(
		said(&n, "recado.conf:3: openai.chat_model: OpenAI ends gpt-4o on 2027-01-14; gpt-6-luna"));
out:
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

static int files_that_cannot_be_read(void)
{
	char *big = malloc(RCD_MAX_CONF_FILE + 2);
	struct rcd_conf *c = NULL;
	struct notes n;
	int ret = 0;

	clean_env();
	notes_init(&n);
	T_OK(big != NULL);
	T_INT(rcd_conf_load(&c, path_of("missing.conf"), NULL, keep, &n), -1);
	T_OK(said(&n, "missing.conf") && said(&n, "No such file"));
	T_INT(rcd_conf_load(&c, t_dir(), NULL, keep, &n), -1);
	T_OK(said(&n, "directory"));
	memset(big, '\n', RCD_MAX_CONF_FILE + 1);
	big[RCD_MAX_CONF_FILE + 1] = '\0';
	T_OK(load(big, NULL, &n) == NULL);
	T_INT(n.n_errors, 1);
	T_OK(c == NULL);
	T_INT(put_file("nul.conf", RCD_SV("\nweb: {};\n\0nonsense"), 0600), 0);
	T_INT(rcd_conf_load(&c, path_of("nul.conf"), NULL, keep, &n), -1);
	T_OK(said(&n, "nul.conf:3: the byte 0x00"));
	/* nobody listens: still only an error */
	T_INT(rcd_conf_load(&c, path_of("nul.conf"), NULL, NULL, NULL), -1);
out:
	free(big);
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

static int who_wins(void)
{
	const char *const overrides[] = {"web.threads=3",
	                                 "public_url?=http://127.0.0.1:8080",
	                                 "language?=en",
	                                 "openai.chat_model=o",
	                                 "twilio.media_hosts=a.example,b.example",
	                                 "routes=/webhook/x:twiml,/webhook/y:rest:deprecated",
	                                 NULL};
	struct rcd_conf *c = NULL;
	struct rcd_buf out;
	struct notes n;
	int ret = 0;

	clean_env();
	notes_init(&n);
	rcd_buf_init(&out, 1 << 20);
	(void)setenv("OPENAI_BASE_URL", "http://localhost:1/v1", 1);
	(void)setenv("TWILIO_BASE_URL", "http://[::1]:2/", 1);
	(void)setenv("TWILIO_PHONE_NUMBER", "14155238886", 1);
	(void)setenv("ELEVENLABS_VOICE_ID", "", 1);
	(void)setenv("ELEVENLABS_AGENT_ID", "agent_1", 1);
	(void)setenv("ASSISTANT_ID", "asst_1", 1);
	c = load("web: { threads = 9; processes = 4; };\nlanguage = \"pt-BR\";\n"
	         "openai: { base_url = \"https://file.example/v1\"; };\n"
	         "elevenlabs: { voice_id = \"fromfile\"; };\n",
	         overrides, &n);
	T_STR(n.errors.p, "");
	T_INT(c->web_processes, 4);
	T_INT(c->web_threads, 3);
	T_STR(c->public_url, "http://127.0.0.1:8080");
	T_STR(c->language, "pt-BR"); /* ?= gives way to the file */
	T_STR(c->openai.base_url, "http://localhost:1/v1");
	T_STR(c->twilio.base_url, "http://[::1]:2");
	T_OK(c->twilio.base_url_set);
	T_STR(c->twilio.number, "+14155238886");
	T_STR(c->twilio.cdn[1], "b.example");
	T_STR(c->voice.voice_id, "fromfile"); /* an empty variable is none */
	T_OK(c->n_routes == 2 && c->route[0].twiml && c->route[1].deprecated);
	T_OK(said(&n, "$ASSISTANT_ID") && !said(&n, "AGENT"));
	rcd_conf_print(c, &out);
	T_OK(strstr(out.p, "\tthreads = 3; # override\n") != NULL);
	T_OK(strstr(out.p, "\tprocesses = 4; # ") != NULL);
	T_OK(strstr(out.p, "recado.conf:1\n") != NULL);
	T_OK(strstr(out.p, "\tbase_url = \"http://localhost:1/v1\"; # $OPENAI_BASE_URL\n") != NULL);
	T_OK(strstr(out.p, "\tmax_tokens = 300; # default\n") != NULL);
out:
	rcd_buf_free(&out);
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

static int store_urls(void)
{
	struct rcd_conf *c = NULL;
	char text[900], want[600];
	struct notes n;
	int ret = 0;

	clean_env();
	notes_init(&n);
	c = load("state_dir = \"/s\"; database_url = \"sqlite:////data/a.db\";", NULL, &n);
	T_OK(c != NULL);
	T_STR(c->database_url, "sqlite:////data/a.db");
	rcd_conf_free(c);
	c = load("state_dir = \"/s\"; database_url = \"sqlite:///a.db\";", NULL, &n);
	T_OK(c != NULL);
	T_STR(c->database_url, "sqlite:////s/a.db");
	rcd_conf_free(c);
	c = load("state_dir = \"/s\"; database_url = \"/data/a.db\";", NULL, &n);
	T_OK(c != NULL);
	T_STR(c->database_url, "sqlite:////data/a.db");
	rcd_conf_free(c);
	/* one slash too few, and only the absolute folder exists */
	(void)snprintf(text, sizeof(text), "state_dir = \"/s\"; database_url = \"sqlite://%s/a.db\";",
	               t_dir());
	c = load(text, NULL, &n);
	T_OK(c != NULL);
	(void)snprintf(want, sizeof(want), "sqlite:///%s/a.db", t_dir());
	T_STR(c->database_url, want);
	T_OK(said(&n, "four slashes"));
	(void)setenv("DATABASE_URL", "sqlite:////env.db", 1);
	rcd_conf_free(c);
	c = load("database_url = \"sqlite:////data/a.db\";", NULL, &n);
	T_OK(c != NULL);
	T_STR(c->database_url, "sqlite:////env.db");
out:
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

static int media_in_a_store(void)
{
	struct rcd_conf *c = NULL;
	struct notes n;
	struct rcd_buf out;
	int ret = 0;

	clean_env();
	notes_init(&n);
	rcd_buf_init(&out, 1 << 20);
	c = load("", NULL, &n);
	T_OK(c != NULL && c->blobs.s3 == NULL && c->turn.media_url[0] == '\0');
	rcd_conf_free(c);
	(void)setenv("AWS_ACCESS_KEY_ID", "GOOG1EXAMPLE", 1);
	(void)setenv("AWS_SECRET_ACCESS_KEY", "sekret", 1);
	(void)setenv("AWS_ENDPOINT_URL_S3", "https://storage.googleapis.com/", 1);
	(void)setenv("AWS_REGION", "auto", 1);
	c = load("media = \"s3://my-bucket/shop/\"; media_url = \"https://cdn.example/audio/\";", NULL,
	         &n);
	T_STR(n.errors.p, "");
	T_OK(c != NULL && c->blobs.s3 == &c->s3);
	T_STR(c->s3.bucket, "my-bucket");
	T_STR(c->s3.prefix, "shop/");
	T_STR(c->s3.endpoint, "https://storage.googleapis.com");
	T_STR(c->s3.region, "auto");
	T_STR(c->s3.key_id, "GOOG1EXAMPLE");
	T_OK(rcd_sv_is(rcd_secret_view(&c->s3.secret), "sekret") && !rcd_secret_set(&c->s3.session));
	T_STR(c->turn.media_url, "https://cdn.example/audio");
	rcd_conf_print(c, &out);
	T_OK(strstr(out.p, "s3://my-bucket/shop/") != NULL && strstr(out.p, "sekret") == NULL);
out:
	rcd_conf_free(c);
	notes_free(&n);
	rcd_buf_free(&out);
	return ret;
}

static int secrets_have_their_places(void)
{
	struct rcd_conf *c = NULL;
	char credentials[400];
	struct rcd_buf out;
	struct notes n;
	int ret = 0;

	clean_env();
	notes_init(&n);
	rcd_buf_init(&out, 1 << 20);
	T_INT(put_file("secrets/openai_api_key", RCD_SV("file-openai\n"), 0640), 0);
	T_INT(put_file("secrets/twilio_auth_token", RCD_SV("file-token\n"), 0640), 0);
	T_INT(put_file("secrets/elevenlabs_api_key", RCD_SV("file-eleven\n"), 0644), 0);
	T_INT(chmod(path_of("secrets/elevenlabs_api_key"), 0644), 0);
	T_INT(put_file("secrets/session_secret", RCD_SV(" \n"), 0600), 0);
	T_INT(put_file("cred/twilio_auth_token", RCD_SV("cred-token"), 0400), 0);
	(void)snprintf(credentials, sizeof(credentials), "%s", path_of("cred"));
	(void)setenv("CREDENTIALS_DIRECTORY", credentials, 1);
	(void)setenv("OPENAI_API_KEY", "env-openai", 1);
	(void)setenv("ELEVENLABS_API_KEY", "", 1);
	c = load("", NULL, &n);
	T_STR(n.errors.p, "");
	T_OK(rcd_sv_is(rcd_secret_view(&c->openai.key), "env-openai"));
	T_OK(rcd_sv_is(rcd_secret_view(&c->twilio.token), "cred-token"));
	T_OK(rcd_sv_is(rcd_secret_view(&c->voice.key), "file-eleven"));
	T_OK(!rcd_secret_set(&c->session_secret) && !rcd_secret_set(&c->admin_token));
	T_OK(said(&n, "elevenlabs_api_key: mode 0644"));
	T_OK(!said(&n, "openai_api_key") && !said(&n, "503"));
	rcd_conf_print(c, &out);
	T_OK(strstr(out.p, "\n# openai_api_key: set, # $OPENAI_API_KEY\n") != NULL);
	T_OK(strstr(out.p, "/cred/twilio_auth_token\n") != NULL);
	T_OK(strstr(out.p, "\n# admin_token: not set\n") != NULL);
	T_OK(strstr(out.p, "env-openai") == NULL && strstr(out.p, "cred-token") == NULL &&
	     strstr(out.p, "file-eleven") == NULL);
out:
	rcd_buf_free(&out);
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

static int no_secret_in_the_file(void)
{
	static const char text[] =
		"openai: { api_key = \"sk-live\"; };\ntwilio_auth_token = \"sk-live\";\n"
		"elevenlabs: { voice_id = \"sk-live key\"; };\n";
	struct rcd_conf *c = NULL;
	struct notes n;
	int ret = 0;

	clean_env();
	notes_init(&n);
	(void)setenv("SESSION_SECRET", "sk-live\nX: y", 1);
	c = load(text, NULL, &n);
	T_OK(c == NULL);
	T_INT(n.n_errors, 4);
	T_OK(said(&n, ":1: openai.api_key is a secret") && said(&n, "$OPENAI_API_KEY"));
	T_OK(said(&n, ":2: twilio_auth_token is a secret") && said(&n, "$TWILIO_AUTH_TOKEN"));
	T_OK(said(&n, "$SESSION_SECRET: a secret holds a control character"));
	T_OK(!said(&n, "sk-live"));
out:
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

static int environment_is_scrubbed(void)
{
	char *place;
	int ret = 0;

	clean_env();
	for (size_t i = 0; i < RCD_N_SECRETS; i++)
		T_INT(setenv(rcd_secrets[i].env, "sk-live", 1), 0);
	(void)setenv("PUBLIC_URL", "https://a.example", 1);
	place = getenv("TWILIO_AUTH_TOKEN");
	rcd_conf_scrub_env();
	for (size_t i = 0; i < RCD_N_SECRETS; i++)
		T_OK(getenv(rcd_secrets[i].env) == NULL);
	T_OK(place[0] == '\0');
	T_STR(getenv("PUBLIC_URL"), "https://a.example");
out:
	return ret;
}

/* A folder as `recado up` uses it: everything relative, so that its path may be anything. */
static int bare_file_name(void)
{
	const char *const overrides[] = {"state_dir?=.", "run_dir?=run", NULL};
	struct rcd_conf *c = NULL;
	struct notes n;
	int ret = 0;

	clean_env();
	notes_init(&n);
	T_INT(put_file("recado.conf", RCD_SV("knowledge_dir = \"./k/\";"), 0600), 0);
	T_INT(chdir(t_dir()), 0);
	T_INT(rcd_conf_load(&c, "recado.conf", overrides, keep, &n), 0);
	T_STR(c->dir, ".");
	T_STR(c->state_dir, ".");
	T_STR(c->audio_dir, "static/audio");
	T_STR(c->database_url, "sqlite:///recado.db");
	T_STR(c->socket, "run/recado.sock");
	T_STR(c->persona_dir, "persona");
	T_STR(c->knowledge_dir, "./k");
	rcd_conf_free(c);
	c = NULL;
	(void)setenv("DATABASE_URL", "sqlite:///x.db", 1);
	T_INT(rcd_conf_load(&c, "./recado.conf", NULL, keep, &n), 0);
	T_STR(c->database_url, "sqlite:///" RCD_LOCALSTATEDIR "/lib/recado/x.db");
out:
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

/* What -T prints is a file that gives the same configuration. */
static int print_reads_back(void)
{
	static const char text[] = "texts: { en: { image = \"a \\\"b\\\" \\\\ c\\nd\\te\"; }; };\n"
							   "openai: { temperature = 0.123456789; max_tokens = 400; };\n"
							   "elevenlabs: { speed = 1; };\n"
							   "routes = ( { path = \"/webhook/a\"; deprecated = true; } );\n";
	struct rcd_conf *c = NULL, *d = NULL;
	struct rcd_buf a, b;
	struct notes n;
	char *p, *q;
	int ret = 0;

	clean_env();
	notes_init(&n);
	rcd_buf_init(&a, 1 << 20);
	rcd_buf_init(&b, 1 << 20);
	c = load(text, NULL, &n);
	T_STR(n.errors.p, "");
	rcd_conf_print(c, &a);
	d = load(a.p, NULL, &n);
	T_STR(n.errors.p, "");
	T_STR(d->turn.text[RCD_TEXT_IMAGE], c->turn.text[RCD_TEXT_IMAGE]);
	T_OK(d->openai.temperature == c->openai.temperature);
	rcd_conf_print(d, &b);
	/* but for where each value is from */
	for (p = a.p, q = b.p; *p != '\0' && *q != '\0'; p++, q++) {
		if (strncmp(p, " # ", 3) == 0 && strncmp(q, " # ", 3) == 0) {
			p += strcspn(p, "\n");
			q += strcspn(q, "\n");
		}
		if (*p != *q)
			T_FAIL("differs from: %.60s", p);
	}
	T_OK(*p == '\0' && *q == '\0');
out:
	rcd_buf_free(&a);
	rcd_buf_free(&b);
	rcd_conf_free(c);
	rcd_conf_free(d);
	notes_free(&n);
	return ret;
}

/* Replaces every from in text by to; free(). */
static char *replaced(const char *text, const char *from, const char *to)
{
	struct rcd_buf b;

	rcd_buf_init(&b, 1 << 20);
	for (const char *at; (at = strstr(text, from)) != NULL; text = at + strlen(from)) {
		rcd_buf_add(&b, text, (size_t)(at - text));
		rcd_buf_str(&b, to);
	}
	rcd_buf_str(&b, text);
	return rcd_buf_take(&b, NULL);
}

static int default_file_is_the_table(void)
{
	struct rcd_conf *c = NULL, *d = NULL;
	char *file = NULL, *made = NULL, *active = NULL;
	struct rcd_buf out;
	struct notes n;
	size_t size;
	int ret = 0;

	clean_env();
	notes_init(&n);
	rcd_buf_init(&out, 1 << 20);
	rcd_conf_defaults(&out);
	file = t_slurp("etc/recado.conf", &size);
	T_OK(file != NULL && out.p != NULL);
	made = replaced(out.p, RCD_LOCALSTATEDIR "/lib/recado", "/var/lib/recado");
	T_STR(made, file);
	/* as delivered it changes nothing */
	c = load(file, NULL, &n);
	T_STR(n.errors.p, "");
	/* and with every # removed it is still all defaults */
	active = replaced(out.p, "\n#", "\n\x01");
	free(made);
	made = replaced(active, "\t#", "\t\x01");
	free(active);
	active = replaced(made, "\x01 ", "# ");
	free(made);
	made = replaced(active, "\x01\n", "#\n");
	free(active);
	active = replaced(made, "\x01", "");
	d = load(active, NULL, &n);
	T_STR(n.errors.p, "");
	T_STR(d->audio_dir, c->audio_dir);
	T_STR(d->database_url, c->database_url);
	T_INT(d->n_routes, c->n_routes);
	rcd_buf_reset(&out);
	rcd_conf_print(d, &out);
	T_OK(strstr(out.p, "# default") == NULL);
	for (size_t i = 0; i < RCD_N_TEXTS; i++)
		T_STR(d->turn.text[i], c->turn.text[i]);
out:
	rcd_buf_free(&out);
	free(file);
	free(made);
	free(active);
	rcd_conf_free(c);
	rcd_conf_free(d);
	notes_free(&n);
	return ret;
}

/* --- the manual ---------------------------------------------------------------------- */

/* The page's words with line ends as spaces and without macros at the start of lines;
 * "\n@name\n" stands for an item. */
static char *plain_manual(const char *page)
{
	struct rcd_sv rest = rcd_sv(page), line;
	struct rcd_buf b;

	rcd_buf_init(&b, 1 << 20);
	while (rcd_sv_cut(&rest, '\n', &line)) {
		if (rcd_sv_starts(line, RCD_SV(".It Ic "))) {
			rcd_buf_fmt(&b, "\n@%.*s\n", RCD_SV_ARG(rcd_sv_skip(line, 7)));
			continue;
		}
		if (rcd_sv_starts(line, RCD_SV(".Ql ")) || rcd_sv_starts(line, RCD_SV(".Ev ")))
			line = rcd_sv_skip(line, 4);
		else if (rcd_sv_starts(line, RCD_SV(".Sh ")))
			rcd_buf_str(&b, "\n@\n");
		rcd_buf_fmt(&b, "%.*s ", RCD_SV_ARG(line));
	}
	return rcd_buf_take(&b, NULL);
}

/* What stands behind the item's name, up to the next item; the items of a row share it. */
static char *item(const char *manual, const char *name)
{
	char mark[100];
	const char *at, *end;

	(void)snprintf(mark, sizeof(mark), "\n@%s\n", name);
	at = strstr(manual, mark);
	if (at == NULL)
		return NULL;
	at += strlen(mark);
	while (strncmp(at, "\n@", 2) == 0) /* two names, one text */
		at = strchr(at + 1, '\n') + 1;
	end = strstr(at, "\n@");
	return rcd_sv_dup((struct rcd_sv){at, end != NULL ? (size_t)(end - at) : strlen(at)});
}

static int one_in_manual(const char *manual, const struct rcd_option *o)
{
	char allowed[RCD_ALLOWED_N], *text = item(manual, o->name), *def = NULL;
	bool plain = o->type == RCD_OPT_PATH || o->type == RCD_OPT_STR || o->type == RCD_OPT_TEXT;
	int ret = 0;

	if (text == NULL)
		T_FAIL("%s is not in the manual", o->name);
	if (strstr(text, o->help) == NULL)
		T_FAIL("%s: the manual says something else than: %s", o->name, o->help);
	if (!plain && strstr(text, rcd_option_allowed(o, allowed) + 1) == NULL)
		T_FAIL("%s: not in the manual: %s", o->name, allowed);
	if (o->unit != NULL && strstr(text, o->unit) == NULL)
		T_FAIL("%s: the unit is not in the manual", o->name);
	if (o->env != NULL && strstr(text, o->env) == NULL)
		T_FAIL("%s: %s is not in the manual", o->name, o->env);
	if (o->type != RCD_OPT_TEXT) {
		def = replaced(o->def, ",", " ");
		if (strstr(text, *def != '\0' ? def : "Default: empty.") == NULL)
			T_FAIL("%s: the default is not in the manual: %s", o->name, def);
	}
out:
	free(text);
	free(def);
	return ret;
}

static int manual_is_the_table(void)
{
	char *page = NULL, *manual = NULL;
	size_t n = 0, items = 0;
	int ret = 0;

	page = t_slurp("docs/man/recado.conf.5", &n);
	T_OK(page != NULL);
	manual = plain_manual(page);
	T_OK(manual != NULL);
	for (size_t i = 0; i < rcd_n_options; i++)
		T_INT(one_in_manual(manual, &rcd_options[i]), 0);
	for (const char *at = manual; (at = strstr(at, "\n@")) != NULL; at += 2)
		items += at[2] != '\n';
	T_INT(items, rcd_n_options);
	for (size_t i = 0; i < RCD_N_SECRETS; i++)
		T_OK(strstr(manual, rcd_secrets[i].name) != NULL &&
		     strstr(manual, rcd_secrets[i].env) != NULL &&
		     strstr(manual, rcd_secrets[i].help) != NULL);
out:
	free(page);
	free(manual);
	return ret;
}

static int the_table_is_sound(void)
{
	char allowed[RCD_ALLOWED_N];
	int ret = 0;

	for (size_t i = 0; i < rcd_n_options; i++) {
		const struct rcd_option *o = &rcd_options[i];

		T_INT(rcd_option_find(o->name), i);
		T_STR(rcd_option_nearest(o->name), o->name);
		T_OK(o->help[strlen(o->help) - 1] == '.');
		T_OK(strlen(rcd_option_allowed(o, allowed)) > 3);
		T_OK(rcd_secret_find(o->name) == NULL);
	}
	for (size_t i = 0; i < RCD_N_TEXTS; i++)
		T_OK(rcd_text_name[i] != NULL);
	for (size_t i = 0; i < RCD_N_VOICE_WHEN; i++)
		T_STR(rcd_voice_when_name[i], rcd_options[rcd_option_find("voice.when")].words[i]);
	T_OK(rcd_option_is_group("texts.en") && !rcd_option_is_group("texts.e"));
	T_OK(!rcd_option_is_group("language"));
out:
	return ret;
}

static int short_of_memory(void)
{
	struct rcd_conf *c = NULL;
	struct notes n;
	int ret = 0;

	clean_env();
	(void)setenv("OPENAI_API_KEY", "key", 1);
	notes_init(&n);
	if (rcd_conf_load(&c, NULL, NULL, NULL, NULL) != 0) {
		T_OK(c == NULL);
		ret = T_NOMEM;
		goto out;
	}
	T_OK(c != NULL && c->turn.text[RCD_TEXT_APOLOGY] != NULL);
out:
	rcd_conf_free(c);
	notes_free(&n);
	return ret;
}

const struct t_case t_cases[] = {
	{"defaults_are_whole", defaults_are_whole, 0},
	{"file_is_read", file_is_read, 0},
	{"mistakes_are_told", mistakes_are_told, 0},
	{"all_mistakes_at_once", all_mistakes_at_once, 0},
	{"files_that_cannot_be_read", files_that_cannot_be_read, 0},
	{"who_wins", who_wins, 0},
	{"store_urls", store_urls, 0},
	{"media_in_a_store", media_in_a_store, 0},
	{"secrets_have_their_places", secrets_have_their_places, 0},
	{"no_secret_in_the_file", no_secret_in_the_file, 0},
	{"environment_is_scrubbed", environment_is_scrubbed, 0},
	{"bare_file_name", bare_file_name, 0},
	{"print_reads_back", print_reads_back, 0},
	{"default_file_is_the_table", default_file_is_the_table, 0},
	{"manual_is_the_table", manual_is_the_table, 0},
	{"the_table_is_sound", the_table_is_sound, 0},
	{"short_of_memory", short_of_memory, T_OOM},
	{NULL, NULL, 0},
};
