/* Amounts of money. */

#include "speech/spoken_int.h"

#include <string.h>

static const struct rcd_spoken_money *find_currency(const struct rcd_spoken *s, const char *p,
                                                    size_t *n)
{
	struct rcd_sv rest = {p, (size_t)(s->end - p)};

	for (const struct rcd_spoken_money *m = s->lang->money; m->mark != NULL; m++)
		if (rcd_sv_starts(rest, rcd_sv(m->mark))) {
			*n = strlen(m->mark);
			*n += rcd_spoken_blanks(p + *n, s->end);
			return m;
		}
	return NULL;
}

static struct rcd_sv find_scale(const struct rcd_spoken *s, const char *p)
{
	size_t blanks = rcd_spoken_blanks(p, s->end);
	struct rcd_sv word = {p + blanks, rcd_spoken_word_n(p + blanks, s->end)};

	return blanks == 1 && rcd_spoken_listed(word, s->lang->scale) ? word : (struct rcd_sv){NULL, 0};
}

static void say_cents(struct rcd_spoken *s, const struct rcd_spoken_money *m,
                      const struct rcd_spoken_figure *v)
{
	unsigned cents = (unsigned)(v->frac.p[0] - '0') * 10 +
	                 (v->frac.n > 1 ? (unsigned)(v->frac.p[1] - '0') : 0);

	if (cents == 0)
		return;
	if (v->whole > 0)
		rcd_buf_fmt(s->out, " %s ", s->lang->and);
	s->lang->cardinal(s->out, cents, false);
	rcd_buf_fmt(s->out, " %s", cents == 1 ? m->cent : m->cents);
}

static void say_amount(struct rcd_spoken *s, const struct rcd_spoken_money *m,
                       const struct rcd_spoken_figure *v, const char *p)
{
	struct rcd_sv scale = find_scale(s, s->p);
	bool cents = v->frac.n > 0 && v->frac.n <= 2 && scale.n == 0;
	struct rcd_spoken_figure whole = *v;
	bool round = v->whole >= 1000000 && v->whole % 1000000 == 0 && (v->frac.n == 0 || cents);

	if (cents)
		whole.frac.n = 0;
	if (!cents || v->whole > 0 || (v->frac.p[0] == '0' && (v->frac.n < 2 || v->frac.p[1] == '0'))) {
		rcd_spoken_say_figure(s, &whole, p, m->feminine);
		if (scale.n > 0) {
			rcd_buf_fmt(s->out, " %.*s", RCD_SV_ARG(scale));
			s->p = scale.p + scale.n;
			round = !rcd_sv_is(scale, "mil");
		}
		rcd_buf_fmt(s->out, "%s%s %s", round && s->lang->of[0] != '\0' ? " " : "",
		            round ? s->lang->of : "",
		            v->whole == 1 && scale.n == 0 && whole.frac.n == 0 ? m->one : m->many);
	}
	if (cents)
		say_cents(s, m, v);
}

bool rcd_spoken_money(struct rcd_spoken *s)
{
	const char *p = s->p;
	const struct rcd_spoken_money *m;
	bool minus = *p == '-' && rcd_spoken_fresh(s->out);
	struct rcd_spoken_figure v, to;
	size_t n, range;

	p += minus;
	m = find_currency(s, p, &n);
	if (m == NULL || !rcd_spoken_figure(s->lang, p + n, s->end, &v))
		return false;
	if (minus)
		rcd_buf_fmt(s->out, "%s ", s->lang->minus);
	p += n;
	s->p = p + v.n;
	range = rcd_spoken_range(s, s->p, &to);
	if (range > 0) {
		rcd_spoken_say_figure(s, &v, p, m->feminine);
		rcd_buf_fmt(s->out, " %s ", s->lang->to);
		p = s->p + range;
		v = to;
		s->p = p + v.n;
	}
	say_amount(s, m, &v, p);
	rcd_spoken_per(s);
	s->last = (struct rcd_sv){NULL, 0};
	return true;
}
