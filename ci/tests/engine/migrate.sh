#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A saved VM: a Linux guest's shell sets a variable, the VM is migrated to
# a file, and a new QEMU goes on from it: the variable is there, time and console work, disks (of either
# transport, with an I/O thread) that were in use still are, it powers off. With the GIC in the module, with QEMU's, and from the one to the other.
# test-cost: 110
# test-cost-all: 200
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# Runs in the host. Counted time: a sleep ends when QEMU and guest have had that long. The
# shell's line editor asks for the cursor first, and loses what comes then.
session() {
	cat <<-'SESSION'
		check() { if [ "$2" ]; then echo "PASS $1"; else echo "FAIL $1: $3"; fi; }
		dd if=/dev/urandom of=/tmp/disk bs=256k count=1 2>/dev/null
		sum=$(sha256sum </tmp/disk)
		disk=if=none,file=/tmp/disk,format=raw,readonly=on
		vm() {
			accel=$1
			shift
			timeout 100 qemu-system-arm -accel $accel -M virt,highmem=off -cpu $CPU -m 128 -nic none -nographic -no-reboot \
				-object iothread,id=io -drive $disk,id=a -device virtio-blk-device,drive=a,iothread=io \
				-drive $disk,id=b -device virtio-blk-pci,drive=b,iothread=io \
				-kernel /share/vmlinuz -initrd /share/initramfs.gz \
				-append 'console=ttyAMA0 quiet loglevel=3 cryptomgr.notests audit=0 apparmor=0' "$@"
		}
		while read -r from to; do
			name="$from to $to"
			(sleep 8; echo; sleep 1; echo 'X=41'; sleep 1; echo 'cat /dev/vda /dev/vdb >/dev/null'; sleep 2; printf '\001c'; sleep 1; echo 'migrate file:/tmp/state'; sleep 8; echo quit) |
				vm $from >/tmp/first 2>&1 || echo "status $?" >>/tmp/first
			(sleep 4; echo; sleep 1; echo 'echo again $((X+2)); sleep 1; echo slept $?'; sleep 4; echo 'for d in vda vdb; do dd if=/dev/$d bs=64k iflag=direct | sha256sum; done'; sleep 4; echo 'poweroff -f'; sleep 4) |
				vm $to -incoming file:/tmp/state >/tmp/second 2>&1 || echo "status $?" >>/tmp/second
			tr -d '\r' </tmp/second | sed 's/^/    | /'
			check "$name: it goes on where it was" "$(tr -d '\r' </tmp/second | grep -x 'again 43')" "$(tail -n 1 /tmp/first) / $(tail -n 1 /tmp/second)"
			check "$name: time goes on" "$(tr -d '\r' </tmp/second | grep -x 'slept 0')" "$(tail -n 1 /tmp/second)"
			check "$name: disks are read" "$([ "$(tr -d '\r' </tmp/second | grep -cxF "$sum")" = 2 ] && echo yes)" "$(tail -n 1 /tmp/second)"
			check "$name: it powers off" "$(grep 'Power down' /tmp/second)" "$(tail -n 1 /tmp/second)"
			rm -f /tmp/state
		done </share2/pairs
	SESSION
}

# pairs HOST: accelerators before and after; the first tier has each pair once.
pairs() {
	awk -v arch="${1%%-*}" -v tier="$ARMKVM_TIER" 'tier == 2 || $1 == arch { print $2, $3 }' <<-'PAIRS'
		armv7 armkvm armkvm
		arm64 armkvm,irqchip=off armkvm,irqchip=off
		arm64 armkvm armkvm,irqchip=off
		armv7 armkvm,irqchip=off armkvm
	PAIRS
}

guest=$("$TOP/scripts/guest-initramfs.sh" 6.1)
mkdir "$SCRATCH/pairs"
hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	pairs "$host" >"$SCRATCH/pairs/pairs"
	host_test "$host" "$host" --icount --no-load --share "$guest" --share "$SCRATCH/pairs" --timeout 800 -- \
		sh -c "$LOAD && CPU=$(host_cpu "$host") && $(session)"
done
cases_end
