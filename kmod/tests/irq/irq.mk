# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of kmod/core/irq (GIC, generic timer) and kmod/core/arm/psci.c.
#
#   make -f irq.mk irq-check              unit tests: PASS and FAIL lines, 10 s
#   make -f irq.mk irq-check SEED=n       the random ones again
#   make -f irq.mk irq-soak SEEDS="1 2"   more and longer random ones
#   make -f irq.mk irq-oracle SEEDS="1"   the GIC against an emulated board's;
#                                         needs an Arm cross gcc and qemu-system-arm
#
# Stands alone, or is included by kmod/tests/Makefile. Writes to build/tests/irq.

IRQ_DIR := $(dir $(lastword $(MAKEFILE_LIST)))
IRQ_TOP := $(IRQ_DIR)../../..
IRQ_OUT ?= $(IRQ_TOP)/build/tests/irq
IRQ_CORE := $(IRQ_DIR)../../core
IRQ_HDR := $(wildcard $(IRQ_CORE)/irq/*.h $(IRQ_CORE)/arm/psci.h $(IRQ_DIR)*.h \
	$(IRQ_DIR)include/linux/*.h $(IRQ_DIR)../include/linux/*.h)
IRQ_CFLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Werror -Wdeclaration-after-statement \
	-I $(IRQ_DIR)include -I $(IRQ_DIR)../include -I $(IRQ_CORE)/irq -I $(IRQ_CORE)/arm \
	-I $(IRQ_TOP)/kernel-abi/include/uapi
IRQ_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
IRQ_BUILD = $(CC) $(IRQ_CFLAGS) $(IRQ_SANITIZE) $(filter %.c,$^) -o $@
IRQ_VGIC := $(IRQ_CORE)/irq/vgic.c $(IRQ_CORE)/irq/vgic-mmio.c

IRQ_SEED = $(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom | tr -d ' '))

.PHONY: irq-check irq-soak irq-oracle

irq-check: $(addprefix $(IRQ_OUT)/,test-vgic test-timer test-psci)
	@status=0; \
	$(IRQ_OUT)/test-vgic $(IRQ_SEED) || status=1; \
	$(IRQ_OUT)/test-timer $(IRQ_SEED) || status=1; \
	$(IRQ_OUT)/test-psci || status=1; \
	exit $$status

irq-soak: $(IRQ_OUT)/test-vgic $(IRQ_OUT)/test-timer
	@set -e; for seed in $(or $(SEEDS),1 2 3 4 5); do \
		$(IRQ_OUT)/test-vgic $$seed 1000000; $(IRQ_OUT)/test-timer $$seed; done

$(IRQ_OUT):
	mkdir -p $@

$(IRQ_OUT)/test-vgic: $(IRQ_DIR)test-vgic.c $(IRQ_DIR)vgic-model.c $(IRQ_VGIC) $(IRQ_HDR) | $(IRQ_OUT)
	$(IRQ_BUILD)

$(IRQ_OUT)/test-timer: $(IRQ_DIR)test-timer.c $(IRQ_CORE)/irq/timer.c $(IRQ_HDR) | $(IRQ_OUT)
	$(IRQ_BUILD)

$(IRQ_OUT)/test-psci: $(IRQ_DIR)test-psci.c $(IRQ_CORE)/arm/psci.c $(IRQ_HDR) | $(IRQ_OUT)
	$(IRQ_BUILD)

# -- oracle: a QEMU with the accelerator qtest can pose as several CPUs

IRQ_QEMU ?= $(firstword $(wildcard $(IRQ_TOP)/build/qemu-native/qemu-system-arm) qemu-system-arm)
# It isn't in -accel help; a distribution's QEMU may be built without.
IRQ_QTEST = $(shell echo quit | timeout 10 $(IRQ_QEMU) -M none -accel qtest -monitor stdio \
	-display none -nodefaults >/dev/null 2>&1 && echo qtest)
IRQ_STEPS ?= 30000

$(IRQ_OUT)/oracle-vgic: $(IRQ_DIR)oracle-vgic.c $(IRQ_VGIC) $(IRQ_HDR) | $(IRQ_OUT)
	$(IRQ_BUILD)

irq-oracle: $(IRQ_OUT)/oracle-vgic
	@status=0; accel=$(IRQ_QTEST); for seed in $(or $(SEEDS),$(IRQ_SEED)); do \
		for cpus in 1 $${accel:+4}; do \
			timeout 120 $< $(IRQ_QEMU) $${accel:-tcg} $$cpus $$seed $(IRQ_STEPS) || status=1; \
	done; done; exit $$status
