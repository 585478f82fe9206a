/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-2-Clause) */
/*
 * armkvm: the contract between a launcher (QEMU) and armkvm.ko.
 *
 * The interface has the shape of Linux's KVM and uses its numbers wherever the
 * meaning is the same, under an ioctl letter of its own.  The version is
 * frozen: what this header names never changes size, offset or meaning, and
 * everything new comes with a numbered capability (ARMKVM_CHECK_EXTENSION).
 * Every reserved or padding field must be zero; the module checks.
 *
 * All structures have one layout for 32-bit and 64-bit launchers on either
 * host: fixed-width fields, explicit padding, pointers carried in 64 bits.
 *
 * kernel-abi/doc/api.rst documents each call in one fixed form.
 */
#ifndef _UAPI_LINUX_ARMKVM_H
#define _UAPI_LINUX_ARMKVM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define ARMKVM_API_VERSION	1

#define ARMKVMIO		0xBD

/*
 * -- /dev/armkvm ------------------------------------------------------------
 */

#define ARMKVM_GET_API_VERSION		_IO(ARMKVMIO, 0x00)
/* argument: ARMKVM_MODE_*; returns a VM file descriptor */
#define ARMKVM_CREATE_VM		_IO(ARMKVMIO, 0x01)
/* argument: ARMKVM_CAP_*; also on a VM file descriptor */
#define ARMKVM_CHECK_EXTENSION		_IO(ARMKVMIO, 0x03)
#define ARMKVM_GET_VCPU_MMAP_SIZE	_IO(ARMKVMIO, 0x04)
/* argument: ARMKVM_GIVE_MM_* */
#define ARMKVM_GIVE_MM			_IO(ARMKVMIO, 0x30)

#define ARMKVM_GIVE_MM_WANTED		0	/* returns how many are wanted */
#define ARMKVM_GIVE_MM_MINE		1	/* gives the caller's own, for when it has ended */

/* Guest modes: the argument of ARMKVM_CREATE_VM, bit numbers in ARMKVM_CAP_MODES */
#define ARMKVM_MODE_SHADOW		0
#define ARMKVM_MODE_DIRECT		1
#define ARMKVM_MODE_TRUSTZONE		2

/*
 * Capabilities.  Below 0x10000 the numbers and meanings are KVM's.  The value
 * is 0 when absent; a positive value means present, or is the limit named.
 */
#define ARMKVM_CAP_IRQCHIP			0
#define ARMKVM_CAP_USER_MEMORY			3
#define ARMKVM_CAP_NR_VCPUS			9
#define ARMKVM_CAP_NR_MEMSLOTS			10
#define ARMKVM_CAP_MP_STATE			14
#define ARMKVM_CAP_SYNC_MMU			16
#define ARMKVM_CAP_DESTROY_MEMORY_REGION_WORKS	21
#define ARMKVM_CAP_SET_GUEST_DEBUG		23
#define ARMKVM_CAP_IRQFD			32
#define ARMKVM_CAP_IOEVENTFD			36
#define ARMKVM_CAP_VCPU_EVENTS			41
#define ARMKVM_CAP_MAX_VCPUS			66
#define ARMKVM_CAP_ONE_REG			70
#define ARMKVM_CAP_SYNC_REGS			74
#define ARMKVM_CAP_READONLY_MEM			81
#define ARMKVM_CAP_IRQFD_RESAMPLE		82
#define ARMKVM_CAP_DEVICE_CTRL			89
#define ARMKVM_CAP_ENABLE_CAP_VM		98
#define ARMKVM_CAP_ARM_PSCI_0_2			102
#define ARMKVM_CAP_GUEST_DEBUG_HW_BPS		119
#define ARMKVM_CAP_GUEST_DEBUG_HW_WPS		120
#define ARMKVM_CAP_MAX_VCPU_ID			128
#define ARMKVM_CAP_IMMEDIATE_EXIT		136
#define ARMKVM_CAP_ARM_USER_IRQ			144
#define ARMKVM_CAP_MANUAL_DIRTY_LOG_PROTECT2	168
#define ARMKVM_CAP_BINARY_STATS_FD		203

