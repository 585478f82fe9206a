#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What QEMU says and does at start-up, on this machine: -accel armkvm where it
# can't run names the cause and the cure in one line, falls back to TCG after
# one line, refuses bad options, and leaves the other accelerators as they were.
#
# Most of it needs a machine without the module; what a module could answer is
# played by fake-module.c.
# test-cost: 20
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"
# shellcheck source=ci/tests/qemu/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# refused NAME WORDS QEMU-OPTION...: exit status 1 and exactly one line, which
# has every one of the WORDS (separated by |).
refused() {
	local name=$1 expected=$2
	shift 2
	qemu "$@"
	if check_status "$name" 1 && check_lines "$name" 1 && check_words "$name" "$expected"; then
		pass "$name"
	fi
}

# goes_on NAME WORDS QEMU-OPTION...: one line with the WORDS, then a guest under
# TCG, which prints a text and powers off.
goes_on() {
	local name=$1 expected=$2
	shift 2
	qemu "$@" -serial file:"$SCRATCH/serial" \
		-device loader,file="$SCRATCH/guest.bin",addr=0x40200000,cpu-num=0,force-raw=on
	if check_status "$name" 0 && check_lines "$name" 1 && check_words "$name" "$expected" &&
		check_serial "$name"; then
		pass "$name"
	fi
}

# starts NAME WORDS QEMU-OPTION...: as goes_on, for machines that can't run that
# guest: the VM exists, and quits when told to.
starts() {
	local name=$1 expected=$2
	shift 2
	qemu "$@" -S -monitor stdio
	if check_status "$name" 0 && check_lines "$name" 1 && check_words "$name" "$expected"; then
		pass "$name"
	fi
}
check_serial() {
	[[ $(<"$SCRATCH/serial") == T ]] && return
	fail "$1" "the guest did not run: its console has '$(<"$SCRATCH/serial")'"
	return 1
}

# silent NAME QEMU-OPTION...: no line at all and status 0.
silent() {
	local name=$1
	shift
	qemu "$@"
	if check_status "$name" 0 && check_lines "$name" 0; then pass "$name"; fi
}

# A guest that writes T to the virt machine's PL011 and powers off by PSCI.
make_guest() {
	# mov r1, #0x09000000; mov r0, #'T'; str r0, [r1]
	# movw r0, #8; movt r0, #0x8400; hvc #0; b .
	printf '\x09\x14\xa0\xe3\x54\x00\xa0\xe3\x00\x00\x81\xe5\x08\x00\x00\xe3\x00\x04\x48\xe3\x70\x00\x40\xe1\xfe\xff\xff\xea' \
		>"$SCRATCH/guest.bin"
}

help_lists_it() {
	qemu -accel help
	if grep -qx armkvm "$SCRATCH/stdout" && grep -qx tcg "$SCRATCH/stdout"; then
		pass "-accel help lists armkvm and tcg"
	else
		fail "-accel help lists armkvm and tcg" "$(tr '\n' ' ' <"$SCRATCH/stdout")"
	fi
	qemu -h
	if grep -q 'mode=shadow|direct|trustzone' "$SCRATCH/stdout" && grep -q ' irqchip=on|off' "$SCRATCH/stdout"; then
		pass "-help has the options"
	else
		fail "-help has the options" "no mode= or irqchip= in it"
	fi
}

without_module() {
	if [[ -e /dev/armkvm ]]; then
		skip "start-up without the module" "this machine has /dev/armkvm"
		return
	fi
	refused "no module: -accel" "/dev/armkvm|modprobe armkvm" -M virt -accel armkvm
	refused "no module: -machine accel=" "/dev/armkvm|modprobe armkvm" -M virt,accel=armkvm
	refused "no module: -M none" "/dev/armkvm|modprobe armkvm" -M none -accel armkvm
	refused "no module: a valid mode" "/dev/armkvm|modprobe armkvm" -M virt -accel armkvm,mode=direct
	goes_on "no module: -accel armkvm -accel tcg" "modprobe armkvm|falling back to tcg" \
		-M virt -accel armkvm -accel tcg
	goes_on "no module: -machine accel=armkvm:tcg" "modprobe armkvm|falling back to tcg" \
		-M virt,accel=armkvm:tcg
	goes_on "no module: fallback=on is the default" "falling back to tcg" \
		-M virt -accel armkvm,fallback=on -accel tcg
	refused "no module: fallback=off" "modprobe armkvm|fallback=off" \
		-M virt -accel armkvm,fallback=off -accel tcg
	refused "no module: fallback=off alone" "modprobe armkvm" -M virt -accel armkvm,fallback=off
}

