#include "base/json.h"
#include "net/guard.h"
#include "tests/t.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

/* --- URLs -------------------------------------------------------------------------------- */

/* A URL reads as this origin, or (NULL) is refused. */
static const struct {
	const char *url;
	const char *host;
	int port;
	bool loopback;
} urls[] = {
	{"https://api.openai.com/v1", "api.openai.com", 443, false},
	{"HTTPS://API.Twilio.COM:8443/x?y#z", "api.twilio.com", 8443, false},
	{"http://127.0.0.1", "127.0.0.1", 80, true},
	{"http://127.0.0.1:5000/", "127.0.0.1", 5000, true},
	{"http://127.1.2.3/", "127.1.2.3", 80, true},
	{"http://localhost:80/", "localhost", 80, true},
	{"http://LocalHost", "localhost", 80, true},
	{"http://[::1]:8080/", "::1", 8080, true},
	{"http://[0:0:0:0:0:0:0:1]/", "::1", 80, true},
	{"http://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1", 80, true},
	{"http://[::ffff:7f00:1]/", "::ffff:7f00:1", 80, true},
	/* every old way to write an IPv4 address */
	{"http://2130706433/", "127.0.0.1", 80, true},
	{"http://017700000001/", "127.0.0.1", 80, true},
	{"http://0x7f000001/", "127.0.0.1", 80, true},
	{"http://0x7F.0.0.1/", "127.0.0.1", 80, true},
	{"http://0177.0.0.1/", "127.0.0.1", 80, true},
	{"http://127.1/", "127.0.0.1", 80, true},
	{"http://127.0.1/", "127.0.0.1", 80, true},
	{"http://0177.0x0.1/", "127.0.0.1", 80, true},
	{"https://2852039166/", "169.254.169.254", 443, false},
	{"https://0xa9fea9fe/", "169.254.169.254", 443, false},
	{"https://0251.0376.0251.0376/", "169.254.169.254", 443, false},
	{"https://169.16689662/", "169.254.169.254", 443, false},
	{"https://0/", "0.0.0.0", 443, false},
	{"https://[::]/", "::", 443, false},
	{"https://[fd00:ec2::254]/", "fd00:ec2::254", 443, false},
	/* names that only look like it */
	{"https://localhost.example/", "localhost.example", 443, false},
	{"https://127.0.0.1.example.org/", "127.0.0.1.example.org", 443, false},
	{"https://api.twilio.com.evil.example/", "api.twilio.com.evil.example", 443, false},
	{"https://evil.example/https://api.twilio.com/", "evil.example", 443, false},
	{"https://evil.example/@api.twilio.com", "evil.example", 443, false},
	{"https://evil.example?@api.twilio.com/", "evil.example", 443, false},
	{"https://evil.example#@api.twilio.com/", "evil.example", 443, false},
	{"https://xn--e1afmkfd.example/", "xn--e1afmkfd.example", 443, false},
	{"https://host:/", "host", 443, false},
	/* user names, and what hides behind one */
	{"https://user@api.twilio.com/", NULL, 0, false},
	{"https://user:pass@api.twilio.com/", NULL, 0, false},
	{"https://@api.twilio.com/", NULL, 0, false},
	{"https://:@api.twilio.com/", NULL, 0, false},
	{"https://api.twilio.com@127.0.0.1/", NULL, 0, false},
	{"https://api.twilio.com:443@127.0.0.1/", NULL, 0, false},
	{"https://a@b@api.twilio.com/", NULL, 0, false},
	{"http://google.com:80+&@127.88.23.245:22/#+@google.com:80/", NULL, 0, false},
	{"http://google.com:80\\\\@127.88.23.245:22/", NULL, 0, false},
	{"https://api.twilio.com\\@127.0.0.1/", NULL, 0, false},
	{"https:\\\\api.twilio.com/", NULL, 0, false},
	{"https://api.twilio.com\\.evil.example/", NULL, 0, false},
	{"https://evil.example;api.twilio.com/", NULL, 0, false},
	{"https://evil.example&api.twilio.com/", NULL, 0, false},
	{"https://evil.example,api.twilio.com/", NULL, 0, false},
	/* escapes, dots, zones, digits of another alphabet */
	{"https://%31%32%37.0.0.1/", NULL, 0, false},
	{"https://127.0.0.1%2f@api.twilio.com/", NULL, 0, false},
	{"https://api%2etwilio.com/", NULL, 0, false},
	{"https://127.0.0.1./", NULL, 0, false},
	{"https://localhost./", NULL, 0, false},
	{"https://api.twilio.com./", NULL, 0, false},
	{"https://.example/", NULL, 0, false},
	{"https://[fe80::1%25eth0]/", NULL, 0, false},
	{"https://[fe80::1%eth0]/", NULL, 0, false},
	{"https://[::1/", NULL, 0, false},
	{"https://::1/", NULL, 0, false},
	{"https://[::1]evil/", NULL, 0, false},
	{"https://[127.0.0.1]/", NULL, 0, false},
	{"https://[]/", NULL, 0, false},
	{"https://\xE2\x91\xA0\xE2\x91\xA1\xE2\x91\xA6.0.0.1/", NULL, 0, false},
	{"https://127\xE3\x80\x82"
     "0\xE3\x80\x82"
     "0\xE3\x80\x82"
     "1/",
     NULL, 0, false},
	{"https://ex\xC3\xA4mple.org/", NULL, 0, false},
	/* white space and control bytes */
	{" https://api.twilio.com/", NULL, 0, false},
	{"https://api.twilio.com/ x", NULL, 0, false},
	{"https://api.twilio.com/\tx", NULL, 0, false},
	{"https://api.twi\tlio.com/", NULL, 0, false},
	{"https://api.twilio.com/\r\nX-Evil: 1", NULL, 0, false},
	{"https://api.twilio.com\n.evil.example/", NULL, 0, false},
	{"https://api.twilio.com/\x7f", NULL, 0, false},
	{"ht\ntps://api.twilio.com/", NULL, 0, false},
	/* ports */
	{"https://host:0/", NULL, 0, false},
	{"https://host:65536/", NULL, 0, false},
	{"https://host:99999999999/", NULL, 0, false},
	{"https://host:8o/", NULL, 0, false},
	{"https://host:-1/", NULL, 0, false},
	{"https://host:80:80/", NULL, 0, false},
	/* not an absolute http(s) URL at all */
	{"", NULL, 0, false},
	{"/x", NULL, 0, false},
	{"//api.twilio.com/", NULL, 0, false},
	{"api.twilio.com", NULL, 0, false},
	{"https:", NULL, 0, false},
	{"https:/api.twilio.com/", NULL, 0, false},
	{"https://", NULL, 0, false},
	{"https:///x", NULL, 0, false},
	{"https://?x", NULL, 0, false},
	{"https://:443/", NULL, 0, false},
	{"ftp://host/", NULL, 0, false},
	{"file:///etc/passwd", NULL, 0, false},
	{"gopher://127.0.0.1:25/x", NULL, 0, false},
	{"dict://127.0.0.1:11211/x", NULL, 0, false},
	{"javascript:alert(1)", NULL, 0, false},
	{"jar:https://host/x", NULL, 0, false},
};

