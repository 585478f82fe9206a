// SPDX-License-Identifier: GPL-2.0-only
/*
 * cp14 and cp15: the table, and what its rows need.
 *
 * An access that has no row is logged with the row that is missing, a few times
 * for each VM, and is UNDEFINED to the guest.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <linux/armkvm.h>

#include "cp15.h"
#include "idreg.h"
#include "pmu.h"
#include "vcpu.h"
#include "vm.h"

/* Messages about missing rows that one VM may cause. */
#define MAX_UNKNOWN_MESSAGES	8

/* The fields of a key, for messages. */
#define KEY_CP(key)	((key) >> 16 & 0xf)
#define KEY_CRN(key)	((key) >> 11 & 0xf)
#define KEY_CRM(key)	((key) >> 7 & 0xf)
#define KEY_OPC1(key)	((key) >> 3 & 0xf)
#define KEY_OPC2(key)	((key) & 0x7)

static bool cp15_is_64bit(const struct cp15_row *row)
{
	return row->key & CP15_KEY_64BIT;
}

static u64 cp15_load(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	u64 val = vcpu->cp15[row->reg];

	if (cp15_is_64bit(row))
		val |= (u64)vcpu->cp15[row->reg + 1] << 32;
	return val;
}

static void cp15_store(struct armkvm_vcpu *vcpu, const struct cp15_row *row, u64 val)
{
	vcpu->cp15[row->reg] = val;
	if (cp15_is_64bit(row))
		vcpu->cp15[row->reg + 1] = val >> 32;
}

/* An identification field of the guest, as the launcher has left it. */
static u32 cp15_id_field(const struct armkvm_vcpu *vcpu, enum cp15_reg reg, unsigned int shift)
{
	return vcpu->cp15[reg] >> shift & 0xf;
}

static bool cp15_has_lpae(const struct armkvm_vcpu *vcpu)
{
	return cp15_id_field(vcpu, CP15_ID_MMFR0, 0) >= 5;
}

static u64 cp15_writable_bits(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	/* B4.1.40: fields of coprocessors that aren't there are RAZ/WI. */
	if (row->reg == CP15_CPACR && !armkvm_host.vfp_dregs)
		return 0;
	/* B4.1.153: without the long descriptors only PD1, PD0 and N. */
	if (row->reg == CP15_TTBCR && !cp15_has_lpae(vcpu))
		return 0x37;
	return row->mask;
}

static void cp15_store_masked(struct armkvm_vcpu *vcpu, const struct cp15_row *row, u64 val)
{
	u64 mask = cp15_writable_bits(vcpu, row);

	cp15_store(vcpu, row, (val & mask) | (row->val & ~mask));
}

/*
 * -- guest accesses ----------------------------------------------------------
 */

static bool access_rw(struct armkvm_vcpu *vcpu, struct cp15_params *p, const struct cp15_row *row)
{
	if (p->write)
		cp15_store_masked(vcpu, row, p->val);
	else
		p->val = cp15_load(vcpu, row);
	return true;
}

static bool access_ro(struct armkvm_vcpu *vcpu, struct cp15_params *p, const struct cp15_row *row)
{
	if (p->write)
		return false;
	p->val = cp15_load(vcpu, row);
	return true;
}

static bool access_raz_wi(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			  const struct cp15_row *row)
{
	if (!p->write)
		p->val = 0;
	return true;
}

/* IHI 0069 12.7: bits 31..28 say that a GIC's CPU interface is in cp15: that of the launcher's GICv3. */
static bool access_pfr1(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			const struct cp15_row *row)
{
	if (p->write)
		return false;
	p->val = cp15_load(vcpu, row);
	if (vcpu->vm->cp_exits & ARMKVM_CP_EXIT_GICV3)
		p->val |= BIT(28);
	return true;
}

/* B4.1.19: CSSELR chooses; without such a cache the value is UNKNOWN, here 0. */
static bool access_ccsidr(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			  const struct cp15_row *row)
{
	u32 n = vcpu->cp15[CP15_CSSELR];

	if (p->write)
		return false;
	p->val = 0;
	if (n < ARMKVM_NR_CCSIDR)
		p->val = vcpu->ccsidr[array_index_nospec(n, ARMKVM_NR_CCSIDR)];
	return true;
}

/* Cortex-A7 and A15 TRMs: the number of cores, less one, in bits 25..24. */
static bool access_l2ctlr(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			  const struct cp15_row *row)
{
	s64 cores = atomic64_read(&vcpu->vm->stat[VM_STAT_VCPUS]);

	if (!p->write)
		p->val = min_t(u32, cores - 1, 3) << 24;
	return true;
}

/*
 * -- generic timer, B8.1; no virtualization extensions: both counts are one ---
 */

#define CNT_CTL_ENABLE	BIT(0)
#define CNT_CTL_ISTATUS	BIT(2)

u64 armkvm_guest_count(const struct armkvm_vcpu *vcpu)
{
	return armkvm_host_ops.counter() - (u64)atomic64_read(&vcpu->vm->cntvoff);
}

bool armkvm_count_is_hosts(const struct armkvm_vcpu *vcpu)
{
	return !atomic64_read(&vcpu->vm->cntvoff) &&
	       (vcpu->cp15[CP15_CNTKCTL] & CNTKCTL_PL0VCTEN) &&
	       vcpu->cp15[CP15_CNTFRQ] == armkvm_host.counter_hz;
}

static u64 timer_cval(const struct armkvm_vcpu *vcpu, enum cp15_reg cval)
{
	return vcpu->cp15[cval] | (u64)vcpu->cp15[cval + 1] << 32;
}

/* The control register with ISTATUS as of now; it has no meaning while the timer is off. */
static u32 timer_ctl(const struct armkvm_vcpu *vcpu, enum cp15_reg ctl)
{
	enum cp15_reg cval = ctl == CP15_CNTV_CTL ? CP15_CNTV_CVAL : CP15_CNTP_CVAL;
	u32 val = vcpu->cp15[ctl];

	if (val & CNT_CTL_ENABLE && armkvm_guest_count(vcpu) >= timer_cval(vcpu, cval))
		val |= CNT_CTL_ISTATUS;
	return val;
}

