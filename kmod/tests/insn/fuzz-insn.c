// SPDX-License-Identifier: GPL-2.0-only
/*
 * libFuzzer: decoder, emulator, loads and stores, patcher.
 *
 * The input's first byte chooses what the rest is fed to.  What holds for every
 * input is checked with assert(), what the sanitizers see comes on top.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "decode.h"
#include "emulate.h"
#include "ldst.h"
#include "ldst-simd.h"
#include "patch.h"

struct input {
	const u8 *data;
	size_t left;
};

/* The next word of the input, 0 when there is none. */
static u32 take(struct input *in)
{
	u32 word = 0;
	size_t n = in->left < 4 ? in->left : 4;

	memcpy(&word, in->data, n);
	in->data += n;
	in->left -= n;
	return word;
}

static const u32 modes[] = {
	CPU_MODE_USR, CPU_MODE_FIQ, CPU_MODE_IRQ, CPU_MODE_SVC, CPU_MODE_ABT, CPU_MODE_UND,
	CPU_MODE_SYS, CPU_MODE_SVC,
};

static void take_cpu(struct input *in, struct armkvm_cpu *cpu)
{
	u32 bits = take(in);

	memset(cpu, 0, sizeof(*cpu));
	for (unsigned int i = 0; i < 15; i++)
		cpu->r[i] = take(in);
	cpu->cpsr = (bits & ~(CPU_PSR_MODE | CPU_PSR_J)) | modes[bits & 7];
	cpu->pc = take(in) & ~3U;
	for (unsigned int i = 0; i < CPU_BANK_NR; i++) {
		cpu->sp[i] = take(in);
		cpu->spsr[i] = take(in);
		cpu->lr[i] = i;
	}
	for (unsigned int i = 0; i < 5; i++) {
		cpu->r8_12_usr[i] = 0x10 + i;
		cpu->r8_12_fiq[i] = 0x20 + i;
	}
}

static bool cpu_sane(const struct armkvm_cpu *cpu)
{
	if (!cpu_mode_valid(cpu->cpsr & CPU_PSR_MODE))
		return false;
	return cpu->cpsr & CPU_PSR_T ? !(cpu->pc & 1) : !(cpu->pc & 3);
}

struct memory {
	struct input *in;
	unsigned int accesses, refuse_at;
};

static int mem_read(void *ctx, u32 gva, unsigned int size, bool as_user, u32 *val)
{
	struct memory *mem = ctx;

	(void)as_user;
	assert(size == 1 || size == 2 || size == 4);
	assert(!(gva & (size - 1)));
	assert(mem->accesses++ < 64);
	if (mem->accesses == mem->refuse_at)
		return 5;
	*val = take(mem->in);
	if (size < 4)
		*val &= (1U << 8 * size) - 1;
	return 0;
}

static int mem_write(void *ctx, u32 gva, unsigned int size, bool as_user, u32 val)
{
	u32 ignored;

	assert(size == 4 || !(val >> 8 * size));
	return mem_read(ctx, gva, size, as_user, &ignored);
}

static void fuzz_decode(struct input *in)
{
	while (in->left) {
		u32 word = take(in);
		enum insn_kind kind = insn_decode_arm(word);
		struct simd_element el;
		struct simd_load simd;
		struct insn_cp cp;
		struct ldst ls;
		unsigned int n;
		u64 d[32];

		assert(kind >= 0 && kind < INSN_KIND_NR);
		insn_plausible_arm(word);
		if (kind == INSN_CP_REG || kind == INSN_CP_REG2)
			insn_decode_cp(word, &cp);
		if (ldst_decode_arm(word, &ls))
			assert(kind == INSN_OTHER || kind == INSN_LDST_UNPRIV ||
			       (kind >= INSN_LDM_USER && kind <= INSN_STM_USER));
		/* what is sensitive among the loads and stores can be executed */
		else
			assert(kind < INSN_LDM_USER || kind > INSN_STM_USER);
		if (simd_decode_load(word, &simd)) {
			for (n = 0; simd_element(&simd, n, &el); n++)
				simd_put(&simd, &el, word, word & 1, d);
			assert(n && n <= 32);
		}
		kind = insn_decode_thumb(word >> 16, word);
		assert(kind >= 0 && kind < INSN_KIND_NR);
		if (ldst_decode_thumb(word >> 16, word, &ls))
			assert(kind == INSN_OTHER || kind == INSN_LDST_UNPRIV);
	}
}

static void fuzz_emulate(struct input *in)
{
	static const struct emu_mem_ops ops = { mem_read, mem_write };
	u32 flags = take(in), word = take(in);
	struct memory mem = { in, 0, (flags >> 8) & 31 };
	struct armkvm_cpu cpu, before;
	struct emu emu = { .cpu = &cpu, .mem = &ops, .ctx = &mem, .strict_align = flags & 1,
			   .virt_ext = flags & 2 };
	enum emu_result ret;

	take_cpu(in, &cpu);
	cpu.cpsr &= ~(CPU_PSR_T | CPU_PSR_IT);
	before = cpu;
	ret = emu_execute(&emu, word);
	switch (ret) {
	case EMU_DONE:
		/* a User mode program stays one */
		if ((before.cpsr & CPU_PSR_MODE) == CPU_MODE_USR)
			assert((cpu.cpsr & (CPU_PSR_MODE | CPU_PSR_A | CPU_PSR_I | CPU_PSR_F)) ==
			       (before.cpsr & (CPU_PSR_MODE | CPU_PSR_A | CPU_PSR_I | CPU_PSR_F)));
		assert(cpu_sane(&cpu));
		break;
	case EMU_WFI:
		assert(cpu.pc == before.pc + 4);
		break;
	case EMU_UNDEF:
	case EMU_ABORT:
		assert(!memcmp(&cpu, &before, sizeof(cpu)));
		break;
	default:
		abort();
	}
	if (ret == EMU_ABORT)
		assert(emu.fault.code == 5 || emu.fault.code == EMU_FAULT_ALIGNMENT);
	if (!emu_cond_passed(before.cpsr, insn_cond(word)))
		assert(ret == EMU_DONE && cpu.pc == before.pc + 4 && !mem.accesses);
}

