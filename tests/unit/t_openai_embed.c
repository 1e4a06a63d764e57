/* Embeddings: answers that lie, and the sandbox's on the real wire format. */
#include "base/crypto.h"
#include "provider/openai_embed.h"
#include "tests/unit/sandbox.h"

#include <math.h>

/* 1, -2 and 0.5, 4 as little-endian float32 in base64 */
#define ONE "AACAPwAAAMA="
#define TWO "AAAAPwAAgEA="
#define ITEM(index, v) "{\"object\":\"embedding\",\"index\":" index ",\"embedding\":" v "}"
#define LIST(items) "{\"object\":\"list\",\"data\":[" items "],\"model\":\"m\",\"usage\":{}}"

static const struct {
	const char *body;
	enum rcd_code code;
} lie[] = {
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("1", "\"" TWO "\"")), RCD_OK},
	{LIST(ITEM("1", "\"" TWO "\"") "," ITEM("0", "\"" ONE "\"")),
     RCD_OK}, /* by index, not by place */
	{LIST(ITEM("0", "[1, -2.0]") "," ITEM("1", "[0.5, 4]")), RCD_OK},
	{LIST(ITEM("0", "\"" ONE "\"")), RCD_PROTO},
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("0", "\"" ONE "\"")), RCD_PROTO},
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("2", "\"" ONE "\"")), RCD_PROTO},
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("-1", "\"" ONE "\"")), RCD_PROTO},
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("\"1\"", "\"" ONE "\"")), RCD_PROTO},
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("1", "\"AACAPw==\"")), RCD_PROTO}, /* one dimension */
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("1", "\"????\"")), RCD_PROTO},
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("1", "\"\"")), RCD_PROTO},
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("1", "[1]")), RCD_PROTO},
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("1", "[1, \"2\"]")), RCD_PROTO},
	{LIST(ITEM("0", "\"" ONE "\"") "," ITEM("1", "null")), RCD_PROTO},
	{LIST(ITEM("0", "\"" ONE "\"") ",7"), RCD_PROTO},
	{"{}", RCD_PROTO},
	{"[]", RCD_PROTO},
	{"", RCD_PROTO},
};

static int answers(void)
{
	struct rcd_err err = {0};
	float out[4];
	int ret = 0;

	for (size_t i = 0; i < sizeof(lie) / sizeof(lie[0]); i++) {
		int got = rcd_openai_embed_read(rcd_sv(lie[i].body), 2, 2, out, &err);

		if (got != 0 && err.code == RCD_NOMEM) {
			ret = T_NOMEM;
			goto out;
		}
		if (got != (lie[i].code == RCD_OK ? 0 : -1) || (got != 0 && err.code != lie[i].code)) {
			(void)fprintf(stderr, "%s: %d %s\n", lie[i].body, got, err.msg);
			ret = -1;
		} else if (got == 0) {
			T_OK(out[0] == 1 && out[1] == -2 && out[2] == 0.5f && out[3] == 4);
		}
	}
out:
	return ret;
}

static double cosine(const float *a, const float *b, size_t n)
{
	double ab = 0, aa = 0, bb = 0;

	for (size_t i = 0; i < n; i++) {
		ab += (double)a[i] * (double)b[i];
		aa += (double)a[i] * (double)a[i];
		bb += (double)b[i] * (double)b[i];
	}
	return ab / sqrt(aa * bb);
}

static int on_the_wire(void)
{
	static float v[3 * 256];
	const struct rcd_sv text[] = {RCD_SV("o frete custa quinze"), RCD_SV("quanto custa o frete"),
	                              RCD_SV("bolo de cenoura")};
	struct rcd_openai_conf conf = {.embedding_model = "text-embedding-3-small",
	                               .embedding_dimensions = 256};
	struct bench b;
	int ret = 0;

	T_DO(open_bench(&b, NULL), b.err);
	conf.base_url = setting(&b, "OPENAI_BASE_URL");
	conf.key = b.openai;
	T_DO(rcd_openai_embed(b.http, &conf, text, 3, 0, v, &b.err), b.err);
	T_OK(cosine(v, v + 256, 256) > 0.5);
	T_OK(cosine(v, v + 512, 256) < 0.4);
	/* what is no call */
	T_INT(rcd_openai_embed(b.http, &conf, text, 0, 0, v, &b.err), -1);
	T_INT(b.err.code, RCD_INVAL);
	T_INT(rcd_openai_embed(b.http, &conf, (struct rcd_sv[]){RCD_SV("")}, 1, 0, v, &b.err), -1);
	T_INT(b.err.code, RCD_INVAL);
	/* what the model does not do */
	conf.embedding_dimensions = 4000;
	T_INT(rcd_openai_embed(b.http, &conf, text, 1, 0, v, &b.err), -1);
	T_INT(b.err.code, RCD_INVAL);
	T_OK(strstr(b.err.msg, "embeddings with text-embedding-3-small: HTTP 400") != NULL);
	conf.embedding_dimensions = 256;
	conf.key = b.token;
	T_INT(rcd_openai_embed(b.http, &conf, text, 1, 0, v, &b.err), -1);
	T_INT(b.err.code, RCD_DENIED);
	/* a call is never larger than an answer may be */
	conf.embedding_dimensions = 1536;
	T_OK(rcd_openai_embed_most(&conf) > 256 && rcd_openai_embed_most(&conf) * 8192 < RCD_MAX_JSON);
	conf.embedding_dimensions = 16;
	T_INT(rcd_openai_embed_most(&conf), 2048);
out:
	close_bench(&b);
	return ret;
}

const struct t_case t_cases[] = {
	{"answers", answers, T_OOM},
	{"on_the_wire", on_the_wire, 0},
	{NULL, NULL, 0},
};
