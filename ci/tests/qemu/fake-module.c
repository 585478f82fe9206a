// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A module in a preloaded library, for testing QEMU's side of the interface on
 * any machine: what QEMU says to modules that it can't use, and that its run
 * loop, memory slots and registers are right.  It runs no guest code; a vCPU
 * plays the exits of a script instead.
 *
 *   LD_PRELOAD=fake-module.so FAKE="key=value ..." FAKE_LOG=file qemu-system-arm ...
 *
 *   open=ERRNO     opening /dev/armkvm fails       version=N   interface version
 *   modes=MASK     guest modes offered             without=CAP a capability is absent
 *   create=ERRNO   CREATE_VM fails                 vcpus=N     MAX_VCPUS
 *   host=a9|a15|any  the core whose features it has
 *   irqchip=1      it says that it has the interrupt controller, for who only asks
 *   direct=MASK    CAP_PV_DIRECT                   window=ERRNO CREATE_WINDOW fails
 *   at=ADDRESS     the window's
 *   play=uart|error|wait|reset|unknown|ram         the script
 *   mode=HEX       the CPSR that play=wait starts with
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/armkvm.h>

#define MAX_FDS		1024
#define MAX_REGS	256
#define MAX_SLOTS	32
#define MAX_VCPUS	8
#define RUN_SIZE	8192

#define CP15_ID(crm, op2)	ARMKVM_REG_CP32(15, 0, 0, crm, op2)
#define VFP32(reg)		(ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U32 | \
				 ARMKVM_REG_ARM_VFP | (reg))
#define VFP_D(n)		(ARMKVM_REG_ARM | ARMKVM_REG_SIZE_U64 | \
				 ARMKVM_REG_ARM_VFP | (n))

#define UART_BASE	0x09000000ull	/* PL011 of the virt machine */
#define UART_FR		0x18
#define LOADED_AT	0x40200000ull	/* where the test loads a word into guest RAM */

enum kind { NONE, DEVICE, VM, VCPU };

struct reg {
	uint64_t id, value;
};

struct vcpu {
	struct armkvm_run *run;
	struct reg regs[MAX_REGS];
	int nr_regs;
	uint32_t mp_state;
	struct armkvm_vcpu_init init;
	int id, step, is_init;
};

static enum kind kinds[MAX_FDS];
static struct vcpu *vcpus[MAX_FDS];
static struct armkvm_userspace_memory_region slots[MAX_SLOTS];
static int log_fd;

static int real_open(const char *path, int flags, mode_t mode)
{
	static int (*real)(const char *, int, ...);

	if (!real)
		real = dlsym(RTLD_NEXT, "open64");
	return real(path, flags, mode);
}

static const char *option(const char *key)
{
	static __thread char value[8][64];	/* of the last eight questions */
	static __thread int turn;
	const char *at = getenv("FAKE");
	size_t len = strlen(key);

	for (; at && *at; at = strchr(at, ' '), at = at ? at + 1 : NULL) {
		if (!strncmp(at, key, len) && at[len] == '=') {
			turn = (turn + 1) % 8;
			snprintf(value[turn], sizeof(value[0]), "%.*s",
				 (int)strcspn(at + len + 1, " "), at + len + 1);
			return value[turn];
		}
	}
	return NULL;
}

static long number(const char *key, long otherwise)
{
	const char *value = option(key);

	return value ? strtol(value, NULL, 0) : otherwise;
}

