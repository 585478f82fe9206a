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

const struct test stats_tests[] = {
	{ "layout", layout },
	{ "reading", reading },
	{ "outlives", outlives },
	{ NULL, NULL }
};