/* Bit mask, 1 << ARMKVM_MODE_*, of the guest modes that can run on this host. */
#define ARMKVM_CAP_MODES			0x10000
/* Bit mask, 1 << ARMKVM_PV_*, of the guest-visible calls; see ARMKVM_ENABLE_CAP. */
#define ARMKVM_CAP_PV				0x10001
/* ARMKVM_EXIT_MMIO_STRING can happen; the value is the data page's offset in the run page mapping. */
#define ARMKVM_CAP_MMIO_STRING			0x10002
/* ARMKVM_MEMORY_WRITTEN */
#define ARMKVM_CAP_MEMORY_WRITTEN		0x10003
/* ARMKVM_GIVE_MM */
#define ARMKVM_CAP_GIVE_MM			0x10004
/* ARMKVM_IRQFD_FLAG_RAISE */
#define ARMKVM_CAP_IRQFD_RAISE			0x10005
/* Bit mask, ARMKVM_CP_EXIT_*, of the system registers that can be the launcher's; see ARMKVM_ENABLE_CAP. */
#define ARMKVM_CAP_CP_EXIT			0x10006
#define   ARMKVM_CP_EXIT_GICV3			(1U << 0)	/* ICC_*: a GICv3's CPU interface */
/* ARMKVM_EXIT_EMULATE, ARMKVM_EMULATED, ARMKVM_ACCESS, ARMKVM_GET_LINES; see ARMKVM_ENABLE_CAP. */
#define ARMKVM_CAP_EMULATE			0x10007
/* ARMKVM_GET_REG_VALUES, ARMKVM_SET_REG_VALUES; the value: how many registers in one call */
#define ARMKVM_CAP_REG_VALUES			0x10008
/*
 * ARMKVM_CREATE_WINDOW; the value: as ARMKVM_CAP_PV, for VMs of ARMKVM_MODE_DIRECT. 0: such VMs
 * can't be made.
 */
#define ARMKVM_CAP_PV_DIRECT			0x10009
/* The guest's count can be made the host's, or at a known distance from it; see ARMKVM_ENABLE_CAP. */
#define ARMKVM_CAP_COUNTER_OFFSET		0x1000a

/*
 * -- VM file descriptor -----------------------------------------------------
 */

/* argument: vCPU id; returns a vCPU file descriptor */
#define ARMKVM_CREATE_VCPU		_IO(ARMKVMIO, 0x41)
#define ARMKVM_GET_DIRTY_LOG		_IOW(ARMKVMIO, 0x42, struct armkvm_dirty_log)
#define ARMKVM_SET_USER_MEMORY_REGION	\
	_IOW(ARMKVMIO, 0x46, struct armkvm_userspace_memory_region)
#define ARMKVM_IRQ_LINE			_IOW(ARMKVMIO, 0x61, struct armkvm_irq_level)
#define ARMKVM_IRQFD			_IOW(ARMKVMIO, 0x76, struct armkvm_irqfd)
#define ARMKVM_IOEVENTFD		_IOW(ARMKVMIO, 0x79, struct armkvm_ioeventfd)
#define ARMKVM_ENABLE_CAP		_IOW(ARMKVMIO, 0xa3, struct armkvm_enable_cap)
#define ARMKVM_ARM_PREFERRED_TARGET	_IOR(ARMKVMIO, 0xaf, struct armkvm_vcpu_init)
#define ARMKVM_CLEAR_DIRTY_LOG		\
	_IOWR(ARMKVMIO, 0xc0, struct armkvm_clear_dirty_log)
