#ifndef RCD_TEST_WS_SERVER_H
#define RCD_TEST_WS_SERVER_H

/* A WebSocket server of raw sockets that can misbehave: one thread for each connection, the
 * path says what it does (the table at the end). It allocates nothing, so that it takes no
 * part in a run with failing allocations. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct ws_server {
	int fd, port;
	int connections, open, closes; /* __atomic; closes: codes the client sent, the last one */
	char head[4096];               /* of the last handshake */
};

static struct ws_server ws_server;

static bool ws_put(int fd, const void *p, size_t n)
{
	const char *c = p;

	while (n > 0) {
		ssize_t k = send(fd, c, n, MSG_NOSIGNAL);

		if (k <= 0)
			return false;
		c += k;
		n -= (size_t)k;
	}
	return true;
}

static bool ws_get(int fd, void *p, size_t n)
{
	return n == 0 || recv(fd, p, n, MSG_WAITALL) == (ssize_t)n;
}

/* A frame's head as it is told, whatever follows. */
static bool ws_head(int fd, int first, uint64_t n)
{
	unsigned char h[10] = {(unsigned char)first};
	size_t k = 2;

	if (n < 126) {
		h[1] = (unsigned char)n;
	} else if (n < 65536) {
		h[1] = 126;
		h[2] = (unsigned char)(n >> 8);
		h[3] = (unsigned char)n;
		k = 4;
	} else {
		h[1] = 127;
		for (int i = 0; i < 8; i++)
			h[2 + i] = (unsigned char)(n >> (56 - 8 * i));
		k = 10;
	}
	return ws_put(fd, h, k);
}

static bool ws_frame(int fd, int first, const void *p, size_t n)
{
	return ws_head(fd, first, n) && ws_put(fd, p, n);
}

/* One masked frame of the client; control frames too. -1: gone. */
static int ws_read(int fd, char *out, size_t max, size_t *n)
{
	unsigned char h[2], more[8], mask[4];
	uint64_t len;

	if (!ws_get(fd, h, 2) || (h[1] & 0x80) == 0)
		return -1;
	len = h[1] & 0x7f;
	if (len >= 126) {
		size_t k = len == 126 ? 2 : 8;

		if (!ws_get(fd, more, k))
			return -1;
		len = 0;
		for (size_t i = 0; i < k; i++)
			len = len << 8 | more[i];
	}
	if (len > max || !ws_get(fd, mask, 4) || !ws_get(fd, out, len))
		return -1;
	for (uint64_t i = 0; i < len; i++)
		out[i] = (char)((unsigned char)out[i] ^ mask[i & 3]);
	*n = len;
	if ((h[0] & 15) == 8 && len >= 2)
		__atomic_store_n(&ws_server.closes, (unsigned char)out[0] << 8 | (unsigned char)out[1],
		                 __ATOMIC_RELEASE);
	return h[0];
}

/* Until the client hangs up or says goodbye, which is answered. */
static void ws_wait_end(int fd)
{
	static _Thread_local char text[70000];
	size_t n;
	int op;

	while ((op = ws_read(fd, text, sizeof(text), &n)) >= 0)
		if ((op & 15) == 8) {
			(void)ws_frame(fd, 0x88, text, n);
			return;
		}
}

static void ws_do_echo(int fd)
{
	static _Thread_local char text[3 << 20];
	size_t n;
	int op;

	while ((op = ws_read(fd, text, sizeof(text), &n)) >= 0) {
		if ((op & 15) == 8)
			(void)ws_frame(fd, 0x88, text, n);
		else if ((op & 15) == 9)
			(void)ws_frame(fd, 0x8a, text, n);
		else if (!ws_frame(fd, op, text, n))
			return;
	}
}

static void ws_do_pieces(int fd) /* three fragments, a ping between them, byte by byte */
{
	static const char all[] = "\x01\x05"
							  "Hello"
							  "\x89\x02hi"
							  "\x00\x02, "
							  "\x80\x06"
							  "world!";

	for (size_t i = 0; i < sizeof(all) - 1; i++)
		if (!ws_put(fd, all + i, 1))
			return;
	ws_wait_end(fd);
}

