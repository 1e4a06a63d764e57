/* The simulated providers, asked over real sockets by the product's own HTTP client. */

#include "base/file.h"
#include "net/form.h"
#include "provider/sign.h"
#include "tests/unit/sandbox.h"

#include <arpa/inet.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#define SEND "To=whatsapp%3A%2B5511987654321&From=whatsapp%3A%2B14155238886"
#define CHAT                                                                                       \
	"{\"model\":\"gpt-6-luna\",\"messages\":[{\"role\":\"user\",\"content\":\"oi \\\"tudo\\\" "    \
	"bem?\"}]"

/* --- Twilio ---------------------------------------------------------------------------- */

static int sending(void)
{
	struct bench b;
	char sid[64], path[160];
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), SEND "&Body=Ol%C3%A1"), b.err);
	T_INT(b.res.status, 201);
	T_STR(b.res.type, "application/json");
	T_STR(member(&b, NULL, "body"), "Olá");
	T_STR(member(&b, NULL, "to"), "whatsapp:+5511987654321");
	T_STR(member(&b, NULL, "num_media"), "0");
	T_STR(member(&b, NULL, "direction"), "outbound-api");
	(void)snprintf(sid, sizeof(sid), "%.63s", member(&b, NULL, "sid"));
	T_OK(strlen(sid) == 34 && strncmp(sid, "SM", 2) == 0);
	T_INT(lines(&b, "messages.create", "sid", sid), 1);
	(void)snprintf(path, sizeof(path), "%s/%s.json", account_path(&b, "/Messages"), sid);
	T_DO(twilio(&b, path, NULL), b.err);
	T_INT(b.res.status, 200);
	T_STR(member(&b, NULL, "body"), "Olá");
	T_DO(twilio(&b, account_path(&b, "/Messages/SMnone.json"), NULL), b.err);
	T_INT(b.res.status, 404);
	T_STR(member(&b, NULL, "code"), "20404");
out:
	close_bench(&b);
	return ret;
}

static int refusals(void)
{
	static const struct {
		const char *form, *code;
	} bad[] = {
		{"From=%2B14155238886&Body=a", "21604"},
		{"To=banana&From=%2B14155238886&Body=a", "21211"},
		{"To=%2B5511987654321&Body=a", "21603"},
		{"To=%2B5511987654321&From=whatsapp%3A%2B14155238886&Body=a", "21910"},
		{SEND, "21619"},
		{SEND "&MediaUrl=ftp%3A%2F%2Fx", "21620"},
	};
	struct rcd_buf longest;
	struct bench b;
	int ret = 0;

	rcd_buf_init(&longest, 20000);
	T_DO(open_bench(&b, NULL), b.err);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		T_DO(twilio(&b, account_path(&b, "/Messages.json"), bad[i].form), b.err);
		T_INT(b.res.status, 400);
		T_STR(member(&b, NULL, "code"), bad[i].code);
		T_STR(member(&b, NULL, "status"), "400");
	}
	rcd_buf_str(&longest, SEND "&Body=");
	for (int i = 0; i < 1600; i++)
		rcd_buf_str(&longest, "%C3%A9"); /* 1600 characters, 3200 bytes */
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), longest.p), b.err);
	T_INT(b.res.status, 201);
	rcd_buf_str(&longest, "e");
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), longest.p), b.err);
	T_STR(member(&b, NULL, "code"), "21617");
	T_DO(twilio(&b, "/2010-04-01/Accounts/ACother/Messages.json", SEND "&Body=a"), b.err);
	T_INT(b.res.status, 404);
	T_DO(rcd_secret_put(&b.token, RCD_SV("wrong"), &b.err), b.err);
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), SEND "&Body=a"), b.err);
	T_INT(b.res.status, 401);
	T_STR(member(&b, NULL, "code"), "20003");
	T_DO(twilio(&b, "/nowhere", NULL), b.err);
	T_INT(b.res.status, 404);
	T_DO(twilio(&b, "/v1/chat/completions", NULL), b.err);
	T_INT(b.res.status, 405);
out:
	rcd_buf_free(&longest);
	close_bench(&b);
	return ret;
}

static int listing(void)
{
	struct bench b;
	json_t *v = NULL;
	char next[512];
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	for (int i = 0; i < 5; i++) {
		char form[256];

		(void)snprintf(form, sizeof(form), "%s&Body=n%d", SEND, i);
		T_DO(twilio(&b, account_path(&b, "/Messages.json"), form), b.err);
	}
	T_DO(twilio(&b, account_path(&b, "/Messages.json"),
	            "To=%2B5511900000000&From=%2B14155238886&Body=other"),
	     b.err);
	T_DO(twilio(&b,
	            account_path(&b, "/Messages.json?To=whatsapp%3A%2B5511987654321&PageSize=3"
	                             "&DateSent%3E%3D=2020-01-01"),
	            NULL),
	     b.err);
	T_INT(b.res.status, 200);
	v = answer(&b);
	T_INT(json_array_size(json_object_get(v, "messages")), 3);
	T_STR(json_string_value(
			  json_object_get(json_array_get(json_object_get(v, "messages"), 0), "body")),
	      "n4");
	T_OK(json_is_string(json_object_get(v, "next_page_uri")));
	(void)snprintf(next, sizeof(next), "%s",
	               json_string_value(json_object_get(v, "next_page_uri")));
	json_decref(v);
	v = NULL;
	T_DO(twilio(&b, next, NULL), b.err);
	v = answer(&b);
	T_INT(json_array_size(json_object_get(v, "messages")), 2);
	T_STR(json_string_value(
			  json_object_get(json_array_get(json_object_get(v, "messages"), 1), "body")),
	      "n0");
	T_OK(json_is_null(json_object_get(v, "next_page_uri")));
	json_decref(v);
	v = NULL;
	T_DO(twilio(&b, account_path(&b, "/Messages.json?DateSent%3E=2100-01-01T00%3A00%3A00Z"), NULL),
	     b.err);
	v = answer(&b);
	T_INT(json_array_size(json_object_get(v, "messages")), 0);
	T_DO(twilio(&b, account_path(&b, "/Messages.json?DateSent=soon"), NULL), b.err);
	T_INT(b.res.status, 400);
out:
	json_decref(v);
	close_bench(&b);
	return ret;
}

