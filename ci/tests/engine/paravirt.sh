#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The paravirtual guest's kernels (guest/linux/, scripts/guest-kernel.sh): the same image boots on TCG's
# virt and vexpress machines as if the series were not there; on armkvm on an ARMv7 and an arm64 host it uses what
# the hypervisor offers, with the boards' own network and SD card, panics, sleep and reset (ci/lib/paravirt-in-host); and with
# pv=off it does without. Then CPUs and the stress program: engine/smp.
# The first tier has each of these guests on one host, with 6.1. With all: each on each, and with 6.12, which is one more
# kernel to compile; gates/guest-series compares the two series.
# test-cost: 200
# test-cost-all: 270
# test-timeout: 3600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

WORDS='console=ttyAMA0 loglevel=7 panic=-1 armkvm.show'

# image VERSION: the guest's kernel, initramfs and device trees for the hosts.
image() {
	local kernel guest
	kernel=$("$TOP/scripts/guest-kernel.sh" build "$1")
	guest=$("$TOP/scripts/guest-initramfs.sh" "$1-pv")
	mkdir -p "$IMAGE/$1"
	cp "$guest/vmlinuz" "$guest/initramfs.gz" "$kernel"/usr/lib/linux-image-*/vexpress-v2p-ca{9,15-tc1}.dtb "$IMAGE/$1/"
}

# on_tcg VERSION MACHINE CPU [DTB]: with an interpreter's idea of the architecture.
on_tcg() {
	local name="$1 on TCG's $2" status=0 tree=()
	if [[ -n ${4:-} ]]; then tree=(-dtb "$IMAGE/$1/$4"); fi
	timeout 120 qemu-system-arm -M "$2" -cpu "$3" -m 256 -smp 2 -nic none -nographic -no-reboot "${tree[@]}" \
		-kernel "$IMAGE/$1/vmlinuz" -initrd "$IMAGE/$1/initramfs.gz" -append "$WORDS" >"$SCRATCH/out" 2>&1 </dev/null || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	if ((status)); then
		fail "$name" "status $status: $(tail -n 1 "$SCRATCH/out")"
		return
	fi
	has "$name: the guest reaches user space with two CPUs" '^guest: cpu .* 2 core' 1
	has "$name: no hypervisor is found" 'armkvm: features' 0
	has "$name: the guest powers off" 'reboot: Power down' 1
}

# on_armkvm HOST GUEST...: one boot of the host for all of them.
on_armkvm() {
	host_test "$1" "$1" --icount --no-load --share "$IMAGE" --timeout 1200 --add "$TOP/ci/lib/paravirt-in-host:/paravirt" -- \
		sh -c "$LOAD && exec sh /paravirt $(host_cpu "$1") ${*:2}"
}

IMAGE=$SCRATCH/image
mkdir -p "$IMAGE/guest"
install -m 755 "$TOP/ci/tests/engine/in-guest/paravirt" "$IMAGE/guest/do"
install -m 755 "$TOP/ci/tests/engine/in-guest/paravirt-address" "$IMAGE/guest/address"
head -c 100000 < <(seq 1 200000) >"$IMAGE/guest/data"
cp "$IMAGE/guest/data" "$IMAGE/guest/card"
truncate -s 4M "$IMAGE/guest/card"

versions=(6.1) boards=()
if all_variants; then versions=(6.1 6.12) boards=(6.1 6.12); fi

# guests HOST: what boots on it.
guests() {
	if all_variants; then
		echo {virt,vexpress_a9,vexpress_a15,hidden}/6.{1,12} panics/6.1
		return
	fi
	case $1 in
	armv7-*) echo virt/6.1 vexpress_a9/6.1 panics/6.1 ;;
	*) echo virt/6.1 vexpress_a15/6.1 hidden/6.1 ;;
	esac
}

for version in "${versions[@]}"; do
	image "$version"
	on_tcg "$version" virt cortex-a15
done
for version in "${boards[@]}"; do
	on_tcg "$version" vexpress-a9 cortex-a9 vexpress-v2p-ca9.dtb
	on_tcg "$version" vexpress-a15 cortex-a15 vexpress-v2p-ca15-tc1.dtb
done
hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	read -ra all < <(guests "$host")
	on_armkvm "$host" "${all[@]}"
done
cases_end
