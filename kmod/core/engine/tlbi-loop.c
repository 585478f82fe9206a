// SPDX-License-Identifier: GPL-2.0-only
/* Loops of TLB maintenance by address; see tlbi-loop.h. */
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "../arm/decode.h"
#include "../arm/emulate.h"
#include "../arm/thumb.h"
#include "../vcpu.h"
#include "../vm.h"
#include "engine.h"

#define INSN_ADD_4096(rt)	(0xe2800a01U | (rt) << 16 | (rt) << 12)
/*
 * A turn is up to 400 instructions, twice if the range ends before it: so many of them at most,
 * with interrupts off.
 */
#define LOOP_TURNS		8U
/* Instructions between two that maintain. */
#define LOOP_INSNS		16U

static u32 loop_page_after(u32 val)
{
	return val + ARMKVM_PAGE_SIZE;
}

/* An instruction of either set. */
struct loop_insn {
	u32 word;	/* in A32, condition AL; 0: none that is known here; a branch: INSN_B and its condition */
	u32 next;	/* behind it */
	u32 target;	/* of a branch */
};

#define INSN_B		0x0a000000U	/* A8.8.18 */
#define INSN_B_MASK	0x0f000000U

/*
 * The instruction at @gva, of @words from there, rounded down, on: two of them where it is T32 code.  A
 * replacement is undefined, and so none of those that are known here.
 */
static void loop_decode(u32 gva, bool is_thumb, const u32 *words, struct loop_insn *insn)
{
	struct thumb_insn thumb;
	u32 word = words[0], cond;
	int rel;

	if (!is_thumb) {
		insn->word = word;
		insn->next = gva + 4;
		if ((word & INSN_B_MASK) == INSN_B && insn_cond(word) != INSN_COND_NONE) {
			insn->target = gva + 8 + ((s32)(word << 8) >> 6);
			insn->word = word & ~0xffffffU;
		}
		return;
	}
	thumb = thumb_insn_in(words, gva);
	insn->next = gva + (insn_thumb_is_wide(thumb.hw1) ? 4 : 2);
	if (thumb_branch(thumb, &cond, &rel)) {
		insn->word = cond << 28 | INSN_B;
		insn->target = gva + rel;
	} else {
		insn->word = thumb_plain_to_arm(thumb);
	}
}

static bool loop_in_thumb(const struct engine_vcpu *ev)
{
	return ev->vcpu->cpu->cpsr & CPU_PSR_T;
}

/* What is executed at @gva in the vCPU's state, unless it isn't known. */
static bool loop_insn_at(struct engine_vcpu *ev, u32 gva, struct loop_insn *insn)
{
	u32 words[2];

	if (!mmu_executed_word(ev->vm, ev->mmu.space, gva & ~3U, &words[0]) ||
	    ((gva & 2) && !mmu_executed_word(ev->vm, ev->mmu.space, gva + 2, &words[1])))
		return false;
	loop_decode(gva, loop_in_thumb(ev), words, insn);
	return true;
}

/*
 * -- the known shape ---------------------------------------------------------
 */

/* As many as the three instructions behind the maintenance take at most. */
#define KNOWN_WORDS	3U

/* Where such a loop ends: Rt is @next then, which it compares with @end; @behind it the code goes on. */
struct known {
	u32 next;
	u32 end;
	u32 behind;
};

static bool loop_is_known(struct engine_vcpu *ev, unsigned int rt, struct known *loop)
{
	const struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u32 start = cpu->r[rt], pc = cpu->pc, first = (pc + 4) & ~3U, words[KNOWN_WORDS + 1];
	bool is_thumb = loop_in_thumb(ev);
	struct loop_insn add, cmp, blo;

	/* all in one page */
	if ((pc & ~ARMKVM_PAGE_MASK) > ARMKVM_PAGE_SIZE - 4 * KNOWN_WORDS - 4 ||
	    !mmu_executed_words(ev->vm, ev->mmu.space, first, words, KNOWN_WORDS))
		return false;
	words[KNOWN_WORDS] = 0;
	loop_decode(pc + 4, is_thumb, words, &add);
	if (add.word != INSN_ADD_4096(rt))
		return false;
	loop_decode(add.next, is_thumb, words + (add.next - first) / 4, &cmp);
	loop_decode(cmp.next, is_thumb, words + (cmp.next - first) / 4, &blo);
	/* CMP Rt, Rm: A8.8.38 */
	if ((cmp.word & 0xfffffff0U) != (0xe1500000U | rt << 16) ||
	    blo.word != (INSN_COND_CC << 28 | INSN_B) || blo.target != pc ||
	    (cmp.word & 0xf) == 15 || (cmp.word & 0xf) == rt)
		return false;
	loop->end = cpu->r[cmp.word & 0xf];
	loop->behind = blo.next;
	/* The first value of Rt that isn't below Rm, unless the addresses wrap before it. */
	if (loop->end > start)
		loop->next = start + round_up(loop->end - start, ARMKVM_PAGE_SIZE);
	else
		loop->next = loop_page_after(start);
	return loop->next > start;
}

