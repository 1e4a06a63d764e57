#ifndef RCD_TOOLS_TOOLS_H
#define RCD_TOOLS_TOOLS_H

#include "base/json.h"
#include "base/secret.h"

/* The tools that a model may call: those built in and those the operator declares. Who the
 * contact is comes from the turn's job: no tool takes an argument that says so. */

struct rcd_tools_conf {
	char *const *enabled;        /* names, NULL-terminated; the declared ones among them */
	char *const *lead_stages;    /* of move_lead */
	const json_t *media;         /* array of {name, url}: what send_media may send */
	const json_t *http;          /* array of groups, see docs/tools.md */
	const char *public_url;      /* media that begin with "/" lie below it */
	const char *secrets_dir;     /* where the secrets of declared tools are files; and */
	const char *credentials_dir; /* the one that is looked at first, NULL: none */
};

struct rcd_tools;

/* Builds the table, or says what is wrong with which tool: RCD_INVAL, RCD_NOENT for a secret
 * that is not there. conf is borrowed for the life of the tools. Shared by all threads. */
int rcd_tools_open(struct rcd_tools **out, const struct rcd_tools_conf *conf, struct rcd_err *err);
struct rcd_tools *rcd_tools_close(struct rcd_tools *tools); /* NULL-safe, returns NULL */
/* What a model is told of them: [{"name", "description", "parameters": JSON Schema}]. Borrowed. */
const json_t *rcd_tools_told(const struct rcd_tools *tools);

#endif
