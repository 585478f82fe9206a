// SPDX-License-Identifier: GPL-2.0-only
/* ARMv7 host: what code at PL0 may do besides executing; see pl0.h. */
#include <asm/barrier.h>

#include "../../core/vcpu.h"
#include "../host.h"
#include "pl0.h"

#define CNTKCTL_PL0	(CNTKCTL_PL0PCTEN | CNTKCTL_PL0VCTEN | CNTKCTL_PL0VTEN | CNTKCTL_PL0PTEN)

/* DBGDSCR, C11.11.20 */
#define DSCR_UDCCDIS	(1U << 12)
#define DSCR_MDBGEN	(1U << 15)

/* JOSCR.CD, B4.1.103; JMCR.JE, B4.1.102 */
#define JOSCR_CD	(1U << 1)
#define JMCR_JE		(1U << 0)

#define MRC14(opc1, crn, crm, opc2) ({					\
	u32 __val;							\
	asm volatile("mrc p14, " #opc1 ", %0, " #crn ", " #crm ", " #opc2 \
		     : "=r" (__val));					\
	__val;								\
})
#define MCR14(val, opc1, crn, crm, opc2) ({				\
	asm volatile("mcr p14, " #opc1 ", %0, " #crn ", " #crm ", " #opc2 \
		     : : "r" (val));					\
})

/* What of the core PL0 could reach, found at load; shadow-mode.rst has the table. */
static struct {
	bool timer;		/* the generic timer */
	bool debug;		/* DBGDSCR */
	bool pmu;		/* PMUSERENR */
	bool thumbee;		/* TEEHBR, which PL0 may write */
	bool jazelle;		/* one that isn't trivial */
} pl0;

void pl0_init(void)
{
	u32 pmu = armkvm_host.id[IDREG_DFR0] >> 24 & 0xf;

	pl0.timer = armkvm_host.id[IDREG_PFR1] >> 16 & 0xf;
	/* ID_DFR0.CopDbg, B4.1.82: v7 Debug or later, by cp14 */
	pl0.debug = (armkvm_host.id[IDREG_DFR0] & 0xf) >= 4;
	pl0.pmu = pmu && pmu != 0xf;
	/* TEECR.XED, B4.1.133: PL0 may not access it */
	pl0.thumbee = (armkvm_host.id[IDREG_PFR0] >> 12 & 0xf) && !(MRC14(6, c0, c0, 0) & 1);
	pl0.jazelle = (armkvm_host.id[IDREG_PFR0] >> 8 & 0xf) && MRC14(7, c0, c0, 0);
}

bool pl0_has_timer(void)
{
	return pl0.timer;
}

/*
 * Breakpoints and watchpoints of the host's are on its own addresses, and PL0 may not have the debug
 * channel and DBGDIDR.  DBGDSCRext may be written if Linux could: then MDBGen is set.
 * If it isn't, no breakpoint works either.
 */
static void pl0_enter_debug(struct pl0_state *host)
{
	host->dscr = MRC14(0, c0, c1, 0);
	if (host->dscr & DSCR_MDBGEN)
		MCR14((host->dscr & ~DSCR_MDBGEN) | DSCR_UDCCDIS, 0, c0, c2, 2);
}

/*
 * The timers are the host's: accesses trap.  So does the count, unless it is the guest's, too: then PL0
 * reads CNTVCT, and with it CNTFRQ (B8.1.1), which firmware may have forgotten on some core.
 */
static void pl0_enter_timer(struct pl0_state *host, bool own_count)
{
	u32 traps = CNTKCTL_PL0, hz;

	asm volatile("mrc p15, 0, %0, c14, c1, 0" : "=r" (host->cntkctl));
	if (own_count) {
		asm volatile("mrc p15, 0, %0, c14, c0, 0" : "=r" (hz));
		if (hz == armkvm_host.counter_hz)
			traps &= ~CNTKCTL_PL0VCTEN;
	}
	asm volatile("mcr p15, 0, %0, c14, c1, 0" : : "r" (host->cntkctl & ~traps));
}

void pl0_enter(struct pl0_state *host, const struct armkvm_vcpu *vcpu, bool own_count)
{
	if (pl0.timer)
		pl0_enter_timer(host, own_count);
	if (pl0.debug)
		pl0_enter_debug(host);
	if (pl0.pmu) {
		asm volatile("mrc p15, 0, %0, c9, c14, 0" : "=r" (host->pmuserenr));
		asm volatile("mcr p15, 0, %0, c9, c14, 0" : : "r" (0));
	}
	if (pl0.thumbee) {
		host->teehbr = MRC14(6, c1, c0, 0);
		MCR14(vcpu->cp15[CP14_TEEHBR], 6, c1, c0, 0);
	}
	if (pl0.jazelle) {
		host->joscr = MRC14(7, c1, c0, 0);
		host->jmcr = MRC14(7, c2, c0, 0);
		MCR14(host->joscr | JOSCR_CD, 7, c1, c0, 0);
		MCR14(host->jmcr & ~JMCR_JE, 7, c2, c0, 0);
	}
	/* The entry's ISB makes it effective. */
}

void pl0_leave(const struct pl0_state *host, struct armkvm_vcpu *vcpu)
{
	if (pl0.timer)
		asm volatile("mcr p15, 0, %0, c14, c1, 0" : : "r" (host->cntkctl));
	if (pl0.debug && (host->dscr & DSCR_MDBGEN))
		MCR14(host->dscr, 0, c0, c2, 2);
	if (pl0.pmu)
		asm volatile("mcr p15, 0, %0, c9, c14, 0" : : "r" (host->pmuserenr));
	if (pl0.thumbee) {
		vcpu->cp15[CP14_TEEHBR] = MRC14(6, c1, c0, 0);
		MCR14(host->teehbr, 6, c1, c0, 0);
	}
	if (pl0.jazelle) {
		MCR14(host->jmcr, 7, c2, c0, 0);
		MCR14(host->joscr, 7, c1, c0, 0);
	}
	isb();
}

void pl0_put_cntkctl(u32 cntkctl)
{
	if (pl0.timer)
		asm volatile("mcr p15, 0, %0, c14, c1, 0" : : "r" (cntkctl));
}

u32 pl0_get_cntkctl(void)
{
	u32 cntkctl = 0;

	if (pl0.timer)
		asm volatile("mrc p15, 0, %0, c14, c1, 0" : "=r" (cntkctl));
	return cntkctl;
}
