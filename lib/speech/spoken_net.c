/* Addresses of the net: what one would say to somebody who writes them down. Of a long one the
 * host alone. */

#include "speech/spoken_int.h"

#include <string.h>

#define MOST 300      /* bytes of an address that is looked at */
#define SHORT_PATH 20 /* a path of one part up to here is said */

static bool is_inside(char c)
{
	return (unsigned char)c > ' ' && strchr("<>()\"'[]{}|,;", c) == NULL;
}

/* The address at p, as far as it may go, but no more than most bytes: without what ends a
 * sentence. */
static struct rcd_sv cut_address(const char *p, const char *end, size_t most)
{
	size_t n = 0;

	while (p + n < end && n < most && is_inside(p[n]))
		n++;
	while (n > 0 && strchr(".!?:", p[n - 1]) != NULL)
		n--;
	return (struct rcd_sv){p, n};
}

static bool is_host_char(char c)
{
	return rcd_spoken_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || c == '-' ||
	       c == '.';
}

static size_t measure_host(struct rcd_sv v)
{
	size_t n = 0;

	while (n < v.n && is_host_char(v.p[n]))
		n++;
	return n;
}

/* Does it end in a name that people know from addresses? */
static bool is_host(struct rcd_sv host)
{
	static const char *const ends[] = {".com", ".br",   ".net",  ".org",   ".app",    ".io",
	                                   ".me",  ".site", ".shop", ".store", ".online", ".dev",
	                                   ".gov", ".edu",  ".info", ".link",  ".pt",     ".co",
	                                   ".uk",  ".us",   ".eu",   ".tv",    ".bio",    ".ee"};

	if (host.n < 4 || host.n > 253 || host.p[0] == '.' || host.p[0] == '-')
		return false;
	for (size_t i = 0; i + 1 < host.n; i++)
		if (host.p[i] == '.' && host.p[i + 1] == '.')
			return false;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t n = strlen(ends[i]);

		if (host.n > n && rcd_sv_ieq(rcd_sv_skip(host, host.n - n), rcd_sv(ends[i])))
			return true;
	}
	return false;
}

static const char *name_mark(const struct rcd_spoken *s, char mark)
{
	switch (mark) {
	case '.':
		return s->lang->dot;
	case '-':
		return s->lang->dash;
	case '_':
		return s->lang->underscore;
	case '+':
		return s->lang->plus;
	case '@':
		return s->lang->at;
	default:
		return NULL;
	}
}

static void say_marks(struct rcd_spoken *s, struct rcd_sv v)
{
	for (size_t i = 0; i < v.n; i++) {
		const char *word = name_mark(s, v.p[i]);

		if (word != NULL)
			rcd_buf_fmt(s->out, " %s ", word);
		else
			rcd_buf_ch(s->out, v.p[i]);
	}
}

static bool is_mailbox(struct rcd_sv v)
{
	for (size_t i = 0; i < v.n; i++)
		if (!is_host_char(v.p[i]) && v.p[i] != '_' && v.p[i] != '+')
			return false;
	return v.n > 0 && v.n <= 64;
}

static bool say_mail(struct rcd_spoken *s, struct rcd_sv v)
{
	const char *at = memchr(v.p, '@', v.n);
	struct rcd_sv box, host;

	if (at == NULL)
		return false;
	box = (struct rcd_sv){v.p, (size_t)(at - v.p)};
	host = rcd_sv_skip(v, box.n + 1);
	if (!is_mailbox(box) || measure_host(host) != host.n || memchr(host.p, '.', host.n) == NULL)
		return false;
	say_marks(s, v);
	s->p += v.n;
	return true;
}

static bool is_short_path(struct rcd_sv path)
{
	for (size_t i = 1; i < path.n; i++)
		if (path.p[i] == '.' || rcd_spoken_is_digit(path.p[i]) || !is_host_char(path.p[i]))
			return false;
	return path.n > 1 && path.n <= SHORT_PATH;
}

static bool say_page(struct rcd_spoken *s, struct rcd_sv v)
{
	struct rcd_sv all = v, host;
	bool sure = false;

	if (rcd_sv_starts(v, RCD_SV("https://")) || rcd_sv_starts(v, RCD_SV("http://"))) {
		v = rcd_sv_skip(v, v.p[4] == 's' ? 8 : 7);
		sure = true;
	}
	if (rcd_sv_starts(v, RCD_SV("www."))) {
		v = rcd_sv_skip(v, 4);
		sure = true;
	}
	host = (struct rcd_sv){v.p, measure_host(v)};
	v = rcd_sv_skip(v, host.n);
	if (host.n == 0 || (!sure && !is_host(host)) ||
	    (!sure && v.n > 0 && v.p[0] != '/' && v.p[0] != '?'))
		return false;
	say_marks(s, host);
	if (v.n > 1 && v.p[v.n - 1] == '/')
		v.n--;
	if (v.n > 1 && v.p[0] == '/' && is_short_path(v)) {
		rcd_buf_fmt(s->out, " %s ", s->lang->slash);
		say_marks(s, rcd_sv_skip(v, 1));
	}
	s->p += all.n;
	return true;
}

/* Of what is too long to be looked at, the beginning alone. */
static bool say_huge(struct rcd_spoken *s, struct rcd_sv v)
{
	const char *end;

	if (!rcd_sv_starts(v, RCD_SV("http")))
		return false;
	v = cut_address(s->p, s->end, SIZE_MAX);
	end = v.p + v.n;
	v.n = MOST;
	if (!say_page(s, v))
		return false;
	s->p = end;
	return true;
}

bool rcd_spoken_net(struct rcd_spoken *s)
{
	struct rcd_sv v;

	if (!is_host_char(*s->p) || *s->p == '-' || *s->p == '.' || !rcd_spoken_fresh(s->out))
		return false;
	v = cut_address(s->p, s->end, MOST + 1);
	if (v.n > MOST ? !say_huge(s, v) : !say_mail(s, v) && !say_page(s, v))
		return false;
	s->last = (struct rcd_sv){NULL, 0};
	return true;
}
