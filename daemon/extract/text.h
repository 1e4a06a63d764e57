#ifndef RCD_DAEMON_EXTRACT_TEXT_H
#define RCD_DAEMON_EXTRACT_TEXT_H

#include "base/buf.h"

/* Collects the text of a document from its reader and normalises white space. */
struct rcd_prose {
	struct rcd_buf frames; /* what is done */
	struct rcd_buf open;   /* since the last heading or page */
	size_t total;          /* bytes of text so far, of at most RCD_MAX_DOCUMENT_TEXT */
	bool over;             /* there was more */
	bool said;             /* frames hold text, not headings alone */
	int gap;               /* what must stand before the next word: GAP_… in text.c */
};

void rcd_text_init(struct rcd_prose *t);
void rcd_text_done(struct rcd_prose *t);

/* A run of characters of a line: each run of white space in it becomes one space. */
void rcd_text_add(struct rcd_prose *t, struct rcd_sv v);
/* The same, but its lines stay lines and an empty one ends a paragraph. */
void rcd_text_lines(struct rcd_prose *t, struct rcd_sv v);
void rcd_text_line(struct rcd_prose *t);      /* what follows begins a line */
void rcd_text_paragraph(struct rcd_prose *t); /* what follows begins a paragraph */
void rcd_text_heading(struct rcd_prose *t, int level, struct rcd_sv title);
void rcd_text_page(struct rcd_prose *t, int page);
/* End of the document. False: out of memory or too much text. */
bool rcd_text_end(struct rcd_prose *t);
bool rcd_text_empty(const struct rcd_prose *t); /* headings alone are no text */

#endif
