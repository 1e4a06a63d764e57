#ifndef RCD_MODES_H
#define RCD_MODES_H

/* Who else on this machine may read what we write: nobody but our group. */

/* For main(), before anything is created or read: others lose all access, whatever the caller's
 * umask, and this process and its children leave no core dump, nor may another process of the user
 * look into their memory, where keys are. Only root attaches a debugger. (Builds with a sanitizer
 * are left alone: its search for leaks attaches to its own process.) */
void rcd_modes_init(void);

/* Takes others' access away from an existing SQLite store (and its log, index and lock). What was
 * mended is logged, and what could not be: database_url of another engine is left alone. */
void rcd_modes_mend_store(const char *database_url);

#endif
