#ifndef RCD_TOOLS_PATH_H
#define RCD_TOOLS_PATH_H

#include "base/sv.h"

/* What a model's value may be in the URL of a declared tool. Inside lib/tools only. */

/* One part of a path that a server may read as "." or "..": decoded once or several times over,
 * with white space around it, or with parameters behind a semicolon. */
bool rcd_tool_is_dots(struct rcd_sv segment);

/* A value for a placeholder: something can be seen of it (without it the URL names the whole
 * collection), and neither it nor what it decodes to has a slash or a control character or is dots.
 */
bool rcd_tool_fills_place(struct rcd_sv value);

#endif
