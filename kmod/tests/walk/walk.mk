# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests of the guest-table walk: kmod/core/arm/walk*.c and memattr.c.
#
#   make -f walk.mk walk-check            unit tests: PASS and FAIL lines, 1 s
#   make -f walk.mk walk-fuzz SECONDS=60  libFuzzer; needs clang
#   make -f walk.mk walk-oracle SEED=n    walk.c against an emulated core's MMU;
#                                         needs an Arm cross gcc and qemu-system-arm
#   make -f walk.mk walk-oracle SEEDS="1 2 3"
#
# Stands alone, or is included by kmod/tests/Makefile. Writes to build/tests/walk.

WALK_DIR := $(dir $(lastword $(MAKEFILE_LIST)))
WALK_TOP := $(WALK_DIR)../../..
WALK_OUT ?= $(WALK_TOP)/build/tests/walk
WALK_CORE := $(WALK_DIR)../../core/arm
WALK_SRC := $(addprefix $(WALK_CORE)/,walk.c walk-short.c walk-lpae.c memattr.c)
WALK_HDR := $(addprefix $(WALK_CORE)/,walk.h walk-impl.h memattr.h) \
	$(wildcard $(WALK_DIR)../include/linux/*.h)
WALK_CFLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Werror \
	-Wdeclaration-after-statement -I $(WALK_DIR)../include -I $(WALK_CORE)
WALK_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all

WALK_ARM_CC ?= arm-linux-gnueabihf-gcc
WALK_QEMU ?= qemu-system-arm
SECONDS ?= 30
SEED ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
SEEDS ?= $(SEED)

.PHONY: walk-check walk-fuzz walk-oracle

walk-check: $(WALK_OUT)/test-walk
	$<

$(WALK_OUT):
	mkdir -p $@

$(WALK_OUT)/test-walk: $(WALK_DIR)test-walk.c $(WALK_DIR)model.h $(WALK_SRC) $(WALK_HDR) | $(WALK_OUT)
	$(CC) $(WALK_CFLAGS) $(WALK_SANITIZE) $(WALK_DIR)test-walk.c $(WALK_SRC) -o $@

# -- fuzzer: what it finds is kept beside it, and a run ends with an error then

$(WALK_OUT)/fuzz-walk: $(WALK_DIR)fuzz-walk.c $(WALK_DIR)model.h $(WALK_SRC) $(WALK_HDR) | $(WALK_OUT)
	clang $(WALK_CFLAGS) $(WALK_SANITIZE) -fsanitize=fuzzer \
		$(WALK_DIR)fuzz-walk.c $(WALK_SRC) -o $@

walk-fuzz: $(WALK_OUT)/fuzz-walk
	mkdir -p $(WALK_OUT)/corpus
	$< -max_len=512 -max_total_time=$(SECONDS) -print_final_stats=1 \
		-artifact_prefix=$(WALK_OUT)/ $(WALK_OUT)/corpus

# -- oracle: board, start of its RAM, emulated machine

WALK_GUEST_CFLAGS := -O2 -Wall -Wextra -Werror -march=armv7-a+sec -marm \
	-mfloat-abi=soft -mno-unaligned-access -ffreestanding -fno-pic -fno-pie \
	-no-pie -static -nostdlib -Wl,--build-id=none
WALK_ORACLE := $(WALK_DIR)oracle

$(WALK_OUT)/walk-oracle: $(WALK_ORACLE)/oracle.c $(WALK_ORACLE)/oracle.h $(WALK_SRC) $(WALK_HDR) | $(WALK_OUT)
	$(CC) $(WALK_CFLAGS) $(WALK_SANITIZE) $(WALK_ORACLE)/oracle.c $(WALK_SRC) -o $@

$(WALK_OUT)/guest-%.elf: $(wildcard $(WALK_ORACLE)/*) | $(WALK_OUT)
	$(WALK_ARM_CC) $(WALK_GUEST_CFLAGS) -Wl,--defsym=RAM=$* \
		-Wl,-T,$(WALK_ORACLE)/guest.lds $(WALK_ORACLE)/start.S \
		$(WALK_ORACLE)/guest.c -lgcc -o $@

walk-oracle: $(WALK_OUT)/walk-oracle $(WALK_OUT)/guest-0x40000000.elf $(WALK_OUT)/guest-0x60000000.elf
	$(WALK_ORACLE)/run-oracle.sh $(WALK_OUT) $(WALK_QEMU) $(SEEDS)
