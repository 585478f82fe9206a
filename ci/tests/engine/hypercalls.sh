#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The guest's calls, on an ARMv7 and an arm64 host: guest/bare/hypercall.c makes each of them with good and with
# hostile arguments and judges for itself. What reaches QEMU: the panic's text as an event, reset, power-off, trace events.
# The switches: pv=off and TCG show the guest nothing, one that is off is gone alone, and machines that differ in that aren't
# taken for each other by a saved guest.
# test-cost: 90
# test-timeout: 600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

IMAGE=$SCRATCH/image

# What runs in the host: CPU is QEMU's, SHARE has the image. The host is kept busy while time is to be stolen.
session() {
	cat <<-'SESSION'
		guest() { # MACHINE APPEND OPTION...: the console is the output
			machine=$1 append=$2
			shift 2
			timeout 100 qemu-system-arm -M "$machine" -accel "armkvm$ACCEL" -nic none -display none -monitor none \
				-kernel /share/hypercall.bin -append "$append" "$@" </dev/null
		}
		verdict() { # NAME COMMAND...
			name=$1
			shift
			if "$@"; then echo "PASS $name"; else echo "FAIL $name: not so"; fi
		}
		timeout 100 qemu-system-arm -M virt -m 256 -accel armkvm -cpu "$CPU" -nic none -display none -monitor none -serial stdio \
			-kernel /share/vcpu-page.bin </dev/null >/tmp/out
		grep '^FAIL' /tmp/out
		verdict "the vCPU page's cases are all there" [ "$(grep -c '^PASS' /tmp/out)" = 234 ]
		printf '%s\n' '{"execute":"qmp_capabilities"}' >/tmp/commands
		(cat /tmp/commands; sleep 60) | timeout 100 qemu-system-arm -M virt -cpu "$CPU" -accel armkvm -nic none -display none \
			-serial file:/tmp/console -qmp stdio -action panic=none -trace 'armkvm_mmio*' -trace armkvm_hypercall -D /tmp/trace \
			-kernel /share/hypercall.bin -append "steal=$STEAL" >/tmp/qmp 2>/tmp/stderr &
		qemu=$!
		[ "$STEAL" = 0 ] || (while kill -0 $qemu 2>/dev/null; do :; done) &
		while kill -0 $qemu 2>/dev/null; do sleep 1; done
		sort /tmp/console | uniq -c | sed -n 's/^ *\([0-9]*\) FAIL \(.*\)/FAIL \2 (\1 times)/p'
		passed=$(grep -c '^PASS ' /tmp/console)
		echo "passed: $passed"
		verdict "the guest's cases are all there, before and after a reset by call" [ "$passed" -ge 721 ]
		verdict "the guest comes to its end" grep -q '^end' /tmp/console
		tail -n 3 /tmp/console /tmp/stderr
		verdict "a panic is an event with the guest's words" grep -q '"GUEST_PANICKED".*Kernel panic   - not syncing: hypercall test' /tmp/qmp
		verdict "a panic that follows at once is dropped" [ "$(grep -c GUEST_PANICKED /tmp/qmp)" -le 2 ]
		verdict "a reset by call is an event" grep -q '"RESET".*"guest-reset"' /tmp/qmp
		verdict "a power-off by call is an event" grep -q '"SHUTDOWN".*"guest-shutdown"' /tmp/qmp
		verdict "calls are traced as such" grep -q 'armkvm_mmio.*addr 0x9000fe0 len 4 write 0 call 1' /tmp/trace
		verdict "loads are traced as such" grep -q 'armkvm_mmio.*addr 0x9000fe0 len 4 write 0 call 0' /tmp/trace
		verdict "strings are traced" grep -q 'armkvm_mmio_string.*addr 0x9000fe0 len 4 count' /tmp/trace

		ACCEL=,pv=off
		guest virt "" -cpu "$CPU" -serial stdio >/tmp/out
		verdict "pv=off hides it all" grep -q '^no armkvm in the device tree' /tmp/out
		verdict "pv=off answers no call" grep -q '^PASS hidden' /tmp/out
		ACCEL=,pv-mmio=off
		guest virt "features=1022" -cpu "$CPU" -serial stdio >/tmp/out
		grep '^FAIL' /tmp/out
		verdict "pv-mmio=off takes one away" [ "$(grep -c '^PASS' /tmp/out)" = 4 ]
		ACCEL=,pv-mmio=off,pv-idle=off
		guest virt "features=1018" -cpu "$CPU" -serial stdio >/tmp/out
		verdict "and another with it" grep -q '^PASS features' /tmp/out
	SESSION
}

on() { # HOST CPU STEAL
	host_test "$1" "$1" --no-load --share "$IMAGE" --timeout 400 -- sh -c "$LOAD && CPU=$2 STEAL=$3 && $(session)"
}

mkdir -p "$IMAGE"
"$TOP/scripts/bare-guest.sh" hypercall "$IMAGE" >/dev/null
"$TOP/scripts/bare-guest.sh" vcpu-page "$IMAGE" >/dev/null
if [[ -x $BUILD/qemu-native/qemu-system-arm ]]; then
	status=0
	timeout 60 "$BUILD/qemu-native/qemu-system-arm" -M virt -cpu cortex-a15 -accel tcg -nic none -display none -monitor none \
		-serial "file:$SCRATCH/tcg" -kernel "$IMAGE/hypercall.bin" || status=$?
	if ((status == 0)) && grep -q '^no armkvm in the device tree' "$SCRATCH/tcg"; then
		pass "TCG shows the guest no armkvm"
	else
		fail "TCG shows the guest no armkvm" "status $status: $(tail -n 1 "$SCRATCH/tcg")"
	fi
else
	fail "TCG" "native QEMU is not built; ./configure-wrapper.sh build --host native"
fi
on armv7-a15 cortex-a15 1
on arm64-n1 host 1
cases_end
