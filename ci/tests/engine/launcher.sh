#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a launcher asks of QEMU besides a guest:
#   * a saved guest goes on where the calls that it was given are (pv=, pv-*=), with those and no others,
#     also after a reset; where one is missing QEMU ends before the guest runs, and a line says why
#   * QEMU's sandbox, all of it, as libvirt asks for it: before and after the module has ASIDs of its own
# test-cost: 40
# test-timeout: 400
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

SHARE=$SCRATCH/launcher

# Runs in the host.
session() {
	cat <<-'SESSION'
		check() { if [ "$2" ]; then echo "PASS $1"; else echo "FAIL $1: $3"; fi; }
		DENY=on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny
		sandboxed() {
			rm -f /tmp/serial
			timeout 60 qemu-system-arm -sandbox $DENY -M virt -cpu $CPU -accel armkvm -smp 2 -m 64 -nic none -display none \
				-monitor none -serial file:/tmp/serial -kernel /share/sandbox/gic-smp.bin >/tmp/log 2>&1 || echo "status $?" >>/tmp/log
			check "$1" "$(cmp -s /share/sandbox/gic-smp.tcg /tmp/serial && ! grep -q . /tmp/log && echo yes)" "$(grep -m 1 . /tmp/log || diff /share/sandbox/gic-smp.tcg /tmp/serial | head -n 1)"
		}
		vm() {
			accel=$1 serial=$2
			shift 2
			timeout 60 qemu-system-arm -M virt -cpu $CPU -accel $accel -m 64 -nic none -display none -monitor stdio \
				-serial file:$serial -kernel /share/saved.bin "$@"
		}
		sandboxed "with a sandbox"
		while read -r from to missing; do
			rm -f /tmp/state /tmp/first /tmp/second
			(sleep 1; echo 'migrate file:/tmp/state'; sleep 1; echo quit) | vm $from /tmp/first >/tmp/log1 2>&1
			(sleep 1; echo system_reset; sleep 5) | vm $to /tmp/second -incoming file:/tmp/state >/tmp/log2 2>&1
			status=$?
			given=$(sed -n 's/^round [0-9a-f]* //p' /tmp/first | sort -u)
			found=$(sed -n 's/^round [0-9a-f]* //p' /tmp/second | sort -u)
			sed 's/^/    | /' /tmp/first /tmp/log2 /tmp/second
			name="$from to $to"
			if [ "$missing" ]; then
				check "$name: is refused" "$([ $status = 1 ] && echo yes)" "status $status"
				check "$name: a line names the cause" "$(grep "armkvm: the saved guest may make calls that this VM does not have: .*$missing" /tmp/log2)" "$(tail -n 1 /tmp/log2)"
				check "$name: the guest doesn't run" "$([ ! -s /tmp/second ] && echo yes)" "$(head -n 1 /tmp/second)"
			else
				check "$name: goes on with what it had" "$([ $status = 0 ] && [ "$given" ] && [ "$found" = "$given" ] && echo yes)" "status $status, '$given' became '$found': $(tail -n 1 /tmp/log2)"
				check "$name: goes on where it was" "$(head -n 1 /tmp/second | grep -v 'round 00000000')" "$(head -n 1 /tmp/second)"
				check "$name: is reset and ends" "$(grep 'round 00000000' /tmp/second && grep '^end' /tmp/second)" "$(tail -n 1 /tmp/second)"
			fi
		done <<-'PAIRS'
			armkvm armkvm
			armkvm,pv=off armkvm
			armkvm,pv-tlb-flush=off,pv-eoi=off armkvm
			armkvm armkvm,pv=off pv-mmio,
			armkvm armkvm,pv-idle=off,pv-power=off pv-idle, pv-power;
			armkvm,pv-panic=off armkvm,pv-steal-time=off pv-steal-time;
		PAIRS
		sandboxed "with a sandbox, after a QEMU without one"
	SESSION
}

mkdir "$SHARE"
"$TOP/scripts/bare-guest.sh" saved "$SHARE" >/dev/null
"$TOP/scripts/bare-guest.sh" gic-smp "$SHARE/sandbox" >/dev/null
bare_references "$SHARE/sandbox"
hosts arm64-n1
for host in "${HOSTS[@]}"; do
	host_test "$host" "$host" --icount --smp 2 --no-load --share "$SHARE" --timeout 300 -- \
		sh -c "$LOAD && CPU=$(host_cpu "$host") && $(session)"
done
cases_end
