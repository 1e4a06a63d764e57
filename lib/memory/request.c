/* What a person asks of their own data, answered by rule. To forget takes a yes to our question,
 * which is the contact's last turn then. */

#include "base/clock.h"
#include "memory/memory.h"
#include "store/sms_past.h"

#include <stdlib.h>
#include <string.h>

#define YES_MS (30 * 60000LL) /* how long our question may be answered */
#define DATE_CHARS 10         /* of rcd_time_text: "2026-11-21" */

static const char *const label[2][RCD_N_FACT_KINDS] = {
	{[RCD_FACT_NAME] = "nome",
     [RCD_FACT_BUSINESS] = "negócio",
     [RCD_FACT_ANSWERS] = "como prefere ser atendido",
     [RCD_FACT_NEED] = "precisa de",
     [RCD_FACT_PREFERENCE] = "prefere",
     [RCD_FACT_DATE] = "data"},
	{[RCD_FACT_NAME] = "name",
     [RCD_FACT_BUSINESS] = "business",
     [RCD_FACT_ANSWERS] = "how you like to be answered",
     [RCD_FACT_NEED] = "needs",
     [RCD_FACT_PREFERENCE] = "prefers",
     [RCD_FACT_DATE] = "date"},
};

static const char *label_of(enum rcd_lang lang, const char *kind)
{
	for (int i = 0; i < RCD_N_FACT_KINDS; i++)
		if (strcmp(kind, rcd_fact_kind_name[i]) == 0)
			return label[lang][i];
	return kind;
}

static void format_date(int64_t ms, char out[RCD_TIME_TEXT])
{
	rcd_time_text(ms, out);
	out[DATE_CHARS] = '\0';
}

/* --- what is known ------------------------------------------------------------------------- */

/* What a model has kept of them by save_contact. */
static void append_card(const struct rcd_memory *m, enum rcd_lang lang, struct rcd_buf *reply)
{
	struct rcd_sv notes = rcd_sv(m->notes), line;

	if (m->name != NULL)
		rcd_buf_fmt(reply, "- %s: %s\n", label[lang][RCD_FACT_NAME], m->name);
	if (m->email != NULL)
		rcd_buf_fmt(reply, "- e-mail: %s\n", m->email);
	while (notes.p != NULL && rcd_sv_cut(&notes, '\n', &line))
		rcd_buf_fmt(reply, lang == RCD_EN ? "- note: %.*s\n" : "- anotação: %.*s\n",
		            RCD_SV_ARG(line));
}

static void append_contact(const struct rcd_contact_row *who, enum rcd_lang lang,
                           struct rcd_buf *reply)
{
	char first[RCD_TIME_TEXT];

	format_date(who->first_ms, first);
	if (who->first_name != NULL)
		rcd_buf_fmt(reply, "- %s: %s %s\n", label[lang][RCD_FACT_NAME], who->first_name,
		            who->last_name != NULL ? who->last_name : "");
	rcd_buf_fmt(reply,
	            lang == RCD_EN ? "- messages since %s: %lld\n" : "- mensagens desde %s: %lld\n",
	            first, (long long)who->messages);
}

static void append_memory(const struct rcd_memory *m, enum rcd_lang lang, struct rcd_buf *reply)
{
	append_card(m, lang, reply);
	for (size_t i = 0; i < m->n_facts; i++)
		rcd_buf_fmt(reply, "- %s: %s (\"%s\")\n", label_of(lang, m->fact[i].kind), m->fact[i].value,
		            m->fact[i].quote);
	if (m->summary != NULL)
		rcd_buf_fmt(reply, "%s\n", m->summary);
}

static int tell_all(const struct rcd_person *p, const struct rcd_memory_texts *texts,
                    struct rcd_buf *reply, struct rcd_err *err)
{
	struct rcd_contact_row *who = NULL;
	struct rcd_memory m = {0};
	int ret = rcd_contact_get(p->db, p->tenant, p->contact_id, &who, err);

	if (ret == 0)
		ret = rcd_memory_get(p->db, p->tenant, p->contact_id, &m, err);
	if (ret == 0) {
		rcd_buf_fmt(reply, "%s\n", texts->known);
		append_contact(who, p->lang, reply);
		append_memory(&m, p->lang, reply);
	}
	rcd_memory_free(&m);
	free(who);
	return ret;
}

/* By SMS: what came by SMS, which is in its history already. */
static int tell_sms(const struct rcd_person *p, const struct rcd_memory_texts *texts,
                    struct rcd_buf *reply, struct rcd_err *err)
{
	struct rcd_sms_past past = {0};
	char first[RCD_TIME_TEXT];

	if (rcd_sms_past_get(p->db, p->tenant, p->contact_id, &past, err) != 0)
		return -1;
	format_date(past.first_ms, first);
	rcd_buf_fmt(reply, "%s\n- SMS (%s): %lld\n%s", texts->known, first, (long long)past.messages,
	            texts->by_sms);
	return 0;
}

/* --- the answers --------------------------------------------------------------------------- */

/* Is this the yes to our question? */
static int is_confirmed(const struct rcd_person *p, bool *yes, struct rcd_err *err)
{
	char rung[RCD_RUNG_NAME];
	int64_t ms;

	if (rcd_history_last_rung(p->db, p->tenant, p->contact_id, p->reach, rung, &ms, err) != 0)
		return -1;
	*yes = strcmp(rung, RCD_RUNG_ASKS) == 0 && rcd_now_ms() - ms < YES_MS;
	return 0;
}

static void append_text(const struct rcd_person *p, const struct rcd_memory_texts *texts,
                        const char *text, struct rcd_buf *reply)
{
	rcd_buf_str(reply, text);
	if (p->reach == RCD_TURNS_SMS)
		rcd_buf_fmt(reply, " %s", texts->by_sms);
}

static int answer_yes(const struct rcd_person *p, const struct rcd_memory_texts *texts,
                      struct rcd_buf *reply, const char **rung, struct rcd_err *err)
{
	bool yes = false;

	if (is_confirmed(p, &yes, err) != 0)
		return -1;
	if (yes) {
		*rung = RCD_RUNG_FORGETS;
		append_text(p, texts, texts->forgotten, reply);
	}
	return 0;
}

int rcd_memory_answer(const struct rcd_person *p, enum rcd_wish wish,
                      const struct rcd_memory_texts *texts, struct rcd_buf *reply,
                      const char **rung, struct rcd_err *err)
{
	int ret = 0;

	switch (wish) {
	case RCD_WISH_KNOWN:
		*rung = RCD_RUNG_KNOWN;
		ret = p->reach == RCD_TURNS_SMS ? tell_sms(p, texts, reply, err)
		                                : tell_all(p, texts, reply, err);
		break;
	case RCD_WISH_FORGET:
		*rung = RCD_RUNG_ASKS;
		append_text(p, texts, texts->forget, reply);
		break;
	case RCD_WISH_YES:
		ret = answer_yes(p, texts, reply, rung, err);
		break;
	default:
		break;
	}
	return ret == 0 && reply->bad ? rcd_fail_nomem(err) : ret;
}
