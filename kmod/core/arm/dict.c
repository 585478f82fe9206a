// SPDX-License-Identifier: GPL-2.0-only
/*
 * The dictionary: an array for the way back, open addressing for the way in.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "dict.h"
#include "thumb.h"

unsigned int dict_slots(unsigned int max)
{
	unsigned int n = 16;

	while (n < 2 * max)
		n *= 2;
	return n;
}

/* Fibonacci hashing: the low bits of instructions are their most regular ones. */
static unsigned int dict_home_slot(u32 word, unsigned int nr_slots)
{
	return ((word * 0x9e3779b1U) >> 8) & (nr_slots - 1);
}

/* The slot that holds @word, or the free one where it belongs; at most half are full. */
static u16 *dict_find_slot(const struct insn_dict *dict, u32 word)
{
	unsigned int nr_slots = dict_slots(dict->max);
	unsigned int i = dict_home_slot(word, nr_slots);

	while (dict->slots[i] && dict->words[dict->slots[i] - DICT_FIRST] != word)
		i = (i + 1) & (nr_slots - 1);
	return &dict->slots[i];
}

void dict_init(struct insn_dict *dict, u32 *words, u16 *slots, unsigned int max)
{
	dict->words = words;
	dict->slots = slots;
	dict->max = max;
	dict->next = 0;
	dict->nr = 0;
	dict->nr_looks = 0;
	memset(words, 0, max * sizeof(*words));
	memset(slots, 0, dict_slots(max) * sizeof(*slots));
}

void dict_move(struct insn_dict *dict, u32 *words, u16 *slots, unsigned int max)
{
	unsigned int i;

	memset(words, 0, max * sizeof(*words));
	memcpy(words, dict->words, dict->max * sizeof(*words));
	memset(slots, 0, dict_slots(max) * sizeof(*slots));
	dict->words = words;
	dict->slots = slots;
	dict->max = max;
	for (i = 0; i < max; i++) {
		if (words[i])
			*dict_find_slot(dict, words[i]) = DICT_FIRST + i;
	}
}

int dict_add(struct insn_dict *dict, u32 word)
{
	u16 *slot = dict_find_slot(dict, word);

	if (*slot)
		return *slot;
	while (dict->next < dict->max &&
	       (dict->words[dict->next] || thumb_is_look_index(DICT_FIRST + dict->next)))
		dict->next++;
	if (dict->next == dict->max)
		return -ENOSPC;
	dict->words[dict->next] = word;
	dict->nr++;
	*slot = DICT_FIRST + dict->next++;
	return *slot;
}

void dict_claim(struct insn_dict *dict, u32 index, u32 word)
{
	u16 *slot;

	if (index < DICT_FIRST || index - DICT_FIRST >= dict->max ||
	    dict->words[index - DICT_FIRST])
		return;
	slot = dict_find_slot(dict, word);
	if (*slot)
		return;
	dict->words[index - DICT_FIRST] = word;
	dict->nr++;
	*slot = index;
}

bool dict_word(const struct insn_dict *dict, u32 index, u32 *word)
{
	if (index < DICT_FIRST || index - DICT_FIRST >= dict->max)
		return false;
	*word = dict->words[index - DICT_FIRST];
	return *word;
}
