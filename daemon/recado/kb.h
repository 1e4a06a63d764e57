#ifndef RCD_KB_H
#define RCD_KB_H

#include "daemon/recado/cmd.h"
#include "knowledge/knowledge.h"

#include <limits.h>

/* `recado kb`: cmd_kb.c has the commands, kb_add.c the one that reads documents. */

#define RCD_KB_TENANT 1

struct rcd_kb {
	const struct rcd_cli *cli;
	struct rcd_conf *conf;
	struct rcd_db *db;
	char extractor[PATH_MAX];
	struct rcd_extract_conf extract;
};

/* A file, a folder or a URL; name: what it is to be called instead, NULL for its own. Gives the
 * exit status; what happened to each document was printed. */
int rcd_kb_add(struct rcd_kb *kb, const char *what, const char *name);

#endif
