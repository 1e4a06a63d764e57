#ifndef RCD_TOOLS_TOOL_H
#define RCD_TOOLS_TOOL_H

#include "store/tool.h"
#include "tools/tools.h"

/* One tool, and one call of it. Inside lib/tools only. */

#define RCD_TOOL_CALLS 8 /* in one turn */

/* When a call runs, so that a turn that begins anew does nothing twice. */
enum rcd_tool_kind {
	RCD_TOOL_READS,    /* changes nothing */
	RCD_TOOL_STORES,   /* in the commit that keeps its result: run has conn and uses only SQL */
	RCD_TOOL_ANSWERS,  /* changes the answer, in memory: runs each time, result {"ok":true} */
	RCD_TOOL_REQUESTS, /* asks another host: begun in one commit, ended in another, never repeated
	                    */
};

struct rcd_tool_run {
	const struct rcd_tool_env *env;
	const struct rcd_tool *tool;
	const json_t *args;     /* they have the tool's shape */
	struct rcd_conn *conn;  /* STORES */
	struct rcd_buf *result; /* JSON, what the model is told */
	bool unsent;            /* REQUESTS: it failed before anything left */
};

/* 0, or -1 with what the model is told of it: no secret, no path of ours. RCD_NOMEM and
 * RCD_CANCELLED end the turn's try instead. */
typedef int rcd_tool_fn(struct rcd_tool_run *r, struct rcd_err *err);

struct rcd_tool_http;
struct rcd_tool {
	char name[RCD_TOOL_NAME];
	const char *description;
	enum rcd_tool_kind kind;
	rcd_tool_fn *run;
	bool asks;                  /* REQUESTS, and changes nothing there */
	json_t *shape;              /* owned; see base/shape.h */
	struct rcd_tool_http *http; /* owned; a declared one's own */
};

struct rcd_tools {
	struct rcd_tool *tool;
	size_t n;
	struct rcd_tool_media *media;
	size_t n_media;
	json_t *schemas;
};

rcd_tool_fn rcd_tool_search_knowledge, rcd_tool_save_contact, rcd_tool_schedule_message,
	rcd_tool_move_lead, rcd_tool_handoff_human, rcd_tool_send_media, rcd_tool_http_run;

/* A declared tool of one group of the configuration: fills name, description, shape and http. */
int rcd_tool_http_open(struct rcd_tool *tool, const json_t *group,
                       const struct rcd_tools_conf *conf, struct rcd_err *err);
struct rcd_tool_http *rcd_tool_http_close(struct rcd_tool_http *h);

/* args[name] trimmed; absent when it is not there or empty. */
struct rcd_sv rcd_tool_arg(const struct rcd_tool_run *r, const char *name);
/* {"ok": true} */
void rcd_tool_ok(struct rcd_tool_run *r);

#endif
