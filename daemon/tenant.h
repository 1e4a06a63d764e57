#ifndef RCD_TENANT_H
#define RCD_TENANT_H

/* The tenant of the daemon and of the commands: an installation has one. */
#define RCD_TENANT 1

#endif
