// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARMKVM_RUN: what is settled before guest code may run.  The rest is the
 * engine's (core/engine/), where the host has one.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/sched/signal.h>

#include "engine-ops.h"
#include "gic.h"
#include "vcpu-run.h"
#include "vcpu.h"

long armkvm_vcpu_run(struct armkvm_vcpu *vcpu, unsigned long arg)
{
	struct armkvm_run *run = vcpu->run;
	int err;

	if (arg)
		return -EINVAL;
	if (!vcpu->initialized)
		return -ENOEXEC;

	err = armkvm_gic_start(vcpu->vm);
	if (err)
		return err;

	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_RUN_CALLS);

	/* It looks at immediate_exit itself, after it has completed the last exit. */
	if (armkvm_engine)
		return armkvm_engine->run(vcpu);

	/*
	 * A launcher that wants the vCPU out sets immediate_exit, then sends a
	 * signal: whichever comes first, guest code doesn't run.
	 */
	if (READ_ONCE(run->immediate_exit) || signal_pending(current)) {
		WRITE_ONCE(run->exit_reason, ARMKVM_EXIT_INTR);
		return -EINTR;
	}

	return -ENOSYS;
}
