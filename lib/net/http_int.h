#ifndef RCD_HTTP_INT_H
#define RCD_HTTP_INT_H

/* Inside of the HTTP client; only http*.c include this.
 *
 * http.c         public calls: create a transfer, post it, wait for it, read from it
 * http_setup.c   builds the easy handle of a request (on the caller's thread)
 * http_engine.c  engine thread: sockets, timers, time limits, start and end of transfers
 * http_answer.c  libcurl callbacks on the engine thread: addresses, headers, body
 *
 * Locks: http->lock guards the command queue and the pool of easy handles, t->lock the
 * state shared between engine and caller. They are never held together. */

#include "net/http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <sys/queue.h>

#define RCD_HTTP_WINDOW (64 * 1024) /* bytes buffered before the transfer is paused */
#define RCD_HTTP_CHUNK 8192         /* curl's read buffer, one per running transfer */
#define RCD_HTTP_SPARE 64           /* easy handles kept for reuse */
#define RCD_HTTP_CONNECTIONS 1024   /* connections kept open */

/* Commands of a caller to the engine. */
enum rcd_http_want {
	RCD_HTTP_START = 1,
	RCD_HTTP_RESUME = 2, /* there is room again */
	RCD_HTTP_STOP = 4,
};

/* The bytes of one part of a multipart body, and how far curl has read. */
struct rcd_http_source {
	struct rcd_sv data;
	size_t at;
};

/* One transfer; a stream is nothing else. */
struct rcd_http_stream {
	/* written by the caller before START, only read afterwards */
	struct rcd_http *http;
	CURL *easy;
	struct curl_slist *headers;
	curl_mime *mime;
	struct rcd_http_source *source;
	char host[84]; /* for error texts */
	enum rcd_peer peer;
	bool tls, repeatable, streaming;
	int64_t connect_due, head_due, deadline, begin_by;
	int idle_ms;

	/* the engine's, from START until done */
	TAILQ_ENTRY(rcd_http_stream) running_link;
	struct rcd_http_res *res; /* the caller's; not used after the head is complete */
	size_t header_bytes;
	int64_t moved;        /* when the last bytes of the answer came */
	bool running;         /* in the multi */
	bool opened, refused; /* connected to an address; an address was refused */
	bool sent, answered;  /* request sent; response head complete */
	struct rcd_err fail;  /* error of a callback, set before it stops curl */

	/* under http->lock */
	TAILQ_ENTRY(rcd_http_stream) queue_link;
	unsigned wants; /* not 0: in the queue */
	bool closed;    /* the engine has released it: nothing may be queued any more */

	/* under lock */
	pthread_mutex_t lock;
	pthread_cond_t moved_on;
	struct rcd_buf body;
	size_t taken; /* bytes of body that the reader has consumed */
	bool head, done, paused, cancelled;
	int result; /* when done: 0, or -1 with err */
	struct rcd_err err;
};

TAILQ_HEAD(rcd_http_list, rcd_http_stream);

struct rcd_http {
	pthread_t thread;
	pthread_mutex_t lock;
	struct rcd_http_list queue;
	CURL *spare[RCD_HTTP_SPARE];
	size_t n_spare;
	size_t users; /* references: the owner and every transfer */
	bool closing;

	/* the engine's */
	CURLM *multi;
	int epoll, wake;
	int64_t curl_due;  /* when curl wants to be called; INT64_MAX: never */
	int64_t limit_due; /* no time limit of a transfer ends before this */
	struct rcd_http_list running;
};

int rcd_http_setup(struct rcd_http_stream *t, const struct rcd_http_req *req, struct rcd_err *err);
/* Resets the handle; false when it cannot be reused. */
bool rcd_http_unset(struct rcd_http_stream *t);
CURLcode rcd_http_callbacks(struct rcd_http_stream *t);

int rcd_http_engine_open(struct rcd_http *http, struct rcd_err *err); /* starts the thread */
void rcd_http_engine_close(struct rcd_http *http);                    /* ends and joins it */
/* From the engine's thread, when t enters a phase with a time limit of its own. */
void rcd_http_watch(struct rcd_http_stream *t);
/* false: the transfer is over, or the client is closing. */
bool rcd_http_post(struct rcd_http_stream *t, enum rcd_http_want want);

#endif