/* Flags as CMP @a, @b leaves them: A8.8.38. */
static u32 loop_compared(u32 cpsr, u32 a, u32 b)
{
	u32 diff = a - b;

	return (cpsr & ~CPU_PSR_NZCV) | (diff & 1U << 31) | (diff ? 0 : 1U << 30) |
	       (a >= b ? 1U << 29 : 0) | ((a ^ b) & (a ^ diff) & 1U << 31) >> 3;
}

/* Flags as ADDS of @a and @b: A8.8.5. */
static u32 loop_added(u32 cpsr, u32 a, u32 b)
{
	u32 sum = a + b;

	return (cpsr & ~CPU_PSR_NZCV) | (sum & 1U << 31) | (sum ? 0 : 1U << 30) |
	       (sum < a ? 1U << 29 : 0) | (~(a ^ b) & (a ^ sum) & 1U << 31) >> 3;
}

static void loop_leave_known(struct armkvm_cpu *cpu, unsigned int rt, u32 next,
			     const struct known *loop)
{
	cpu->r[rt] = next;
	cpu->cpsr = loop_compared(cpu->cpsr, next, loop->end);
	if (next >= loop->end)
		cpu->pc = loop->behind;
}

/*
 * -- any shape ---------------------------------------------------------------
 */

/* The guest's registers on the way through a turn. */
struct turn {
	u32 r[15];
	u32 cpsr;
	u32 pc;
};

/* ADD, SUB, RSB, CMP, CMN with an immediate or an unshifted register, condition AL; not of the pc. */
static bool loop_step_arithmetic(struct turn *t, u32 word)
{
	unsigned int rn = insn_rn(word), rd = insn_rd(word), op = insn_field(word, 21, 4);
	bool flags = insn_bit(word, 20);
	u32 a, b;

	if (insn_bit(word, 25)) {
		b = insn_expand_imm(word);
	} else {
		if ((word & 0xff0) || insn_rm(word) == 15)
			return false;
		b = t->r[insn_rm(word)];
	}
	if (rn == 15 || rd == 15)
		return false;
	a = t->r[rn];
	switch (op) {
	case 0xa:			/* CMP: A8.8.37, A8.8.38 */
		if (!flags || rd)
			return false;
		t->cpsr = loop_compared(t->cpsr, a, b);
		break;
	case 0xb:			/* CMN: A8.8.34, A8.8.35 */
		if (!flags || rd)
			return false;
		t->cpsr = loop_added(t->cpsr, a, b);
		break;
	case 0x2:			/* SUB: A8.8.222, A8.8.223 */
		t->r[rd] = a - b;
		if (flags)
			t->cpsr = loop_compared(t->cpsr, a, b);
		break;
	case 0x3:			/* RSB: A8.8.152, A8.8.153 */
		t->r[rd] = b - a;
		if (flags)
			t->cpsr = loop_compared(t->cpsr, b, a);
		break;
	case 0x4:			/* ADD: A8.8.5, A8.8.7 */
		t->r[rd] = a + b;
		if (flags)
			t->cpsr = loop_added(t->cpsr, a, b);
		break;
	default:
		return false;
	}
	return true;
}

/* Executes one instruction; false, with nothing changed, if it is none of those that are known here. */
static bool loop_step(struct turn *t, const struct loop_insn *insn)
{
	u32 word = insn->word;

	/* DSB, DMB, ISB: what they wait for is complete before the guest goes on (B3.10.5) */
	if ((word & 0xfffffff0U) == 0xf57ff040U || (word & 0xfffffff0U) == 0xf57ff050U ||
	    (word & 0xfffffff0U) == 0xf57ff060U ||
	    word == 0xe320f000U) {			/* NOP */
		t->pc = insn->next;
		return true;
	}
	/* BPIALL and BPIALLIS: every change of tables does it (exit_cp(), exit_maintain()) */
	if (((word & 0xffff0fffU) == 0xee070fd5U || (word & 0xffff0fffU) == 0xee070fd1U) &&
	    insn_rd(word) != 15) {
		t->pc = insn->next;
		return true;
	}
	if ((word & INSN_B_MASK) == INSN_B && insn_cond(word) != INSN_COND_NONE) {
		t->pc = emu_cond_passed(t->cpsr, insn_cond(word)) ? insn->target : insn->next;
		return true;
	}
	if ((word & 0xfc000000U) == 0xe0000000U && (insn_bit(word, 25) || !insn_bit(word, 4)) &&
	    loop_step_arithmetic(t, word)) {
		t->pc = insn->next;
		return true;
	}
	return false;
}

