#include "base/clock.h"
#include "base/json.h"
#include "provider/voice.h"
#include "tests/peer.h"

#include <errno.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct peer peer; /* holds the requests: too large for a stack */
static char key[] = "xi-test-key";

/* Keeps what is spoken, or stops after stop samples. */
struct heard {
	int16_t s[200000];
	size_t n, stop;
};

static struct heard heard;

static int hear(void *arg, const int16_t *s, size_t n, struct rcd_err *err)
{
	struct heard *h = arg;

	if (h->stop > 0 && h->n + n > h->stop)
		return rcd_fail(err, RCD_CANCELLED, 0, "enough");
	for (size_t i = 0; i < n && h->n < sizeof(h->s) / sizeof(h->s[0]); i++)
		h->s[h->n++] = s[i];
	return 0;
}

static struct rcd_voice_conf conf_for(void)
{
	return (struct rcd_voice_conf){.base_url = peer.url,
	                               .key = {key, sizeof(key) - 1},
	                               .voice_id = "pNInz6obpgDQGcFmaJgB",
	                               .model = "eleven_multilingual_v2",
	                               .stability = 0.5,
	                               .similarity = 0.75,
	                               .style = 0.25,
	                               .speed = 1.0,
	                               .speaker_boost = true,
	                               .language = "pt",
	                               .offline_voice = "pt-br",
	                               .offline_program = "espeak-ng"};
}

static int speak_text(const struct rcd_voice_ops *voice, struct rcd_http *http,
                      const struct rcd_voice_conf *conf, int64_t ms, struct rcd_err *err)
{
	heard.n = 0;
	return voice->speak(http, conf, RCD_SV("Ol\xC3\xA1, Ana."), rcd_deadline_in(ms), hear, &heard,
	                    err);
}

static int pick(void)
{
	struct rcd_voice_conf conf = conf_for();
	int ret = 0;

	T_STR(rcd_voice_pick(&conf)->name, "elevenlabs");
	conf.voice_id = "";
	T_STR(rcd_voice_pick(&conf)->name, "offline");
	conf.voice_id = NULL;
	T_STR(rcd_voice_pick(&conf)->name, "offline");
	conf = conf_for();
	conf.key = (struct rcd_secret){NULL, 0};
	T_STR(rcd_voice_pick(&conf)->name, "offline");
	T_INT(rcd_voice_offline.hz, 24000);
	T_INT(rcd_voice_elevenlabs.hz, 24000);
out:
	return ret;
}

/* --- ElevenLabs --------------------------------------------------------------------------- */

#define SOUND PEER_HEAD("200 OK", "audio/pcm") "Transfer-Encoding: chunked\r\n\r\n"

