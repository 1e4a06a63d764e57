#ifndef RCD_PLACE_H
#define RCD_PLACE_H

#include "base/err.h"

#include <stddef.h>

/* Where things lie, seen from this program's own place: PREFIX/bin beside PREFIX/share, or
 * build/… inside the source tree. Nothing about it is compiled in, so an installation may be
 * moved and a fresh build runs where it stands. All give RCD_NOENT when there is no such file. */

/* recadod: beside us or in ../sbin. */
int rcd_place_recadod(char *out, size_t n, struct rcd_err *err);
/* recado-extract, recado-decode, recado-sandbox: beside us or in ../lib/recado. */
int rcd_place_extract(char *out, size_t n, struct rcd_err *err);
int rcd_place_decode(char *out, size_t n, struct rcd_err *err);
int rcd_place_sandbox(char *out, size_t n, struct rcd_err *err);
/* A program of the system: PATH, then the folders of the administrator's programs. */
int rcd_place_program(const char *name, char *out, size_t n, struct rcd_err *err);
/* ../share/recado/<installed>, or <source> of the source tree. */
int rcd_place_shared(const char *installed, const char *source, char *out, size_t n,
                     struct rcd_err *err);
/* The installed configuration file: ../etc/recado/recado.conf if it is there, else
 * /etc/recado/recado.conf. */
int rcd_place_conf(char *out, size_t n, struct rcd_err *err);

#endif
