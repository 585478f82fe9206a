// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's calls, as a launcher meets them: which a VM has, the exits that they
 * make, what completes those, and the registers that a saved VM has of them.
 *
 * The guest is a row of HVC instructions; the launcher sets the registers for each.
 */
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <asm/armkvm_para.h>
#include "selftest.h"

#define GUEST_RAM	0x10000
#define BUFFER		0x8000		/* in it */
#define DEVICE_GPA	0x10000000
#define HVC		0xe1400070
#define LDR		0xe5967000	/* ldr r7, [r6]: an exit */
#define ANSWERED	0x800		/* where there is an HVC with such an exit behind it */
#define STATUS(s)	((uint32_t)ARMKVM_HC_##s)

struct guest {
	int sys;
	int vm;
	int vcpu;
	uint32_t *ram;
	struct armkvm_run *run;
};

static int enable_pv(int vm, uint64_t features)
{
	struct armkvm_enable_cap cap = { .cap = ARMKVM_CAP_PV, .args = { features } };

	return ioctl(vm, ARMKVM_ENABLE_CAP, &cap);
}

static uint64_t offered(int sys)
{
	uint64_t features = capability(sys, ARMKVM_CAP_PV);

	if (!features)
		test_skipped("the module offers no guest mode here");
	return features;
}

static void init_vcpu(struct guest *g)
{
	struct armkvm_vcpu_init init = {
		.target = ARMKVM_ARM_TARGET_HOST,
		.features = { 1U << ARMKVM_ARM_VCPU_PSCI_0_2 },
	};

	OK(ioctl(g->vcpu, ARMKVM_ARM_VCPU_INIT, &init));
}

static struct guest new_guest(uint64_t features)
{
	struct guest g = { .sys = open_system() };
	unsigned int i;

	g.vm = create_vm(g.sys);
	OK(enable_pv(g.vm, features));
	g.ram = ram(GUEST_RAM);
	for (i = 0; i < 1024; i++)
		g.ram[i] = i == ANSWERED / 4 + 1 ? LDR : HVC;
	OK(set_region(g.vm, 0, 0, 0, GUEST_RAM, addr_of(g.ram)));
	g.vcpu = create_vcpu(g.vm, 0);
	init_vcpu(&g);
	g.run = map_run(g.sys, g.vcpu);
	return g;
}

static uint32_t reg(struct guest *g, unsigned int n)
{
	uint64_t value;

	OK(get_reg(g->vcpu, ARMKVM_REG_ARM_CORE_REG(n), &value));
	return value;
}

/* Runs the next HVC with r0 to r5, to an exit or, with immediate_exit, to the one after. */
static void call(struct guest *g, uint32_t r0, uint32_t r1, uint32_t r2, uint32_t r3, uint32_t r4,
		 uint32_t r5)
{
	const uint32_t r[] = { r0, r1, r2, r3, r4, r5 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(r); i++)
		OK(set_reg(g->vcpu, ARMKVM_REG_ARM_CORE_REG(i), r[i]));
	OK(ioctl(g->vcpu, ARMKVM_RUN, 0));
}

/* Completes the exit and runs nothing behind it. */
static void complete(struct guest *g)
{
	g->run->immediate_exit = 1;
	ERR(EINTR, ioctl(g->vcpu, ARMKVM_RUN, 0));
	g->run->immediate_exit = 0;
}

static void no_device(struct guest *g)
{
	struct armkvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	OK(ioctl(g->vcpu, ARMKVM_SET_VCPU_EVENTS, &events));
}

static void expect_reg(struct guest *g, const char *what, unsigned int n, uint32_t value)
{
	CHECK(reg(g, n) == value, "%s: r%u is %#x, not %#x", what, n, reg(g, n), value);
}

/* A call that the module answers; the exit is that of the load behind it. */
static void answered(struct guest *g, uint32_t r0, uint32_t r1, uint32_t r2, uint32_t r3, uint32_t r4,
		     uint32_t r5)
{
	OK(set_reg(g->vcpu, ARMKVM_REG_ARM_CORE_REG(6), DEVICE_GPA + 0x1000));
	OK(set_reg(g->vcpu, ARMKVM_REG_ARM_CORE_REG(15), ANSWERED));
	call(g, r0, r1, r2, r3, r4, r5);
}