/* One write a line: vCPU threads don't mix theirs. */
__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
	char line[256];
	va_list args;
	int len;

	if (!log_fd && getenv("FAKE_LOG"))
		log_fd = real_open(getenv("FAKE_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0666);
	if (log_fd <= 0)
		return;
	va_start(args, format);
	len = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (len > (int)sizeof(line) - 2)
		len = sizeof(line) - 2;
	line[len++] = '\n';
	if (write(log_fd, line, len) != len)
		abort();
}

static int fail(int error)
{
	errno = error;
	return -1;
}

/* -- registers ------------------------------------------------------------ */

/* The identification registers of two cores: what the fake host's has. */
static const struct {
	uint64_t id;
	uint32_t a9, a15;
} id_regs[] = {
	{ CP15_ID(0, 0), 0x410fc090, 0x414fc0f0 },
	{ CP15_ID(0, 1), 0x80038003, 0x8444c004 },
	{ CP15_ID(0, 5), 0x80000000, 0x80000000 },
	{ CP15_ID(1, 0), 0x00001031, 0x00001131 },
	{ CP15_ID(1, 1), 0x00000001, 0x00010001 },
	{ CP15_ID(1, 2), 0x00000000, 0x00010050 },
	{ CP15_ID(1, 4), 0x00100103, 0x10201105 },
	{ CP15_ID(1, 5), 0x20000000, 0x20000000 },
	{ CP15_ID(1, 6), 0x01230000, 0x01240000 },
	{ CP15_ID(1, 7), 0x00002111, 0x02102211 },
	{ CP15_ID(2, 0), 0x00101111, 0x02101110 },
	{ CP15_ID(2, 1), 0x13112111, 0x13112111 },
	{ CP15_ID(2, 2), 0x21232041, 0x21232041 },
	{ CP15_ID(2, 3), 0x11112131, 0x11112131 },
	{ CP15_ID(2, 4), 0x00111142, 0x10011142 },
	{ CP15_ID(2, 5), 0x00000000, 0x00000000 },
	{ VFP32(ARMKVM_REG_ARM_VFP_MVFR0), 0x11110222, 0x10110222 },
	{ VFP32(ARMKVM_REG_ARM_VFP_MVFR1), 0x01111111, 0x11111111 },
};

static const uint64_t plain_regs[] = {
	ARMKVM_REG_CP32(15, 0, 1, 0, 0),	/* SCTLR */
	ARMKVM_REG_CP32(15, 0, 2, 0, 2),	/* TTBCR */
	ARMKVM_REG_CP64(15, 0, 2),		/* TTBR0 */
	ARMKVM_REG_CP32(15, 0, 3, 0, 0),	/* DACR */
	ARMKVM_REG_CP32(15, 0, 12, 0, 0),	/* VBAR */
	ARMKVM_REG_CP32(15, 0, 13, 0, 1),	/* CONTEXTIDR */
	ARMKVM_REG_CP32(15, 0, 14, 0, 0),	/* CNTFRQ */
	ARMKVM_REG_CP32(15, 7, 15, 7, 7),	/* one that QEMU doesn't know */
	ARMKVM_REG_ARM_TIMER_CTL,
	ARMKVM_REG_ARM_TIMER_CNT,
	ARMKVM_REG_ARM_TIMER_CVAL,
	ARMKVM_REG_ARM_PSCI_VERSION,
	VFP32(ARMKVM_REG_ARM_VFP_FPSCR),
	VFP32(ARMKVM_REG_ARM_VFP_FPEXC),
};

static void add_reg(struct vcpu *v, uint64_t id, uint64_t value)
{
	v->regs[v->nr_regs++] = (struct reg){ id, value };
}

static struct reg *find_reg(struct vcpu *v, uint64_t id)
{
	for (int i = 0; i < v->nr_regs; i++)
		if (v->regs[i].id == id)
			return &v->regs[i];
	return NULL;
}

static int id_reg_index(uint64_t id)
{
	for (size_t i = 0; i < sizeof(id_regs) / sizeof(id_regs[0]); i++)
		if (id_regs[i].id == id)
			return i;
	return -1;
}

static uint32_t host_value(int index)
{
	const char *host = option("host");

	return host && !strcmp(host, "a9") ? id_regs[index].a9 : id_regs[index].a15;
}

static void reset_vcpu(struct vcpu *v)
{
	v->nr_regs = 0;
	/* Highest first: nothing promises an order. */
	for (int d = 31; d >= 0; d--)
		add_reg(v, VFP_D(d), 0);
	for (size_t i = 0; i < sizeof(plain_regs) / sizeof(plain_regs[0]); i++)
		add_reg(v, plain_regs[i], 0);
	for (size_t i = 0; i < sizeof(id_regs) / sizeof(id_regs[0]); i++)
		add_reg(v, id_regs[i].id, host_value(i));
	for (unsigned int w = 0; w < sizeof(struct armkvm_regs) / 4; w++)
		if (w != 17)
			add_reg(v, ARMKVM_REG_ARM_CORE_REG(w), 0);
	find_reg(v, ARMKVM_REG_CP32(15, 0, 14, 0, 0))->value = 24000000;
	find_reg(v, ARMKVM_REG_CP32(15, 7, 15, 7, 7))->value = 0x5eed;
	find_reg(v, ARMKVM_REG_ARM_PSCI_VERSION)->value = 0x10000;
}

/* A feature more than the host has, in any field but MIDR's, CTR's, MPIDR's. */
static int is_more(uint64_t id, uint32_t wanted)
{
	int index = id_reg_index(id);
	uint32_t have;

	if (index < 3 || (option("host") && !strcmp(option("host"), "any")))
		return 0;
	have = host_value(index);
	for (int shift = 0; shift < 32; shift += 4)
		if (((wanted >> shift) & 15) > ((have >> shift) & 15))
			return 1;
	return 0;
}

static int one_reg(struct vcpu *v, struct armkvm_one_reg *call, int set)
{
	struct reg *reg = find_reg(v, call->id);
	void *user = (void *)(uintptr_t)call->addr;
	size_t size = (call->id & ARMKVM_REG_SIZE_MASK) == ARMKVM_REG_SIZE_U64 ? 8 : 4;

	if (!reg)
		return fail(ENOENT);
	if (!set) {
		memcpy(user, &reg->value, size);
		return 0;
	}
	if (id_reg_index(call->id) >= 0 && is_more(call->id, *(uint32_t *)user))
		return fail(EINVAL);
	reg->value = 0;
	memcpy(&reg->value, user, size);
	note("vcpu %d set %016llx = %llx", v->id, (unsigned long long)call->id,
	     (unsigned long long)reg->value);
	return 0;
}

static int reg_list(struct vcpu *v, struct armkvm_reg_list *list)
{
	uint64_t room = list->n;

	list->n = v->nr_regs;
	if (room < list->n)
		return fail(E2BIG);
	for (int i = 0; i < v->nr_regs; i++)
		list->reg[i] = v->regs[i].id;
	return 0;
}

/* -- the scripts ---------------------------------------------------------- */

static int exit_with(struct vcpu *v, uint32_t reason)
{
	v->run->exit_reason = reason;
	return 0;
}

static int system_event(struct vcpu *v, uint32_t type)
{
	v->run->system_event.type = type;
	return exit_with(v, ARMKVM_EXIT_SYSTEM_EVENT);
}

static int mmio(struct vcpu *v, uint64_t addr, int is_write, const void *data, uint32_t len)
{
	v->run->mmio.phys_addr = addr;
	v->run->mmio.is_write = is_write;
	v->run->mmio.len = len;
	memset(v->run->mmio.data, 0, sizeof(v->run->mmio.data));
	if (is_write)
		memcpy(v->run->mmio.data, data, len);
	return exit_with(v, ARMKVM_EXIT_MMIO);
}

static int play_uart(struct vcpu *v)
{
	static const char text[] = "hello from the run page\n";
	int step = v->step++;

	if (step < (int)sizeof(text) - 1)
		return mmio(v, UART_BASE, 1, &text[step], 1);
	if (step == sizeof(text) - 1)
		return mmio(v, UART_BASE + UART_FR, 0, NULL, 4);
	note("uart flags %02x", v->run->mmio.data[0]);
	return system_event(v, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
}

/* Sees what QEMU loaded into guest RAM through the slots alone. */
static int play_ram(struct vcpu *v)
{
	for (int i = 0; i < MAX_SLOTS; i++) {
		struct armkvm_userspace_memory_region *s = &slots[i];

		if (s->memory_size && s->guest_phys_addr <= LOADED_AT &&
		    s->guest_phys_addr + s->memory_size > LOADED_AT)
			note("ram %08x", *(uint32_t *)(uintptr_t)(s->userspace_addr +
				LOADED_AT - s->guest_phys_addr));
	}
	return system_event(v, ARMKVM_SYSTEM_EVENT_SHUTDOWN);
}

static int play_error(struct vcpu *v)
{
	v->run->error.suberror = ARMKVM_ERROR_INSN;
	v->run->error.pc = 0x8000;
	v->run->error.cpsr = 0x1d3;
	v->run->error.insn = 0xe7f000f0;
	strcpy(v->run->error.text, "the fake module can't execute anything");
	return exit_with(v, ARMKVM_EXIT_INTERNAL_ERROR);
}

static void scramble(struct vcpu *v)
{
	for (int i = 0; i < v->nr_regs; i++) {
		uint64_t id = v->regs[i].id;
		uint64_t kind = id & ARMKVM_REG_ARM_COPROC_MASK;

		if (kind == ARMKVM_REG_ARM_CORE)
			v->regs[i].value = 0xc0000000u + (id & 0xff) * 0x10001;
		else if (kind == ARMKVM_REG_ARM_VFP && (id & 0xffff) < 32)
			v->regs[i].value = 0xd000000000000000ull + (id & 31) * 0x100000001ull;
	}
	find_reg(v, ARMKVM_REG_ARM_CORE_REG(15))->value = 0x40010000;
	find_reg(v, ARMKVM_REG_ARM_CORE_REG(16))->value = number("mode", 0x1d3);
	find_reg(v, ARMKVM_REG_CP32(15, 0, 3, 0, 0))->value = 0x55555555;
	find_reg(v, ARMKVM_REG_CP32(15, 7, 15, 7, 7))->value = 0xfeed;
}

static void note_regs(struct vcpu *v, const char *when)
{
	for (int i = 0; i < v->nr_regs; i++)
		note("%s %016llx %llx", when, (unsigned long long)v->regs[i].id,
		     (unsigned long long)v->regs[i].value);
}

/* A guest that does nothing until it is kicked; its registers stay. */
static int play_wait(struct vcpu *v)
{
	if (v->id == 0 && v->step == 0) {
		scramble(v);
		note_regs(v, "before");
	} else if (v->id == 0 && v->step == 1) {
		note_regs(v, "after");
	}
	note("vcpu %d waits%s", v->id, v->step++ ? " again" : "");
	while (!__atomic_load_n(&v->run->immediate_exit, __ATOMIC_ACQUIRE))
		usleep(1000);
	return fail(EINTR);
}

static int play_reset(struct vcpu *v)
{
	note("vcpu %d runs at %llx", v->id,
	     (unsigned long long)find_reg(v, ARMKVM_REG_ARM_CORE_REG(15))->value);
	find_reg(v, ARMKVM_REG_ARM_CORE_REG(15))->value = 0xdead0000;
	return system_event(v, v->step++ ? ARMKVM_SYSTEM_EVENT_SHUTDOWN :
					   ARMKVM_SYSTEM_EVENT_RESET);
}

static int run(struct vcpu *v)
{
	const char *play = option("play");

	if (__atomic_load_n(&v->run->immediate_exit, __ATOMIC_ACQUIRE))
		return fail(EINTR);
	if (v->mp_state == ARMKVM_MP_STATE_STOPPED || !play || !strcmp(play, "wait"))
		return play_wait(v);
	if (!strcmp(play, "uart"))
		return play_uart(v);
	if (!strcmp(play, "ram"))
		return play_ram(v);
	if (!strcmp(play, "reset"))
		return play_reset(v);
	note("vcpu %d fails", v->id);
	if (!strcmp(play, "error"))
		return play_error(v);
	return exit_with(v, 999);
}

/* -- the calls ------------------------------------------------------------ */

static int new_fd(enum kind kind, struct vcpu *v)
{
	int fd = memfd_create("fake-armkvm", MFD_CLOEXEC);

	if (fd < 0 || fd >= MAX_FDS || ftruncate(fd, RUN_SIZE) < 0)
		abort();
	kinds[fd] = kind;
	vcpus[fd] = v;
	return fd;
}

static int check_extension(unsigned long cap)
{
	if (cap == (unsigned long)number("without", -1))
		return 0;
	switch (cap) {
	case ARMKVM_CAP_MODES:
		return number("modes", 1 << ARMKVM_MODE_SHADOW);
	case ARMKVM_CAP_NR_MEMSLOTS:
		return MAX_SLOTS;
	case ARMKVM_CAP_MAX_VCPUS:
		return number("vcpus", MAX_VCPUS);
	case ARMKVM_CAP_PV_DIRECT:
		return number("direct", 0xe1f);
	case ARMKVM_CAP_IRQCHIP:
	case ARMKVM_CAP_DEVICE_CTRL:
		return number("irqchip", 0);
	case ARMKVM_CAP_USER_MEMORY:
	case ARMKVM_CAP_DESTROY_MEMORY_REGION_WORKS:
	case ARMKVM_CAP_READONLY_MEM:
	case ARMKVM_CAP_ONE_REG:
	case ARMKVM_CAP_MP_STATE:
	case ARMKVM_CAP_ARM_PSCI_0_2:
	case ARMKVM_CAP_ARM_USER_IRQ:
	case ARMKVM_CAP_IMMEDIATE_EXIT:
		return 1;
	default:
		return 0;
	}
}

static int device_ioctl(unsigned long request, unsigned long arg)
{
	switch (request) {
	case ARMKVM_GET_API_VERSION:
		return number("version", ARMKVM_API_VERSION) < 0 ? fail(ENOTTY) :
			number("version", ARMKVM_API_VERSION);
	case ARMKVM_CHECK_EXTENSION:
		return check_extension(arg);
	case ARMKVM_GET_VCPU_MMAP_SIZE:
		return RUN_SIZE;
	case ARMKVM_CREATE_VM:
		if (number("create", 0))
			return fail(number("create", 0));
		memset(slots, 0, sizeof(slots));
		return new_fd(VM, NULL);
	default:
		return fail(ENOTTY);
	}
}

/* Of a VM that is mapped from an offset on, which is not 0. */
static int create_window(int vm, struct armkvm_window *window)
{
	if (number("window", 0))
		return fail(number("window", 0));
	window->address = number("at", 0x61000000);
	window->offset = 0x100000;
	if (ftruncate(vm, window->offset + window->size) < 0)
		return -1;
	note("window %llx", (unsigned long long)window->size);
	return 0;
}

static int vm_ioctl(int vm, unsigned long request, unsigned long arg)
{
	struct armkvm_userspace_memory_region *region = (void *)arg;
	struct armkvm_enable_cap *cap = (void *)arg;
	struct armkvm_irq_level *irq = (void *)arg;
	struct vcpu *v;
	int fd;

	switch (request) {
	case ARMKVM_CREATE_VCPU:
		v = calloc(1, sizeof(*v));
		v->id = arg;
		fd = new_fd(VCPU, v);
		v->run = mmap(NULL, RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		return fd;
	case ARMKVM_ARM_PREFERRED_TARGET:
		memset((void *)arg, 0, sizeof(struct armkvm_vcpu_init));
		return 0;
	case ARMKVM_SET_USER_MEMORY_REGION:
		if (region->slot >= MAX_SLOTS ||
		    (region->guest_phys_addr | region->memory_size |
		     region->userspace_addr) & 4095)
			return fail(EINVAL);
		slots[region->slot] = *region;
		note("slot %u flags %x gpa %llx size %llx", region->slot, region->flags,
		     (unsigned long long)region->guest_phys_addr,
		     (unsigned long long)region->memory_size);
		return 0;
	case ARMKVM_GET_DIRTY_LOG:
		note("dirty log of slot %u", ((struct armkvm_dirty_log *)arg)->slot);
		return 0;
	case ARMKVM_ENABLE_CAP:
		note("cap %x %llx", cap->cap, (unsigned long long)cap->args[0]);
		return 0;
	case ARMKVM_CREATE_WINDOW:
		return create_window(vm, (void *)arg);
	case ARMKVM_IRQ_LINE:
		note("irq %08x level %u", irq->irq, irq->level);
		return 0;
	default:
		return fail(ENOTTY);
	}
}

static int vcpu_ioctl(struct vcpu *v, unsigned long request, unsigned long arg)
{
	switch (request) {
	case ARMKVM_ARM_VCPU_INIT:
		/* As the real one: the same features each time. */
		if (v->is_init && memcmp(&v->init, (void *)arg, sizeof(v->init)))
			return fail(EINVAL);
		v->init = *(struct armkvm_vcpu_init *)arg;
		v->is_init = 1;
		note("vcpu %d init", v->id);
		reset_vcpu(v);
		return 0;
	case ARMKVM_GET_REG_LIST:
		return reg_list(v, (void *)arg);
	case ARMKVM_GET_ONE_REG:
		return one_reg(v, (void *)arg, 0);
	case ARMKVM_SET_ONE_REG:
		return one_reg(v, (void *)arg, 1);
	case ARMKVM_GET_MP_STATE:
		((struct armkvm_mp_state *)arg)->mp_state = v->mp_state;
		return 0;
	case ARMKVM_SET_MP_STATE:
		v->mp_state = ((struct armkvm_mp_state *)arg)->mp_state;
		note("vcpu %d mp_state %u", v->id, v->mp_state);
		return 0;
	case ARMKVM_RUN:
		return run(v);
	default:
		return fail(ENOTTY);
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	static int (*real)(int, unsigned long, ...);
	va_list args;
	unsigned long arg;

	va_start(args, request);
	arg = va_arg(args, unsigned long);
	va_end(args);

	switch (fd >= 0 && fd < MAX_FDS ? kinds[fd] : NONE) {
	case DEVICE:
		return device_ioctl(request, arg);
	case VM:
		return vm_ioctl(fd, request, arg);
	case VCPU:
		return vcpu_ioctl(vcpus[fd], request, arg);
	default:
		if (!real)
			real = dlsym(RTLD_NEXT, "ioctl");
		return real(fd, request, arg);
	}
}

int close(int fd)
{
	static int (*real)(int);

	if (fd >= 0 && fd < MAX_FDS)
		kinds[fd] = NONE;
	if (!real)
		real = dlsym(RTLD_NEXT, "close");
	return real(fd);
}

static int do_open(const char *path, int flags, mode_t mode)
{
	int fd;

	if (strcmp(path, "/dev/armkvm"))
		return real_open(path, flags, mode);
	if (number("open", 0))
		return fail(number("open", 0));
	fd = real_open("/dev/null", flags, mode);
	if (fd >= 0 && fd < MAX_FDS)
		kinds[fd] = DEVICE;
	return fd;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	return do_open(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = va_arg(args, mode_t);
	va_end(args);
	return do_open(path, flags | O_LARGEFILE, mode);
}