bad_options() {
	refused "unknown mode" "'fast'|shadow, direct, trustzone" -M virt -accel armkvm,mode=fast
	refused "unknown mode, with a fallback" "'fast'|shadow, direct, trustzone" \
		-M virt -accel armkvm,mode=fast -accel tcg
	refused "empty mode" "''|shadow, direct, trustzone" -M virt -accel armkvm,mode=
	refused "unknown option" "nonsense" -M virt -accel armkvm,nonsense=1
	refused "fallback= not a switch" "fallback" -M virt -accel armkvm,fallback=perhaps
	refused "irqchip= not a switch" "irqchip" -M virt -accel armkvm,irqchip=perhaps
	refused "kernel-irqchip= not a switch" "kernel-irqchip" -M virt,kernel-irqchip=split -accel armkvm
	refused "device= empty" "device=" -M virt -accel armkvm,device=
	refused "device= does not exist" "/nonexistent|does not exist" -M virt -accel armkvm,device=/nonexistent
	refused "device= below a file" "does not exist" -M virt -accel armkvm,device=/etc/passwd/x
	refused "device= a character device" "/dev/null|not an armkvm device" -M virt -accel armkvm,device=/dev/null
	refused "device= a file" "not an armkvm device" -M virt -accel armkvm,device="$SCRATCH/guest.bin"
	refused "device= a directory" "not an armkvm device" -M virt -accel armkvm,device="$SCRATCH"
	goes_on "device= wrong, with a fallback" "not an armkvm device|falling back to tcg" \
		-M virt -accel armkvm,device=/dev/null -accel tcg
}

machines_and_models() {
	refused "machine without an ARMv7-A CPU" "mps2-an385|cortex-m3|vexpress-a9|virt" -M mps2-an385 -accel armkvm
	refused "machine with an ARMv5 CPU" "versatilepb|arm926|virt" -M versatilepb -accel armkvm
	refused "machine whose CPU is not known" "microbit|virt" -M microbit -accel armkvm
	refused "CPU model" "arm1176|cortex-a7, cortex-a8, cortex-a9, cortex-a15, host, max" \
		-M virt -cpu arm1176 -accel armkvm
	refused "CPU model with features" "'arm1176'" -M virt -cpu arm1176,neon=off -accel armkvm
	refused "virt,secure=on" "secure" -M virt,secure=on -accel armkvm
	refused "virt,virtualization=on" "virtualization" -M virt,virtualization=on -accel armkvm
	starts "virt,virtualization=on, with a fallback" "virtualization|falling back to tcg" \
		-M virt,virtualization=on -accel armkvm -accel tcg
	starts "virt,secure=on, with a fallback" "secure|falling back to tcg" \
		-M virt,secure=on -accel armkvm -accel tcg
	starts "machine without an ARMv7-A CPU, with a fallback" "netduino2|falling back to tcg" \
		-M netduino2,accel=armkvm:tcg
	starts "CPU model, with a fallback" "arm1176|falling back to tcg" \
		-M versatilepb -cpu arm1176 -accel armkvm -accel tcg
	refused "-cpu host under TCG" "host" -M virt -cpu host -accel tcg
}

