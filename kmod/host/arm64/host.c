// SPDX-License-Identifier: GPL-2.0-only
/*
 * arm64 hosts: what the core is in AArch32 state.
 *
 * The kernel's sanitised registers hold what all cores have.  The AArch32
 * identification registers have their architected values as soon as AArch32 is
 * implemented at any exception level (ARM DDI 0487 D19, "Otherwise: UNKNOWN"), so
 * also on cores that have it at EL0 only.
 */
#include <linux/bitfield.h>
#include <linux/bits.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>

#include <asm/arch_timer.h>
#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/cputype.h>
#include <asm/sysreg.h>
#include <asm/virt.h>

#include <clocksource/arm_arch_timer.h>

#include <linux/armkvm.h>

#include "../../core/engine-ops.h"
#include "../world.h"
#include "../host.h"
#include "../../core/arm/patch.h"
#include "asid.h"

/* ID_AA64PFR0_EL1.EL0: 0b0010 is AArch64 and AArch32 */
#define AA64PFR0_EL0		GENMASK(3, 0)
#define AA64PFR0_EL0_AARCH32	2

/* ID_AA64MMFR2_EL1.CCIDX: CCSIDR_EL1 is 64 bits, in another format */
#define AA64MMFR2_CCIDX		GENMASK(23, 20)

static const u32 idreg_sys[IDREG_NR] = {
	[IDREG_PFR0] = SYS_ID_PFR0_EL1,
	[IDREG_PFR1] = SYS_ID_PFR1_EL1,
	[IDREG_DFR0] = SYS_ID_DFR0_EL1,
	[IDREG_MMFR0] = SYS_ID_MMFR0_EL1,
	[IDREG_MMFR1] = SYS_ID_MMFR1_EL1,
	[IDREG_MMFR2] = SYS_ID_MMFR2_EL1,
	[IDREG_MMFR3] = SYS_ID_MMFR3_EL1,
	[IDREG_ISAR0] = SYS_ID_ISAR0_EL1,
	[IDREG_ISAR1] = SYS_ID_ISAR1_EL1,
	[IDREG_ISAR2] = SYS_ID_ISAR2_EL1,
	[IDREG_ISAR3] = SYS_ID_ISAR3_EL1,
	[IDREG_ISAR4] = SYS_ID_ISAR4_EL1,
	[IDREG_ISAR5] = SYS_ID_ISAR5_EL1,
	[IDREG_MMFR4] = SYS_ID_MMFR4_EL1,
	[IDREG_ISAR6] = SYS_ID_ISAR6_EL1,
	[IDREG_MVFR0] = SYS_MVFR0_EL1,
	[IDREG_MVFR1] = SYS_MVFR1_EL1,
	/* IDREG_AFR0 is implementation defined, and no guest is told anything of it. */
};

/* ARMv8's CCSIDR in either format to ARMv7's, B4.1.19, clipped to its fields. */
static u32 host_ccsidr_to_v7(u64 val, bool ccidx)
{
	u64 sets, ways;

	if (!ccidx)
		return val;
	ways = FIELD_GET(GENMASK_ULL(23, 3), val);
	sets = FIELD_GET(GENMASK_ULL(55, 32), val);
	return (val & 7) | min_t(u64, ways, 0x3ff) << 3 | min_t(u64, sets, 0x7fff) << 13;
}

/* CSSELR_EL1 is one a core, and the kernel uses it: not interrupted. */
static void host_read_caches(struct armkvm_host_info *info)
{
	bool ccidx = FIELD_GET(AA64MMFR2_CCIDX, read_sanitised_ftr_reg(SYS_ID_AA64MMFR2_EL1));
	unsigned long flags;
	unsigned int n;
	u64 old;

	info->clidr = read_sysreg(clidr_el1) & GENMASK(29, 0);

	local_irq_save(flags);
	old = read_sysreg(csselr_el1);
	for (n = 0; n < ARMKVM_NR_CCSIDR; n++) {
		u32 type = info->clidr >> (n / 2 * 3) & 7;

		/* 0: none; 1: instruction; 2: data; 3: both; 4: unified */
		if (!type || (n & 1 ? !(type & 1) : type == 1))
			continue;
		write_sysreg(n, csselr_el1);
		isb();
		info->ccsidr[n] = host_ccsidr_to_v7(read_sysreg(ccsidr_el1), ccidx);
	}
	write_sysreg(old, csselr_el1);
	isb();
	local_irq_restore(flags);
}