static int eleven_ok(void)
{
	static const char cut[] = SOUND
		"1\r\n\x01\r\n3\r\n\x02\xFF\x7F\r\n1\r\n\x00\r\n3\r\n\x80\xFE\xFF\r\n0\r\n\r\n";
	struct rcd_voice_conf conf = conf_for();
	const json_t *settings;
	json_t *req = NULL;
	struct rcd_http *http = NULL;
	struct rcd_err err;
	int ret = 0;

	peer.answer[0] = peer.answer[1] = cut;
	peer.answer_n[0] = peer.answer_n[1] = sizeof(cut) - 1;
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	T_DO(speak_text(&rcd_voice_elevenlabs, http, &conf, 10000, &err), err);
	T_INT(heard.n, 4);
	T_INT(heard.s[0], 0x0201);
	T_INT(heard.s[1], 0x7FFF);
	T_INT(heard.s[2], -32768);
	T_INT(heard.s[3], -2);
	T_OK(strncmp(peer.got[0],
	             "POST /v1/text-to-speech/pNInz6obpgDQGcFmaJgB/stream?output_format=pcm_24000 HTTP",
	             80) == 0);
	T_OK(strcasestr(peer.got[0], "\r\nxi-api-key: xi-test-key\r\n") != NULL);
	T_DO(rcd_json_parse(rcd_sv(peer_body(&peer, 0)), 1 << 16, &req, &err), err);
	T_INT(json_object_size(req), 4);
	T_STR(json_string_value(json_object_get(req, "apply_text_normalization")), "off");
	T_STR(json_string_value(json_object_get(req, "text")), "Ol\xC3\xA1, Ana.");
	T_STR(json_string_value(json_object_get(req, "model_id")), "eleven_multilingual_v2");
	settings = json_object_get(req, "voice_settings");
	T_INT(json_object_size(settings), 5);
	T_OK(json_real_value(json_object_get(settings, "stability")) == 0.5);
	T_OK(json_real_value(json_object_get(settings, "similarity_boost")) == 0.75);
	T_OK(json_real_value(json_object_get(settings, "style")) == 0.25);
	T_OK(json_real_value(json_object_get(settings, "speed")) == 1.0);
	T_OK(json_is_true(json_object_get(settings, "use_speaker_boost")));
	conf.model = "eleven_flash_v2_5";
	T_DO(speak_text(&rcd_voice_elevenlabs, http, &conf, 10000, &err), err);
	T_OK(strstr(peer_body(&peer, 1), "\"language_code\":\"pt\"") != NULL);
out:
	json_decref(req);
	(void)rcd_http_close(http);
	peer_stop(&peer);
	return ret;
}

/* More than any buffer on the way, in pieces of odd sizes. */
static int eleven_long(void)
{
	static char answer[400000];
	struct rcd_voice_conf conf = conf_for();
	struct rcd_http *http = NULL;
	size_t n = sizeof(SOUND) - 1, left = 200000;
	uint8_t next = 0;
	struct rcd_err err;
	int ret = 0;

	memcpy(answer, SOUND, n);
	for (size_t size = 1; left > 0; size = size * 3 % 4999 + 1) {
		if (size > left)
			size = left;
		n += (size_t)snprintf(answer + n, 16, "%zx\r\n", size);
		for (size_t i = 0; i < size; i++)
			answer[n++] = (char)next++;
		memcpy(answer + n, "\r\n", 2);
		n += 2;
		left -= size;
	}
	memcpy(answer + n, "0\r\n\r\n", 5);
	peer.answer[0] = answer;
	peer.answer_n[0] = n + 5;
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	T_DO(speak_text(&rcd_voice_elevenlabs, http, &conf, 10000, &err), err);
	T_INT(heard.n, 100000);
	for (size_t i = 0; i < heard.n; i++)
		T_INT((uint16_t)heard.s[i], (2 * i & 0xFF) | ((2 * i + 1) & 0xFF) << 8);
out:
	(void)rcd_http_close(http);
	peer_stop(&peer);
	return ret;
}