static void ws_do_huge(int fd) /* a terabyte, it says */
{
	(void)ws_head(fd, 0x81, (uint64_t)1 << 40);
	for (int i = 0; i < 64; i++)
		if (!ws_put(fd, (const char[1024]){0}, 1024))
			break;
	ws_wait_end(fd);
}

static void ws_do_over(int fd)
{
	(void)ws_frame(fd, 0x81, (const char[101000]){0}, 101000);
	ws_wait_end(fd);
}

static void ws_do_creep(int fd) /* no fragment is large */
{
	static const char k[1024];

	for (int i = 0; i < 200; i++)
		if (!ws_frame(fd, i == 0 ? 0x01 : 0x00, k, sizeof(k)))
			return;
	ws_wait_end(fd);
}

static void ws_do_flood(int fd) /* 4000 messages of 1 kB, numbered */
{
	char text[1024];

	memset(text, '.', sizeof(text));
	for (int i = 0; i < 4000; i++) {
		(void)snprintf(text, 12, "%d", i);
		if (!ws_frame(fd, 0x81, text, sizeof(text)))
			return;
	}
	ws_wait_end(fd);
}

#define WS_EMPTY 300000

static void ws_do_empty(int fd) /* that many messages with nothing in them, then one with a word */
{
	static const int at_once = 1000;
	char frames[2000];

	for (int i = 0; i < at_once; i++)
		memcpy(frames + 2 * i, "\x81", 2);
	for (int i = 0; i < WS_EMPTY / at_once; i++)
		if (!ws_put(fd, frames, sizeof(frames)))
			return;
	(void)ws_frame(fd, 0x81, "end", 3);
	ws_wait_end(fd);
}

static void ws_do_close(int fd)
{
	(void)ws_frame(fd, 0x81, "last words", 10);
	(void)ws_frame(fd, 0x88,
	               "\x03\xf3"
	               "going",
	               7); /* 1011 */
	ws_wait_end(fd);
}

static void ws_do_cut(int fd)
{
	(void)ws_head(fd, 0x81, 100);
	(void)ws_put(fd, "half", 4);
}

static bool ws_say(int fd, const char *text)
{
	return ws_frame(fd, 0x81, text, strlen(text));
}

/* A Realtime session that always hears and says the same. */
static void ws_do_realtime(int fd)
{
	static _Thread_local char text[300000];
	size_t n;
	int op;

	(void)ws_say(fd, "{\"type\":\"session.created\",\"session\":{}}");
	while ((op = ws_read(fd, text, sizeof(text) - 1, &n)) >= 0 && (op & 15) == 1) {
		text[n] = '\0';
		if (strstr(text, "session.update") != NULL) {
			(void)ws_say(fd, "{\"type\":\"session.updated\",\"session\":{}}");
		} else if (strstr(text, "input_audio_buffer.commit") != NULL) {
			(void)ws_say(fd, "{\"type\":\"input_audio_buffer.committed\",\"item_id\":\"item_1\"}");
			(void)ws_say(fd, "{\"type\":\"conversation.item.input_audio_transcription.completed\","
			                 "\"item_id\":\"item_1\",\"transcript\":\"oi\"}");
		} else if (strstr(text, "item.delete") != NULL) {
			(void)ws_say(fd, "{\"type\":\"conversation.item.deleted\",\"item_id\":\"item_1\"}");
		} else if (strstr(text, "response.create") != NULL) {
			(void)ws_say(fd, "{\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}");
			(void)ws_say(
				fd,
				"{\"type\":\"response.output_text.delta\",\"response_id\":\"resp_0\",\"delta\":\"No\"}");
			(void)ws_say(
				fd,
				"{\"type\":\"response.output_text.delta\",\"response_id\":\"resp_1\",\"delta\":\"Oi!\"}");
			(void)ws_say(fd, "{\"type\":\"a.thing.of.tomorrow\"}");
			(void)ws_say(
				fd,
				"{\"type\":\"response.done\",\"response\":{\"id\":\"resp_1\",\"status\":\"completed\"}}");
		}
	}
}

static void ws_do_junk(int fd)
{
	(void)ws_put(fd, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12);
	ws_wait_end(fd);
}

static void ws_do_mute(int fd) /* answers no ping */
{
	static _Thread_local char text[70000];
	size_t n;

	while (ws_read(fd, text, sizeof(text), &n) >= 0)
		;
}

