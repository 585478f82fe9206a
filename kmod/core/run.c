// SPDX-License-Identifier: GPL-2.0-only
/*
 * ARMKVM_RUN: what is settled before guest code may run.
 *
 * No host offers a guest mode yet (armkvm_host_ops.modes), so here it ends.
 */
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/sched/signal.h>

#include "run.h"
#include "vcpu.h"

long armkvm_vcpu_run(struct armkvm_vcpu *vcpu, unsigned long arg)
{
	struct armkvm_run *run = vcpu->run;

	if (arg)
		return -EINVAL;
	if (!vcpu->initialized)
		return -ENOEXEC;

	armkvm_vcpu_stat_inc(vcpu, VCPU_STAT_RUN_CALLS);

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
