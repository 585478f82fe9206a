#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# test-cost: 25
# test-cost-all: 35
#
# --share in both directions, live and, with --icount, as a copy.
set -euo pipefail
# shellcheck source=ci/tests/testbed/common.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/common.bash"

fill() {
	rm -rf "$SCRATCH/one" "$SCRATCH/t,w:o"
	mkdir -p "$SCRATCH/one/sub" "$SCRATCH/t,w:o"
	echo old >"$SCRATCH/one/changed"
	echo gone >"$SCRATCH/one/sub/removed"
	ln -s changed "$SCRATCH/one/link"
	head -c 5000000 /dev/urandom >"$SCRATCH/one/big"
	# shellcheck disable=SC2016 # for the shell that it goes to
	echo 'echo "from the share: $(cat /share/link)"' >"$SCRATCH/one/program"
	chmod +x "$SCRATCH/one/program"
}

# round NAME HOST [OPTION...]
round() {
	local name=$1
	shift
	fill
	check "$name" 0 bed "$@" --add "$TOP/ci/tests/testbed/in-host/shares:/shares" --share "$SCRATCH/one" --share "$SCRATCH/t,w:o" -- \
		sh -e /shares
	same_text "$name: a program runs from it" "from the share: old" "$(<"$SCRATCH/out")"
	same_text "$name: a change arrives" $'old\nnew' "$(<"$SCRATCH/one/changed")"
	check "$name: a removal arrives" 1 test -e "$SCRATCH/one/sub/removed"
	same_files "$name: 5 MB arrive" "$SCRATCH/one/big" "$SCRATCH/t,w:o/a/b c/copy"
	same_text "$name: a link arrives" nowhere "$(readlink "$SCRATCH/t,w:o/dangling")"
	same_text "$name: the owner is the caller" "$(id -u)" "$(stat -c %u "$SCRATCH/t,w:o/a/b c/copy")"
}

round "live, Armv7" armv7-a9
round "copied, arm64" arm64-a72 --icount
if all_variants; then
	round "live, arm64, 6.12" arm64-n1 --kernel 6.12 --smp 2
	round "copied, Armv7" armv7-a15 --icount
fi
fill
check "what a failed command wrote arrives too" 4 bed arm64-a72 --icount --share "$SCRATCH/one" -- \
	sh -c 'echo result >/share/result; exit 4'
same_text "its content" result "$(cat "$SCRATCH/one/result")"
mkfifo "$SCRATCH/one/pipe"
check "a pipe can't be copied" 125 bed arm64-a72 --icount --share "$SCRATCH/one" -- true
cases_end