/* also on a vCPU file descriptor; returns a read-only statistics descriptor */
#define ARMKVM_GET_STATS_FD		_IO(ARMKVMIO, 0xce)
#define ARMKVM_CREATE_WINDOW		_IOWR(ARMKVMIO, 0xd9, struct armkvm_window)
#define ARMKVM_MEMORY_WRITTEN		_IOW(ARMKVMIO, 0xdf, struct armkvm_memory_range)
#define ARMKVM_CREATE_DEVICE		_IOWR(ARMKVMIO, 0xe0, struct armkvm_create_device)
/* on a device file descriptor */
#define ARMKVM_SET_DEVICE_ATTR		_IOW(ARMKVMIO, 0xe1, struct armkvm_device_attr)
#define ARMKVM_GET_DEVICE_ATTR		_IOW(ARMKVMIO, 0xe2, struct armkvm_device_attr)
#define ARMKVM_HAS_DEVICE_ATTR		_IOW(ARMKVMIO, 0xe3, struct armkvm_device_attr)

#define ARMKVM_MEM_LOG_DIRTY_PAGES	(1U << 0)
#define ARMKVM_MEM_READONLY		(1U << 1)

/*
 * One slot of guest RAM.  memory_size 0 deletes the slot.  Addresses and size
 * are bytes, multiples of 4 KiB (and of the host's page size).
 */
struct armkvm_userspace_memory_region {
	__u32 slot;
	__u32 flags;
	__u64 guest_phys_addr;
	__u64 memory_size;
	__u64 userspace_addr;
};

/* One bit a 4 KiB guest page, least significant bit first, in 64-bit words. */
struct armkvm_dirty_log {
	__u32 slot;
	__u32 padding;
	__u64 dirty_bitmap;		/* user address */
};

struct armkvm_clear_dirty_log {
	__u32 slot;
	__u32 num_pages;
	__u64 first_page;
	__u64 dirty_bitmap;		/* user address */
};

/*
 * ARMKVM_CREATE_WINDOW: RAM of the host's, in one piece, for a guest whose physical addresses
 * are the host's.  The VM descriptor is mapped at @offset (MAP_SHARED) to get at it.
 */
struct armkvm_window {
	__u64 size;		/* bytes; a multiple of ARMKVM_WINDOW_ALIGN */
	__u64 address;		/* out: physical, aligned to ARMKVM_WINDOW_ALIGN */
	__u64 offset;		/* out */
	__u64 reserved;
};

#define ARMKVM_WINDOW_ALIGN		0x1000000

/* Bytes of the launcher's memory, any alignment. */
struct armkvm_memory_range {
	__u64 userspace_addr;
	__u64 size;
};

struct armkvm_enable_cap {
	__u32 cap;
	__u32 flags;
	__u64 args[4];
	__u8  pad[64];
};

/*
 * irq: bits 31..24 type, 23..16 vCPU index, 15..0 number.
 * ARMKVM_IRQ_TYPE_CPU: number 0 is the IRQ pin, 1 the FIQ pin (no GIC in the
 * module).  SPI: GIC interrupt id 32..1019.  PPI: id 16..31 of that vCPU.
 */
#define ARMKVM_IRQ_TYPE_SHIFT		24
#define ARMKVM_IRQ_TYPE_MASK		0xff
#define ARMKVM_IRQ_VCPU_SHIFT		16
#define ARMKVM_IRQ_VCPU_MASK		0xff
#define ARMKVM_IRQ_NUM_MASK		0xffff
#define ARMKVM_IRQ_TYPE_CPU		0
#define ARMKVM_IRQ_TYPE_SPI		1
#define ARMKVM_IRQ_TYPE_PPI		2
#define ARMKVM_IRQ_CPU_IRQ		0
#define ARMKVM_IRQ_CPU_FIQ		1

struct armkvm_irq_level {
	__u32 irq;
	__u32 level;			/* 0 or 1 */
};

#define ARMKVM_IRQFD_FLAG_DEASSIGN	(1U << 0)
#define ARMKVM_IRQFD_FLAG_RESAMPLE	(1U << 1)
#define ARMKVM_IRQFD_FLAG_RAISE		(1U << 2)

struct armkvm_irqfd {
	__u32 fd;
	__u32 gsi;			/* SPI number: GIC interrupt id - 32 */
	__u32 flags;
	__u32 resamplefd;
	__u8  pad[16];
};

#define ARMKVM_IOEVENTFD_FLAG_DATAMATCH	(1U << 0)
#define ARMKVM_IOEVENTFD_FLAG_DEASSIGN	(1U << 2)

