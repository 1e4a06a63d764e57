#include "daemon/recado/persona_look.h"

#include "base/clock.h"

#include <stdio.h>

static int look_up(const struct rcd_turn_conf *conf, struct rcd_persona_look *out,
                   struct rcd_err *err)
{
	const struct rcd_persona_conf told = rcd_turn_persona_conf(conf);
	const struct rcd_persona_now now = {.conf = &told,
	                                    .channel = RCD_SV("WhatsApp"),
	                                    .ms = rcd_now_ms()};
	struct rcd_buf text;
	int ret;

	rcd_buf_init(&text, RCD_MAX_PROMPT);
	ret = rcd_persona_read(out->dir, &text, out->layers, err);
	if (ret == 0)
		ret = rcd_persona_hash(rcd_buf_view(&text), out->hash, err);
	if (ret == 0)
		ret = rcd_persona_fill(rcd_buf_view(&text), &now, &out->told, &out->unknown, err);
	rcd_buf_free(&text);
	return ret;
}

int rcd_persona_look(const struct rcd_turn_conf *conf, const char *dir,
                     struct rcd_persona_look *out, struct rcd_err *err)
{
	*out = (struct rcd_persona_look){.dir = dir, .layers = json_array()};
	rcd_buf_init(&out->told, 2 * RCD_MAX_PROMPT);
	rcd_buf_init(&out->unknown, RCD_MAX_PROMPT);
	return out->layers != NULL ? look_up(conf, out, err) : rcd_fail_nomem(err);
}

void rcd_persona_look_done(struct rcd_persona_look *l)
{
	rcd_buf_free(&l->told);
	rcd_buf_free(&l->unknown);
	json_decref(l->layers);
}

void rcd_persona_print_size(size_t bytes, const char *what)
{
	printf("%7zu bytes  ~%5zu tokens  %s\n", bytes, rcd_tokens(bytes), what);
}

void rcd_persona_print(const struct rcd_persona_look *l)
{
	const struct rcd_sv name = rcd_persona_name(l->dir);
	const json_t *row;
	size_t i;

	printf("persona %.*s (%s), version %.*s\n", RCD_SV_ARG(name), l->dir, RCD_PERSONA_SHORT,
	       l->hash);
	json_array_foreach (l->layers, i, row) {
		rcd_persona_print_size((size_t)json_integer_value(json_object_get(row, "bytes")),
		                       json_string_value(json_object_get(row, "name")));
	}
	rcd_persona_print_size(l->told.n, "all, with the rule that always holds");
	if (l->unknown.n > 0)
		printf("no such variable, left out: %.*s\n", (int)l->unknown.n, l->unknown.p);
}

json_t *rcd_persona_json(const struct rcd_persona_look *l)
{
	return json_pack("{s:o s:o s:s s:O s:I s:I s:o s:o}", "name",
	                 rcd_json_str(rcd_persona_name(l->dir)), "folder", rcd_json_str(rcd_sv(l->dir)),
	                 "version", l->hash, "layers", l->layers, "bytes", (json_int_t)l->told.n,
	                 "tokens", (json_int_t)rcd_tokens(l->told.n), "unknown",
	                 rcd_json_str(rcd_buf_view(&l->unknown)), "text",
	                 rcd_json_str(rcd_buf_view(&l->told)));
}
