#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QEMU's side of a running VM, on this machine, against the module that
# fake-module.c plays: vCPU threads, exits, memory slots, and registers that
# must come back from QEMU as they went in, whatever the mode.
# test-cost: 20
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"
# shellcheck source=ci/tests/qemu/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# play SETTINGS OPTION...: a virt machine on the fake module, with a fresh log.
play() {
	: >"$SCRATCH/fake.log"
	FAKE=$1 with_fake qemu -M virt -accel armkvm "${@:2}"
}

# logged PATTERN: how often the module saw it.
logged() { grep -cE -- "$1" "$SCRATCH/fake.log" || true; }

# verdict NAME WHY COMMAND...: passes when the command succeeds.
verdict() {
	local name=$1 why=$2
	shift 2
	if "$@"; then pass "$name"; else fail "$name" "$why"; fi
}

mmio_and_shutdown() {
	play "play=uart" -serial file:"$SCRATCH/serial"
	check_status "MMIO writes reach the device" 0 &&
		verdict "MMIO writes reach the device" "the console has '$(<"$SCRATCH/serial")'" \
			test "$(<"$SCRATCH/serial")" = "hello from the run page"
	verdict "MMIO reads bring the device's value" "$(tail -n 1 "$SCRATCH/fake.log")" \
		test "$(logged '^uart flags 90$')" = 1
	verdict "a shutdown ends QEMU without a word" "$(tail -n 1 "$SCRATCH/stderr")" \
		test ! -s "$SCRATCH/stderr"
}

memory_slots() {
	printf '\x78\x56\x34\x12' >"$SCRATCH/word"
	play "play=ram" -m 256 -device loader,file="$SCRATCH/word",addr=0x40200000,force-raw=on
	verdict "guest RAM is in a slot" "$(logged '^slot .* gpa 40000000')" \
		test "$(logged '^slot [0-9]+ flags 0 gpa 40000000 size 10000000$')" = 1
	verdict "flash is in read-only slots" "$(logged '^slot .* flags 2')" \
		test "$(logged '^slot [0-9]+ flags 2 gpa (0|4000000) size 4000000$')" = 2
	verdict "a slot shows what QEMU loaded" "$(grep -m 1 '^ram' "$SCRATCH/fake.log" || true)" \
		test "$(logged '^ram 12345678$')" -ge 1
}

reset_event() {
	play "play=reset" -device loader,addr=0x40200000,cpu-num=0
	check_status "a reset starts again where reset starts" 0 || return 0
	verdict "a reset starts again where reset starts" "$(grep runs "$SCRATCH/fake.log" | tr '\n' ' ')" \
		test "$(logged '^vcpu 0 runs at 40200000$')" -ge 2
	play "play=reset" -no-reboot -device loader,addr=0x40200000,cpu-num=0
	verdict "-no-reboot" "it ran again" test "$(logged '^vcpu 0 runs at 40200000$')" = 1
}

# until_logged PATTERN: waits for the module to see it, at most 10 s.
until_logged() {
	local tries=0
	until grep -qE -- "$1" "$SCRATCH/fake.log"; do
		((++tries < 100)) || return 0
		sleep 0.1
	done
}

# script: QMP commands to QEMU, at the pace of its answers: a line "until
# PATTERN" waits for the module, any other is a command that takes its time.
script() {
	local line
	printf '%s\n' '{"execute":"qmp_capabilities"}'
	while IFS= read -r line; do
		case $line in
		until\ *) until_logged "${line#until }" ;;
		*)
			printf '%s\n' "$line"
			sleep 0.2
			;;
		esac
	done
	printf '%s\n' '{"execute":"quit"}'
}

# interactive SETTINGS SCRIPT OPTION...
interactive() {
	local settings=$1 lines=$2
	shift 2
	: >"$SCRATCH/fake.log"
	mkfifo "$SCRATCH/fifo"
	script <<<"$lines" >"$SCRATCH/fifo" &
	QEMU_INPUT=$SCRATCH/fifo FAKE=$settings with_fake \
		qemu -M virt -accel armkvm -qmp stdio "$@"
	wait $!
	rm "$SCRATCH/fifo"
}

