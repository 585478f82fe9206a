#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A debugger on a guest of the engine, through QEMU's gdbstub: registers, memory,
# breakpoints, single steps, stops, reset, and the monitor's views of the same. TCG is
# the oracle: it passes the same cases, and each step leads to the same registers.
# test-cost: 90
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

debug_image

# on HOST
on() {
	local host=$1
	debug_session "$host" "$host" "$TOP/ci/testbed" --host "$host" --no-tty --share "$DEBUG_IMAGE" --timeout 300 -- \
		qemu-system-arm "${DEBUG_OPTIONS[@]}" -cpu "$(host_cpu "$host")" -accel armkvm -kernel /share/debug.bin
	if cmp -s "$SCRATCH/tcg" "$SCRATCH/$host"; then
		pass "$host: $(wc -l <"$SCRATCH/tcg") steps lead where they lead on TCG"
	else
		# for the log; the verdict is the comparison's
		diff "$SCRATCH/tcg" "$SCRATCH/$host" || true
		fail "$host: steps lead where they lead on TCG" "$(diff "$SCRATCH/tcg" "$SCRATCH/$host" | grep -m 1 '^>')"
	fi
}

# watched HOST GUEST: with a watchpoint TCG executes all of it, beside the module's timers and GIC.
watched() {
	local name="$1: $2 with a watchpoint" dir=$SCRATCH/watched
	mkdir -p "$dir"
	if [[ ! -e $dir/$2.tcg ]]; then
		"$TOP/scripts/bare-guest.sh" "$2" "$dir" >/dev/null
		bare_reference "$dir/$2.bin" "" "" "$dir/$2.tcg"
	fi
	if ! "$TOP/ci/lib/debugger" --watched -- "$TOP/ci/testbed" --host "$1" --no-tty --share "$dir" --timeout 300 -- \
		qemu-system-arm -M virt -cpu "$(host_cpu "$1")" -accel armkvm -nic none -display none -monitor none \
		-serial file:/share/out -S -gdb stdio -kernel "/share/$2.bin" 2>"$SCRATCH/err"; then
		fail "$name" "$(tail -n 1 "$SCRATCH/err")"
		return
	fi
	tr -d '\000' <"$dir/out" >"$dir/out.text"
	if cmp -s "$dir/$2.tcg" "$dir/out.text"; then
		pass "$name prints what it prints on TCG"
	else
		fail "$name prints what it prints on TCG" "$(diff "$dir/$2.tcg" "$dir/out.text" | grep -m 1 '^>')"
	fi
}

# unwatched HOST: with two CPUs watchpoints are refused, and a line says why.
unwatched() {
	local name="$1: watchpoints with two CPUs are refused"
	if ! "$TOP/ci/lib/debugger" --unwatched -- "$TOP/ci/testbed" --host "$1" --no-tty --share "$DEBUG_IMAGE" --timeout 300 -- \
		qemu-system-arm "${DEBUG_OPTIONS[@]}" -cpu "$(host_cpu "$1")" -smp 2 -accel armkvm -kernel /share/debug.bin 2>"$SCRATCH/err"; then
		fail "$name" "$(tail -n 1 "$SCRATCH/err")"
	elif ! grep -q 'watchpoints need a VM with one CPU' "$SCRATCH/err"; then
		fail "$name" "no line says why: $(tail -n 1 "$SCRATCH/err")"
	else
		pass "$name"
	fi
}

if [[ ! -x $QEMU_BUILD/qemu-native/qemu-system-arm ]]; then
	fail "native QEMU" "it is not built; ./configure-wrapper.sh build --host native"
	cases_end
fi
debug_session TCG tcg "$QEMU_BUILD/qemu-native/qemu-system-arm" "${DEBUG_OPTIONS[@]}" -cpu cortex-a15 -accel tcg -kernel "$DEBUG_IMAGE/debug.bin"
hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	on "$host"
	# 10.2 has no hooks in TCG yet.
	[[ ${ARMKVM_QEMU_VERSION:-10.0} == 10.0 ]] || continue
	watched "$host" irq
	watched "$host" psci
	unwatched "$host"
done
cases_end
