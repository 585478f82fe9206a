// SPDX-License-Identifier: GPL-2.0-only
/* ONE_REG, REG_VALUES and the register list: ids, sizes, round trips, banks, reset, bad memory. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "selftest.h"

#define CORE(field)							\
	ARMKVM_REG_ARM_CORE_REG(offsetof(struct armkvm_regs, field) / 4)
#define CPSR		CORE(usr_regs[16])
#define VFP(nr)		(ARMKVM_REG_ARM | ARMKVM_REG_ARM_VFP | (nr))
#define KIND(id)	((id) & ARMKVM_REG_ARM_COPROC_MASK)

static int new_vcpu(void)
{
	return create_vcpu_inited(create_vm(open_system()), 0);
}

static int listed(const struct armkvm_reg_list *list, uint64_t id)
{
	uint64_t i;

	for (i = 0; i < list->n; i++)
		if (list->reg[i] == id)
			return 1;
	return 0;
}

static void list_call(void)
{
	int vcpu = new_vcpu();
	struct armkvm_reg_list *good = reg_list(vcpu), *list;
	uint64_t n = good->n, i;

	list = calloc(1, sizeof(*list) + (n + 8) * 8);
	for (i = 0; i < n + 8; i++)
		list->reg[i] = ~0ULL;
	list->n = n - 1;
	ERR(E2BIG, ioctl(vcpu, ARMKVM_GET_REG_LIST, list));
	CHECK(list->n == n, "%llu needed, told %llu",
	      (unsigned long long)n, (unsigned long long)list->n);
	for (i = 0; i < n; i++)
		CHECK(list->reg[i] == ~0ULL, "written although there was no room");
	list->n = n + 8;
	OK(ioctl(vcpu, ARMKVM_GET_REG_LIST, list));
	CHECK(list->n == n, "%llu registers", (unsigned long long)list->n);
	CHECK(!memcmp(list->reg, good->reg, n * 8), "two lists differ");
	for (i = n; i < n + 8; i++)
		CHECK(list->reg[i] == ~0ULL, "written behind the end");
	/* all the room there is in 64 bits: no overflow anywhere */
	list->n = ~0ULL;
	OK(ioctl(vcpu, ARMKVM_GET_REG_LIST, list));
	list->n = 1ULL << 61;
	OK(ioctl(vcpu, ARMKVM_GET_REG_LIST, list));
	CHECK(list->n == n, "%llu registers", (unsigned long long)list->n);
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_REG_LIST, NULL));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_REG_LIST, readonly_page()));
	list = at_edge(8 + n * 8 - 1); /* at no multiple of 8: not to be written with one STRD */
	memcpy(list, &n, sizeof(n));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_REG_LIST, list));
	list = at_edge(8 + n * 8);
	list->n = n;
	OK(ioctl(vcpu, ARMKVM_GET_REG_LIST, list));
}

static void list_ids(void)
{
	struct armkvm_reg_list *list = reg_list(new_vcpu());
	uint64_t i, j;

	for (i = 0; i < list->n; i++) {
		uint64_t id = list->reg[i], size = id & ARMKVM_REG_SIZE_MASK;

		CHECK((id & ARMKVM_REG_ARCH_MASK) == ARMKVM_REG_ARM,
		      "%#llx is not of 32-bit Arm", (unsigned long long)id);
		CHECK(size == ARMKVM_REG_SIZE_U32 || size == ARMKVM_REG_SIZE_U64,
		      "%#llx has an odd size", (unsigned long long)id);
		for (j = 0; j < i; j++)
			CHECK(list->reg[j] != id, "%#llx is there twice", (unsigned long long)id);
	}
}

