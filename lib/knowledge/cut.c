#include "knowledge/cut.h"

#include "base/buf.h"
#include "knowledge/frame.h"

#include <stdlib.h>
#include <string.h>

#define LEVELS 6
#define HEADER 600 /* bytes of a table's header that is worth repeating */

struct cutter {
	struct rcd_passages *out;
	struct rcd_sv title[LEVELS]; /* the headings above, by level */
	const char *path;            /* the same as "A > B", owned by out; NULL: to be made */
	struct rcd_sv open;          /* the passage that is being gathered, p == NULL: none */
	struct rcd_sv table; /* the header of the table that the last line belongs to; absent: none */
	bool table_open;     /* the line behind the header may still belong to it: |---|---| */
	struct rcd_sv above; /* a header that the open passage has to repeat; absent: none */
	int page;            /* 0: there are none */
};

/* 1–6 for "# " … "###### ", else 0. */
static int get_level(struct rcd_sv line)
{
	size_t n = 0;

	while (n < line.n && n < LEVELS && line.p[n] == '#')
		n++;
	return n > 0 && n < line.n && line.p[n] == ' ' ? (int)n : 0;
}

static int make_path(struct cutter *c, struct rcd_err *err)
{
	struct rcd_passages *out = c->out;
	struct rcd_buf path;
	char **more;

	rcd_buf_init(&path, RCD_MAX_TEXT);
	for (int i = 0; i < LEVELS; i++) {
		if (c->title[i].n == 0)
			continue;
		if (path.n > 0)
			rcd_buf_str(&path, " > ");
		rcd_buf_sv(&path, c->title[i]);
	}
	more = realloc(out->heading, (out->n_headings + 1) * sizeof(*more));
	if (more != NULL)
		out->heading = more;
	if (more == NULL || (more[out->n_headings] = rcd_buf_take(&path, NULL)) == NULL) {
		rcd_buf_free(&path);
		return rcd_fail_nomem(err);
	}
	c->path = more[out->n_headings++];
	return 0;
}

int rcd_passages_add(struct rcd_passages *to, const struct rcd_passage_in *p, struct rcd_err *err)
{
	if (to->n == to->cap) {
		size_t cap = to->cap == 0 ? 16 : 2 * to->cap;
		struct rcd_passage_in *more = realloc(to->p, cap * sizeof(*more));

		if (more == NULL)
			return rcd_fail_nomem(err);
		to->p = more;
		to->cap = cap;
	}
	to->p[to->n++] = *p;
	return 0;
}

/* text below its table's header, owned by the passages like their headings. */
static int put_below(struct cutter *c, struct rcd_sv header, struct rcd_sv *text,
                     struct rcd_err *err)
{
	struct rcd_passages *out = c->out;
	char **more = realloc(out->made, (out->n_made + 1) * sizeof(*more));
	struct rcd_buf whole;
	size_t n = 0;

	rcd_buf_init(&whole, header.n + text->n + 1);
	rcd_buf_sv(&whole, rcd_sv_trim(header));
	rcd_buf_ch(&whole, '\n');
	rcd_buf_sv(&whole, *text);
	if (more != NULL)
		out->made = more;
	if (more == NULL || (more[out->n_made] = rcd_buf_take(&whole, &n)) == NULL) {
		rcd_buf_free(&whole);
		return rcd_fail_nomem(err);
	}
	*text = (struct rcd_sv){more[out->n_made++], n};
	return 0;
}

static int close_passage(struct cutter *c, struct rcd_err *err)
{
	struct rcd_sv text = rcd_sv_trim(c->open), above = c->above;

	c->open = c->above = (struct rcd_sv){NULL, 0};
	if (text.n == 0)
		return 0;
	if (above.n > 0 && put_below(c, above, &text, err) != 0)
		return -1;
	if (c->path == NULL && make_path(c, err) != 0)
		return -1;
	return rcd_passages_add(c->out, &(struct rcd_passage_in){rcd_sv(c->path), text, c->page}, err);
}

static int begin_section(struct cutter *c, struct rcd_sv title, int level, struct rcd_err *err)
{
	if (close_passage(c, err) != 0)
		return -1;
	for (int i = level - 1; i < LEVELS; i++)
		c->title[i] = (struct rcd_sv){NULL, 0};
	c->title[level - 1] = rcd_sv_trim(title);
	if (c->title[level - 1].n > 200)
		c->title[level - 1].n = rcd_utf8_cut(c->title[level - 1], 200);
	c->path = NULL;
	c->table = (struct rcd_sv){NULL, 0};
	return 0;
}

/* Where to cut a line of which at most room bytes are taken: behind the last sentence, else
 * behind the last word, if that leaves no mere crumb; else between characters. */
static size_t find_end(struct rcd_sv line, size_t room)
{
	size_t most = rcd_utf8_cut(line, room), word = 0;

	if (most == line.n)
		return most;
	for (size_t n = most; n > room / 2; n--) {
		if (line.p[n - 1] != ' ')
			continue;
		if (n >= 2 && (line.p[n - 2] == '.' || line.p[n - 2] == '!' || line.p[n - 2] == '?'))
			return n;
		if (word == 0)
			word = n;
	}
	return word > 0 ? word : most;
}