# What a module may answer: SETTINGS for the fake one, and what QEMU says then.
modules() {
	local name settings expected
	while IFS=';' read -r name settings expected; do
		FAKE=$settings refused_by "$name" "$expected" -M virt -accel armkvm
	done <<-'TABLE'
		no permission;open=13;/dev/armkvm|permission
		node without a driver;open=19;/dev/armkvm|modprobe armkvm
		busy;open=16;busy|dmesg
		other interface version;version=2;version 2|needs 1
		other interface version, much newer;version=1000000;version 1000000
		not an armkvm device;version=-1;not an armkvm device
		no guest mode;modes=0;offers no guest mode|dmesg
		only unknown guest modes;modes=0x80;offers no guest mode
		mode not offered;modes=2;'shadow'|mode=|direct
		capability USER_MEMORY;without=3;ARMKVM_CAP_USER_MEMORY
		capability MP_STATE;without=14;ARMKVM_CAP_MP_STATE
		capability ONE_REG;without=70;ARMKVM_CAP_ONE_REG
		capability IMMEDIATE_EXIT;without=136;ARMKVM_CAP_IMMEDIATE_EXIT
		CREATE_VM fails;create=12;create a VM|Cannot allocate memory
		CPU features;host=a9;cortex-a15|hardware integer division|generic timer|cortex-a9, host, max
	TABLE
	FAKE="vcpus=2" refused_by "too many vCPUs" "-smp 2" -M virt -accel armkvm -smp 4
	FAKE="modes=5" refused_by "mode not offered, by name" "'direct'|shadow, trustzone" \
		-M virt -accel armkvm,mode=direct
	FAKE="" refused_by "irqchip=on and the module has none" "ARMKVM_CAP_IRQCHIP|leave out" \
		-M virt -accel armkvm,irqchip=on
	FAKE="" refused_by "host-counter=on and the module can't" "ARMKVM_CAP_COUNTER_OFFSET|leave out" \
		-M virt -accel armkvm,host-counter=on
	FAKE="" refused_by "-machine kernel-irqchip=on likewise" "ARMKVM_CAP_IRQCHIP" \
		-M virt,kernel-irqchip=on -accel armkvm
	FAKE="" goes_on_by "irqchip=on, with a fallback" "ARMKVM_CAP_IRQCHIP|falling back to tcg" \
		-M virt -accel armkvm,irqchip=on -accel tcg
	FAKE="" refused_by "GICv3" "GICv3" -M virt,gic-version=3 -accel armkvm
	FAKE="modes=0" goes_on_by "no guest mode, with a fallback" "offers no guest mode|falling back to tcg" \
		-M virt -accel armkvm -accel tcg
	FAKE="host=a9" goes_on_by "CPU features, with a fallback" "hardware integer division|falling back to tcg" \
		-M virt -cpu cortex-a15 -accel armkvm -accel tcg
}
refused_by() { with_fake refused "module: $1" "${@:2}"; }
goes_on_by() { with_fake goes_on "module: $1" "${@:2}"; }

# What mode=direct doesn't have is refused before the device is opened.
direct_options() {
	local name more options expected
	while IFS=';' read -r name more options expected; do
		read -ra options <<<"$options"
		refused "mode=direct: $name" "$expected" "${options[@]}" -accel armkvm,mode=direct"$more"
	done <<-'TABLE'
		another machine type;;-M vexpress-a9;'vexpress-a9'|-machine virt|mode=shadow
		no machine;;-M none;'none'|-machine virt|mode=shadow
		firmware;;-M virt -bios none.fd;no firmware|-bios|mode=shadow
		flash;;-M virt -drive if=pflash,file=/dev/null,format=raw,readonly=on;no firmware|pflash|mode=shadow
		an odd size;;-M virt -m 100M;16 MiB|-m 112M
		RAM that comes later;;-M virt -m 128M,slots=2,maxmem=256M;maxmem=|slots=|mode=shadow
		RAM of nodes;;-M virt -numa node;-numa|mode=shadow
		RAM of a file;;-M virt -mem-path /tmp;-mem-path|mode=shadow
		RAM of an object;;-M virt,memory-backend=r -object memory-backend-ram,id=r,size=128M;memory-backend=|mode=shadow
		no calls;,pv=off;-M virt;pv-priv|leave out 'pv=off'|mode=shadow
		no call for it;,pv-priv=off;-M virt;leave out 'pv-priv=off'|mode=shadow
		no call for time;,pv-timer=off;-M virt;leave out 'pv-timer=off'|mode=shadow
		emulated code;,emulate=on;-M virt;emulate=
	TABLE
}

# The same of modules, for mode=direct.
direct_modules() {
	local name settings more expected
	while IFS=';' read -r name settings more expected; do
		FAKE=$settings refused_by "mode=direct: $name" "$expected" -M virt -accel armkvm,mode=direct"$more"
	done <<-'TABLE'
		not on offer;modes=5;;'direct'|shadow, trustzone
		not root;modes=3 create=1;;CAP_SYS_RAWIO|sudo|mode=shadow
		loaded anew without it;modes=3 create=22;;direct=1|modprobe|mode=shadow
		no such calls;modes=3 direct=0x1f;;pv-priv|one release|mode=shadow
		a call of other modes;modes=3;,pv-vcpu-page=on;'pv-vcpu-page'|leave out
		no RAM;modes=3 window=12;;128 MiB|ulimit -l|compact_memory|smaller '-m'
		no RAM for another reason;modes=3 window=17;;128 MiB|File exists|dmesg
		RAM where the devices are;modes=3 at=0x10000000;;0x10000000|its devices|mode=shadow
		RAM above 4 GiB;modes=3 at=0xfa000000;;0xfa000000|32 address bits|mode=shadow
	TABLE
	FAKE="modes=3" refused_by "mode=shadow: a call of mode=direct" "'pv-priv'|leave out" -M virt -accel armkvm,pv-priv=on
	FAKE="modes=3 at=0x10000000" goes_on_by "mode=direct: RAM where the devices are, with a fallback" \
		"its devices|falling back to tcg" -M virt -accel armkvm,mode=direct -accel tcg
}