/* B8.1.1: User mode may read it if it may read either count; PL1 writes it. */
static bool access_cntfrq(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			  const struct cp15_row *row)
{
	if (p->user && !(vcpu->cp15[CP15_CNTKCTL] & (CNTKCTL_PL0PCTEN | CNTKCTL_PL0VCTEN)))
		return false;
	return access_rw(vcpu, p, row);
}

/* A row's val is the bit of CNTKCTL that lets User mode in. */
static bool timer_denied(const struct armkvm_vcpu *vcpu, const struct cp15_params *p,
			 const struct cp15_row *row)
{
	return p->user && !(vcpu->cp15[CP15_CNTKCTL] & row->val);
}

static bool access_count(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			 const struct cp15_row *row)
{
	if (p->write || timer_denied(vcpu, p, row))
		return false;
	p->val = armkvm_guest_count(vcpu);
	return true;
}

static bool access_timer_ctl(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			     const struct cp15_row *row)
{
	if (timer_denied(vcpu, p, row))
		return false;
	if (p->write)
		cp15_store(vcpu, row, p->val & row->mask);
	else
		p->val = timer_ctl(vcpu, row->reg);
	return true;
}

static bool access_timer_cval(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			      const struct cp15_row *row)
{
	if (timer_denied(vcpu, p, row))
		return false;
	if (p->write)
		cp15_store(vcpu, row, p->val);
	else
		p->val = cp15_load(vcpu, row);
	return true;
}

/* B8.1.5: a signed 32-bit view of the compare value, relative to the count. */
static bool access_timer_tval(struct armkvm_vcpu *vcpu, struct cp15_params *p,
			      const struct cp15_row *row)
{
	u64 count = armkvm_guest_count(vcpu);

	if (timer_denied(vcpu, p, row))
		return false;
	if (p->write) {
		u64 cval = count + (s64)(s32)p->val;

		vcpu->cp15[row->reg] = cval;
		vcpu->cp15[row->reg + 1] = cval >> 32;
	} else {
		p->val = (u32)(timer_cval(vcpu, row->reg) - count);
	}
	return true;
}

static u64 get_timer_ctl(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	return timer_ctl(vcpu, row->reg);
}

static void set_timer_ctl(struct armkvm_vcpu *vcpu, const struct cp15_row *row, u64 val)
{
	cp15_store(vcpu, row, val & row->mask);
}

static void set_timer_cval(struct armkvm_vcpu *vcpu, const struct cp15_row *row, u64 val)
{
	cp15_store(vcpu, row, val);
}

static u64 get_count(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	return armkvm_guest_count(vcpu);
}

/* The count is the VM's: all vCPUs go on from here. */
static void set_count(struct armkvm_vcpu *vcpu, const struct cp15_row *row, u64 val)
{
	armkvm_vm_set_count_offset(vcpu->vm, armkvm_host_ops.counter() - val);
}

static u64 reset_cntfrq(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	return armkvm_host.counter_hz;
}

static u64 reset_zero(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	return 0;
}

/*
 * -- identification -----------------------------------------------------------
 */

/* A row's val is the offset of the value in struct armkvm_host_info. */
static u64 reset_host(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	return *(const u32 *)((const char *)&armkvm_host + row->val);
}

/* A row's val is an enum armkvm_idreg. */
static u64 reset_idreg(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	return armkvm_idreg_default(row->val);
}

static bool valid_idreg(const struct cp15_row *row, u64 val)
{
	return armkvm_idreg_allowed(row->val, val);
}

/* B4.1.106: the multiprocessing extensions' format; one core a vCPU, no clusters. */
static u64 reset_mpidr(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	return BIT(31) | vcpu->id;
}

static bool valid_mpidr(const struct cp15_row *row, u64 val)
{
	return val & BIT(31) && !(val & GENMASK(29, 25));
}

/* B4.1.105: features are in the CPUID registers, or a guest would take it for an older core. */
static bool valid_midr(const struct cp15_row *row, u64 val)
{
	return (val >> 16 & 0xf) == 0xf;
}

/*
 * B4.1.42: any line size and policy in ARMv7's format; maintenance is
 * emulated, in the guest's units.
 */
static bool valid_ctr(const struct cp15_row *row, u64 val)
{
	return val >> 29 == 4 && !(val & (BIT(28) | GENMASK(13, 4)));
}

static bool valid_clidr(const struct cp15_row *row, u64 val)
{
	unsigned int shift;

	/* B4.1.20: five kinds of cache, the highest one is 0b100. */
	for (shift = 0; shift < 21; shift += 3)
		if ((val >> shift & 7) > 4)
			return false;
	return !(val & GENMASK(31, 30));
}

static bool valid_zero(const struct cp15_row *row, u64 val)
{
	return !val;
}

/*
 * -- the table -----------------------------------------------------------------
 */

#define CP15(opc1, crn, crm, opc2)	.key = CP15_KEY32(15, opc1, crn, crm, opc2)
#define CP14(opc1, crn, crm, opc2)	.key = CP15_KEY32(14, opc1, crn, crm, opc2)
#define CP15_64(opc1, crm)		.key = CP15_KEY64(15, opc1, crm)

/* Identification with a value of its own. */
#define ID(n, sec, reset_fn, valid_fn, v)				\
	.name = #n, .section = sec, .reg = CP15_##n, .access = access_ro, \
	.reset = reset_fn, .valid = valid_fn, .val = v, .flags = CP15_F_LIST | CP15_F_ID
/* Identification made of feature fields. */
#define FIELDS(n, sec, idreg)						\
	ID(n, sec, reset_idreg, valid_idreg, idreg)
#define HOST(field)	offsetof(struct armkvm_host_info, field)

