#ifndef RCD_TURN_PARTS_H
#define RCD_TURN_PARTS_H

#include "turn/state.h"

/* The parts of a running turn, to be written. Included by the files of steps, which write the part
 * of their step and read the others through struct rcd_turn. */
struct rcd_turn_parts {
	struct rcd_gather gather;
	struct rcd_rules rules;
	struct rcd_received hear;
	struct rcd_recall recall;
	struct rcd_think think;
	struct rcd_speak speak;
	struct rcd_send send;
};

/* Makes t read those parts. */
static inline void rcd_turn_bind_parts(struct rcd_turn *t, struct rcd_turn_parts *parts)
{
	t->parts = parts;
	t->gather = &parts->gather;
	t->rules = &parts->rules;
	t->hear = &parts->hear;
	t->recall = &parts->recall;
	t->think = &parts->think;
	t->speak = &parts->speak;
	t->send = &parts->send;
}

#endif
