#include "net/account.h"

#include <stddef.h>

static uint64_t get_fault_bit(unsigned op, enum rcd_account_fault fault)
{
	return fault == RCD_ACCOUNT_QUOTA ? (uint64_t)op << 32 : (uint64_t)op;
}

static uint64_t get_fault_half(uint64_t word, enum rcd_account_fault fault)
{
	return fault == RCD_ACCOUNT_QUOTA ? word >> 32 : word & UINT32_MAX;
}

void rcd_account_report(struct rcd_account *a, unsigned op, int ret, const struct rcd_err *err)
{
	const enum rcd_account_fault fault = ret == 0 ? RCD_ACCOUNT_FINE : err->account;
	const uint64_t both = get_fault_bit(op, RCD_ACCOUNT_KEY) | get_fault_bit(op, RCD_ACCOUNT_QUOTA);
	uint64_t old = atomic_load(a->word), now;

	if (ret != 0 && fault == RCD_ACCOUNT_FINE)
		return; /* a failure of another kind says nothing of the account */
	do {
		now = old & ~both;
		if (fault != RCD_ACCOUNT_FINE)
			now |= get_fault_bit(op, fault);
		if (now == old)
			return;
	} while (!atomic_compare_exchange_weak(a->word, &old, now));
	if (a->tell == NULL)
		return;
	if (fault != RCD_ACCOUNT_FINE && get_fault_half(old, fault) == 0)
		a->tell(a->arg, a->provider, fault, err);
	else if (fault == RCD_ACCOUNT_FINE && now == 0)
		a->tell(a->arg, a->provider, fault, NULL);
}