/* Every listed register can be read, and written back, in any order. */
static void round_trip(void)
{
	int vcpu = new_vcpu();
	struct armkvm_reg_list *list = reg_list(vcpu);
	uint64_t *values = calloc(list->n, 8), i, now;

	for (i = 0; i < list->n; i++)
		CHECK(!get_reg(vcpu, list->reg[i], &values[i]), "reading %#llx: %s",
		      (unsigned long long)list->reg[i], strerror(errno));
	for (i = list->n; i-- > 0;)
		CHECK(!set_reg(vcpu, list->reg[i], values[i]), "writing back %#llx: %s",
		      (unsigned long long)list->reg[i], strerror(errno));
	for (i = 0; i < list->n; i++) {
		OK(get_reg(vcpu, list->reg[i], &now));
		/* counters go on counting */
		if (list->reg[i] == ARMKVM_REG_ARM_TIMER_CNT ||
		    list->reg[i] == ARMKVM_REG_CP64(15, 0, 14))
			continue;
		CHECK(now == values[i], "%#llx was %#llx, is %#llx",
		      (unsigned long long)list->reg[i],
		      (unsigned long long)values[i], (unsigned long long)now);
	}
}

static void wrong_sizes(void)
{
	int vcpu = new_vcpu();
	struct armkvm_reg_list *list = reg_list(vcpu);
	uint64_t i, id, size;

	for (i = 0; i < list->n; i++) {
		for (size = 0; size < 16; size++) {
			static char value[1 << 15];
			struct armkvm_one_reg reg = { .addr = addr_of(value) };

			id = (list->reg[i] & ~ARMKVM_REG_SIZE_MASK) | size << ARMKVM_REG_SIZE_SHIFT;
			/* a 64-bit register of the same bits may exist */
			if (listed(list, id))
				continue;
			reg.id = id;
			ERR(ENOENT, ioctl(vcpu, ARMKVM_GET_ONE_REG, &reg));
			ERR(ENOENT, ioctl(vcpu, ARMKVM_SET_ONE_REG, &reg));
		}
	}
}

static void foreign_ids(void)
{
	static const uint64_t arch[] = {
		0, 0x1000000000000000ULL, 0x2000000000000000ULL, 0x3000000000000000ULL,
		0x6000000000000000ULL,	/* arm64 */
		0x7000000000000000ULL, 0x8000000000000000ULL, 0x4100000000000000ULL,
		0x4000000100000000ULL, 0x4001000000000000ULL,
	};
	int vcpu = new_vcpu();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(arch); i++) {
		uint64_t id = arch[i] | ARMKVM_REG_SIZE_U32 | ARMKVM_REG_ARM_CORE;

		ERR(EINVAL, get_reg(vcpu, id, NULL));
		ERR(EINVAL, set_reg(vcpu, id, 0));
	}
}

static void absent(int vcpu, uint64_t id)
{
	int r = get_reg(vcpu, id, NULL);

	CHECK(r < 0 && errno == ENOENT, "reading unlisted %#llx: %d, %s",
	      (unsigned long long)id, r, strerror(errno));
	r = set_reg(vcpu, id, 0);
	CHECK(r < 0 && errno == ENOENT, "writing unlisted %#llx: %d, %s",
	      (unsigned long long)id, r, strerror(errno));
}

/* The whole space of cp14 and cp15 has the listed registers and no more. */
static void unlisted_coproc(void)
{
	int vcpu = new_vcpu();
	struct armkvm_reg_list *list = reg_list(vcpu);
	static unsigned char has32[2][1 << 15], has64[2][1 << 15];
	unsigned int cp, low;
	uint64_t i;

	for (i = 0; i < list->n; i++) {
		cp = KIND(list->reg[i]) >> ARMKVM_REG_ARM_COPROC_SHIFT;
		if (cp != 14 && cp != 15)
			continue;
		if (reg_size(list->reg[i]) == 8)
			has64[cp - 14][list->reg[i] & 0x7fff] = 1;
		else
			has32[cp - 14][list->reg[i] & 0x7fff] = 1;
	}
	for (cp = 14; cp <= 15; cp++) {
		for (low = 0; low < 1 << 15; low++) {
			uint64_t id = ARMKVM_REG_ARM | low |
				      (uint64_t)cp << ARMKVM_REG_ARM_COPROC_SHIFT;

			if (!has32[cp - 14][low])
				absent(vcpu, id | ARMKVM_REG_SIZE_U32);
			if (!has64[cp - 14][low])
				absent(vcpu, id | ARMKVM_REG_SIZE_U64);
		}
	}
}

