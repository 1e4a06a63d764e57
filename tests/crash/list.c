/* Names every crash point of the library and of recadod, one a line. */
#define RCD_NO_POINTS
#include "tests/crash/points.h"

#include <stdio.h>

extern const struct rcd_crash_point *const __start_rcd_crash[], *const __stop_rcd_crash[];

int main(void)
{
	char name[RCD_CRASH_NAME];

	for (const struct rcd_crash_point *const *p = __start_rcd_crash; p < __stop_rcd_crash; p++) {
		rcd_crash_name(*p, name);
		if (puts(name) < 0)
			return 1;
	}
	return 0;
}
