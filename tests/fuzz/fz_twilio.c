#include "base/json.h"
#include "provider/twilio.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static size_t units(struct rcd_sv v)
{
	const char *p = v.p, *end = v.p + v.n;
	size_t sum = 0;

	while (p < end)
		sum += rcd_utf8_next(&p, end) > 0xFFFF ? 2 : 1;
	return sum;
}

/* Any text splits into pieces within the limit and is good XML afterwards. */
static void check_text(struct rcd_sv text)
{
	const struct rcd_twiml_part part = {text, text};
	struct rcd_buf out;

	for (struct rcd_sv rest = text; rest.n > 0;) {
		size_t len = rcd_twilio_split(rest);

		if (len == 0 || len > rest.n || units((struct rcd_sv){rest.p, len}) > RCD_MAX_BODY_CHARS)
			abort();
		rest = rcd_sv_skip(rest, len);
	}
	rcd_buf_init(&out, 16 * text.n + 1024);
	rcd_twiml(&part, 1, &out);
	if (out.bad || !rcd_utf8_ok(rcd_buf_view(&out)))
		abort();
	for (size_t i = 0; i < out.n; i++)
		if ((unsigned char)out.p[i] < ' ' && out.p[i] != '\t' && out.p[i] != '\n')
			abort();
	rcd_buf_free(&out);
}

static void check_message(const struct rcd_form *f, const struct rcd_twilio_msg *m)
{
	char key[RCD_MAX_ADDRESS + 1];

	if (rcd_twilio_sender(f, key, NULL) != 0 || key[0] == '\0' || strlen(key) > RCD_MAX_ADDRESS)
		abort();
	if (m->sid.n == 0 || m->n_media < 0 || m->n_media > RCD_MAX_MEDIA_COUNT ||
	    (m->phone[0] != '\0' && m->phone[0] != '+') || strlen(m->phone) > 16 || strlen(m->bsuid) > 140)
		abort();
	for (int i = 0; i < m->n_media; i++)
		if (m->media[i].url.n == 0 || m->media[i].url.n > RCD_MAX_URL)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct rcd_sv in = {(const char *)p, n};
	char number[RCD_MAX_ADDRESS + 1];
	struct rcd_twilio_msg m;
	struct rcd_form f;

	(void)rcd_twilio_number(in, number, NULL);
	check_text(in);
	if (rcd_form_parse(in, &f, NULL) != 0)
		return 0;
	if (rcd_twilio_parse(&f, &m, NULL) == 0) {
		check_message(&f, &m);
		check_text(m.body);
	}
	rcd_form_free(&f);
	return 0;
}
