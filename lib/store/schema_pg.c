#include "store/schema.h"

#include <stddef.h>

#define RCD_DDL_PG
#include "store/migrations/words.h"

const char *const rcd_schema_pg[] = {
#include "store/migrations/schema_steps.h"
	NULL};