# The guest's RAM is the module's window, at the address that this says.
direct_ram() {
	local machine
	echo 'info mtree' | cat - "$SCRATCH/quit" >"$SCRATCH/mtree"
	for machine in virt virt,highmem=off; do
		: >"$SCRATCH/fake.log"
		QEMU_INPUT=$SCRATCH/mtree FAKE="modes=3" with_fake silent "mode=direct: $machine starts" \
			-M "$machine" -m 256 -accel armkvm,mode=direct -S -monitor stdio
		has "mode=direct: the window is of $machine's RAM's size" '^window 10000000$' "$SCRATCH/fake.log"
		has "mode=direct: a slot of $machine has all of it" '^slot [0-9]+ flags 0 gpa 61000000 size 10000000$' "$SCRATCH/fake.log"
		has "mode=direct: the guest of $machine has the calls" '^cap 10001 e1f$' "$SCRATCH/fake.log"
		has "mode=direct: RAM of $machine is at the window's address" '0*61000000-0*70ffffff .*ram\): mach-virt.ram' "$SCRATCH/stdout"
	done
	FAKE="modes=3" with_fake qemu -M virt,dumpdtb="$SCRATCH/dtb" -m 256 -accel armkvm,mode=direct
	has "mode=direct: so the device tree says" 'memory@61000000' "$SCRATCH/dtb"
}
has() { # NAME PATTERN FILE
	if grep -qaE -- "$2" "$3"; then pass "$1"; else fail "$1" "no '$2': $(tail -n 1 "$SCRATCH/stderr")"; fi
}

# saved_vm FILE SETTINGS MODE: a VM that runs is saved there.
saved_vm() {
	printf 'migrate file:%s\nquit\n' "$1" >"$SCRATCH/migrate"
	QEMU_INPUT=$SCRATCH/migrate FAKE="$2 play=wait" with_fake silent "mode=$3: it is saved" \
		-M virt -m 64 -accel armkvm,mode="$3",irqchip=off -serial null -monitor stdio
}

# A guest's kernel knows where its RAM is. One that goes on powers itself off.
direct_saved() {
	local name file settings mode expected
	saved_vm "$SCRATCH/direct" "modes=3" direct
	saved_vm "$SCRATCH/shadow" "modes=3" shadow
	FAKE="modes=3 play=ram" with_fake silent "mode=direct: it goes on at the same address" \
		-M virt -m 64 -accel armkvm,mode=direct,irqchip=off -serial null -incoming "file:$SCRATCH/direct"
	while IFS=';' read -r name file settings mode expected; do
		FAKE="$settings play=ram" with_fake qemu -M virt -m 64 -accel armkvm,mode="$mode",irqchip=off -serial null \
			-incoming "file:$SCRATCH/$file"
		if check_status "$name" 1 && check_words "$name" "$expected"; then pass "$name"; fi
	done <<-'TABLE'
		mode=direct: it doesn't at another;direct;modes=3 at=0x80000000;direct;0x61000000|0x80000000|same address only
		mode=direct: nor one of mode=shadow;shadow;modes=3;direct;without mode=direct
		mode=shadow: nor one of mode=direct;direct;modes=3;shadow;armkvm-window
	TABLE
}

others_unchanged() {
	local bad=$SCRATCH/others
	silent "TCG says nothing" -M virt -accel tcg -S -monitor stdio
	silent "no -accel says nothing" -M virt -S -monitor stdio
	refused "unknown accelerator" "invalid accelerator bogus" -M virt -accel bogus
	qmp '{"execute":"query-kvm"}' -M none -accel tcg
	if grep -q '"return": {"enabled": false, "present": false}' "$SCRATCH/stdout"; then
		pass "query-kvm"
	else
		fail "query-kvm" "$(tail -n 1 "$SCRATCH/stdout")"
	fi
	: >"$bad"
	qmp '{"execute":"human-monitor-command","arguments":{"command-line":"info jit"}}' \
		-M virt -accel armkvm,device=/dev/null -accel tcg
	grep -q 'Translation buffer state' "$SCRATCH/stdout" || echo "info jit: no translation buffer" >"$bad"
	expect_empty "after a fallback it is TCG" "info jit" "$bad"
}

qemu_native_or_end
make_guest
fake_module_build
help_lists_it
without_module
bad_options
machines_and_models
modules
direct_options
direct_modules
direct_ram
direct_saved
others_unchanged
cases_end
