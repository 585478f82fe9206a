// SPDX-License-Identifier: GPL-2.0-only
/* The statistics descriptor: a file in the layout of KVM's binary statistics. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "selftest.h"

/* Reads @len bytes at @offset, all of them. */
static void read_at(int fd, void *buf, size_t len, long offset)
{
	ssize_t n = OK(pread(fd, buf, len, offset));

	CHECK((size_t)n == len, "%zd bytes of %zu at %ld", n, len, offset);
}

static void check_layout(int fd, const char *what)
{
	struct armkvm_stats_header h;
	char *id, *desc;
	size_t stride;
	uint64_t value;
	uint32_t i, j;

	read_at(fd, &h, sizeof(h), 0);
	CHECK(h.flags == 0, "%s: flags %#x", what, h.flags);
	CHECK(h.name_size >= 16 && h.name_size <= 256, "%s: name size %u", what, h.name_size);
	CHECK(h.num_desc >= 1 && h.num_desc <= 1024, "%s: %u descriptors", what, h.num_desc);
	id = calloc(1, h.name_size + 1);
	read_at(fd, id, h.name_size, h.id_offset);
	CHECK(id[0] && strlen(id) < h.name_size, "%s: id '%s'", what, id);
	stride = sizeof(struct armkvm_stats_desc) + h.name_size;
	desc = calloc(h.num_desc, stride);
	read_at(fd, desc, h.num_desc * stride, h.desc_offset);
	for (i = 0; i < h.num_desc; i++) {
		struct armkvm_stats_desc *d = (void *)(desc + i * stride);

		CHECK(d->name[0] && memchr(d->name, 0, h.name_size), "%s: name %u", what, i);
		CHECK((d->flags & ARMKVM_STATS_TYPE_MASK) <= 4, "%s: %s has flags %#x",
		      what, d->name, d->flags);
		CHECK(d->size >= 1, "%s: %s has no value", what, d->name);
		for (j = 0; j < d->size; j++)
			read_at(fd, &value, sizeof(value), h.data_offset + d->offset + 8 * j);
		for (j = 0; j < i; j++)
			CHECK(strcmp(d->name, ((struct armkvm_stats_desc *)(desc + j * stride))->name),
			      "%s: %s is there twice", what, d->name);
	}
}

/* The figure @name of a statistics descriptor; the test fails if it isn't there. */
static uint64_t figure(int fd, const char *name)
{
	struct armkvm_stats_header h;
	struct armkvm_stats_desc *d;
	uint64_t value;
	size_t stride;
	uint32_t i;

	read_at(fd, &h, sizeof(h), 0);
	stride = sizeof(*d) + h.name_size;
	d = calloc(1, stride);
	for (i = 0; i < h.num_desc; i++) {
		read_at(fd, d, stride, h.desc_offset + i * stride);
		if (!strcmp(d->name, name)) {
			read_at(fd, &value, sizeof(value), h.data_offset + d->offset);
			free(d);
			return value;
		}
	}
	FAILED("no figure '%s'", name);
}

#define IS(fd, name, value)						\
	CHECK(figure(fd, name) == (value), "%s is %llu", name,		\
	      (unsigned long long)figure(fd, name))

static void layout(void)
{
	int vm = create_vm(open_system()), vcpu = create_vcpu_inited(vm, 0);

	check_layout(OK(ioctl(vm, ARMKVM_GET_STATS_FD, 0)), "VM");
	check_layout(OK(ioctl(vcpu, ARMKVM_GET_STATS_FD, 0)), "vCPU");
}

static void reading(void)
{
	int vm = create_vm(open_system());
	int fd = OK(ioctl(vm, ARMKVM_GET_STATS_FD, 0));
	static char whole[1 << 16], parts[1 << 16];
	ssize_t n, total = OK(pread(fd, whole, sizeof(whole), 0)), got = 0;

	CHECK(total > (ssize_t)sizeof(struct armkvm_stats_header), "%zd bytes", total);
	/* byte by byte gives the same up to the values */
	while ((n = OK(pread(fd, parts + got, 7, got))) > 0)
		got += n;
	CHECK(got == total, "%zd bytes in parts, %zd at once", got, total);
	CHECK(!memcmp(whole, parts, ((struct armkvm_stats_header *)(void *)whole)->data_offset),
	      "parts differ from the whole");
	CHECK(OK(pread(fd, parts, 1, total)) == 0, "something behind the end");
	CHECK(OK(pread(fd, parts, 1, 1L << 30)) == 0, "something far behind the end");
	ERR(EFAULT, pread(fd, unmapped_page(), 64, 0));
	ERR(EFAULT, pread(fd, readonly_page(), 64, 0));
	CHECK(write(fd, parts, 8) < 0, "the descriptor could be written");
	CHECK(OK(read(fd, parts, 24)) == 24 && !memcmp(parts, whole, 24), "read()");
}

