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

static char *find_end(char **list, char *end)
{
	for (; *list != NULL && *list == end; list++)
		end = *list + strlen(*list) + 1;
	return end;
}

/* A copy of a list of strings, or NULL. It lives as long as the process. */
static char **copy_list(char **list)
{
	size_t n = 0;
	char **copy;

	while (list[n] != NULL)
		n++;
	copy = calloc(n + 1, sizeof(*copy));
	for (size_t i = 0; copy != NULL && i < n; i++)
		if ((copy[i] = strdup(list[i])) == NULL) {
			while (i > 0)
				free(copy[--i]);
			free(copy);
			return NULL;
		}
	return copy;
}

char **rcd_title_init(int argc, char **argv)
{
	char **args = argc > 0 ? copy_list(argv) : NULL,
		 **env = args != NULL ? copy_list(environ) : NULL, *end;

	if (env == NULL) {
		free(args);
		return argv;
	}
	end = find_end(environ, find_end(argv, argv[0]));
	environ = env;
	place.p = argv[0];
	place.n = (size_t)(end - argv[0]);
	return args;
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