struct armkvm_ioeventfd {
	__u64 datamatch;
	__u64 addr;			/* guest physical */
	__u32 len;			/* 0 (any), 1, 2, 4 or 8 bytes */
	__s32 fd;
	__u32 flags;
	__u8  pad[36];
};

#define ARMKVM_DEV_TYPE_ARM_VGIC_V2	5

#define ARMKVM_CREATE_DEVICE_TEST	1

struct armkvm_create_device {
	__u32 type;
	__u32 fd;			/* out */
	__u32 flags;
	__u32 padding;
};

#define ARMKVM_DEV_ARM_VGIC_GRP_ADDR		0
#define   ARMKVM_VGIC_V2_ADDR_TYPE_DIST		0
#define   ARMKVM_VGIC_V2_ADDR_TYPE_CPU		1
#define ARMKVM_DEV_ARM_VGIC_GRP_DIST_REGS	1
#define ARMKVM_DEV_ARM_VGIC_GRP_CPU_REGS	2
#define   ARMKVM_DEV_ARM_VGIC_CPUID_SHIFT	32
#define   ARMKVM_DEV_ARM_VGIC_CPUID_MASK	0xff
#define   ARMKVM_DEV_ARM_VGIC_OFFSET_MASK	0xffffffff
#define ARMKVM_DEV_ARM_VGIC_GRP_NR_IRQS		3
#define ARMKVM_DEV_ARM_VGIC_GRP_CTRL		4
#define   ARMKVM_DEV_ARM_VGIC_CTRL_INIT		0

struct armkvm_device_attr {
	__u32 flags;
	__u32 group;
	__u64 attr;
	__u64 addr;			/* user address of the value */
};

/*
 * -- vCPU file descriptor ---------------------------------------------------
 */

#define ARMKVM_RUN			_IO(ARMKVMIO, 0x80)
#define ARMKVM_GET_MP_STATE		_IOR(ARMKVMIO, 0x98, struct armkvm_mp_state)
#define ARMKVM_SET_MP_STATE		_IOW(ARMKVMIO, 0x99, struct armkvm_mp_state)
#define ARMKVM_SET_GUEST_DEBUG		_IOW(ARMKVMIO, 0x9b, struct armkvm_guest_debug)
#define ARMKVM_GET_VCPU_EVENTS		_IOR(ARMKVMIO, 0x9f, struct armkvm_vcpu_events)
#define ARMKVM_SET_VCPU_EVENTS		_IOW(ARMKVMIO, 0xa0, struct armkvm_vcpu_events)
#define ARMKVM_GET_ONE_REG		_IOW(ARMKVMIO, 0xab, struct armkvm_one_reg)
#define ARMKVM_SET_ONE_REG		_IOW(ARMKVMIO, 0xac, struct armkvm_one_reg)
#define ARMKVM_ARM_VCPU_INIT		_IOW(ARMKVMIO, 0xae, struct armkvm_vcpu_init)
#define ARMKVM_GET_REG_LIST		_IOWR(ARMKVMIO, 0xb0, struct armkvm_reg_list)
#define ARMKVM_EMULATED			_IOW(ARMKVMIO, 0xda, struct armkvm_emulated)
#define ARMKVM_ACCESS			_IOWR(ARMKVMIO, 0xdb, struct armkvm_access)
#define ARMKVM_GET_LINES		_IOR(ARMKVMIO, 0xdc, struct armkvm_lines)
#define ARMKVM_GET_REG_VALUES		_IOWR(ARMKVMIO, 0xdd, struct armkvm_reg_values)
#define ARMKVM_SET_REG_VALUES		_IOWR(ARMKVMIO, 0xde, struct armkvm_reg_values)

/*
 * The only target is the host's own core.  A launcher that models another one
 * then writes that model's identification registers with ARMKVM_SET_ONE_REG;
 * a value that needs a feature which neither the core nor the module has is
 * refused with EINVAL.
 */
#define ARMKVM_ARM_TARGET_HOST		0