/* A line of a table: cells with bars between them. */
static bool is_row(struct rcd_sv line)
{
	struct rcd_sv v = rcd_sv_trim(line);

	return v.n > 0 && (v.p[0] == '|' || memmem(v.p, v.n, " | ", 3) != NULL);
}

/* "|---|:--:|": what Markdown wants below a header. */
static bool is_rule(struct rcd_sv line)
{
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\0' || strchr("|-: \r", line.p[i]) == NULL)
			return false;
	return memchr(line.p, '-', line.n) != NULL;
}

/* Follows tables, so that each piece of one can repeat its header. */
static void track_table(struct cutter *c, struct rcd_sv line)
{
	if (!is_row(line)) {
		c->table = (struct rcd_sv){NULL, 0};
	} else if (c->table.p == NULL) {
		c->table = line;
		c->table_open = true;
		return;
	} else if (c->table_open && is_rule(line)) {
		c->table.n = (size_t)(line.p + line.n - c->table.p);
		return;
	} else if (c->open.p == NULL && c->table.n <= HEADER) {
		c->above = c->table;
	}
	c->table_open = false;
}

/* A paragraph is taken whole; only one that is too long by itself is cut. */
static int add_line(struct cutter *c, struct rcd_sv line, bool blank, struct rcd_err *err)
{
	track_table(c, line);
	while (line.n > 0) {
		size_t before = c->open.p != NULL ? (size_t)(line.p - c->open.p) : 0;
		size_t room = 2 * RCD_PASSAGE_BYTES -
		              (before < 2 * RCD_PASSAGE_BYTES ? before : 2 * RCD_PASSAGE_BYTES);
		size_t n = find_end(line, room);

		if (before > 0 && n < line.n) { /* the line begins the next passage */
			if (close_passage(c, err) != 0)
				return -1;
			track_table(c, line);
			continue;
		}
		if (n == 0)
			n = line.n; /* malformed: one piece */
		if (c->open.p == NULL)
			c->open.p = line.p;
		c->open.n = (size_t)(line.p + n - c->open.p);
		line = rcd_sv_skip(line, n);
		if (line.n > 0 && close_passage(c, err) != 0)
			return -1;
	}
	return blank && c->open.n >= RCD_PASSAGE_BYTES / 2 && c->open.p != NULL ? close_passage(c, err)
	                                                                        : 0;
}

static int cut_text(struct cutter *c, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_sv line;

	while (rcd_sv_cut(&text, '\n', &line))
		if (add_line(c, line, rcd_sv_trim(line).n == 0, err) != 0)
			return -1;
	c->table = (struct rcd_sv){NULL, 0};
	return close_passage(c, err); /* the bytes of the next frame do not follow these */
}

static int cut_markdown(struct cutter *c, struct rcd_sv text, struct rcd_err *err)
{
	struct rcd_sv line;

	while (rcd_sv_cut(&text, '\n', &line)) {
		int level = get_level(line);
		int ret = level > 0 ? begin_section(c, rcd_sv_skip(line, (size_t)level), level, err)
		                    : add_line(c, line, rcd_sv_trim(line).n == 0, err);

		if (ret != 0)
			return -1;
	}
	return close_passage(c, err);
}

static int cut_frames(struct cutter *c, struct rcd_sv frames, struct rcd_err *err)
{
	struct rcd_frame f;
	int ret = 0;

	do {
		if (rcd_frame_next(&frames, &f, err) != 0)
			return -1;
		if (f.kind == RCD_FRAME_HEADING)
			ret = begin_section(c, f.text, f.number, err);
		else if (f.kind == RCD_FRAME_PAGE)
			c->page = f.number;
		else if (f.kind == RCD_FRAME_TEXT)
			ret = cut_text(c, f.text, err);
		else if (f.kind == RCD_FRAME_ERROR)
			ret = rcd_fail(err, RCD_PROTO, 0, "frames of a document that could not be read");
	} while (ret == 0 && f.kind != RCD_FRAME_END);
	return ret;
}

static int run_cutter(int (*on)(struct cutter *, struct rcd_sv, struct rcd_err *),
                      struct rcd_sv text, struct rcd_passages *out, struct rcd_err *err)
{
	struct cutter c = {.out = out};

	*out = (struct rcd_passages){0};
	if (on(&c, text, err) == 0)
		return 0;
	rcd_passages_done(out);
	return -1;
}

int rcd_cut(struct rcd_sv text, struct rcd_passages *out, struct rcd_err *err)
{
	return run_cutter(cut_markdown, text, out, err);
}

int rcd_cut_frames(struct rcd_sv frames, struct rcd_passages *out, struct rcd_err *err)
{
	return run_cutter(cut_frames, frames, out, err);
}

void rcd_passages_done(struct rcd_passages *p)
{
	for (size_t i = 0; i < p->n_headings; i++)
		free(p->heading[i]);
	free(p->heading);
	for (size_t i = 0; i < p->n_made; i++)
		free(p->made[i]);
	free(p->made);
	free(p->p);
	*p = (struct rcd_passages){0};
}