static int media(void)
{
	struct rcd_http_req plain = {0}, head = {.method = "HEAD"};
	struct bench b;
	char *url = NULL, *bytes = NULL, cdn[sizeof(b.res.location)];
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	bytes = malloc(300000);
	T_OK(bytes != NULL);
	for (size_t i = 0; i < 300000; i++)
		bytes[i] = (char)(i * 7);
	url = rcd_sandbox_media(b.box, bytes, 300000, "audio/ogg");
	T_OK(url != NULL && strncmp(url, b.origin, strlen(b.origin)) == 0);
	T_DO(ask(&b, &plain, url), b.err);
	T_INT(b.res.status, 401);
	T_DO(twilio(&b, url, NULL), b.err);
	T_INT(b.res.status, 307);
	(void)snprintf(cdn, sizeof(cdn), "%s", b.res.location);
	T_DO(twilio(&b, cdn, NULL), b.err); /* with credentials, as nobody should */
	T_INT(b.res.status, 400);
	T_DO(ask(&b, &plain, cdn), b.err);
	T_INT(b.res.status, 200);
	T_STR(b.res.type, "audio/ogg");
	T_INT(b.res.body.n, 300000);
	T_OK(memcmp(b.res.body.p, bytes, 300000) == 0);
	T_DO(ask(&b, &head, cdn), b.err);
	T_INT(b.res.status, 200);
	T_INT(b.res.body.n, 0);
	T_INT(lines(&b, "cdn.get", NULL, NULL), 3);
	T_DO(ask(&b, &plain, "/cdn/ffff"), b.err);
	T_INT(b.res.status, 404);
out:
	free(bytes);
	free(url);
	close_bench(&b);
	return ret;
}

static int typing(void)
{
	struct bench b;
	struct rcd_http_req v3;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	v3 = (struct rcd_http_req){.user = setting(&b, "TWILIO_ACCOUNT_SID"),
	                           .password = &b.token,
	                           .body = RCD_SV("{\"channel\":\"WHATSAPP\",\"messageId\":\"SM1\"}"),
	                           .body_type = "application/json"};
	T_DO(ask(&b, &v3, "/v3/Indicators/Typing.json"), b.err);
	T_INT(b.res.status, 200);
	v3.body = RCD_SV("{\"channel\":\"whatsapp\",\"messageId\":\"SM1\"}");
	T_DO(ask(&b, &v3, "/v3/Indicators/Typing.json"), b.err);
	T_INT(b.res.status, 400);
	T_DO(twilio(&b, "/v2/Indicators/Typing.json", "messageId=SM1&channel=whatsapp"), b.err);
	T_INT(b.res.status, 200);
out:
	close_bench(&b);
	return ret;
}

/* The callback and the look at the media go to a second sandbox: it writes down what came. */
static int afterwards(void)
{
	struct bench b, peer = {.box = NULL};
	struct rcd_buf form;
	char callback[160];
	char *url = NULL, *cdn = NULL;
	struct rcd_http_req req;
	int ret = 0;

	rcd_buf_init(&form, 4096);
	T_DO(open_bench(&b, NULL), b.err);
	T_DO(open_bench(&peer, NULL), peer.err);
	url = rcd_sandbox_media(peer.box, "OggS", 4, "audio/ogg");
	req = (struct rcd_http_req){.user = setting(&peer, "TWILIO_ACCOUNT_SID"),
	                            .password = &peer.token};
	T_DO(ask(&peer, &req, url), peer.err);
	cdn = rcd_sv_dup(rcd_sv(peer.res.location));
	(void)snprintf(callback, sizeof(callback), "%s/status?k=0123abcd", peer.origin);
	rcd_buf_str(&form, SEND);
	rcd_form_add(&form, "MediaUrl", rcd_sv(cdn));
	rcd_form_add(&form, "StatusCallback", rcd_sv(callback));
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), form.p), b.err);
	T_INT(b.res.status, 201);
	T_OK(strncmp(member(&b, NULL, "sid"), "MM", 2) == 0);
	T_OK(soon(&b, "callback", "message_status", "delivered", 1));
	T_INT(lines(&b, "callback", "key", "0123abcd"), 3);
	T_INT(lines(&b, "media_url", "method", "HEAD"), 1);
	T_INT(lines(&b, "media_url", "type", "audio/ogg"), 2);
	T_INT(lines(&peer, "unknown", "path", "/status"), 3);
	T_INT(lines(&peer, "cdn.get", NULL, NULL), 2);
	T_INT(lines(&b, "messages.create", "key", "0123abcd"), 1);
	rcd_buf_reset(&form); /* a media URL without anything behind it fails the message */
	rcd_buf_str(&form, SEND);
	rcd_form_add(&form, "StatusCallback", rcd_sv(callback));
	(void)snprintf(callback, sizeof(callback), "%s/cdn/none", peer.origin);
	rcd_form_add(&form, "MediaUrl", rcd_sv(callback));
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), form.p), b.err);
	T_OK(soon(&b, "callback", "message_status", "failed", 1));
