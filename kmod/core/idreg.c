// SPDX-License-Identifier: GPL-2.0-only
/*
 * Identification registers, field by field.
 *
 * A guest's user code, and its kernel's too, runs on the bare core at PL0: an
 * instruction-set feature is there if the host core has it.  What needs
 * privilege traps and is the module's own: there the module's limit counts,
 * whatever the core has.  Fields grow with what they promise (ARM DDI 0406C
 * B7.1), so a smaller value than the limit asks for less, and is fine.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>

#include "idreg.h"

struct idreg_rule {
	u32 native;	/* fields whose limit, and default, is the host core's value */
	u32 emulated;	/* the limit of native fields that the core has less of */
	u32 offered;	/* of these, what is the default on such a core, too */
	u32 limit;	/* the limit of the other fields */
	u32 preset;	/* the default of the other fields */
	u32 none;	/* fields in which 0b1111 means less than 0b0000 */
};

static const struct idreg_rule idreg_rules[IDREG_NR] = {
	/*
	 * B4.1.93.  ARM, Thumb and ThumbEE run natively.  Jazelle only in the
	 * trivial form (BXJ is BX), which needs nothing.
	 */
	[IDREG_PFR0] = { .native = 0x0000f0ff, .limit = 0x00000100, .preset = 0x00000100 },
	/*
	 * B4.1.94.  The module makes the modes of the ARMv4 programmers' model and
	 * the generic timer; it has no security or virtualization extensions.
	 */
	[IDREG_PFR1] = { .limit = 0x00010001, .preset = 0x00010001 },
	/*
	 * B4.1.82.  No debug logic: cp14 reads as zero (DBGDIDR too, so that
	 * a guest sees no breakpoints).  Performance monitors: version 2, or 1 as older
	 * cores have, or what a launcher calls none: 0b0000 or 0b1111.
	 */
	[IDREG_DFR0] = { .limit = 0x02000000, .preset = 0x02000000, .none = 0x0f000000 },
	/* B4.1.81.  Implementation defined: none. */
	[IDREG_AFR0] = { },
	/*
	 * B4.1.89.  The MMU is the module's: VMSAv7 with the long descriptors and
	 * PXN, no TCM, no FCSE, ACTLR and the auxiliary fault status registers.
	 * Shareability: 0b1111 is "not coherent", less than 0b0000.
	 */
	[IDREG_MMFR0] = { .limit = 0x10201105, .preset = 0x10201105, .none = 0xf0000f00 },
	/*
	 * B4.1.90.  Branch predictor: 0b0100 is "never needs flushing", the
	 * others ask a guest to do more than it must.
	 */
	[IDREG_MMFR1] = { .limit = 0x40000000, .preset = 0x40000000 },
	/*
	 * B4.1.91.  WFI waits, barriers as instructions and as cp15 operations,
	 * TLB maintenance up to TLBIMVAAIS; 0b0100 adds Hyp mode's, which a
	 * guest without Hyp mode can't use, but which Cortex-A7 and A15 report.
	 * Cortex-A8 counts the operations on separate TLBs, which all have.
	 */
	[IDREG_MMFR2] = { .limit = 0x01242000, .preset = 0x01240000 },
	/*
	 * B4.1.92.  40-bit addresses, walks that see the data cache, broadcast
	 * maintenance, maintenance by MVA and set/way.  Supersections: 0b0000 is
	 * present, 0b1111 absent.
	 */
	[IDREG_MMFR3] = { .limit = 0x02102211, .preset = 0x02102211, .none = 0xf0000000 },
	/* B4.1.83.  No other coprocessors (field 4).  SWP and SWPB are emulated. */
	[IDREG_ISAR0] = { .native = 0x0ff0ffff, .emulated = 0x00000001 },
	/*
	 * B4.1.84.  Exception instructions (RFE, SRS, LDM^, CPS) are emulated,
	 * on a core that can't but have them.
	 */
	[IDREG_ISAR1] = { .native = 0xfffff00f, .limit = 0x00000110, .preset = 0x00000110 },
	/* B4.1.85 */
	[IDREG_ISAR2] = { .native = 0xffffffff },
	/* B4.1.86.  ThumbEE's copy of the field is as in ID_PFR0. */
	[IDREG_ISAR3] = { .native = 0xffffffff },
	/*
	 * B4.1.87.  SMC is intercepted (PSCI).  No M-profile PSR instructions.  SWP
	 * as above, which ARMv8 cores lack.  The fraction of the exclusive accesses has a meaning beside
	 * ID_ISAR3's 0b0001 only; ARMv7-A cores have 0b0010, and so all of them.
	 */
	[IDREG_ISAR4] = { .native = 0xf0ff0fff, .emulated = 0x10300000, .offered = 0x10000000,
			  .limit = 0x00001000, .preset = 0x00001000 },
	/* B4.1.88; DDI 0487: cryptography, CRC32 and so on of an ARMv8 core at EL0 */
	[IDREG_ISAR5] = { .native = 0xff0fffff },
	/* DDI 0487 G8.2: ARMv8's memory model features are privileged; the module has none. */
	[IDREG_MMFR4] = { },
	/*
	 * DDI 0487 G8.2: dot product and so on at EL0; not the prediction
	 * restriction instructions (field 4), which are system instructions.
	 */
	[IDREG_ISAR6] = { .native = 0x0ff0ffff },
	/* B4.1.108, B4.1.109.  Floating point and SIMD run natively. */
	[IDREG_MVFR0] = { .native = 0xffffffff },
	[IDREG_MVFR1] = { .native = 0xffffffff },
};

u32 armkvm_idreg_default(enum armkvm_idreg reg)
{
	const struct idreg_rule *rule = &idreg_rules[reg];

	u32 val = (armkvm_host.id[reg] & rule->native) | (rule->preset & ~rule->native);
	unsigned int shift;

	for (shift = 0; shift < 32; shift += 4)
		if (!(val >> shift & 0xf))
			val |= rule->offered & 0xfU << shift;
	return val;
}

bool armkvm_idreg_allowed(enum armkvm_idreg reg, u32 val)
{
	const struct idreg_rule *rule = &idreg_rules[reg];
	u32 limit = (armkvm_host.id[reg] & rule->native) | (rule->limit & ~rule->native);
	unsigned int shift;

	for (shift = 0; shift < 32; shift += 4) {
		u32 field = val >> shift & 0xf;
		u32 most = max(limit >> shift & 0xf, rule->emulated >> shift & 0xf);

		if (field == 0xf && (rule->none >> shift & 0xf))
			continue;
		if (field > most)
			return false;
	}
	return true;
}
