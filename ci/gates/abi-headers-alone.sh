#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every ABI header compiles by itself, twice included, in each dialect that a
# launcher or a guest may be written in, with no hidden padding; the guest's
# header also passes through the assembler.
# test-cost: 4
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

INC=$TOP/kernel-abi/include/uapi
# Zero-length arrays at the end and unnamed unions are C99/C11 that every
# compiler in use has as an extension to the older dialects.
STRICT=(-Wall -Wextra -Werror -Wpadded -Wundef -Wstrict-prototypes)
CXXSTRICT=(-Wall -Wextra -Werror -Wpadded -Wundef)

compile() { # COMPILER LANGUAGE HEADER FLAGS...
	local compiler=$1 language=$2 header=$3
	shift 3
	printf '#include <%s>\n#include <%s>\n' "$header" "$header" |
		"$compiler" -x "$language" -fsyntax-only -I "$INC" "$@" -
}

for header in linux/armkvm.h asm/armkvm_para.h; do
	for compiler in arm-linux-gnueabihf-gcc aarch64-linux-gnu-gcc gcc; do
		for std in gnu90 c99 gnu11 gnu17; do
			pedantic=()
			if [[ $std != gnu90 ]]; then pedantic=(-pedantic); fi
			# ISO C99 has no unnamed unions.
			if [[ $std == c99 ]]; then pedantic=(); fi
			expect "$header alone, $compiler -std=$std" \
				compile "$compiler" c "$header" -std=$std "${STRICT[@]}" "${pedantic[@]}"
		done
	done
	for std in c++11 c++17; do
		expect "$header alone, g++ -std=$std" compile g++ c++ "$header" -std=$std "${CXXSTRICT[@]}"
	done
done

assemble() { # COMPILER: a guest's assembly takes every number of the header
	{
		printf '#include <asm/armkvm_para.h>\n.data\n'
		sed -nE 's/^#define[[:space:]]+(ARMKVM_\w+)[[:space:]]+[^"[:space:]].*/.long \1/p' "$INC/asm/armkvm_para.h"
	} >"$SCRATCH/para.S"
	"$1" -D__ASSEMBLY__ -I "$INC" -c -o "$SCRATCH/para.o" "$SCRATCH/para.S"
}
expect "asm/armkvm_para.h from assembler" assemble arm-linux-gnueabihf-gcc
cases_end
