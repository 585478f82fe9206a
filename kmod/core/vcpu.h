/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A virtual CPU: what its file descriptor stands for.
 *
 * All fields are protected by the vCPU's mutex, which every vCPU ioctl holds,
 * unless their comment says otherwise.
 */
#ifndef ARMKVM_CORE_VCPU_H
#define ARMKVM_CORE_VCPU_H

#include <linux/compiler.h>
#include <linux/mutex.h>
#include <linux/types.h>

#include <linux/armkvm.h>

#include "cp15.h"
#include "pmu.h"
#include "arm/cpu.h"
#include "../host/host.h"
#include "stats.h"
#include "vfp.h"

struct armkvm_vm;
struct engine_vcpu;
struct page;

struct armkvm_vcpu {
	struct armkvm_vm *vm;		/* constant; the vCPU's life is within the VM's */
	u32 id;				/* constant, below ARMKVM_MAX_VCPUS */
	struct mutex mutex;

	/*
	 * The pages that are shared with the launcher; trust nothing read from them.  The
	 * second has the data of ARMKVM_EXIT_MMIO_STRING.
	 */
	struct armkvm_run *run;
	void *data;
	struct page *run_page;
	struct page *data_page;

	bool initialized;		/* ARMKVM_ARM_VCPU_INIT was called */
	bool touched;			/* an ioctl other than ARMKVM_RUN has been here since the last one */
	bool has_run;			/* guest code has run: identification is frozen */
	u32 features[7];		/* as given to ARMKVM_ARM_VCPU_INIT */
	u32 mp_state;			/* ARMKVM_MP_STATE_* */

	struct engine_vcpu *engine;	/* what runs it; NULL without an engine */
	/* Core registers, banks, PSRs: where the engine has them, or in no_engine_cpu. */
	struct armkvm_cpu *cpu;
	struct armkvm_cpu no_engine_cpu;
	struct armkvm_pmu pmu;
	u32 cp15[CP15_NR_REGS];		/* indices: enum cp15_reg; 64-bit ones low word first */
	u32 ccsidr[ARMKVM_NR_CCSIDR];	/* by CSSELR value */
	struct armkvm_vfp vfp;
	u64 para_gpa;			/* of struct armkvm_para_vcpu, or ARMKVM_NO_GPA */
	u64 priv_gpa;			/* of the promoted guest's table, or ARMKVM_NO_GPA */
	u64 steal_gpa;			/* of struct armkvm_para_steal, or ARMKVM_NO_GPA */

	u64 stat[VCPU_STAT_NR];		/* readable without the mutex */
};

/*
 * ARMKVM_CREATE_VCPU: vCPU @id of @vm, without a state until it is initialised.
 *
 * Returns a close-on-exec file descriptor, which holds a reference on the VM,
 * or -EINVAL (id out of range), -EEXIST, -EBUSY (the module's GIC is
 * initialised), -ENOMEM, -EMFILE, -ENFILE, -EINTR (killed while waiting for a lock).
 */
int armkvm_vcpu_create(struct armkvm_vm *vm, unsigned long id);

/* Frees a vCPU that nothing refers to any more; NULL is fine. */
void armkvm_vcpu_free(struct armkvm_vcpu *vcpu);

/* Counts one more of @stat.  Held: the vCPU's mutex. */
static inline void armkvm_vcpu_stat_inc(struct armkvm_vcpu *vcpu, enum armkvm_vcpu_stat stat)
{
	WRITE_ONCE(vcpu->stat[stat], vcpu->stat[stat] + 1);
}

#endif /* ARMKVM_CORE_VCPU_H */
