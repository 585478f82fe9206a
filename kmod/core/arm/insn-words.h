/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Words of A32 instructions, condition AL, their registers Rt and Rt2 left out (bits 15:12; MRRC: and
 * 19:16).  For C and assembly: plain numbers.  Section numbers are of ARM DDI 0406C.
 */
#ifndef ARMKVM_CORE_ARM_INSN_WORDS_H
#define ARMKVM_CORE_ARM_INSN_WORDS_H

/* cp15 to be read: MRC p15, 0, Rt, ... */
#define A32_MRC_CTR		0xee100f30	/* c0, c0, 1: B4.1.42 */
#define A32_MRC_ID_MMFR3	0xee100ff1	/* c0, c1, 7: B4.1.92 */
#define A32_MRC_TTBR1		0xee120f30	/* c2, c0, 1: B4.1.155 */
#define A32_MRC_TTBCR		0xee120f50	/* c2, c0, 2: B4.1.153 */
#define A32_MRC_DFSR		0xee150f10	/* c5, c0, 0: B4.1.52 */
#define A32_MRC_IFSR		0xee150f30	/* c5, c0, 1: B4.1.96 */
#define A32_MRC_DFAR		0xee160f10	/* c6, c0, 0: B4.1.51 */
#define A32_MRC_IFAR		0xee160f50	/* c6, c0, 2: B4.1.95 */
/* MRRC p15, 1, Rt, Rt2, c14: B4.1.34 */
#define A32_MRRC_CNTVCT		0xec500f1e

/* cp15 to be written: MCR p15, 0, Rt, ... */
#define A32_MCR_TTBCR		0xee020f50	/* c2, c0, 2 */
#define A32_MCR_ICIALLUIS	0xee070f11	/* c7, c1, 0: B4.2.1, as all that follow */
#define A32_MCR_BPIALLIS	0xee070fd1	/* c7, c1, 6 */
#define A32_MCR_ICIALLU		0xee070f15	/* c7, c5, 0 */
#define A32_MCR_ICIMVAU		0xee070f35	/* c7, c5, 1 */
#define A32_MCR_BPIALL		0xee070fd5	/* c7, c5, 6 */
#define A32_MCR_BPIMVA		0xee070ff5	/* c7, c5, 7 */
#define A32_MCR_DCISW		0xee070f56	/* c7, c6, 2 */
#define A32_MCR_DCCSW		0xee070f5a	/* c7, c10, 2 */
#define A32_MCR_DCCISW		0xee070f5e	/* c7, c14, 2 */

/* B9.3.21, B9.3.22 */
#define A32_VMSR_FPEXC		0xeee80a10
#define A32_VMRS_FPEXC		0xeef80a10

/* What tells a read of a coprocessor register from a write */
#define A32_CP_READ		0x00100000

#endif /* ARMKVM_CORE_ARM_INSN_WORDS_H */