errors_stop_the_vm() {
	interactive "play=error" $'until ^vcpu 0 fails\n{"execute":"query-version"}\n{"execute":"query-status"}' -no-shutdown
	verdict "the module's error text is printed" "$(head -n 1 "$SCRATCH/stderr")" \
		grep -q "vCPU 0 stopped: the fake module can't execute anything.*pc 0x00008000.*0xe7f000f0" "$SCRATCH/stderr"
	verdict "an error stops the VM, which -no-shutdown keeps" "$(sed -n /status/p "$SCRATCH/stdout")" \
		grep -q '"status": "internal-error"' "$SCRATCH/stdout"
	check_lines "an error is one line" 1 && pass "an error is one line"
	interactive "play=error" $'until ^vcpu 0 fails\n{"execute":"query-version"}\n{"execute":"query-status"}' -action panic=pause
	verdict "so does -action panic=pause" "$(sed -n /status/p "$SCRATCH/stdout")" \
		grep -q '"status": "internal-error"' "$SCRATCH/stdout"
	play "play=error"
	check_status "QEMU ends with status 1 otherwise" 1 && pass "QEMU ends with status 1 otherwise"
	check_lines "with nothing but the error" 1 && pass "with nothing but the error"
	interactive "play=unknown" $'until ^vcpu 0 fails\n{"execute":"query-version"}\n{"execute":"query-status"}' -no-shutdown
	verdict "an unknown exit is named" "$(head -n 1 "$SCRATCH/stderr")" \
		grep -q "exit reason 999" "$SCRATCH/stderr"
}

# stop fetches the registers, cont writes them back: nothing may have changed,
# and what "info registers" shows is what the module had.
registers_in_mode() {
	local name=$1 cpsr=$2 shown=$3
	interactive "play=wait mode=$cpsr" 'until ^vcpu 0 waits
{"execute":"stop"}
{"execute":"human-monitor-command","arguments":{"command-line":"info registers"}}
{"execute":"cont"}
until ^vcpu 0 waits again' -smp 2
	sed -n 's/^before //p' "$SCRATCH/fake.log" | sort >"$SCRATCH/before"
	sed -n 's/^after //p' "$SCRATCH/fake.log" | sort >"$SCRATCH/after"
	if [[ ! -s $SCRATCH/before ]] || ! diff "$SCRATCH/before" "$SCRATCH/after" >"$SCRATCH/diff"; then
		sed 's/^/    | /' "$SCRATCH/diff"
		fail "registers survive stop and cont in $name" "see the log"
	else
		pass "registers survive stop and cont in $name"
	fi
	verdict "info registers in $name" "no $shown: $(grep -o 'R0[0-9]=[^"]*' "$SCRATCH/stdout" | head -c 300)" \
		grep -qF "$shown" "$SCRATCH/stdout"
}

# The fake core registers are 0xc0000000 + 0x10001 * word of struct armkvm_regs.
registers() {
	registers_in_mode usr 0x60000010 'R13=c00d000d R14=c00e000e R15=40010000'
	registers_in_mode sys 0x6000001f 'R13=c00d000d R14=c00e000e R15=40010000'
	registers_in_mode svc 0x600001d3 'R13=c0120012 R14=c0130013 R15=40010000'
	registers_in_mode abt 0x600001d7 'R13=c0150015 R14=c0160016 R15=40010000'
	registers_in_mode und 0x600001db 'R13=c0180018 R14=c0190019 R15=40010000'
	registers_in_mode irq 0x600001d2 'R13=c01b001b R14=c01c001c R15=40010000'
	registers_in_mode fiq 0x600001d1 'R08=c01e001e R09=c01f001f R10=c0200020 R11=c0210021'
	registers_in_mode thumb 0x60000030 'R13=c00d000d R14=c00e000e R15=40010000'
	verdict "VFP registers are shown" "no d31" grep -q 'd31=d000001f0000001f' "$SCRATCH/stdout"
}

