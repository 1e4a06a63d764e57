#include "policy/brake.h"

#include "policy/autoreply.h"
#include "policy/norm.h"

#include <stdlib.h>

/* Evidence is counted in halves. */
#define HALF 1
#define ONE 2
#define SHORT_LETTERS 20 /* "sim" and "ok" are said all day: the answers must be the same too */
#define FAST_LETTERS 80  /* shorter ones are tapped, not typed */
#define FAST_PER_S 15    /* characters: a good typist writes 6, and speaks 15 */

const char *const rcd_brake_name[RCD_N_BRAKES] = {
	[RCD_BRAKE_NONE] = "none", [RCD_BRAKE_LOOP] = "loop", [RCD_BRAKE_RATE] = "rate",
	[RCD_BRAKE_PACE] = "pace", [RCD_BRAKE_HELD] = "held",
};

/* A turn as the rules see it. */
struct look {
	struct rcd_norm in, out;
	bool wordless, automatic;
	bool seen;    /* all of its lines came before, or are our own */
	int evidence; /* that it is a loop's, in halves */
};

/* --- one turn ------------------------------------------------------------------------------ */

static bool is_mark(struct rcd_sv line)
{
	return rcd_sv_starts(line, RCD_SV("[")) && rcd_sv_ends(line, RCD_SV("]"));
}

/* What the history says of attachments stands in brackets. */
static bool is_wordless(struct rcd_sv text)
{
	struct rcd_sv line;

	while (text.p != NULL && rcd_sv_cut(&text, '\n', &line)) {
		line = rcd_sv_trim(line);
		if (line.n > 0 && !is_mark(line))
			return false;
	}
	return true;
}

/* People send many pictures of one thing, each in a message of its own. */
static int weigh_wordless(struct rcd_sv text)
{
	static const char *const programs[] = {"[figurinha]",      "[áudio]",
	                                       "[áudio sem fala]", "[sticker]",
	                                       "[voice note]",     "[voice note without speech]"};
	const struct rcd_sv mark = rcd_sv_trim(text);

	if (mark.n == 0)
		return ONE;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (rcd_sv_starts(mark, rcd_sv(programs[i])))
			return ONE;
	return HALF;
}

static int look_at(const struct rcd_brake_turn *turn, struct look *l, struct rcd_err *err)
{
	if (rcd_norm(turn->in, &l->in, err) != 0 || rcd_norm(turn->out, &l->out, err) != 0 ||
	    rcd_autoreply(turn->in, &l->automatic, err) != 0)
		return -1;
	l->wordless = is_wordless(turn->in);
	return 0;
}

/* --- one among those before it -------------------------------------------------------------- */

static bool line_was_seen(const struct look *l, size_t i, uint64_t line)
{
	for (size_t k = 0; k < i; k++)
		if (rcd_norm_has(&l[k].in, line) || rcd_norm_has(&l[k].out, line))
			return true;
	return false;
}

static bool was_seen(const struct look *l, size_t i)
{
	for (size_t k = 0; k < l[i].in.n; k++)
		if (!line_was_seen(l, i, l[i].in.line[k]))
			return false;
	return l[i].in.n > 0;
}

/* The last turn before i with the same words; i itself without one. */
static size_t find_last_same(const struct look *l, size_t i)
{
	for (size_t k = i; k-- > 0;)
		if (rcd_norm_eq(&l[k].in, &l[i].in))
			return k;
	return i;
}

/* A short message is a loop's when it gets the same answer again. What the newest would get nobody
 * knows yet: it is as its predecessor. */
static int weigh_short(const struct look *l, size_t i, bool newest)
{
	size_t before = find_last_same(l, i);

	if (before == i)
		return 0;
	if (newest)
		return l[before].evidence;
	return l[i].out.n > 0 && rcd_norm_eq(&l[before].out, &l[i].out) ? HALF : 0;
}

static int weigh_turn(const struct look *l, size_t i, struct rcd_sv text, bool newest)
{
	int sum = l[i].automatic ? ONE : 0;

	if (l[i].wordless)
		return weigh_wordless(text);
	if (l[i].seen && l[i].in.letters >= SHORT_LETTERS)
		sum += ONE;
	else if (l[i].seen)
		sum += weigh_short(l, i, newest);
	return sum;
}

static int look_at_all(const struct rcd_brake_turn *turn, size_t n, struct look *l,
                       struct rcd_err *err)
{
	for (size_t i = 0; i < n; i++) {
		if (look_at(&turn[i], &l[i], err) != 0)
			return -1;
		l[i].seen = !l[i].wordless && was_seen(l, i);
		l[i].evidence = weigh_turn(l, i, turn[i].in, i + 1 == n);
	}
	return 0;
}

/* --- the rules ----------------------------------------------------------------------------- */

