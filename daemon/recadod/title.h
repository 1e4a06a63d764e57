#ifndef RCD_TITLE_H
#define RCD_TITLE_H

/* The name of this process in ps(1): "recadod: web 0". init takes over the memory that the
 * kernel shows as the command line and returns the arguments to use from then on (copies, as
 * the environment becomes one); main calls it first, before anything keeps a pointer into
 * either. Without memory for that the title cannot be changed, and argv is returned. */
char **rcd_title_init(int argc, char **argv);
void rcd_title(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
