#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# virtio devices of a Linux guest: what it reads from a disk and writes to
# another is what the host has, and the random numbers come; by virtio-mmio and PCI, with
# and without an I/O thread, with the GIC in the module and QEMU's. With ioeventfd the
# guest's notifications stay in the kernel, without they are QEMU's to hear.
# test-cost: 360
# test-timeout: 3000
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# What the guest runs.
guest_script() {
	cat <<-'GUEST'
		#!/bin/sh
		# virtio-mmio's are found in another order than PCI's
		in=vda out=vdb
		[ "$(cat /sys/block/vda/ro)" = 1 ] || in=vdb out=vda
		echo "guest-sum $(sha256sum /dev/$in | cut -d' ' -f1)"
		dd if=/dev/$in of=/dev/$out bs=64k 2>/dev/null && sync && echo guest-wrote
		dd if=/dev/hwrng bs=64 count=4 2>/dev/null | sha256sum | cut -d' ' -f1 | sed 's/^/guest-rng /'
		echo "guest-irqs $(grep -c virtio /proc/interrupts)"
	GUEST
}

# Runs in the host: one boot a line of VARIANTS (name, accelerator options, iothread or -,
# bus, ioeventfd), and what came of it. Virtio's notifications are the writes at offset
# 0x50 of a virtio-mmio device.
session() {
	cat <<-'SESSION'
		dd if=/dev/urandom of=/tmp/in bs=1M count=2 2>/dev/null
		sum=$(sha256sum /tmp/in | cut -d' ' -f1)
		none=$(sha256sum </dev/null | cut -d' ' -f1)
		check() { if [ "$2" ]; then echo "PASS $1"; else echo "FAIL $1: $3"; fi; }
		while read -r name accel thread bus ioeventfd; do
			dd if=/dev/zero of=/tmp/out bs=1M count=2 2>/dev/null
			[ $thread = - ] && objects= with= || objects="-object iothread,id=io" with=,iothread=io
			qemu-system-arm -accel $accel -M virt,highmem=off -global virtio-mmio.force-legacy=off -global virtio-mmio.ioeventfd=$ioeventfd -cpu $CPU -m 192 \
				-nic none -nographic -no-reboot -kernel /share/vmlinuz -initrd /share/initramfs.gz \
				-virtfs local,path=/share2,mount_tag=share,security_model=none,readonly=on $objects \
				-drive if=none,id=a,file=/tmp/in,format=raw,readonly=on -device virtio-blk-$bus,drive=a$with \
				-drive if=none,id=b,file=/tmp/out,format=raw -device virtio-blk-$bus,drive=b$with \
				-device virtio-rng-$bus -D /tmp/trace -trace armkvm_ioeventfd -trace armkvm_mmio \
				-append 'console=ttyAMA0 quiet loglevel=3 panic=-1 cryptomgr.notests audit=0 apparmor=0 armkvm.run=guest.sh' \
				</dev/null >/tmp/log 2>&1
			status=$?
			tr -d '\r' </tmp/log | sed 's/^/    | /'
			has() { tr -d '\r' </tmp/log | sed -n "s/^$1 *//p" | head -n 1; }
			check "$name: QEMU ends with status 0" "$([ $status = 0 ] && echo yes)" "$status: $(tail -n 1 /tmp/log)"
			check "$name: the guest reads the disk" "$([ "$(has guest-sum)" = "$sum" ] && echo yes)" "$(has guest-sum) is not $sum"
			check "$name: the guest writes the disk" "$(cmp -s /tmp/in /tmp/out && echo yes)" "they differ"
			rng=$(has guest-rng)
			check "$name: random numbers come" "$([ "$rng" ] && [ "$rng" != $none ] && echo yes)" "'$rng'"
			check "$name: interrupts come" "$([ "0$(has guest-irqs)" -ge 3 ] && echo yes)" "$(has guest-irqs) lines"
			taken=$(grep -c 'armkvm_ioeventfd.* assign 1 -> 0$' /tmp/trace)
			out=$(grep -cE 'armkvm_mmio .* addr 0xa00[0-9a-f][02468ace]50 len 4 write 1' /tmp/trace)
			echo "    | $name: $taken ioeventfds, $out notifications came out"
			[ $bus = device ] || continue
			if [ $ioeventfd = on ]; then
				check "$name: ioeventfds are assigned" "$([ $taken -ge 5 ] && echo yes)" "$taken"
				check "$name: notifications stay inside" "$([ $out = 0 ] && echo yes)" "$out came out"
			else
				check "$name: notifications come out" "$([ $out -ge 20 ] && echo yes)" "$out came out"
			fi
		done </share2/variants
	SESSION
}

# variants HOST
variants() {
	case $1 in
	arm64-*) grep -v '^pci\|^mmio-without' ;;
	*) cat ;;
	esac <<-'VARIANTS'
		mmio-iothread armkvm io device on
		mmio-without-ioeventfd armkvm - device off
		pci armkvm - pci on
		mmio-irqchip-off armkvm,irqchip=off - device on
	VARIANTS
}

main() {
	local guest host
	guest=$("$TOP/scripts/guest-initramfs.sh" 6.1)
	mkdir "$SCRATCH/guest"
	guest_script >"$SCRATCH/guest/guest.sh"
	chmod 755 "$SCRATCH/guest/guest.sh"
	hosts armv7-a15 arm64-n1
	for host in "${HOSTS[@]}"; do
		variants "$host" >"$SCRATCH/guest/variants"
		host_test "$host" "$host" --icount --no-load --share "$guest" --share "$SCRATCH/guest" --timeout 1400 -- \
			sh -c "$LOAD && CPU=$(host_cpu "$host") && $(session)"
	done
}

main
cases_end
