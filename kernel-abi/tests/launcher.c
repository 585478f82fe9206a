// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/armkvm.h>
#include "launcher.h"

void launcher_fail(const char *what)
{
	printf("FAIL %s: %s: %s\n", launcher_name, what, strerror(errno));
	fflush(stdout);
	_exit(1);
}

int launcher_vcpu(int vm, unsigned int id)
{
	struct armkvm_vcpu_init init = {
		.target = ARMKVM_ARM_TARGET_HOST,
		.features = { 1U << ARMKVM_ARM_VCPU_PSCI_0_2 },
	};
	int vcpu = ioctl(vm, ARMKVM_CREATE_VCPU, id);

	if (vcpu < 0 || ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init))
		launcher_fail("a vCPU");
	return vcpu;
}

void launcher_core(int vcpu, unsigned int n, uint32_t value)
{
	struct armkvm_one_reg reg = { ARMKVM_REG_ARM_CORE_REG(n), (uintptr_t)&value };

	if (ioctl(vcpu, ARMKVM_SET_ONE_REG, &reg))
		launcher_fail("a register");
}

void *launcher_memory(size_t size)
{
	void *p = mmap(NULL, size + LARGEST_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		launcher_fail("memory");
	return (void *)(((uintptr_t)p + LARGEST_PAGE - 1) & ~(uintptr_t)(LARGEST_PAGE - 1));
}

int launcher_region(int vm, uint32_t slot, uint32_t flags, uint64_t gpa, uint64_t size, void *at)
{
	struct armkvm_userspace_memory_region r = {
		.slot = slot, .flags = flags, .guest_phys_addr = gpa, .memory_size = size,
		.userspace_addr = (uintptr_t)at,
	};

	return ioctl(vm, ARMKVM_SET_USER_MEMORY_REGION, &r);
}

static int gic_set(int gic, uint32_t group, uint64_t attr, void *value)
{
	struct armkvm_device_attr call = { .group = group, .attr = attr, .addr = (uintptr_t)value };

	return ioctl(gic, ARMKVM_SET_DEVICE_ATTR, &call);
}

int launcher_gic(int vm)
{
	struct armkvm_create_device cd = { .type = ARMKVM_DEV_TYPE_ARM_VGIC_V2 };
	uint64_t dist = 0x08000000, cpu = 0x08010000;

	if (ioctl(vm, ARMKVM_CREATE_DEVICE, &cd) ||
	    gic_set(cd.fd, ARMKVM_DEV_ARM_VGIC_GRP_ADDR, ARMKVM_VGIC_V2_ADDR_TYPE_DIST, &dist) ||
	    gic_set(cd.fd, ARMKVM_DEV_ARM_VGIC_GRP_ADDR, ARMKVM_VGIC_V2_ADDR_TYPE_CPU, &cpu) ||
	    gic_set(cd.fd, ARMKVM_DEV_ARM_VGIC_GRP_CTRL, ARMKVM_DEV_ARM_VGIC_CTRL_INIT, NULL))
		launcher_fail("the GIC");
	return cd.fd;
}

int launcher_irqfd(int vm, int fd, uint32_t flags, uint32_t gsi)
{
	struct armkvm_irqfd call = { .fd = fd, .gsi = gsi, .flags = flags };

	return ioctl(vm, ARMKVM_IRQFD, &call);
}

int launcher_ioeventfd(int vm, int fd, uint32_t flags, uint64_t gpa)
{
	struct armkvm_ioeventfd call = { .addr = gpa, .len = 4, .fd = fd, .flags = flags };

	return ioctl(vm, ARMKVM_IOEVENTFD, &call);
}
