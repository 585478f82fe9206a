/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Guests whose kernel runs privileged (ARMKVM_MODE_DIRECT), on hosts that can have them.
 *
 * Such a guest begins in shadow mode, in RAM where its physical addresses are the host's, and
 * is promoted by its own call: from then on its own tables, vectors and exceptions are the
 * hardware's.  It comes out by a call or when the host is interrupted; then all of its state is
 * where a guest's in shadow mode is, and it may go on as one.  There is no isolation from it.
 */
#ifndef ARMKVM_HOST_PRIV_H
#define ARMKVM_HOST_PRIV_H

#include <linux/types.h>

struct armkvm_vcpu;
struct host_vcpu;

enum host_priv_end {
	HOST_PRIV_INTERRUPTED,		/* by the host's interrupts, or it didn't run */
	HOST_PRIV_CALLED,		/* the pc says nothing, lr where the call returns to */
	HOST_PRIV_ANSWERED,		/* it called and was answered, and the engine has something to do */
};

struct host_priv_ops {
	/* At load and unload, if it is asked for.  start returns NULL, or why it can't be. */
	const char *(*start)(void);
	void (*stop)(void);
	/*
	 * The guest's tables have @table, a second-level table in the kernel's linear map, for the
	 * addresses of the switch area: it gets the host's entries.  Can the guest as it is go on
	 * privileged?  Returns NULL, or why it can't.  May sleep.
	 */
	const char *(*prepare)(struct armkvm_vcpu *vcpu, struct host_vcpu *hv, u32 *table);
	/* Is the host still as it was at load?  Any context. */
	bool (*works)(void);
	/*
	 * Runs the prepared guest until something is the caller's to do; @line: an interrupt waits for
	 * it.  Calls are answered by engine_priv_light() on the way.  IRQs masked, floating point the
	 * caller's (host_vfp_begin()).
	 */
	enum host_priv_end (*enter)(struct armkvm_vcpu *vcpu, struct host_vcpu *hv, bool line);
};

#endif /* ARMKVM_HOST_PRIV_H */