static void unlisted_kinds(void)
{
	int vcpu = new_vcpu();
	struct armkvm_reg_list *list = reg_list(vcpu);
	uint64_t base = ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32;
	unsigned int i, kind;

	for (i = 0; i < 0x10000; i += i < 512 ? 1 : 251) {
		for (kind = 0x10; kind <= 0x14; kind++) {
			uint64_t id = base | (uint64_t)kind << ARMKVM_REG_ARM_COPROC_SHIFT | i;

			if (!listed(list, id))
				absent(vcpu, id);
			id ^= ARMKVM_REG_SIZE_U32 ^ ARMKVM_REG_SIZE_U64;
			if (!listed(list, id))
				absent(vcpu, id);
		}
	}
	for (kind = 0; kind < 0x1000; kind++)
		if ((kind < 14 || kind > 15) && (kind < 0x10 || kind > 0x14))
			absent(vcpu, base | (uint64_t)kind << ARMKVM_REG_ARM_COPROC_SHIFT);
}

/* All core registers at once: no two share storage, whatever the mode. */
static void core_banks(void)
{
	static const uint32_t modes[] = { 0x10, 0x11, 0x12, 0x13, 0x17, 0x1b, 0x1f };
	int vcpu = new_vcpu();
	unsigned int words = sizeof(struct armkvm_regs) / 4, i, m;
	uint64_t value;

	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		OK(set_reg(vcpu, CPSR, modes[m] | 0x1c0));
		for (i = 0; i < words; i++) {
			if (i == 16 || i == 17)	/* CPSR, reserved */
				continue;
			/* SPSRs hold a legal mode, PC is aligned */
			OK(set_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(i),
				   0x10000010 + (i << 8) + (m << 16)));
		}
		for (i = 0; i < words; i++) {
			if (i == 16 || i == 17)
				continue;
			OK(get_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(i), &value));
			CHECK(value == 0x10000010 + (i << 8) + (m << 16),
			      "mode %#x: word %u is %#llx", modes[m], i, (unsigned long long)value);
		}
		OK(get_reg(vcpu, CPSR, &value));
		CHECK((value & 0x1f) == modes[m], "mode %#llx", (unsigned long long)value);
	}
	/* the values stay with their banks when the mode changes */
	for (m = 0; m < ARRAY_SIZE(modes); m++) {
		OK(set_reg(vcpu, CPSR, modes[m] | 0x1c0));
		for (i = 0; i < words; i++) {
			if (i == 16 || i == 17)
				continue;
			OK(get_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(i), &value));
			CHECK(value == 0x10000010 + (i << 8) + ((ARRAY_SIZE(modes) - 1) << 16),
			      "after the change to mode %#x: word %u is %#llx",
			      modes[m], i, (unsigned long long)value);
		}
	}
}

static void cpsr_modes(void)
{
	int vcpu = new_vcpu();
	uint64_t value;
	unsigned int mode;

	OK(get_reg(vcpu, CPSR, &value));
	CHECK((value & 0x1ff) == 0x1d3, "CPSR is %#llx at reset, not Supervisor mode, masked",
	      (unsigned long long)value);
	for (mode = 0; mode < 32; mode++) {
		switch (mode) {
		case 0x10: case 0x11: case 0x12: case 0x13: case 0x17: case 0x1b: case 0x1f:
			OK(set_reg(vcpu, CPSR, 0x1c0 | mode));
			break;
		default:	/* Monitor and Hyp too: neither extension is there */
			ERR(EINVAL, set_reg(vcpu, CPSR, 0x1c0 | mode));
		}
	}
	OK(get_reg(vcpu, CPSR, &value));
	CHECK((value & 0x1f) == 0x1f, "a refused mode was taken");
}

