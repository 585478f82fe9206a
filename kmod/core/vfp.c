// SPDX-License-Identifier: GPL-2.0-only
/*
 * Floating point and SIMD registers: storage, reset, ONE_REG.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/nospec.h>
#include <linux/string.h>

#include "idreg.h"
#include "vcpu.h"
#include "vfp.h"

/* FPSID.SW: a software implementation, which this is not (B4.1.59). */
#define FPSID_SW		(1U << 23)

struct vfp_sysreg {
	u16 id;			/* ARMKVM_REG_ARM_VFP_* */
	u16 offset;		/* in struct armkvm_vfp */
	u32 mask;		/* bits that can be written, for those that aren't identification */
	s8 idreg;		/* enum armkvm_idreg, or one of these: */
#define VFP_STATE	(-1)
#define VFP_FPSID	(-2)
};

#define ROW(reg, field, m, kind) {					\
	.id = ARMKVM_REG_ARM_VFP_##reg,					\
	.offset = offsetof(struct armkvm_vfp, field),			\
	.mask = m,							\
	.idreg = kind,							\
}

static const struct vfp_sysreg vfp_sysregs[] = {
	ROW(FPSID, fpsid, 0, VFP_FPSID),
	/* B4.1.58: flags, QC, AHP, DN, FZ, RMode, Stride, FZ16 (ARMv8.2), Len, traps, status */
	ROW(FPSCR, fpscr, 0xffff9f9f, VFP_STATE),
	ROW(MVFR1, mvfr1, 0, IDREG_MVFR1),
	ROW(MVFR0, mvfr0, 0, IDREG_MVFR0),
	/* B4.1.57: no core of the A profile with VFPv3 or later has EX */
	ROW(FPEXC, fpexc, VFP_FPEXC_ENABLE, VFP_STATE),
	ROW(FPINST, fpinst, ~0U, VFP_STATE),
	ROW(FPINST2, fpinst2, ~0U, VFP_STATE),
};

void armkvm_vfp_reset(struct armkvm_vcpu *vcpu)
{
	struct armkvm_vfp *vfp = &vcpu->vfp;

	memset(vfp, 0, sizeof(*vfp));
	vfp->fpsid = armkvm_host.fpsid;
	vfp->mvfr0 = armkvm_idreg_default(IDREG_MVFR0);
	vfp->mvfr1 = armkvm_idreg_default(IDREG_MVFR1);
}

static const struct vfp_sysreg *vfp_find_sysreg(u64 id)
{
	size_t i;

	if (!armkvm_host.vfp_dregs)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(vfp_sysregs); i++)
		if (id == (ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 | ARMKVM_REG_ARM_VFP |
			   vfp_sysregs[i].id))
			return &vfp_sysregs[i];
	return NULL;
}

/* The number of the d register with this id, or -ENOENT. */
static int vfp_find_dreg(u64 id)
{
	u64 n = id - (ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U64 | ARMKVM_REG_ARM_VFP |
		      ARMKVM_REG_ARM_VFP_BASE_REG);

	if (n >= armkvm_host.vfp_dregs)
		return -ENOENT;
	return array_index_nospec((unsigned long)n, ARMKVM_MAX_DREGS);
}

int armkvm_vfp_get(const struct armkvm_vcpu *vcpu, u64 id, u64 *val)
{
	const struct vfp_sysreg *reg;
	int n = vfp_find_dreg(id);

	if (n >= 0) {
		*val = vcpu->vfp.d[n];
		return 0;
	}
	reg = vfp_find_sysreg(id);
	if (!reg)
		return -ENOENT;
	*val = *(const u32 *)((const char *)&vcpu->vfp + reg->offset);
	return 0;
}

static bool vfp_sysreg_value_ok(const struct vfp_sysreg *reg, u32 val)
{
	switch (reg->idreg) {
	case VFP_STATE:
		return true;
	case VFP_FPSID:
		return !(val & FPSID_SW);
	default:
		return armkvm_idreg_allowed(reg->idreg, val);
	}
}

static int vfp_set_sysreg(struct armkvm_vcpu *vcpu, const struct vfp_sysreg *reg, u32 val)
{
	u32 *storage = (u32 *)((char *)&vcpu->vfp + reg->offset);

	if (reg->idreg == VFP_STATE) {
		*storage = val & reg->mask;
		return 0;
	}
	if (val == *storage)
		return 0;
	if (!vfp_sysreg_value_ok(reg, val))
		return -EINVAL;
	if (vcpu->has_run)
		return -EBUSY;
	*storage = val;
	return 0;
}

int armkvm_vfp_set(struct armkvm_vcpu *vcpu, u64 id, u64 val)
{
	const struct vfp_sysreg *reg;
	int n = vfp_find_dreg(id);

	if (n >= 0) {
		vcpu->vfp.d[n] = val;
		return 0;
	}
	reg = vfp_find_sysreg(id);
	return reg ? vfp_set_sysreg(vcpu, reg, val) : -ENOENT;
}

u64 armkvm_vfp_list_id(unsigned int n)
{
	if (!armkvm_host.vfp_dregs)
		return 0;
	if (n < armkvm_host.vfp_dregs)
		return ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U64 | ARMKVM_REG_ARM_VFP | n;
	n -= armkvm_host.vfp_dregs;
	if (n < ARRAY_SIZE(vfp_sysregs))
		return ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 | ARMKVM_REG_ARM_VFP |
		       vfp_sysregs[n].id;
	return 0;
}