static void expect_answered(struct guest *g, const char *what, uint32_t status)
{
	CHECK(g->run->exit_reason == ARMKVM_EXIT_MMIO && !g->run->mmio.is_hypercall &&
	      g->run->mmio.phys_addr == DEVICE_GPA + 0x1000, "%s: exit %u", what, g->run->exit_reason);
	expect_reg(g, what, 0, status);
	expect_reg(g, what, 15, ANSWERED + 4);
	complete(g);
}

static void choice(void)
{
	int sys = open_system(), vm = create_vm(sys);
	uint64_t all = offered(sys), value;
	struct guest g;
	int bit;

	for (bit = 0; bit < 64; bit++)
		if (!(all >> bit & 1))
			ERR(EINVAL, enable_pv(vm, all | 1ULL << bit));
	if (all & (1 << ARMKVM_PV_EOI))
		ERR(EINVAL, enable_pv(vm, 1 << ARMKVM_PV_EOI));
	for (bit = 0; bit < 32; bit++)
		if ((all >> bit & 1) && bit != ARMKVM_PV_EOI)
			OK(enable_pv(vm, 1ULL << bit));
	OK(enable_pv(vm, 0));
	OK(enable_pv(vm, all));

	/* chosen before the first run, and for good */
	g = new_guest(1 << ARMKVM_PV_MMIO);
	OK(enable_pv(g.vm, 1 << ARMKVM_PV_MMIO | 1 << ARMKVM_PV_IDLE));
	OK(enable_pv(g.vm, 1 << ARMKVM_PV_MMIO));
	call(&g, ARMKVM_HC_MMIO_READ, DEVICE_GPA, 0, 4, 0, 0);
	ERR(EBUSY, enable_pv(g.vm, 0));
	ERR(EBUSY, enable_pv(g.vm, all));
	OK(enable_pv(g.vm, 1 << ARMKVM_PV_MMIO));
	complete(&g);
	/* a saved guest finds what it had, or isn't taken */
	OK(get_reg(g.vcpu, ARMKVM_REG_ARM_PV_FEATURES, &value));
	CHECK(value == 1 << ARMKVM_PV_MMIO, "features %#llx", (unsigned long long)value);
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_PV_FEATURES, value));
	ERR(EINVAL, set_reg(g.vcpu, ARMKVM_REG_ARM_PV_FEATURES, 0));
	ERR(EINVAL, set_reg(g.vcpu, ARMKVM_REG_ARM_PV_FEATURES, value | 1ULL << 32));
}

static void answers(void)
{
	uint64_t all = offered(open_system());
	struct guest g = new_guest(0);

	answered(&g, ARMKVM_HC_CALL_UID, 1, 2, 3, 4, 5);
	expect_answered(&g, "no calls at all", STATUS(NOT_SUPPORTED));
	g = new_guest(all);
	answered(&g, ARMKVM_HC_CALL_UID, 1, 2, 3, 4, 5);
	expect_answered(&g, "discovery", ARMKVM_HC_UID_0);
	expect_reg(&g, "discovery", 3, ARMKVM_HC_UID_3);
	answered(&g, ARMKVM_HC_FEATURES, 1, 2, 3, 4, 5);
	expect_answered(&g, "features", all);
	expect_reg(&g, "features", 1, 1);
	g = new_guest(all & ~(1 << ARMKVM_PV_IDLE));
	answered(&g, ARMKVM_HC_IDLE, 1, 2, 3, 4, 5);
	expect_answered(&g, "one that is off", STATUS(NOT_SUPPORTED));
}

