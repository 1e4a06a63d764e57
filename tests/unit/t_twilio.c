#include "base/json.h"
#include "provider/twilio_fields.h"
#include "tests/t.h"

#include <stdlib.h>

/* --- what comes in ------------------------------------------------------------------------ */

static int parse_form(const char *text, struct rcd_form *f, struct rcd_twilio_msg *m,
                      struct rcd_err *err)
{
	if (rcd_form_parse(rcd_sv(text), f, err) != 0)
		return -1;
	return rcd_twilio_parse(f, m, err);
}

#define NOTE                                                                                         \
	"SmsMessageSid=SM11&NumMedia=1&ProfileName=Ana+Clara&MessageType=audio&SmsStatus=received&Body=" \
	"&To=whatsapp%3A%2B14155238886&MessageSid=SM11&AccountSid=AC1&WaId=5511987654321"                \
	"&MediaContentType0=audio%2Fogg&MediaUrl0=https%3A%2F%2Fapi.twilio.com%2F2010-04-01%2Fx"         \
	"&From=whatsapp%3A%2B5511987654321&ApiVersion=2010-04-01"

static int voice_note(void)
{
	struct rcd_form f = {0};
	struct rcd_twilio_msg m;
	char key[RCD_MAX_ADDRESS + 1];
	struct rcd_err err;
	int ret = 0;

	T_DO(parse_form(NOTE, &f, &m, &err), err);
	T_OK(rcd_sv_is(m.sid, "SM11"));
	T_OK(rcd_sv_is(m.from, "whatsapp:+5511987654321"));
	T_OK(rcd_sv_is(m.to, "whatsapp:+14155238886"));
	T_STR(m.phone, "+5511987654321");
	T_STR(m.bsuid, "");
	T_OK(m.whatsapp);
	T_OK(m.body.p != NULL && m.body.n == 0);
	T_OK(rcd_sv_is(m.profile_name, "Ana Clara"));
	T_OK(rcd_sv_is(m.message_type, "audio"));
	T_OK(m.latitude.p == NULL && m.button.p == NULL);
	T_INT(m.n_media, 1);
	T_OK(rcd_sv_is(m.media[0].url, "https://api.twilio.com/2010-04-01/x"));
	T_OK(rcd_sv_is(m.media[0].type, "audio/ogg"));
	T_DO(rcd_twilio_sender(&f, key, &err), err);
	T_STR(key, "whatsapp:+5511987654321");
out:
	rcd_form_free(&f);
	return ret;
}

#define ENVELOPE "MessageSid=SM1&To=whatsapp:%2B14155238886&"

static int senders(void)
{
	static const struct {
		const char *form, *phone, *bsuid, *key;
		bool whatsapp;
	} row[] = {
		{"From=whatsapp:%2B5511987654321", "+5511987654321", "", "whatsapp:+5511987654321", true},
		{"From=%2B5511987654321", "+5511987654321", "", "+5511987654321", false},
		{"From=whatsapp:%2B5511987654321&ExternalUserId=whatsapp:BR.1A2B3C", "+5511987654321",
	     "BR.1A2B3C", "whatsapp:BR.1A2B3C", true},
		{"From=whatsapp:BR.1A2B3C&ExternalUserId=whatsapp:BR.1A2B3C", "", "BR.1A2B3C",
	     "whatsapp:BR.1A2B3C", true},
		{"From=whatsapp:BR.1A2B3C", "", "BR.1A2B3C", "whatsapp:BR.1A2B3C", true},
		{"From=whatsapp:US.ENT.1234", "", "US.ENT.1234", "whatsapp:US.ENT.1234", true},
		{"From=whatsapp:%2B55&ExternalUserId=whatsapp:../etc", "", "", "whatsapp:+55", true},
		{"From=whatsapp:%2B6593883xxx", "", "", "whatsapp:+6593883xxx", true},
		{"From=24273", "", "", "24273", false},
		{"From=MYBANK", "", "", "MYBANK", false},
		{"From=BR.1A2B3C", "", "", "BR.1A2B3C", false},
		{"From=%2B5511987654321&ExternalUserId=BR.1A2B3C", "+5511987654321", "BR.1A2B3C",
	     "whatsapp:BR.1A2B3C", false},
	};
	struct rcd_form f = {0};
	struct rcd_err err;
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[512], key[RCD_MAX_ADDRESS + 1];
		struct rcd_twilio_msg m;

		(void)snprintf(text, sizeof(text), "%s%s", ENVELOPE, row[i].form);
		T_DO(parse_form(text, &f, &m, &err), err);
		T_STR(m.phone, row[i].phone);
		T_STR(m.bsuid, row[i].bsuid);
		T_INT(m.whatsapp, row[i].whatsapp);
		T_DO(rcd_twilio_sender(&f, key, &err), err);
		T_STR(key, row[i].key);
		rcd_form_free(&f);
	}
