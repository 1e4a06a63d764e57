#ifndef RCD_T_AUDIO_H
#define RCD_T_AUDIO_H

/* Sounds and small tools for the tests of lib/audio. */

#include "audio/decode.h"
#include "audio/encode.h"
#include "tests/t.h"

#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* recado-decode of this build. */
static inline const struct rcd_decoder *a_decoder(void)
{
	static char path[PATH_MAX];
	static struct rcd_decoder d;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *tests = n > 0 ? strstr(path, "/tests/unit/") : NULL;

	if (tests == NULL)
		return NULL;
	(void)snprintf(tests, sizeof(path) - (size_t)(tests - path), "/recado-decode");
	d.program = path;
	return &d;
}

/* The same sequence everywhere, unlike rand(). */
static inline double a_noise(uint32_t *seed)
{
	*seed = *seed * 1664525U + 1013904223U;
	return (double)(*seed >> 8) / (1 << 23) - 1.0;
}

static inline int16_t a_clip(double v)
{
	return (int16_t)lrint(fmax(-32768, fmin(32767, v * 32767)));
}

/* From 200 Hz up to 3 kHz. */
static inline void a_sweep(int16_t *s, size_t n, int hz)
{
	for (size_t i = 0; i < n; i++) {
		double t = (double)i / hz, all = (double)n / hz;

		s[i] = a_clip(0.4 * sin(2 * M_PI * (200 * t + 1400 * t * t / all)));
	}
}

/* Bytes an encoder gives: collects them, after `fail_after` calls it refuses (0: never). */
struct a_sink {
	struct rcd_buf b;
	int calls, fail_after;
};

static inline int a_collect(void *arg, const void *p, size_t n, struct rcd_err *err)
{
	struct a_sink *s = arg;

	if (s->fail_after > 0 && ++s->calls > s->fail_after)
		return rcd_fail(err, RCD_IO, 0, "disk full");
	rcd_buf_add(&s->b, p, n);
	return s->b.bad ? rcd_fail_nomem(err) : 0;
}

/* n samples as an Ogg/Opus file in *b, written in pieces of `piece`. */
static inline int a_encode(const int16_t *s, size_t n, int hz, size_t piece, struct rcd_buf *b,
                           struct rcd_err *err)
{
	struct rcd_encoder_conf conf = {.hz = hz, .bitrate = 32000, .complexity = 5};
	struct rcd_encoder *e = NULL;
	struct a_sink sink = {0};
	int64_t ms = -1;
	int ret = -1;

	rcd_buf_init(&sink.b, 16 << 20);
	if (rcd_encoder_open(&e, &conf, a_collect, &sink, err) != 0)
		goto out;
	for (size_t at = 0; at < n; at += piece)
		if (rcd_encoder_write(e, s + at, n - at < piece ? n - at : piece, err) != 0)
			goto out;
	if (rcd_encoder_finish(e, &ms, err) != 0)
		goto out;
	if (ms != (int64_t)n * 1000 / hz) {
		ret = rcd_fail(err, RCD_INVAL, 0, "duration %lld ms", (long long)ms);
		goto out;
	}
	*b = sink.b;
	sink.b.p = NULL;
	ret = 0;
out:
	(void)rcd_encoder_free(e);
	rcd_buf_free(&sink.b);
	return ret;
}

/* Signal to error ratio in dB over the common length. */
static inline double a_snr(const int16_t *want, const int16_t *got, size_t n)
{
	double signal = 0, error = 1e-9;

	for (size_t i = 0; i < n; i++) {
		signal += (double)want[i] * want[i];
		error += ((double)want[i] - got[i]) * ((double)want[i] - got[i]);
	}
	return 10 * log10(signal / error);
}

/* Runs a program with its standard output (if a name is given) in a file; its exit status,
 * or -1 when it is not installed. */
static inline int a_run(char *const argv[], const char *output)
{
	extern char **environ;
	posix_spawn_file_actions_t fa;
	int status = -1, code;
	pid_t pid;

	if (posix_spawn_file_actions_init(&fa) != 0)
		return -1;
	(void)posix_spawn_file_actions_addopen(&fa, 1, output != NULL ? output : "/dev/null",
	                                       O_WRONLY | O_CREAT | O_TRUNC, 0600);
	code = posix_spawnp(&pid, argv[0], &fa, NULL, argv, environ);
	(void)posix_spawn_file_actions_destroy(&fa);
	if (code != 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == 127)
		return -1;
	return WEXITSTATUS(status);
}

/* A sentence spoken by espeak-ng as a WAV file in memory; NULL when it is not installed. */
static inline char *a_speech(const char *voice, const char *speed, const char *text, size_t *n)
{
	char wav[300];
	char *argv[] = {"espeak-ng", "-v", (char *)(uintptr_t)voice, "-s", (char *)(uintptr_t)speed,
	                "-w",        wav,  (char *)(uintptr_t)text,  NULL};

	(void)snprintf(wav, sizeof(wav), "%s/speech.wav", t_dir());
	return a_run(argv, NULL) == 0 ? t_slurp(wav, n) : NULL;
}

static inline bool a_write(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");
	bool ok = f != NULL && fwrite(p, 1, n, f) == n;

	return (f == NULL || fclose(f) == 0) && ok;
}

#endif