out:
	free(url);
	free(cdn);
	rcd_buf_free(&form);
	close_bench(&peer);
	close_bench(&b);
	return ret;
}

/* The status that the first callback with a key told, "-" for none. */
static const char *first_callback(struct bench *b, const char *key)
{
	static char status[16];
	char *text = rcd_sandbox_ledger(b->box);
	struct rcd_sv rest = rcd_sv(text), line;

	(void)snprintf(status, sizeof(status), "-");
	while (status[0] == '-' && rcd_sv_cut(&rest, '\n', &line)) {
		json_t *v = NULL;

		if (rcd_json_parse(line, RCD_MAX_JSON, &v, RCD_UNREAD_ERR) == 0 &&
		    rcd_sv_is(rcd_json_sv(v, "op"), "callback") && rcd_sv_is(rcd_json_sv(v, "key"), key))
			(void)snprintf(status, sizeof(status), "%.*s",
			               RCD_SV_ARG(rcd_json_sv(v, "message_status")));
		json_decref(v);
	}
	free(text);
	return status;
}

/* What became of callbacks, each as the plan has it. */
static int callbacks(void)
{
	static const struct {
		const char *plan;
		int calls;
		const char *first, *status;
	} row[] = {
		{"callback never", 0, "-", "delivered"},
		{"callback twice", 6, "queued", "delivered"},
		{"callback disorder", 3, "delivered", "delivered"},
		{"callback failed code=63016", 2, "queued", "failed"},
		{"callback delay=300", 3, "queued", "delivered"},
	};
	char form[300], path[600], key[8];
	struct bench b;
	int64_t began;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		int64_t deadline = rcd_deadline_in(10000);

		T_OK(plan(&b, row[i].plan) == 0);
		(void)snprintf(form, sizeof(form),
		               "%s&Body=a&StatusCallback=http%%3A%%2F%%2F127.0.0.1%%3A%d%%2Fs%%3Fk%%3Dk%zu",
		               SEND, rcd_sandbox_port(b.box), i);
		began = rcd_mono_ms();
		T_DO(twilio(&b, account_path(&b, "/Messages.json"), form), b.err);
		T_INT(b.res.status, 201);
		(void)snprintf(path, sizeof(path), "%s/%.40s.json", account_path(&b, "/Messages"),
		               member(&b, NULL, "sid"));
		do {
			T_DO(twilio(&b, path, NULL), b.err);
			T_OK(rcd_deadline_left(deadline, 1) > 0);
		} while (strcmp(member(&b, NULL, "status"), row[i].status) != 0);
		(void)snprintf(key, sizeof(key), "k%zu", i);
		T_OK(soon(&b, "callback", "key", key, row[i].calls));
		T_STR(first_callback(&b, key), row[i].first);
		T_OK(i != 3 || strcmp(member(&b, NULL, "error_code"), "63016") == 0);
		T_OK(i != 4 || rcd_mono_ms() - began >= 300);
	}
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		(void)snprintf(key, sizeof(key), "k%zu", i);
		T_INT(lines(&b, "callback", "key", key), row[i].calls);
	}
out:
	close_bench(&b);
	return ret;
}

/* Messages that no webhook told of: they are in the list, in their order, with their media. */
static int inbound(void)
{
	struct rcd_http_req post = {.body_type = "application/x-www-form-urlencoded"};
	char *url = NULL, *old = NULL, *note = NULL, path[200];
	struct bench b;
	json_t *v = NULL;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	url = rcd_sandbox_media(b.box, "OggS", 4, "audio/ogg");
	note = rcd_sandbox_inbound(b.box,
	                           &(struct rcd_sandbox_inbound){.from = "whatsapp:+5511987654321",
	                                                         .media_url = url});
	old = rcd_sandbox_inbound(b.box,
	                          &(struct rcd_sandbox_inbound){.from = "whatsapp:+5511987654321",
	                                                        .body = "oi & tchau",
	                                                        .age_ms = 3600 * 1000});
	T_OK(url != NULL && note != NULL && old != NULL);
	T_OK(strstr(url, note) != NULL && strncmp(old, "SM", 2) == 0);
	T_OK(rcd_sandbox_inbound(b.box, &(struct rcd_sandbox_inbound){.from = "+55",
	                                                              .media_url = "/Media/ME1"}) ==
	     NULL);
	T_DO(twilio(&b, account_path(&b, "/Messages.json?To=whatsapp%3A%2B14155238886"), NULL), b.err);
	v = answer(&b);
	T_INT(json_array_size(json_object_get(v, "messages")), 2);
	T_OK(rcd_sv_is(rcd_json_sv(json_array_get(json_object_get(v, "messages"), 0), "sid"), note));
	T_OK(rcd_sv_is(rcd_json_sv(json_array_get(json_object_get(v, "messages"), 0), "num_media"),
	               "1"));
	T_OK(rcd_sv_is(rcd_json_sv(json_array_get(json_object_get(v, "messages"), 1), "direction"),
	               "inbound"));
	T_OK(rcd_sv_is(rcd_json_sv(json_array_get(json_object_get(v, "messages"), 1), "body"),
	               "oi & tchau"));
	json_decref(v);
	(void)snprintf(path, sizeof(path), "/Messages/%s/Media.json", note);
	T_DO(twilio(&b, account_path(&b, path), NULL), b.err);
	v = answer(&b);
	T_INT(json_array_size(json_object_get(v, "media_list")), 1);
	T_OK(rcd_sv_is(rcd_json_sv(json_array_get(json_object_get(v, "media_list"), 0), "content_type"),
	               "audio/ogg"));
	post.body = RCD_SV("From=%2B5511912345678&Body=oi&Age=60");
	T_DO(ask(&b, &post, "/_sandbox/inbound"), b.err);
	T_INT(b.res.status, 201);
	(void)snprintf(path, sizeof(path), "/Messages/%s.json", member(&b, NULL, "sid"));
	T_DO(twilio(&b, account_path(&b, path), NULL), b.err);
	T_STR(member(&b, NULL, "to"), "+14155238886");
	T_STR(member(&b, NULL, "status"), "received");
	post.body = RCD_SV("Body=oi");
	T_DO(ask(&b, &post, "/_sandbox/inbound"), b.err);
	T_INT(b.res.status, 400);
out:
	json_decref(v);
	free(url);
	free(old);
	free(note);
	close_bench(&b);
	return ret;
}

