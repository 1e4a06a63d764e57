#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void rcd_buf_init(struct rcd_buf *b, size_t max)
{
	*b = (struct rcd_buf){.max = max};
}

void rcd_buf_free(struct rcd_buf *b)
{
	free(b->p);
	rcd_buf_init(b, b->max);
}

void rcd_buf_reset(struct rcd_buf *b)
{
	b->n = 0;
	b->bad = b->over = false;
	if (b->p != NULL)
		b->p[0] = '\0';
}

static char *mark_bad(struct rcd_buf *b, bool over)
{
	rcd_buf_free(b);
	b->bad = true;
	b->over = over;
	return NULL;
}

char *rcd_buf_room(struct rcd_buf *b, size_t n)
{
	size_t cap;
	char *p;

	if (b->bad)
		return NULL;
	if (n > b->max || b->n > b->max - n)
		return mark_bad(b, true);
	if (b->cap >= b->n + n + 1 && b->p != NULL)
		return b->p + b->n;
	cap = b->cap < 64 ? 64 : b->cap;
	while (cap < b->n + n + 1)
		cap *= 2;
	if (cap > b->max + 1)
		cap = b->max + 1;
	p = realloc(b->p, cap);
	if (p == NULL)
		return mark_bad(b, false);
	b->p = p;
	b->cap = cap;
	b->p[b->n] = '\0';
	return b->p + b->n;
}

void rcd_buf_add(struct rcd_buf *b, const void *p, size_t n)
{
	char *at = rcd_buf_room(b, n);

	if (at == NULL)
		return;
	if (n > 0)
		memcpy(at, p, n);
	b->n += n;
	b->p[b->n] = '\0';
}

void rcd_buf_str(struct rcd_buf *b, const char *s)
{
	rcd_buf_add(b, s, strlen(s));
}

void rcd_buf_sv(struct rcd_buf *b, struct rcd_sv v)
{
	rcd_buf_add(b, v.p, v.n);
}

void rcd_buf_utf8(struct rcd_buf *b, struct rcd_sv v)
{
	const char *p = v.p, *end = v.p + v.n;

	while (v.n > 0 && p < end) {
		const char *at = p;
		uint32_t cp = rcd_utf8_next(&p, end);

		if (cp == 0 || (cp == 0xFFFD && p - at == 1))
			rcd_buf_str(b, "\xEF\xBF\xBD");
		else
			rcd_buf_add(b, at, (size_t)(p - at));
	}
}

void rcd_buf_code_point(struct rcd_buf *b, uint32_t cp)
{
	char c[4];
	size_t n = 0;

	if (cp < 0x80) {
		c[n++] = (char)cp;
	} else if (cp < 0x800) {
		c[n++] = (char)(0xC0 | cp >> 6);
		c[n++] = (char)(0x80 | (cp & 0x3F));
	} else if (cp < 0x10000) {
		c[n++] = (char)(0xE0 | cp >> 12);
		c[n++] = (char)(0x80 | (cp >> 6 & 0x3F));
		c[n++] = (char)(0x80 | (cp & 0x3F));
	} else {
		c[n++] = (char)(0xF0 | cp >> 18);
		c[n++] = (char)(0x80 | (cp >> 12 & 0x3F));
		c[n++] = (char)(0x80 | (cp >> 6 & 0x3F));
		c[n++] = (char)(0x80 | (cp & 0x3F));
	}
	rcd_buf_add(b, c, n);
}

void rcd_buf_ch(struct rcd_buf *b, char c)
{
	rcd_buf_add(b, &c, 1);
}

void rcd_buf_fmt(struct rcd_buf *b, const char *fmt, ...)
{
	va_list ap;
	char *at;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0 || (at = rcd_buf_room(b, (size_t)n)) == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(at, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->n += (size_t)n;
}

void rcd_buf_cut(struct rcd_buf *b, size_t n)
{
	if (b->bad || n >= b->n)
		return;
	b->n = n;
	b->p[n] = '\0';
}

void rcd_buf_drop(struct rcd_buf *b, size_t n)
{
	if (b->bad || n == 0)
		return;
	if (n > b->n)
		n = b->n;
	memmove(b->p, b->p + n, b->n - n + 1);
	b->n -= n;
}

struct rcd_sv rcd_buf_view(const struct rcd_buf *b)
{
	return (struct rcd_sv){b->p, b->n};
}

char *rcd_buf_take(struct rcd_buf *b, size_t *n)
{
	char *p;

	rcd_buf_add(b, "", 0);
	if (b->bad)
		return NULL;
	p = b->p;
	if (n != NULL)
		*n = b->n;
	b->p = NULL;
	rcd_buf_free(b);
	return p;
}