#define ARMKVM_ARM_VCPU_POWER_OFF	0	/* bit numbers in features[] */
#define ARMKVM_ARM_VCPU_PSCI_0_2	2

struct armkvm_vcpu_init {
	__u32 target;
	__u32 features[7];
};

#define ARMKVM_MP_STATE_RUNNABLE	0
#define ARMKVM_MP_STATE_HALTED		3
#define ARMKVM_MP_STATE_STOPPED		5

struct armkvm_mp_state {
	__u32 mp_state;
};

#define ARMKVM_GUESTDBG_ENABLE		(1U << 0)
#define ARMKVM_GUESTDBG_SINGLESTEP	(1U << 1)
#define ARMKVM_GUESTDBG_USE_SW_BP	(1U << 16)
#define ARMKVM_GUESTDBG_USE_HW		(1U << 17)

#define ARMKVM_ARM_MAX_DBG_REGS		16

struct armkvm_guest_debug {
	__u32 control;
	__u32 pad;
	__u32 dbg_bcr[ARMKVM_ARM_MAX_DBG_REGS];
	__u32 dbg_bvr[ARMKVM_ARM_MAX_DBG_REGS];
	__u32 dbg_wcr[ARMKVM_ARM_MAX_DBG_REGS];
	__u32 dbg_wvr[ARMKVM_ARM_MAX_DBG_REGS];
};

struct armkvm_vcpu_events {
	struct {
		__u8 serror_pending;	/* an asynchronous abort is pending */
		__u8 serror_has_fsr;
		__u8 ext_dabt_pending;	/* set only: take an external data abort */
		__u8 pad[5];
		__u64 serror_fsr;
	} exception;
	__u32 reserved[12];
};

struct armkvm_one_reg {
	__u64 id;
	__u64 addr;			/* user address of the value */
};

/* Many registers at once, one after the other up to the first that fails. */
struct armkvm_reg_value {
	__u64 id;
	__u64 value;			/* of a 32-bit register: its upper half is zero */
};

struct armkvm_reg_values {
	__u64 regs;			/* user address of struct armkvm_reg_value[nr] */
	__u32 nr;
	__u32 done;			/* out: how many have been read or written */
};

struct armkvm_reg_list {
	__u64 n;			/* in: room; out: number of registers */
	__u64 reg[];
};

/*
 * With ARMKVM_CAP_EMULATE: the launcher has executed guest code, and says what
 * the next ARMKVM_RUN begins with.
 */
#define ARMKVM_EMULATED_FLUSH	(1U << 0)	/* the vCPU's translations are to be looked up anew */

#define ARMKVM_THEN_NOTHING	0
#define ARMKVM_THEN_WAIT	1	/* as after WFI */
#define ARMKVM_THEN_HVC		2	/* HVC with immediate imm, which is at the pc */
#define ARMKVM_THEN_SMC		3	/* SMC, which is at the pc */

struct armkvm_emulated {
	__u32 flags;
	__u32 then;
	__u32 imm;
	__u32 padding;
};

/* The launcher's emulated vCPU accesses what is the module's. */
#define ARMKVM_ACCESS_PHYS	0	/* where: physical address of a device register */
#define ARMKVM_ACCESS_CP	1	/* where: a system register's id, of the timers or the PMU */

struct armkvm_access {
	__u64 where;
	__u64 value;
	__u32 kind;
	__u8  len;			/* ARMKVM_ACCESS_PHYS: 1, 2, 4 or 8; else 0 */
	__u8  is_write;
	__u8  is_user;			/* ARMKVM_ACCESS_CP: from User mode */
	__u8  padding;
};

/* What goes to the vCPU now: bits of pins, and of the timers where the launcher has the GIC. */
struct armkvm_lines {
	__u32 pins;			/* 1 << ARMKVM_IRQ_CPU_IRQ, 1 << ARMKVM_IRQ_CPU_FIQ */
	__u32 padding;
	__u64 device_irq_level;		/* as in struct armkvm_sync_regs */
};

/*
 * Register ids: KVM's for 32-bit Arm, on either host.
 *   63..56 architecture, 55..52 log2(size in bytes), 27..16 kind, rest below.
 */
