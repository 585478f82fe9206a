# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of the shadow MMU: kmod/core/mmu/ and memslot.c, as an ordinary program.
#
#   make -f mmu.mk mmu-check SECONDS=10   random runs on both hosts' geometry, for so long
#                                         each: PASS and FAIL lines
#   make -f mmu.mk mmu-check SEED=n       the runs from that seed on again
#   make -f mmu.mk mmu-seeds              each fault of seeds/ has to be found
#   make -f mmu.mk mmu-fuzz SECONDS=60    libFuzzer; needs clang
#
# Stands alone, or is included by kmod/tests/Makefile. Writes to build/tests/mmu.

MMU_DIR := $(dir $(lastword $(MAKEFILE_LIST)))
MMU_TOP := $(MMU_DIR)../../..
MMU_OUT ?= $(MMU_TOP)/build/tests/mmu
MMU_CORE := $(MMU_DIR)../../core
MMU_NAMES := mmu/copy mmu/device-marks mmu/fill mmu/frames mmu/gfn mmu/leaf mmu/lookup mmu/mmu \
	mmu/near mmu/rmap mmu/running mmu/shrink mmu/space mmu/tlbi memslot \
	$(addprefix arm/,walk walk-short walk-lpae memattr patch patch-both patch-data patch-page flow thumb decode dict emulate \
	ldst ldst-decode ldst-simd cpu)
MMU_HDR := $(wildcard $(MMU_CORE)/*.h $(MMU_CORE)/arm/*.h $(MMU_CORE)/mmu/*.h $(MMU_CORE)/../host/*.h $(MMU_DIR)*.h)
# All of them are kernel.h, which is included before everything.
MMU_EMPTY := atomic bitmap bug compat compiler compiler_types err gfp highmem irqflags kasan kernel \
	list lockdep log2 mm mm_types mmu_notifier mutex nospec overflow refcount sched sched/mm \
	sched/signal shrinker slab smp spinlock srcu stddef tracepoint uaccess version vmalloc wait \
	xarray
MMU_INCLUDE := $(MMU_OUT)/include
MMU_CFLAGS := -std=gnu11 -O1 -g -Wall -Werror -Wdeclaration-after-statement \
	-Wno-unused-value -Wno-unused-but-set-variable \
	-fsanitize=address,undefined -fno-sanitize-recover=all \
	-DLINUX_VERSION_CODE=0x7fffffff '-DKERNEL_VERSION(a,b,c)=0' -include $(MMU_DIR)kernel.h \
	-I $(MMU_INCLUDE) -I $(MMU_DIR) -I $(MMU_DIR)../include -I $(MMU_CORE) \
	-I $(MMU_TOP)/kernel-abi/include/uapi
MMU_HOST_arm :=
MMU_HOST_arm64 := -DHOST_ARM64

.PHONY: mmu-check mmu-seeds mmu-fuzz

$(MMU_INCLUDE)/done: $(MMU_DIR)mmu.mk
	mkdir -p $(MMU_INCLUDE)/linux/sched $(MMU_INCLUDE)/trace
	for h in $(addprefix linux/,$(MMU_EMPTY)) trace/define_trace; do : >$(MMU_INCLUDE)/$$h.h; done
	touch $@

# The code under test counts its basic blocks: how much runs at once under a lock.
define MMU_HOST_RULES
$(MMU_OUT)/$(1)/%.o: $(MMU_CORE)/%.c $(MMU_HDR) $(MMU_INCLUDE)/done
	@mkdir -p $$(dir $$@)
	$(CC) $(MMU_CFLAGS) $(MMU_HOST_$(1)) -fsanitize-coverage=trace-pc -c $$< -o $$@
$(MMU_OUT)/$(1)/test/%.o: $(MMU_DIR)%.c $(MMU_HDR) $(MMU_INCLUDE)/done
	@mkdir -p $$(dir $$@)
	$(CC) $(MMU_CFLAGS) $(MMU_HOST_$(1)) -DCOUNT_BLOCKS -c $$< -o $$@
$(MMU_OUT)/$(1)/test-mmu: $(addprefix $(MMU_OUT)/$(1)/,$(addsuffix .o,$(MMU_NAMES) test/world test/test-mmu))
	$(CC) $(MMU_CFLAGS) $$^ -o $$@
endef
$(foreach host,arm arm64,$(eval $(call MMU_HOST_RULES,$(host))))

MMU_SEED_VALUE := $(or $(SEED),$(shell od -An -N4 -tu4 /dev/urandom | tr -d ' '))
SECONDS ?= 10
MMU_STEPS ?= 30000
MMU_BOTH := $(foreach host,arm arm64,$(MMU_OUT)/$(host)/test-mmu)

mmu-check: $(MMU_BOTH)
	@status=0; for host in arm arm64; do \
		log=$(MMU_OUT)/$$host.log; \
		if $(MMU_OUT)/$$host/test-mmu $(MMU_SEED_VALUE) 0 $(MMU_STEPS) $(SECONDS) >$$log 2>&1; then \
			echo "PASS mmu, $$host ($$(tail -n 1 $$log))"; \
		else \
			sed '/^seed /d' $$log; \
			echo "FAIL mmu, $$host: $$(grep -m 1 -E 'FAULT|Sanitizer|runtime error' $$log), SEED=$$(sed -n 's/^seed //p' $$log | tail -n 1)"; \
			status=1; \
		fi; \
	done; exit $$status

mmu-seeds: $(MMU_BOTH)
	@CC="$(CC)" $(MMU_DIR)run-seeds.sh $(MMU_OUT) $(MMU_CFLAGS)

# -- fuzzer: what it finds is kept beside it, and a run ends with an error then

MMU_FUZZ_HOST ?= arm64
MMU_FUZZ_SRC := $(addprefix $(MMU_CORE)/,$(addsuffix .c,$(MMU_NAMES))) $(MMU_DIR)world.c $(MMU_DIR)test-mmu.c

$(MMU_OUT)/fuzz-mmu: $(MMU_FUZZ_SRC) $(MMU_HDR) $(MMU_INCLUDE)/done
	clang $(MMU_CFLAGS) -Wno-error -w -DFUZZER $(MMU_HOST_$(MMU_FUZZ_HOST)) -fsanitize=fuzzer \
		$(MMU_FUZZ_SRC) -o $@

mmu-fuzz: $(MMU_OUT)/fuzz-mmu
	mkdir -p $(MMU_OUT)/corpus
	$< -max_len=16384 -len_control=0 -max_total_time=$(SECONDS) -print_final_stats=1 \
		-artifact_prefix=$(MMU_OUT)/ $(MMU_OUT)/corpus
