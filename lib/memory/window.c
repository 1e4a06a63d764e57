/* The window of last turns in a prompt. */

#include "memory/memory.h"
#include "provider/message.h"

#include <string.h>

static size_t text_bytes(const char *text)
{
	return text != NULL ? strlen(text) : 0;
}

size_t rcd_memory_fit(const struct rcd_history_row *row, size_t n, size_t max, size_t tokens)
{
	size_t fit = 0, used = 0;

	while (fit < n && fit < max) {
		const struct rcd_history_row *r = &row[n - 1 - fit];

		used += rcd_tokens(text_bytes(r->user_message) + text_bytes(r->bot_response));
		if (used > tokens && fit > 0)
			break;
		fit++;
	}
	return fit;
}

static int append_turn(json_t *prompt, const struct rcd_history_row *row, struct rcd_err *err)
{
	struct rcd_sv user = rcd_sv(row->user_message);

	if (user.n > 0 && rcd_message_add(prompt, "user", user, err) != 0) /* a follow-up has none */
		return -1;
	return row->bot_response != NULL
	           ? rcd_message_add(prompt, "assistant", rcd_sv(row->bot_response), err)
	           : 0;
}

static bool is_full(const struct rcd_memory_size *size, const struct rcd_history_row *row, size_t n)
{
	const size_t tokens = (size_t)size->tokens / 4 * 3;

	return n > 0 && ((int)n + 1 >= size->turns || rcd_memory_fit(row, n, n, tokens) < n);
}

int rcd_memory_window(const struct rcd_person *p, const struct rcd_memory_size *size, int64_t after,
                      json_t *prompt, bool *full, struct rcd_err *err)
{
	const struct rcd_history_window window = {after, size->turns, p->reach};
	struct rcd_history_row *row = NULL;
	size_t n = 0, fit;
	int ret = rcd_history_window(p->db, p->tenant, p->contact_id, &window, &row, &n, err);

	fit = rcd_memory_fit(row, n, n, (size_t)size->tokens);
	*full = p->reach != RCD_TURNS_SMS && is_full(size, row, n);
	for (size_t i = n - fit; ret == 0 && i < n; i++)
		ret = append_turn(prompt, &row[i], err);
	rcd_history_rows_free(row, n);
	return ret;
}