static void vfp(void)
{
	int vcpu = new_vcpu();
	struct armkvm_reg_list *list = reg_list(vcpu);
	uint64_t d0 = VFP(ARMKVM_REG_ARM_VFP_BASE_REG) | ARMKVM_REG_SIZE_U64, value;
	unsigned int i, n;

	if (!listed(list, d0))
		test_skipped("this core has no VFP");
	n = listed(list, d0 + 31) ? 32 : 16;
	for (i = 0; i < n; i++)
		OK(set_reg(vcpu, d0 + i, 0x0123456789abcdefULL * (i + 1)));
	for (i = 0; i < n; i++) {
		OK(get_reg(vcpu, d0 + i, &value));
		CHECK(value == 0x0123456789abcdefULL * (i + 1), "d%u", i);
	}
	/* flags and rounding mode of the FPSCR */
	OK(set_reg(vcpu, VFP(ARMKVM_REG_ARM_VFP_FPSCR) | ARMKVM_REG_SIZE_U32, 0xf0c00000));
	OK(get_reg(vcpu, VFP(ARMKVM_REG_ARM_VFP_FPSCR) | ARMKVM_REG_SIZE_U32, &value));
	CHECK(value == 0xf0c00000, "FPSCR %#llx", (unsigned long long)value);
}

/* CCSIDR, one a CSSELR value: an index that names no cache is no register. */
static void demux(void)
{
	int vcpu = new_vcpu();
	uint64_t base = ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 | ARMKVM_REG_ARM_DEMUX, value, now;
	struct armkvm_reg_list *list = reg_list(vcpu);
	unsigned int i;

	for (i = 0; i < 0x1000; i++)
		if (!listed(list, base | i))
			absent(vcpu, base | i);
	CHECK(listed(list, base), "no CCSIDR for the first cache");
	OK(get_reg(vcpu, base, &value));
	/* maintenance by set and way is emulated: any geometry will do */
	OK(set_reg(vcpu, base, value ^ 1));
	OK(get_reg(vcpu, base, &now));
	CHECK(now == (value ^ 1), "CCSIDR is %#llx", (unsigned long long)now);
}

/* Identification: less than the host has may be claimed, more may not. */
static void identification(void)
{
	static const uint64_t ids[] = {
		ARMKVM_REG_CP32(15, 0, 0, 1, 0),	/* ID_PFR0 */
		ARMKVM_REG_CP32(15, 0, 0, 1, 1),	/* ID_PFR1 */
		ARMKVM_REG_CP32(15, 0, 0, 2, 0),	/* ID_ISAR0 */
		ARMKVM_REG_CP32(15, 0, 0, 2, 4),	/* ID_ISAR4 */
	};
	int vcpu = new_vcpu();
	uint64_t value, now;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		OK(get_reg(vcpu, ids[i], &value));
		OK(set_reg(vcpu, ids[i], value));
		ERR(EINVAL, set_reg(vcpu, ids[i], 0xffffffff));
		OK(get_reg(vcpu, ids[i], &now));
		CHECK(now == value, "a refused value was taken");
	}
	/* another core's name is no feature */
	OK(set_reg(vcpu, ARMKVM_REG_CP32(15, 0, 0, 0, 0), 0x410fc075));
	OK(get_reg(vcpu, ARMKVM_REG_CP32(15, 0, 0, 0, 0), &value));
	CHECK(value == 0x410fc075, "MIDR %#llx", (unsigned long long)value);
}

static void mpidr(void)
{
	int vm = create_vm(open_system()), a = create_vcpu_inited(vm, 0);
	int b = create_vcpu_inited(vm, 1);
	uint64_t va, vb, id = ARMKVM_REG_CP32(15, 0, 0, 0, 5);

	OK(get_reg(a, id, &va));
	OK(get_reg(b, id, &vb));
	CHECK(va & 1ULL << 31, "MPIDR %#llx has not the multiprocessing format",
	      (unsigned long long)va);
	CHECK((va & 0xff) == 0 && (vb & 0xff) == 1, "affinities %#llx and %#llx",
	      (unsigned long long)va, (unsigned long long)vb);
}

static void separate_vcpus(void)
{
	int vm = create_vm(open_system()), a = create_vcpu_inited(vm, 0);
	int b = create_vcpu_inited(vm, 1);
	struct armkvm_reg_list *list = reg_list(a);
	uint64_t *before = calloc(list->n, 8), now, i;

	for (i = 0; i < list->n; i++)
		OK(get_reg(b, list->reg[i], &before[i]));
	for (i = 0; i < list->n; i++) {
		OK(get_reg(a, list->reg[i], &now));
		set_reg(a, list->reg[i], now ^ 0x10);	/* refused or not */
	}
	for (i = 0; i < list->n; i++) {
		if (list->reg[i] == ARMKVM_REG_ARM_TIMER_CNT ||
		    list->reg[i] == ARMKVM_REG_CP64(15, 0, 14))
			continue;
		OK(get_reg(b, list->reg[i], &now));
		CHECK(now == before[i], "%#llx of another vCPU changed",
		      (unsigned long long)list->reg[i]);
	}
}

