#ifndef RCD_SHAPE_H
#define RCD_SHAPE_H

#include "base/json.h"

/* Validation of JSON values by the subset of JSON Schema that tool arguments need: type (one word),
 * properties, required, enum, minimum, maximum, minLength, maxLength (code points), items,
 * minItems, maxItems; title, description and default are annotations. Members that are not in
 * properties are always refused; additionalProperties may only be false. Any other keyword makes
 * the schema itself invalid: ignoring a rule would make it look as if it held. */

#define RCD_SHAPE_DEPTH 4 /* nesting of objects and arrays, the outermost included */

/* Checks the schema itself. RCD_INVAL names the place. */
int rcd_shape_valid(const json_t *schema, struct rcd_err *err);
/* Checks value by a valid schema. RCD_INVAL: "customer.name: too long"; the text names parts of the
 * schema and holds nothing of the value. */
int rcd_shape_check(const json_t *schema, const json_t *value, struct rcd_err *err);

#endif