/* Is the request whole: its head, and a body as long as the head says? */
static bool whole(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length: ");
	int64_t n;

	if (body == NULL || length == NULL)
		return false;
	length += strlen("\r\nContent-Length: ");
	return rcd_parse_i64((struct rcd_sv){length, strcspn(length, "\r")}, 0, 65536, &n) == 0 &&
	       strlen(body + 4) >= (size_t)n;
}

/* Takes one request from a listening socket, answers it, and gives its text. */
static int take_one(int listener, char *text, size_t max)
{
	static const char ok[] = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
	struct pollfd p = {.fd = listener, .events = POLLIN};
	size_t n = 0;
	int fd, ret;

	if (poll(&p, 1, 10000) != 1 || (fd = accept(listener, NULL, NULL)) < 0)
		return -1;
	p.fd = fd;
	text[0] = '\0';
	while (!whole(text)) {
		ssize_t got = poll(&p, 1, 5000) == 1 ? read(fd, text + n, max - 1 - n) : -1;

		if (got <= 0)
			break;
		n += (size_t)got;
		text[n] = '\0';
	}
	ret = whole(text) && write(fd, ok, sizeof(ok) - 1) == (ssize_t)sizeof(ok) - 1 ? 0 : -1;
	(void)close(fd);
	return ret;
}

/* The callback's signature is the one that our own check of Twilio's accepts. */
static int signatures(void)
{
	static const char *const status[] = {"queued", "sent", "delivered"};
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(a);
	char url[64], text[4096], form[256];
	struct rcd_form f = {0};
	int fd = socket(AF_INET, SOCK_STREAM, 0), ret = 0;
	struct bench b;

	T_DO(open_bench(&b, NULL), b.err);
	T_OK(bind(fd, (struct sockaddr *)&a, len) == 0 && listen(fd, 5) == 0 &&
	     getsockname(fd, (struct sockaddr *)&a, &len) == 0);
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%d/status?k=ab", ntohs(a.sin_port));
	(void)snprintf(form, sizeof(form),
	               "%s&Body=a%%2Bb&StatusCallback=http%%3A%%2F%%2F127.0.0.1%%3A%d"
	               "%%2Fstatus%%3Fk%%3Dab",
	               SEND, ntohs(a.sin_port));
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), form), b.err);
	for (size_t i = 0; i < 3; i++) {
		char *head, *body;

		T_INT(take_one(fd, text, sizeof(text)), 0);
		head = strcasestr(text, "\r\nX-Twilio-Signature: ");
		body = strstr(text, "\r\n\r\n");
		T_OK(head != NULL && body != NULL && strncmp(text, "POST /status?k=ab ", 18) == 0);
		rcd_form_free(&f);
		T_DO(rcd_form_parse(rcd_sv(body + 4), &f, &b.err), b.err);
		T_OK(rcd_sv_is(rcd_form_get(&f, "MessageStatus"), status[i]));
		head += 22;
		T_OK(rcd_sign_twilio(&b.token, url, &f, rcd_sv(NULL),
		                     (struct rcd_sv){head, strcspn(head, "\r")}));
	}
out:
	rcd_form_free(&f);
	(void)close(fd);
	close_bench(&b);
	return ret;
}

/* --- OpenAI ---------------------------------------------------------------------------- */

static int chat(void)
{
	struct bench b;
	json_t *v = NULL;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_DO(openai(&b, "/v1/chat/completions", CHAT "}", 0), b.err);
	T_INT(b.res.status, 200);
	T_OK(strstr(b.res.body.p, "oi \\\"tudo\\\" bem?") != NULL);
	v = answer(&b);
	T_STR(json_string_value(json_object_get(v, "object")), "chat.completion");
	T_DO(openai(&b, "/v1/chat/completions",
	            CHAT ",\"stream\":true,\"stream_options\":{\"include_usage\":true}}", 0),
	     b.err);
	T_INT(b.res.status, 200);
	T_OK(strncmp(b.res.type, "text/event-stream", 17) == 0);
	T_OK(strncmp(b.res.body.p, "data: {", 7) == 0);
	T_OK(strstr(b.res.body.p, "\"role\":\"assistant\"") != NULL);
	T_OK(strstr(b.res.body.p, "\"finish_reason\":\"stop\"") != NULL);
	T_OK(strstr(b.res.body.p, "\"choices\":[],\"usage\":{") != NULL);
	T_OK(strcmp(b.res.body.p + b.res.body.n - 14, "data: [DONE]\n\n") == 0);
	T_DO(openai(&b, "/v1/chat/completions", "{\"messages\":[1],\"model\":\"\"}", 0), b.err);
	T_INT(b.res.status, 400);
	T_STR(member(&b, "error", "type"), "invalid_request_error");
	T_DO(openai(&b, "/v1/chat/completions", CHAT ",\"temperature\":0.5}", 0), b.err);
	T_STR(member(&b, "error", "code"), "unsupported_value");
	T_DO(openai(&b, "/v1/chat/completions", "[", 0), b.err);
	T_INT(b.res.status, 400);
	T_DO(rcd_secret_put(&b.openai, RCD_SV("sk-wrong"), &b.err), b.err);
	T_DO(openai(&b, "/v1/chat/completions", CHAT "}", 0), b.err);
	T_INT(b.res.status, 401);
	T_INT(lines(&b, NULL, NULL, NULL), 6);
	T_OK(plan(&b, "chat text=\"Sim, \\\"já\\\"\\nvou\"") == 0);
	T_DO(rcd_secret_put(&b.openai, rcd_sv(setting(&b, "OPENAI_API_KEY")), &b.err), b.err);
	T_DO(openai(&b, "/v1/chat/completions", CHAT "}", 0), b.err);
	T_OK(strstr(b.res.body.p, "Sim, \\\"já\\\"\\nvou") != NULL);
out:
	json_decref(v);
	close_bench(&b);
	return ret;
}

