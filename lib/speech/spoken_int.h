#ifndef RCD_SPOKEN_INT_H
#define RCD_SPOKEN_INT_H

#include "speech/spoken.h"

/* How a text becomes speech, inside. First the marks go (spoken_mark.c); then the text is read
 * from left to right, and at the beginning of each word, number or sign the readers below are
 * asked in turn whether they know it. What a language says stands in its own file. */

struct rcd_spoken;

struct rcd_spoken_unit {
	const char *mark, *one, *many;
	bool feminine;
};

struct rcd_spoken_word {
	const char *mark, *said;
};

struct rcd_spoken_money {
	const char *mark, *one, *many, *cent, *cents;
	bool feminine;
};

/* Digits as they are grouped: d is a digit that is spelled, n one of a number, | a pause where
 * nothing is written; any other sign stands for itself. */
struct rcd_spoken_shape {
	const char *shape;
	const char *after; /* only after this word; NULL: anywhere */
};

/* A Roman number after this word. */
struct rcd_spoken_roman {
	const char *word;
	int ordinals; /* up to here it is said as an ordinal */
};

struct rcd_spoken_clock {
	int h, m, s; /* m and s: -1 when not written */
	char half;   /* 'a' or 'p' for am and pm, else 0 */
	bool span;   /* "2h30min": how long, not when */
	size_t n;    /* bytes */
};

struct rcd_spoken_date {
	int y, m, d; /* y, d: 0 when not written */
};

struct rcd_spoken_lang {
	char decimal, group;
	bool month_first;
	bool halves;                                                      /* am and pm */
	bool digits_after_point;                                          /* each of them alone */
	void (*cardinal)(struct rcd_buf *out, uint64_t n, bool feminine); /* up to 10^15 - 1 */
	bool (*ordinal)(struct rcd_buf *out, uint64_t n, bool feminine);  /* false: it has none */
	bool (*feminine)(struct rcd_sv noun);                             /* NULL: no genders */
	void (*date)(struct rcd_buf *out, const struct rcd_spoken_date *d);
	void (*year)(struct rcd_buf *out, uint64_t y);
	void (*clock)(struct rcd_buf *out, const struct rcd_spoken_clock *c, bool bare);
	void (*clock_range)(struct rcd_spoken *s, const struct rcd_spoken_clock *a,
	                    const struct rcd_spoken_clock *b);
	/* words, without spaces around them */
	/* by: per; across: 20 by 30; of: a million of; out_of: 3 of 12 */
	const char *comma, *point, *minus, *plus, *percent, *to, *by, *times, *and, *of, *at, *dot,
		*dash, *underscore, *slash, *half, *half_feminine, *out_of, *across, *always, *about;
	const char *const *month, *const *letter;
	const char *const *part; /* "terço", "quarto" …: of 3 to 10; many add an s */
	/* lists that end with a NULL mark */
	const struct rcd_spoken_unit *unit;
	const struct rcd_spoken_unit *ordinal_mark; /* the mark and the gender alone */
	const struct rcd_spoken_money *money;
	const struct rcd_spoken_word *abbreviation, *acronym, *weekday, *sign, *picture;
	const struct rcd_spoken_shape *shape;
	const struct rcd_spoken_roman *roman;
	const char *const *scale;   /* "mil", "milhões" …: follow a number, belong to it */
	const char *const *counted; /* "parcela" …: "3/12" after them is one of so many */
	const char *const *link;    /* "a", "ou": between two numbers of one noun */
	const char *const *dated;   /* "since": a number of four digits after them is a year */
};

extern const struct rcd_spoken_lang rcd_spoken_pt, rcd_spoken_en;

/* The text while it is read. */
struct rcd_spoken {
	const struct rcd_spoken_lang *lang;
	const char *p, *end;
	struct rcd_sv last; /* the word before p, as far as one has just been said */
	struct rcd_buf *out;
};

/* Reads what stands at s->p, says it and moves on; false when it is nothing it knows. */
typedef bool rcd_spoken_fn(struct rcd_spoken *s);
rcd_spoken_fn rcd_spoken_net, rcd_spoken_code, rcd_spoken_money, rcd_spoken_date, rcd_spoken_clock,
	rcd_spoken_number, rcd_spoken_abbreviation, rcd_spoken_sign;

void rcd_spoken_unmark(struct rcd_sv text, struct rcd_buf *out);
/* The names of the pictures in text. */
void rcd_spoken_pictures(struct rcd_sv text, const struct rcd_spoken_lang *lang,
                         struct rcd_buf *out);

/* --- looking (spoken_look.c) -------------------------------------------------------------- */

static inline bool rcd_spoken_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Bytes of the letters and digits at p. */
size_t rcd_spoken_word_n(const char *p, const char *end);
/* Does no letter or digit stand at p? */
bool rcd_spoken_ends(const char *p, const char *end);
/* Bytes of mark when the text begins with it as a whole word, in this or with its first letter
 * in upper case; 0 when not. */
size_t rcd_spoken_begins(const char *p, const char *end, const char *mark);
size_t rcd_spoken_dash(const char *p, const char *end); /* bytes of -, – or — at p, else 0 */
size_t rcd_spoken_blanks(const char *p, const char *end);
bool rcd_spoken_listed(struct rcd_sv word, const char *const *list); /* ASCII case ignored */
/* At least least and at most most digits at *p, and no more: their value, and *p behind them.
 * -1 for any other number of them. */
int rcd_spoken_digits(const char **p, const char *end, int least, int most);

/* --- numbers (spoken_number.c) ------------------------------------------------------------- */

/* A number as it is written. */
struct rcd_spoken_figure {
	uint64_t whole;
	struct rcd_sv frac; /* the digits behind the decimal mark */
	bool odd_mark;      /* … which is the other language's */
	size_t digits;      /* of the whole part */
	bool spell;         /* 007: no quantity */
	bool grouped;
	size_t n; /* bytes */
};
/* What stands at p. False for what is no number: versions, addresses of machines, too many digits.
 */
bool rcd_spoken_figure(const struct rcd_spoken_lang *l, const char *p, const char *end,
                       struct rcd_spoken_figure *v);
void rcd_spoken_say_figure(struct rcd_spoken *s, const struct rcd_spoken_figure *v, const char *p,
                           bool feminine);
/* "-15" at p, after "10": its bytes up to the second number, 0 when there is none. */
size_t rcd_spoken_range(const struct rcd_spoken *s, const char *p, struct rcd_spoken_figure *v);
void rcd_spoken_per(struct rcd_spoken *s); /* "/mês", "/kg" at s->p: for each of them */

/* --- saying -------------------------------------------------------------------------------- */

bool rcd_spoken_fresh(const struct rcd_buf *out); /* is what comes next the beginning of a word? */
void rcd_spoken_spell(struct rcd_spoken *s, struct rcd_sv letters); /* ASCII, one by one */

#endif