/* State: bits of @m can be written, the others have the reset value @v. */
#define STATE(n, sec, m, v, f)						\
	.name = #n, .section = sec, .reg = CP15_##n, .access = access_rw, \
	.mask = m, .val = v, .flags = CP15_F_LIST | (f)
#define RAZ_WI(n, sec)	.name = #n, .section = sec, .access = access_raz_wi
#define OP(n, sec)	.name = #n, .section = sec, .op = CP15_OP_##n

/* Performance monitors; those that PMUSERENR opens. */
#define PMU(n, sec, id)							\
	.name = #n, .section = sec, .access = armkvm_pmu_access, .val = PMU_##id, \
	.flags = CP15_F_PMU | CP15_F_USER
#define PMU_STATE(n, sec, id, reset_fn, m)				\
	.name = #n, .section = sec, .reg = CP15_##n, .access = armkvm_pmu_access, \
	.set = armkvm_pmu_set, .reset = reset_fn, .mask = m, \
	.val = PMU_##id, .flags = CP15_F_LIST | CP15_F_PMU | CP15_F_USER
#define PMU_EVENT(n, r, m)						\
	.name = #n, .section = "DDI 0487", .reg = r, .access = armkvm_pmu_no_access, \
	.set = armkvm_pmu_set, .reset = reset_zero, .mask = m, \
	.flags = CP15_F_LIST

#define ALL	0xffffffffU

/*
 * B4.1.130.  Writable: TE, AFE, TRE, EE, UWXN, WXN, RR, V, I, Z, SW, CP15BEN, C, A, M.
 * Not here: NMFI (0), VE (0: no vectored interrupts), HA (0: no hardware access flag), FI.
 */
#define SCTLR_WRITABLE	0x72187c27
#define SCTLR_RESET	0x00c50078

/* B4.1.52, B4.1.96: both formats' fields */
#define DFSR_WRITABLE	0x00003eff
#define IFSR_WRITABLE	0x0000163f
/* B4.1.153: both formats' fields */
#define TTBCR_WRITABLE	0xbfc73fb7
/* B4.1.154: ASID and 40-bit base */
#define TTBR_WRITABLE	0x00ff00ffffffffffULL

/* B4.1.1, Cortex-A TRMs: bit 6 is SMP, which a kernel checks before it enables the caches. */
#define ACTLR_RESET	BIT(6)

/* Values after a Cortex-A15's reset; the architecture leaves them open (B4.1.127, B4.1.110). */
#define PRRR_RESET	0x00098aa4
#define NMRR_RESET	0x44e048e0

