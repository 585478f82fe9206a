#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QEMU's own checkpatch has nothing to say about our files and patches for it:
# no error and no warning. Left out: a patch's sign-off (the repository's
# history has the authors) and MAINTAINERS (ours is not in QEMU's tree).
# test-cost: 10
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

CHECKPATCH=$BUILD/qemu-src/scripts/checkpatch.pl
if [[ ! -s $CHECKPATCH ]]; then
	fail "QEMU's checkpatch" "build/qemu-src is missing; ./configure-wrapper.sh build"
	cases_end
fi

# says NAME OPTION... FILE: what it finds, without those two.
says() {
	local name=$1 status=0
	shift
	(cd "$BUILD/qemu-src" && perl "$CHECKPATCH" --no-tree --terse --no-summary --no-signoff "$@") \
		>"$SCRATCH/out" 2>&1 || status=$?
	grep -E 'ERROR|WARNING' "$SCRATCH/out" |
		grep -vE 'does MAINTAINERS need updating|Missing Signed-off-by' >"$SCRATCH/findings" || true
	if ((status > 1)); then printf 'checkpatch ended with status %d\n' "$status" >>"$SCRATCH/findings"; fi
	expect_empty "checkpatch $name" "QEMU's checkpatch says" "$SCRATCH/findings"
}

count=0
while IFS= read -r -d '' file; do
	[[ -f $TOP/$file ]] || continue
	case $file in
	# copies of the ABI headers are in the kernel's style
	accel-armkvm/overlay/*/armkvm_para.h | accel-armkvm/overlay/*linux*/armkvm.h) continue ;;
	accel-armkvm/overlay/*.[ch] | accel-armkvm/overlay/*.[ch].inc) says "$file" -f "$TOP/$file" ;;
	accel-armkvm/series/*.patch | hw-arm-patches/*.patch) says "$file" "$TOP/$file" ;;
	*) continue ;;
	esac
	count=$((count + 1))
done < <(tracked)
if ((count < 5)); then fail "QEMU sources and patches found" "only $count: the search is broken"; fi
cases_end