/* Whatever was written, ARM_VCPU_INIT gives the state of a new vCPU. */
static void reset(void)
{
	int vcpu = new_vcpu();
	struct armkvm_reg_list *list = reg_list(vcpu);
	struct armkvm_vcpu_init init = { 0 };
	uint64_t *fresh = calloc(list->n, 8), now, i;
	unsigned int bit, changed = 0;

	for (i = 0; i < list->n; i++)
		OK(get_reg(vcpu, list->reg[i], &fresh[i]));
	for (i = 0; i < list->n; i++)
		for (bit = 0; bit < 8 * reg_size(list->reg[i]); bit += 5)
			if (!set_reg(vcpu, list->reg[i], fresh[i] ^ 1ULL << bit))
				changed++;
	CHECK(changed > list->n / 2, "only %u values could be written", changed);
	OK(ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init));
	for (i = 0; i < list->n; i++) {
		if (list->reg[i] == ARMKVM_REG_ARM_TIMER_CNT ||
		    list->reg[i] == ARMKVM_REG_CP64(15, 0, 14))
			continue;
		OK(get_reg(vcpu, list->reg[i], &now));
		CHECK(now == fresh[i], "%#llx is %#llx after reset, was %#llx",
		      (unsigned long long)list->reg[i],
		      (unsigned long long)now, (unsigned long long)fresh[i]);
	}
}

/* One bit at a time: each value is kept, or masked, or refused; nothing else moves. */
static void single_bits(void)
{
	int vcpu = new_vcpu();
	struct armkvm_reg_list *list = reg_list(vcpu);
	uint64_t i, before, after;
	unsigned int bit;

	for (i = 0; i < list->n; i++) {
		for (bit = 0; bit < 8 * reg_size(list->reg[i]); bit++) {
			OK(get_reg(vcpu, list->reg[i], &before));
			if (set_reg(vcpu, list->reg[i], before ^ 1ULL << bit))
				CHECK(errno == EINVAL, "writing %#llx: %s",
				      (unsigned long long)list->reg[i], strerror(errno));
			OK(get_reg(vcpu, list->reg[i], &after));
			OK(set_reg(vcpu, list->reg[i], after));
			CHECK(!set_reg(vcpu, list->reg[i], before), "%#llx doesn't go back to %#llx: %s",
			      (unsigned long long)list->reg[i], (unsigned long long)before,
			      strerror(errno));
		}
	}
}

static void bad_memory(void)
{
	int vcpu = new_vcpu();
	struct armkvm_one_reg reg = { .id = ARMKVM_REG_ARM_CORE_REG(0) };
	uint64_t old, now;

	OK(set_reg(vcpu, reg.id, 0x12345678));
	OK(get_reg(vcpu, reg.id, &old));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_ONE_REG, NULL));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_ONE_REG, NULL));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_ONE_REG, at_edge(sizeof(reg) - 1)));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_ONE_REG, &reg));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_ONE_REG, &reg));
	reg.addr = addr_of(readonly_page());
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_ONE_REG, &reg));
	reg.addr = addr_of(at_edge(3));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_ONE_REG, &reg));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_ONE_REG, &reg));
	reg.addr = ~0ULL;
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_ONE_REG, &reg));
	reg.addr = 0xffff000000001000ULL;
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_ONE_REG, &reg));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_ONE_REG, &reg));
	if (sizeof(void *) == 4) {
		/* the upper half counts: this is not &now */
		reg.addr = addr_of(&now) | 1ULL << 32;
		ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_ONE_REG, &reg));
		ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_ONE_REG, &reg));
	}
	OK(get_reg(vcpu, reg.id, &now));
	CHECK(now == old, "a failed call changed the register");
	/* exactly four bytes, no alignment needed */
	reg.addr = addr_of((char *)at_edge(5));
	OK(ioctl(vcpu, ARMKVM_GET_ONE_REG, &reg));
}