out:
	rcd_form_free(&f);
	return ret;
}

/* What a sender is, and what a contact without a number is known by. */
static int kinds_of_senders(void)
{
	static const struct {
		const char *from;
		enum rcd_address_kind kind;
		const char *phone, *other;
	} row[] = {
		{"%2B5511987654321", RCD_ADDRESS_PHONE, "+5511987654321", ""},
		{"5511987654321", RCD_ADDRESS_PHONE, "+5511987654321", ""},
		{"rcs:%2B5511987654321", RCD_ADDRESS_PHONE, "+5511987654321", ""},
		{"whatsapp:24273", RCD_ADDRESS_ID, "", "whatsapp:24273"},
		{"rcs:acme_agent", RCD_ADDRESS_ID, "", "rcs:acme_agent"},
		{"messenger:1234567890", RCD_ADDRESS_ID, "", "messenger:1234567890"},
		{"28811", RCD_ADDRESS_SHORT, "", "28811"},
		{"12345678", RCD_ADDRESS_SHORT, "", "12345678"},
		{"12", RCD_ADDRESS_NAME, "", "12"},
		{"08001234567", RCD_ADDRESS_NAME, "", "08001234567"},
		{"%2B0123456", RCD_ADDRESS_NAME, "", "%2B0123456"},
		{"1234567890123456", RCD_ADDRESS_NAME, "", "1234567890123456"},
		{"VIVO", RCD_ADDRESS_NAME, "", "VIVO"},
		{"rcs:", RCD_ADDRESS_NAME, "", "rcs:"},
		{":x", RCD_ADDRESS_NAME, "", ":x"},
		{"averyveryverylongword:x", RCD_ADDRESS_NAME, "", "averyveryverylongword:x"},
	};
	struct rcd_form f = {0};
	struct rcd_err err;
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		char text[512];
		struct rcd_twilio_msg m;

		(void)snprintf(text, sizeof(text), "%sFrom=%s", ENVELOPE, row[i].from);
		T_DO(parse_form(text, &f, &m, &err), err);
		T_INT(m.from_kind, row[i].kind);
		T_STR(m.phone, row[i].phone);
		T_INT(m.other[0] == '\0', row[i].other[0] == '\0');
		rcd_form_free(&f);
	}
	/* the number beside an id that hides it */
	struct rcd_twilio_msg m;
	T_DO(parse_form(ENVELOPE "From=whatsapp:BR.1A2B3C&WaId=5511987654321", &f, &m, &err), err);
	T_STR(m.phone, "+5511987654321");
	T_STR(m.bsuid, "BR.1A2B3C");
out:
	rcd_form_free(&f);
	return ret;
}

