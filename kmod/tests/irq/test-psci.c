// SPDX-License-Identifier: GPL-2.0-only
/*
 * Tests of core/arm/psci: what a guest gets for what it may call.
 */
#include <string.h>

#include <asm/armkvm_para.h>

#include "psci.h"
#include "test.h"

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* Two clusters of two, as MPIDR tells them: bit 31 set, affinities below. */
static const u32 mpidrs[] = { 0x80000000, 0x80000001, 0x80000100, 0x80000101 };
static enum psci_cpu_state state[4];
static u32 features, entry, arg;
static unsigned int calls;
static int on_answer;
static u32 r[4];

static unsigned int nr_cpus(void *ctx)
{
	(void)ctx;
	return ARRAY_LEN(mpidrs);
}

static u32 mpidr(void *ctx, unsigned int cpu)
{
	(void)ctx;
	return mpidrs[cpu];
}

static enum psci_cpu_state cpu_state(void *ctx, unsigned int cpu)
{
	(void)ctx;
	return state[cpu];
}

static int cpu_on(void *ctx, unsigned int cpu, u32 entry_, u32 arg_)
{
	(void)ctx;
	calls++;
	entry = entry_;
	arg = arg_;
	if (!on_answer)
		state[cpu] = PSCI_CPU_ON_PENDING;
	return on_answer;
}

static u32 pv_features(void *ctx)
{
	(void)ctx;
	return features;
}

static const struct psci_ops ops = {
	.nr_cpus = nr_cpus,
	.mpidr = mpidr,
	.cpu_state = cpu_state,
	.cpu_on = cpu_on,
	.pv_features = pv_features,
};

static enum psci_action call_from(bool user, u32 fn, u32 a, u32 b, u32 c)
{
	r[0] = fn;
	r[1] = a;
	r[2] = b;
	r[3] = c;
	return psci_call(&ops, NULL, user, r);
}

/* A call that comes straight back: its r0. */
static s64 call(u32 fn, u32 a, u32 b, u32 c)
{
	enum psci_action action = call_from(false, fn, a, b, c);

	return action == PSCI_CONTINUE ? (s32)r[0] : 1000 + (s64)action;
}

static void power_on_state(void)
{
	state[0] = PSCI_CPU_ON;
	for (unsigned int cpu = 1; cpu < ARRAY_LEN(state); cpu++)
		state[cpu] = PSCI_CPU_OFF;
	features = 0;
	calls = 0;
	on_answer = 0;
}

static void versions(void)
{
	power_on_state();
	EXPECT(call(0x84000000, 0, 0, 0), 0x10000);
	EXPECT(call(0x84000006, 0, 0, 0), 2);
	EXPECT(call(0x80000000, 0, 0, 0), 0x10001);
	EXPECT(call(0x80000001, 0x80000000, 0, 0), 0);
	EXPECT(call(0x80000001, 0x80000001, 0, 0), 0);
	EXPECT(call(0x80000001, 0x80008000, 0, 0), -1ll);
	EXPECT(call(0x80000001, 0x80007fff, 0, 0), -1ll);
}

static void feature_query(void)
{
	static const u8 there[] = { 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0 };

	power_on_state();
	for (unsigned int n = 0; n < ARRAY_LEN(there); n++)
		EXPECT(call(0x8400000a, 0x84000000 + n, 0, 0), there[n] ? 0 : -1ll);
	EXPECT(call(0x8400000a, 0x80000000, 0, 0), 0);
	EXPECT(call(0x8400000a, 0xc4000003, 0, 0), -1ll);
}

/* Said to be there and there, or neither: PSCI_FEATURES doesn't lie. */
static void features_agree(void)
{
	for (u32 fn = 0x84000000; fn < 0x84000020; fn++) {
		s64 said, did;

		power_on_state();
		said = call(0x8400000a, fn, 0, 0);
		did = call(fn, 0x84000000, 0, 0);
		EXPECT(did != PSCI_NOT_SUPPORTED, said == 0);
	}
}

static void not_supported(void)
{
	static const u32 fns[] = {
		0, 1, 0x84000005, 0x84000007, 0x8400000e, 0x84000012, 0xc4000003, 0xc4000001,
		0x8400ff01, 0x85000000, 0xc6000000, 0x95c1ba5e, 0x04000000, 0xffffffff,
		0x85ffffff, 0x86010000, 0x80000002,
	};

	power_on_state();
	features = ~0u;
	for (unsigned int n = 0; n < ARRAY_LEN(fns); n++)
		EXPECT(call(fns[n], 0, 0, 0), -1ll);
	EXPECT(calls, 0);
}

