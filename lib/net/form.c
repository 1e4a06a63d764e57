#include "net/form.h"

#include "base/limits.h"

#include <stdlib.h>
#include <string.h>

static int decode_hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes in at *at and moves *at on; never writes more than in.n bytes. */
static struct rcd_sv decode_field(struct rcd_sv in, char **at)
{
	char *const start = *at;
	char *to = start;

	for (size_t i = 0; i < in.n; i++) {
		char c = in.p[i];

		if (c == '%' && in.n - i > 2 && decode_hex(in.p[i + 1]) >= 0 &&
		    decode_hex(in.p[i + 2]) >= 0) {
			c = (char)(decode_hex(in.p[i + 1]) << 4 | decode_hex(in.p[i + 2]));
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		*to++ = c;
	}
	*at = to;
	return (struct rcd_sv){start, (size_t)(to - start)};
}

/* The next piece that is not empty. */
static bool take_piece(struct rcd_sv *rest, struct rcd_sv *piece)
{
	while (rcd_sv_cut(rest, '&', piece))
		if (piece->n > 0)
			return true;
	return false;
}

static size_t count_fields(struct rcd_sv body)
{
	struct rcd_sv piece;
	size_t n = 0;

	while (n <= RCD_MAX_FORM_FIELDS && take_piece(&body, &piece))
		n++;
	return n;
}

int rcd_form_parse(struct rcd_sv body, struct rcd_form *out, struct rcd_err *err)
{
	struct rcd_form f = {.n = 0};
	struct rcd_sv piece;
	size_t n;
	char *at;

	if (body.n > RCD_MAX_WEBHOOK)
		return rcd_fail(err, RCD_LIMIT, 0, "form of %zu bytes, at most %d", body.n,
		                RCD_MAX_WEBHOOK);
	n = count_fields(body);
	if (n > RCD_MAX_FORM_FIELDS)
		return rcd_fail(err, RCD_LIMIT, 0, "form of more than %d fields", RCD_MAX_FORM_FIELDS);
	f.text = at = malloc(body.n + 1);
	f.pair = calloc(n + 1, sizeof(*f.pair));
	if (f.text == NULL || f.pair == NULL) {
		rcd_form_free(&f);
		return rcd_fail_nomem(err);
	}
	while (take_piece(&body, &piece)) {
		struct rcd_sv value = piece, name;

		(void)rcd_sv_cut(&value, '=', &name);
		f.pair[f.n].name = decode_field(name, &at);
		f.pair[f.n++].value = decode_field(value, &at); /* no "=" at all: present, but empty */
	}
	*out = f;
	return 0;
}

void rcd_form_free(struct rcd_form *f)
{
	if (f == NULL)
		return;
	free(f->pair);
	free(f->text);
	*f = (struct rcd_form){.n = 0};
}

struct rcd_sv rcd_form_get(const struct rcd_form *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (rcd_sv_is(f->pair[i].name, name))
			return f->pair[i].value;
	return (struct rcd_sv){NULL, 0};
}

bool rcd_form_has_twice(const struct rcd_form *f, const char *name)
{
	int seen = 0;

	for (size_t i = 0; i < f->n; i++)
		seen += rcd_sv_is(f->pair[i].name, name);
	return seen > 1;
}

static bool is_unreserved(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
	       c == '.' || c == '_' || c == '~';
}

void rcd_form_escape(struct rcd_sv v, struct rcd_buf *out)
{
	static const char digit[] = "0123456789ABCDEF";

	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];

		if (is_unreserved(c))
			rcd_buf_ch(out, (char)c);
		else
			rcd_buf_add(out, (char[]){'%', digit[c >> 4], digit[c & 15]}, 3);
	}
}

void rcd_form_add(struct rcd_buf *out, const char *name, struct rcd_sv value)
{
	if (out->n > 0)
		rcd_buf_ch(out, '&');
	rcd_form_escape(rcd_sv(name), out);
	rcd_buf_ch(out, '=');
	rcd_form_escape(value, out);
}
