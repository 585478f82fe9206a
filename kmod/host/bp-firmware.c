// SPDX-License-Identifier: GPL-2.0-only
#include <linux/arm-smccc.h>
#include <linux/cpu.h>

#include "bp-firmware.h"

DEFINE_PER_CPU(enum bp_firmware, bp_firmware);

/*
 * ARM DEN 0028, SMCCC_ARCH_FEATURES; the answer holds for the CPU that asks: 0 the workaround is
 * needed, 1 it is there and not needed, negative it isn't there.
 */
static bool bp_firmware_wanted(u32 call)
{
	struct arm_smccc_res res;

	arm_smccc_1_1_invoke(ARM_SMCCC_ARCH_FEATURES_FUNC_ID, call, &res);
	return !(s32)res.a0;
}

static enum bp_firmware bp_firmware_ask(void)
{
	if (cpu_mitigations_off() || arm_smccc_1_1_get_conduit() == SMCCC_CONDUIT_NONE)
		return BP_NOTHING;
	if (bp_firmware_wanted(ARM_SMCCC_ARCH_WORKAROUND_3))	/* 1 is part of it */
		return BP_WORKAROUND_3;
	if (bp_firmware_wanted(ARM_SMCCC_ARCH_WORKAROUND_1))
		return BP_WORKAROUND_1;
	return BP_NOTHING;
}

void bp_firmware_call(void)
{
	if (__this_cpu_read(bp_firmware) == BP_UNKNOWN)
		__this_cpu_write(bp_firmware, bp_firmware_ask());
	switch (__this_cpu_read(bp_firmware)) {
	case BP_WORKAROUND_1:
		arm_smccc_1_1_invoke(ARM_SMCCC_ARCH_WORKAROUND_1, NULL);
		break;
	case BP_WORKAROUND_3:
		arm_smccc_1_1_invoke(ARM_SMCCC_ARCH_WORKAROUND_3, NULL);
		break;
	default:
		break;
	}
}
