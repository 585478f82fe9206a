#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What libvirt asks an emulator before it offers domains of type 'kvm', and how it starts
# them, asked of our native QEMU as libvirt 9.0 and 11.3 do: under a name that ends in
# "-kvm", with and without the module that fake-module.c plays. Under another name KVM
# is KVM. Where PCI is on the machine that libvirt makes.
# test-cost: 20
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"
# shellcheck source=ci/tests/qemu/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

# under NAME COMMAND...: QEMUs of COMMAND were started under that name.
under() {
	ln -sf "$QEMU_NATIVE" "$SCRATCH/$1"
	QEMU_NATIVE=$SCRATCH/$1 "${@:2}"
}

# probe ACCELERATORS: libvirt's conversation; the answers are in $SCRATCH/stdout.
probe() {
	printf '%s\n' '{"execute":"qmp_capabilities","id":"start"}' \
		'{"execute":"query-target","id":"target"}' \
		'{"execute":"query-kvm","id":"kvm"}' \
		'{"execute":"qom-list-types","id":"types"}' \
		'{"execute":"query-machines","id":"machines"}' \
		'{"execute":"query-cpu-definitions","id":"models"}' \
		'{"execute":"query-gic-capabilities","id":"gic"}' \
		'{"execute":"query-cpu-model-expansion","arguments":{"type":"full","model":{"name":"host"}},"id":"host"}' \
		'{"execute":"query-cpu-model-expansion","arguments":{"type":"full","model":{"name":"max"}},"id":"max"}' \
		'{"execute":"quit","id":"end"}' >"$SCRATCH/qmp"
	QEMU_INPUT=$SCRATCH/qmp qemu -S -no-user-config -nodefaults -nographic -machine "none,accel=$1" -qmp stdio
}

# answers NAME ID PATTERN: the answer to the question ID has it.
answers() {
	local line
	line=$(grep -F "\"id\": \"$2\"" "$SCRATCH/stdout" || true)
	if grep -qE -- "$3" <<<"$line"; then
		pass "$1"
	else
		fail "$1" "'${line:0:300}' has no '$3'"
	fi
}

GIC_OF_MODULE='"version": 3, "kernel": false.*"version": 2, "kernel": true'
NO_KERNEL_GIC='"version": 3, "kernel": false.*"version": 2, "kernel": false'

with_the_module() {
	FAKE="irqchip=1" under qemu-system-arm-kvm with_fake probe kvm:tcg
	check_lines "a probe that finds the module says nothing" 0 && pass "a probe that finds the module says nothing"
	answers "with the module: the target" target '"arch": "arm"'
	answers "with the module: KVM is there and on" kvm '"enabled": true, "present": true'
	answers "with the module: TCG is there too" types '"tcg-accel"'
	answers "with the module: the machine virt" machines '"name": "virt-10.0"'
	answers "with the module: CPU models" models '"cortex-a15"'
	answers "with the module: the GICv2 is the kernel's" gic "$GIC_OF_MODULE"
	answers "with the module: -cpu host has a property" host '"props": \{"aarch64": false'
	answers "with the module: -cpu max likewise" max '"props": \{"aarch64": false'
	FAKE="" under qemu-system-arm-kvm with_fake probe kvm:tcg
	answers "a module without interrupt controller" gic "$NO_KERNEL_GIC"
}

# libvirt's second question of an emulator with KVM, and that of one without.
without() {
	FAKE="irqchip=1" under qemu-system-arm-kvm with_fake probe tcg
	answers "asked for TCG: KVM is off" kvm '"enabled": false'
	answers "asked for TCG: no interrupt controller of the kernel's" gic "$NO_KERNEL_GIC"
	answers "asked for TCG: -cpu max is TCG's" max '"pmu": true'
	FAKE="version=2" under qemu-system-arm-kvm with_fake probe kvm:tcg
	check_lines "a module that can't be used: one line" 1 && check_words "a module that can't be used: one line" \
		"interface version 2|falling back to tcg" && pass "a module that can't be used: one line"
	answers "a module that can't be used: KVM is off" kvm '"enabled": false'
	answers "a module that can't be used: -cpu host is an error" host '"error"'
	FAKE="irqchip=1" with_fake probe armkvm:tcg
	answers "under another name armkvm is not KVM" kvm '"enabled": false, "present": false'
	answers "under another name the GICv2 is the kernel's nevertheless" gic "$GIC_OF_MODULE"
}