static int spellings(void)
{
	struct rcd_err err = {0};
	int ret = 0;

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct rcd_origin o = {.port = -1};
		int rc = rcd_origin_parse(urls[i].url, &o, &err);

		if (urls[i].host == NULL) {
			if (rc == 0)
				T_FAIL("%s reads as %s", urls[i].url, o.host);
			T_INT(err.code, RCD_INVAL);
			T_INT(o.port, -1);
			continue;
		}
		if (rc != 0)
			T_FAIL("%s: %s", urls[i].url, err.msg);
		T_STR(o.host, urls[i].host);
		T_INT(o.port, urls[i].port);
		T_STR(o.scheme, strncasecmp(urls[i].url, "https", 5) == 0 ? "https" : "http");
		T_INT(rcd_origin_loopback(&o), urls[i].loopback);
	}
out:
	return ret;
}

static int origins(void)
{
	struct rcd_origin a, b;
	struct rcd_err err = {0};
	char url[RCD_MAX_URL + 2];
	int ret = 0;

	T_DO(rcd_origin_parse("https://API.twilio.com/a", &a, &err), err);
	T_DO(rcd_origin_parse("https://api.twilio.com:443/b?c", &b, &err), err);
	T_OK(rcd_origin_same(&a, &b));
	T_DO(rcd_origin_parse("http://api.twilio.com:443/", &b, &err), err);
	T_OK(!rcd_origin_same(&a, &b));
	T_DO(rcd_origin_parse("https://api.twilio.com:8443/", &b, &err), err);
	T_OK(!rcd_origin_same(&a, &b));
	T_DO(rcd_origin_parse("https://api.twilio.co/", &b, &err), err);
	T_OK(!rcd_origin_same(&a, &b));
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://h/", 10);
	url[RCD_MAX_URL] = '\0';
	T_DO(rcd_origin_parse(url, &a, &err), err);
	url[RCD_MAX_URL] = 'a';
	url[RCD_MAX_URL + 1] = '\0';
	T_INT(rcd_origin_parse(url, &a, &err), -1);
	memset(url + 8, 'h', 300);
	url[308] = '\0';
	T_INT(rcd_origin_parse(url, &a, &err), -1); /* no such host name */
	T_STR(a.host, "h");

	T_OK(rcd_host_under("media.twiliocdn.com", "twiliocdn.com"));
	T_OK(rcd_host_under("TwilioCDN.com", "twiliocdn.com"));
	T_OK(!rcd_host_under("eviltwiliocdn.com", "twiliocdn.com"));
	T_OK(!rcd_host_under("twiliocdn.com.evil.example", "twiliocdn.com"));
	T_OK(!rcd_host_under("com", "twiliocdn.com"));
	T_OK(!rcd_host_under("twiliocdn.com", ""));
out:
	return ret;
}