#define ARMKVM_REG_ARCH_MASK		0xff00000000000000ULL
#define ARMKVM_REG_ARM			0x4000000000000000ULL
#define ARMKVM_REG_SIZE_SHIFT		52
#define ARMKVM_REG_SIZE_MASK		0x00f0000000000000ULL
#define ARMKVM_REG_SIZE_U32		0x0020000000000000ULL
#define ARMKVM_REG_SIZE_U64		0x0030000000000000ULL

#define ARMKVM_REG_ARM_COPROC_MASK	0x000000000FFF0000ULL
#define ARMKVM_REG_ARM_COPROC_SHIFT	16

/* coprocessor registers: kind is the coprocessor number */
#define ARMKVM_REG_ARM_32_OPC2_MASK	0x0000000000000007ULL
#define ARMKVM_REG_ARM_32_OPC2_SHIFT	0
#define ARMKVM_REG_ARM_OPC1_MASK	0x0000000000000078ULL
#define ARMKVM_REG_ARM_OPC1_SHIFT	3
#define ARMKVM_REG_ARM_CRM_MASK		0x0000000000000780ULL
#define ARMKVM_REG_ARM_CRM_SHIFT	7
#define ARMKVM_REG_ARM_32_CRN_MASK	0x0000000000007800ULL
#define ARMKVM_REG_ARM_32_CRN_SHIFT	11

#define ARMKVM_REG_CP32(cp, opc1, crn, crm, opc2)			\
	(ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 |				\
	 ((__u64)(cp) << ARMKVM_REG_ARM_COPROC_SHIFT) |			\
	 ((__u64)(crn) << ARMKVM_REG_ARM_32_CRN_SHIFT) |		\
	 ((__u64)(crm) << ARMKVM_REG_ARM_CRM_SHIFT) |			\
	 ((__u64)(opc1) << ARMKVM_REG_ARM_OPC1_SHIFT) |			\
	 ((__u64)(opc2) << ARMKVM_REG_ARM_32_OPC2_SHIFT))
#define ARMKVM_REG_CP64(cp, opc1, crm)					\
	(ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U64 |				\
	 ((__u64)(cp) << ARMKVM_REG_ARM_COPROC_SHIFT) |			\
	 ((__u64)(crm) << ARMKVM_REG_ARM_CRM_SHIFT) |			\
	 ((__u64)(opc1) << ARMKVM_REG_ARM_OPC1_SHIFT))

/* core registers: index of the 32-bit word in struct armkvm_regs */
#define ARMKVM_REG_ARM_CORE		(0x0010ULL << ARMKVM_REG_ARM_COPROC_SHIFT)
#define ARMKVM_REG_ARM_CORE_REG(word)	\
	(ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 | ARMKVM_REG_ARM_CORE | (word))

struct armkvm_regs {
	__u32 usr_regs[18];		/* r0-r15 of User mode, CPSR, reserved (0) */
	__u32 svc_regs[3];		/* SP_svc, LR_svc, SPSR_svc */
	__u32 abt_regs[3];
	__u32 und_regs[3];
	__u32 irq_regs[3];
	__u32 fiq_regs[8];		/* R8_fiq-R12_fiq, SP_fiq, LR_fiq, SPSR_fiq */
};

/* cache size identification, one a CSSELR value */
#define ARMKVM_REG_ARM_DEMUX		(0x0011ULL << ARMKVM_REG_ARM_COPROC_SHIFT)
#define ARMKVM_REG_ARM_DEMUX_ID_CCSIDR	(0x00 << 8)
#define ARMKVM_REG_ARM_DEMUX_VAL_MASK	0x00000000000000FFULL