static void mmio(void)
{
	struct guest g = new_guest(offered(open_system()));
	uint64_t data = 0x1122334455667788;
	uint32_t pc = reg(&g, 15);

	call(&g, ARMKVM_HC_MMIO_READ, DEVICE_GPA + 8, 0x12, 8, 0, 0);
	CHECK(g.run->exit_reason == ARMKVM_EXIT_MMIO && g.run->mmio.is_hypercall == 1 &&
	      !g.run->mmio.is_write && g.run->mmio.len == 8 &&
	      g.run->mmio.phys_addr == 0x1210000008ULL,
	      "exit %u, call %u, length %u, address %#llx", g.run->exit_reason, g.run->mmio.is_hypercall,
	      g.run->mmio.len, (unsigned long long)g.run->mmio.phys_addr);
	expect_reg(&g, "not complete yet", 15, pc);
	memcpy(g.run->mmio.data, &data, 8);
	complete(&g);
	expect_reg(&g, "read", 0, 0);
	expect_reg(&g, "read, low", 1, 0x55667788);
	expect_reg(&g, "read, high", 2, 0x11223344);
	expect_reg(&g, "read", 15, pc + 4);

	call(&g, ARMKVM_HC_MMIO_READ, DEVICE_GPA, 0, 2, 0, 0);
	memcpy(g.run->mmio.data, &data, 8);
	complete(&g);
	expect_reg(&g, "what is too much isn't taken", 1, 0x7788);
	expect_reg(&g, "what is too much isn't taken", 2, 0);

	call(&g, ARMKVM_HC_MMIO_WRITE, DEVICE_GPA, 0, 8, 0x44332211, 0x88776655);
	CHECK(g.run->exit_reason == ARMKVM_EXIT_MMIO && g.run->mmio.is_write &&
	      g.run->mmio.is_hypercall == 1 && g.run->mmio.data[0] == 0x11 && g.run->mmio.data[7] == 0x88,
	      "exit %u, wrote %#x ... %#x", g.run->exit_reason, g.run->mmio.data[0], g.run->mmio.data[7]);
	complete(&g);
	expect_reg(&g, "written", 0, 0);
	expect_reg(&g, "written", 15, pc + 12);

	/* nobody there: a status, no exception */
	call(&g, ARMKVM_HC_MMIO_READ, DEVICE_GPA, 0, 4, 0, 0);
	no_device(&g);
	expect_reg(&g, "no device", 0, STATUS(BAD_ADDRESS));
	expect_reg(&g, "no device", 1, DEVICE_GPA);
	expect_reg(&g, "no device", 15, pc + 16);
	complete(&g);
	expect_reg(&g, "no device, nothing more to complete", 15, pc + 16);

	/* a reset forgets the exit */
	call(&g, ARMKVM_HC_MMIO_READ, DEVICE_GPA, 0, 4, 0, 0);
	init_vcpu(&g);
	complete(&g);
	expect_reg(&g, "reset", 15, 0);
}

/* What a launcher changes meanwhile is its own loss. */
static void mmio_meddling(void)
{
	static const uint32_t values[] = { 0, 3, 9, 0x80000000, 0xffffffff };
	struct guest g = new_guest(offered(open_system()));
	unsigned int i, n, fn;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		for (n = 0; n < 6; n++) {
			for (fn = ARMKVM_HC_MMIO_READ; fn <= ARMKVM_HC_MMIO_WRITES; fn++) {
				OK(set_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(15), 0));
				call(&g, fn, DEVICE_GPA, 0, 4, BUFFER, 16);
				OK(set_reg(g.vcpu, ARMKVM_REG_ARM_CORE_REG(n), values[i]));
				memset(g.run, 0xff, 0x100);
				g.run->immediate_exit = 1;
				ioctl(g.vcpu, ARMKVM_RUN, 0);
				g.run->immediate_exit = 0;
			}
		}
	}
}

static void expect_string(struct guest *g, int is_write, uint32_t len, uint32_t count)
{
	CHECK(g->run->exit_reason == ARMKVM_EXIT_MMIO_STRING, "exit reason %u, not MMIO_STRING",
	      g->run->exit_reason);
	CHECK(g->run->mmio_string.phys_addr == DEVICE_GPA && g->run->mmio_string.len == len &&
	      g->run->mmio_string.count == count && g->run->mmio_string.is_write == is_write,
	      "%u units of %u bytes, not %u of %u", g->run->mmio_string.count,
	      g->run->mmio_string.len, count, len);
	CHECK((long)g->run->mmio_string.data_offset == capability(g->sys, ARMKVM_CAP_MMIO_STRING),
	      "data at %#x", g->run->mmio_string.data_offset);
}

static uint8_t *data_page(struct guest *g)
{
	return (uint8_t *)g->run + g->run->mmio_string.data_offset;
}