/* All registers in one call are what they are one by one, and can be put back. */
static void values(void)
{
	int vcpu = new_vcpu(), other = new_vcpu();
	struct armkvm_reg_list *list = reg_list(vcpu);
	struct armkvm_reg_value *regs = calloc(list->n + 1, sizeof(*regs));
	struct armkvm_reg_values call = { .regs = addr_of(regs), .nr = list->n, .done = 99 };
	uint64_t i, now;

	CHECK(capability(open_system(), ARMKVM_CAP_REG_VALUES) >= (long)list->n,
	      "%llu registers are too many", (unsigned long long)list->n);
	for (i = 0; i < 16; i++)
		OK(set_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(i), 0x1000 + i));
	for (i = 0; i <= list->n; i++)
		regs[i].value = ~0ULL;
	for (i = 0; i < list->n; i++)
		regs[i].id = list->reg[i];
	OK(ioctl(vcpu, ARMKVM_GET_REG_VALUES, &call));
	CHECK(call.done == list->n, "%u done", call.done);
	CHECK(regs[list->n].value == ~0ULL, "written behind the end");
	for (i = 0; i < list->n; i++) {
		if (list->reg[i] == ARMKVM_REG_ARM_TIMER_CNT ||
		    list->reg[i] == ARMKVM_REG_CP64(15, 0, 14))
			continue;
		OK(get_reg(vcpu, list->reg[i], &now));
		CHECK(now == regs[i].value, "%#llx: %#llx, not %#llx", (unsigned long long)list->reg[i],
		      (unsigned long long)regs[i].value, (unsigned long long)now);
	}
	call.done = 0;
	OK(ioctl(other, ARMKVM_SET_REG_VALUES, &call));
	CHECK(call.done == list->n, "%u written", call.done);
	for (i = 0; i < 16; i++) {
		OK(get_reg(other, ARMKVM_REG_ARM_CORE_REG(i), &now));
		CHECK(now == 0x1000 + i, "r%u is %#llx", (unsigned int)i, (unsigned long long)now);
	}
	call.nr = 0;
	OK(ioctl(vcpu, ARMKVM_GET_REG_VALUES, &call));
	CHECK(call.done == 0, "%u done of none", call.done);
}

/* The first register that fails ends the call: what is before it is done, what is behind it isn't. */
static void values_fail(void)
{
	enum { NR = 40, AT = 21 };
	int vcpu = new_vcpu();
	struct armkvm_reg_value regs[NR];
	struct armkvm_reg_values call = { .regs = addr_of(regs), .nr = NR };
	long max = capability(open_system(), ARMKVM_CAP_REG_VALUES);
	uint64_t now;
	unsigned int i;

	for (i = 0; i < NR; i++)
		regs[i] = (struct armkvm_reg_value){ ARMKVM_REG_ARM_CORE_REG(i % 13), 0x2000 + i };
	regs[AT].id = ARMKVM_REG_ARM_CORE_REG(17);
	ERR(ENOENT, ioctl(vcpu, ARMKVM_SET_REG_VALUES, &call));
	CHECK(call.done == AT, "%u written before number %u", call.done, AT);
	OK(get_reg(vcpu, ARMKVM_REG_ARM_CORE_REG((AT - 1) % 13), &now));
	CHECK(now == 0x2000 + AT - 1, "the one before has %#llx", (unsigned long long)now);
	OK(get_reg(vcpu, ARMKVM_REG_ARM_CORE_REG((AT + 1) % 13), &now));
	CHECK(now == 0x2000 + AT + 1 - 13, "the one behind has %#llx", (unsigned long long)now);
	for (i = 0; i < NR; i++)
		regs[i].value = ~0ULL;
	call.done = 0;
	ERR(ENOENT, ioctl(vcpu, ARMKVM_GET_REG_VALUES, &call));
	CHECK(call.done == AT, "%u read before number %u", call.done, AT);
	CHECK(regs[AT - 1].value == 0x2000 + AT - 1 && regs[AT].value == ~0ULL, "values %#llx, %#llx",
	      (unsigned long long)regs[AT - 1].value, (unsigned long long)regs[AT].value);

	call.nr = 1;
	regs[0] = (struct armkvm_reg_value){ ARMKVM_REG_ARM_CORE_REG(0), 1ULL << 32 };
	ERR(EINVAL, ioctl(vcpu, ARMKVM_SET_REG_VALUES, &call));
	regs[0] = (struct armkvm_reg_value){ CPSR, 0x1 };	/* no mode */
	ERR(EINVAL, ioctl(vcpu, ARMKVM_SET_REG_VALUES, &call));
	regs[0].id = 0;
	ERR(EINVAL, ioctl(vcpu, ARMKVM_GET_REG_VALUES, &call));
	CHECK(call.done == 0, "%u done", call.done);
	regs[0].id = ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U64 | ARMKVM_REG_ARM_CORE;
	ERR(ENOENT, ioctl(vcpu, ARMKVM_GET_REG_VALUES, &call));
	call.nr = max + 1;
	ERR(EINVAL, ioctl(vcpu, ARMKVM_GET_REG_VALUES, &call));
	call.nr = ~0U;
	ERR(EINVAL, ioctl(vcpu, ARMKVM_SET_REG_VALUES, &call));
	ERR(ENOEXEC, ioctl(create_vcpu(create_vm(open_system()), 0), ARMKVM_GET_REG_VALUES, &call));
}

