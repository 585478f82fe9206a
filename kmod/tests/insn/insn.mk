# SPDX-License-Identifier: GPL-2.0-or-later
#
# Tests of the guest CPU, the decoder, the emulator, loads and stores, the patcher.
#
#   make -f insn.mk insn-check            unit tests: PASS and FAIL lines, 5 s
#   make -f insn.mk insn-fuzz SECONDS=60  libFuzzer; needs clang
#   make -f insn.mk insn-decode-oracle    the decoder against objdump's idea of
#                                         random words; needs Arm binutils, python3
#   make -f insn.mk insn-oracle SEEDS="1 2 3"
#                                         the emulator against an emulated core;
#                                         needs an Arm cross gcc and qemu-system-arm
#   make -f insn.mk patch-eval            the tool that measures the patcher on ELF files
#
# Stands alone, or is included by kmod/tests/Makefile. Writes to build/tests/insn.

INSN_DIR := $(dir $(lastword $(MAKEFILE_LIST)))
INSN_TOP := $(INSN_DIR)../../..
INSN_OUT ?= $(INSN_TOP)/build/tests/insn
INSN_CORE := $(INSN_DIR)../../core/arm
INSN_SRC := $(addprefix $(INSN_CORE)/,cpu.c decode.c emulate.c ldst.c ldst-decode.c ldst-simd.c dict.c flow.c \
	patch.c patch-both.c patch-data.c patch-page.c thumb.c)
INSN_HDR := $(wildcard $(INSN_SRC:.c=.h)) $(INSN_CORE)/patch-impl.h $(INSN_DIR)test.h $(wildcard $(INSN_DIR)../include/linux/*.h)
INSN_CFLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Werror -Wframe-larger-than=2048 \
	-I $(INSN_DIR)../include -I $(INSN_CORE)
INSN_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all
INSN_TESTS := cpu decode emulate ldst patch thumb
# gcc and, where it is installed, clang: each sees what the other doesn't
INSN_CCS := gcc $(if $(shell command -v clang),clang)
INSN_PROGRAMS := $(foreach cc,$(INSN_CCS),$(INSN_TESTS:%=$(INSN_OUT)/$(cc)/test-%))

INSN_ARM_CC ?= arm-linux-gnueabihf-gcc
INSN_QEMU ?= qemu-system-arm
SECONDS ?= 30
SEED ?= $(shell od -An -N4 -tu4 /dev/urandom | tr -d ' ')
SEEDS ?= $(SEED)

.PHONY: insn-check insn-fuzz insn-decode-oracle insn-oracle patch-eval

# Every program runs, whatever the others say.
insn-check: $(INSN_PROGRAMS)
	@status=0; for program in $(INSN_PROGRAMS); do \
		$$program || status=1; \
	done; exit $$status

$(INSN_OUT):
	mkdir -p $@

# test-patch.c includes these: it looks at the inside
insn-parts = $(filter-out $(if $(filter patch,$(1)),%/patch.c %/patch-data.c %/patch-page.c),$(INSN_SRC))

define insn-program
$$(INSN_OUT)/$(1)/test-$(2): $$(INSN_DIR)test-$(2).c $$(INSN_SRC) $$(INSN_HDR)
	@mkdir -p $$(dir $$@)
	$(1) $$(INSN_CFLAGS) $$(INSN_SANITIZE) $(if $(filter patch,$(2)),-fsanitize-coverage=trace-pc) $$< $$(call insn-parts,$(2)) -o $$@
endef
$(foreach cc,$(INSN_CCS),$(foreach test,$(INSN_TESTS),$(eval $(call insn-program,$(cc),$(test)))))

# -- fuzzer: what it finds is kept beside it, and a run ends with an error then

$(INSN_OUT)/fuzz-insn: $(INSN_DIR)fuzz-insn.c $(INSN_SRC) $(INSN_HDR) | $(INSN_OUT)
	clang $(INSN_CFLAGS) $(INSN_SANITIZE) -fsanitize=fuzzer \
		$(INSN_DIR)fuzz-insn.c $(INSN_SRC) -o $@

insn-fuzz: $(INSN_OUT)/fuzz-insn
	mkdir -p $(INSN_OUT)/corpus
	$< -max_len=4096 -max_total_time=$(SECONDS) -print_final_stats=1 \
		-artifact_prefix=$(INSN_OUT)/ $(INSN_OUT)/corpus

# -- oracles

$(INSN_OUT)/decode-words: $(INSN_DIR)decode-words.c $(INSN_SRC) $(INSN_HDR) | $(INSN_OUT)
	$(CC) $(INSN_CFLAGS) $(INSN_SANITIZE) $(INSN_DIR)decode-words.c $(INSN_SRC) -o $@

insn-decode-oracle: $(INSN_OUT)/decode-words
	python3 $(INSN_DIR)decode-oracle.py --tool $< --seeds $(SEEDS)

$(INSN_OUT)/patch-eval: $(INSN_DIR)../patch-eval.c $(INSN_SRC) $(INSN_HDR) | $(INSN_OUT)
	$(CC) $(INSN_CFLAGS) -O2 $(INSN_DIR)../patch-eval.c $(INSN_SRC) -o $@

patch-eval: $(INSN_OUT)/patch-eval

# no FP registers: the program doesn't turn the FPU on; -fno-tree-...: memcpy() is our own
INSN_GUEST_CFLAGS := -std=gnu11 -O2 -Wall -Wextra -Werror -march=armv7-a+fp -mfloat-abi=hard \
	-marm -mgeneral-regs-only -mno-unaligned-access -ffreestanding \
	-fno-tree-loop-distribute-patterns -fno-pic -fno-pie -no-pie -static -nostdlib \
	-Wl,--build-id=none -Wl,--no-warn-rwx-segments -z noexecstack \
	-I $(INSN_DIR)../include -I $(INSN_CORE)
INSN_ROUNDS ?= 600

$(INSN_OUT)/oracle.elf: $(wildcard $(INSN_DIR)oracle/*) $(INSN_SRC) $(INSN_HDR) | $(INSN_OUT)
	$(INSN_ARM_CC) $(INSN_GUEST_CFLAGS) -Wl,-T,$(INSN_DIR)oracle/oracle.lds \
		$(INSN_DIR)oracle/start.S $(INSN_DIR)oracle/oracle.c \
		$(addprefix $(INSN_CORE)/,cpu.c decode.c emulate.c ldst.c ldst-decode.c) -lgcc -o $@

insn-oracle: $(INSN_OUT)/oracle.elf
	@status=0; for seed in $(SEEDS); do \
		echo "# seed $$seed"; \
		timeout 300 $(INSN_QEMU) -M virt -cpu cortex-a15 -m 16M -nic none -nographic -monitor none \
			-serial none -kernel $< -semihosting-config \
			enable=on,target=native,arg=oracle,arg=$$seed,arg=$(INSN_ROUNDS) \
			|| status=1; \
	done; exit $$status
