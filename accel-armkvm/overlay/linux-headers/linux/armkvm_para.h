/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-2-Clause) */
/*
 * armkvm: the contract between a guest and the hypervisor.
 *
 * Calls follow the SMC Calling Convention (Arm DEN 0028): fast calls in the
 * vendor-specific hypervisor range, 32-bit convention, made with HVC #0.  The
 * function number is in r0, arguments in r1-r6; results come back in r0-r3,
 * everything else is preserved.  r0 is a status, 0 or negative, unless said
 * otherwise.  A call that the hypervisor doesn't offer answers
 * ARMKVM_HC_NOT_SUPPORTED, so a guest may simply try.
 *
 * A call that may take long (the string calls, PT_UPDATE) can be interrupted.
 * The exception's return address is then the HVC itself, and r0 to r3 are such
 * that executing it again goes on: ARMKVM_HC_CONTINUED is set in r0.
 *
 * Discovery, either way:
 *   device tree  /hypervisor { compatible = "armkvm,armkvm"; method = "hvc"; }
 *   call         ARMKVM_HC_CALL_UID answers the four words of ARMKVM_HC_UID_*
 * and then ARMKVM_HC_FEATURES for the bits ARMKVM_PV_*.
 *
 * The file is plain C and assembler-safe: guests that are not Linux may take it.
 * kernel-abi/doc/hypercalls.rst documents each call in one fixed form.
 */
#ifndef _UAPI_ASM_ARMKVM_PARA_H
#define _UAPI_ASM_ARMKVM_PARA_H

#define ARMKVM_PARA_DT_COMPATIBLE	"armkvm,armkvm"

/* b95870e0-456e-4e40-8c32-f7a084563337 as SMCCC returns a UUID: bytes 0-3 in r0, low byte first */
#define ARMKVM_HC_UID_0			0xe07058b9
#define ARMKVM_HC_UID_1			0x404e6e45
#define ARMKVM_HC_UID_2			0xa0f7328c
#define ARMKVM_HC_UID_3			0x37335684

#define ARMKVM_HC_REVISION_MAJOR	1
#define ARMKVM_HC_REVISION_MINOR	0

/* status in r0 */
#define ARMKVM_HC_SUCCESS		0
#define ARMKVM_HC_NOT_SUPPORTED		(-1)
#define ARMKVM_HC_INVALID		(-3)	/* an argument is out of range */
#define ARMKVM_HC_DENIED		(-4)	/* made from user mode */
#define ARMKVM_HC_BAD_ADDRESS		(-5)	/* not a device, or memory the caller can't reach */

/* fast call, 32-bit convention, owner 6: vendor-specific hypervisor service */
#define ARMKVM_HC(n)			(0x86000000 + (n))
/* Added to the function number by the hypervisor, while the call is interrupted */
#define ARMKVM_HC_CONTINUED		0x8000

#define ARMKVM_HC_CALL_UID		ARMKVM_HC(0xff01)	/* r0-r3: UID */
#define ARMKVM_HC_REVISION		ARMKVM_HC(0xff03)	/* r0 major, r1 minor */

/* -> r0: mask of 1 << ARMKVM_PV_* */
#define ARMKVM_HC_FEATURES		ARMKVM_HC(0x0000)

/*
 * Device access.  r1, r2: guest physical address, low and high word; r3: size
 * in bytes (1, 2, 4, 8).  Data in r1, r2 (read) or r4, r5 (write).
 */
#define ARMKVM_HC_MMIO_READ		ARMKVM_HC(0x0010)
#define ARMKVM_HC_MMIO_WRITE		ARMKVM_HC(0x0011)
/*
 * The same register r5 times, to or from guest memory at virtual address r4.
 * -> r1: units done.  Like memory-to-device copies by the CPU, restartable:
 * on an abort of the buffer, r1 units are done and r0 is BAD_ADDRESS.
 */
#define ARMKVM_HC_MMIO_READS		ARMKVM_HC(0x0012)
#define ARMKVM_HC_MMIO_WRITES		ARMKVM_HC(0x0013)

/* Leaves the CPU until an interrupt is pending (IDLE) or to other vCPUs (YIELD). */
#define ARMKVM_HC_IDLE			ARMKVM_HC(0x0020)
#define ARMKVM_HC_YIELD			ARMKVM_HC(0x0021)

/* r1: virtual address of the text, r2: its length in bytes (at most 1024). Does not stop the vCPU. */
#define ARMKVM_HC_PANIC			ARMKVM_HC(0x0028)
#define ARMKVM_HC_RESET			ARMKVM_HC(0x0029)
#define ARMKVM_HC_POWEROFF		ARMKVM_HC(0x002a)

