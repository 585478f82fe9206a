#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The benchmark itself: two runs give the same figures, rows have what stands beside
# them, the files are what they should be, arm64 hosts have their native and KVM
# columns, and mistakes are said.
# test-cost: 80
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

# bench NAME ARG...: output in $SCRATCH/NAME.out; what it wrote in NAME.json, NAME.svg
bench() {
	local name=$1 status=0
	shift
	"$TOP/ci/bench/run" --timeout 600 --json "$SCRATCH/$name.json" --svg "$SCRATCH/$name.svg" "$@" \
		>"$SCRATCH/$name.out" 2>&1 </dev/null || status=$?
	sed 's/^/    | /' "$SCRATCH/$name.out"
	return "$status"
}

# holds NAME CASE EXPRESSION: Python's verdict on the JSON, which is the name `all`, its rows `rows`.
holds() {
	if python3 -c "import json, sys
all = json.load(open(sys.argv[1]))
rows = all['rows']
sys.exit(0 if ($3) else 1)" "$SCRATCH/$1.json"; then
		pass "$2"
	else
		fail "$2" "$1.json says otherwise: $(tr -d '\n' <"$SCRATCH/$1.json" | cut -c1-300)"
	fi
}

repeatable() {
	if bench one --columns native --rows 'g*' --time 5 && bench two --columns native --rows 'g*' --time 5; then
		if cmp -s "$SCRATCH/one.json" "$SCRATCH/two.json"; then
			pass "two native runs give the same figures"
		else
			fail "two native runs give the same figures" "$(diff "$SCRATCH/one.json" "$SCRATCH/two.json" | head -n 3 | tr '\n' ' ')"
		fi
		holds one "a system call is between 100 and 300 instructions" "100 < rows['getppid']['ns']['native'] < 300"
		holds one "only what was asked for is measured" "list(rows) == ['getppid']"
	else
		fail "a native run" "$(tail -n 1 "$SCRATCH/one.out")"
	fi
}

guest() {
	if ! bench guest --columns armkvm --rows 'm*' --time 5; then
		fail "a run on armkvm" "$(tail -n 1 "$SCRATCH/guest.out")"
		return
	fi
	holds guest "rows of both guests" "{'mmap', 'memcpy-64k', 'mmio-device', 'mmio-gicd'} <= set(rows)"
	holds guest "an unmapped page is a TLB invalidation, beside its row" \
		"0.9 < sum(rows['mmap']['beside']['armkvm'][n] for n in ('tlbi_all', 'tlbi_asid', 'tlbi_va')) < 3"
	holds guest "a copy of 64 KiB is less than one exit" \
		"sum(v for n, v in rows['memcpy-64k']['beside']['armkvm'].items() if n.startswith('exits_')) < 1"
	holds guest "the module's memory is known" "1 << 16 < all['module_memory'] < all['guest_memory'] / 4"
	if python3 -c 'import sys, xml.dom.minidom as m; m.parse(sys.argv[1])' "$SCRATCH/guest.svg"; then
		pass "the plot is XML"
	else
		fail "the plot is XML" "it can't be parsed"
	fi
}

mistakes() {
	local status=0
	bench none --columns native --rows 'no-such-row' --time 5 || status=$?
	if ((status == 2)) && grep -q "^ci/bench/run: no row's name matches" "$SCRATCH/none.out"; then
		pass "a name without a row is said"
	else
		fail "a name without a row is said" "status $status: $(tail -n 1 "$SCRATCH/none.out")"
	fi
	status=0
	bench none --columns kvm --host arm64-n1 || status=$?
	if ((status == 2)) && grep -q 'no column kvm on arm64-n1: .*; arm64-a72 has' "$SCRATCH/none.out"; then
		pass "a column that a host hasn't is said"
	else
		fail "a column that a host hasn't is said" "status $status: $(tail -n 1 "$SCRATCH/none.out")"
	fi
}

# The program as a process of an arm64 kernel, and its guest on real KVM there.
arm64() {
	if ! bench arm64 --host arm64-a72 --columns native,kvm --rows '[bgi]*' --time 5; then
		fail "native and KVM columns on arm64-a72" "$(tail -n 1 "$SCRATCH/arm64.out")"
		return
	fi
	holds arm64 "the kvm column starts the host at EL2" "all['el2']"
	holds arm64 "the start of another kernel is no native figure" "list(rows['boot']['ns']) == ['kvm']"
	holds arm64 "user code costs on KVM what it costs natively" \
		"rows['integer']['ns']['kvm'] / rows['integer']['ns']['native'] < 1.03"
	holds arm64 "a system call of a 32-bit process is below 1000 instructions" \
		"100 < rows['getppid']['ns']['native'] < 1000"
}

repeatable
guest
arm64
mistakes
cases_end
