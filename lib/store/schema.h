#ifndef RCD_STORE_SCHEMA_H
#define RCD_STORE_SCHEMA_H

/* The texts that lead from an empty database to the newest schema, one per version and
 * engine, NULL at the end. One source: migrations/. */

extern const char *const rcd_schema_sqlite[];
extern const char *const rcd_schema_pg[];

#endif