static int base_urls(void)
{
	static const char *const good[] = {
		"https://api.openai.com/v1",
		"https://api.twilio.com",
		"http://127.0.0.1:9000",
		"http://localhost:8080/v1",
		"http://[::1]:1/",
		"https://10.0.0.5:8443/v1",
		"http://0x7f.1/",
	};
	static const char *const bad[] = {
		"http://api.openai.com/v1",
		"http://10.0.0.5/",
		"https://h/?a",
		"https://h/#a",
		"https://h?",
		"http://169.254.169.254/",
		"http://localhost.evil.example/",
		"http://127.0.0.1.evil.example/",
		"",
		"https://key@h/",
		"http://0.0.0.0/",
		"unix:/run/x",
	};
	struct rcd_err err = {0};
	int ret = 0;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		T_DO(rcd_base_url_check(good[i], &err), err);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (rcd_base_url_check(bad[i], &err) == 0)
			T_FAIL("%s is taken", bad[i]);
		T_INT(err.code, RCD_INVAL);
		T_OK(strstr(err.msg, "key") == NULL);
	}
out:
	return ret;
}

/* --- addresses --------------------------------------------------------------------------- */

static const struct {
	const char *ip;
	bool is_public, loopback;
} known[] = {
	{"8.8.8.8", true, false},
	{"1.0.0.0", true, false},
	{"223.255.255.255", true, false},
	{"9.255.255.255", true, false},
	{"11.0.0.0", true, false},
	{"100.63.255.255", true, false},
	{"100.128.0.0", true, false},
	{"126.255.255.255", true, false},
	{"128.0.0.0", true, false},
	{"169.253.255.255", true, false},
	{"169.255.0.0", true, false},
	{"172.15.255.255", true, false},
	{"172.32.0.0", true, false},
	{"192.0.1.0", true, false},
	{"192.167.255.255", true, false},
	{"192.169.0.0", true, false},
	{"198.17.255.255", true, false},
	{"198.20.0.0", true, false},
	{"0.0.0.0", false, false},
	{"0.255.255.255", false, false},
	{"10.0.0.0", false, false},
	{"10.255.255.255", false, false},
	{"100.64.0.0", false, false},
	{"100.127.255.255", false, false},
	{"127.0.0.1", false, true},
	{"127.255.255.255", false, true},
	{"169.254.169.254", false, false},
	{"172.16.0.0", false, false},
	{"172.31.255.255", false, false},
	{"192.0.0.1", false, false},
	{"192.0.2.1", false, false},
	{"192.88.99.1", false, false},
	{"192.168.0.1", false, false},
	{"198.18.0.0", false, false},
	{"198.19.255.255", false, false},
	{"198.51.100.1", false, false},
	{"203.0.113.1", false, false},
	{"224.0.0.1", false, false},
	{"239.255.255.255", false, false},
	{"240.0.0.1", false, false},
	{"255.255.255.255", false, false},
	{"2606:4700:4700::1111", true, false},
	{"2a00::1", true, false},
	{"2001:200::1", true, false},
	{"2001:4860:4860::8888", true, false},
	{"3ffe::1", true, false},
	{"2620:4f:8001::1", true, false},
	{"::", false, false},
	{"::1", false, true},
	{"::2", false, false},
	{"::127.0.0.1", false, false},
	{"::8.8.8.8", false, false},
	{"100::1", false, false},
	{"2001::1", false, false},
	{"2001:1ff::1", false, false},
	{"2001:db8::1", false, false},
	{"2620:4f:8000::1", false, false},
	{"3fff::1", false, false},
	{"3fff:fff::1", false, false},
	{"3fff:1000::1", true, false},
	{"5f00::1", false, false},
	{"4000::1", false, false},
	{"fc00::1", false, false},
	{"fd00:ec2::254", false, false},
	{"fe80::1", false, false},
	{"fec0::1", false, false},
	{"ff02::1", false, false},
	/* an IPv4 address inside */
	{"::ffff:8.8.8.8", true, false},
	{"::ffff:127.0.0.1", false, true},
	{"::ffff:10.0.0.1", false, false},
	{"::ffff:169.254.169.254", false, false},
	{"64:ff9b::8.8.8.8", true, false},
	{"64:ff9b::127.0.0.1", false, false},
	{"64:ff9b::a9fe:a9fe", false, false},
	{"64:ff9b:1::8.8.8.8", false, false},
	{"2002:808:808::1", true, false},
	{"2002:7f00:1::1", false, false},
	{"2002:a9fe:a9fe::1", false, false},
	{"2002:c0a8:1::", false, false},
};