static int upload(struct bench *b, const char *filename, struct rcd_sv bytes)
{
	const struct rcd_http_part parts[] = {
		{.name = "model", .data = RCD_SV("gpt-transcribe")},
		{.name = "language", .data = RCD_SV("pt")},
		{.name = "file", .filename = filename, .type = "audio/ogg", .data = bytes},
	};
	struct rcd_http_req req = {.key_header = "Authorization: Bearer ",
	                           .key = &b->openai,
	                           .parts = parts,
	                           .n_parts = 3};

	return ask(b, &req, "/v1/audio/transcriptions");
}

static int transcription(void)
{
	struct rcd_http_req put = {.body = RCD_SV("OggS known bytes"), .body_type = "audio/ogg"};
	struct bench b;
	char big[70000];
	int ret = 0;

	memset(big, '-', sizeof(big)); /* looks like the beginning of many boundaries */
	T_DO(open_bench(&b, NULL), b.err);
	T_DO(upload(&b, "note.ogg", (struct rcd_sv){big, sizeof(big)}), b.err);
	T_INT(b.res.status, 200);
	T_STR(member(&b, NULL, "text"), "quanto custa a entrega?");
	T_INT(lines(&b, "transcribe", "filename", "note.ogg"), 1);
	T_INT(lines(&b, "transcribe", "language", "pt"), 1);
	T_DO(ask(&b, &put, "/_sandbox/media?type=audio/ogg&text=voc%C3%AAs+abrem+hoje%3F"), b.err);
	T_INT(b.res.status, 201);
	T_DO(upload(&b, "note.ogg", RCD_SV("OggS known bytes")), b.err);
	T_STR(member(&b, NULL, "text"), "vocês abrem hoje?");
	T_DO(upload(&b, "note.txt", RCD_SV("OggS")), b.err);
	T_INT(b.res.status, 400);
	T_DO(openai(&b, "/v1/audio/transcriptions", "{}", 0), b.err);
	T_INT(b.res.status, 400);
	T_OK(plan(&b, "transcribe text=\"\" nth=1\ntranscribe 429 retry-after=7 nth=2") == 0);
	T_DO(upload(&b, "note.ogg", RCD_SV("OggS")), b.err);
	T_STR(member(&b, NULL, "text"), "");
	T_DO(upload(&b, "note.ogg", RCD_SV("OggS")), b.err);
	T_INT(b.res.status, 429);
	T_INT(b.res.retry_after, 7);
out:
	close_bench(&b);
	return ret;
}

static int embeddings(void)
{
	struct bench b;
	json_t *v = NULL, *data;
	double dot[3] = {0}, norm = 0;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_DO(openai(&b, "/v1/embeddings",
	            "{\"model\":\"text-embedding-3-small\",\"input\":[\"preço da entrega\","
	            "\"qual o preço da entrega\",\"horário de domingo\"]}",
	            0),
	     b.err);
	T_INT(b.res.status, 200);
	v = answer(&b);
	data = json_object_get(v, "data");
	T_INT(json_array_size(data), 3);
	for (size_t i = 0; i < 1536; i++) {
		double x[3];

		for (size_t k = 0; k < 3; k++)
			x[k] = json_number_value(
				json_array_get(json_object_get(json_array_get(data, k), "embedding"), i));
		norm += x[0] * x[0];
		dot[1] += x[0] * x[1];
		dot[2] += x[0] * x[2];
	}
	T_OK(fabs(norm - 1) < 1e-4);
	T_OK(dot[1] > 0.5 && dot[1] > dot[2] + 0.3);
	T_DO(openai(&b, "/v1/embeddings",
	            "{\"model\":\"text-embedding-3-small\",\"input\":\"a\","
	            "\"dimensions\":3,\"encoding_format\":\"base64\"}",
	            0),
	     b.err);
	json_decref(v);
	v = answer(&b);
	T_INT(json_string_length(
			  json_object_get(json_array_get(json_object_get(v, "data"), 0), "embedding")),
	      16);
	T_DO(openai(&b, "/v1/embeddings", "{\"model\":\"m\",\"input\":\"\"}", 0), b.err);
	T_INT(b.res.status, 400);
	T_DO(openai(&b, "/v1/models", NULL, 0), b.err);
	T_OK(strstr(b.res.body.p, "\"shutdown_date\":\"2027-01-14\"") != NULL);
	T_DO(openai(&b, "/v1/models/none", NULL, 0), b.err);
	T_STR(member(&b, "error", "code"), "model_not_found");
out:
	json_decref(v);
	close_bench(&b);
	return ret;
}

/* --- ElevenLabs ------------------------------------------------------------------------ */

static double power(const struct rcd_buf *pcm)
{
	double sum = 0;

	for (size_t i = 0; i + 1 < pcm->n; i += 2) {
		int16_t s;

		memcpy(&s, pcm->p + i, sizeof(s));
		sum += (double)s * s;
	}
	return sqrt(sum / (double)(pcm->n / 2 + 1));
}