static int eleven_failures(void)
{
	static const struct {
		const char *answer;
		enum rcd_code code;
		const char *says;
		enum rcd_account_fault account;
	} row[] = {
		{PEER_JSON(
			 "401 No") "{\"detail\":{\"status\":\"quota_exceeded\",\"message\":\"secret words\"}}",
	     RCD_DENIED, "quota_exceeded", RCD_ACCOUNT_QUOTA},
		{PEER_JSON("401 No") "{\"detail\":{\"status\":\"invalid_api_key\"}}", RCD_DENIED,
	     "ELEVENLABS_API_KEY", RCD_ACCOUNT_KEY},
		{PEER_JSON("402 Pay") "", RCD_DENIED, "HTTP 402", RCD_ACCOUNT_QUOTA},
		{PEER_JSON("404 No") "{\"detail\":{\"status\":\"voice_not_found\"}}", RCD_DENIED,
	     "ELEVENLABS_VOICE_ID", 0},
		{PEER_JSON("422 No") "{\"detail\":[{\"loc\":[],\"msg\":\"secret words\",\"type\":\"x\"}]}",
	     RCD_INVAL, "HTTP 422", 0},
		{PEER_JSON("429 Slow") "{\"detail\":{\"status\":\"system_busy\"}}", RCD_DOWN, "system_busy",
	     0},
		{PEER_JSON("500 Oops") "secret words", RCD_DOWN, "HTTP 500", 0},
		{PEER_JSON("200 OK") "{\"detail\":\"secret words\"}", RCD_PROTO, "not sound", 0},
		{PEER_HEAD("200 OK", "text/html; charset=utf-8") "\r\n<html>", RCD_PROTO, "not sound", 0},
		{PEER_HEAD("200 OK", "audio/pcm") "Content-Length: 0\r\n\r\n", RCD_PROTO, "empty", 0},
		{PEER_HEAD("200 OK", "audio/pcm") "Content-Length: 3\r\n\r\nabc", RCD_PROTO,
	     "half a sample", 0},
		{PEER_HEAD("200 OK", "audio/pcm") "Content-Length: 4\r\n\r\nab", RCD_DOWN, "elevenlabs", 0},
		{SOUND "2\r\nab\r\n", RCD_DOWN, "elevenlabs", 0},
	};
	struct rcd_voice_conf conf = conf_for();
	struct rcd_http *http = NULL;
	struct rcd_err err;
	int n = sizeof(row) / sizeof(row[0]), ret = 0;

	for (int i = 0; i < n; i++)
		peer.answer[i] = row[i].answer;
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	for (int i = 0; i < n; i++) {
		T_INT(speak_text(&rcd_voice_elevenlabs, http, &conf, 10000, &err), -1);
		if (err.code != row[i].code || strstr(err.msg, row[i].says) == NULL ||
		    err.account != row[i].account)
			T_FAIL("row %d: %s (%s)", i, err.msg, rcd_code_name(err.code));
		T_OK(strstr(err.msg, "secret words") == NULL && strstr(err.msg, key) == NULL);
	}
	conf.voice_id = "../v1/user";
	T_INT(speak_text(&rcd_voice_elevenlabs, http, &conf, 10000, &err), -1);
	T_INT(err.code, RCD_INVAL);
	T_INT(peer_count(&peer), n);
out:
	(void)rcd_http_close(http);
	peer_stop(&peer);
	return ret;
}

static int eleven_oom(void)
{
	struct rcd_voice_conf conf = conf_for();
	struct rcd_http *http = NULL;
	struct rcd_err err;
	int ret = 0;

	peer.answer[0] = PEER_HEAD("200 OK", "audio/pcm") "\r\nabcd";
	T_INT(peer_start(&peer), 0);
	T_DO(rcd_http_open(&http, &err), err);
	T_DO(speak_text(&rcd_voice_elevenlabs, http, &conf, 10000, &err), err);
	T_INT(heard.n, 2);
out:
	(void)rcd_http_close(http);
	peer_stop(&peer);
	return ret;
}

/* --- offline ------------------------------------------------------------------------------ */

static void le(uint8_t *at, uint32_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		at[i] = (uint8_t)(v >> 8 * i);
}

/* A WAV like espeak-ng's, with bogus sizes and n samples of a 1 kHz tone, in dir/name. */
static int make_wav(const char *name, int channels, int hz, size_t n)
{
	uint8_t head[46] = "RIFF\x24\xF0\xFF\x7FWAVEfmt \x12";
	char path[512];
	bool ok;
	FILE *f;

	le(head + 20, 1, 2);
	le(head + 22, (uint32_t)channels, 2);
	le(head + 24, (uint32_t)hz, 4);
	le(head + 34, 16, 2);
	memcpy(head + 38, "data\x00\xF0\xFF\x7F", 8);
	(void)snprintf(path, sizeof(path), "%s/%s", t_dir(), name);
	f = fopen(path, "wb");
	if (f == NULL)
		return -1;
	ok = fwrite(head, 1, sizeof(head), f) == sizeof(head);
	for (size_t i = 0; i < n; i++) {
		uint8_t s[2];

		le(s, (uint32_t)(int)lrint(10000 * sin(2 * M_PI * 1000 * (double)i / hz)), 2);
		ok = ok && fwrite(s, 1, 2, f) == 2;
	}
	return fclose(f) == 0 && ok ? 0 : -1;
}

