#include "daemon/recadod/title.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The one piece of state: where the kernel looks. */
static struct {
	char *p;
	size_t n;
} place;

static char *end_of(char **list, char *end)
{
	for (; *list != NULL && *list == end; list++)
		end = *list + strlen(*list) + 1;
	return end;
}

/* A copy of the environment; NULL leaves the old one, and the title shorter. */
static char **moved(char **env)
{
	size_t n = 0;
	char **copy;

	while (env[n] != NULL)
		n++;
	copy = calloc(n + 1, sizeof(*copy));
	for (size_t i = 0; copy != NULL && i < n; i++)
		if ((copy[i] = strdup(env[i])) == NULL)
			return NULL; /* at start and out of memory: what was copied hardly matters */
	return copy;
}

void rcd_title_init(int argc, char **argv)
{
	char *end = argc > 0 ? end_of(argv, argv[0]) : NULL, **env;

	if (end == NULL)
		return;
	env = moved(environ);
	if (env != NULL) {
		end = end_of(environ, end);
		environ = env;
	}
	place.p = argv[0];
	place.n = (size_t)(end - argv[0]);
}

void rcd_title(const char *fmt, ...)
{
	va_list ap;

	if (place.n < 2)
		return;
	memset(place.p, 0, place.n);
	va_start(ap, fmt);
	(void)vsnprintf(place.p, place.n, fmt, ap);
	va_end(ap);
}
