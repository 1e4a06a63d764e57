/* recado say: speaks a text with the instance's voice into an Ogg/Opus file, exactly as an
 * answer would be spoken. Without an instance (--offline) it is espeak-ng's voice. */

#include "daemon/recado/cmd.h"

#include "audio/encode.h"
#include "base/clock.h"
#include "base/limits.h"
#include "provider/voice.h"
#include "speech/spoken.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { SAY_MS = 120000 };

struct say {
	FILE *f;
	struct rcd_encoder *encoder;
};

static int to_file(void *arg, const void *p, size_t n, struct rcd_err *err)
{
	struct say *say = arg;

	return fwrite(p, 1, n, say->f) == n ? 0 : rcd_fail_errno(err, "cannot write");
}

static int to_encoder(void *arg, const int16_t *s, size_t n, struct rcd_err *err)
{
	struct say *say = arg;

	return rcd_encoder_write(say->encoder, s, n, err);
}

static int write_speech(struct say *say, const struct rcd_voice_conf *conf, struct rcd_sv text,
                        int64_t *duration_ms, struct rcd_err *err)
{
	const struct rcd_voice_ops *voice = rcd_voice_pick(conf);
	const struct rcd_encoder_conf how = {.hz = voice->hz, .complexity = -1};
	struct rcd_http *http = NULL;
	struct rcd_buf words;
	int rc = -1;

	rcd_buf_init(&words, RCD_MAX_SPOKEN);
	rcd_spoken(text, conf->language, true, &words);
	if (words.bad) {
		rcd_fail_nomem(err);
		goto out;
	}
	if (rcd_http_open(&http, err) || rcd_encoder_open(&say->encoder, &how, to_file, say, err))
		goto out;
	if (voice->speak(http, conf, rcd_buf_view(&words), rcd_deadline_in(SAY_MS), to_encoder, say,
	                 err))
		goto out;
	rc = rcd_encoder_finish(say->encoder, duration_ms, err);
out:
	rcd_encoder_free(say->encoder);
	rcd_http_close(http);
	rcd_buf_free(&words);
	return rc;
}

static int print_to(const struct rcd_cli *cli, const struct rcd_voice_conf *conf, const char *path,
                    const char *text)
{
	struct say say = {.f = fopen(path, "we")};
	int64_t ms = 0;
	struct rcd_err err;
	bool bad;

	if (say.f == NULL)
		return rcd_cli_fail(cli, "cannot write %s: %m", path);
	bad = write_speech(&say, conf, rcd_sv(text), &ms, &err) != 0;
	if (fclose(say.f) != 0 && !bad)
		bad = rcd_fail_errno(&err, "cannot write %s", path) != 0;
	if (bad) {
		(void)unlink(path);
		return rcd_cli_fail(cli, "%s", err.msg);
	}
	if (cli->json)
		printf("{\"duration_ms\":%" PRId64 "}\n", ms);
	return RCD_EXIT_OK;
}

/* Without an instance: the defaults and no key, which selects espeak-ng. */
static struct rcd_conf *make_offline_conf(void)
{
	struct rcd_conf *conf;

	if (rcd_conf_load(&conf, NULL, NULL, rcd_cli_errors, NULL))
		return NULL;
	rcd_secret_wipe(&conf->voice.key);
	return conf;
}

int rcd_cmd_say(struct rcd_cli *cli, int argc, char **argv)
{
	static const struct option opts[] = {{"offline", no_argument, NULL, 'O'},
	                                     {"output", required_argument, NULL, 'o'},
	                                     RCD_CLI_LONG};
	const char *path = NULL;
	struct rcd_conf *conf;
	bool offline = false;
	int c, status;

	while ((c = getopt_long(argc, argv, RCD_CLI_SHORT "o:", opts, NULL)) != -1) {
		if (c == 'O')
			offline = true;
		else if (c == 'o')
			path = optarg;
		else if (!rcd_cli_opt(cli, c))
			return RCD_EXIT_USAGE;
	}
	if (path == NULL || argc - optind != 1 || strlen(argv[optind]) > RCD_MAX_TEXT) {
		fputs("recado say: recado say [--offline] -o FILE.ogg TEXT\n", stderr);
		return RCD_EXIT_USAGE;
	}
	conf = offline ? make_offline_conf() : rcd_cli_conf(cli);
	if (conf == NULL)
		return RCD_EXIT_CONF;
	status = print_to(cli, &conf->voice, path, argv[optind]);
	rcd_conf_free(conf);
	return status;
}
