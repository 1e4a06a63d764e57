#include "provider/twilio_api.h"

#include <stdio.h>

/* What Twilio writes as a string, and others may write as a number. */
static int read_count(const json_t *m, const char *key)
{
	const json_t *v = json_object_get(m, key);
	int64_t n = json_integer_value(v);

	if (json_is_string(v) && rcd_parse_i64(rcd_json_sv(m, key), 0, INT32_MAX, &n) != 0)
		return 0;
	return n > 0 && n <= INT32_MAX ? (int)n : 0;
}

int rcd_twilio_listed(const json_t *m, struct rcd_twilio_listed *out)
{
	struct rcd_twilio_listed l = {.n_media = read_count(m, "num_media"),
	                              .inbound = rcd_sv_is(rcd_json_sv(m, "direction"), "inbound")};

	if (rcd_twilio_time(rcd_json_sv(m, "date_created"), &l.created_ms) != 0 ||
	    rcd_twilio_sid(rcd_json_sv(m, "sid"), l.sid) != 0)
		return -1;
	*out = l;
	return 0;
}

void rcd_twilio_listed_form(const json_t *m, const struct rcd_twilio_listed *l, const char *account,
                            struct rcd_buf *out)
{
	char n[16];

	rcd_form_add(out, "MessageSid", rcd_sv(l->sid));
	rcd_form_add(out, "AccountSid", rcd_sv(account));
	rcd_form_add(out, "From", rcd_json_sv(m, "from"));
	rcd_form_add(out, "To", rcd_json_sv(m, "to"));
	rcd_form_add(out, "Body", rcd_json_sv(m, "body"));
	rcd_form_add(out, "NumSegments", rcd_json_sv(m, "num_segments"));
	(void)snprintf(n, sizeof(n), "%d", l->n_media);
	rcd_form_add(out, "NumMedia", rcd_sv(n));
}
