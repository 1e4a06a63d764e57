#ifndef RCD_TITLE_H
#define RCD_TITLE_H

/* The name of this process in ps(1): "recadod: web 0". init takes over the memory that the
 * kernel shows as the command line (and moves the environment out of it); main calls it once,
 * before anything keeps a pointer into either. */
void rcd_title_init(int argc, char **argv);
void rcd_title(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
