// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the ids of ARMKVM_GET_REG_LIST, one a line, with the value at reset:
 *
 *	0xID VALUE
 *
 * ci/tests/abi/reg-list.sh compares them with reg-list.golden.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/armkvm.h>

static int must(int r, const char *what)
{
	if (r < 0) {
		fprintf(stderr, "reg-list: %s: %s\n", what, strerror(errno));
		exit(1);
	}
	return r;
}

int main(void)
{
	int sys = must(open("/dev/armkvm", O_RDWR | O_CLOEXEC), "/dev/armkvm");
	int vm = must(ioctl(sys, ARMKVM_CREATE_VM, 0), "CREATE_VM");
	int vcpu = must(ioctl(vm, ARMKVM_CREATE_VCPU, 0), "CREATE_VCPU");
	struct armkvm_reg_list *list = calloc(1, sizeof(*list) + 4096 * sizeof(list->reg[0]));
	struct armkvm_vcpu_init init;
	uint64_t i, value;

	must(ioctl(vm, ARMKVM_ARM_PREFERRED_TARGET, &init), "ARM_PREFERRED_TARGET");
	must(ioctl(vcpu, ARMKVM_ARM_VCPU_INIT, &init), "ARM_VCPU_INIT");
	list->n = 4096;
	must(ioctl(vcpu, ARMKVM_GET_REG_LIST, list), "GET_REG_LIST");
	for (i = 0; i < list->n; i++) {
		struct armkvm_one_reg reg = { .id = list->reg[i], .addr = (uintptr_t)&value };

		value = 0;
		must(ioctl(vcpu, ARMKVM_GET_ONE_REG, &reg), "GET_ONE_REG");
		printf("0x%016llx 0x%llx\n", (unsigned long long)list->reg[i],
		       (unsigned long long)value);
	}
	return 0;
}