static void string(void)
{
	struct guest g = new_guest(offered(open_system()));
	uint8_t *buffer = (uint8_t *)g.ram + BUFFER;
	uint32_t pc = reg(&g, 15);
	unsigned int i;

	for (i = 0; i < 10; i++)
		buffer[i] = i + 1;
	call(&g, ARMKVM_HC_MMIO_WRITES, DEVICE_GPA, 0, 2, BUFFER, 5);
	expect_string(&g, 1, 2, 5);
	CHECK(!memcmp(data_page(&g), buffer, 10), "the data is not the buffer's");
	complete(&g);
	expect_reg(&g, "written", 0, 0);
	expect_reg(&g, "written", 1, 5);
	expect_reg(&g, "written", 2, 0);
	expect_reg(&g, "written", 3, 2);
	expect_reg(&g, "written", 15, pc + 4);

	/* over a page's end: two exits, the state between them is that of a call to go on */
	memset(buffer, 0, 0x2000);
	call(&g, ARMKVM_HC_MMIO_READS, DEVICE_GPA, 0, 4, BUFFER + 0xff8, 3);
	expect_string(&g, 0, 4, 2);
	memset(data_page(&g), 0xaa, 64);
	complete(&g);
	expect_reg(&g, "half", 15, pc + 4);
	expect_reg(&g, "half", 0, ARMKVM_HC_MMIO_READS | ARMKVM_HC_CONTINUED);
	expect_reg(&g, "half", 1, DEVICE_GPA);
	expect_reg(&g, "half", 4, BUFFER + 0xff8);
	expect_reg(&g, "half", 5, 3);
	OK(ioctl(g.vcpu, ARMKVM_RUN, 0));
	expect_string(&g, 0, 4, 1);
	memset(data_page(&g), 0xbb, 64);
	complete(&g);
	expect_reg(&g, "read", 0, 0);
	expect_reg(&g, "read", 1, 3);
	expect_reg(&g, "read", 2, 0);
	expect_reg(&g, "read", 3, 4);
	expect_reg(&g, "read", 15, pc + 8);
	CHECK(buffer[0xff7] == 0 && buffer[0xff8] == 0xaa && buffer[0xfff] == 0xaa &&
	      buffer[0x1000] == 0xbb && buffer[0x1003] == 0xbb && buffer[0x1004] == 0,
	      "the buffer has %02x%02x ... %02x%02x", buffer[0xff8], buffer[0xfff], buffer[0x1000],
	      buffer[0x1004]);

	call(&g, ARMKVM_HC_MMIO_READS, DEVICE_GPA, 0, 4, BUFFER, 2);
	no_device(&g);
	expect_reg(&g, "no device", 0, STATUS(BAD_ADDRESS));
	expect_reg(&g, "no device", 1, 0);
	expect_reg(&g, "no device", 15, pc + 12);

	/* the buffer goes away meanwhile */
	call(&g, ARMKVM_HC_MMIO_READS, DEVICE_GPA, 0, 4, BUFFER, 2);
	OK(set_region(g.vm, 0, 0, 0, 0, 0));
	complete(&g);
	expect_reg(&g, "no buffer any more", 0, STATUS(BAD_ADDRESS));
	expect_reg(&g, "no buffer any more", 1, 0);
}

static uint64_t signalled(int fd)
{
	uint64_t count = 0;

	return read(fd, &count, sizeof(count)) == sizeof(count) ? count : 0;
}

static void ioeventfds(void)
{
	struct guest g = new_guest(offered(open_system()));
	struct armkvm_ioeventfd io = {
		.addr = DEVICE_GPA, .len = 4, .datamatch = 7, .flags = ARMKVM_IOEVENTFD_FLAG_DATAMATCH,
	};
	uint32_t *buffer = g.ram + BUFFER / 4;

	io.fd = OK(eventfd(0, EFD_NONBLOCK));
	OK(ioctl(g.vm, ARMKVM_IOEVENTFD, &io));
	answered(&g, ARMKVM_HC_MMIO_WRITE, DEVICE_GPA, 0, 4, 7, 0);
	expect_answered(&g, "a write to an ioeventfd", 0);
	CHECK(signalled(io.fd) == 1, "the write does not signal");
	call(&g, ARMKVM_HC_MMIO_WRITE, DEVICE_GPA, 0, 4, 6, 0);
	complete(&g);
	CHECK(signalled(io.fd) == 0, "another value signals");
	buffer[0] = 7;
	buffer[1] = 7;
	buffer[2] = 8;
	buffer[3] = 7;
	answered(&g, ARMKVM_HC_MMIO_WRITES, DEVICE_GPA, 0, 4, BUFFER, 4);
	expect_string(&g, 1, 4, 1);
	CHECK(*(uint32_t *)data_page(&g) == 8, "the launcher gets %u", *(uint32_t *)data_page(&g));
	CHECK(signalled(io.fd) == 2, "two writes do not signal in time");
	/* what is left is the ioeventfd's */
	OK(ioctl(g.vcpu, ARMKVM_RUN, 0));
	expect_answered(&g, "a string to an ioeventfd", 0);
	expect_reg(&g, "a string to an ioeventfd", 1, 4);
	CHECK(signalled(io.fd) == 1, "the last write does not signal");
}