# accepted NAME OPTION...: it starts, without a word, on armkvm: its vCPU belongs to the module.
accepted() {
	local name=$1
	shift
	: >"$SCRATCH/fake.log"
	FAKE="play=reset" under qemu-system-arm-kvm with_fake qemu -M virt,gic-version=2 -no-reboot "$@"
	if check_status "$name" 0 && check_lines "$name" 0; then
		if grep -q '^vcpu 0 runs' "$SCRATCH/fake.log"; then pass "$name"; else fail "$name" "no vCPU of the module ran"; fi
	fi
}

# refused NAME WORDS OPTION...: one line that has WORDS, status 1.
refused() {
	local name=$1 said=$2
	shift 2
	under qemu-system-arm-kvm qemu -M virt -display none "$@"
	if check_status "$name" 1 && check_lines "$name" 1 && check_words "$name" "$said"; then pass "$name"; fi
}

starting() {
	accepted "-accel kvm" -accel kvm
	accepted "-accel kvm,dirty-ring-size=4096" -accel kvm,dirty-ring-size=4096
	accepted "-machine accel=kvm" -machine accel=kvm
	accepted "-enable-kvm" -enable-kvm
	accepted "no -accel" -name none
	accepted "-accel kvm with KVM's device" -accel kvm,device=/dev/null
	accepted "-accel kvm and the CPU of the host" -accel kvm -cpu host,aarch64=off
	accepted "-accel kvm before -accel tcg" -accel kvm -accel tcg
	refused "dirty-ring-size not a power of two" "power of two" -accel kvm,dirty-ring-size=3
	FAKE="" with_fake refused "the CPU of the host with 64 bits" "aarch64=off" -accel kvm -cpu host,aarch64=on
	FAKE="version=2" with_fake refused "-accel kvm never means TCG" "armkvm cannot start|interface version 2" -accel kvm
	FAKE="version=2" with_fake refused "-enable-kvm never means TCG" "armkvm cannot start" -enable-kvm
	FAKE="version=2" under qemu-system-arm-kvm with_fake qemu -M virt -S -monitor stdio -accel kvm -accel tcg
	check_status "TCG where it is asked for" 0 && check_lines "TCG where it is asked for" 1 &&
		check_words "TCG where it is asked for" "interface version 2|falling back to tcg" &&
		pass "TCG where it is asked for"
	FAKE="" with_fake qemu -M virt -S -accel kvm
	check_status "under another name there is no KVM here" 1 &&
		check_words "under another name there is no KVM here" "invalid accelerator kvm" &&
		pass "under another name there is no KVM here"
}

# pci NAME WHERE OPTION...: where PCI's configuration space is.
pci() {
	local name=$1 where=$2
	shift 2
	qmp '{"execute":"human-monitor-command","arguments":{"command-line":"info mtree -f"}}' -accel tcg "$@"
	if grep -qE "$where-[0-9a-f]+ \(prio [0-9]+, i/o\): pcie-mmcfg-mmio" "$SCRATCH/stdout"; then
		pass "$name"
	else
		fail "$name" "$(grep -oE '[0-9a-f]+-[0-9a-f]+ \(prio [0-9]+, i/o\): pcie-mmcfg' "$SCRATCH/stdout" | head -n 1)"
	fi
}

pci_below_4g() {
	pci "PCI is below 4 GiB" 000000003f000000 -M virt
	pci "PCI is below 4 GiB, Cortex-A7" 000000003f000000 -M virt -cpu cortex-a7
	pci "PCI is below 4 GiB with highmem=off" 000000003f000000 -M virt,highmem=off
	pci "PCI is above 4 GiB if it is asked for" 0000004010000000 -M virt,highmem-ecam=on
}

qemu_native_or_end
fake_module_build
with_the_module
without
starting
pci_below_4g
cases_end
