#ifndef RCD_TOOLS_HTTP_TOOL_H
#define RCD_TOOLS_HTTP_TOOL_H

#include "base/secret.h"
#include "net/guard.h"
#include "tools/tool.h"

/* A tool that the operator declares: one request to the host that stands in its url. Inside
 * lib/tools only. */

struct rcd_tool_http {
	const char *url; /* with {placeholders}; borrowed from the configuration */
	struct rcd_origin origin;
	bool get;
	int timeout_ms;
	size_t max;      /* bytes of an answer */
	char header[80]; /* "Authorization: Bearer " */
	struct rcd_secret secret;
};

/* The next {name} in *rest, which then stands behind it; before: what came first. */
bool rcd_tool_next_place(struct rcd_sv *rest, struct rcd_sv *before, struct rcd_sv *name);

#endif