/* Sorted by key: cp14 before cp15, then CRn, CRm, opc1, opc2; 64-bit registers last. */
static const struct cp15_row cp15_table[] = {
	/*
	 * cp14 opc1 0, debug: none, as ID_DFR0 says.  RAZ/WI as in KVM, because
	 * kernels ask DBGDIDR and clear the OS lock before they look.
	 */
	{ CP14(0, 0, 0, 0), RAZ_WI(DBGDIDR, "C11.11, DBGDIDR") },
	{ CP14(0, 0, 0, 2), RAZ_WI(DBGDTRRXext, "C11.11, DBGDTRRX") },
	{ CP14(6, 0, 0, 0), .name = "TEECR", .section = "B4.1.133", .reg = CP14_TEECR,
	  .access = access_rw, .mask = 1,
	  .flags = CP15_F_LIST | CP15_F_THUMBEE | CP15_F_USER_READ },
	{ CP14(7, 0, 0, 0), RAZ_WI(JIDR, "B4.1.101") },
	{ CP14(0, 0, 1, 0), RAZ_WI(DBGDSCRint, "C11.11, DBGDSCR") },
	{ CP14(0, 0, 2, 2), RAZ_WI(DBGDSCRext, "C11.11, DBGDSCR") },
	{ CP14(0, 0, 3, 2), RAZ_WI(DBGDTRTXext, "C11.11, DBGDTRTX") },
	{ CP14(0, 0, 5, 0), RAZ_WI(DBGDTRint, "C11.11, DBGDTRTX and DBGDTRRX") },
	{ CP14(0, 0, 7, 0), RAZ_WI(DBGVCR, "C11.11, DBGVCR") },
	{ CP14(0, 1, 0, 0), RAZ_WI(DBGDRAR, "C11.11, DBGDRAR") },
	{ CP14(0, 1, 0, 4), RAZ_WI(DBGOSLAR, "C11.11, DBGOSLAR") },
	{ CP14(6, 1, 0, 0), .name = "TEEHBR", .section = "B4.1.134", .reg = CP14_TEEHBR,
	  .access = access_rw, .mask = ~3U,
	  .flags = CP15_F_LIST | CP15_F_THUMBEE | CP15_F_USER },
	{ CP14(7, 1, 0, 0), RAZ_WI(JOSCR, "B4.1.103") },
	{ CP14(0, 1, 1, 4), RAZ_WI(DBGOSLSR, "C11.11, DBGOSLSR") },
	{ CP14(0, 1, 3, 4), RAZ_WI(DBGOSDLR, "C11.11, DBGOSDLR") },
	{ CP14(0, 1, 4, 4), RAZ_WI(DBGPRCR, "C11.11, DBGPRCR") },
	{ CP14(0, 2, 0, 0), RAZ_WI(DBGDSAR, "C11.11, DBGDSAR") },
	{ CP14(7, 2, 0, 0), RAZ_WI(JMCR, "B4.1.102") },
	{ CP14(0, 7, 14, 6), RAZ_WI(DBGAUTHSTATUS, "C11.11, DBGAUTHSTATUS") },

	/* c0, identification */
	{ CP15(0, 0, 0, 0), ID(MIDR, "B4.1.105", reset_host, valid_midr, HOST(midr)) },
	{ CP15(0, 0, 0, 1), ID(CTR, "B4.1.42", reset_host, valid_ctr, HOST(ctr)) },
	{ CP15(0, 0, 0, 2), ID(TCMTR, "B4.1.132", NULL, valid_zero, 0) },
	{ CP15(0, 0, 0, 3), ID(TLBTR, "B4.1.149", NULL, NULL, 0) },
	/* Aliases of MIDR where MPUIR is on an R core, and where nothing is. */
	{ CP15(0, 0, 0, 4), .name = "MIDR", .section = "B4.1.105", .reg = CP15_MIDR,
	  .access = access_ro, .flags = CP15_F_ALIAS },
	{ CP15(0, 0, 0, 5), ID(MPIDR, "B4.1.106", reset_mpidr, valid_mpidr, 0) },
	{ CP15(0, 0, 0, 6), ID(REVIDR, "B4.1.128", reset_host, NULL, HOST(revidr)) },
	{ CP15(0, 0, 0, 7), .name = "MIDR", .section = "B4.1.105", .reg = CP15_MIDR,
	  .access = access_ro, .flags = CP15_F_ALIAS },
	{ CP15(1, 0, 0, 0), .name = "CCSIDR", .section = "B4.1.19", .access = access_ccsidr },
	{ CP15(1, 0, 0, 1), ID(CLIDR, "B4.1.20", reset_host, valid_clidr, HOST(clidr)) },
	{ CP15(1, 0, 0, 7), ID(AIDR, "B4.1.3", reset_host, NULL, HOST(aidr)) },
	{ CP15(2, 0, 0, 0), STATE(CSSELR, "B4.1.41", 0xf, 0, 0) },
	{ CP15(0, 0, 1, 0), FIELDS(ID_PFR0, "B4.1.93", IDREG_PFR0) },
	{ CP15(0, 0, 1, 1), .name = "ID_PFR1", .section = "B4.1.94", .reg = CP15_ID_PFR1,
	  .access = access_pfr1, .reset = reset_idreg, .valid = valid_idreg, .val = IDREG_PFR1,
	  .flags = CP15_F_LIST | CP15_F_ID },
	{ CP15(0, 0, 1, 2), FIELDS(ID_DFR0, "B4.1.82", IDREG_DFR0) },
	{ CP15(0, 0, 1, 3), FIELDS(ID_AFR0, "B4.1.81", IDREG_AFR0) },
	{ CP15(0, 0, 1, 4), FIELDS(ID_MMFR0, "B4.1.89", IDREG_MMFR0) },
	{ CP15(0, 0, 1, 5), FIELDS(ID_MMFR1, "B4.1.90", IDREG_MMFR1) },
	{ CP15(0, 0, 1, 6), FIELDS(ID_MMFR2, "B4.1.91", IDREG_MMFR2) },
	{ CP15(0, 0, 1, 7), FIELDS(ID_MMFR3, "B4.1.92", IDREG_MMFR3) },
	{ CP15(0, 0, 2, 0), FIELDS(ID_ISAR0, "B4.1.83", IDREG_ISAR0) },
	{ CP15(0, 0, 2, 1), FIELDS(ID_ISAR1, "B4.1.84", IDREG_ISAR1) },
	{ CP15(0, 0, 2, 2), FIELDS(ID_ISAR2, "B4.1.85", IDREG_ISAR2) },
	{ CP15(0, 0, 2, 3), FIELDS(ID_ISAR3, "B4.1.86", IDREG_ISAR3) },
	{ CP15(0, 0, 2, 4), FIELDS(ID_ISAR4, "B4.1.87", IDREG_ISAR4) },
	{ CP15(0, 0, 2, 5), FIELDS(ID_ISAR5, "B4.1.88", IDREG_ISAR5) },
	{ CP15(0, 0, 2, 6), FIELDS(ID_MMFR4, "DDI 0487, ID_MMFR4", IDREG_MMFR4) },
	{ CP15(0, 0, 2, 7), FIELDS(ID_ISAR6, "DDI 0487, ID_ISAR6", IDREG_ISAR6) },

	/* c1, system control */
	{ CP15(0, 1, 0, 0), STATE(SCTLR, "B4.1.130", SCTLR_WRITABLE, SCTLR_RESET, CP15_F_MMU) },
	{ CP15(0, 1, 0, 1), STATE(ACTLR, "B4.1.1", ALL, ACTLR_RESET, 0) },
	{ CP15(0, 1, 0, 2), STATE(CPACR, "B4.1.40", 0xc0f00000, 0, 0) },

	/* c2, c3, translation */
	{ CP15(0, 2, 0, 0), STATE(TTBR0, "B4.1.154", ALL, 0, CP15_F_ALIAS | CP15_F_MMU) },
	{ CP15(0, 2, 0, 1), STATE(TTBR1, "B4.1.155", ALL, 0, CP15_F_ALIAS | CP15_F_MMU) },
	{ CP15(0, 2, 0, 2), STATE(TTBCR, "B4.1.153", TTBCR_WRITABLE, 0, CP15_F_MMU) },
	{ CP15(0, 3, 0, 0), STATE(DACR, "B4.1.43", ALL, 0, CP15_F_MMU) },

	/* c5, c6, faults */
	{ CP15(0, 5, 0, 0), STATE(DFSR, "B4.1.52", DFSR_WRITABLE, 0, 0) },
	{ CP15(0, 5, 0, 1), STATE(IFSR, "B4.1.96", IFSR_WRITABLE, 0, 0) },
	{ CP15(0, 5, 1, 0), STATE(ADFSR, "B4.1.2", ALL, 0, 0) },
	{ CP15(0, 5, 1, 1), STATE(AIFSR, "B4.1.4", ALL, 0, 0) },
	{ CP15(0, 6, 0, 0), STATE(DFAR, "B4.1.51", ALL, 0, 0) },
	{ CP15(0, 6, 0, 2), STATE(IFAR, "B4.1.95", ALL, 0, 0) },

	/* c7, caches, branch predictors, barriers, address translation */
	{ CP15(0, 7, 0, 4), OP(NOP, "D15.7, Wait For Interrupt before ARMv7") },
	{ CP15(0, 7, 1, 0), OP(ICIALLUIS, "B4.1.79") },
	{ CP15(0, 7, 1, 6), OP(BPIALLIS, "B4.1.17") },
	{ CP15(0, 7, 4, 0), STATE(PAR, "B4.1.112", ALL, 0, CP15_F_ALIAS) },
	{ CP15(0, 7, 5, 0), OP(ICIALLU, "B4.1.78") },
	{ CP15(0, 7, 5, 1), OP(ICIMVAU, "B4.1.80") },
	{ CP15(0, 7, 5, 4), OP(ISB, "B4.1.39"), .flags = CP15_F_USER_WRITE },
	{ CP15(0, 7, 5, 6), OP(BPIALL, "B4.1.16") },
	{ CP15(0, 7, 5, 7), OP(BPIMVA, "B4.1.18") },
	{ CP15(0, 7, 6, 1), OP(DCIMVAC, "B4.1.49") },
	{ CP15(0, 7, 6, 2), OP(DCISW, "B4.1.50") },
	{ CP15(0, 7, 8, 0), OP(ATS1CPR, "B4.1.10") },
	{ CP15(0, 7, 8, 1), OP(ATS1CPW, "B4.1.11") },
	{ CP15(0, 7, 8, 2), OP(ATS1CUR, "B4.1.12") },
	{ CP15(0, 7, 8, 3), OP(ATS1CUW, "B4.1.13") },
	{ CP15(0, 7, 10, 1), OP(DCCMVAC, "B4.1.46") },
	{ CP15(0, 7, 10, 2), OP(DCCSW, "B4.1.48") },
	{ CP15(0, 7, 10, 4), OP(DSB, "B4.1.38"), .flags = CP15_F_USER_WRITE },
	{ CP15(0, 7, 10, 5), OP(DMB, "B4.1.37"), .flags = CP15_F_USER_WRITE },
	{ CP15(0, 7, 11, 1), OP(DCCMVAU, "B4.1.47") },
	{ CP15(0, 7, 13, 1), OP(NOP, "D15.7, instruction prefetch before ARMv7") },
	{ CP15(0, 7, 14, 1), OP(DCCIMVAC, "B4.1.44") },
	{ CP15(0, 7, 14, 2), OP(DCCISW, "B4.1.45") },

	/* c8, TLB */
	{ CP15(0, 8, 3, 0), OP(TLBIALLIS, "B4.1.138") },
	{ CP15(0, 8, 3, 1), OP(TLBIMVAIS, "B4.1.148") },
	{ CP15(0, 8, 3, 2), OP(TLBIASIDIS, "B4.1.142") },
	{ CP15(0, 8, 3, 3), OP(TLBIMVAAIS, "B4.1.145") },
	{ CP15(0, 8, 5, 0), OP(ITLBIALL, "B4.1.98") },
	{ CP15(0, 8, 5, 1), OP(ITLBIMVA, "B4.1.100") },
	{ CP15(0, 8, 5, 2), OP(ITLBIASID, "B4.1.99") },
	{ CP15(0, 8, 6, 0), OP(DTLBIALL, "B4.1.53") },
	{ CP15(0, 8, 6, 1), OP(DTLBIMVA, "B4.1.55") },
	{ CP15(0, 8, 6, 2), OP(DTLBIASID, "B4.1.54") },
	{ CP15(0, 8, 7, 0), OP(TLBIALL, "B4.1.135") },
	{ CP15(0, 8, 7, 1), OP(TLBIMVA, "B4.1.143") },
	{ CP15(0, 8, 7, 2), OP(TLBIASID, "B4.1.141") },
	{ CP15(0, 8, 7, 3), OP(TLBIMVAA, "B4.1.144") },

	/* c9, the L2 cache of Cortex-A7 and A15 (their TRMs): the number of cores, no errors */
	{ CP15(1, 9, 0, 2), .name = "L2CTLR", .section = "Cortex-A15 TRM, L2CTLR",
	  .access = access_l2ctlr },
	{ CP15(1, 9, 0, 3), RAZ_WI(L2ECTLR, "Cortex-A15 TRM, L2ECTLR") },
	/* c9, performance monitors */
	{ CP15(0, 9, 12, 0), PMU_STATE(PMCR, "B4.1.117", CR, armkvm_pmu_reset_pmcr, ALL) },
	{ CP15(0, 9, 12, 1), PMU_STATE(PMCNTENSET, "B4.1.116", CNTENSET, reset_zero, ALL) },
	{ CP15(0, 9, 12, 2), PMU(PMCNTENCLR, "B4.1.115", CNTENCLR) },
	{ CP15(0, 9, 12, 3), PMU_STATE(PMOVSR, "B4.1.120", OVSR, reset_zero, ALL) },
	{ CP15(0, 9, 12, 4), PMU(PMSWINC, "B4.1.123", SWINC) },
	{ CP15(0, 9, 12, 5), PMU_STATE(PMSELR, "B4.1.122", SELR, reset_zero, 0x1f) },
	{ CP15(0, 9, 12, 6), PMU(PMCEID0, "B4.1.114", CEID0) },
	{ CP15(0, 9, 12, 7), PMU(PMCEID1, "B4.1.114", CEID1) },
	{ CP15(0, 9, 13, 0), PMU_STATE(PMCCNTR, "B4.1.113", CCNTR, reset_zero, ALL) },
	{ CP15(0, 9, 13, 1), PMU(PMXEVTYPER, "B4.1.126", XEVTYPER) },
	{ CP15(0, 9, 13, 2), PMU(PMXEVCNTR, "B4.1.125", XEVCNTR) },
	{ CP15(0, 9, 14, 0), .name = "PMUSERENR", .section = "B4.1.124", .reg = CP15_PMUSERENR,
	  .access = armkvm_pmu_access, .set = armkvm_pmu_set,
	  .reset = reset_zero, .mask = 1, .val = PMU_USERENR,
	  .flags = CP15_F_LIST | CP15_F_PMU | CP15_F_USER_READ },
	{ CP15(0, 9, 14, 1), .name = "PMINTENSET", .section = "B4.1.119", .reg = CP15_PMINTENSET,
	  .access = armkvm_pmu_access, .set = armkvm_pmu_set,
	  .reset = reset_zero, .mask = ALL, .val = PMU_INTENSET,
	  .flags = CP15_F_LIST | CP15_F_PMU },
	{ CP15(0, 9, 14, 2), .name = "PMINTENCLR", .section = "B4.1.118",
	  .access = armkvm_pmu_access, .val = PMU_INTENCLR, .flags = CP15_F_PMU },
	{ CP15(0, 9, 14, 3), PMU(PMOVSSET, "B4.1.121", OVSSET) },

	/* c10, memory attributes: PRRR and NMRR, or MAIR0 and MAIR1, by TTBCR.EAE */
	{ CP15(0, 10, 2, 0), STATE(MAIR0, "B4.1.127, B4.1.104", ALL, PRRR_RESET, CP15_F_MMU) },
	{ CP15(0, 10, 2, 1), STATE(MAIR1, "B4.1.110, B4.1.104", ALL, NMRR_RESET, CP15_F_MMU) },
	{ CP15(0, 10, 3, 0), STATE(AMAIR0, "B4.1.5", ALL, 0, 0) },
	{ CP15(0, 10, 3, 1), STATE(AMAIR1, "B4.1.5", ALL, 0, 0) },

	/*
	 * c12.  Of the security extensions, but every core that runs Linux has
	 * these two, and kernels use them unasked.
	 */
	{ CP15(0, 12, 0, 0), STATE(VBAR, "B4.1.156", 0xffffffe0, 0, 0) },
	{ CP15(0, 12, 1, 0), .name = "ISR", .section = "B4.1.97", .reg = CP15_ISR,
	  .access = access_ro },

	/* c13, context and thread */
	{ CP15(0, 13, 0, 0), RAZ_WI(FCSEIDR, "B4.1.56") },
	{ CP15(0, 13, 0, 1), STATE(CONTEXTIDR, "B4.1.36", ALL, 0, CP15_F_MMU) },
	{ CP15(0, 13, 0, 2), STATE(TPIDRURW, "B4.1.152", ALL, 0, CP15_F_USER) },
	{ CP15(0, 13, 0, 3), STATE(TPIDRURO, "B4.1.151", ALL, 0, CP15_F_USER_READ) },
	{ CP15(0, 13, 0, 4), STATE(TPIDRPRW, "B4.1.150", ALL, 0, 0) },

	/* c14, generic timer */
	{ CP15(0, 14, 0, 0), .name = "CNTFRQ", .section = "B4.1.21", .reg = CP15_CNTFRQ,
	  .access = access_cntfrq, .reset = reset_cntfrq, .mask = ALL,
	  .flags = CP15_F_LIST | CP15_F_TIMER | CP15_F_USER_READ },
	{ CP15(0, 14, 1, 0), STATE(CNTKCTL, "B4.1.26", 0x3ff, 0, CP15_F_TIMER) },
	{ CP15(0, 14, 2, 0), .name = "CNTP_TVAL", .section = "B4.1.29", .reg = CP15_CNTP_CVAL,
	  .access = access_timer_tval, .val = CNTKCTL_PL0PTEN,
	  .flags = CP15_F_ALIAS | CP15_F_TIMER | CP15_F_USER },
	{ CP15(0, 14, 2, 1), .name = "CNTP_CTL", .section = "B4.1.27", .reg = CP15_CNTP_CTL,
	  .access = access_timer_ctl, .get = get_timer_ctl, .set = set_timer_ctl,
	  .reset = reset_zero, .mask = 3, .val = CNTKCTL_PL0PTEN,
	  .flags = CP15_F_LIST | CP15_F_TIMER | CP15_F_USER },
	{ CP15(0, 14, 3, 0), .name = "CNTV_TVAL", .section = "B4.1.33", .reg = CP15_CNTV_CVAL,
	  .access = access_timer_tval, .val = CNTKCTL_PL0VTEN,
	  .flags = CP15_F_ALIAS | CP15_F_TIMER | CP15_F_USER },
	{ CP15(0, 14, 3, 1), .name = "CNTV_CTL", .section = "B4.1.31", .reg = CP15_CNTV_CTL,
	  .access = access_timer_ctl, .get = get_timer_ctl, .set = set_timer_ctl,
	  .reset = reset_zero, .mask = 3, .val = CNTKCTL_PL0VTEN,
	  .flags = CP15_F_LIST | CP15_F_TIMER | CP15_F_USER },

	/* c14, event counters as ARMv8 names them: for the launcher alone (DDI 0487, PMEVCNTR<n>, PMEVTYPER<n>) */
	{ CP15(0, 14, 8, 0), PMU_EVENT(PMEVCNTR0, CP15_PMEVCNTR0 + 0, ALL) },
	{ CP15(0, 14, 8, 1), PMU_EVENT(PMEVCNTR1, CP15_PMEVCNTR0 + 1, ALL) },
	{ CP15(0, 14, 8, 2), PMU_EVENT(PMEVCNTR2, CP15_PMEVCNTR0 + 2, ALL) },
	{ CP15(0, 14, 8, 3), PMU_EVENT(PMEVCNTR3, CP15_PMEVCNTR0 + 3, ALL) },
	{ CP15(0, 14, 8, 4), PMU_EVENT(PMEVCNTR4, CP15_PMEVCNTR0 + 4, ALL) },
	{ CP15(0, 14, 8, 5), PMU_EVENT(PMEVCNTR5, CP15_PMEVCNTR0 + 5, ALL) },
	{ CP15(0, 14, 12, 0), PMU_EVENT(PMEVTYPER0, CP15_PMEVTYPER0 + 0, 0xff) },
	{ CP15(0, 14, 12, 1), PMU_EVENT(PMEVTYPER1, CP15_PMEVTYPER0 + 1, 0xff) },
	{ CP15(0, 14, 12, 2), PMU_EVENT(PMEVTYPER2, CP15_PMEVTYPER0 + 2, 0xff) },
	{ CP15(0, 14, 12, 3), PMU_EVENT(PMEVTYPER3, CP15_PMEVTYPER0 + 3, 0xff) },
	{ CP15(0, 14, 12, 4), PMU_EVENT(PMEVTYPER4, CP15_PMEVTYPER0 + 4, 0xff) },
	{ CP15(0, 14, 12, 5), PMU_EVENT(PMEVTYPER5, CP15_PMEVTYPER0 + 5, 0xff) },

	/* c15, Cortex-A9's power control and diagnostic registers, which errata handling touches */
	{ CP15(0, 15, 0, 0), RAZ_WI(PCR, "Cortex-A9 TRM, Power Control Register") },
	{ CP15(0, 15, 0, 1), RAZ_WI(DIAG, "Cortex-A9 TRM, diagnostic register") },
	{ CP15(4, 15, 0, 0), ID(CBAR, "Cortex-A9 TRM, Configuration Base Address", NULL, NULL, 0) },

	/* 64 bits: MCRR, MRRC */
	{ CP15_64(0, 2), STATE(TTBR0, "B4.1.154", TTBR_WRITABLE, 0, CP15_F_MMU | CP15_F_LPAE) },
	{ CP15_64(1, 2), STATE(TTBR1, "B4.1.155", TTBR_WRITABLE, 0, CP15_F_MMU | CP15_F_LPAE) },
	{ CP15_64(0, 7), STATE(PAR, "B4.1.112", ~0ULL, 0, CP15_F_LPAE) },
	{ CP15_64(0, 14), .name = "CNTPCT", .section = "B4.1.30",
	  .access = access_count, .val = CNTKCTL_PL0PCTEN,
	  .flags = CP15_F_TIMER | CP15_F_USER },
	{ CP15_64(1, 14), .name = "CNTVCT", .section = "B4.1.34",
	  .access = access_count, .get = get_count, .set = set_count, .val = CNTKCTL_PL0VCTEN,
	  .flags = CP15_F_LIST | CP15_F_TIMER | CP15_F_USER },
	{ CP15_64(2, 14), .name = "CNTP_CVAL", .section = "B4.1.28", .reg = CP15_CNTP_CVAL,
	  .access = access_timer_cval, .set = set_timer_cval,
	  .reset = reset_zero, .mask = ~0ULL, .val = CNTKCTL_PL0PTEN,
	  .flags = CP15_F_LIST | CP15_F_TIMER | CP15_F_USER },
	{ CP15_64(3, 14), .name = "CNTV_CVAL", .section = "B4.1.32", .reg = CP15_CNTV_CVAL,
	  .access = access_timer_cval, .set = set_timer_cval,
	  .reset = reset_zero, .mask = ~0ULL, .val = CNTKCTL_PL0VTEN,
	  .flags = CP15_F_LIST | CP15_F_TIMER | CP15_F_USER },
};