/* What was looked at: a turn has the same as the one before. */
struct seen {
	u32 gva[LOOP_INSNS];
	struct loop_insn insn[LOOP_INSNS];
};

/* NULL: it isn't known. */
static const struct loop_insn *loop_seen_insn(struct engine_vcpu *ev, struct seen *seen, u32 gva)
{
	unsigned int i = gva / (loop_in_thumb(ev) ? 2 : 4) % LOOP_INSNS;

	/* (no instruction's address is odd) */
	if (seen->gva[i] != (gva | 1)) {
		seen->gva[i] = 0;
		if (!loop_insn_at(ev, gva, &seen->insn[i]))
			return NULL;
		seen->gva[i] = gva | 1;
	}
	return &seen->insn[i];
}

/*
 * From the maintenance of the address in r[@rt] on, with it and at most @most more of the pages
 * that follow; @t is where the vCPU is then.  Returns how many more.
 */
static unsigned int loop_run_turns(struct engine_vcpu *ev, unsigned int rt, unsigned int most,
				   struct turn *t)
{
	const struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u32 home = cpu->pc, val = cpu->r[rt];
	const struct loop_insn *insn;
	unsigned int n, turns = 0;
	struct seen seen;

	memset(seen.gva, 0, sizeof(seen.gva));
	memcpy(t->r, cpu->r, sizeof(t->r));
	t->cpsr = cpu->cpsr;
	t->pc = home;
	for (;;) {
		t->pc += 4;		/* the maintenance itself */
		for (n = 0; n < LOOP_INSNS && t->pc != home; n++) {
			insn = loop_seen_insn(ev, &seen, t->pc);
			if (!insn || !loop_step(t, insn))
				return turns;
		}
		/* Once more, of the page behind, and of the one before the last of all addresses at most? */
		if (t->pc != home || turns == most || t->r[rt] != loop_page_after(val) ||
		    t->r[rt] < val)
			return turns;
		val = t->r[rt];
		turns++;
	}
}

/* What is at @from is named, and nothing behind @last.  How many pages are that, the first left out? */
static unsigned int loop_pages_behind(u32 from, u32 last)
{
	return ((last & ARMKVM_PAGE_MASK) - (from & ARMKVM_PAGE_MASK)) / ARMKVM_PAGE_SIZE;
}

/* False, with nothing done: a range that is for run.c. */
static bool loop_by_address(struct engine_vcpu *ev, enum cp15_op op, u32 val, unsigned int rt)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	unsigned int turns = 0, more;
	u32 last = val;
	struct known loop;
	struct turn t;
	bool known;

	known = loop_is_known(ev, rt, &loop);
	if (known && irqs_disabled() && loop.next - val > MMU_LIGHT_RANGE)
		return false;
	if (known)
		last = loop.next - ARMKVM_PAGE_SIZE;
	else if (ev->tlbi_last.pc == cpu->pc && loop_page_after(ev->tlbi_last.val) == val)
		turns = loop_run_turns(ev, rt, LOOP_TURNS, &t);
	last += turns * ARMKVM_PAGE_SIZE;
	/* It may stop before that, where interrupts are off. */
	engine_tlbi(ev, op, val, &last);
	more = loop_pages_behind(val, last);
	ev->tlbi_last.pc = cpu->pc;
	ev->tlbi_last.val = val + more * ARMKVM_PAGE_SIZE;
	if (known) {
		loop_leave_known(cpu, rt, min_t(u32, loop.next, loop_page_after(ev->tlbi_last.val)),
				 &loop);
	} else if (more) {
		if (more < turns)
			loop_run_turns(ev, rt, more, &t);
		memcpy(cpu->r, t.r, sizeof(t.r));
		cpu->cpsr = t.cpsr;
		cpu->pc = t.pc;
	} else {
		emu_skip(cpu, 4);
	}
	return true;
}

bool tlbi_loop(struct engine_vcpu *ev, enum cp15_op op, u32 val, unsigned int rt)
{
	struct armkvm_cpu *cpu = ev->vcpu->cpu;
	u32 last = val;

	if (engine_tlbi_by_address(op) && rt <= 14 && !(cpu->cpsr & CPU_PSR_IT) && ev->mmu.space)
		return loop_by_address(ev, op, val, rt);
	if (!engine_tlbi(ev, op, val, &last))
		return false;
	emu_skip(cpu, 4);
	return true;
}
