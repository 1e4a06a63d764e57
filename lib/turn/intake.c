/* What came in, parsed; and what of it no turn can take up is settled before a turn exists: tried
 * again it would fail again, and hold up all that its sender writes later. */

#include "turn/steps.h"

#include <stdlib.h>
#include <string.h>

/* Of the same bytes nothing else will come out. */
static bool is_permanent(const struct rcd_err *err)
{
	return err->code == RCD_PROTO || err->code == RCD_INVAL || err->code == RCD_LIMIT;
}

static bool is_empty(const struct rcd_twilio_msg *m)
{
	return rcd_sv_trim(m->body).n == 0 && m->n_media == 0;
}

/* Why a message that was understood is not answered; NULL: it is. */
static const char *find_reason(const struct rcd_turn *t, const struct rcd_twilio_msg *m)
{
	if (rcd_twilio_is_own(m, t->env->twilio->number != NULL ? t->env->twilio->number : ""))
		return "own_number";
	if (m->from_kind == RCD_ADDRESS_NAME && m->bsuid[0] == '\0')
		return "alphanumeric_sender"; /* Twilio cannot send to a name */
	if (rcd_sv_is(m->message_type, "reaction") && is_empty(m))
		return "reaction_removed";
	return NULL;
}

static int parse(struct rcd_turn *t, size_t i, struct rcd_err *err)
{
	if (rcd_form_parse(t->gather->row[i].body, &t->gather->form[i], err) != 0)
		return -1;
	return rcd_twilio_parse(&t->gather->form[i], &t->gather->msg[i], err);
}

/* why: for the queue; NULL for what is meant to be so. */
static void set_aside(struct rcd_turn *t, size_t i, const char *why, const char *reason,
                      struct rcd_inbox_settled *out)
{
	*out = (struct rcd_inbox_settled){t->gather->row[i].id, why};
	rcd_turn_log(t, "message_settled inbox_id=%lld reason=%s", (long long)t->gather->row[i].id,
	             reason);
	rcd_form_free(&t->gather->form[i]);
}

/* Message i is the n-th that the turn takes. */
static void move_up(struct rcd_turn *t, size_t i, size_t n)
{
	if (n == i)
		return;
	t->gather->row[n] = t->gather->row[i];
	t->gather->msg[n] = t->gather->msg[i];
	t->gather->form[n] = t->gather->form[i];
	t->gather->form[i] = (struct rcd_form){.n = 0};
}

struct sorted {
	struct rcd_inbox_settled row[RCD_MAX_TURN_MESSAGES];
	char why[RCD_MAX_TURN_MESSAGES][sizeof(((struct rcd_err *)0)->msg)];
	size_t n;
};

static int sort_out(struct rcd_turn *t, struct sorted *s, struct rcd_err *err)
{
	size_t kept = 0, all = t->gather->n;

	for (size_t i = 0; i < all; i++) {
		const char *reason;

		if (parse(t, i, err) != 0) {
			if (!is_permanent(err))
				return -1;
			(void)memcpy(s->why[s->n], err->msg, sizeof(err->msg));
			set_aside(t, i, s->why[s->n], "malformed", &s->row[s->n]);
			s->n++;
		} else if ((reason = find_reason(t, &t->gather->msg[i])) != NULL) {
			set_aside(t, i, NULL, reason, &s->row[s->n++]);
		} else {
			move_up(t, i, kept++);
		}
	}
	t->parts->gather.n = kept;
	return 0;
}

int rcd_turn_take_in(struct rcd_turn *t, struct rcd_err *err)
{
	struct sorted s = {.n = 0};

	t->parts->gather.form = calloc(t->gather->n, sizeof(*t->gather->form));
	t->parts->gather.msg = calloc(t->gather->n, sizeof(*t->gather->msg));
	if (t->gather->form == NULL || t->gather->msg == NULL)
		return rcd_fail_nomem(err);
	for (size_t i = 0; t->answered && i < t->gather->n; i++)
		if (parse(t, i, err) != 0)
			return -1;
	if (t->answered)
		return 0;
	if (sort_out(t, &s, err) != 0)
		return -1;
	return s.n == 0 ? 0 : rcd_inbox_settle(t->env->db, &t->job, s.row, s.n, err);
}
