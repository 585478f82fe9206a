/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64 host: its part of what the engine needs of the world switch
 * (host/world.h).
 */
#ifndef ARMKVM_HOST_WORLD_H
#define ARMKVM_HOST_WORLD_H

#include <linux/types.h>

#include "../world.h"
#include "switch.h"

struct host_vcpu {
	struct armkvm_cpu *cpu;		/* the guest's registers: vcpu->cpu */
	struct host_arm64_ctx *ctx;
	unsigned int last_cpu;		/* where it ran last; nr_cpu_ids: nowhere */
};

#endif /* ARMKVM_HOST_WORLD_H */
