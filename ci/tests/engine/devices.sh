#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A native Debian guest with devices of every kind (virtio by MMIO and by PCI, PL011, PL031,
# GPIO keys, fw_cfg, flash, USB, graphics): it finds the same devices and drivers as on TCG,
# and uses block devices, network, random numbers, clock and 9p.
# test-cost: 60
# test-cost-all: 190
# test-timeout: 2400
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

IMAGE=$SCRATCH/image
mkdir -p "$IMAGE"
GUEST=$("$TOP/scripts/guest-initramfs.sh" 6.1)
cp "$GUEST/vmlinuz" "$GUEST/initramfs.gz" "$IMAGE/"
head -c 1048576 < <(seq 1 200000) >"$IMAGE/disk"

install -m 755 "$TOP/ci/tests/engine/in-guest/devices" "$IMAGE/look"

# machine ACCEL MODEL SHARE: QEMU's options, one a line.
machine() {
	cat <<-OPTIONS
		-accel
		$1
		-cpu
		$2
		-M
		virt,highmem=off
		-m
		256
		-nographic
		-no-reboot
		-kernel
		$3/vmlinuz
		-initrd
		$3/initramfs.gz
		-append
		console=ttyAMA0 quiet loglevel=3 panic=-1 cryptomgr.notests audit=0 apparmor=0 armkvm.run=look
		-rtc
		base=2024-05-05T12:00:00,clock=vm
		-fsdev
		local,id=share,path=$3,security_model=none
		-device
		virtio-9p-device,fsdev=share,mount_tag=share
		-drive
		file=$3/disk1,if=none,id=d1,format=raw
		-device
		virtio-blk-device,drive=d1
		-drive
		file=$3/disk2,if=none,id=d2,format=raw
		-device
		virtio-blk-pci,drive=d2
		-netdev
		user,id=n1
		-device
		virtio-net-device,netdev=n1
		-netdev
		user,id=n2
		-device
		virtio-net-pci,netdev=n2,romfile=
		-device
		virtio-rng-device
		-device
		virtio-rng-pci
		-device
		virtio-serial-pci
		-device
		virtconsole,chardev=null
		-chardev
		null,id=null
		-device
		virtio-gpu-pci
		-device
		qemu-xhci
		-device
		usb-kbd
	OPTIONS
}

# found NAME FILE: the guest's report.
# Nothing found is an answer, which the cases judge.
found() { tr -d '\r' <"$1" | grep '^dev: ' || true; }

cp "$IMAGE/disk" "$IMAGE/disk1"
cp "$IMAGE/disk" "$IMAGE/disk2"
mapfile -t options < <(machine tcg cortex-a15 "$IMAGE")
timeout 900 "$QEMU_BUILD/qemu-native/qemu-system-arm" "${options[@]}" >"$SCRATCH/tcg.out" 2>&1 </dev/null ||
	fail "TCG" "$(tail -n 1 "$SCRATCH/tcg.out")"
found "$SCRATCH/tcg.out" >"$SCRATCH/tcg"
sed 's/^/    | /' "$SCRATCH/tcg"

if (($(wc -l <"$SCRATCH/tcg") < 40)); then
	fail "TCG's guest reports its devices" "$(wc -l <"$SCRATCH/tcg") lines"
	cases_end
fi

on() { # HOST
	local status=0
	cp "$IMAGE/disk" "$IMAGE/disk1"
	cp "$IMAGE/disk" "$IMAGE/disk2"
	machine armkvm "$(host_cpu "$1")" /share | sed "s/.*/'&'/" | tr '\n' ' ' >"$IMAGE/options"
	in_host "$SCRATCH/out" "$1" --icount --share "$IMAGE" --timeout 1200 -- \
		sh -c "eval exec qemu-system-arm \$(cat /share/options)" || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	# the node by which the guest knows that it is on armkvm: engine/paravirt.sh
	found "$SCRATCH/out" | grep -v '^dev: platform hypervisor' >"$SCRATCH/armkvm"
	if ((status)); then fail "$1" "status $status: $(tail -n 1 "$SCRATCH/out")"; else pass "$1: QEMU ends with status 0"; fi
	if cmp -s "$SCRATCH/tcg" "$SCRATCH/armkvm"; then
		pass "$1: $(wc -l <"$SCRATCH/tcg") devices and uses of them are as on TCG"
	else
		# for the log; the verdict is the comparison's
		diff "$SCRATCH/tcg" "$SCRATCH/armkvm" || true
		fail "$1: devices are as on TCG" "$(diff "$SCRATCH/tcg" "$SCRATCH/armkvm" | grep -m 1 '^[<>]')"
	fi
	has "$1: the network answers on both cards" '^dev: eth[01] 2 packets received' 2
}

read -ra all < <(by_tier arm64-a72 "armv7-a15 arm64-a72")
hosts "${all[@]}"
for host in "${HOSTS[@]}"; do on "$host"; done
cases_end