secondary_cpus() {
	interactive "play=wait" $'until ^vcpu 3 waits\nuntil ^vcpu 0 waits' -smp 4
	verdict "four vCPUs" "$(logged '^vcpu 3 waits')" test "$(logged '^vcpu 3 waits')" -ge 1
	verdict "secondary vCPUs wait powered off" "mp_state of vCPU 3: $(grep 'vcpu 3 mp' "$SCRATCH/fake.log" | tail -n 1)" \
		test "$(logged '^vcpu 3 mp_state 5$')" -ge 1
	verdict "the first vCPU is powered on" "$(grep 'vcpu 0 mp' "$SCRATCH/fake.log" | tail -n 1)" \
		test "$(logged '^vcpu 0 mp_state 0$')" -ge 1
}

# -cpu host shows the guest the module's own core; a model is written to it.
cpu_models() {
	play "play=ram" -cpu host
	verdict "-cpu host writes no other MIDR" "$(grep -m 1 f0000 "$SCRATCH/fake.log" || true)" \
		test "$(logged 'set 40200000000f0000 = 414fc0f0')" -ge 1
	play "play=ram" -cpu max
	check_status "-cpu max runs" 0 && pass "-cpu max runs"
	play "play=ram" -cpu cortex-a7
	verdict "-cpu cortex-a7 sets its MIDR" "$(grep -m 1 f0000 "$SCRATCH/fake.log" || true)" \
		test "$(logged 'set 40200000000f0000 = 410fc075')" -ge 1
}

# Every machine type that the refusal of another one names as possible starts,
# resets and ends: boards differ in what they ask of their CPUs.
machine_types() {
	local machine machines
	qemu -M mps2-an385 -accel armkvm
	machines=$(sed -n 's/.*machine types that can: //p' "$SCRATCH/stderr" | tr -d ,)
	verdict "possible machine types are named" "$(head -n 1 "$SCRATCH/stderr")" test -n "$machines"
	for machine in $machines; do
		: >"$SCRATCH/fake.log"
		FAKE="play=reset host=any" with_fake qemu -M "$machine" -accel armkvm -serial none
		check_status "machine $machine" 0 || continue
		verdict "machine $machine" "no vCPU ever ran" test "$(logged '^vcpu [0-9] runs')" -ge 1
	done
}

# qtree MACHINE ACCEL: all devices of the machine with all their properties.
qtree() {
	QEMU_INPUT=$SCRATCH/qtree FAKE=play=wait with_fake qemu -M "$1" -cpu cortex-a15 -accel "$2" -S -monitor stdio
	((STATUS == 0)) || return 1
	sed -n '/^bus: main-system-bus/,/^(qemu)/p' "$SCRATCH/stdout" | tr -d '\r'
}

# A versioned machine type promises devices and properties: the same with armkvm as with TCG.
machine_versions() {
	local machine machines
	printf 'info qtree\nquit\n' >"$SCRATCH/qtree"
	qemu -M help
	mapfile -t machines < <(sed -nE 's/^(virt-[0-9.]+) .*/\1/p' "$SCRATCH/stdout" | sort -V)
	if ! all_variants; then machines=("${machines[0]}" "${machines[-1]}"); fi
	for machine in "${machines[@]}"; do
		if ! qtree "$machine" tcg >"$SCRATCH/tcg" || ! qtree "$machine" armkvm >"$SCRATCH/armkvm"; then
			fail "$machine has the devices that it has with TCG" "$(tail -n 1 "$SCRATCH/stderr")"
			continue
		fi
		diff "$SCRATCH/tcg" "$SCRATCH/armkvm" >"$SCRATCH/diff" || true
		# An empty list would be equal to an empty list.
		if (($(wc -l <"$SCRATCH/tcg") < 100)); then echo "only $(wc -l <"$SCRATCH/tcg") lines" >>"$SCRATCH/diff"; fi
		expect_empty "$machine has the devices that it has with TCG" "differs" "$SCRATCH/diff"
	done
}

qemu_native_or_end
fake_module_build
mmio_and_shutdown
memory_slots
reset_event
errors_stop_the_vm
registers
secondary_cpus
cpu_models
provide_roms
machine_types
machine_versions
cases_end
