#ifndef RCD_FILTER_INT_H
#define RCD_FILTER_INT_H

#include "answer/filter.h"

/* The matchers of the filter. Each looks at text from a possible mark on and says how many bytes
 * the mark is long, RCD_MARK_NONE: there is none, or RCD_MARK_MORE: that depends on what comes.
 * The answer never depends on how much of the text happens to be there. last: nothing comes. */

#define RCD_MARK_NONE 0
#define RCD_MARK_MORE (-1)

enum rcd_mark {
	RCD_MARK_OPEN,  /* reasoning begins */
	RCD_MARK_CLOSE, /* reasoning ends; all before it was reasoning, whether or not it was opened */
	RCD_MARK_END,   /* a message ends: so does reasoning that is open */
	RCD_MARK_CALL,  /* a tool call as text */
	RCD_MARK_ROLE,  /* the name of a role follows, up to the next mark or line end */
	RCD_MARK_DROP,  /* a token of the template, or a wrapper of the answer */
	RCD_MARK_TEXT,  /* looked like a mark and is text */
};

/* "<think …>", "</THINK>", "[TOOL_CALLS]", "◁/think▷", "<|channel|>analysis<|message|>", … */
int rcd_mark_tag(struct rcd_sv v, bool last, enum rcd_mark *what);
/* "```tool_code": the first line of a code block. */
int rcd_mark_fence(struct rcd_sv v, bool last, enum rcd_mark *what);
/* What templates leave behind when their tokens are removed: "assistantfinal". start: nothing
 * came before. */
int rcd_mark_word(struct rcd_sv v, bool start, bool last, enum rcd_mark *what);
/* Is what stands before "(" or "{" the name of a tool? tools: [{name}], or NULL. */
bool rcd_mark_names_tool(struct rcd_sv before, char at, const json_t *tools);

/* A JSON value that v begins with, and whether it is a call. Goes on where scan stopped. */
int rcd_mark_json(struct rcd_json_scan *scan, struct rcd_sv v, const json_t *tools, bool last,
                  enum rcd_mark *what);
bool rcd_mark_is_tool(const json_t *tools, struct rcd_sv name);

#endif
