#include "daemon/conf_parts.h"

#include "base/zone.h"
#include "net/guard.h"
#include "store/db.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* What can only be judged once everything is there: paths, URLs, numbers, models. */

static void report_bad(struct rcd_load *l, const char *name, const char *what)
{
	const struct rcd_setting *s = rcd_load_get(l, name);

	rcd_load_error(l, s->where != NULL ? s->where : "default", "%s: %s", name, what);
}

/* Takes str; NULL for one that memory did not suffice for. */
static void replace_text(struct rcd_load *l, struct rcd_setting *s, char *str)
{
	if (str == NULL) {
		rcd_load_error(l, s->where, "out of memory");
		return;
	}
	free(s->str);
	s->str = str;
}

static char *join_path(const char *dir, const char *rest)
{
	char *path;

	if (strcmp(dir, ".") == 0)
		return strdup(rest);
	if (strcmp(rest, ".") == 0)
		return strdup(dir);
	return asprintf(&path, "%s%s%s", dir, strcmp(dir, "/") == 0 ? "" : "/", rest) >= 0 ? path
	                                                                                   : NULL;
}

/* --- paths -------------------------------------------------------------------------- */

static void strip_slashes(char *path)
{
	size_t n = strlen(path);

	while (n > 1 && path[n - 1] == '/')
		path[--n] = '\0';
}

/* path as it is meant: below one of our folders, from the root, or below base. NULL: no memory. */
static char *resolve_path(struct rcd_load *l, const char *path, const char *base)
{
	static const char *const folder[] = {"state_dir", "run_dir"};
	char *full;

	for (size_t i = 0; i < 2; i++) {
		size_t n = strlen(folder[i]);

		if (path[0] == '$' && strncmp(path + 1, folder[i], n) == 0 && path[n + 1] == '/')
			return join_path(rcd_load_get(l, folder[i])->str, path + n + 2);
	}
	full = path[0] == '/' ? strdup(path) : join_path(base, path);
	if (full != NULL)
		strip_slashes(full);
	return full;
}

static bool folder_exists(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat st;
	char *dir = slash != NULL ? rcd_sv_dup((struct rcd_sv){path, (size_t)(slash - path)}) : NULL;
	bool there = dir != NULL && stat(dir, &st) == 0 && S_ISDIR(st.st_mode);

	free(dir);
	return there;
}

/* Three slashes and a path that exists only from the root: meant to be absolute. */
static char *store_path(struct rcd_load *l, const struct rcd_setting *s, const char *path)
{
	char *full = resolve_path(l, path, rcd_load_get(l, "state_dir")->str);
	char *rooted = strchr(path, '/') != NULL ? join_path("/", path) : NULL;

	if (full != NULL && rooted != NULL && path[0] != '/' && path[0] != '$' &&
	    !folder_exists(full) && folder_exists(rooted)) {
		rcd_load_warn(l, s->where,
		              "database_url: taken as %.200s: an absolute path has four slashes", rooted);
		free(full);
		return rooted;
	}
	free(rooted);
	return full;
}

static void check_server(struct rcd_load *l, const char *url)
{
	struct rcd_err err;
	char *shown = rcd_db_shown(url, &err);

	if (shown == NULL)
		report_bad(l, "database_url", err.msg);
	free(shown);
}

/* The value is never shown: a URL may hold a password. */
static void check_store(struct rcd_load *l)
{
	struct rcd_setting *s = rcd_load_get(l, "database_url");
	struct rcd_sv v = rcd_sv(s->str);
	char *path, *url = NULL;

	if (rcd_sv_starts(v, RCD_SV("postgres"))) {
		check_server(l, s->str);
		return;
	}
	if (rcd_sv_starts(v, RCD_SV("sqlite:///")))
		v = rcd_sv_skip(v, sizeof("sqlite:///") - 1);
	if (v.n == 0 || memchr(v.p, ':', v.n) != NULL || memchr(v.p, '?', v.n) != NULL ||
	    v.p[v.n - 1] == '/') {
		report_bad(l, "database_url",
		           "must be sqlite:////absolute/path of a file, or postgresql://…");
		return;
	}
	path = store_path(l, s, v.p);
	if (path != NULL && asprintf(&url, "sqlite:///%s", path) < 0)
		url = NULL;
	free(path);
	replace_text(l, s, url);
}

