#ifndef RCD_FILTER_INT_H
#define RCD_FILTER_INT_H

#include "answer/filter.h"

/* Matchers of the filter. Each examines text that begins with a possible mark and returns the
 * mark's length, RCD_MARK_NONE: no mark, or RCD_MARK_MORE: more input is needed. The result never
 * depends on how much input is present. last: no more input follows. */

#define RCD_MARK_NONE 0
#define RCD_MARK_MORE (-1)

enum rcd_mark {
	RCD_MARK_OPEN,  /* reasoning begins */
	RCD_MARK_CLOSE, /* reasoning ends; without a begin, all before the first of them was reasoning
	                 */
	RCD_MARK_END,   /* a message ends: so does reasoning that is open */
	RCD_MARK_CALL,  /* a tool call as text */
	RCD_MARK_ROLE,  /* the name of a role follows, up to the next mark or line end */
	RCD_MARK_DROP,  /* a token of the template, or a wrapper of the answer */
	RCD_MARK_TEXT,  /* resembles a mark but is text */
};

/* "<think …>", "</THINK>", "[TOOL_CALLS]", "◁/think▷", "<|channel|>analysis<|message|>", … */
int rcd_mark_tag(struct rcd_sv v, bool last, enum rcd_mark *what);
/* "```tool_code": the first line of a code block. */
int rcd_mark_fence(struct rcd_sv v, bool last, enum rcd_mark *what);
/* Remains of template tokens: "assistantfinal". start: at the beginning of the answer. */
int rcd_mark_word(struct rcd_sv v, bool start, bool last, enum rcd_mark *what);
/* Does the text before "(" or "{" end with a tool's name? tools: [{name}], or NULL. */
bool rcd_mark_names_tool(struct rcd_sv before, char at, const json_t *tools);

/* Matches a JSON value at the start of v and decides whether it is a call; resumes from scan. */
int rcd_mark_json(struct rcd_json_scan *scan, struct rcd_sv v, const json_t *tools, bool last,
                  enum rcd_mark *what);
bool rcd_mark_is_tool(const json_t *tools, struct rcd_sv name);

#endif