static void panic(void)
{
	struct guest g = new_guest(offered(open_system()));
	uint32_t pc = reg(&g, 15);

	call(&g, ARMKVM_HC_PANIC, BUFFER, 100, 3, 4, 5);
	CHECK(g.run->exit_reason == ARMKVM_EXIT_HYPERCALL && g.run->hypercall.nr == ARMKVM_HC_PANIC &&
	      g.run->hypercall.args[0] == BUFFER && g.run->hypercall.args[1] == 100,
	      "exit %u, call %#x", g.run->exit_reason, g.run->hypercall.nr);
	CHECK(g.run->hypercall.ret[1] == BUFFER && g.run->hypercall.ret[3] == 3,
	      "the answer isn't prepared");
	g.run->hypercall.ret[0] = 0;
	complete(&g);
	expect_reg(&g, "panic", 0, 0);
	expect_reg(&g, "panic", 1, BUFFER);
	expect_reg(&g, "panic", 15, pc + 4);
	/* a launcher that does nothing with it */
	call(&g, ARMKVM_HC_PANIC, BUFFER, 100, 3, 4, 5);
	complete(&g);
	expect_reg(&g, "panic of no interest", 0, STATUS(NOT_SUPPORTED));
}

static void power(void)
{
	struct guest g = new_guest(offered(open_system()));

	call(&g, ARMKVM_HC_RESET, 0, 0, 0, 0, 0);
	CHECK(g.run->exit_reason == ARMKVM_EXIT_SYSTEM_EVENT &&
	      g.run->system_event.type == ARMKVM_SYSTEM_EVENT_RESET, "reset: exit %u", g.run->exit_reason);
	call(&g, ARMKVM_HC_POWEROFF, 0, 0, 0, 0, 0);
	CHECK(g.run->exit_reason == ARMKVM_EXIT_SYSTEM_EVENT &&
	      g.run->system_event.type == ARMKVM_SYSTEM_EVENT_SHUTDOWN, "power-off: exit %u",
	      g.run->exit_reason);
}

static void steal_register(void)
{
	struct guest g = new_guest(offered(open_system()));
	uint64_t value;

	OK(get_reg(g.vcpu, ARMKVM_REG_ARM_PV_STEAL_TIME, &value));
	CHECK(value == ~0ULL, "a new vCPU has %#llx", (unsigned long long)value);
	ERR(EINVAL, set_reg(g.vcpu, ARMKVM_REG_ARM_PV_STEAL_TIME, BUFFER + 32));
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_PV_STEAL_TIME, BUFFER));
	/* no RAM there: nothing happens */
	OK(set_reg(g.vcpu, ARMKVM_REG_ARM_PV_STEAL_TIME, DEVICE_GPA));
	call(&g, ARMKVM_HC_RESET, 0, 0, 0, 0, 0);
	init_vcpu(&g);
	OK(get_reg(g.vcpu, ARMKVM_REG_ARM_PV_STEAL_TIME, &value));
	CHECK(value == ~0ULL, "reset leaves %#llx", (unsigned long long)value);
}

const struct test call_tests[] = {
	{ "choice", choice },
	{ "answers", answers },
	{ "mmio", mmio },
	{ "mmio-meddling", mmio_meddling },
	{ "string", string },
	{ "ioeventfds", ioeventfds },
	{ "panic", panic },
	{ "power", power },
	{ "steal-register", steal_register },
	{ NULL, NULL }
};
