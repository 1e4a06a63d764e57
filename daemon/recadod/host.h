#ifndef RCD_HOST_H
#define RCD_HOST_H

#include <stdint.h>

/* A number from 1 to 2^31-1 for the instance of this machine that works in state_dir: the same
 * after every restart, another one on every other machine (machine-id, host name, folder). */
int64_t rcd_host_number(const char *state_dir);

#endif
