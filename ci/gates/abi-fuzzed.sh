#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Each call of the launcher's interface is in the fuzzer's table and in the descriptions for syzkaller,
# with the header's number and structure; each structure of the descriptions has the header's fields.
# Nothing new is left to chance alone, or to nobody.
# test-cost: 1
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

HEADER=$TOP/kernel-abi/include/uapi/linux/armkvm.h
FUZZER=$TOP/kernel-abi/tests/ioctl-fuzz.c
SYZKALLER=$TOP/kernel-abi/syzkaller/armkvm.txt

# (what it can't read ends it, and the gate with it)
compare() { "$TOP/ci/lib/abi-fuzzed.py" "$1" "$2" "$3" >"$SCRATCH/lines"; }

compare "$HEADER" "$FUZZER" "$SYZKALLER"
relay abi-fuzzed "$SCRATCH/lines"

# A call that nobody knows, and a field of another size, are found.
sed 's/^#define ARMKVM_GET_API_VERSION.*/&\n#define ARMKVM_NEW_CALL _IOW(ARMKVMIO, 0xee, struct armkvm_one_reg)/' "$HEADER" >"$SCRATCH/new.h"
compare "$SCRATCH/new.h" "$FUZZER" "$SYZKALLER"
expect 'a call that the fuzzer lacks is found' grep -q '^FAIL ARMKVM_NEW_CALL fuzzed' "$SCRATCH/lines"
expect 'a call that is not described is found' grep -q '^FAIL ARMKVM_NEW_CALL described' "$SCRATCH/lines"
sed 's/gsi\t\tint32/gsi\t\tint64/' "$SYZKALLER" >"$SCRATCH/wide.txt"
compare "$HEADER" "$FUZZER" "$SCRATCH/wide.txt"
expect 'a field of another size is found' grep -q '^FAIL armkvm_irqfd as in the header' "$SCRATCH/lines"
cases_end
