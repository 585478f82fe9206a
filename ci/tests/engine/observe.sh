#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the engine counts and what it traces are the same: a bare guest runs with all
# tracepoints on, and QEMU's query-stats gives as many of each kind as the trace holds. So do device
# accesses of a guest whose instructions are replaced and restored for them.
# test-cost: 40
# test-timeout: 600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# figure NAME: of the last complete answer that has it.
figure() {
	grep -o "{\"name\": \"$1\", \"value\": [0-9]*}" "$SCRATCH/out" | head -n 1 | grep -o '[0-9]*}' | tr -d '}'
}

traced() {
	sed -nE "s/^traced ([0-9]+) armkvm_$1:.*/\1/p" "$SCRATCH/out"
}

# equal WHAT COUNTED EVENT: both there, and as many of one as of the other.
equal() {
	local counted=$2 events
	events=$(traced "$3")
	if [[ -n $counted && $counted -gt 0 && $counted == "${events:-0}" ]]; then
		pass "$1: $counted counted and traced"
	else
		fail "$1" "${counted:-nothing} counted, ${events:-nothing} traced"
	fi
}

# more WHAT NAME MIN: the figure is at least MIN.
more() {
	local counted
	counted=$(figure "$2")
	if ((${counted:-0} >= $3)); then pass "$1: $counted"; else fail "$1" "${counted:-nothing} counted, at least $3 wanted"; fi
}

sum() {
	local total=0 name
	for name; do total=$((total + $(figure "$name"))); done
	echo "$total"
}

on() { # HOST
	local status=0
	in_host "$SCRATCH/out" "$1" --no-load --share "$SCRATCH/bare" --timeout 240 \
		--add "$TOP/ci/tests/engine/in-host/observe:/observe" -- \
		sh -c "$LOAD && sh /observe modes; echo '=== devices'; sh /observe devices armkvm_device_insn" || status=$?
	sed -i 's/\r//' "$SCRATCH/out"
	sed 's/^/    | /' "$SCRATCH/out"
	if ((status)); then
		fail "$1: the guest" "status $status: $(tail -n 1 "$SCRATCH/out")"
		return
	fi
	sed '1,/^=== devices/d' "$SCRATCH/out" >"$SCRATCH/devices"
	sed -i '/^=== devices/,$d' "$SCRATCH/out"
	has "$1: the trace is whole" '(overrun|dropped events): 0$' 3
	equal "$1: entries" "$(figure entries)" entry
	equal "$1: exits" "$(sum exits_irq exits_svc exits_undef exits_prefetch_abort exits_data_abort)" exit
	equal "$1: exits, the light ones apart" "$(($(sum exits_irq exits_svc exits_undef exits_prefetch_abort exits_data_abort) -
		$(figure light_exits)))" entry
	equal "$1: emulated instructions" "$(figure emulated_silent)" emulate
	equal "$1: coprocessor accesses" "$(figure emulated_coprocessor)" cp15
	equal "$1: hypercalls" "$(figure hypercalls)" hypercall
	equal "$1: device accesses" "$(figure mmio_exits)" mmio
	equal "$1: instruction copies" "$(figure copies_made)" copy_build
	equal "$1: TLB maintenance" "$(sum tlbi_all tlbi_asid tlbi_va)" tlbi
	has "$1: one figure by its name" '\{"return": \[\{"provider": "armkvm", "stats": \[\{"name": "copies", "value": [0-9]+\}\]\}\]\}' 1
	has "$1: info stats" 'provider: armkvm.*entries \(cumulative\): [0-9]+.*sleeps \(cumulative\)' 1
	mv "$SCRATCH/devices" "$SCRATCH/out"
	equal "$1: instructions replaced because they meet devices, or restored" \
		"$(sum device_insns_replaced device_insns_restored)" device_insn
	more "$1: of these, restored" device_insns_restored 10
	more "$1: device accesses by replaced instructions" device_replaced 1000
}

for guest in modes devices; do "$TOP/scripts/bare-guest.sh" "$guest" "$SCRATCH/bare" >/dev/null; done
hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do on "$host"; done
cases_end
