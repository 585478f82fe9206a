#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The series on the guest's Linux (guest/linux/<version>/): each patch applies to Debian's linux-source
# exactly, the kernel's checkpatch has nothing to say about it, and both versions have the same
# mechanisms. What is not asked of checkpatch, and why:
#   VOLATILE                          as the accessors of asm/io.h have it
#   SPACING, LINE_SPACING             labels of inline assembler, per-CPU definitions
#   AVOID_EXTERNS                     what the linker script defines
#   DIFF_IN_COMMIT_MSG, *SIGN_OFF     the form of this repository's patches
#   FILE_PATH_CHANGES, CONFIG_DESCRIPTION    not for that list
#   LONG_LINE_COMMENT                 in the header that is kernel-abi's
# --all: 6.12's source, too, which is a download of 150 MB.
# test-cost: 20
# test-timeout: 600
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

IGNORE=VOLATILE,SPACING,AVOID_EXTERNS,DIFF_IN_COMMIT_MSG,MISSING_SIGN_OFF,NO_AUTHOR_SIGN_OFF
IGNORE+=,FILE_PATH_CHANGES,CONFIG_DESCRIPTION,LONG_LINE_COMMENT,LINE_SPACING

subjects() { sed -n 's/^Subject: //p' "$TOP/guest/linux/$1"/*.patch; }

check_style() { # PATCH
	local status=0
	grep -v '^SPDX' "$1" >"$SCRATCH/patch"
	(cd "$SCRATCH" && perl "$CHECKPATCH/checkpatch.pl" --no-tree --terse --show-types --no-summary \
		--max-line-length=100 --ignore "$IGNORE" "$SCRATCH/patch") >"$SCRATCH/findings" 2>&1 || status=$?
	if ((status > 1)); then echo "checkpatch ended with status $status" >>"$SCRATCH/findings"; fi
	expect_empty "checkpatch ${1#"$TOP/"}" "the kernel's checkpatch says" "$SCRATCH/findings"
}

# The script's own way to the patched source, which takes no fuzz.
check_applies() { # VERSION
	if ! "$TOP/scripts/guest-kernel.sh" source "$1" "$SCRATCH/source" >"$SCRATCH/out" 2>&1; then
		sed 's/^/    | /' "$SCRATCH/out"
		fail "guest/linux/$1 applies" "$(grep -m 1 FAILED "$SCRATCH/out" || tail -n 1 "$SCRATCH/out")"
		return
	fi
	pass "guest/linux/$1 applies"
	cat "$BUILD/logs/guest-kernel-patch-$1.log" >"$SCRATCH/log"
	grep -E 'fuzz|offset' "$SCRATCH/log" >"$SCRATCH/inexact" || true
	expect_empty "guest/linux/$1 applies exactly" "not where it says" "$SCRATCH/inexact"
	rm -rf "$SCRATCH/source"
}

if ! CHECKPATCH=$("$TOP/ci/lib/checkpatch.sh"); then
	fail "the kernel's checkpatch" "cannot be had: see the log"
	cases_end
fi
versions=(6.1)
! all_variants || versions+=(6.12)
for version in 6.1 6.12; do
	for patch in "$TOP/guest/linux/$version"/*.patch; do check_style "$patch"; done
done
for version in "${versions[@]}"; do check_applies "$version"; done
diff <(subjects 6.1) <(subjects 6.12) >"$SCRATCH/diff" || true
expect_empty "both versions have the same mechanisms" "only in one" "$SCRATCH/diff"
cases_end
