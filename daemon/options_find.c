#include "daemon/options.h"

#include <string.h>

/* Finding settings by name, also by a name that is not quite right. */

#define NAME_MAX_BYTES 64 /* beyond it names are cut: they only get more different */

int rcd_option_find(const char *name)
{
	for (size_t i = 0; i < rcd_n_options; i++)
		if (strcmp(rcd_options[i].name, name) == 0)
			return (int)i;
	return -1;
}

bool rcd_option_is_group(const char *name)
{
	size_t n = strlen(name);

	for (size_t i = 0; i < rcd_n_options; i++)
		if (strncmp(rcd_options[i].name, name, n) == 0 && rcd_options[i].name[n] == '.')
			return true;
	return false;
}

const struct rcd_secret_option *rcd_secret_find(const char *name)
{
	for (size_t i = 0; i < RCD_N_SECRETS; i++)
		if (strcmp(rcd_secrets[i].name, name) == 0 || strcmp(rcd_secrets[i].setting, name) == 0)
			return &rcd_secrets[i];
	return NULL;
}

static size_t min_of(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance, one row at a time. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_BYTES + 1], n = strlen(b);

	if (n > NAME_MAX_BYTES)
		n = NAME_MAX_BYTES;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0' && i <= NAME_MAX_BYTES; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t above = row[j];

			row[j] = min_of(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

static const char *leaf_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL ? dot + 1 : name;
}

const char *rcd_option_nearest(const char *name)
{
	const char *best = rcd_options[0].name;
	size_t d = SIZE_MAX;

	for (size_t i = 0; i < rcd_n_options; i++) {
		const char *o = rcd_options[i].name;
		size_t whole = edit_distance(name, o);
		size_t last = edit_distance(leaf_of(name), leaf_of(o)) + 1; /* right name, wrong group */
		size_t now = whole < last ? whole : last;

		if (now < d) {
			d = now;
			best = o;
		}
	}
	return best;
}

const char *rcd_nearest_word(const char *name, const char *const *words, size_t n)
{
	const char *best = words[0];
	size_t d = SIZE_MAX;

	for (size_t i = 0; i < n; i++) {
		size_t now = edit_distance(name, words[i]);

		if (now < d) {
			d = now;
			best = words[i];
		}
	}
	return best;
}