/* Every field of the reference is in the table, and docs/twilio-fields.md says the same of each. */
static int fields(void)
{
	static const char *const documented[] = {
		"MessageSid",
		"SmsSid",
		"SmsMessageSid",
		"AccountSid",
		"MessagingServiceSid",
		"From",
		"To",
		"Body",
		"NumMedia",
		"NumSegments",
		"SmsStatus",
		"ApiVersion",
		"MessageType",
		"MediaUrl",
		"MediaContentType",
		"FromCity",
		"FromState",
		"FromZip",
		"FromCountry",
		"ToCity",
		"ToState",
		"ToZip",
		"ToCountry",
		"ProfileName",
		"WaId",
		"Forwarded",
		"FrequentlyForwarded",
		"ExternalUserId",
		"OriginalRepliedMessageSid",
		"OriginalRepliedMessageSender",
		"ButtonText",
		"ButtonPayload",
		"ButtonType",
		"InteractiveData",
		"FlowData",
		"ChannelMetadata",
		"ListId",
		"ListTitle",
		"ListDescription",
		"Latitude",
		"Longitude",
		"Address",
		"Label",
		"ReferralBody",
		"ReferralHeadline",
		"ReferralSourceId",
		"ReferralSourceType",
		"ReferralSourceUrl",
		"ReferralMediaId",
		"ReferralMediaContentType",
		"ReferralMediaUrl",
		"ReferralNumMedia",
		"ReferralCtwaClid",
		"OptOutType",
		"MessageStatus",
		"ErrorCode",
	};
	char *doc = NULL;
	size_t n = 0, rows = 0;
	int ret = 0;

	for (size_t i = 0; i < sizeof(documented) / sizeof(documented[0]); i++) {
		const struct rcd_twilio_field *f = rcd_twilio_fields;

		while (f->name != NULL && strcmp(f->name, documented[i]) != 0)
			f++;
		if (f->name == NULL)
			T_FAIL("%s is not in the table", documented[i]);
	}
	doc = t_slurp("docs/twilio-fields.md", &n);
	T_OK(doc != NULL);
	for (const struct rcd_twilio_field *f = rcd_twilio_fields; f->name != NULL; f++, rows++) {
		char line[256];

		(void)snprintf(line, sizeof(line), "| `%s%s` | %s | %s |\n", f->name,
		               f->numbered ? "N" : "", rcd_field_do_name[f->act], f->why);
		if (strstr(doc, line) == NULL)
			T_FAIL("docs/twilio-fields.md does not say: %s", line);
	}
	T_OK(rows > sizeof(documented) / sizeof(documented[0]));
out:
	free(doc);
	return ret;
}

static int own_messages(void)
{
	static const struct {
		const char *from;
		bool own;
	} row[] = {
		{"From=whatsapp:%2B14155238886", true},
		{"From=%2B14155238886", true},
		{"From=rcs:%2B14155238886", true},
		{"From=whatsapp:%2B14155238887", false},
		{"From=14155", false},
	};
	struct rcd_form f = {0};
	struct rcd_twilio_msg m;
	struct rcd_err err;
	char text[256];
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		(void)snprintf(text, sizeof(text), "%s%s", ENVELOPE, row[i].from);
		T_DO(parse_form(text, &f, &m, &err), err);
		T_INT(rcd_twilio_is_own(&m, "+14155238886"), row[i].own);
		rcd_form_free(&f);
	}
	/* from one address to the same, whatever is configured */
	T_DO(parse_form("MessageSid=SM1&To=%2B5511&From=%2B5511", &f, &m, &err), err);
	T_OK(rcd_twilio_is_own(&m, ""));
out:
	rcd_form_free(&f);
	return ret;
}

static int statuses_where_messages_come_in(void)
{
	static const struct {
		const char *form;
		bool status;
	} row[] = {
		{"SmsStatus=received&Body=oi", false},
		{"Body=oi", false},
		{"MessageStatus=received&SmsStatus=received&Body=oi", false},
		{"SmsStatus=receiving", false},
		{"SmsStatus=heard&Body=oi", false},
		{"MessageStatus=delivered&SmsStatus=delivered", true},
		{"MessageStatus=read", true},
		{"MessageStatus=heard", true},
		{"SmsStatus=sent", true},
		{"SmsStatus=undelivered&ErrorCode=30003", true},
		{"", false},
	};
	struct rcd_twilio_status st;
	struct rcd_form f = {0};
	struct rcd_err err;
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		T_DO(rcd_form_parse(rcd_sv(row[i].form), &f, &err), err);
		if (rcd_twilio_is_status(&f) != row[i].status)
			T_FAIL("%s", row[i].form);
		rcd_form_free(&f);
	}
	T_DO(rcd_form_parse(RCD_SV("MessageSid=SM1&SmsStatus=undelivered&ErrorCode=30003"), &f, &err),
	     err);
	T_DO(rcd_twilio_status(rcd_sv(NULL), &f, &st, &err), err);
	T_INT(st.delivery, RCD_DELIVERY_FAILED);
	T_INT(st.error, 30003);
out:
	rcd_form_free(&f);
	return ret;
}