static void turning_on(void)
{
	power_on_state();
	EXPECT(call(0x84000003, 0x101, 0x40008001, 0x1234), 0);
	EXPECT(calls, 1);
	EXPECT(entry, 0x40008001);
	EXPECT(arg, 0x1234);
	EXPECT(state[3], PSCI_CPU_ON_PENDING);
	EXPECT(call(0x84000003, 0x101, 0x40008000, 0), PSCI_ON_PENDING);
	state[3] = PSCI_CPU_ON;
	EXPECT(call(0x84000003, 0x101, 0x40008000, 0), PSCI_ALREADY_ON);
	EXPECT(call(0x84000003, 0, 0x40008000, 0), PSCI_ALREADY_ON);
	EXPECT(call(0x84000003, 2, 0x40008000, 0), PSCI_INVALID_PARAMETERS);
	EXPECT(call(0x84000003, 0x80000001, 0x40008000, 0), PSCI_INVALID_PARAMETERS);
	EXPECT(calls, 1);
	on_answer = PSCI_ON_PENDING;			/* somebody was faster */
	EXPECT(call(0x84000003, 1, 0x40008000, 0), PSCI_ON_PENDING);
	EXPECT(calls, 2);
}

static void affinity(void)
{
	power_on_state();
	EXPECT(call(0x84000004, 0, 0, 0), PSCI_CPU_ON);
	EXPECT(call(0x84000004, 1, 0, 0), PSCI_CPU_OFF);
	EXPECT(call(0x84000004, 0x100, 0, 0), PSCI_CPU_OFF);
	EXPECT(call(0x84000004, 0x102, 0, 0), PSCI_INVALID_PARAMETERS);
	EXPECT(call(0x84000004, 0x1ff, 1, 0), PSCI_CPU_OFF);
	state[3] = PSCI_CPU_ON_PENDING;
	EXPECT(call(0x84000004, 0x100, 1, 0), PSCI_CPU_ON_PENDING);
	EXPECT(call(0x84000004, 0x100, 0, 0), PSCI_CPU_OFF);
	EXPECT(call(0x84000004, 0x000, 1, 0), PSCI_CPU_ON);
	EXPECT(call(0x84000004, 0x200, 1, 0), PSCI_INVALID_PARAMETERS);
	EXPECT(call(0x84000004, 0xffff, 2, 0), PSCI_CPU_ON);
	EXPECT(call(0x84000004, 0, 3, 0), PSCI_INVALID_PARAMETERS);
	EXPECT(call(0x84000004, 0, ~0u, 0), PSCI_INVALID_PARAMETERS);
	EXPECT(call(0x84000004, 0x80000000, 0, 0), PSCI_INVALID_PARAMETERS);
}

static void leaving(void)
{
	power_on_state();
	EXPECT(call_from(false, 0x84000001, 0x00010000, 0x8000, 1), PSCI_WAIT);
	EXPECT(r[0], 0);
	EXPECT(call_from(false, 0x84000002, 0, 0, 0), PSCI_CPU_IS_OFF);
	EXPECT(call_from(false, 0x84000008, 0, 0, 0), PSCI_SYSTEM_OFF);
	EXPECT(r[0], (u32)PSCI_INTERNAL_FAILURE);
	EXPECT(call_from(false, 0x84000009, 0, 0, 0), PSCI_SYSTEM_RESET);
	EXPECT(r[0], (u32)PSCI_INTERNAL_FAILURE);
}

static void registers_kept(void)
{
	power_on_state();
	EXPECT(call_from(false, 0x84000000, 1, 2, 3), PSCI_CONTINUE);
	EXPECT(r[1], 1);
	EXPECT(r[2], 2);
	EXPECT(r[3], 3);
}

