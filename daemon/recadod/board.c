#include "daemon/recadod/board.h"

#include "base/clock.h"

#include <linux/futex.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SILENT_MS 15000

const char *const rcd_role_name[RCD_N_ROLES] = {"web", "work"};

const char *const rcd_watched_name[RCD_N_WATCHED] = {
	[RCD_WATCHED_REALTIME] = "realtime",   [RCD_WATCHED_CHAT] = "chat",
	[RCD_WATCHED_ASSISTANT] = "assistant", [RCD_WATCHED_TRANSCRIBE] = "transcription",
	[RCD_WATCHED_SPEECH] = "voice",        [RCD_WATCHED_SEND] = "sending",
};

struct rcd_board *rcd_board_new(void)
{
	void *p = mmap(NULL, sizeof(struct rcd_board), PROT_READ | PROT_WRITE,
	               MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct rcd_board *b = p;

	if (p == MAP_FAILED)
		return NULL;
	atomic_store(&b->started_ms, rcd_now_ms());
	return b;
}

static void call_futex(_Atomic uint32_t *word, int op, uint32_t value, const struct timespec *ts)
{
	/* not FUTEX_PRIVATE_FLAG: the page is shared between processes. A wait that ends early or fails
	 * is one that looks once too often. */
	(void)syscall(SYS_futex, word, op, value, ts, NULL, 0);
}

static void raise_word(_Atomic uint32_t *word)
{
	atomic_fetch_add(word, 1);
	call_futex(word, FUTEX_WAKE, INT32_MAX, NULL);
}

static void await_word(_Atomic uint32_t *word, uint32_t seen, int64_t ms)
{
	const struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	call_futex(word, FUTEX_WAIT, seen, ms >= 0 ? &ts : NULL);
}

void rcd_board_turn_ended(struct rcd_board *b)
{
	raise_word(&b->turns_ended);
}

void rcd_board_await_turn(struct rcd_board *b, uint32_t seen, int64_t ms)
{
	await_word(&b->turns_ended, seen, ms);
}

void rcd_board_message(struct rcd_board *b)
{
	raise_word(&b->messages);
}

void rcd_board_await_message(struct rcd_board *b, uint32_t seen, int64_t ms)
{
	await_word(&b->messages, seen, ms);
}

void rcd_board_realtime(struct rcd_board *b, struct rcd_realtime_sum *sum)
{
	*sum = (struct rcd_realtime_sum){0};
	for (int i = 0; i < RCD_MAX_SLOTS; i++) {
		struct rcd_realtime_sum before = *sum;

		rcd_realtime_add(sum, &b->slot[i].realtime);
		if (atomic_load(&b->slot[i].pid) == 0) { /* it left its sessions as they were */
			sum->ready = before.ready;
			sum->busy = before.busy;
			sum->waiting = before.waiting;
		}
	}
}

int rcd_board_open(struct rcd_board *b, enum rcd_watched what)
{
	int n = 0;

	for (int i = 0; i < RCD_MAX_SLOTS; i++)
		n += atomic_load(&b->slot[i].pid) != 0 && (atomic_load(&b->slot[i].open) >> what & 1) != 0;
	return n;
}

struct rcd_board_count rcd_board_count(struct rcd_board *b, enum rcd_role role)
{
	struct rcd_board_count c = {0};
	int64_t now = rcd_mono_ms();

	for (int i = 0; i < RCD_MAX_SLOTS; i++) {
		struct rcd_slot *s = &b->slot[i];

		if (atomic_load(&s->pid) == 0 || atomic_load(&s->role) != (int)role ||
		    atomic_load(&s->generation) != atomic_load(&b->generation))
			continue;
		c.ready += atomic_load(&s->ready) && now - atomic_load(&s->beat_ms) < SILENT_MS;
		c.busy += atomic_load(&s->busy);
		c.served += atomic_load(&s->served);
	}
	return c;
}