static int not_messages(void)
{
	static const char *const row[] = {
		"",
		"MessageSid=SM1&MessageStatus=read",
		"MessageSid=SM1&To=%2B14155238886",
		"From=%2B5511&To=%2B14155238886",
		"MessageSid=SM1&From=%2B5511",
		"MessageSid=&From=%2B5511&To=%2B1415",
		"MessageSid=SM1&MessageSid=SM2&From=%2B5511&To=%2B1415",
		"MessageSid=SM1&MessageSid=SM1&From=%2B5511&To=%2B1415",
		"MessageSid=SM1&From=%2B5511&From=%2B5512&To=%2B1415",
		"MessageSid=SM1&From=%2B5511&To=%2B1415&To=%2B1415",
		"MessageSid=SM1&From=%2B55%0A11&To=%2B1415",
		"MessageSid=SM1&From=+5511&To=%2B1415",
		"MessageSid=SM%00&From=%2B5511&To=%2B1415",
		"MessageSid=SM%C3%A9&From=%2B5511&To=%2B1415",
	};
	char text[1024], long_one[200], key[RCD_MAX_ADDRESS + 1] = "unchanged";
	struct rcd_form f = {0};
	struct rcd_twilio_msg m = {.n_media = 7};
	struct rcd_err err;
	int ret = 0;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (parse_form(row[i], &f, &m, &err) == 0)
			T_FAIL("row %zu is taken", i);
		T_INT(err.code, RCD_PROTO);
		rcd_form_free(&f);
	}
	memset(long_one, '1', sizeof(long_one) - 1);
	long_one[sizeof(long_one) - 1] = '\0';
	(void)snprintf(text, sizeof(text), "MessageSid=SM1&To=%%2B1415&From=%s", long_one);
	T_INT(parse_form(text, &f, &m, &err), -1);
	T_INT(err.code, RCD_PROTO);
	T_INT(rcd_twilio_sender(&f, key, &err), -1);
	T_STR(key, "unchanged");
	T_INT(m.n_media, 7);
out:
	rcd_form_free(&f);
	return ret;
}

static int attachments(void)
{
	struct rcd_form f = {0};
	struct rcd_twilio_msg m;
	struct rcd_buf text;
	struct rcd_err err;
	int ret = 0;

	rcd_buf_init(&text, 1 << 16);
	rcd_buf_str(&text,
	            ENVELOPE "From=%2B5511&NumMedia=14&Latitude=-23.5&Longitude=-46.6&Label=Loja");
	for (int i = 0; i < 14; i++)
		if (i != 3)
			rcd_buf_fmt(&text, "&MediaUrl%d=u%d&MediaContentType%d=t%d", i, i, i, i);
	T_DO(parse_form(text.p, &f, &m, &err), err);
	T_INT(m.n_media, RCD_MAX_MEDIA_COUNT - 1);
	T_OK(rcd_sv_is(m.media[3].url, "u4") && rcd_sv_is(m.media[3].type, "t4"));
	T_OK(rcd_sv_is(m.latitude, "-23.5") && rcd_sv_is(m.label, "Loja") && m.address.p == NULL);
	rcd_form_free(&f);
	T_DO(parse_form(ENVELOPE "From=%2B5511&NumMedia=x&MediaUrl0=u&Latitude=1", &f, &m, &err), err);
	T_INT(m.n_media, 0);
	T_OK(rcd_sv_is(m.latitude, "1") && m.longitude.p == NULL);
	rcd_form_free(&f);
	T_DO(parse_form(ENVELOPE "From=%2B5511&NumMedia=-1&MediaUrl0=u&ButtonText=Sim", &f, &m, &err),
	     err);
	T_INT(m.n_media, 0);
	T_OK(rcd_sv_is(m.button, "Sim"));
out:
	rcd_form_free(&f);
	rcd_buf_free(&text);
	return ret;
}

static int numbers(void)
{
	static const char *const good[] = {"+14155238886", "whatsapp:+14155238886", "14155238886",
	                                   "whatsapp:14155238886", " +14155238886\n"};
	static const char *const bad[] = {"",
	                                  "+",
	                                  "whatsapp:",
	                                  "whatsapp:+",
	                                  "++14155238886",
	                                  "1415x",
	                                  "+1 415",
	                                  "+1234567890123456",
	                                  "12",
	                                  "sms:+14155238886",
	                                  "whatsapp:whatsapp:+14155238886"};
	char out[RCD_MAX_ADDRESS + 1] = "";
	struct rcd_err err;
	int ret = 0;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		T_DO(rcd_twilio_number(rcd_sv(good[i]), out, &err), err);
		T_STR(out, "+14155238886");
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (rcd_twilio_number(rcd_sv(bad[i]), out, &err) == 0)
			T_FAIL("\"%s\" is taken", bad[i]);
		T_INT(err.code, RCD_INVAL);
		T_STR(out, "+14155238886");
	}
