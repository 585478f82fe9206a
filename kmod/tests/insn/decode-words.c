// SPDX-License-Identifier: GPL-2.0-only
/*
 * decode-words [-t]: what the decoder makes of the little-endian words on its
 * standard input (-t: T32, the first halfword in the upper half).  A line a word:
 * the kind's name, and 1 if it is a load or store that ldst.c executes, else 0.
 */
#include <stdio.h>
#include <string.h>

#include "decode.h"
#include "ldst.h"

int main(int argc, char **argv)
{
	bool thumb = argc > 1 && !strcmp(argv[1], "-t");
	unsigned char b[4];

	while (fread(b, 1, 4, stdin) == 4) {
		u32 word = b[0] | b[1] << 8 | b[2] << 16 | (u32)b[3] << 24;
		struct ldst ls;

		if (thumb)
			printf("%s|%d\n", insn_kind_name(insn_decode_thumb(word >> 16, word)),
			       ldst_decode_thumb(word >> 16, word, &ls));
		else
			printf("%s|%d\n", insn_kind_name(insn_decode_arm(word)),
			       ldst_decode_arm(word, &ls));
	}
	return 0;
}
