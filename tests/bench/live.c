/* What a realtime exchange costs a client that does nothing else: raw socket, frames by hand,
 * the samples encoded beforehand, words looked for and not parsed.
 *
 *   live PORT KEY NOTE COUNT   NOTE is an audio file; prints the times in ms as a JSON array */

#include "audio/decode.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/limits.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define APPEND "{\"type\":\"input_audio_buffer.append\",\"audio\":\""
#define UPDATE                                                                                          \
	"{\"type\":\"session.update\",\"session\":{\"type\":\"realtime\",\"output_modalities\":[\"text\"]," \
	"\"audio\":{\"input\":{\"format\":{\"type\":\"audio/pcm\",\"rate\":24000},"                         \
	"\"transcription\":{\"model\":\"gpt-transcribe\"},\"turn_detection\":null}}}}"
#define PIECE ((size_t)96 * 1024) /* bytes of samples in one append, as Recado does it */

static char in[8 << 20];

static int put(int fd, const void *p, size_t n)
{
	const char *c = p;

	while (n > 0) {
		ssize_t k = send(fd, c, n, MSG_NOSIGNAL);

		if (k <= 0)
			return -1;
		c += k;
		n -= (size_t)k;
	}
	return 0;
}

/* A text frame with a mask of zeros: legal, and nothing to compute. */
static int say(int fd, struct rcd_sv text)
{
	unsigned char h[14] = {0x81};
	size_t bytes = 0; /* of the length, behind the first */

	h[1] = (unsigned char)(0x80 | text.n);
	if (text.n >= 126) {
		bytes = text.n < 65536 ? 2 : 8;
		h[1] = bytes == 2 ? 0x80 | 126 : 0x80 | 127;
	}
	for (size_t i = 0; i < bytes; i++)
		h[2 + i] = (unsigned char)(text.n >> (8 * (bytes - 1 - i)));
	return put(fd, h, 2 + bytes + 4) == 0 ? put(fd, text.p, text.n) : -1;
}

static int get(int fd, void *p, size_t n)
{
	return n == 0 || recv(fd, p, n, MSG_WAITALL) == (ssize_t)n ? 0 : -1;
}

/* The next message into in, NUL-terminated. */
static int hear(int fd)
{
	unsigned char h[2], more[8];
	size_t n;

	if (get(fd, h, 2) != 0)
		return -1;
	n = h[1] & 0x7f;
	if (n >= 126) {
		size_t k = n == 126 ? 2 : 8;

		if (get(fd, more, k) != 0)
			return -1;
		n = 0;
		for (size_t i = 0; i < k; i++)
			n = n << 8 | more[i];
	}
	if (n >= sizeof(in) || get(fd, in, n) != 0)
		return -1;
	in[n] = '\0';
	return 0;
}

static int wait_for(int fd, const char *word)
{
	do
		if (hear(fd) != 0)
			return -1;
	while (strstr(in, word) == NULL);
	return 0;
}

static int join(int port, const char *key)
{
	struct sockaddr_in a = {.sin_family = AF_INET,
	                        .sin_port = htons((uint16_t)port),
	                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[1024];
	size_t n = 0;
	int len =
		snprintf(text, sizeof(text),
	             "GET /v1/realtime?model=bare HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
	             "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	             "Sec-WebSocket-Version: 13\r\nAuthorization: Bearer %s\r\n\r\n",
	             key);

	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0 || put(fd, text, (size_t)len) != 0)
		return -1;
	while (n < sizeof(text) - 1 && recv(fd, text + n, 1, 0) == 1) {
		text[++n] = '\0';
		if (n > 4 && strcmp(text + n - 4, "\r\n\r\n") == 0)
			break;
	}
	if (strncmp(text, "HTTP/1.1 101", 12) != 0 || wait_for(fd, "session.created") != 0 ||
	    say(fd, RCD_SV(UPDATE)) != 0 || wait_for(fd, "session.updated") != 0)
		return -1;
	return fd;
}