out:
	return ret;
}

/* Bodies as Twilio sent them to others. */
static int real_bodies(void)
{
	char path[512], *text = NULL;
	struct rcd_sv rest, line;
	size_t n = 0;
	int messages = 0, others = 0, ret = 0;

	if (t_corpus() == NULL)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/twilio/webhook_bodies.jsonl", t_corpus());
	text = t_slurp(path, &n);
	T_OK(text != NULL);
	rest = (struct rcd_sv){text, n};
	while (rcd_sv_cut(&rest, '\n', &line)) {
		struct rcd_twilio_msg m;
		struct rcd_form f = {0};
		struct rcd_err err;
		json_t *v = NULL;
		bool inbound;

		if (rcd_sv_trim(line).n == 0)
			continue;
		T_DO(rcd_json_parse(line, line.n, &v, &err), err);
		if (json_object_get(v, "body") != NULL) {
			T_DO(rcd_form_parse(rcd_json_sv(v, "body"), &f, &err), err);
			inbound = rcd_twilio_parse(&f, &m, &err) == 0;
			T_OK(inbound == (rcd_form_get(&f, "MessageSid").n > 0 &&
			                 rcd_form_get(&f, "From").n > 0 && rcd_form_get(&f, "To").n > 0));
			messages += inbound;
			others += !inbound;
		}
		rcd_form_free(&f);
		json_decref(v);
	}
	T_OK(messages >= 8 && others >= 2);
out:
	free(text);
	return ret;
}

/* --- what goes out ------------------------------------------------------------------------ */

static int twiml(void)
{
	static const struct rcd_twiml_part two[] = {
		{RCD_SV("Ol\xC3\xA1 <b>\"Ana\"</b> & 'cia'\r\n\x01\xFF\xEF\xBF\xBE fim"),
	     {NULL, 0},
	     {NULL, 0}},
		{{NULL, 0}, RCD_SV("https://h/static/audio/a.ogg?x=1&y=2"), {NULL, 0}},
	};
	static const struct rcd_twiml_part odd[] = {{{NULL, 0}, {NULL, 0}, {NULL, 0}},
	                                            {RCD_SV("oi"), RCD_SV("https://h/a.ogg"),
	                                             RCD_SV("https://h/s?k=1&x=\"")}};
	struct rcd_buf out;
	int ret = 0;

	rcd_buf_init(&out, 4096);
	rcd_twiml(NULL, 0, &out);
	if (out.bad)
		return T_NOMEM;
	T_STR(out.p, "<Response/>");
	rcd_buf_reset(&out);
	rcd_twiml(two, 2, &out);
	rcd_buf_str(&out, "|");
	rcd_twiml(odd, 2, &out);
	if (out.bad) {
		ret = T_NOMEM;
		goto out;
	}
	T_STR(
		out.p,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>"
		"<Message><Body>Ol\xC3\xA1 &lt;b&gt;&quot;Ana&quot;&lt;/b&gt; &amp; &apos;cia&apos;&#13;\n"
		"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD fim</Body></Message>"
		"<Message><Media>https://h/static/audio/a.ogg?x=1&amp;y=2</Media></Message></Response>"
		"|<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>"
		"<Message action=\"https://h/s?k=1&amp;x=&quot;\"><Body>oi</Body><Media>https://h/a.ogg</Media></Message></Response>");
out:
	rcd_buf_free(&out);
	return ret;
}

static size_t units(struct rcd_sv v)
{
	const char *p = v.p, *end = v.p + v.n;
	size_t n = 0;

	while (p < end)
		n += rcd_utf8_next(&p, end) > 0xFFFF ? 2 : 1;
	return n;
}

static void fill(struct rcd_buf *b, const char *piece, size_t times)
{
	for (size_t i = 0; i < times; i++)
		rcd_buf_str(b, piece);
}