static int speak_twice(struct bench *b)
{
	size_t low;
	int ret = 0;

	T_DO(tts(b, "/stream?output_format=pcm_16000", "{\"text\":\"Bom dia, tudo bem?\"}"), b->err);
	T_INT(b->res.status, 200);
	T_OK(b->res.body.n % 2 == 0 && b->res.body.n > 2 * 8000);
	T_OK(power(&b->res.body) > 300);
	low = b->res.body.n;
	T_DO(tts(b, "?output_format=pcm_24000", "{\"text\":\"Bom dia, tudo bem?\"}"), b->err);
	T_INT(b->res.status, 200);
	T_OK(b->res.body.n > low * 145 / 100 && b->res.body.n < low * 155 / 100);
out:
	return ret;
}

static int speech(void)
{
	struct bench b;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_INT(speak_twice(&b), 0);
	T_DO(tts(&b, "?output_format=ogg", "{\"text\":\"a\"}"), b.err);
	T_INT(b.res.status, 400);
	T_STR(member(&b, "detail", "status"), "output_format_not_allowed");
	T_DO(tts(&b, "?output_format=pcm_16000", "{}"), b.err);
	T_INT(b.res.status, 422);
	T_DO(rcd_secret_put(&b.elevenlabs, RCD_SV("no"), &b.err), b.err);
	T_DO(tts(&b, "?output_format=pcm_16000", "{\"text\":\"a\"}"), b.err);
	T_INT(b.res.status, 401);
	T_STR(member(&b, "detail", "status"), "invalid_api_key");
out:
	close_bench(&b);
	return ret;
}

static int speech_without_espeak(void)
{
	struct bench b;
	int ret = 0;

	(void)setenv("PATH", t_dir(), 1);
	T_DO(open_bench(&b, NULL), b.err);
	T_INT(speak_twice(&b), 0);
out:
	close_bench(&b);
	return ret;
}

/* --- faults ---------------------------------------------------------------------------- */

static int stored(struct bench *b)
{
	json_t *v;
	int n;

	if (twilio(b, account_path(b, "/Messages.json"), NULL) != 0)
		return -1;
	v = answer(b);
	n = (int)json_array_size(json_object_get(v, "messages"));
	json_decref(v);
	return n;
}

static int before_and_after(void)
{
	struct bench b;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_OK(plan(&b, "messages.create 500-before times=1 # gone\n"
	              "messages.create 500-after nth=2\n"
	              "messages.create 429 retry-after=2 nth=3\n"
	              "messages.create status=400 code=63016 nth=4\n") == 0);
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), SEND "&Body=1"), b.err);
	T_INT(b.res.status, 500);
	T_INT(stored(&b), 0);
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), SEND "&Body=2"), b.err);
	T_INT(b.res.status, 500);
	T_INT(stored(&b), 1);
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), SEND "&Body=3"), b.err);
	T_INT(b.res.status, 429);
	T_INT(b.res.retry_after, 2);
	T_STR(member(&b, NULL, "code"), "20429");
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), SEND "&Body=4"), b.err);
	T_STR(member(&b, NULL, "code"), "63016");
	T_INT(stored(&b), 1);
	T_DO(twilio(&b, account_path(&b, "/Messages.json"), SEND "&Body=5"), b.err);
	T_INT(b.res.status, 201);
	T_INT(lines(&b, "messages.create", "decision", "500-before"), 1);
	T_INT(lines(&b, "messages.create", "decision", "500-after"), 1);
	T_INT(lines(&b, "messages.create", "decision", "429"), 1);
	T_INT(lines(&b, "messages.create", "decision", "ok"), 1);
out:
	close_bench(&b);
	return ret;
}

static int broken_answers(void)
{
	struct bench b;
	int64_t began;
	json_t *v;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_OK(plan(&b, "chat cut times=1\nchat cut nth=2\nchat garbage nth=3\nchat never nth=4\n"
	              "chat delay=150 nth=5\ntts cut") == 0);
	T_INT(openai(&b, "/v1/chat/completions", CHAT "}", 0), -1);
	T_INT(b.err.code, RCD_DOWN);
	T_INT(openai(&b, "/v1/chat/completions", CHAT ",\"stream\":true}", 0), -1);
	T_INT(b.err.code, RCD_DOWN);
	T_DO(openai(&b, "/v1/chat/completions", CHAT "}", 0), b.err);
	T_INT(b.res.status, 200);
	v = answer(&b);
	json_decref(v);
	T_OK(v == NULL);
	T_INT(openai(&b, "/v1/chat/completions", CHAT "}", rcd_deadline_in(300)), -1);
	T_INT(b.err.code, RCD_TIMEOUT);
	T_INT(lines(&b, "chat", "decision", "never"), 1);
	began = rcd_mono_ms();
	T_DO(openai(&b, "/v1/chat/completions", CHAT "}", 0), b.err);
	T_OK(rcd_mono_ms() - began >= 150);
	T_INT(tts(&b, "/stream?output_format=pcm_16000", "{\"text\":\"Bom dia\"}"), -1);
	T_INT(b.err.code, RCD_DOWN);
out:
	close_bench(&b);
	return ret;
}

static int count_429(struct bench *b, int of)
{
	int n = 0;

	for (int i = 0; i < of; i++)
		if (openai(b, "/v1/models", NULL, 0) == 0 && b->res.status == 429)
			n++;
	return n;
}

