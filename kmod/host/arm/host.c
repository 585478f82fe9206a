// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARMv7-A hosts: what the core is.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include <asm/arch_timer.h>
#include <asm/cp15.h>
#include <asm/cputype.h>
#include <asm/hwcap.h>

#include <clocksource/arm_arch_timer.h>

#include <linux/armkvm.h>

#include "../../core/engine-ops.h"
#include "../world.h"
#include "../host.h"
#include "priv.h"

#define MRC15(opc1, crn, crm, opc2) ({					\
	u32 __val;							\
	asm volatile("mrc p15, " #opc1 ", %0, " #crn ", " #crm ", " #opc2 \
		     : "=r" (__val));					\
	__val;								\
})

/* All ones: look at the identification registers, B4.1.105 */
#define MIDR_ARCHITECTURE	GENMASK(19, 16)
/* ID_MMFR0.VMSA, B4.1.89: VMSAv7 with remapping and access flag */
#define MMFR0_VMSA		GENMASK(3, 0)
#define MMFR0_VMSA_V7		3
/* ID_PFR1.GenTimer, ARM DDI 0406C B4.1.94 */
#define PFR1_GENTIMER	GENMASK(19, 16)

static DEFINE_RAW_SPINLOCK(ids_lock);	/* in an interrupt on each core */

/* B4.1.83 ff.; ID_MMFR4 and ID_ISAR6 read as zero before ARMv8. */
static void host_read_idregs(u32 *id)
{
	id[IDREG_PFR0] = MRC15(0, c0, c1, 0);
	id[IDREG_PFR1] = MRC15(0, c0, c1, 1);
	id[IDREG_DFR0] = MRC15(0, c0, c1, 2);
	id[IDREG_AFR0] = MRC15(0, c0, c1, 3);
	id[IDREG_MMFR0] = MRC15(0, c0, c1, 4);
	id[IDREG_MMFR1] = MRC15(0, c0, c1, 5);
	id[IDREG_MMFR2] = MRC15(0, c0, c1, 6);
	id[IDREG_MMFR3] = MRC15(0, c0, c1, 7);
	id[IDREG_ISAR0] = MRC15(0, c0, c2, 0);
	id[IDREG_ISAR1] = MRC15(0, c0, c2, 1);
	id[IDREG_ISAR2] = MRC15(0, c0, c2, 2);
	id[IDREG_ISAR3] = MRC15(0, c0, c2, 3);
	id[IDREG_ISAR4] = MRC15(0, c0, c2, 4);
	id[IDREG_ISAR5] = MRC15(0, c0, c2, 5);
	id[IDREG_MMFR4] = MRC15(0, c0, c2, 6);
	id[IDREG_ISAR6] = MRC15(0, c0, c2, 7);
}

/*
 * B4.1.59, B4.1.108, B4.1.109.  The kernel has given itself access to the
 * coprocessors; these three need no FPEXC.EN.
 */
static void host_read_vfp(struct armkvm_host_info *info, u32 *id)
{
	u32 fpsid, mvfr0, mvfr1;

	asm volatile(".fpu vfpv3\n"
		     "	vmrs	%0, fpsid\n"
		     "	vmrs	%1, mvfr0\n"
		     "	vmrs	%2, mvfr1\n"
		     : "=r" (fpsid), "=r" (mvfr0), "=r" (mvfr1));
	info->fpsid = fpsid;
	id[IDREG_MVFR0] = mvfr0;
	id[IDREG_MVFR1] = mvfr1;
}

/* On each core: keeps of every feature field the least, for guests move between cores. */
static void host_read_this_core(void *arg)
{
	struct armkvm_host_info *info = arg;
	u32 id[IDREG_NR] = { };
	unsigned int i, shift;

	host_read_idregs(id);
	if (info->vfp_dregs)
		host_read_vfp(info, id);

	raw_spin_lock(&ids_lock);
	for (i = 0; i < IDREG_NR; i++) {
		for (shift = 0; shift < 32; shift += 4) {
			u32 field = 0xfU << shift;

			if ((id[i] & field) < (info->id[i] & field))
				info->id[i] = (info->id[i] & ~field) | (id[i] & field);
		}
	}
	raw_spin_unlock(&ids_lock);
}

/* B4.1.19, B4.1.41.  CSSELR is one a core, and the kernel uses it: not interrupted. */
static void host_read_caches(struct armkvm_host_info *info)
{
	unsigned long flags;
	unsigned int n;
	u32 old;

	info->clidr = MRC15(1, c0, c0, 1) & GENMASK(29, 0);

	local_irq_save(flags);
	old = MRC15(2, c0, c0, 0);
	for (n = 0; n < ARMKVM_NR_CCSIDR; n++) {
		u32 type = info->clidr >> (n / 2 * 3) & 7;

		/* 0: none; 1: instruction; 2: data; 3: both; 4: unified */
		if (!type || (n & 1 ? !(type & 1) : type == 1))
			continue;
		asm volatile("mcr p15, 2, %0, c0, c0, 0" : : "r" (n));
		isb();
		info->ccsidr[n] = MRC15(1, c0, c0, 0);
	}
	asm volatile("mcr p15, 2, %0, c0, c0, 0" : : "r" (old));
	isb();
	local_irq_restore(flags);
}

/* The generic timer, where there is one and firmware has set its frequency. */
static u32 host_hardware_counter_hz(const struct armkvm_host_info *info)
{
	return info->id[IDREG_PFR1] & PFR1_GENTIMER ? arch_timer_get_cntfrq() : 0;
}

static bool have_hardware_counter;

static u64 host_counter(void)
{
	return have_hardware_counter ? arch_timer_read_counter() : armkvm_soft_counter();
}

static const char *host_init(struct armkvm_host_info *info)
{
	info->midr = read_cpuid_id();
	if ((info->midr & MIDR_ARCHITECTURE) != MIDR_ARCHITECTURE ||
	    (MRC15(0, c0, c1, 4) & MMFR0_VMSA) < MMFR0_VMSA_V7)
		return "the core is not an ARMv7-A one with VMSAv7";

	info->revidr = MRC15(0, c0, c0, 6);
	info->aidr = MRC15(1, c0, c0, 7);
	info->ctr = read_cpuid_cachetype();
	host_read_caches(info);

	if (elf_hwcap & HWCAP_VFPv3)
		info->vfp_dregs = elf_hwcap & HWCAP_VFPD32 ? 32 : 16;
	memset(info->id, 0xff, sizeof(info->id));
	on_each_cpu(host_read_this_core, info, 1);

	info->counter_hz = host_hardware_counter_hz(info);
	have_hardware_counter = info->counter_hz;
	if (!info->counter_hz)
		info->counter_hz = ARMKVM_SOFT_COUNTER_HZ;
	return NULL;
}

unsigned int host_patch_opts(void)
{
	return 0;
}

const struct armkvm_host_ops armkvm_host_ops = {
	.name = "ARMv7-A",
	.init = host_init,
	.counter = host_counter,
	.modes = BIT(ARMKVM_MODE_SHADOW),
	.priv = &host_arm_priv_ops,
	.engine = &armkvm_shadow_engine,
};
