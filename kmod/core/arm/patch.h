/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instruction copies: a page of guest kernel code with every sensitive
 * instruction replaced.
 *
 * Pure.  The replacement is the permanently undefined encoding (A8.8.247)
 *
 *	cond 0111 1111 iiiiiiiiiiii 1111 iiii
 *
 * which keeps the original's condition (AL for originals in the unconditional
 * space) and carries a 16-bit index, insn_imm16().  The index space:
 *
 *	0x0000-0x9fff	never issued: the guest's own
 *	0xa001-0xa006	one instruction each, PATCH_IX_WFI ...
 *	0xa10d		MRS Rd, CPSR		d = Rd
 *	0xa11d		MRS Rd, SPSR
 *	0xa2km		MSR CPSR_k, Rm		k = mask, m = Rm
 *	0xa3km		MSR SPSR_k, Rm
 *	0xa4ot		MRC or MCR of Rt = t	o = enum patch_cp
 *	0xa5fn		LDM^, STM^ with Rn = n	f = enum patch_block
 *	0xa800-0xafff	CPS: bits 10:9 imod, 8 M, 7:5 AIF, 4:0 mode
 *	0xb000-0xffff	the VM's dictionary (dict.h)
 *	others		reserved, not issued
 *
 * Bits 15:12 of the index, bits 19:16 of the replacement, choose the range; 11:8
 * (15:12) the class; a register number is always in bits 3:0 of both.
 *
 * A UDF that is in the guest's memory already stays as it is.  Either it is a
 * replacement that the guest has read from a copy and put elsewhere (Linux copies
 * its vectors): it means there what it meant before.  Or it is the guest's own:
 * then its index is claimed in the dictionary, so that it never gets another
 * meaning.  Only a guest's own UDF whose index was issued before is mistaken; the
 * values that kernels, debuggers and compilers use are outside the range where
 * that can happen.
 *
 * T32 code has replacements of its own (thumb.h); a page that may have both is judged by
 * patch-both.c.
 *
 * Code or data?  ARMv7 copies are readable, so a literal that looks like a sensitive
 * instruction must survive.  A word is data if
 *
 *  (a) an instruction loads it as a PC-relative literal (LDR, LDRB, LDRH, LDRSB,
 *      LDRSH, LDRD, VLDR), and that instruction stands among code, or
 *  (b) it stands where no code flows: neither side of it looks like code; or an
 *      unconditional transfer of control stands before it, no instruction that is
 *      unconditional itself between the two, and it isn't either (after a call
 *      that may not return the same, if an ADR points between them); and no
 *      direct branch goes to it or to what flows into it.
 *
 * Neither rule judges what the fetch that asked for the copy will run: the words from
 * there to the first unconditional transfer of control.
 *
 * What looks like code: at least half of the eight neighbours are unconditional
 * (AL) and defined, literals and alignment left out.  Encodings that data hardly ever
 * has (AL forms of MRS, MSR, CPS, RFE, SRS, MOVS PC, LR ...) are subject to (a)
 * only.  An error towards "code" alters a word that the guest reads back from the
 * copy; towards "data" leaves a sensitive instruction: the rules lean to "code".
 */
#ifndef ARMKVM_CORE_PATCH_H
#define ARMKVM_CORE_PATCH_H

#include <linux/types.h>

#include "dict.h"
#include "flow.h"

#define PATCH_PAGE_WORDS	1024U
#define PATCH_PAGE_BYTES	4096U

/*
 * Places of a page where code is known to have been fetched: one for each 64 bytes, as PATCH_KNOWN
 * with the halfword in them, and PATCH_KNOWN_THUMB; 0: none.
 */
#define PATCH_ZONES		64U
#define PATCH_ZONE_HALVES	32U
#define PATCH_KNOWN		0x40U
#define PATCH_KNOWN_THUMB	0x20U
#define PATCH_KNOWN_AT		0x1fU

#define PATCH_UDF_MASK		0x0ff000f0U
#define PATCH_UDF_VALUE		0x07f000f0U

