#include "base/crypto.h"
#include "base/json.h"
#include "provider/sign.h"
#include "tests/t.h"

#include <stdlib.h>

#define PLAIN                                                                                      \
	"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
#define AT "mycompany.com/myapp.php?foo=1&bar=2"
#define BODY_A "{\"property\": \"value\", \"boolean\": true}"
#define SHA_A "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
#define SHA_B "bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"

static struct rcd_secret secret_of(const char *s)
{
	return (struct rcd_secret){(char *)(uintptr_t)s, strlen(s)};
}

/* Twilio's published signatures (token 12345), and forms of the URL that its validators take. */
static const struct {
	const char *url, *form, *raw, *signature;
	bool form_only; /* another spelling of a URL above: its port may be anything */
} twilio[] = {
	{"https://" AT, PLAIN, NULL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", false},
	{"https://mycompany.com:443/myapp.php?foo=1&bar=2", PLAIN, NULL,
     "kvajT1Ptam85bY51eRf/AJRuM3w=", false},
	{"http://mycompany.com:80/myapp.php?foo=1&bar=2", PLAIN, NULL,
     "0ZXoZLH/DfblKGATFgpif+LLRf4=", false},
	{"http://mycompany.com:1234/myapp.php?foo=1&bar=2", PLAIN, NULL,
     "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=", false},
	{"https://user:pass@" AT, PLAIN, NULL, "CukzLTc1tT5dXEDIHm/tKBanW10=", false},
	{"https://user@" AT, PLAIN, NULL, "2YRLlVAflCqxaNicjMpJcSTgzSs=", false},
	{"https://user:pass@mycompany.com:443/myapp.php?foo=1&bar=2", PLAIN, NULL,
     "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=", false},
	{"https://" AT "&Body=It%27s+amazing", PLAIN, NULL, "TfZzewPq8wqrGlMfyAud8+/IvJ0=", false},
	{"https://" AT "&Body=It's+amazing", PLAIN, NULL, "dsq4Ehbj6cs+KdTkpF5sSSplOWw=", false},
	{"https://" AT,
     "MessagingBinding.Address=%2B1415xxxxxxx&MessagingBinding.Address=%2B1325xxxxxxx", NULL,
     "83O6e2vORAoJHUNzJjDWN1jz+BA=", false},
	{"https://" AT, "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234", NULL,
     "IK+Dwps556ElfBT0I3Rgjkr1wJU=", false},
	{"https://" AT "&" SHA_A, NULL, BODY_A, "a9nBmqA0ju/hNViExpshrM61xv4=", false},
	{"https://mycompany.com/myapp.php?" SHA_A, NULL, BODY_A, "y77kIzt2vzLz71DgmJGsen2scGs=", false},
	{"https://" AT "&" SHA_B, NULL, "{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc=", false},
	{"https://" AT "&" SHA_B, NULL, "{}", "rw/jVviOgicj2+kHZULvebnA4ag=", false},
	/* the port added and taken off, the quotation mark escaped, the overrides left out */
	{"https://" AT, PLAIN, NULL, "kvajT1Ptam85bY51eRf/AJRuM3w=", false},
	{"http://" AT, PLAIN, NULL, "0ZXoZLH/DfblKGATFgpif+LLRf4=", false},
	{"https://user:pass@" AT, PLAIN, NULL, "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI=", false},
	{"https://" AT "&Body=It's+amazing", PLAIN, NULL, "TfZzewPq8wqrGlMfyAud8+/IvJ0=", false},
	{"https://mycompany.com:1234/myapp.php?foo=1&bar=2", PLAIN, NULL,
     "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
	{"https://" AT "#rc=3&rp=5xx", PLAIN, NULL, "RSOYDt4T1cUTdK1PDd93/VVr8B8=", true},
};

#define N_TWILIO (sizeof(twilio) / sizeof(twilio[0]))

static int form_of(const char *text, struct rcd_form *f, struct rcd_err *err)
{
	*f = (struct rcd_form){0};
	return text != NULL ? rcd_form_parse(rcd_sv(text), f, err) : 0;
}

static int vectors(void)
{
	const struct rcd_secret token = secret_of("12345"), other = secret_of("12346");
	struct rcd_err err;
	int ret = 0;

	for (size_t i = 0; i < N_TWILIO; i++) {
		struct rcd_form f;

		T_DO(form_of(twilio[i].form, &f, &err), err);
		if (!rcd_sign_twilio(&token, twilio[i].url, &f, rcd_sv(twilio[i].raw),
		                     rcd_sv(twilio[i].signature)))
			T_FAIL("row %zu is refused", i);
		if (rcd_sign_twilio(&other, twilio[i].url, &f, rcd_sv(twilio[i].raw),
		                    rcd_sv(twilio[i].signature)))
			T_FAIL("row %zu is taken with another token", i);
		rcd_form_free(&f);
	}
out:
	return ret;
}

/* Flips every bit of n bytes, one at a time; how many of the mutants were not refused. */
static size_t flip(char *p, size_t n, size_t *mutants, bool (*check)(void *), void *arg)
{
	size_t taken = 0;

	for (size_t i = 0; i < 8 * n; i++) {
		p[i / 8] = (char)(p[i / 8] ^ 1 << i % 8);
		taken += check(arg);
		p[i / 8] = (char)(p[i / 8] ^ 1 << i % 8);
		(*mutants)++;
	}
	return taken;
}

struct call {
	struct rcd_secret token;
	char url[256], header[32], raw[64];
	struct rcd_form form;
	bool has_raw;
};

static bool check_twilio(void *arg)
{
	struct call *c = arg;

	return rcd_sign_twilio(&c->token, c->url, &c->form,
	                       c->has_raw ? rcd_sv(c->raw) : (struct rcd_sv){NULL, 0},
	                       (struct rcd_sv){c->header, 28});
}

static int mutants(void)
{
	struct rcd_err err;
	int ret = 0;

	for (size_t i = 0; i < N_TWILIO; i++) {
		struct call c = {.token = secret_of("12345"), .has_raw = twilio[i].raw != NULL};
		size_t n = 0, taken;

		(void)snprintf(c.url, sizeof(c.url), "%s", twilio[i].url);
		(void)snprintf(c.header, sizeof(c.header), "%s", twilio[i].signature);
		(void)snprintf(c.raw, sizeof(c.raw), "%s", c.has_raw ? twilio[i].raw : "");
		T_DO(form_of(twilio[i].form, &c.form, &err), err);
		T_OK(check_twilio(&c));
		taken = flip(c.header, 28, &n, check_twilio, &c);
		if (!twilio[i].form_only)
			taken += flip(c.url, strlen(c.url), &n, check_twilio, &c);
		taken += flip(c.raw, strlen(c.raw), &n, check_twilio, &c);
		for (size_t k = 0; k < c.form.n; k++) {
			taken += flip((char *)(uintptr_t)c.form.pair[k].name.p, c.form.pair[k].name.n, &n,
			              check_twilio, &c);
			taken += flip((char *)(uintptr_t)c.form.pair[k].value.p, c.form.pair[k].value.n, &n,
			              check_twilio, &c);
		}
		rcd_form_free(&c.form);
		T_INT(taken, 0);
		T_OK(n >= 500);
	}
out:
	return ret;
}

/* One signature, many spellings of its URL: those of the same resource pass, no other. */
static int spellings(void)
{
	static const struct {
		const char *was_signed, *seen;
		bool ok;
	} row[] = {
		{"wss://h.example/a", "wss://h.example/a", true},
		{"wss://h.example/a", "wss://h.example:443/a", true},
		{"wss://h.example:443/a", "wss://h.example/a", true},
		{"wss://h.example:80/a", "wss://h.example/a", false},
		{"ws://h.example:80/a", "ws://h.example/a", true},
		{"wss://h.example/", "wss://h.example", true},
		{"wss://h.example", "wss://h.example/", true},
		{"wss://h.example:443", "wss://h.example/", true},
		{"wss://h.example/?a=1", "wss://h.example?a=1", true},
		{"wss://h.example/a", "wss://h.example/a/", false},
		{"wss://h.example/a/", "wss://h.example/a", false},
		{"https://h.example/a", "http://h.example/a", false},
		{"https://h.example:8443/a", "https://h.example:8443/a", true},
		{"https://h.example/a", "https://h.example:8443/a", true},
		{"https://h.example:8443/a", "https://h.example/a", false},
		{"https://h.example:443/a", "https://h.example:8443/a", false},
		{"https://[2001:db8::1]/a", "https://[2001:db8::1]:443/a", true},
		{"https://[2001:db8::1]:443/a", "https://[2001:db8::1]/a", true},
		{"https://[2001:db8:]/a", "https://[2001:db8::1]/a", false},
		{"https://u:1@h.example/a", "https://u:1@h.example:443/a", true},
		{"https://h.example/it%27s", "https://h.example/it's", false},
		{"https://h.example/it's?a=it%27s", "https://h.example/it's?a=it's", true},
		{"https://h.example:443/?a=it%27s", "https://h.example?a=it's", true},
		{"https://h.example/?a=it's", "https://h.example/?a=it%27s", false},
		{"https://h.example/a:80", "https://h.example/a:80", true},
		{"https://h.example/a", "https://h.example/a:80", false},
		{"https://h.example/a", "https://h.example/a#x", true},
		{"https://h.example/a", "https://h.example/a?", false},
		{"h.example/a", "h.example/a", true},
		{"mailto:x", "mailto:x", true},
		{"", "", true},
		{"", "/", false},
	};
	const struct rcd_secret token = secret_of("12345");
	struct rcd_form f = {0};
	struct rcd_err err;
	char sum[32];
	int ret = 0;

	T_DO(form_of("Body=oi&From=whatsapp%3A%2B5511999990000&Body=", &f, &err), err);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_INT(rcd_sign_twilio_make(&token, row[i].was_signed, &f, sum), 0);
		if (rcd_sign_twilio(&token, row[i].seen, &f, rcd_sv(NULL), rcd_sv(sum)) != row[i].ok)
			T_FAIL("signed %s, seen %s: %s", row[i].was_signed, row[i].seen,
			       row[i].ok ? "refused" : "taken");
	}
out:
	rcd_form_free(&f);
	return ret;
}

static int refusals(void)
{
	const struct rcd_secret token = secret_of("12345"), none = {NULL, 0};
	const struct rcd_sv good = RCD_SV("RSOYDt4T1cUTdK1PDd93/VVr8B8="), absent = {NULL, 0};
	const char *url = "https://" AT;
	char twice[64], *longer = NULL;
	struct rcd_form f = {0}, doubled = {0};
	struct rcd_err err;
	int ret = 0;

	T_DO(form_of(PLAIN, &f, &err), err);
	T_DO(form_of(PLAIN "&Digits=1234", &doubled, &err), err);
	T_OK(rcd_sign_twilio(&token, url, &f, absent, good));
	T_OK(rcd_sign_twilio(&token, url, &doubled, absent, good)); /* counted once, as they do */
	T_OK(!rcd_sign_twilio(&none, url, &f, absent, good));
	T_OK(!rcd_sign_twilio(NULL, url, &f, absent, good));
	T_OK(!rcd_sign_twilio(&token, NULL, &f, absent, good));
	T_OK(!rcd_sign_twilio(&token, url, NULL, absent, good));
	T_OK(!rcd_sign_twilio(&token, url, &f, absent, absent));
	T_OK(!rcd_sign_twilio(&token, url, &f, absent, RCD_SV("")));
	T_OK(!rcd_sign_twilio(&token, url, &f, absent, (struct rcd_sv){good.p, 27}));
	T_OK(!rcd_sign_twilio(&token, url, &f, absent, (struct rcd_sv){good.p, 29}));
	(void)snprintf(twice, sizeof(twice), "%s,%s", good.p, good.p);
	T_OK(!rcd_sign_twilio(&token, url, &f, absent, rcd_sv(twice)));
	/* a body that the URL does not vouch for, and a digest without a body */
	T_OK(!rcd_sign_twilio(&token, url, &f, RCD_SV("{}"), good));
	T_OK(!rcd_sign_twilio(&token, twilio[11].url, NULL, absent, rcd_sv(twilio[11].signature)));
	T_OK(!rcd_sign_twilio(&token, twilio[11].url, NULL, RCD_SV(""), rcd_sv(twilio[11].signature)));
	longer = calloc(1, 4096);
	T_OK(longer != NULL);
	memset(longer, 'a', 4000);
	memcpy(longer, "https://h/", 10);
	T_INT(rcd_sign_twilio_make(&token, longer, NULL, twice), 0);
	T_OK(!rcd_sign_twilio(&token, longer, NULL, absent, rcd_sv(twice)));
	T_INT(rcd_sign_twilio_make(&none, url, NULL, twice), -1);
out:
	free(longer);
	rcd_form_free(&f);
	rcd_form_free(&doubled);
	return ret;
}

static int sign_oom(void)
{
	const struct rcd_secret token = secret_of("12345");
	struct rcd_form f = {0};
	struct rcd_err err;
	char sum[32];
	int ret = 0;

	T_DO(form_of(PLAIN, &f, &err), err);
	if (!rcd_sign_twilio(&token, twilio[0].url, &f, rcd_sv(NULL), rcd_sv(twilio[0].signature)) ||
	    rcd_sign_twilio_make(&token, twilio[0].url, &f, sum) != 0)
		ret = T_NOMEM; /* refused for want of memory; only the first run may not say so */
	else
		T_STR(sum, twilio[0].signature);
out:
	rcd_form_free(&f);
	return ret;
}

/* --- the schemes over the body ---------------------------------------------------------- */

enum scheme { META, RETELL, STANDARD, ELEVENLABS };

struct over_body {
	enum scheme scheme;
	const char *secret, *body, *header, *id, *time;
	int64_t now_ms;
};

#define OPENAI_BODY                                                                                \
	"{\"id\": \"evt_685c059ae3a481909bdc86819b066fb6\", \"object\": \"event\", \"created_at\": "   \
	"1750861210, \"type\": \"response.completed\", \"data\": {\"id\": \"resp_123\"}}"

/* Published examples; the one of ElevenLabs was computed with another HMAC (Python's). */
static const struct over_body body_vector[] = {
	{META, "It's a Secret to Everybody", "Hello, World!",
     "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", "", "", 0},
	{RETELL, "test-api-key", "{\"event\":\"call_ended\"}",
     "v=1700000000000,d=07024cabe7dd8f6d1c6e4a8324ca92c812e6ad4a7ee506c04f7e462e3321823e", "", "",
     1700000000000},
	{STANDARD, "whsec_RdvaYFYUXuIFuEbvZHwMfYFhUf7aMYjYcmM24+Aj40c=", OPENAI_BODY,
     "v1,gUAg4R2hWouRZqRQG4uJypNS8YK885G838+EHb4nKBY=", "wh_685c059ae39c8190af8c71ed1022a24d",
     "1750861210", 1750861210000},
	{STANDARD, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "{\"test\": 2432232314}",
     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", "msg_p5jXN8AQM9LWM0D4loKWxJek",
     "1614265330", 1614265330000},
	{ELEVENLABS, "wsec_abc", "{\"type\":\"post_call_transcription\"}",
     "t=1739537297,v0=509033032996afb1fab2217fe91a6205aa3e4c87707e9089d19a7750e0dcd275", "", "",
     1739537297000},
};

#define N_BODY (sizeof(body_vector) / sizeof(body_vector[0]))

struct over_body_call {
	enum scheme scheme;
	struct rcd_secret secret;
	char body[256], header[128], id[64], time[16];
	int64_t now_ms;
};

static bool check_body(void *arg)
{
	struct over_body_call *c = arg;
	struct rcd_sv body = rcd_sv(c->body), header = rcd_sv(c->header);

	switch (c->scheme) {
	case META:
		return rcd_sign_meta(&c->secret, body, header);
	case RETELL:
		return rcd_sign_retell(&c->secret, body, header, c->now_ms);
	case ELEVENLABS:
		return rcd_sign_elevenlabs(&c->secret, body, header, c->now_ms);
	default:
		return rcd_sign_standard(&c->secret, rcd_sv(c->id), rcd_sv(c->time), body, header,
		                         c->now_ms);
	}
}

static void load(struct over_body_call *c, const struct over_body *v)
{
	*c = (struct over_body_call){.scheme = v->scheme,
	                             .secret = secret_of(v->secret),
	                             .now_ms = v->now_ms};
	(void)snprintf(c->body, sizeof(c->body), "%s", v->body);
	(void)snprintf(c->header, sizeof(c->header), "%s", v->header);
	(void)snprintf(c->id, sizeof(c->id), "%s", v->id);
	(void)snprintf(c->time, sizeof(c->time), "%s", v->time);
}

static int over_body(void)
{
	int ret = 0;

	for (size_t i = 0; i < N_BODY; i++) {
		struct over_body_call c;
		size_t n = 0, taken;

		load(&c, &body_vector[i]);
		if (!check_body(&c))
			T_FAIL("row %zu is refused", i);
		taken = flip(c.header, strlen(c.header), &n, check_body, &c);
		taken += flip(c.body, strlen(c.body), &n, check_body, &c);
		taken += flip(c.id, strlen(c.id), &n, check_body, &c);
		taken += flip(c.time, strlen(c.time), &n, check_body, &c);
		T_INT(taken, 0);
		T_OK(n >= 500);
		c.secret.n--;
		T_OK(!check_body(&c));
		c.secret.n = 0;
		T_OK(!check_body(&c));
		c.secret = secret_of(body_vector[i].secret);
		c.header[0] = '\0';
		T_OK(!check_body(&c));
	}
out:
	return ret;
}

static int times(void)
{
	int ret = 0;

	for (size_t i = 1; i < N_BODY; i++) {
		struct over_body_call c;

		load(&c, &body_vector[i]);
		c.now_ms += 300 * 1000;
		T_OK(check_body(&c));
		c.now_ms += 1;
		T_OK(!check_body(&c));
		c.now_ms -= 600 * 1000 + 1;
		T_OK(check_body(&c));
		c.now_ms -= 1;
		T_OK(!check_body(&c));
	}
out:
	return ret;
}

/* Several signatures in one header (a key is being exchanged), and what looks like one. */
static int listed(void)
{
	static const struct {
		const char *header;
		bool ok;
	} row[] = {
		{"v1,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", true},
		{"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v2,x", true},
		{"  v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", true},
		{"v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false},
		{"g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false},
		{"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE", false},
		{"v1,", false},
		{"v1", false},
		{" ", false},
	};
	struct over_body_call c;
	int ret = 0;

	load(&c, &body_vector[3]);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		(void)snprintf(c.header, sizeof(c.header), "%s", row[i].header);
		if (check_body(&c) != row[i].ok)
			T_FAIL("\"%s\": %s", row[i].header, row[i].ok ? "refused" : "taken");
	}
	load(&c, &body_vector[3]);
	c.secret = secret_of("whsec_not base64");
	T_OK(!check_body(&c));
	c.secret = secret_of("whsec_");
	T_OK(!check_body(&c));
	load(&c, &body_vector[3]);
	(void)snprintf(c.id, sizeof(c.id), "a.b");
	T_OK(!check_body(&c));
	c.id[0] = '\0';
	T_OK(!check_body(&c));
out:
	return ret;
}

/* --- the folder of shared vectors, when it is there -------------------------------------- */

/* {"name": "value" | ["value", …]} as a form. */
static int form_of_json(const json_t *params, struct rcd_form *f, struct rcd_err *err)
{
	struct rcd_buf text;
	const char *name;
	json_t *v, *one;
	size_t i;
	int ret;

	rcd_buf_init(&text, 1 << 16);
	json_object_foreach ((json_t *)(uintptr_t)params, name, v) {
		if (json_is_string(v))
			rcd_form_add(&text, name, rcd_json_sv(params, name));
		json_array_foreach (v, i, one)
			rcd_form_add(&text, name, rcd_sv(json_string_value(one)));
	}
	ret = rcd_form_parse(rcd_buf_view(&text), f, err);
	rcd_buf_free(&text);
	return ret;
}

/* The body whose digest the URL names. */
static struct rcd_sv body_for(const json_t *all, const char *url)
{
	const json_t *v;
	size_t i;

	json_array_foreach (all, i, v) {
		const char *sha = json_string_value(json_object_get(v, "sha256"));

		if (sha != NULL && strstr(url, sha) != NULL)
			return rcd_json_sv(v, "body");
	}
	return (struct rcd_sv){NULL, 0};
}

static int shared_row(const json_t *all, const json_t *v, int *n)
{
	struct rcd_sv scheme = rcd_json_sv(v, "scheme"), body = rcd_json_sv(v, "body");
	struct rcd_sv header = rcd_json_sv(v, "header");
	const char *url = json_string_value(json_object_get(v, "url"));
	const char *name = url != NULL ? "token" : "secret";
	const char *key = json_string_value(
		json_object_get(v, rcd_sv_is(scheme, "retell-v-d") ? "api_key" : name));
	struct rcd_secret secret = secret_of(key != NULL ? key : "");
	struct rcd_form f = {0};
	struct rcd_err err;
	char time[24];
	int64_t at;
	int ret = 0;

	if (url != NULL) {
		T_DO(form_of_json(json_object_get(v, "params"), &f, &err), err);
		T_OK(rcd_sign_twilio(&secret, url, &f, body_for(all, url), rcd_json_sv(v, "signature")));
	} else if (rcd_sv_is(scheme, "meta-x-hub-signature-256")) {
		T_OK(rcd_sign_meta(&secret, body, header));
	} else if (rcd_sv_is(scheme, "retell-v-d")) {
		at = json_integer_value(json_object_get(v, "timestamp_ms"));
		T_OK(rcd_sign_retell(&secret, body, header, at));
	} else if (rcd_sv_is(scheme, "standard-webhooks")) {
		at = json_integer_value(json_object_get(v, "timestamp"));
		(void)snprintf(time, sizeof(time), "%lld", (long long)at);
		T_OK(rcd_sign_standard(&secret, rcd_json_sv(v, "id"), rcd_sv(time), body, header,
		                       at * 1000));
	} else {
		(*n)--; /* digests are used by the rows above */
	}
	(*n)++;
out:
	rcd_form_free(&f);
	return ret;
}

static int shared(void)
{
	char path[512], *text = NULL;
	json_t *all = NULL, *v;
	struct rcd_err err;
	size_t n = 0, i;
	int rows = 0, ret = 0;

	if (t_corpus() == NULL)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/signatures/VECTORS.json", t_corpus());
	text = t_slurp(path, &n);
	T_OK(text != NULL);
	T_DO(rcd_json_parse((struct rcd_sv){text, n}, n, &all, &err), err);
	json_array_foreach (all, i, v)
		if (shared_row(all, v, &rows) != 0)
			T_FAIL("row %zu", i);
	T_OK(rows >= 10);
out:
	json_decref(all);
	free(text);
	return ret;
}

const struct t_case t_cases[] = {
	{"vectors", vectors, 0},   {"mutants", mutants, 0},       {"spellings", spellings, 0},
	{"refusals", refusals, 0}, {"sign_oom", sign_oom, T_OOM}, {"over_body", over_body, 0},
	{"times", times, 0},       {"listed", listed, 0},         {"shared", shared, 0},
	{NULL, NULL, 0},
};
