/* The simulated voice: espeak-ng as a child process. The text goes in by an anonymous file (a
 * pipe could fill up and raise SIGPIPE), the WAV comes out by a pipe and is brought to the
 * wanted rate as it comes. */

#include "daemon/sandbox/speech_int.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAV_HEAD 44 /* what espeak-ng writes: canonical, lengths unknown */
#define CHILD_MS 30000
#define IN_SAMPLES 4096
#define OUT_SAMPLES (IN_SAMPLES * 8)

/* Linear interpolation between two samples: enough for a demonstration, and the encoder filters
 * again. */
struct rate {
	int from, to;
	int64_t pos; /* position of the next output, in 1/to input samples after last */
	int16_t last;
	bool begun;
};

/* n ≤ IN_SAMPLES inputs; out has room for OUT_SAMPLES. */
static size_t convert_rate(struct rate *r, const int16_t *in, size_t n, int16_t *out)
{
	size_t got = 0;

	for (size_t i = 0; i < n; i++) {
		if (!r->begun) {
			r->begun = true;
			r->last = in[i];
			continue;
		}
		for (; r->pos < r->to && got < OUT_SAMPLES; r->pos += r->from)
			out[got++] = (int16_t)(r->last + (in[i] - r->last) * r->pos / r->to);
		r->pos -= r->to;
		r->last = in[i];
	}
	return got;
}

/* --- the child ------------------------------------------------------------------------- */

static int read_text_file(struct rcd_sv text, int *fd, struct rcd_err *err)
{
	int f = memfd_create("text", MFD_CLOEXEC);
	size_t done = 0;

	if (f < 0)
		return rcd_fail_errno(err, "cannot make a file for the text");
	while (done < text.n) {
		ssize_t n = write(f, text.p + done, text.n - done);

		if (n <= 0) {
			(void)rcd_fail_errno(err, "cannot write the text for espeak-ng");
			(void)close(f);
			return -1;
		}
		done += (size_t)n;
	}
	(void)lseek(f, 0, SEEK_SET);
	*fd = f;
	return 0;
}

static int spawn_voice(int in, int out, pid_t *pid)
{
	char *const argv[] = {(char[]){"espeak-ng"}, (char[]){"-v"},       (char[]){"pt-br"},
	                      (char[]){"--stdin"},   (char[]){"--stdout"}, NULL};
	/* an empty environment: ours may hold keys */
	char *const env[] = {(char[]){"LC_ALL=C.UTF-8"}, NULL};
	posix_spawn_file_actions_t fa;
	int ret = posix_spawn_file_actions_init(&fa);

	if (ret != 0)
		return ret;
	if ((ret = posix_spawn_file_actions_adddup2(&fa, in, 0)) == 0 &&
	    (ret = posix_spawn_file_actions_adddup2(&fa, out, 1)) == 0 &&
	    (ret = posix_spawn_file_actions_addopen(&fa, 2, "/dev/null", O_WRONLY, 0)) == 0)
		ret = posix_spawnp(pid, argv[0], &fa, NULL, argv, env);
	(void)posix_spawn_file_actions_destroy(&fa);
	return ret;
}

static int start_voice(struct rcd_sv text, pid_t *pid, int *out, struct rcd_err *err)
{
	int in = -1, p[2], ret;

	if (read_text_file(text, &in, err) != 0)
		return -1;
	if (pipe2(p, O_CLOEXEC) != 0) {
		(void)rcd_fail_errno(err, "cannot make a pipe");
		(void)close(in);
		return -1;
	}
	ret = spawn_voice(in, p[1], pid);
	(void)close(in);
	(void)close(p[1]);
	if (ret != 0) {
		(void)close(p[0]);
		return rcd_fail(err, ret == ENOENT ? RCD_NOENT : RCD_IO, ret, "cannot run espeak-ng");
	}
	*out = p[0];
	return 0;
}

/* Some bytes of the child: their number, 0 at its end, -1. */
static ssize_t read_some(int fd, void *p, size_t n, int64_t deadline, const atomic_bool *stopping,
                         struct rcd_err *err)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	ssize_t got;

	while (poll(&pfd, 1, 100) <= 0) {
		if (atomic_load(stopping))
			return rcd_fail(err, RCD_CANCELLED, 0, "the sandbox is stopping");
		if (rcd_deadline_left(deadline, 1) == 0)
			return rcd_fail(err, RCD_TIMEOUT, 0, "espeak-ng takes too long");
	}
	do
		got = read(fd, p, n);
	while (got < 0 && errno == EINTR);
	return got >= 0 ? got : rcd_fail_errno(err, "cannot read from espeak-ng");
}

/* Exactly n bytes, fewer at the end only. */
static ssize_t read_block(int fd, char *p, size_t n, int64_t deadline, const atomic_bool *stopping,
                          struct rcd_err *err)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = read_some(fd, p + have, n - have, deadline, stopping, err);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

static int read_wav_rate(const char *h, size_t n, struct rcd_err *err)
{
	uint32_t hz = 0;

	if (n == WAV_HEAD)
		memcpy(&hz, h + 24, sizeof(hz));
	if (n != WAV_HEAD || memcmp(h, "RIFF", 4) != 0 || memcmp(h + 36, "data", 4) != 0 || hz < 8000 ||
	    hz > 48000)
		return rcd_fail(err, RCD_PROTO, 0, "espeak-ng gave no WAV");
	return (int)hz;
}

struct listener {
	rcd_pcm_fn *fn;
	void *arg;
	const atomic_bool *stopping;
	int hz;
};

static int pump_samples(int fd, const struct listener *l, struct rcd_err *err)
{
	int64_t deadline = rcd_deadline_in(CHILD_MS);
	struct rate rate = {.to = l->hz};
	int16_t in[IN_SAMPLES], out[OUT_SAMPLES];
	char head[WAV_HEAD];
	ssize_t n = read_block(fd, head, sizeof(head), deadline, l->stopping, err);

	if (n < 0 || (rate.from = read_wav_rate(head, (size_t)n, err)) < 0)
		return -1;
	while ((n = read_block(fd, (char *)in, sizeof(in), deadline, l->stopping, err)) > 0) {
		size_t got = convert_rate(&rate, in, (size_t)n / sizeof(in[0]), out);

		if (l->fn(l->arg, out, got, err) != 0)
			return -1;
	}
	return n < 0 ? -1 : 0;
}

int rcd_sb_espeak(struct rcd_sv text, int hz, rcd_pcm_fn *fn, void *arg,
                  const atomic_bool *stopping, struct rcd_err *err)
{
	struct listener l = {fn, arg, stopping, hz};
	int fd = -1, status = 0, ret;
	pid_t pid = 0;

	if (start_voice(text, &pid, &fd, err) != 0)
		return -1;
	ret = pump_samples(fd, &l, err);
	(void)close(fd);
	if (ret != 0)
		(void)kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (ret == 0 && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
		ret = rcd_fail(err, RCD_IO, 0, "espeak-ng failed");
	return ret;
}

int rcd_sb_speech(struct rcd_sv text, int hz, rcd_pcm_fn *fn, void *arg,
                  const atomic_bool *stopping, struct rcd_err *err)
{
	struct rcd_err why = {0};

	if (rcd_sb_espeak(text, hz, fn, arg, stopping, &why) == 0)
		return 0;
	if (why.code == RCD_NOENT)
		return rcd_sb_hum(text, hz, fn, arg, err);
	*err = why;
	return -1;
}
