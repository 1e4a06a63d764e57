#ifndef RCD_SHAPE_H
#define RCD_SHAPE_H

#include "base/json.h"

/* Is a JSON value as a schema says? A small part of JSON Schema, the one that is enough for the
 * arguments of tools: type (one word), properties, required, enum, minimum, maximum, minLength,
 * maxLength (code points), items, minItems, maxItems; title, description and default say
 * nothing. Objects have no members but their properties, whether or not additionalProperties is
 * written, and then as false. Anything else is refused in the schema, not passed over: a rule
 * that is not understood must not look as if it held. */

#define RCD_SHAPE_DEPTH 4 /* objects and arrays inside each other, the outermost counted */

/* Is schema one that rcd_shape_check understands? RCD_INVAL says where it is not. */
int rcd_shape_valid(const json_t *schema, struct rcd_err *err);
/* RCD_INVAL: "customer.name: longer than 80". Names of the schema, nothing of the value. schema
 * must be valid. */
int rcd_shape_check(const json_t *schema, const json_t *value, struct rcd_err *err);

#endif