/* A program that does what the shell text says, in the directory of the test. */
static int make_program(char path[512], const char *shell)
{
	FILE *f;

	(void)snprintf(path, 512, "%s/speaker", t_dir());
	f = fopen(path, "w");
	if (f == NULL)
		return -1;
	(void)fprintf(f, "#!/bin/sh\ncd '%s'\n%s\n", t_dir(), shell);
	return fclose(f) == 0 && chmod(path, 0755) == 0 ? 0 : -1;
}

static bool no_child_left(void)
{
	return waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD;
}

static int offline_program(void)
{
	struct rcd_voice_conf conf = conf_for();
	char program[512], path[512], mine[16], *text = NULL;
	int leaky = dup(2); /* as if a library had opened it without O_CLOEXEC */
	double same = 0, all = 0;
	size_t n = 0;
	struct rcd_err err;
	int ret = 0;

	(void)snprintf(mine, sizeof(mine), "\n%d\n", dup2(leaky, 77));
	(void)setenv("OPENAI_API_KEY", "sk-leak", 1);
	T_INT(make_wav("tone.wav", 1, 22050, 22050), 0);
	T_INT(make_program(program,
	                   "cat > text; { echo \"$@\"; env; ls /proc/self/fd; } > seen; cat tone.wav"),
	      0);
	conf.offline_program = program;
	T_DO(speak_text(&rcd_voice_offline, NULL, &conf, 10000, &err), err);
	T_INT(heard.n, 24000);
	for (size_t i = 2400; i < 21600; i++) {
		double want = 10000 * sin(2 * M_PI * 1000 * (double)i / 24000);

		same += ((double)heard.s[i] - want) * ((double)heard.s[i] - want);
		all += want * want;
	}
	if (same > all / 10000) /* the same tone at the same moment, 40 dB above all else */
		T_FAIL("the tone differs by %g of its power", same / all);
	(void)snprintf(path, sizeof(path), "%s/text", t_dir());
	text = t_slurp(path, &n);
	T_STR(text, "Ol\xC3\xA1, Ana.");
	free(text);
	(void)snprintf(path, sizeof(path), "%s/seen", t_dir());
	text = t_slurp(path, &n);
	T_OK(text != NULL && strncmp(text, "-v pt-br -b 1 --stdin --stdout\n", 31) == 0);
	T_OK(strstr(text, "sk-leak") == NULL && strstr(text, "HOME=") == NULL &&
	     strstr(text, "Ana") == NULL);
	T_OK(strstr(text, "PATH=") != NULL && strstr(text, "LANG=C.UTF-8\n") != NULL);
	T_OK(strstr(text, "\n0\n") != NULL && strstr(text, mine) == NULL); /* no descriptor but three */
	T_OK(no_child_left());
out:
	free(text);
	return ret;
}

static int offline_failures(void)
{
	static const struct {
		const char *shell;
		enum rcd_code code;
	} row[] = {
		{"exit 0", RCD_PROTO},
		{"exit 1", RCD_PROTO},
		{"cat tone.wav; exit 1", RCD_DOWN},
		{"cat tone.wav; kill -9 $$", RCD_DOWN},
		{"cat stereo.wav", RCD_PROTO},
		{"cat fast.wav", RCD_PROTO},
		{"head -c 40 tone.wav", RCD_PROTO},
		{"head -c 46 tone.wav", RCD_PROTO},
		{"head -c 101 tone.wav", RCD_PROTO},
		{"echo hello, this is not a sound", RCD_PROTO},
		{"head -c 20 tone.wav; head -c 100000 /dev/zero", RCD_PROTO},
		{"cat tone.wav; sleep 30", RCD_TIMEOUT},
		{"cat tone.wav; exec >&-; sleep 30", RCD_DOWN},
		{"sleep 30", RCD_TIMEOUT},
	};
	struct rcd_voice_conf conf = conf_for();
	char program[512];
	int64_t began;
	struct rcd_err err;
	int ret = 0;

	T_INT(make_wav("tone.wav", 1, 22050, 2205), 0);
	T_INT(make_wav("stereo.wav", 2, 22050, 100), 0);
	T_INT(make_wav("fast.wav", 1, 96000, 100), 0);
	conf.offline_program = program;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_INT(make_program(program, row[i].shell), 0);
		began = rcd_mono_ms();
		T_INT(speak_text(&rcd_voice_offline, NULL, &conf, row[i].code == RCD_TIMEOUT ? 300 : 10000,
		                 &err),
		      -1);
		if (err.code != row[i].code || strncmp(err.msg, "offline voice: ", 15) != 0)
			T_FAIL("row %zu: %s (%s)", i, err.msg, rcd_code_name(err.code));
		T_OK(no_child_left());
		T_OK(rcd_mono_ms() - began < 5000);
	}
