#ifndef RCD_PERSONA_LOOK_H
#define RCD_PERSONA_LOOK_H

#include "knowledge/persona.h"
#include "store/persona.h"
#include "turn/turn.h"

/* A persona as the model reads it at this moment: for recado persona and recado chat. */

#define RCD_PERSONA_SHORT 12 /* of a hash, as it is printed */

struct rcd_persona_look {
	const char *dir;
	json_t *layers;               /* [{"name", "bytes"}] */
	struct rcd_buf told, unknown; /* all of it, and the names of variables that are none */
	char hash[RCD_PERSONA_HASH];  /* the version */
};

/* dir is borrowed. *out is to be done with in any case. */
int rcd_persona_look(const struct rcd_turn_conf *conf, const char *dir,
                     struct rcd_persona_look *out, struct rcd_err *err);
void rcd_persona_look_done(struct rcd_persona_look *look);

/* Its name, version, layers and their sizes. */
void rcd_persona_print(const struct rcd_persona_look *look);
json_t *rcd_persona_json(
	const struct rcd_persona_look *look); /* the caller's; NULL without memory */
void rcd_persona_print_size(size_t bytes, const char *what);

#endif
