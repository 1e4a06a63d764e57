#ifndef RCD_MARKS_H
#define RCD_MARKS_H

#include "base/buf.h"

/* Markdown as the marks of the channel, line by line: models write it whatever they are told.
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
/* More of the text; what is whole is appended to out, which is bad when memory is short. */
void rcd_marks_push(struct rcd_marks *m, struct rcd_sv text, struct rcd_buf *out);
/* Takes what follows the last whole sentence off the line that has not ended; how many bytes. */
size_t rcd_marks_cut(struct rcd_marks *m);
/* There is no more. */
void rcd_marks_end(struct rcd_marks *m, struct rcd_buf *out);

/* A whole text at once, appended to out. */
void rcd_marks_text(struct rcd_sv text, enum rcd_marks_style style, struct rcd_buf *out);

#endif