static int addresses(void)
{
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr other = {.sa_family = AF_UNIX};
	int ret = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		bool four = inet_pton(AF_INET, known[i].ip, &v4.sin_addr) == 1;
		const struct sockaddr *a = four ? (const struct sockaddr *)&v4
		                                : (const struct sockaddr *)&v6;

		T_OK(four || inet_pton(AF_INET6, known[i].ip, &v6.sin6_addr) == 1);
		if (rcd_addr_public(a) != known[i].is_public)
			T_FAIL("%s: public is %d", known[i].ip, !known[i].is_public);
		if (rcd_addr_loopback(a) != known[i].loopback)
			T_FAIL("%s: loopback is %d", known[i].ip, !known[i].loopback);
	}
	T_OK(!rcd_addr_public(&other) && !rcd_addr_loopback(&other));
out:
	return ret;
}

/* --- lists of others ----------------------------------------------------------------------- */

static char *corpus(const char *name, size_t *n)
{
	char path[512];

	if (t_corpus() == NULL)
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/text/%s", t_corpus(), name);
	return t_slurp(path, n);
}

/* host as the URL standard writes it: brackets around IPv6, mapped addresses in hex. */
static bool same_host(const char *ours, const char *theirs)
{
	struct in6_addr a, b;
	char bare[300];
	size_t n = strlen(theirs);

	if (theirs[0] != '[' || n < 3 || n > sizeof(bare))
		return strcmp(ours, theirs) == 0;
	memcpy(bare, theirs + 1, n - 2);
	bare[n - 2] = '\0';
	return inet_pton(AF_INET6, ours, &a) == 1 && inet_pton(AF_INET6, bare, &b) == 1 &&
	       memcmp(&a, &b, sizeof(a)) == 0;
}

