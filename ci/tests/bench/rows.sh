#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The benchmark itself: two runs give the same figures, rows have what stands beside
# them, the files are what they should be, arm64 hosts have their native and KVM
# columns, a privileged guest costs what its kernel costs natively, and mistakes are said.
# test-cost: 100
# test-cost-all: 155
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
	if ! bench guest --columns armkvm --rows '[cm]*' --time 5; then
		fail "a run on armkvm" "$(tail -n 1 "$SCRATCH/guest.out")"
		return
	fi
	holds guest "rows of both guests" "{'mmap', 'memcpy-64k', 'mmio-device', 'mmio-gicd'} <= set(rows)"
	holds guest "an unmapped page is a TLB invalidation, beside its row" \
		"0.9 < sum(rows['mmap']['beside']['armkvm'][n] for n in ('tlbi_all', 'tlbi_asid', 'tlbi_va')) < 3"
	holds guest "a copy of 64 KiB is less than one exit" \
		"sum(v for n, v in rows['memcpy-64k']['beside']['armkvm'].items() if n.startswith('exits_')) < 1"
	holds guest "the clock is read without an exit" "rows['clock']['ns']['armkvm'] < 200"
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
	no_column kvm arm64-n1 arm64-a72
	no_column direct armv7-a9 armv7-a15
	no_column direct arm64-a72 armv7-a15
}

# no_column COLUMN HOST WHERE: the host hasn't it, and WHERE has.
no_column() {
	local status=0
	bench none --columns "$1" --host "$2" || status=$?
	if ((status == 2)) && grep -q "no column $1 on $2: .*; $3 " "$SCRATCH/none.out"; then
		pass "that $2 has no column $1 is said"
	else
		fail "that $2 has no column $1 is said" "status $status: $(tail -n 1 "$SCRATCH/none.out")"
	fi
}

# What the reader says of a guest of mode=direct with these statistics at its first and its last stop: "promotions
# demotions privileged_exits" each.
verdict() {
	PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$TOP/ci/lib python3 - "$1" "$2" <<-'EOF'
		import sys
		from bench.columns import Reader
		reader = Reader(direct=True)
		for at, values in zip(("begin", "end"), sys.argv[1:]):
		    stats = ", ".join(f'{{"name": "{name}", "value": {value}}}' for name, value in
		                      zip(("promotions", "demotions", "privileged_exits"), values.split()))
		    reader.line(f"bench: {at} nothing")
		    reader.line(f'stats-vcpu: {{"return": [{{"stats": [{stats}]}}]}}')
		reader.line("bench: done")
		print(reader.wrong)
	EOF
}

# verdicts CASE FIRST LAST WORDS
verdicts() {
	local said
	said=$(verdict "$2" "$3")
	if [[ $said == *"$4"* ]]; then pass "$1"; else fail "$1" "'$said'"; fi
}

# In shadow mode all works, too: the figures of a guest that isn't privileged are none. With --all one is run, Debian's kernel.
direct() {
	local status=0
	verdicts "a guest that is privileged" "1 0 5" "1 0 9" None
	verdicts "one that never was is no column" "0 0 0" "0 0 0" "never been privileged"
	verdicts "one that was put back is none" "1 0 5" "2 1 9" "back into shadow mode, 1 times"
	verdicts "one that was never left is none" "1 0 5" "1 0 5" "never left"
	if bench direct --columns native-pv,direct --rows '[fg][ae][tu]*' --time 5; then
		holds direct "a privileged guest's system call costs what it costs natively" \
			"rows['getppid']['ns']['direct'] <= 1.05 * rows['getppid']['ns']['native-pv']"
		holds direct "and its page fault" "rows['fault']['ns']['direct'] <= 1.05 * rows['fault']['ns']['native-pv']"
	else
		fail "a run privileged" "$(tail -n 1 "$SCRATCH/direct.out")"
	fi
	all_variants || return 0
	bench shadow --columns direct --pv-kernel 6.1 --rows getppid --time 1 || status=$?
	if ((status == 2)) && grep -q 'never been privileged' "$SCRATCH/shadow.out"; then
		pass "a guest that has not been privileged is no column"
	else
		fail "a guest that has not been privileged is no column" "status $status: $(tail -n 1 "$SCRATCH/shadow.out")"
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
direct
mistakes
cases_end