static int plan_lines(void)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{"chat 429\n\nbanana 429", "plan:3: there is no operation \"banana\""},
		{"chat", "plan:1: the rule does nothing"},
		{"chat 430", "plan:1: there is no fault \"430\""},
		{"chat cut garbage", "plan:1: two faults in one rule"},
		{"chat delay=x", "plan:1: \"x\" is not a number from 0 to 600000"},
		{"chat delay=", "plan:1: \"\" is not a number from 0 to 600000"},
		{"chat 429 prob=1.5", "plan:1: \"1.5\" is not a number from 0 to 1"},
		{"chat 429 times=0", "plan:1: a count begins at 1"},
		{"chat text=\"a", "plan:1: a quote without its end"},
		{"chat text=\"a\\", "plan:1: a quote without its end"},
		{"tts text=a", "plan:1: text= is for models and transcriptions, not tts"},
		{"tts pace=9", "plan:1: pace= is for models, not tts"},
		{"tts refusal", "plan:1: refusal is not for tts"},
		{"openai incomplete", "plan:1: incomplete is not for openai"},
		{"callback cut", "plan:1: cut is not for callback"},
		{"callback status=400", "plan:1: a status is not for callback"},
		{"chat twice", "plan:1: twice is not for chat"},
		{"chat wait=5", "plan:1: there is no setting \"wait\""},
		{"chat status=200", "plan:1: status= is from 300 to 599"},
		{"seed", "plan:1: seed wants a number"},
		{"\"\" 429", "plan:1: there is no operation \"\""},
	};
	struct bench b;
	int first, second, ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	T_OK(plan(&b, "seed 42\nopenai 429 prob=0.5") == 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		T_INT(plan(&b, bad[i].text), -1);
		T_STR(b.err.msg, bad[i].says);
		T_INT(b.err.code, RCD_INVAL);
	}
	first = count_429(&b, 40); /* a wrong plan has changed nothing */
	T_OK(first > 5 && first < 35);
	T_OK(plan(&b, "seed 42\nopenai 429 prob=0.5") == 0);
	second = count_429(&b, 40);
	T_INT(second, first);
	T_OK(plan(&b, "* 429 nth=2 times=2\n\t# a comment\r\n") == 0);
	T_INT(count_429(&b, 5), 2);
	T_OK(plan(&b, "") == 0);
	T_INT(count_429(&b, 3), 0);
out:
	close_bench(&b);
	return ret;
}

/* --- the whole ------------------------------------------------------------------------- */

static int files(void)
{
	char ledger[300], plan_file[300];
	struct rcd_sandbox_conf conf = {.ledger = ledger, .plan = plan_file};
	struct rcd_sandbox *second = NULL;
	struct rcd_http_req get = {0},
						put = {.body = RCD_SV("chat nonsense"), .body_type = "text/plain"};
	struct bench b;
	char *text = NULL;
	size_t n = 0;
	int ret = 0;

	memset(&b, 0, sizeof(b));
	(void)snprintf(ledger, sizeof(ledger), "%s/ledger", t_dir());
	(void)snprintf(plan_file, sizeof(plan_file), "%s/plan", t_dir());
	T_DO(rcd_file_write(plan_file, RCD_SV("chat 429 times=1\n"), 0600, &b.err), b.err);
	T_DO(open_bench(&b, &conf), b.err);
	T_DO(openai(&b, "/v1/chat/completions", CHAT "}", 0), b.err);
	T_INT(b.res.status, 429);
	text = t_slurp(ledger, &n);
	T_OK(text != NULL && n > 0 && text[n - 1] == '\n');
	T_OK(strncmp(text, "{\"t\":", 5) == 0 && strstr(text, "\"n\":1,") != NULL);
	T_OK(strstr(text, "\"decision\":\"429\"") != NULL && strstr(text, "\"auth\":true") != NULL);
	T_OK(strstr(text, setting(&b, "OPENAI_API_KEY")) == NULL);
	T_DO(ask(&b, &get, "/_sandbox/ledger"), b.err);
	T_INT(b.res.status, 200);
	T_STR(b.res.body.p, text);
	T_DO(ask(&b, &put, "/_sandbox/plan"), b.err);
	T_INT(b.res.status, 400);
	T_STR(member(&b, "error", "message"), "plan:1: there is no fault \"nonsense\"");
	put.body = RCD_SV("chat status=503");
	T_DO(ask(&b, &put, "/_sandbox/plan"), b.err);
	T_INT(b.res.status, 200);
	T_DO(openai(&b, "/v1/chat/completions", CHAT "}", 0), b.err);
	T_INT(b.res.status, 503);
	conf = (struct rcd_sandbox_conf){.port = rcd_sandbox_port(b.box)};
	T_INT(rcd_sandbox_start(&second, &conf, &b.err), -1);
	T_OK(strstr(b.err.msg, "in use") != NULL);
	conf = (struct rcd_sandbox_conf){.plan = ledger};
	T_INT(rcd_sandbox_start(&second, &conf, &b.err), -1);
	T_INT(b.err.code, RCD_INVAL);
out:
	free(text);
	(void)rcd_sandbox_stop(second);
	close_bench(&b);
	return ret;
}

/* Every operation once, wherever memory ends: answered, refused or cut off, and no crash, leak
 * or connection that hangs. */