/* VFP/NEON: d0-d31 by number (64 bit), system registers by the ids below (32 bit) */
#define ARMKVM_REG_ARM_VFP		(0x0012ULL << ARMKVM_REG_ARM_COPROC_SHIFT)
#define ARMKVM_REG_ARM_VFP_BASE_REG	0x0
#define ARMKVM_REG_ARM_VFP_FPSID	0x1000
#define ARMKVM_REG_ARM_VFP_FPSCR	0x1001
#define ARMKVM_REG_ARM_VFP_MVFR1	0x1006
#define ARMKVM_REG_ARM_VFP_MVFR0	0x1007
#define ARMKVM_REG_ARM_VFP_FPEXC	0x1008
#define ARMKVM_REG_ARM_VFP_FPINST	0x1009
#define ARMKVM_REG_ARM_VFP_FPINST2	0x100A

/* firmware interface */
#define ARMKVM_REG_ARM_FW		(0x0014ULL << ARMKVM_REG_ARM_COPROC_SHIFT)
#define ARMKVM_REG_ARM_FW_REG(r)	\
	(ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U64 | ARMKVM_REG_ARM_FW | ((r) & 0xffff))
#define ARMKVM_REG_ARM_PSCI_VERSION	ARMKVM_REG_ARM_FW_REG(0)
/* the VM's calls, as ARMKVM_CAP_PV was enabled with; each vCPU shows the same */
#define ARMKVM_REG_ARM_PV_FEATURES	ARMKVM_REG_ARM_FW_REG(1)
/* guest physical address of the vCPU's struct armkvm_para_steal; all ones: none */
#define ARMKVM_REG_ARM_PV_STEAL_TIME	ARMKVM_REG_ARM_FW_REG(2)
/* the same of its struct armkvm_para_vcpu */
#define ARMKVM_REG_ARM_PV_VCPU_PAGE	ARMKVM_REG_ARM_FW_REG(3)
/* the same of the table that its ARMKVM_HC_PROMOTE named, until it is demoted */
#define ARMKVM_REG_ARM_PV_PRIV_TABLE	ARMKVM_REG_ARM_FW_REG(4)

/* virtual timer: CNTV_CTL, CNTVCT, CNTV_CVAL */
#define ARMKVM_REG_ARM_TIMER_CTL	ARMKVM_REG_CP32(15, 0, 14, 3, 1)
#define ARMKVM_REG_ARM_TIMER_CNT	ARMKVM_REG_CP64(15, 1, 14)
#define ARMKVM_REG_ARM_TIMER_CVAL	ARMKVM_REG_CP64(15, 3, 14)

/*
 * -- the run page: shared between launcher and module, one a vCPU -----------
 * mmap offset 0 of the vCPU file descriptor; ARMKVM_GET_VCPU_MMAP_SIZE bytes.
 */

#define ARMKVM_EXIT_UNKNOWN		0
#define ARMKVM_EXIT_HYPERCALL		3
#define ARMKVM_EXIT_DEBUG		4
#define ARMKVM_EXIT_MMIO		6
#define ARMKVM_EXIT_FAIL_ENTRY		9
#define ARMKVM_EXIT_INTR		10
#define ARMKVM_EXIT_INTERNAL_ERROR	17
#define ARMKVM_EXIT_SYSTEM_EVENT	24
#define ARMKVM_EXIT_MMIO_STRING		256
#define ARMKVM_EXIT_CP			257
#define ARMKVM_EXIT_EMULATE		258

#define ARMKVM_SYSTEM_EVENT_SHUTDOWN	1
#define ARMKVM_SYSTEM_EVENT_RESET	2
#define ARMKVM_SYSTEM_EVENT_CRASH	3

/* armkvm_run.error.suberror */
#define ARMKVM_ERROR_INSN		1	/* an instruction that the module can't execute */
#define ARMKVM_ERROR_MEMORY		2	/* guest RAM could not be had from the host */
#define ARMKVM_ERROR_STATE		3	/* a guest state that the module can't run */
#define ARMKVM_ERROR_INTERNAL		4	/* a bug in the module */

#define ARMKVM_ERROR_TEXT_SIZE		200

/* armkvm_run.valid_regs and dirty_regs */
#define ARMKVM_SYNC_CORE		(1ULL << 0)

