// SPDX-License-Identifier: GPL-2.0-only
/* Offsets of struct host_arm64_ctx for the assembly. */
#include <linux/kbuild.h>
#include <linux/types.h>

#include "switch.h"

#define CTX(name, member)	DEFINE(CTX_##name, offsetof(struct host_arm64_ctx, member))

int main(void)
{
	CTX(R0, cpu.r[0]);
	CTX(PC, cpu.pc);
	CTX(SCTLR, sctlr);
	CTX(PSTATE, pstate);
	CTX(BHB_LOOPS, bhb_loops);
	CTX(ELR, elr);
	CTX(ESR, esr);
	CTX(SOURCE, source);
	CTX(HOST_VBAR, host_vbar);
	CTX(HOST_SCTLR, host_sctlr);
	CTX(HOST_TCR, host_tcr);
	CTX(HOST_TTBR0, host_ttbr0);
	return 0;
}