/* The note as the appends that bring it, one after the other, each with its length before it. */
static int encode(const char *path, struct rcd_buf *out)
{
	struct rcd_buf file;
	struct rcd_pcm pcm = {0};
	struct rcd_err err;
	size_t n;

	rcd_buf_init(&file, RCD_MAX_MEDIA);
	if (rcd_file_read(path, RCD_MAX_MEDIA, &file, &err) != 0 ||
	    rcd_decode(NULL, rcd_buf_view(&file), rcd_sniff(rcd_buf_view(&file), rcd_sv(NULL)), 24000,
	               &pcm, &err) != 0) {
		(void)fprintf(stderr, "live: %s\n", err.msg);
		return -1;
	}
	n = pcm.n * sizeof(*pcm.s);
	for (size_t at = 0; at < n; at += PIECE) {
		size_t k = n - at < PIECE ? n - at : PIECE,
			   length = sizeof(APPEND) - 1 + (k + 2) / 3 * 4 + 2;

		rcd_buf_add(out, &length, sizeof(length));
		rcd_buf_str(out, APPEND);
		rcd_base64((struct rcd_sv){(const char *)pcm.s + at, k}, out);
		rcd_buf_str(out, "\"}");
	}
	rcd_pcm_free(&pcm);
	rcd_buf_free(&file);
	return out->bad ? -1 : 0;
}

static int say_note(int fd, struct rcd_sv note)
{
	while (note.n > 0) {
		size_t n;

		memcpy(&n, note.p, sizeof(n));
		if (say(fd, (struct rcd_sv){note.p + sizeof(n), n}) != 0)
			return -1;
		note = rcd_sv_skip(note, sizeof(n) + n);
	}
	return say(fd, RCD_SV("{\"type\":\"input_audio_buffer.commit\"}"));
}

/* One exchange; what was heard is deleted behind it, untimed. */
static double exchange(int fd, struct rcd_sv note)
{
	int64_t began = rcd_mono_us();
	char item[64] = "", ask[512];
	double ms;
	int n;

	if (say_note(fd, note) != 0 || wait_for(fd, "transcription.completed") != 0 ||
	    sscanf(strstr(in, "\"item_id\":\""), "\"item_id\":\"%63[^\"]", item) != 1)
		return -1;
	n = snprintf(
		ask, sizeof(ask),
		"{\"type\":\"response.create\",\"response\":{\"conversation\":\"none\",\"output_modalities\":[\"text\"],"
		"\"instructions\":\"Be brief.\",\"input\":[{\"type\":\"item_reference\",\"id\":\"%s\"}]}}",
		item);
	if (say(fd, (struct rcd_sv){ask, (size_t)n}) != 0 || wait_for(fd, "response.done") != 0)
		return -1;
	ms = (double)(rcd_mono_us() - began) / 1000;
	n = snprintf(ask, sizeof(ask), "{\"type\":\"conversation.item.delete\",\"item_id\":\"%s\"}",
	             item);
	if (say(fd, (struct rcd_sv){ask, (size_t)n}) != 0 || wait_for(fd, "item.deleted") != 0)
		return -1;
	return ms;
}

int main(int argc, char **argv)
{
	struct rcd_buf note;
	int count, fd;

	if (argc != 5)
		return 2;
	rcd_buf_init(&note, 64u << 20);
	count = (int)strtol(argv[4], NULL, 10);
	fd = encode(argv[3], &note) == 0 ? join((int)strtol(argv[1], NULL, 10), argv[2]) : -1;
	if (fd < 0)
		return 1;
	for (int i = 0; i < count; i++) {
		double ms = exchange(fd, rcd_buf_view(&note));

		if (ms < 0)
			return 1;
		(void)printf("%s%.3f", i == 0 ? "[" : ",", ms);
	}
	(void)puts("]");
	rcd_buf_free(&note);
	(void)close(fd);
	return 0;
}