/* Index classes and single indices */
#define PATCH_IX_FIRST		0xa000U
#define PATCH_IX_WFI		0xa001U
#define PATCH_IX_MOVS_PC_LR	0xa002U
#define PATCH_IX_SUBS_PC_LR_4	0xa003U
#define PATCH_IX_SUBS_PC_LR_8	0xa004U
#define PATCH_IX_ERET		0xa005U
#define PATCH_IX_RFEIA_SP	0xa006U		/* RFEIA SP! */
#define PATCH_IX_MRS_CPSR	0xa100U
#define PATCH_IX_MRS_SPSR	0xa110U
#define PATCH_IX_MSR_CPSR	0xa200U
#define PATCH_IX_MSR_SPSR	0xa300U
#define PATCH_IX_CP		0xa400U
#define PATCH_IX_BLOCK		0xa500U
#define PATCH_IX_CPS		0xa800U

/*
 * Privileged instructions worth a fast path: they trap anyway, but the replacement
 * is decoded without a table (PATCH_PRIV).
 */
enum patch_cp {
	PATCH_CP_TPIDRPRW_READ,
	PATCH_CP_TPIDRPRW_WRITE,
	PATCH_CP_DACR_READ,
	PATCH_CP_DACR_WRITE,
	PATCH_CP_DCCMVAC,		/* clean by address, to coherency */
	PATCH_CP_DCCMVAU,		/* clean by address, to unification */
	PATCH_CP_DCIMVAC,
	PATCH_CP_DCCIMVAC,
	PATCH_CP_TPIDRURW_READ,		/* native, unless PATCH_TPIDRURW */
	PATCH_CP_TPIDRURW_WRITE,	/* native, unless PATCH_TPIDRURW */
	PATCH_CP_TPIDRURO_WRITE,
	PATCH_CP_SCTLR_READ,
	PATCH_CP_SCTLR_WRITE,
	PATCH_CP_TTBR0_WRITE,
	PATCH_CP_TLBIMVA,
	PATCH_CP_TLBIMVAIS,
	PATCH_CP_NR,
};

/* The block transfers of exception entry and exit in kernels that we know */
enum patch_block {
	PATCH_STMDB_SP_LR,	/* STMDB Rn, {sp, lr}^ */
	PATCH_STMIA_SP_LR,
	PATCH_STMIB_SP_LR,
	PATCH_LDMDB_R0_LR,	/* LDMDB Rn, {r0-lr}^ */
	PATCH_LDMDB_R1_LR,
	PATCH_LDMIA_R0_LR,
	PATCH_LDMIA_R1_LR,
	PATCH_LDMDB_SP_LR,
	PATCH_LDMIA_SP_LR,
	PATCH_STMIA_R0_LR,
	PATCH_LDMIA_R0_PC,	/* exception return: LDMIA Rn, {r0-pc}^ */
	PATCH_BLOCK_NR,
};

/* Options of a VM; they don't change during its life. */
#define PATCH_UNPRIV	(1U << 0)	/* replace LDRT, STRT ...: exact permissions, slow */
#define PATCH_PRIV	(1U << 1)	/* replace those of enum patch_cp; accesses of the debug channel */
/*
 * While the guest is in a privileged mode the hardware's TPIDRURW holds its TPIDRPRW.
 * PATCH_TPIDRURW: so MRC and MCR of TPIDRURW itself are replaced by indices.
 * PATCH_TPIDRPRW: MRC of TPIDRPRW becomes MRC of TPIDRURW, legal at PL0 and without a trap.
 * That word is the only one with another meaning where the guest puts a copy of it: there it
 * can't be told from a read of TPIDRURW that the guest wrote. Wants PATCH_TPIDRURW.
 */
#define PATCH_TPIDRPRW	(1U << 2)
#define PATCH_EXCL	(1U << 3)	/* of one copy: replace LDREX, STREX, CLREX */
/*
 * Without PATCH_UNPRIV: LDRT, STRT ... become LDR, STR ... with the same operands, which
 * at PL0 do the same.  Never undone: they are not undefined, and RAM has the original.
 */
#define PATCH_PLAIN	(1U << 4)
#define PATCH_TPIDRURW	(1U << 5)

/* LDREX, STREX and their relatives, A5.2.10; CLREX */
static inline bool patch_is_exclusive(u32 word)
{
	return word == 0xf57ff01fU ||
	       (word < 0xf0000000U && (word & 0x0f800ff0) == 0x01800f90);
}

