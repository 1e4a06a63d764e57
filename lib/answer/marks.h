#ifndef RCD_MARKS_H
#define RCD_MARKS_H

#include "base/buf.h"

/* Converts Markdown, which models write regardless of instructions, to the channel's marks, line by
 * line.
 *
 *            WhatsApp                        plain (SMS)
 *   **x**    *x*                             x
 *   ~~x~~    ~x~                             x
 *   _x_ *x*  as they are                     x
 *   # x      *x*                             x
 *   * x      - x                             - x
 *   [x](y)   x: y                            x: y
 *   `x` ```  as they are                     x
 *   tables   a line for each row, "Column: value; Column: value"
 *
 * WhatsApp shows a mark as it is written when a letter or a digit touches it from outside: such
 * marks are left out. Unpaired marks are text: "2*3*4", "R$ 5,00*", "nome_do_arquivo". What is in
 * WhatsApp's own marks already stays as it is. */

enum rcd_marks_style { RCD_MARKS_WHATSAPP, RCD_MARKS_PLAIN };

/* Lines as they come; the caller's storage. */
struct rcd_marks {
	enum rcd_marks_style style;
	struct rcd_buf line; /* that has not ended */
	struct rcd_buf held; /* a line that is the head of a table if a row of dashes follows */
	struct rcd_buf head; /* names of the table's columns, each with a line end */
	bool is_held, table, fenced;
	bool noted;    /* an asterisk refers to a line that begins with one */
	bool any, gap; /* something was written; blank lines since */
};

void rcd_marks_init(struct rcd_marks *m, enum rcd_marks_style style);
void rcd_marks_done(struct rcd_marks *m);
/* Adds text and appends complete lines to out, which is bad when out of memory. */
void rcd_marks_push(struct rcd_marks *m, struct rcd_sv text, struct rcd_buf *out);
/* Removes what follows the last whole sentence of the open line; returns the bytes removed. */
size_t rcd_marks_cut(struct rcd_marks *m);
/* End of the text. */
void rcd_marks_end(struct rcd_marks *m, struct rcd_buf *out);

/* Converts a whole text and appends it to out. */
void rcd_marks_text(struct rcd_sv text, enum rcd_marks_style style, struct rcd_buf *out);

#endif
