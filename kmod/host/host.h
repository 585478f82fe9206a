/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The boundary to the host's own architecture: what is asked at load.
 *
 * core/ never asks which host it runs on.  The Kbuild links one of host/arm/ and
 * host/arm64/, with exactly one instance of struct armkvm_host_ops.  The other parts of
 * the boundary are the shadow entries (<host_spte.h>) and the world switch
 * (<host_world.h>); host.rst lists all that a host supplies.
 */
#ifndef ARMKVM_HOST_HOST_H
#define ARMKVM_HOST_HOST_H

#include <linux/types.h>

/* The identification registers that are compared field by field, see idreg.h. */
enum armkvm_idreg {
	IDREG_PFR0,
	IDREG_PFR1,
	IDREG_DFR0,
	IDREG_AFR0,
	IDREG_MMFR0,
	IDREG_MMFR1,
	IDREG_MMFR2,
	IDREG_MMFR3,
	IDREG_ISAR0,
	IDREG_ISAR1,
	IDREG_ISAR2,
	IDREG_ISAR3,
	IDREG_ISAR4,
	IDREG_ISAR5,
	IDREG_MMFR4,
	IDREG_ISAR6,
	IDREG_MVFR0,
	IDREG_MVFR1,
	IDREG_NR,
};

/* One CCSIDR for each CSSELR value: seven levels, data (or unified) and instruction. */
#define ARMKVM_NR_CCSIDR	14

/*
 * What the host core is, in the AArch32 view, whatever the host runs in.
 * Filled once, before the device node appears; constant from then on.
 */
struct armkvm_host_info {
	u32 midr;
	u32 revidr;
	u32 aidr;
	u32 ctr;
	u32 clidr;
	u32 ccsidr[ARMKVM_NR_CCSIDR];	/* ARMv7 format, 0 where there is no cache */
	u32 id[IDREG_NR];		/* what all of the host's cores have */
	u32 fpsid;
	u32 vfp_dregs;			/* 0 (no VFP), 16 or 32 */
	u32 counter_hz;			/* frequency of armkvm_host_ops.counter, never 0 */
};

struct armkvm_engine;
struct host_priv_ops;

struct armkvm_host_ops {
	/* For the log: the kind of host. */
	const char *name;
	/* Mask of 1 << ARMKVM_MODE_*: guest modes that can run here. */
	u32 modes;
	/*
	 * Can this core serve, and what is it?  Returns NULL with *info filled,
	 * or the reason for a person to read why it can't.  Called once at load,
	 * may sleep.
	 */
	const char *(*init)(struct armkvm_host_info *info);
	/*
	 * The count that guests derive their generic timer's from, in
	 * counter_hz.  Any context.
	 */
	u64 (*counter)(void);
	/*
	 * Hosts whose TLB distinguishes guests by ASIDs that only the kernel can
	 * give (else NULL): how many address spaces are wanted, and the
	 * calling process's becomes the module's at its end.  Process context,
	 * may sleep.  Returns 0 or -errno: ARMKVM_GIVE_MM in api.rst.
	 */
	unsigned int (*mm_wanted)(void);
	int (*give_mm)(void);
	/* Guests that run privileged; NULL: not on this kind of host. */
	const struct host_priv_ops *priv;
	/* What runs guests here; NULL: nothing yet. */
	const struct armkvm_engine *engine;
};

extern const struct armkvm_host_ops armkvm_host_ops;
/* main.c; written once before the first open, read without locks after. */
extern struct armkvm_host_info armkvm_host;

/* Makes instruction caches and branch predictors of all CPUs forget what they have. */
void host_invalidate_icache(void);

/* Makes new instructions at @va (kernel address) visible to fetches of all CPUs. */
void host_sync_icache(void *va, size_t size);

/*
 * A count for hosts without the generic timer (Cortex-A5, A8, A9): the
 * monotonic clock at ARMKVM_SOFT_COUNTER_HZ.
 */
#define ARMKVM_SOFT_COUNTER_HZ	62500000
u64 armkvm_soft_counter(void);

#endif /* ARMKVM_HOST_HOST_H */