/* ARMv8's CTR in ARMv7's format: the same fields, without IDC, DIC, TminLine. */
static u32 host_ctr_to_v7(u32 val)
{
	return BIT(31) | (val & (GENMASK(27, 14) | GENMASK(3, 0)));
}

/*
 * FPSID can't be read from AArch64 state.  ARM DDI 0487 G8.2: an ARMv8 core has
 * subarchitecture 0b0000011 and says the rest by MVFR0 to MVFR2.
 */
static u32 host_make_fpsid(u32 midr)
{
	return (midr & GENMASK(31, 24)) | 3 << 16;
}

/* ID_ISAR5.AES, DDI 0487 G8.2 */
#define ISAR5_AES		GENMASK(7, 4)

/*
 * Cortex-A57 1742098, Cortex-A72 1655431: an interrupt between AESE and AESMC in AArch32 state spoils
 * the result.  Linux takes AES away from 32-bit programs; one core of these is enough.
 */
static bool host_aes_is_broken(u32 midr)
{
	u32 model = midr & MIDR_CPU_MODEL_MASK;

	return cpus_have_cap(ARM64_WORKAROUND_1742098) || model == MIDR_CORTEX_A57 ||
	       model == MIDR_CORTEX_A72;
}

static const char *host_init(struct armkvm_host_info *info)
{
	u64 pfr0 = read_sanitised_ftr_reg(SYS_ID_AA64PFR0_EL1);
	unsigned int i;

	if (FIELD_GET(AA64PFR0_EL0, pfr0) != AA64PFR0_EL0_AARCH32)
		return "its cores, or some of them, can't execute 32-bit code (no AArch32 at EL0)";
	/*
	 * Without PAN in hardware such a kernel keeps user space out of its own way by swapping
	 * TTBR0_EL1, and its exception entry and exit take a TTBR0_EL1 with an ASID for the
	 * process's own: an exception from our code, between the guest's tables going in and the
	 * ERET, would end with the launcher's tables in front of the guest.
	 */
	if (system_uses_ttbr0_pan())
		return "it emulates PAN by swapping TTBR0 (CONFIG_ARM64_SW_TTBR0_PAN on cores without PAN), which would show the launcher's memory to guests";

	for (i = 0; i < IDREG_NR; i++)
		if (idreg_sys[i])
			info->id[i] = read_sanitised_ftr_reg(idreg_sys[i]);
	if (!info->id[IDREG_ISAR0])
		return "the AArch32 identification registers read as zero; a hypervisor hides them";

	info->midr = read_cpuid_id();
	if (host_aes_is_broken(info->midr))
		info->id[IDREG_ISAR5] &= ~ISAR5_AES;
	info->revidr = read_cpuid(REVIDR_EL1);
	info->aidr = read_sysreg(aidr_el1);
	info->ctr = host_ctr_to_v7(read_sanitised_ftr_reg(SYS_CTR_EL0));
	info->fpsid = host_make_fpsid(info->midr);
	host_read_caches(info);

	/* MVFR0.SIMDReg: AArch32 at EL0 has 32 registers, or none with FP disabled. */
	info->vfp_dregs = (info->id[IDREG_MVFR0] & 0xf) >= 2 ? 32 : 0;
	info->counter_hz = arch_timer_get_cntfrq();
	if (!info->counter_hz)
		return "the generic timer's frequency (CNTFRQ_EL0) is not set";
	return NULL;
}

/*
 * A kernel at EL2 (HCR_EL2.E2H) gets no LDRT to execute.  The architecture has nothing
 * against it, but QEMU up to 10.0 at least ends there as a whole: its translator knows
 * no unprivileged access in AArch32 state of the EL2&0 regime.
 */
unsigned int host_patch_opts(void)
{
	return is_kernel_in_hyp_mode() ? PATCH_PLAIN : 0;
}

static u64 host_counter(void)
{
	return arch_timer_read_counter();
}

const struct armkvm_host_ops armkvm_host_ops = {
	.name = "arm64",
	.init = host_init,
	.counter = host_counter,
	.modes = BIT(ARMKVM_MODE_SHADOW),
	.mm_wanted = asid_wanted,
	.give_mm = asid_give,
	.engine = &armkvm_shadow_engine,
};