/* Counted up by patch_page(); the caller clears it. */
struct patch_stats {
	u32 sensitive;		/* sensitive instructions replaced, of both states */
	u32 udf;		/* UDF words met */
	u32 rewritten;		/* privileged instructions replaced or rewritten */
	u32 data_literal;	/* look-alikes kept by rule (a) */
	u32 data_zone;		/* look-alikes kept by rule (b) */
	u32 looks;		/* look words put in */
	/* What looks sensitive in one state and was left, being data or code of the other one */
	u32 left_arm;
	u32 left_thumb;
	bool both;		/* patch_work.flow says what is what */
};

/* A page and what stands beside it in the guest's virtual memory. */
struct patch_view {
	const u32 *prev;	/* 1024 words; NULL if not mapped or not known */
	const u32 *page;
	const u32 *next;
	unsigned int entry;	/* halfword that is being fetched, counted from 1; 0: not known */
	bool thumb;		/* in which state */
	bool both;		/* look for code of either state everywhere: patch.c, might_mix() */
	u32 base;		/* the page's virtual address */
	const u8 *known;	/* PATCH_ZONES of PATCH_KNOWN*, fetches before this one; or NULL */
};

/* Memory that patch_page() works in, 16 KiB; its content is nobody's. */
#define PATCH_HINTS	16U

struct patch_work {
	struct flow flow;
	u16 hints[PATCH_HINTS];		/* halfwords where T32 code may begin */
	unsigned int nr_hints;
	u32 thumb[PATCH_PAGE_WORDS / 16];	/* halfwords that look sensitive in T32 */
	u16 thumb_marks[PATCH_PAGE_WORDS + 1];
	u8 class[3 * PATCH_PAGE_WORDS];		/* of the words of all three pages */
	/* Of a branch's target in the middle page the last of these three pages' words that has it, */
	u16 from[PATCH_PAGE_WORDS];		/* counted from 1 */
	u16 also[3 * PATCH_PAGE_WORDS];		/* and of that word the one before */
};

/* Bitmap of a page's words */
struct patch_bitmap {
	u32 bits[PATCH_PAGE_WORDS / 32];
};

/*
 * The replacement of one word in @out.  Returns 1 if it differs from @word, 0 if
 * the word needs none under @opts, -ENOSPC if the dictionary is full.
 */
int patch_word(struct insn_dict *dict, unsigned int opts, u32 word, u32 *out);

/*
 * A load or store that keeps meeting devices can be replaced, too: LDR, STR, their B, H, SB,
 * SH and D forms, of ordinary rights, not of or by the pc.  It gets an index of the
 * dictionary, of which it may take half: sensitive instructions have to find room.
 */
bool patch_is_device_insn(u32 word);
/*
 * As patch_word(), for a word that patch_is_device_insn() is true of; 0 for others and when that
 * half is full.
 */
int patch_device_word(struct insn_dict *dict, u32 word, u32 *out);

/* The word behind @udf, a replacement with an index of the dictionary, its condition AL or 1111. */
static inline bool patch_dict_word(const struct insn_dict *dict, u32 udf, u32 *word)
{
	return (udf & PATCH_UDF_MASK) == PATCH_UDF_VALUE && udf < 0xf0000000U &&
	       dict_word(dict, (udf >> 4 & 0xfff0) | (udf & 0xf), word);
}

/* The A32 word behind an index, condition AL or 1111; 0: it was not issued. */
u32 patch_index_word(const struct insn_dict *dict, u32 index);

/* The inverse for any word of a copy; what is no replacement is its own original. */
u32 unpatch_word(const struct insn_dict *dict, unsigned int opts, u32 word);

/* Once, before the first patch_page(). */
void patch_init(void);

/*
 * Copies view->page to @dst, 1024 words, replacing what is to be replaced.
 * @replaced (may be NULL) says which words were.  The source must not change
 * meanwhile in ways that matter: the caller has it write-protected or copies
 * again.  Returns 0, or -ENOSPC if the dictionary is full: then @dst must not
 * be executed; words already added stay.
 * @work: nobody else's meanwhile.
 * Cost: a pass over the page; where it holds sensitive instructions one over what can
 * reach them with a literal load; where it isn't clear what a look-alike is one over all three
 * pages, and some hundred instructions for each.  Under 900 bytes of stack.
 */
int patch_page(const struct patch_view *view, u32 *dst, struct insn_dict *dict,
	       unsigned int opts, struct patch_work *work, struct patch_bitmap *replaced,
	       struct patch_stats *stats);

#endif /* ARMKVM_CORE_PATCH_H */