static void values_bad_memory(void)
{
	int vcpu = new_vcpu();
	struct armkvm_reg_value one = { ARMKVM_REG_ARM_CORE_REG(0), 0x77 }, *edge = at_edge(17 * sizeof(one));
	struct armkvm_reg_values call = { .regs = addr_of(&one), .nr = 1 };
	uint64_t now;
	unsigned int i;

	OK(ioctl(vcpu, ARMKVM_SET_REG_VALUES, &call));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_REG_VALUES, NULL));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_REG_VALUES, at_edge(sizeof(call) - 1)));
	call.regs = 0;
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_REG_VALUES, &call));
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_REG_VALUES, &call));
	call.regs = addr_of(readonly_page());	/* of zeroes: no id */
	ERR(EINVAL, ioctl(vcpu, ARMKVM_GET_REG_VALUES, &call));
	/* seventeen fit, the eighteenth doesn't: what came before it is told */
	for (i = 0; i < 17; i++)
		edge[i] = (struct armkvm_reg_value){ ARMKVM_REG_ARM_CORE_REG(1), 0x100 + i };
	call.regs = addr_of(edge);
	call.nr = 18;
	call.done = 99;
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_REG_VALUES, &call));
	CHECK(call.done <= 17, "%u done", call.done);
	if (call.done) {
		OK(get_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(1), &now));
		CHECK(now == 0x100 + call.done - 1, "%u done, r1 is %#llx", call.done, (unsigned long long)now);
	}
	call.regs = 0xffff000000001000ULL;
	ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_REG_VALUES, &call));
	call.regs = ~0ULL;
	ERR(EFAULT, ioctl(vcpu, ARMKVM_SET_REG_VALUES, &call));
	if (sizeof(void *) == 4) {
		/* the upper half counts: this is not &one */
		call.regs = addr_of(&one) | 1ULL << 32;
		ERR(EFAULT, ioctl(vcpu, ARMKVM_GET_REG_VALUES, &call));
	}
	OK(get_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(0), &now));
	CHECK(now == 0x77, "a failed call changed the register");
}

const struct test reg_tests[] = {
	{ "list-call", list_call },
	{ "list-ids", list_ids },
	{ "round-trip", round_trip },
	{ "wrong-sizes", wrong_sizes },
	{ "foreign-ids", foreign_ids },
	{ "unlisted-coproc", unlisted_coproc },
	{ "unlisted-kinds", unlisted_kinds },
	{ "core-banks", core_banks },
	{ "cpsr-modes", cpsr_modes },
	{ "vfp", vfp },
	{ "demux", demux },
	{ "identification", identification },
	{ "mpidr", mpidr },
	{ "separate-vcpus", separate_vcpus },
	{ "reset", reset },
	{ "single-bits", single_bits },
	{ "bad-memory", bad_memory },
	{ "values", values },
	{ "values-fail", values_fail },
	{ "values-bad-memory", values_bad_memory },
	{ NULL, NULL }
};