/* r1, r2: guest physical address, 256-byte aligned, of struct armkvm_para_vcpu; all ones: none */
#define ARMKVM_HC_VCPU_PAGE		ARMKVM_HC(0x0030)

/*
 * r1: virtual address of r2 entries of struct armkvm_para_pte, applied in
 * order, as if stored and their TLB maintenance done. -> r1: entries done
 */
#define ARMKVM_HC_PT_UPDATE		ARMKVM_HC(0x0040)
/* r1: ARMKVM_TLB_*; r2: ASID; r3: first virtual address; r4: number of 4 KiB pages */
#define ARMKVM_HC_TLB_FLUSH		ARMKVM_HC(0x0041)
#define   ARMKVM_TLB_ALL		0
#define   ARMKVM_TLB_ASID		1
#define   ARMKVM_TLB_RANGE_ASID		2
#define   ARMKVM_TLB_RANGE_ALL_ASID	3
#define   ARMKVM_TLB_INNER_SHAREABLE	0x100

/* r1, r2: guest physical address, 64-byte aligned, of struct armkvm_para_steal; all ones: none */
#define ARMKVM_HC_STEAL_TIME		ARMKVM_HC(0x0050)

/*
 * ARMKVM_PV_PRIV: the guest goes on privileged.  r1, r2: guest physical address of the second-level
 * table by which its tables map the MiB of ARMKVM_PRIV_CALL.  hypercalls.rst, section 8.
 */
#define ARMKVM_HC_PROMOTE		ARMKVM_HC(0x0060)
#define ARMKVM_HC_DEMOTE		ARMKVM_HC(0x0061)
/*
 * A promoted guest's HVC: BL to here, in a privileged mode but FIQ, in either instruction set.  r12 and lr are
 * lost.  It works until ARMKVM_HC_DEMOTE.
 */
#define ARMKVM_PRIV_CALL		0xfff00000
/*
 * ARMKVM_PV_TIMER.  r1, r2: the count at which the virtual timer's interrupt is raised, low and high word; all
 * ones: never. -> r1, r2: the count now
 */
#define ARMKVM_HC_TIMER_SET		ARMKVM_HC(0x0022)

/* Bits of ARMKVM_HC_FEATURES and of the capability ARMKVM_CAP_PV */
#define ARMKVM_PV_MMIO			0
#define ARMKVM_PV_MMIO_STRING		1
#define ARMKVM_PV_IDLE			2	/* IDLE and YIELD */
#define ARMKVM_PV_PANIC			3
#define ARMKVM_PV_POWER			4	/* RESET and POWEROFF */
#define ARMKVM_PV_VCPU_PAGE		5
#define ARMKVM_PV_PT_UPDATE		6
#define ARMKVM_PV_TLB_FLUSH		7
#define ARMKVM_PV_EOI			8	/* needs VCPU_PAGE */
#define ARMKVM_PV_STEAL_TIME		9
#define ARMKVM_PV_PRIV			10	/* PROMOTE and DEMOTE */
#define ARMKVM_PV_TIMER			11

#ifndef __ASSEMBLY__

#include <linux/types.h>

/*
 * A vCPU's shared page; hypercalls.rst, section 5.3.  In privileged modes bits A, I and
 * F of vpsr are the CPU's masks, for the guest to store; spsr is the SPSR of the mode, to
 * be read and written; the rest is the hypervisor's.  After the guest has unmasked by a
 * store it looks at pending and, when that isn't 0, executes an instruction that traps.
 * Both sides use it on the owner's own CPU: no barriers.
 */
struct armkvm_para_vcpu {
	__u32 version;		/* 1 */
	__u32 vpsr;		/* A, I, F; and the mode, to be read */
	__u32 pending;		/* ARMKVM_PENDING_*, as of the last entry */
	__u32 eoi;		/* ARMKVM_PV_EOI: 1 when the next EOI may be a store of 0 here */
	__u32 spsr;		/* of the current mode */
	__u32 reserved[59];
};

#define ARMKVM_PENDING_IRQ		(1U << 0)
#define ARMKVM_PENDING_FIQ		(1U << 1)
#define ARMKVM_PENDING_ABORT		(1U << 2)

struct armkvm_para_pte {
	__u64 gpa;		/* of the descriptor */
	__u64 value;		/* short descriptors use the low word */
	__u32 gva;		/* that it maps */
	__u32 size;		/* of the descriptor: 4 or 8 bytes */
};

struct armkvm_para_steal {
	__u32 version;		/* odd while the hypervisor updates the rest */
	__u32 padding;
	__u64 stolen_ns;
	__u32 reserved[12];
};

#endif /* __ASSEMBLY__ */

#endif /* _UAPI_ASM_ARMKVM_PARA_H */
