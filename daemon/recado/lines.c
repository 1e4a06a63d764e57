#include "daemon/recado/lines.h"

#include <stdlib.h>

#define MAX_LINES 4000

struct lines {
	struct rcd_sv *line;
	size_t n;
};

static int split_lines(struct rcd_sv text, struct lines *out, struct rcd_err *err)
{
	struct rcd_sv line;
	size_t n = 1;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	if (n > MAX_LINES)
		return rcd_fail(err, RCD_LIMIT, 0, "more than %d lines", MAX_LINES);
	out->line = calloc(n, sizeof(*out->line));
	if (out->line == NULL)
		return rcd_fail_nomem(err);
	while (rcd_sv_cut(&text, '\n', &line))
		out->line[out->n++] = line;
	return 0;
}

/* Longest common subsequence: common[i][j] of what follows line i of a and line j of b. */
static void print_diff(const struct lines *a, const struct lines *b, const uint16_t *common,
                       FILE *out)
{
	const size_t wide = b->n + 1;
	size_t i = 0, j = 0;

	while (i < a->n || j < b->n) {
		if (i < a->n && j < b->n && rcd_sv_eq(a->line[i], b->line[j])) {
			fprintf(out, " %.*s\n", RCD_SV_ARG(a->line[i]));
			i++;
			j++;
		} else if (j == b->n ||
		           (i < a->n && common[(i + 1) * wide + j] >= common[i * wide + j + 1])) {
			fprintf(out, "-%.*s\n", RCD_SV_ARG(a->line[i]));
			i++;
		} else {
			fprintf(out, "+%.*s\n", RCD_SV_ARG(b->line[j]));
			j++;
		}
	}
}

static int compare_lines(const struct lines *a, const struct lines *b, FILE *out,
                         struct rcd_err *err)
{
	const size_t wide = b->n + 1;
	uint16_t *common = calloc((a->n + 1) * wide, sizeof(*common));

	if (common == NULL)
		return rcd_fail_nomem(err);
	for (size_t i = a->n; i-- > 0;)
		for (size_t j = b->n; j-- > 0;) {
			uint16_t right = common[i * wide + j + 1], down = common[(i + 1) * wide + j];
			uint16_t both = (uint16_t)(common[(i + 1) * wide + j + 1] + 1);
			uint16_t longer = right > down ? right : down;

			common[i * wide + j] = rcd_sv_eq(a->line[i], b->line[j]) ? both : longer;
		}
	print_diff(a, b, common, out);
	free(common);
	return 0;
}

int rcd_lines_diff(struct rcd_sv a, struct rcd_sv b, FILE *out, struct rcd_err *err)
{
	struct lines from = {0}, to = {0};
	int ret = 0;

	if (rcd_sv_eq(a, b))
		return 0;
	if (split_lines(a, &from, err) != 0 || split_lines(b, &to, err) != 0)
		ret = -1;
	else
		ret = compare_lines(&from, &to, out, err);
	free(from.line);
	free(to.line);
	return ret;
}
