/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host program and the bare-metal guest of the walk oracle share.
 *
 * The host writes a file of configurations (cp15 values), items (an address
 * and what to do with it) and table memory; the emulator loads it; the guest
 * does each item on the emulated MMU and writes one result an item; the host
 * compares with walk.c.  All intelligence is on the host's side.
 */
#ifndef WALK_ORACLE_H
#define WALK_ORACLE_H

#include <linux/types.h>

/* Places in guest RAM, as offsets from its start */
#define ORACLE_CASES	0x00200000U
#define ORACLE_STACK	0x00008000U	/* bytes below ORACLE_ARENA; code may be read-only */
#define ORACLE_ARENA	0x00a00000U	/* table memory */
#define ORACLE_RESULTS	0x02000000U
#define ORACLE_FIXED	0x04000000U	/* up to here mapped flat for the guest itself */
#define ORACLE_SCRATCH	0x04000000U	/* 16 MiB of ORACLE_SVC */
#define ORACLE_RAM_SIZE	0x08000000U

#define ORACLE_MAGIC	0x6b6c6177U	/* "walk" */
#define ORACLE_SVC	0xef000000U	/* svc #0 */

enum oracle_op {
	/*
	 * Address translation operations from Secure state, where the MMU is off, on
	 * a configuration of Non-secure state: no restriction on it at all.  The
	 * unprivileged pair isn't here, because QEMU gets it wrong (it takes the
	 * Secure SCTLR.M).
	 */
	ORACLE_NS_PR,
	ORACLE_NS_PW,
	/* the same on the current configuration, MMU on, the guest mapped */
	ORACLE_ATS_PR,
	ORACLE_ATS_PW,
	ORACLE_ATS_UR,
	ORACLE_ATS_UW,
	/* real accesses */
	ORACLE_LDR,
	ORACLE_STR,
	ORACLE_LDRT,
	ORACLE_STRT,
	ORACLE_EXEC_PRIV,
	ORACLE_EXEC_USER,
	ORACLE_NR_OPS,
};

struct oracle_item {
	__u32 gva;
	__u32 op;
};

struct oracle_cfg {
	__u32 sctlr;		/* bits to set on top of the reset value */
	__u32 ttbcr;
	__u64 ttbr0;
	__u64 ttbr1;
	__u32 dacr;
	__u32 mair0;		/* PRRR */
	__u32 mair1;		/* NMRR */
	__u32 nr_items;
	struct oracle_item item[];
};

struct oracle_cases {
	__u32 magic;
	__u32 nr_cfgs;
	__u32 lpae;		/* the guest may use 64-bit TTBRs and PAR */
	__u32 reserved;
	/* struct oracle_cfg follow */
};

enum oracle_outcome {
	ORACLE_OK,
	ORACLE_DABT,
	ORACLE_PABT,
	ORACLE_OTHER,		/* an exception that nobody expects */
};

struct oracle_result {
	__u32 outcome;
	__u32 fsr;
	__u32 far;
	__u32 reserved;
	__u64 par;		/* address translation operations without exception */
};

#endif /* WALK_ORACLE_H */