static int split(void)
{
	struct rcd_buf b;
	int ret = 0;

	rcd_buf_init(&b, 1 << 20);
	T_INT(rcd_twilio_split(RCD_SV("")), 0);
	T_INT(rcd_twilio_split(RCD_SV("oi")), 2);
	fill(&b, "\xC3\xA1", 1600); /* as long as may be */
	T_INT(rcd_twilio_split(rcd_buf_view(&b)), 3200);
	fill(&b, "\xC3\xA1", 1); /* no place at all: between characters */
	T_INT(rcd_twilio_split(rcd_buf_view(&b)), 3200);
	rcd_buf_reset(&b);
	fill(&b, "\xF0\x9F\x98\x80", 900); /* each counts as two */
	T_INT(rcd_twilio_split(rcd_buf_view(&b)), 3200);
	rcd_buf_reset(&b);
	fill(&b, "a", 900);
	rcd_buf_str(&b, ".) ");
	fill(&b, "b", 600);
	rcd_buf_str(&b, " ");
	fill(&b, "c", 200);
	T_INT(rcd_twilio_split(rcd_buf_view(&b)), 902); /* the sentence, not the later space */
	rcd_buf_reset(&b);
	fill(&b, "a", 100);
	rcd_buf_str(&b, ". ");
	fill(&b, "b", 1000);
	rcd_buf_str(&b, " 3.5 ");
	fill(&b, "c", 1000);
	T_INT(rcd_twilio_split(rcd_buf_view(&b)), 1106); /* that sentence is too short a piece */
	rcd_buf_reset(&b);
	fill(&b, "a", 1600);
	rcd_buf_str(&b, " b"); /* the border itself is white space */
	T_INT(rcd_twilio_split(rcd_buf_view(&b)), 1600);
	rcd_buf_reset(&b);
	fill(&b, " ", 4);
	fill(&b, "a", 1600);
	T_INT(rcd_twilio_split(rcd_buf_view(&b)), 1600); /* never nothing */
	rcd_buf_reset(&b);
	fill(&b, "item\n", 400);
	T_INT(rcd_twilio_split(rcd_buf_view(&b)), 1599); /* lines end like sentences */
out:
	rcd_buf_free(&b);
	return ret;
}

/* However long a text is: pieces within the limit, nothing lost but white space between. */
static int split_all(void)
{
	static const char *const word[] = {"Oi! ",      "pre\xC3\xA7o", " ",
	                                   "R$ 3,50. ", "\n\n",         "\xF0\x9F\x98\x80",
	                                   "semespaco", "\xFF",         "fim?\" "};
	struct rcd_buf b;
	unsigned seed = 7;
	int ret = 0;

	rcd_buf_init(&b, 1 << 20);
	for (int round = 0; round < 50; round++) {
		struct rcd_sv rest;
		size_t n = 0;

		rcd_buf_reset(&b);
		for (int i = 0; i < 1500; i++) {
			seed = seed * 1103515245U + 12345U;
			rcd_buf_str(&b, word[(seed >> 16) % (round % 2 ? 9 : 8)]);
		}
		for (rest = rcd_sv_trim(rcd_buf_view(&b)); rest.n > 0;
		     rest = rcd_sv_trim(rcd_sv_skip(rest, n))) {
			n = rcd_twilio_split(rest);
			T_OK(n > 0 && n <= rest.n);
			T_OK(units((struct rcd_sv){rest.p, n}) <= RCD_MAX_BODY_CHARS);
			T_OK(n == rest.n || units((struct rcd_sv){rest.p, n}) >= 400);
		}
	}
out:
	rcd_buf_free(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"voice_note", voice_note, T_OOM},
	{"senders", senders, 0},
	{"kinds_of_senders", kinds_of_senders, T_OOM},
	{"fields", fields, 0},
	{"own_messages", own_messages, 0},
	{"statuses_where_messages_come_in", statuses_where_messages_come_in, 0},
	{"not_messages", not_messages, 0},
	{"attachments", attachments, 0},
	{"numbers", numbers, 0},
	{"real_bodies", real_bodies, 0},
	{"twiml", twiml, T_OOM},
	{"split", split, 0},
	{"split_all", split_all, 0},
	{NULL, NULL, 0},
};