/* armkvm_sync_regs.device_irq_level, with devices in the module and the GIC in the launcher */
#define ARMKVM_DEV_VTIMER		(1ULL << 0)
#define ARMKVM_DEV_PTIMER		(1ULL << 1)
#define ARMKVM_DEV_PMU			(1ULL << 2)

struct armkvm_sync_regs {
	struct armkvm_regs regs;
	__u64 device_irq_level;
};

struct armkvm_run {
	/* launcher -> module */
	__u8  immediate_exit;
	__u8  padding1[7];

	/* module -> launcher */
	__u32 exit_reason;
	__u32 padding2;

	union {
		/* ARMKVM_EXIT_MMIO: read: fill data before the next ARMKVM_RUN */
		struct {
			__u64 phys_addr;
			__u8  data[8];		/* guest's byte order in memory */
			__u32 len;		/* 1, 2, 4 or 8 */
			__u8  is_write;
			__u8  is_hypercall;	/* came by call, not by abort */
			__u8  padding[2];
		} mmio;
		/* ARMKVM_EXIT_MMIO_STRING: count units of len bytes, one address */
		struct {
			__u64 phys_addr;
			__u32 data_offset;	/* from the start of the mapping */
			__u32 len;		/* 1, 2, 4 or 8 */
			__u32 count;
			__u8  is_write;
			__u8  padding[3];
		} mmio_string;
		/* ARMKVM_EXIT_CP: read: fill value before the next ARMKVM_RUN */
		struct {
			__u64 id;		/* the register's, as in struct armkvm_one_reg */
			__u64 value;
			__u8  is_write;
			__u8  is_undefined;	/* the launcher's: 1: it has no such register */
			__u8  padding[6];
		} cp;
		/* ARMKVM_EXIT_HYPERCALL: results go back in ret, to r0-r3 */
		struct {
			__u32 nr;
			__u32 padding;
			__u32 args[6];		/* r1-r6 */
			__u32 ret[4];
		} hypercall;
		/* ARMKVM_EXIT_SYSTEM_EVENT */
		struct {
			__u32 type;
			__u32 ndata;
			__u64 data[16];
		} system_event;
		/* ARMKVM_EXIT_DEBUG */
		struct {
			__u32 pc;
			__u32 fsr;
			__u32 far;
			__u32 padding;
		} debug;
		/* ARMKVM_EXIT_FAIL_ENTRY, ARMKVM_EXIT_INTERNAL_ERROR, ARMKVM_EXIT_EMULATE */
		struct {
			__u32 suberror;		/* ARMKVM_ERROR_* */
			__u32 pc;
			__u32 cpsr;
			__u32 insn;
			char  text[ARMKVM_ERROR_TEXT_SIZE];	/* for a person; NUL-terminated */
		} error;
		__u8 padding3[256];
	};

	/*
	 * Registers exchanged without a call: the module sets valid_regs to the
	 * sets that it stored at an exit, the launcher sets in dirty_regs those
	 * that the module shall load at the next ARMKVM_RUN.
	 */
	__u64 valid_regs;
	__u64 dirty_regs;
	union {
		struct armkvm_sync_regs regs;
		__u8 padding[1024];
	} s;
};

/*
 * -- statistics: the layout of KVM's binary statistics ----------------------
 */

struct armkvm_stats_header {
	__u32 flags;
	__u32 name_size;
	__u32 num_desc;
	__u32 id_offset;
	__u32 desc_offset;
	__u32 data_offset;
};

#define ARMKVM_STATS_TYPE_MASK		0xfU
#define ARMKVM_STATS_TYPE_CUMULATIVE	0x0U
#define ARMKVM_STATS_TYPE_INSTANT	0x1U
#define ARMKVM_STATS_TYPE_PEAK		0x2U
#define ARMKVM_STATS_UNIT_MASK		0xf0U
#define ARMKVM_STATS_UNIT_NONE		0x00U
#define ARMKVM_STATS_UNIT_BYTES		0x10U

struct armkvm_stats_desc {
	__u32 flags;
	__s16 exponent;
	__u16 size;
	__u32 offset;
	__u32 bucket_size;
	char  name[];
};

#endif /* _UAPI_LINUX_ARMKVM_H */