static const struct cp15_row *cp15_find_row(u32 key)
{
	size_t low = 0, high = ARRAY_SIZE(cp15_table);

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (cp15_table[mid].key == key)
			return &cp15_table[mid];
		if (cp15_table[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

/*
 * -- reset ---------------------------------------------------------------------
 */

void armkvm_cp15_reset(struct armkvm_vcpu *vcpu)
{
	const struct cp15_row *row;

	for (row = cp15_table; row < cp15_table + ARRAY_SIZE(cp15_table); row++) {
		if (!row->reg || row->flags & CP15_F_ALIAS)
			continue;
		cp15_store(vcpu, row, row->reset ? row->reset(vcpu, row) : row->val);
	}
	memcpy(vcpu->ccsidr, armkvm_host.ccsidr, sizeof(vcpu->ccsidr));
	vcpu->cp15[CP15_NONE] = 0;
}

/*
 * -- guest access ----------------------------------------------------------------
 */

/* Identification encodings without a register: c0, c3-c7 are reserved, RAZ (B3.17.1, CP15 c0). */
static bool cp15_is_reserved_id(u32 key)
{
	return KEY_CP(key) == 15 && !(key & CP15_KEY_64BIT) && !KEY_CRN(key) &&
	       !KEY_OPC1(key) && KEY_CRM(key) >= 3 && KEY_CRM(key) <= 7;
}

static void cp15_log_unknown(struct armkvm_vcpu *vcpu, const struct cp15_params *p)
{
	const char *insn = p->write ? "MCR" : "MRC";
	u32 key = p->key;

	if (atomic_inc_return(&vcpu->vm->unknown_regs) > MAX_UNKNOWN_MESSAGES) {
		/* Stays above the limit, and never wraps. */
		atomic_dec(&vcpu->vm->unknown_regs);
		return;
	}
	if (key & CP15_KEY_64BIT)
		pr_info_ratelimited("no row for %sR p%u, %u, ..., c%u: the guest gets UNDEF\n",
				    insn, KEY_CP(key), KEY_OPC1(key), KEY_CRM(key));
	else
		pr_info_ratelimited("no row for %s p%u, %u, ..., c%u, c%u, %u: the guest gets UNDEF\n",
				    insn, KEY_CP(key), KEY_OPC1(key), KEY_CRN(key), KEY_CRM(key),
				    KEY_OPC2(key));
}

static bool cp15_has_feature(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	if (row->flags & CP15_F_LPAE && !cp15_has_lpae(vcpu))
		return false;
	if (row->flags & CP15_F_TIMER && !cp15_id_field(vcpu, CP15_ID_PFR1, 16))
		return false;
	if (row->flags & CP15_F_THUMBEE && !cp15_id_field(vcpu, CP15_ID_PFR0, 12))
		return false;
	return true;
}

static bool cp15_is_denied(const struct cp15_params *p, const struct cp15_row *row)
{
	return p->user && !(row->flags & (p->write ? CP15_F_USER_WRITE : CP15_F_USER_READ));
}

enum cp15_result armkvm_cp15_access(struct armkvm_vcpu *vcpu, struct cp15_params *p,
				    enum cp15_op *op)
{
	const struct cp15_row *row = cp15_find_row(p->key);

	if (!row) {
		if (cp15_is_reserved_id(p->key) && !p->user && !p->write) {
			p->val = 0;
			return CP15_DONE;
		}
		if (!p->user)
			cp15_log_unknown(vcpu, p);
		return CP15_UNDEF;
	}
	if (cp15_is_denied(p, row) || !cp15_has_feature(vcpu, row))
		return CP15_UNDEF;

	if (!row->access) {
		/* Operations are write-only. */
		if (!p->write)
			return CP15_UNDEF;
		*op = row->op;
		return CP15_MAINTAIN;
	}
	if (!row->access(vcpu, p, row))
		return CP15_UNDEF;
	if (p->write && row->flags & CP15_F_MMU)
		return CP15_DONE_MMU;
	if (p->write && row->flags & (CP15_F_TIMER | CP15_F_PMU))
		return CP15_DONE_TIMER;
	return CP15_DONE;
}

/*
 * -- ONE_REG -----------------------------------------------------------------------
 */

/* The next one behind @row that can be named, if it has @key; else the one that a search finds. */
static const struct cp15_row *cp15_find_row_behind(const struct cp15_row *row, u32 key)
{
	if (row) {
		for (row++; row < cp15_table + ARRAY_SIZE(cp15_table) && row->key < key; row++)
			if (row->flags & CP15_F_LIST)
				break;
		if (row < cp15_table + ARRAY_SIZE(cp15_table) && row->key == key)
			return row;
	}
	return cp15_find_row(key);
}

const struct cp15_row *armkvm_cp15_find_id(u64 id, const struct cp15_row *behind)
{
	const struct cp15_row *row = cp15_find_row_behind(behind, cp15_id_key(id));

	/* The id may have more bits set than a key has. */
	if (!row || !(row->flags & CP15_F_LIST) || cp15_key_id(row->key) != id)
		return NULL;
	return row;
}

u64 armkvm_cp15_get(const struct armkvm_vcpu *vcpu, const struct cp15_row *row)
{
	return row->get ? row->get(vcpu, row) : cp15_load(vcpu, row);
}

int armkvm_cp15_set(struct armkvm_vcpu *vcpu, const struct cp15_row *row, u64 val)
{
	if (!(row->flags & CP15_F_ID)) {
		if (row->set)
			row->set(vcpu, row, val);
		else
			cp15_store_masked(vcpu, row, val);
		return 0;
	}

	if (val == cp15_load(vcpu, row))
		return 0;
	if (row->valid && !row->valid(row, val))
		return -EINVAL;
	if (vcpu->has_run)
		return -EBUSY;
	cp15_store(vcpu, row, val);
	return 0;
}

u64 armkvm_cp15_list_id(unsigned int n)
{
	const struct cp15_row *row;

	for (row = cp15_table; row < cp15_table + ARRAY_SIZE(cp15_table); row++)
		if (row->flags & CP15_F_LIST && !n--)
			return cp15_key_id(row->key);
	return 0;
}

/*
 * -- the table's own test, at load ----------------------------------------------------
 */

static bool cp15_row_is_sane(const struct cp15_row *row)
{
	/* Either an operation, or a register with a way to access it. */
	if (!row->access != !!row->op || !row->name || !row->section)
		return false;
	if (row->reg + cp15_is_64bit(row) >= CP15_NR_REGS)
		return false;
	if (row->flags & CP15_F_LIST && !row->reg && !(row->get && row->set))
		return false;
	if (row->flags & CP15_F_ALIAS && !row->reg)
		return false;
	return true;
}

/* Does every word of storage have one row that resets it, and just one? */
static int cp15_check_storage(void)
{
	u8 owners[CP15_NR_REGS] = { };
	const struct cp15_row *row;
	unsigned int i;

	for (row = cp15_table; row < cp15_table + ARRAY_SIZE(cp15_table); row++) {
		if (!row->reg || row->flags & CP15_F_ALIAS)
			continue;
		owners[row->reg]++;
		if (cp15_is_64bit(row))
			owners[row->reg + 1]++;
	}
	for (i = CP15_NONE + 1; i < CP15_NR_REGS; i++) {
		if (owners[i] == 1)
			continue;
		pr_err("cp15 table: %u rows reset storage word %u\n", owners[i], i);
		return -EINVAL;
	}
	return 0;
}

/* Resets a vCPU full of @poison; what is still poison afterwards nobody has reset. */
static int cp15_check_reset(struct armkvm_vcpu *vcpu, u8 poison)
{
	u32 word = poison * 0x01010101U;
	unsigned int i;

	memset(vcpu->cp15, poison, sizeof(vcpu->cp15));
	memset(vcpu->ccsidr, poison, sizeof(vcpu->ccsidr));
	armkvm_cp15_reset(vcpu);

	for (i = 0; i < CP15_NR_REGS; i++) {
		if (vcpu->cp15[i] != word)
			continue;
		pr_err("cp15 table: storage word %u is not reset\n", i);
		return -EINVAL;
	}
	return 0;
}

int armkvm_cp15_check_table(void)
{
	struct armkvm_vcpu *vcpu;
	size_t i;
	int err;

	for (i = 0; i < ARRAY_SIZE(cp15_table); i++) {
		if (!cp15_row_is_sane(&cp15_table[i])) {
			pr_err("cp15 table: row %zu (%s) contradicts itself\n", i,
			       cp15_table[i].name);
			return -EINVAL;
		}
		if (i && cp15_table[i - 1].key >= cp15_table[i].key) {
			pr_err("cp15 table: row %zu (%s) is out of order\n", i,
			       cp15_table[i].name);
			return -EINVAL;
		}
	}

	err = cp15_check_storage();
	if (err)
		return err;

	vcpu = kzalloc(sizeof(*vcpu), GFP_KERNEL);
	if (!vcpu)
		return -ENOMEM;
	err = cp15_check_reset(vcpu, 0x42);
	if (!err)
		err = cp15_check_reset(vcpu, 0xbd);
	kfree(vcpu);
	return err;
}
