/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VM's dictionary: original instruction words behind 16-bit indices.
 *
 * Pure, append-only, bounded.  Memory is the caller's.  dict_add() and
 * dict_claim() are serialised by the caller (mmu->copy_lock); dict_word() may run beside them for
 * any index that reached the reader through a published instruction copy.
 * Nothing is ever removed: an index means the same wherever the guest copies it.
 */
#ifndef ARMKVM_CORE_DICT_H
#define ARMKVM_CORE_DICT_H

#include <linux/types.h>

/* The dictionary's part of the index space, see patch.h. */
#define DICT_FIRST	0xb000U
#define DICT_MAX_WORDS	(0x10000U - DICT_FIRST)
/* Originals of another sort, numbered apart: thumb.h. */
#define DICT_LOOKS	15U

struct insn_dict {
	u32 *words;		/* @max of them, by index - DICT_FIRST; 0: not issued */
	u16 *slots;		/* hash table of indices, 0: free; dict_slots(@max) of them */
	unsigned int max;
	unsigned int next;	/* no free index below DICT_FIRST + next */
	unsigned int nr;	/* entries */
	u32 looks[DICT_LOOKS];	/* words behind look words */
	unsigned int nr_looks;
};

/* Slots needed for @max words: the power of two from twice @max up. */
unsigned int dict_slots(unsigned int max);

/* An empty dictionary in the caller's memory; @max at most DICT_MAX_WORDS. */
void dict_init(struct insn_dict *dict, u32 *words, u16 *slots, unsigned int max);

/*
 * Moves to larger memory, keeping every index; @max is at least dict->max.  The
 * caller frees the old arrays when no reader is left.
 */
void dict_move(struct insn_dict *dict, u32 *words, u16 *slots, unsigned int max);

/* The index of @word (not 0), added if it is new.  -ENOSPC: full, and unchanged. */
int dict_add(struct insn_dict *dict, u32 word);

/*
 * Takes @index out of circulation by letting it mean @word, if it is not issued
 * yet: for an index that the guest's own code carries in the replacement's shape.
 */
void dict_claim(struct insn_dict *dict, u32 index, u32 word);

/* The word behind @index; false if there is none. */
bool dict_word(const struct insn_dict *dict, u32 index, u32 *word);

#endif /* ARMKVM_CORE_DICT_H */