static bool was_answered(const struct rcd_brake_turn *turn)
{
	return turn->out.n > 0;
}

static bool is_loop(const struct rcd_brake_conf *conf, const struct rcd_brake_turn *turn,
                    const struct look *l, size_t last)
{
	int sum = l[last].evidence;

	if (conf->loop_answers == 0 || sum == 0)
		return false;
	for (size_t i = 0; i < last; i++)
		sum += was_answered(&turn[i]) ? l[i].evidence : 0;
	return sum > ONE * conf->loop_answers;
}

/* The clock may have been set back since: what then seems to come from the future is not recent. */
static bool is_recent(int64_t ms, int64_t now, int seconds)
{
	const int64_t ago = now > ms ? now - ms : ms - now;

	return ago < seconds * 1000LL;
}

static bool is_too_often(const struct rcd_brake_conf *conf, const struct rcd_brake_turn *turn,
                         size_t last)
{
	int n = 0;

	for (size_t i = 0; i < last; i++)
		n += was_answered(&turn[i]) &&
		     is_recent(turn[i].started_ms, turn[last].started_ms, conf->window_s);
	return conf->answers > 0 && n >= conf->answers;
}

/* Since the message before it, not since our answer: a person may have begun to write before that
 * came. */
static bool is_fast(const struct rcd_brake_turn *turn, size_t i)
{
	const int64_t letters = (int64_t)rcd_utf8_count(turn[i].in);
	const int64_t took = turn[i].started_ms - turn[i - 1].started_ms;

	return turn[i].messages == 1 && !turn[i].audio && letters >= FAST_LETTERS && took >= 0 &&
	       letters * 1000 > FAST_PER_S * took;
}

static bool is_too_fast(const struct rcd_brake_conf *conf, const struct rcd_brake_turn *turn,
                        size_t last)
{
	int n = 0;

	if (conf->fast_answers == 0)
		return false;
	for (size_t i = last; i > 0 && is_fast(turn, i) && (i == last || was_answered(&turn[i])); i--)
		n++;
	return n > conf->fast_answers;
}

/* --- until something new comes -------------------------------------------------------------- */

static bool has_passed(const struct rcd_brake_conf *conf, int64_t since, int64_t now)
{
	return !is_recent(since, now, conf->quiet_s);
}

bool rcd_brake_holds(const struct rcd_brake_conf *conf, const struct rcd_brake_turn *last,
                     int64_t started_ms)
{
	/* after stickers and short words, speech is something new */
	const bool weak = !last->audio &&
	                  (is_wordless(last->in) || rcd_utf8_count(last->in) < SHORT_LETTERS);

	return last->braked && !weak && !has_passed(conf, last->started_ms, started_ms);
}

static bool is_new(const struct look *l)
{
	return !l->wordless && !l->automatic && !l->seen;
}

/* Stickers and short words are a person's too: whoever goes on in words is heard at once. */
static bool is_weak(const struct look *l)
{
	return l->wordless || (!l->automatic && l->in.letters < SHORT_LETTERS);
}

static bool is_held(const struct rcd_brake_conf *conf, const struct rcd_brake_turn *turn,
                    const struct look *l, size_t last)
{
	const int64_t now = turn[last].started_ms;

	if (last == 0 || !turn[last - 1].braked)
		return false;
	if (!is_new(&l[last]))
		return true;
	for (size_t i = last; i-- > 0 && turn[i].braked;)
		if (l[i].evidence > 0)
			return !is_weak(&l[i]) && !has_passed(conf, turn[i].started_ms, now);
	return !has_passed(conf, turn[last - 1].started_ms, now);
}

static enum rcd_brake decide_brake(const struct rcd_brake_conf *conf,
                                   const struct rcd_brake_turn *turn, const struct look *l,
                                   size_t last)
{
	if (is_held(conf, turn, l, last))
		return RCD_BRAKE_HELD;
	if (is_loop(conf, turn, l, last))
		return RCD_BRAKE_LOOP;
	if (is_too_often(conf, turn, last))
		return RCD_BRAKE_RATE;
	return is_too_fast(conf, turn, last) ? RCD_BRAKE_PACE : RCD_BRAKE_NONE;
}

int rcd_brake(const struct rcd_brake_conf *conf, const struct rcd_brake_turn *turn, size_t n,
              enum rcd_brake *out, struct rcd_err *err)
{
	struct look *l;
	int ret;

	*out = RCD_BRAKE_NONE;
	if (n < 2) /* the first message of anybody is answered */
		return 0;
	l = calloc(n, sizeof(*l));
	if (l == NULL)
		return rcd_fail_nomem(err);
	ret = look_at_all(turn, n, l, err);
	if (ret == 0)
		*out = decide_brake(conf, turn, l, n - 1);
	free(l);
	return ret;
}
