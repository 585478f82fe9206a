#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The virtio devices of a Linux guest (blk, net, console, rng, 9p), by virtio-mmio and PCI, on an ARMv7
# and an arm64 host: what the guest reads from each and writes to it is what the host has, with and without
# an I/O thread, with the GIC in the module and QEMU's, with QEMU's network card and vhost's. With ioeventfd
# the guest's notifications stay in the kernel, without they are QEMU's to hear. Disks interrupt by irqfd where
# the module has the GIC. Reset and unbound devices leave no ioeventfd and no irqfd behind. Then, in the same boots of the
# hosts, "armkvm run" (in-host/armkvm-run), in the first tier on the arm64 one.
# test-cost: 130
# test-cost-all: 280
# test-timeout: 3000
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# variants HOST: those of the architecture; of them in the first tier those marked with 1.
variants() {
	awk -v arch="${1%%-*}" -v tier="$ARMKVM_TIER" '$1 == arch && $2 <= tier' <<-'VARIANTS' | cut -d' ' -f3-
		armv7 2 mmio-iothread armkvm io device on user
		armv7 1 mmio-without-ioeventfd armkvm - device off user
		armv7 1 pci-vhost armkvm io pci on vhost
		armv7 2 mmio-vhost-irqchip-off armkvm,irqchip=off - device on vhost
		arm64 1 mmio-iothread armkvm io device on user
		arm64 1 mmio-vhost-irqchip-off armkvm,irqchip=off - device on vhost
		arm64 2 pci armkvm - pci on user
	VARIANTS
}

main() {
	local guest host run
	guest=$(guest_dir 6.1)
	mkdir "$SCRATCH/guest"
	install -m 755 "$TOP/ci/tests/engine/in-guest/virtio" "$SCRATCH/guest/guest.sh"
	install -m 755 "$TOP/ci/tests/engine/in-guest/armkvm-run" "$SCRATCH/guest/"
	hosts armv7-a15 arm64-n1
	for host in "${HOSTS[@]}"; do
		variants "$host" >"$SCRATCH/guest/variants"
		run=()
		if [[ $host == arm64-* ]] || all_variants; then
			run=(--add "$TOP/ci/tests/engine/in-host/armkvm-run:/armkvm-run" --add "$TOP/packaging/bin/armkvm:/bin/armkvm"
				--add "$TOP/packaging/bin/armkvm-ok:/bin/armkvm-ok")
		fi
		session virtio "$host" --icount --module vhost_net --module tun --share "$guest" --share "$SCRATCH/guest" "${run[@]}" --timeout 1400
	done
}

main
cases_end