static void discovery(void)
{
	/* b95870e0-456e-4e40-8c32-f7a084563337, bytes in order from r0's lowest */
	static const u8 uid[] = {
		0xb9, 0x58, 0x70, 0xe0, 0x45, 0x6e, 0x4e, 0x40,
		0x8c, 0x32, 0xf7, 0xa0, 0x84, 0x56, 0x33, 0x37,
	};

	power_on_state();
	/* without a feature there is nothing to discover */
	EXPECT(call(ARMKVM_HC_CALL_UID, 0, 0, 0), ARMKVM_HC_NOT_SUPPORTED);
	EXPECT(call(ARMKVM_HC_REVISION, 0, 0, 0), ARMKVM_HC_NOT_SUPPORTED);
	EXPECT(call(ARMKVM_HC_FEATURES, 0, 0, 0), ARMKVM_HC_NOT_SUPPORTED);
	features = 1;
	EXPECT(call_from(false, ARMKVM_HC_CALL_UID, 0, 0, 0), PSCI_CONTINUE);
	for (unsigned int n = 0; n < ARRAY_LEN(uid); n++)
		EXPECT(r[n / 4] >> (n % 4 * 8) & 0xff, uid[n]);
	EXPECT(call_from(false, ARMKVM_HC_REVISION, 0, 0, 7), PSCI_CONTINUE);
	EXPECT(r[0], 1);
	EXPECT(r[1], 0);
	EXPECT(r[3], 7);
	EXPECT(call(ARMKVM_HC_FEATURES, 0, 0, 0), 1);
	features = 0x3ff;
	EXPECT(call(ARMKVM_HC_FEATURES, 0, 0, 0), 0x3ff);
}

/* Each armkvm call needs its own feature, and nothing else passes. */
static void para_calls(void)
{
	static const struct { u32 fn, bit; } known[] = {
		{ 0x86000010, 0 }, { 0x86000011, 0 }, { 0x86000012, 1 }, { 0x86000013, 1 },
		{ 0x86000020, 2 }, { 0x86000021, 2 }, { 0x86000028, 3 }, { 0x86000029, 4 },
		{ 0x8600002a, 4 }, { 0x86000030, 5 }, { 0x86000040, 6 }, { 0x86000041, 7 },
		{ 0x86000050, 9 }, { 0x86000060, 10 }, { 0x86000061, 10 }, { 0x86000022, 11 },
		/* calls that were interrupted */
		{ 0x86008012, 1 }, { 0x86008013, 1 }, { 0x86008040, 6 },
	};
	unsigned int passed = 0;

	power_on_state();
	for (unsigned int n = 0; n < ARRAY_LEN(known); n++) {
		features = 1u << known[n].bit;
		EXPECT(call_from(false, known[n].fn, 0, 0, 0), PSCI_PARA_CALL);
		EXPECT(r[0], known[n].fn);
		features = ~features;
		EXPECT(call(known[n].fn, 0, 0, 0), ARMKVM_HC_NOT_SUPPORTED);
	}
	features = ~0u;
	for (u32 fn = 0x86000000; fn <= 0x8600ffff; fn++)
		passed += call_from(false, fn, 0, 0, 0) == PSCI_PARA_CALL;
	EXPECT(passed, ARRAY_LEN(known));
}

static void user_mode(void)
{
	power_on_state();
	features = ~0u;
	EXPECT(call_from(true, 0x84000008, 0, 0, 0), PSCI_UNDEF);
	EXPECT(r[0], 0x84000008);
	EXPECT(call_from(true, 0x84000003, 1, 0x8000, 0), PSCI_UNDEF);
	EXPECT(calls, 0);
	EXPECT(call_from(true, 0x86000010, 0, 0, 0), PSCI_CONTINUE);
	EXPECT(r[0], (u32)ARMKVM_HC_DENIED);
	EXPECT(call_from(true, ARMKVM_HC_CALL_UID, 0, 0, 0), PSCI_CONTINUE);
	EXPECT(r[0], (u32)ARMKVM_HC_DENIED);
	features = 0;
	EXPECT(call_from(true, ARMKVM_HC_CALL_UID, 0, 0, 0), PSCI_UNDEF);
}

static const struct test_case cases[] = {
	{ "psci: versions", versions },
	{ "psci: PSCI_FEATURES", feature_query },
	{ "psci: PSCI_FEATURES tells the truth", features_agree },
	{ "psci: what is not supported", not_supported },
	{ "psci: CPU_ON", turning_on },
	{ "psci: AFFINITY_INFO", affinity },
	{ "psci: calls that leave the guest", leaving },
	{ "psci: result registers", registers_kept },
	{ "psci: discovery of armkvm", discovery },
	{ "psci: armkvm's own calls", para_calls },
	{ "psci: from User mode", user_mode },
};

int main(void)
{
	return test_run(cases, ARRAY_LEN(cases));
}
