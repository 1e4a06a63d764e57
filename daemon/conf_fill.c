#include "daemon/conf_parts.h"

#include "daemon/turn_names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From the table of values to the structs the rest of the program reads. */

static void fill_one(struct rcd_conf *c, const struct rcd_option *o, const struct rcd_setting *s)
{
	char *at = (char *)c + o->at;
	int number = (int)s->i;
	bool yes = s->i != 0;
	const void *groups;

	switch (o->type) {
	case RCD_OPT_ENUM:
		number += o->first;
		/* fall through */
	case RCD_OPT_INT:
		memcpy(at, &number, sizeof(number));
		break;
	case RCD_OPT_REAL:
		memcpy(at, &s->r, sizeof(s->r));
		break;
	case RCD_OPT_BOOL:
		memcpy(at, &yes, sizeof(yes));
		break;
	case RCD_OPT_LIST:
		memcpy(at, &s->list, sizeof(s->list));
		break;
	case RCD_OPT_GROUPS:
		groups = s->groups;
		memcpy(at, &groups, sizeof(groups));
		break;
	case RCD_OPT_ROUTES:
		break;
	default:
		memcpy(at, &s->str, sizeof(s->str));
		break;
	}
}

/* The texts of the configured language: "pt-BR" stands in the file as texts.pt_BR. */
static void fill_texts(struct rcd_load *l)
{
	bool en = strcmp(l->conf->language, "en") == 0;

	for (size_t i = 0; i < RCD_N_TEXTS; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "texts.%s.%s", en ? "en" : "pt_BR", rcd_text_name[i]);
		l->conf->turn.text[i] = rcd_load_get(l, name)->str;
	}
	l->conf->voice.language = en ? "en" : "pt";
	l->conf->turn.lang = en ? RCD_EN : RCD_PT;
}

/* The real Twilio refuses a message whose callback it cannot reach. */
static void fill_callback(struct rcd_conf *c)
{
	bool reachable = c->twilio.base_url_set ||
	                 rcd_sv_starts(rcd_sv(c->public_url), RCD_SV("https://"));

	if (c->public_url[0] == '\0' || !reachable)
		return;
	(void)snprintf(c->status_url, sizeof(c->status_url), "%s/webhook/twilio/status", c->public_url);
	c->twilio.status_callback = c->status_url;
}

/* What realtime sessions have in common with the rest of OpenAI's API. */
static void fill_realtime(struct rcd_conf *c)
{
	c->realtime.base_url = c->openai.base_url;
	c->realtime.key = &c->openai.key;
	c->realtime.transcribe_model = c->openai.transcribe_model;
	c->realtime.language = c->openai.language;
	c->realtime.max_tokens = c->openai.max_tokens;
}

void rcd_conf_fill(struct rcd_load *l)
{
	const struct rcd_setting *routes = rcd_load_get(l, "routes");
	const struct rcd_setting *twilio = rcd_load_get(l, "twilio.base_url");
	struct rcd_conf *c = l->conf;

	for (size_t i = 0; i < rcd_n_options; i++)
		if (rcd_options[i].at != RCD_NO_FIELD)
			fill_one(c, &rcd_options[i], &l->own->set[i]);
	fill_texts(l);
	c->route = routes->route;
	c->n_routes = routes->n_routes;
	c->turn.route = c->route;
	c->turn.n_routes = c->n_routes;
	c->twilio.base_url_set = strcmp(twilio->str,
	                                rcd_options[rcd_option_find("twilio.base_url")].def) != 0;
	fill_callback(c);
	fill_realtime(c);
	c->turn.public_url = c->public_url;
	c->blobs = (struct rcd_blob_conf){.s3 = c->media[0] != '\0' ? &c->s3 : NULL,
	                                  .audio_dir = c->audio_dir,
	                                  .state_dir = c->state_dir};
	c->turn.persona_dir = c->persona_dir;
	c->tools.public_url = c->public_url;
	c->tools.secrets_dir = rcd_load_get(l, "secrets_dir")->str;
	c->tools.credentials_dir = getenv("CREDENTIALS_DIRECTORY");
}
