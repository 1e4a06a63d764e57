#include "store/schema.h"

#include <stddef.h>

#define RCD_DDL_SQLITE
#include "store/migrations/words.h"

const char *const rcd_schema_sqlite[] = {
#include "store/migrations/schema_steps.h"
	NULL};