static void check_paths(struct rcd_load *l)
{
	struct sockaddr_un un;

	for (size_t i = 0; i < rcd_n_options; i++) {
		struct rcd_setting *s = &l->own->set[i];

		if (rcd_options[i].type != RCD_OPT_PATH)
			continue;
		if (strcmp(rcd_options[i].name, "database_url") == 0)
			check_store(l);
		else
			replace_text(l, s, resolve_path(l, s->str, l->conf->dir));
	}
	if (strlen(rcd_load_get(l, "socket")->str) >= sizeof(un.sun_path))
		report_bad(l, "socket", "its whole path is longer than the 107 bytes a socket may have");
}

/* --- URLs and hosts ----------------------------------------------------------------- */

/* Azure wants its api-version in a query behind every path; nobody else has one. */
static int check_base(const char *name, char *url, struct rcd_err *err)
{
	char *query = strcmp(name, "openai.base_url") == 0 ? strchr(url, '?') : NULL;
	int ret;

	if (query == NULL || strchr(query, '#') != NULL)
		return rcd_base_url_check(url, err);
	*query = '\0';
	ret = rcd_base_url_check(url, err);
	*query = '?';
	return ret;
}

static void check_urls(struct rcd_load *l)
{
	for (size_t i = 0; i < rcd_n_options; i++) {
		struct rcd_setting *s = &l->own->set[i];
		struct rcd_err err = {0};

		if (rcd_options[i].type != RCD_OPT_URL || s->str[0] == '\0')
			continue;
		strip_slashes(s->str);
		if (check_base(rcd_options[i].name, s->str, &err) != 0)
			report_bad(l, rcd_options[i].name, err.msg);
	}
	if (rcd_load_get(l, "public_url")->str[0] == '\0')
		rcd_load_warn(l, NULL,
		              "public_url is not set: no webhook can be verified and no answer "
		              "spoken; set it, or $PUBLIC_URL, to this instance's https:// address");
}

/* A suffix of one label would let the download lead nearly anywhere. */
static bool is_host_suffix(const char *host)
{
	const char *dot = strchr(host, '.');

	return host[0] != '.' && dot != NULL && dot[1] != '\0' && strpbrk(host, "/:@*[] ") == NULL &&
	       strstr(host, "..") == NULL;
}

static void check_hosts(struct rcd_load *l)
{
	char **host = rcd_load_get(l, "twilio.media_hosts")->list;

	for (; *host != NULL; host++)
		if (!is_host_suffix(*host))
			report_bad(
				l, "twilio.media_hosts",
				"must be host names with a dot in them, like media.twiliocdn.com; sub-domains are "
				"included anyway");
}

/* An address, or a network of them with a prefix length. */
static bool is_network(const char *text)
{
	struct rcd_sv rest = rcd_sv(text), addr;
	char name[INET6_ADDRSTRLEN];
	unsigned char bytes[16];
	int64_t bits = 0;
	bool v6, has_bits = strchr(text, '/') != NULL;

	(void)rcd_sv_cut(&rest, '/', &addr);
	if (addr.n == 0 || addr.n >= sizeof(name))
		return false;
	(void)snprintf(name, sizeof(name), "%.*s", RCD_SV_ARG(addr));
	v6 = strchr(name, ':') != NULL;
	return inet_pton(v6 ? AF_INET6 : AF_INET, name, bytes) == 1 &&
	       (!has_bits || rcd_parse_i64(rest, 0, v6 ? 128 : 32, &bits) == 0);
}

static void check_proxies(struct rcd_load *l)
{
	char **proxy = rcd_load_get(l, "web.trusted_proxies")->list;

	for (; *proxy != NULL; proxy++)
		if (!is_network(*proxy))
			report_bad(l, "web.trusted_proxies",
			           "must be addresses or networks, like 192.0.2.1 or 10.0.0.0/8");
}

/* --- media -------------------------------------------------------------------------- */