static void ws_do_wall(int fd) /* reads nothing */
{
	(void)fd;
	(void)sleep(3);
}

static const struct {
	const char *path;
	void (*run)(int fd);
} ws_table[] = {
	{"/echo", ws_do_echo},
	{"/pieces", ws_do_pieces},
	{"/huge", ws_do_huge},
	{"/creep", ws_do_creep},
	{"/empty", ws_do_empty},
	{"/flood", ws_do_flood},
	{"/close", ws_do_close},
	{"/cut", ws_do_cut},
	{"/junk", ws_do_junk},
	{"/mute", ws_do_mute},
	{"/wall", ws_do_wall},
	{"/over", ws_do_over},
	{"/v1/realtime", ws_do_realtime},
};

static bool ws_accept(int fd, const char *head, bool lie)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	const char *key = strcasestr(head, "\r\nsec-websocket-key: ");
	unsigned char sum[20], code[32];
	char text[256];
	int n;

	if (key == NULL)
		return false;
	n = snprintf(text, sizeof(text), "%.24s%s", key + 21, guid);
	(void)SHA1((unsigned char *)text, (size_t)n, sum);
	if (lie)
		sum[0]++;
	(void)EVP_EncodeBlock(code, sum, 20);
	n = snprintf(text, sizeof(text),
	             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	             "Sec-WebSocket-Accept: %s\r\n\r\n",
	             (char *)code);
	return ws_put(fd, text, (size_t)n);
}

static void ws_answer(int fd, const char *head)
{
	char path[64] = "", text[128];
	int status = 0, n;

	(void)sscanf(head, "GET %63s", path);
	if (sscanf(path, "/status/%d", &status) == 1) {
		n = snprintf(text, sizeof(text),
		             "HTTP/1.1 %d No\r\nLocation: /echo\r\nContent-Length: 0\r\n\r\n", status);
		(void)ws_put(fd, text, (size_t)n);
		return;
	}
	if (strcmp(path, "/never") == 0) {
		(void)recv(fd, text, 1, 0);
		return;
	}
	if (!ws_accept(fd, head, strcmp(path, "/lie") == 0))
		return;
	path[strcspn(path, "?")] = '\0';
	for (size_t i = 0; i < sizeof(ws_table) / sizeof(ws_table[0]); i++)
		if (strcmp(path, ws_table[i].path) == 0)
			ws_table[i].run(fd);
}

static void *ws_serve(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char head[4096];
	size_t n = 0;

	while (n < sizeof(head) - 1 && recv(fd, head + n, 1, 0) == 1) {
		head[++n] = '\0';
		if (n >= 4 && memcmp(head + n - 4, "\r\n\r\n", 4) == 0)
			break;
	}
	if (n > 0) {
		memcpy(ws_server.head, head, n + 1);
		(void)__atomic_add_fetch(&ws_server.connections, 1, __ATOMIC_ACQ_REL);
		ws_answer(fd, head);
	}
	(void)close(fd);
	(void)__atomic_sub_fetch(&ws_server.open, 1, __ATOMIC_ACQ_REL);
	return NULL;
}

static void *ws_run(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept(ws_server.fd, NULL, NULL)) >= 0) {
		pthread_t id;

		(void)__atomic_add_fetch(&ws_server.open, 1, __ATOMIC_ACQ_REL);
		if (pthread_create(&id, NULL, ws_serve, (void *)(intptr_t)fd) == 0)
			(void)pthread_detach(id);
		else
			(void)close(fd);
	}
	return NULL;
}

static int ws_server_start(void)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(a);
	pthread_t id;

	ws_server.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(ws_server.fd, (struct sockaddr *)&a, n) != 0 || listen(ws_server.fd, 64) != 0 ||
	    getsockname(ws_server.fd, (struct sockaddr *)&a, &n) != 0)
		return -1;
	ws_server.port = ntohs(a.sin_port);
	if (pthread_create(&id, NULL, ws_run, NULL) != 0)
		return -1;
	return pthread_detach(id);
}

static inline const char *ws_url(const char *path)
{
	static _Thread_local char url[128];

	(void)snprintf(url, sizeof(url), "ws://127.0.0.1:%d%s", ws_server.port, path);
	return url;
}

#endif