static void outlives(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu(vm, 0);
	int a = OK(ioctl(vm, ARMKVM_GET_STATS_FD, 0)), b = OK(ioctl(vcpu, ARMKVM_GET_STATS_FD, 0));

	OK(close(vm));
	OK(close(vcpu));
	OK(close(sys));
	check_layout(a, "VM, closed");
	check_layout(b, "vCPU, closed");
}

/* What the launcher does is counted, once each. */
static void calls(void)
{
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu(vm, 0);
	int of_vm = OK(ioctl(vm, ARMKVM_GET_STATS_FD, 0));
	int of_vcpu = OK(ioctl(vcpu, ARMKVM_GET_STATS_FD, 0));
	struct armkvm_vcpu_init init;
	uint64_t value;

	IS(of_vm, "vcpus", 1);
	IS(of_vm, "memslots", 0);
	IS(of_vm, "memory", 0);
	IS(of_vcpu, "resets", 0);
	OK(ioctl(vm, ARMKVM_ARM_PREFERRED_TARGET, &init));
	OK(ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init));
	IS(of_vcpu, "resets", 1);

	OK(set_region(vm, 0, 0, 0, 3 * page_size(), addr_of(ram(3 * page_size()))));
	IS(of_vm, "memslots", 1);
	IS(of_vm, "memory", 3 * page_size());
	IS(of_vm, "memslot_updates", 1);
	OK(set_region(vm, 0, 0, 0, 0, 0));
	IS(of_vm, "memslots", 0);
	IS(of_vm, "memory", 0);

	OK(get_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(15), &value));
	OK(set_reg(vcpu, ARMKVM_REG_ARM_CORE_REG(15), value));
	IS(of_vcpu, "register_reads", 1);
	IS(of_vcpu, "register_writes", 1);
	IS(of_vcpu, "run_calls", 0);
	IS(of_vcpu, "entries", 0);
}

/*
 * What the guest does is counted: a fetch fills a shadow entry with an instruction
 * copy, a load from a device goes to the launcher.
 */
static void guest(void)
{
	static const uint32_t code[] = {
		0xe3a01201,		/* mov r1, #0x10000000 */
		0xe5910000,		/* ldr r0, [r1] */
		0xe5910000,		/* ldr r0, [r1] */
	};
	int sys = open_system(), vm = create_vm(sys), vcpu = create_vcpu_inited(vm, 0);
	int of_vm = OK(ioctl(vm, ARMKVM_GET_STATS_FD, 0));
	int of_vcpu = OK(ioctl(vcpu, ARMKVM_GET_STATS_FD, 0));
	struct armkvm_run *run = map_run(sys, vcpu);
	void *memory = ram(page_size());
	uint64_t before = figure(of_vm, "module_memory"), fills;
	unsigned int i;

	if (!(capability(sys, ARMKVM_CAP_MODES) & 1 << ARMKVM_MODE_SHADOW))
		test_skipped("this host offers no shadow mode");
	memcpy(memory, code, sizeof(code));
	OK(set_region(vm, 0, 0, 0, page_size(), addr_of(memory)));
	for (i = 1; i <= 2; i++) {
		OK(ioctl(vcpu, ARMKVM_RUN, 0));
		CHECK(run->exit_reason == ARMKVM_EXIT_MMIO, "exit reason %u", run->exit_reason);
		IS(of_vcpu, "run_calls", i);
		IS(of_vcpu, "mmio_exits", i);
	}
	CHECK(figure(of_vcpu, "entries") >= 2, "fewer entries than exits");
	/* Where the module has ASIDs of its own, an entry needs none. */
	if (!capability(sys, ARMKVM_CAP_GIVE_MM) ||
	    OK(ioctl(sys, ARMKVM_GIVE_MM, ARMKVM_GIVE_MM_WANTED)) > 0)
		CHECK(figure(of_vcpu, "host_tlb_flushes") >= figure(of_vcpu, "entries"),
		      "entries without a flush");
	CHECK(figure(of_vcpu, "exits_prefetch_abort") >= 1, "no prefetch abort");
	CHECK(figure(of_vcpu, "exits_data_abort") >= 2, "no data aborts");
	fills = figure(of_vcpu, "fills");
	CHECK(fills >= 1 && fills <= 16, "%llu fills", (unsigned long long)fills);
	IS(of_vcpu, "guest_aborts", 0);
	IS(of_vcpu, "guest_undefs", 0);
	IS(of_vm, "copies", 1);
	IS(of_vm, "copies_made", 1);
	CHECK(figure(of_vm, "leaves") >= 1, "no leaf");
	CHECK(figure(of_vm, "spaces") >= 1, "no space");
	CHECK(figure(of_vm, "module_memory") >= before + page_size(), "no memory for the copy");

	/* The copy goes with the page. */
	OK(set_region(vm, 0, 0, 0, 0, 0));
	IS(of_vm, "copies", 0);
	IS(of_vm, "copies_dropped", 1);
}

const struct test stats_tests[] = {
	{ "layout", layout },
	{ "reading", reading },
	{ "calls", calls },
	{ "guest", guest },
	{ "outlives", outlives },
	{ NULL, NULL }
};