/* Whatever we take, a parser that follows the URL standard reads the same way. */
static int standard(void)
{
	struct rcd_origin o;
	json_t *all = NULL, *one;
	size_t n = 0, i;
	char *text = corpus("ada-url_ada__urltestdata.json", &n);
	int ret = 0, taken = 0, refused = 0;

	if (text == NULL)
		return 0;
	for (char *p = text; (p = strstr(p, "\\u")) != NULL; p++)
		if ((p[2] | 0x20) == 'd' && p[3] > '7')
			memcpy(p, "\\uFFFD", 6); /* half a character, which jansson refuses */
	all = json_loadb(text, n, JSON_ALLOW_NUL, NULL);
	T_OK(json_array_size(all) > 500);
	json_array_foreach (all, i, one) {
		const char *url = json_string_value(json_object_get(one, "input"));
		const char *host = json_string_value(json_object_get(one, "hostname"));
		const char *port = json_string_value(json_object_get(one, "port"));
		char number[16];

		if (url != NULL && json_string_length(json_object_get(one, "input")) != strlen(url))
			continue; /* a NUL inside cannot be said here */
		if (url == NULL || rcd_origin_parse(url, &o, RCD_UNREAD_ERR) != 0) {
			refused++;
			continue;
		}
		if (json_is_true(json_object_get(one, "failure")))
			T_FAIL("%s is no URL, but reads as %s", url, o.host);
		(void)snprintf(number, sizeof(number), "%d", o.port);
		if (host == NULL || !same_host(o.host, host))
			T_FAIL("%s: %s, not %s", url, o.host, host);
		if (port == NULL || (port[0] != '\0' && strcmp(port, number) != 0))
			T_FAIL("%s: port %d, not %s", url, o.port, port);
		taken++;
	}
	T_OK(taken > 50 && refused > 100);
out:
	json_decref(all);
	free(text);
	return ret;
}

/* None of the tricks is taken for a base URL except as what it is: plain loopback. */
static int tricks(void)
{
	struct rcd_origin o;
	size_t n = 0;
	char *text = corpus("cujanovic_SSRF-Testing__README.md", &n);
	struct rcd_sv rest = {text, n}, line;
	char url[1024];
	int ret = 0, seen = 0;

	if (text == NULL)
		return 0;
	while (rcd_sv_cut(&rest, '`', &line)) {
		if (line.n >= sizeof(url) || !rcd_sv_starts(line, RCD_SV("http")))
			continue;
		memcpy(url, line.p, line.n);
		url[line.n] = '\0';
		seen++;
		if (rcd_origin_parse(url, &o, RCD_UNREAD_ERR) != 0)
			continue;
		for (const char *p = o.host; *p != '\0'; p++)
			T_OK((unsigned char)*p < 0x80);
		if (strcmp(o.scheme, "http") == 0 && rcd_base_url_check(url, RCD_UNREAD_ERR) == 0)
			T_OK(strncmp(o.host, "127.", 4) == 0 || strcmp(o.host, "localhost") == 0 ||
			     strcmp(o.host, "::1") == 0 || strncmp(o.host, "::ffff:127.", 11) == 0);
	}
	T_OK(seen > 20);
out:
	free(text);
	return ret;
}

const struct t_case t_cases[] = {
	{"spellings", spellings, 0},
	{"origins", origins, 0},
	{"base_urls", base_urls, 0},
	{"addresses", addresses, 0},
	{"standard", standard, 0},
	{"tricks", tricks, 0},
	{NULL, NULL, 0},
};
