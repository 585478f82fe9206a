#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every file says its licence, and says the one that its area has.
# test-cost: 3
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

ABI_LICENCE='((GPL-2.0 WITH Linux-syscall-note) OR BSD-2-Clause)'

# licence_for FILE: an extended regex for the licence of its area; nothing for
# the licence texts themselves.
licence_for() {
	case $1 in
	COPYING | LICENSES/*) ;;
	kernel-abi/include/*) echo 'ABI' ;;
	accel-armkvm/overlay/*/armkvm.h | accel-armkvm/overlay/*/armkvm_para.h) echo 'ABI|GPL-2\.0-or-later' ;;
	kmod/tests/* | kmod/*/*.sh | kmod/*.sh) echo 'GPL-2\.0-only|GPL-2\.0-or-later' ;;
	# modules of the tests are kernel code as well
	kmod/* | guest/linux/* | ci/tests/*/faults/* | ci/tests/*/fiq/*) echo 'GPL-2\.0-only' ;;
	kernel-abi/tests/*) echo 'GPL-2\.0-only|GPL-2\.0-or-later' ;;
	guest/*) echo 'GPL-2\.0-only|GPL-2\.0-or-later|BSD-2-Clause' ;;
	*) echo 'GPL-2\.0-or-later' ;;
	esac
}

# licence_of FILE: what it says, near its top (a patch: in its message).
licence_of() {
	sed -nE '1,25{s/.*SPDX-License-Identifier: *//;T;s/ *(\*\/|-->)? *$//;p}' "$TOP/$1" | head -n 1
}

: >"$SCRATCH/bad"
count=0
while IFS= read -r -d '' file; do
	[[ -f $TOP/$file && -s $TOP/$file ]] || continue
	wanted=$(licence_for "$file")
	[[ -n $wanted ]] || continue
	count=$((count + 1))
	said=$(licence_of "$file")
	if [[ $said == "$ABI_LICENCE" ]]; then said=ABI; fi
	if [[ -z $said ]]; then
		printf '%s: no SPDX-License-Identifier in its first lines\n' "$file"
	elif ! [[ $said =~ ^($wanted)$ ]]; then
		printf '%s: says %s, its area has %s\n' "$file" "$said" "$wanted"
	fi >>"$SCRATCH/bad"
done < <(tracked)
if ((count < 30)); then printf 'only %d files found: the search is broken\n' "$count" >>"$SCRATCH/bad"; fi
expect_empty "licence lines" "wrong or missing" "$SCRATCH/bad"

for text in COPYING LICENSES/GPL-2.0 LICENSES/BSD-2-Clause LICENSES/Linux-syscall-note; do
	expect "$text is there" test -s "$TOP/$text"
done
cases_end