static void check_media(struct rcd_load *l)
{
	const char *media = rcd_load_get(l, "media")->str;
	struct rcd_err err = {0};

	if (media[0] == '\0')
		return;
	if (rcd_s3_place(media, &l->conf->s3, &err) != 0)
		report_bad(l, "media", err.msg);
	else if (rcd_load_get(l, "s3.access_key_id")->str[0] == '\0' ||
	         !rcd_secret_set(&l->conf->s3.secret))
		report_bad(l, "media",
		           "no key for the store: set s3.access_key_id, or $AWS_ACCESS_KEY_ID, and put its "
		           "secret into aws_secret_access_key in secrets_dir or $AWS_SECRET_ACCESS_KEY");
	if (rcd_load_get(l, "s3.region")->str[0] == '\0')
		report_bad(l, "s3.region", "must not be empty; auto where the store has none");
}

/* --- providers ---------------------------------------------------------------------- */

static void check_number(struct rcd_load *l)
{
	struct rcd_setting *s = rcd_load_get(l, "twilio.phone_number");
	char number[RCD_MAX_ADDRESS + 1];
	struct rcd_err err = {0};

	if (s->str[0] == '\0')
		return;
	if (rcd_twilio_number(rcd_sv(s->str), number, &err) != 0)
		report_bad(l, "twilio.phone_number",
		           "must be a number like +14155238886, with or without "
		           "whatsapp: before it");
	else
		replace_text(l, s, strdup(number));
}

/* OpenAI's announced ends. A name stands for its dated snapshots too. */
static const struct ending {
	const char *model, *date, *successor;
} ending[] = {
	{"gpt-5", "2026-12-11", "gpt-6-luna"},
	{"gpt-5-mini", "2026-12-11", "gpt-6-luna"},
	{"gpt-5-nano", "2026-12-11", "gpt-6-luna"},
	{"gpt-5-pro", "2026-12-11", "gpt-6-luna"},
	{"o3", "2026-12-11", "gpt-6-luna"},
	{"o3-pro", "2026-12-11", "gpt-6-luna"},
	{"gpt-4.1", "2027-01-14", "gpt-6-luna"},
	{"gpt-4.1-mini", "2027-01-14", "gpt-6-luna"},
	{"gpt-4o", "2027-01-14", "gpt-6-luna"},
	{"gpt-4o-mini", "2027-01-14", "gpt-6-luna"},
	{"gpt-5.1", "2027-04-01", "gpt-6-luna"},
	{"gpt-5.4-nano", "2027-04-01", "gpt-6-luna"},
	{"whisper-1", "2027-02-26", "gpt-transcribe"},
	{"gpt-4o-transcribe", "2027-02-26", "gpt-transcribe"},
	{"gpt-4o-mini-transcribe", "2027-02-26", "gpt-transcribe"},
	{"gpt-4o-transcribe-diarize", "2027-02-26", "gpt-transcribe"},
};

static bool is_placeholder(const char *name, const char *model)
{
	size_t n = strlen(name);

	return strncmp(model, name, n) == 0 && (model[n] == '\0' || strncmp(model + n, "-20", 3) == 0);
}

static void check_model(struct rcd_load *l, const char *name)
{
	const struct rcd_setting *s = rcd_load_get(l, name);

	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (is_placeholder(ending[i].model, s->str))
			rcd_load_warn(l, s->where, "%s: OpenAI ends %.60s on %s; %s is its successor", name,
			              s->str, ending[i].date, ending[i].successor);
}

/* What follows the language unless it is set. */
static void apply_language(struct rcd_load *l)
{
	static const struct {
		const char *name, *pt, *en;
	} follows[] = {{"openai.language", "pt", "en"}, {"voice.offline_voice", "pt-br", "en-us"}};
	bool en = strcmp(rcd_load_get(l, "language")->str, "en") == 0;

	for (size_t i = 0; i < sizeof(follows) / sizeof(follows[0]); i++) {
		struct rcd_setting *s = rcd_load_get(l, follows[i].name);

		if (s->str[0] == '\0')
			replace_text(l, s, strdup(en ? follows[i].en : follows[i].pt));
	}
}

static void check_language(struct rcd_load *l)
{
	const char *s = rcd_load_get(l, "openai.language")->str;

	if (strlen(s) != 2 || s[0] < 'a' || s[0] > 'z' || s[1] < 'a' || s[1] > 'z')
		report_bad(l, "openai.language", "must be two lower-case letters, like pt");
}

static void check_zone(struct rcd_load *l)
{
	const struct rcd_setting *s = rcd_load_get(l, "zone");
	struct rcd_err err;
	struct tm tm;

	if (s->where != NULL && rcd_zone_time(s->str, 0, &tm, &err) != 0)
		report_bad(l, "zone",
		           "must be a time zone that /usr/share/zoneinfo has, like America/Sao_Paulo");
}