static int short_of_memory(void)
{
	struct rcd_sandbox_conf conf = {.port = 0};
	struct bench b;
	char *url = NULL, *sid = NULL, path[80];
	bool all;
	int ret = 0;

	(void)setenv("PATH", "/nonexistent", 1); /* the hum: espeak-ng would be most of the time */
	if (open_bench(&b, &conf) != 0) {
		ret = b.err.code == RCD_TIMEOUT ? -1 : T_NOMEM;
		goto out;
	}
	url = rcd_sandbox_media(b.box, "OggS", 4, "audio/ogg");
	all = url != NULL;
	all = plan(&b, "seed 2\nchat delay=1 text=\"a b\"\nmessages.create 500-after prob=0") == 0 &&
	      all;
	all = twilio(&b, account_path(&b, "/Messages.json"), SEND "&Body=a") == 0 && all;
	all = b.err.code != RCD_TIMEOUT && all;
	all = twilio(&b, account_path(&b, "/Messages.json?PageSize=1"), NULL) == 0 && all;
	all = (url == NULL || twilio(&b, url, NULL) == 0) && all;
	sid = rcd_sandbox_inbound(b.box, &(struct rcd_sandbox_inbound){.from = "+5511987654321",
	                                                               .media_url = url});
	all = sid != NULL && all;
	(void)snprintf(path, sizeof(path), "/Messages/%s/Media.json", sid != NULL ? sid : "SM1");
	all = twilio(&b, account_path(&b, path), NULL) == 0 && all;
	all = openai(&b, "/v1/chat/completions", CHAT ",\"stream\":true}", 0) == 0 && all;
	T_OK(b.err.code != RCD_TIMEOUT);
	all = upload(&b, "a.ogg", RCD_SV("OggS")) == 0 && all;
	T_OK(b.err.code != RCD_TIMEOUT);
	all = openai(&b, "/v1/embeddings", "{\"model\":\"m\",\"input\":[\"a\"],\"dimensions\":2}", 0) ==
	          0 &&
	      all;
	all = tts(&b, "/stream?output_format=pcm_8000", "{\"text\":\"a\"}") == 0 && all;
	T_OK(b.err.code != RCD_TIMEOUT);
	ret = all ? 0 : T_NOMEM;
out:
	free(sid);
	free(url);
	close_bench(&b);
	return ret;
}

/* Stopping must not wait for what is parked. */
static void *hang(void *arg)
{
	(void)openai(arg, "/v1/chat/completions", CHAT "}", rcd_deadline_in(20000));
	return NULL;
}

static int stop_while_parked(void)
{
	static const char *const how[] = {"chat never", "chat delay=15000"};
	struct bench b;
	pthread_t t;
	int64_t began;
	int ret = 0;

	for (size_t i = 0; i < 2; i++) {
		T_DO(open_bench(&b, NULL), b.err);
		T_OK(plan(&b, how[i]) == 0);
		T_INT(pthread_create(&t, NULL, hang, &b), 0);
		if (!soon(&b, "chat", NULL, NULL, 1))
			ret = -1;
		began = rcd_mono_ms();
		b.box = rcd_sandbox_stop(b.box);
		(void)pthread_join(t, NULL);
		if (rcd_mono_ms() - began > 5000)
			ret = -1;
		close_bench(&b);
	}
	return ret;
out:
	close_bench(&b);
	return ret;
}

struct load {
	struct bench *b;
	int ok;
};

static void *one_chat(void *arg)
{
	struct load *l = arg;
	struct rcd_http_req req = {.key_header = "Authorization: Bearer ",
	                           .key = &l->b->openai,
	                           .body = RCD_SV(CHAT ",\"stream\":true}"),
	                           .body_type = "application/json",
	                           .peer = RCD_PEER_LOOPBACK};
	struct rcd_http_res res = {0};
	char url[128];

	(void)snprintf(url, sizeof(url), "%s/v1/chat/completions", l->b->origin);
	req.url = url;
	if (rcd_http_do(l->b->http, &req, &res, RCD_UNREAD_ERR) == 0 && res.status == 200 &&
	    res.body.n > 14 && strcmp(res.body.p + res.body.n - 14, "data: [DONE]\n\n") == 0)
		__atomic_add_fetch(&l->ok, 1, __ATOMIC_RELAXED);
	rcd_http_res_free(&res);
	return NULL;
}

/* Many parked at the same time: together they take little longer than one. */
static int crowd(void)
{
	enum { N = 200 };
	struct rcd_sandbox_conf conf = {.chat_delay_ms = 500, .quiet_memory = true};
	pthread_attr_t small;
	pthread_t t[N];
	struct bench b;
	struct load l = {&b, 0};
	int64_t began;
	int n = 0, ret = 0;

	(void)pthread_attr_init(&small);
	(void)pthread_attr_setstacksize(&small, 256 * 1024);
	T_DO(open_bench(&b, &conf), b.err);
	began = rcd_mono_ms();
	while (n < N && pthread_create(&t[n], &small, one_chat, &l) == 0)
		n++;
	for (int i = 0; i < n; i++)
		(void)pthread_join(t[i], NULL);
	T_INT(l.ok, N);
	T_OK(rcd_mono_ms() - began < 15000); /* one after the other: 100 s */
out:
	(void)pthread_attr_destroy(&small);
	close_bench(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"sending", sending, 0},
	{"refusals", refusals, 0},
	{"listing", listing, 0},
	{"media", media, 0},
	{"typing", typing, 0},
	{"afterwards", afterwards, 0},
	{"callbacks", callbacks, 0},
	{"inbound", inbound, 0},
	{"signatures", signatures, 0},
	{"chat", chat, 0},
	{"transcription", transcription, 0},
	{"embeddings", embeddings, 0},
	{"speech", speech, 0},
	{"speech_without_espeak", speech_without_espeak, 0},
	{"before_and_after", before_and_after, 0},
	{"broken_answers", broken_answers, 0},
	{"plan_lines", plan_lines, 0},
	{"files", files, 0},
	{"short_of_memory", short_of_memory, T_OOM},
	{"stop_while_parked", stop_while_parked, 0},
	{"crowd", crowd, 0},
	{NULL, NULL, 0},
};