static void fuzz_ldst(struct input *in, bool thumb)
{
	u32 word = take(in);
	struct armkvm_cpu cpu, before;
	struct ldst_access acc;
	struct ldst_run run;
	struct ldst ls;
	unsigned int n = 0;

	take_cpu(in, &cpu);
	if (thumb)
		cpu.cpsr |= CPU_PSR_T;
	else
		cpu.cpsr &= ~(CPU_PSR_T | CPU_PSR_IT);
	if (thumb ? !ldst_decode_thumb(word >> 16, word, &ls) : !ldst_decode_arm(word, &ls))
		return;
	before = cpu;
	ldst_begin(&run, &ls, &cpu);
	while (ldst_next(&run, &cpu, &acc)) {
		assert(acc.size == 1 || acc.size == 2 || acc.size == 4 || acc.size == 8);
		assert(acc.size == 8 || !(acc.value >> 8 * acc.size));
		assert(n++ < 16);
		ldst_supply(&run, take(in));
	}
	assert(n);
	assert(!memcmp(&cpu, &before, sizeof(cpu)));
	if (!ldst_commit(&run, &cpu)) {
		assert(ls.block == LDST_BLOCK_RETURN);
		assert(!memcmp(&cpu, &before, sizeof(cpu)));
		return;
	}
	assert(cpu_sane(&cpu));
	if (ls.block != LDST_BLOCK_RETURN)
		assert(!((cpu.cpsr ^ before.cpsr) & ~(CPU_PSR_T | CPU_PSR_IT)));
}

static void fuzz_patch(struct input *in)
{
	static u32 words[256], pages[3][PATCH_PAGE_WORDS], dst[PATCH_PAGE_WORDS + 2];
	static u16 slots[512];
	static struct patch_work work;
	u32 flags = take(in);
	unsigned int opts = flags & 7;
	struct patch_view view = {
		.prev = flags & 8 ? pages[0] : NULL,
		.page = pages[1],
		.next = flags & 16 ? pages[2] : NULL,
		.entry = flags >> 8 & (2 * PATCH_PAGE_WORDS - 1) & -(flags >> 6 & 1),
		.thumb = flags & 128,
		.both = flags >> 31,
		.base = flags & ~(PATCH_PAGE_BYTES - 1),
	};
	struct patch_stats stats = { 0 };
	struct patch_bitmap replaced;
	struct insn_dict dict;
	u32 fill = take(in);

	patch_init();
	dict_init(&dict, words, slots, flags & 32 ? 4 : 256);
	for (unsigned int p = 0; p < 3; p++) {
		for (unsigned int i = 0; i < PATCH_PAGE_WORDS; i++)
			pages[p][i] = fill;
	}
	/* the input lies around the page's edges and in its middle */
	for (unsigned int i = 0; in->left; i++)
		pages[i % 3][(i / 3 * 7 + 1000) % PATCH_PAGE_WORDS] = take(in);

	dst[PATCH_PAGE_WORDS] = 0x5a5a5a5a;
	if (patch_page(&view, dst, &dict, opts, &work, &replaced, &stats))
		return;
	assert(dst[PATCH_PAGE_WORDS] == 0x5a5a5a5a);
	for (unsigned int i = 0; i < PATCH_PAGE_WORDS; i++) {
		bool did = replaced.bits[i / 32] >> i % 32 & 1;

		if (!did) {
			assert(dst[i] == view.page[i]);
			continue;
		}
		assert(dst[i] != view.page[i]);
		if (stats.both)
			continue;	/* one may be half a T32 instruction */
		assert(unpatch_word(&dict, opts, dst[i]) == view.page[i]);
		assert(insn_decode_arm(dst[i]) == INSN_UDF ||
		       insn_decode_arm(dst[i]) == INSN_CP_REG);
		if (insn_decode_arm(dst[i]) == INSN_UDF)
			assert(insn_imm16(dst[i]) >= PATCH_IX_FIRST &&
			       insn_imm16(dst[i]) < DICT_FIRST + dict.max);
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct input in = { data, size };

	if (!size)
		return 0;
	in.data++;
	in.left--;
	switch (data[0] % 6) {
	case 0:
		fuzz_decode(&in);
		break;
	case 1:
	case 2:
		fuzz_emulate(&in);
		break;
	case 3:
		fuzz_ldst(&in, false);
		break;
	case 4:
		fuzz_ldst(&in, true);
		break;
	default:
		fuzz_patch(&in);
		break;
	}
	return 0;
}