static void check_program(struct rcd_load *l)
{
	static const char *const name[] = {"voice.offline_program", "voice.offline_voice"};

	for (size_t i = 0; i < 2; i++)
		if (rcd_load_get(l, name[i])->str[0] == '-')
			report_bad(l, name[i], "must not begin with \"-\": it would be read as an option");
}

static void warn_twilio(struct rcd_load *l)
{
	if (!rcd_secret_set(&l->conf->twilio.token))
		rcd_load_warn(l, NULL,
		              "twilio_auth_token is not set: webhooks answer 503 until it is, in "
		              "secrets_dir or in $TWILIO_AUTH_TOKEN");
	else if (rcd_load_get(l, "twilio.account_sid")->str[0] == '\0' ||
	         rcd_load_get(l, "twilio.phone_number")->str[0] == '\0')
		rcd_load_warn(l, NULL,
		              "twilio.account_sid or twilio.phone_number is not set: nothing can be "
		              "sent");
}

/* Recado works without them, but not as most operators expect. */
static void warn_keys(struct rcd_load *l)
{
	bool own_engine = rcd_load_get(l, "openai.base_url")->where != NULL;

	if (!rcd_secret_set(&l->conf->openai.key) && !own_engine)
		rcd_load_warn(l, NULL,
		              "openai_api_key is not set: answers come from the knowledge folder alone and "
		              "voice notes are not understood; put it into secrets_dir or $OPENAI_API_KEY");
	if (!rcd_secret_set(&l->conf->voice.key) ||
	    rcd_load_get(l, "elevenlabs.voice_id")->str[0] == '\0')
		rcd_load_warn(l, NULL, "elevenlabs_api_key or elevenlabs.voice_id is not set: %s speaks",
		              rcd_load_get(l, "voice.offline_program")->str);
}

/* Built once for its errors: what is wrong is known before the first message. */
static void check_tools(struct rcd_load *l)
{
	const struct rcd_tools_conf conf = {.enabled = rcd_load_get(l, "tools.enabled")->list,
	                                    .lead_stages = rcd_load_get(l, "tools.lead_stages")->list,
	                                    .media = rcd_load_get(l, "tools.media")->groups,
	                                    .http = rcd_load_get(l, "tools.http")->groups,
	                                    .public_url = rcd_load_get(l, "public_url")->str,
	                                    .secrets_dir = rcd_load_get(l, "secrets_dir")->str,
	                                    .credentials_dir = getenv("CREDENTIALS_DIRECTORY")};
	struct rcd_tools *tools = NULL;
	struct rcd_err err = {0};

	if (rcd_tools_open(&tools, &conf, &err) != 0)
		report_bad(l, "tools.enabled", err.msg);
	rcd_tools_close(tools);
}

static int check_folder(const char *name, const char *path, struct rcd_err *err)
{
	struct stat st;

	if (stat(path, &st) != 0 || access(path, R_OK | X_OK) != 0)
		return rcd_fail_errno(
			err, "%s: %s cannot be read; make the folder, or set %s to the one that is meant", name,
			path, name);
	if (!S_ISDIR(st.st_mode))
		return rcd_fail(err, RCD_INVAL, 0,
		                "%s: %s is not a folder; set %s to the one that is meant", name, path,
		                name);
	return 0;
}

int rcd_conf_folders(const struct rcd_conf *conf, struct rcd_err *err)
{
	return check_folder("persona_dir", conf->persona_dir, err) != 0
	           ? -1
	           : check_folder("knowledge_dir", conf->knowledge_dir, err);
}

void rcd_conf_check(struct rcd_load *l)
{
	check_paths(l);
	apply_language(l);
	rcd_load_secrets(l);
	check_urls(l);
	check_hosts(l);
	check_proxies(l);
	check_media(l);
	check_number(l);
	check_model(l, "openai.chat_model");
	check_model(l, "openai.assistant_model");
	check_model(l, "openai.realtime_model");
	check_model(l, "openai.transcribe_model");
	check_language(l);
	check_zone(l);
	check_program(l);
	check_tools(l);
	warn_twilio(l);
	warn_keys(l);
}