out:
	return ret;
}

static int offline_missing_or_stopped(void)
{
	struct rcd_voice_conf conf = conf_for();
	char program[512];
	struct rcd_err err;
	int ret = 0;

	conf.offline_program = "no-such-speaker";
	T_INT(speak_text(&rcd_voice_offline, NULL, &conf, 1000, &err), -1);
	T_INT(err.code, RCD_NOENT);
	T_OK(strstr(err.msg, "apt install espeak-ng") != NULL);
	T_INT(make_wav("tone.wav", 1, 16000, 160000), 0);
	T_INT(make_program(program, "cat tone.wav tone.wav; sleep 30"), 0);
	conf.offline_program = program;
	heard.stop = 5000;
	T_INT(speak_text(&rcd_voice_offline, NULL, &conf, 10000, &err), -1);
	T_INT(err.code, RCD_CANCELLED);
	T_STR(err.msg, "enough");
	T_OK(no_child_left());
	T_INT(rcd_voice_offline.speak(NULL, &conf, RCD_SV(" \n"), 0, hear, &heard, &err), -1);
	T_INT(err.code, RCD_INVAL);
out:
	return ret;
}

static int offline_oom(void)
{
	struct rcd_voice_conf conf = conf_for();
	char program[512];
	struct rcd_err err;
	int ret = 0;

	T_INT(make_wav("tone.wav", 1, 22050, 2205), 0);
	T_INT(make_program(program, "cat tone.wav"), 0);
	conf.offline_program = program;
	T_DO(speak_text(&rcd_voice_offline, NULL, &conf, 10000, &err), err);
	T_INT(heard.n, 2400);
out:
	if (!no_child_left())
		ret = -1;
	return ret;
}

/* The real one, where it is installed. */
static int espeak(void)
{
	struct rcd_voice_conf conf = conf_for();
	double power = 0;
	struct rcd_err err;
	int ret = 0;

	if (speak_text(&rcd_voice_offline, NULL, &conf, 20000, &err) != 0 && err.code == RCD_NOENT)
		return 0;
	T_DO(speak_text(&rcd_voice_offline, NULL, &conf, 20000, &err), err);
	T_OK(heard.n > 24000 / 2 && heard.n < 24000 * 4);
	for (size_t i = 0; i < heard.n; i++)
		power += (double)heard.s[i] * heard.s[i];
	T_OK(power / (double)heard.n > 500.0 * 500.0);
	T_OK(no_child_left());
out:
	return ret;
}

const struct t_case t_cases[] = {
	{"pick", pick, 0},
	{"eleven_ok", eleven_ok, 0},
	{"eleven_long", eleven_long, 0},
	{"eleven_failures", eleven_failures, 0},
	{"eleven_oom", eleven_oom, T_OOM},
	{"offline_program", offline_program, 0},
	{"offline_failures", offline_failures, 0},
	{"offline_missing_or_stopped", offline_missing_or_stopped, 0},
	{"offline_oom", offline_oom, T_OOM},
	{"espeak", espeak, 0},
	{NULL, NULL, 0},
};
