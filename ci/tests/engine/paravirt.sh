#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The paravirtual guest's kernel (guest/linux/, scripts/guest-kernel.sh): the same image boots on TCG's
# virt and vexpress machines as if the series were not there, on armkvm with what the
# hypervisor offers, and on armkvm with pv=off again without. Then CPUs and the stress program: engine/smp.
# ARMKVM_VARIANTS=all: 6.12, too.
# test-cost: 200
# test-timeout: 3600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

WORDS='console=ttyAMA0 loglevel=7 panic=-1 armkvm.show'

# on_tcg VERSION MACHINE CPU [DTB]: with an interpreter's idea of the architecture.
on_tcg() {
	local name="$1 on TCG's $2" kernel guest status=0 tree=()
	kernel=$("$TOP/scripts/guest-kernel.sh" build "$1")
	guest=$("$TOP/scripts/guest-initramfs.sh" "$1-pv")
	if [[ -n ${4:-} ]]; then tree=(-dtb "$(echo "$kernel"/usr/lib/linux-image-*/"$4")"); fi
	timeout 120 qemu-system-arm -M "$2" -cpu "$3" -m 256 -smp 2 -nic none -nographic -no-reboot "${tree[@]}" \
		-kernel "$guest/vmlinuz" -initrd "$guest/initramfs.gz" -append "$WORDS" >"$SCRATCH/out" 2>&1 </dev/null || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	if ((status)); then
		fail "$name" "status $status: $(tail -n 1 "$SCRATCH/out")"
		return
	fi
	has "$name: the guest reaches user space with two CPUs" '^guest: cpu .* 2 core' 1
	has "$name: no hypervisor is found" 'armkvm: features' 0
	has "$name: the guest powers off" 'reboot: Power down' 1
}

# on_armkvm HOST VERSION FOUND [ACCEL-OPTIONS]
on_armkvm() {
	local name="$1: $2${4:+, $4}"
	GUEST_ACCEL=${4:-} guest_in_host "$name" "$1" "$2-pv" --timeout 600 -- \
		-M virt,highmem=off -cpu "$(host_cpu "$1")" -m 256 -nic none -no-reboot \
		-device virtio-rng-device -append "'$WORDS'" || return 0
	has "$name: the guest reaches user space" '^guest: user space reached' 1
	has "$name: the kernel finds what there is" 'armkvm: features 0x[0-9a-f]+' "$3"
	has "$name: nothing that it complains about" 'BUG|WARNING|Oops|rcu.*stall|soft lockup' 0
	has "$name: the guest powers off" 'reboot: Power down' 1
}

versions=(6.1)
[[ ${ARMKVM_VARIANTS:-} != all ]] || versions+=(6.12)
hosts armv7-a15 arm64-n1
for version in "${versions[@]}"; do
	on_tcg "$version" virt cortex-a15
	on_tcg "$version" vexpress-a9 cortex-a9 vexpress-v2p-ca9.dtb
	for host in "${HOSTS[@]}"; do on_armkvm "$host" "$version" 1; done
	on_armkvm "${HOSTS[0]}" "$version" 0 pv=off
done
cases_end
