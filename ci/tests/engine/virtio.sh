#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The virtio devices of a Linux guest (blk, net, console, rng, 9p), by virtio-mmio and PCI, on an ARMv7
# and an arm64 host: what the guest reads from each and writes to it is what the host has, with and without
# an I/O thread, with the GIC in the module and QEMU's, with QEMU's network card and vhost's. With ioeventfd
# the guest's notifications stay in the kernel, without they are QEMU's to hear. Disks interrupt by irqfd where
# the module has the GIC. Reset and unbound devices leave no ioeventfd and no irqfd behind.
# test-cost: 240
# test-cost-all: 420
# test-timeout: 3000
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# What the guest runs; the host has written its network address, and where to fetch from, to net.
guest_script() {
	cat <<-'GUEST'
		#!/bin/sh
		sum() { sha256sum "$@" | cut -d' ' -f1; }
		# virtio-mmio's are found in another order than PCI's
		in=vda out=vdb
		[ "$(cat /sys/block/vda/ro)" = 1 ] || in=vdb out=vda
		echo "guest-disk $(sum /dev/$in)"
		# Without reset and driver the device is nobody's: all that it had in the module goes and comes again.
		dev=$(basename "$(readlink -f /sys/block/$out/device)")
		for i in 1 2 3 4; do
			echo "$dev" >/sys/bus/virtio/drivers/virtio_blk/unbind
			echo "$dev" >/sys/bus/virtio/drivers/virtio_blk/bind
		done
		[ -b /dev/$out ] || out=vdc
		dd if=/dev/$in of=/dev/$out bs=64k 2>/dev/null && sync && echo guest-wrote
		dd if=/dev/hwrng bs=64 count=4 2>/dev/null | sum | sed 's/^/guest-rng /'
		echo "guest-9p $(sum /share/file)"
		cp /dev/$in /share/back && sync
		read -r address url </share/net
		ifconfig eth0 "$address" netmask 255.255.255.0 up
		echo "guest-net $(wget -q -O - "$url/file" | sum)"
		cat /share/file >"$(ls /dev/vport*p1)"
		echo "guest-irqs $(grep -c virtio /proc/interrupts)"
	GUEST
}

# Runs in the host: one boot a line of VARIANTS (name, accelerator options, iothread or -, bus, ioeventfd,
# network), and what came of it.
session() {
	cat <<-'SESSION'
		dd if=/dev/urandom of=/tmp/in bs=1M count=2 2>/dev/null
		mkdir /tmp/nine
		dd if=/dev/urandom of=/tmp/nine/file bs=128k count=1 2>/dev/null
		cp /share2/guest.sh /tmp/nine/
		sum() { sha256sum "$@" | cut -d' ' -f1; }
		disk=$(sum /tmp/in) file=$(sum /tmp/nine/file) none=$(sum </dev/null)
		check() { if [ "$2" ]; then echo "PASS $1"; else echo "FAIL $1: $3"; fi; }
		ip link set lo up
		httpd -p 8080 -h /tmp/nine
		while read -r name accel thread bus ioeventfd net; do
			dd if=/dev/zero of=/tmp/out bs=1M count=2 2>/dev/null
			rm -f /tmp/nine/back /tmp/port /tmp/trace
			[ $thread = - ] && objects= with= || objects="-object iothread,id=io" with=,iothread=io
			if [ $net = vhost ]; then
				echo 192.168.7.2 http://192.168.7.1:8080 >/tmp/nine/net
				netdev=tap,ifname=tap0,script=no,downscript=no,vhost=on
				ip link show tap0 >/dev/null 2>&1 || { tunctl -t tap0 >/dev/null; ip addr add 192.168.7.1/24 dev tap0; ip link set tap0 up; }
			else
				echo 10.0.2.15 http://10.0.2.2:8080 >/tmp/nine/net
				netdev=user
			fi
			card=virtio-net-$bus
			[ $bus = device ] || card=$card,romfile=
			qemu-system-arm -accel $accel -M virt,highmem=off -global virtio-mmio.force-legacy=off -global virtio-mmio.ioeventfd=$ioeventfd -cpu $CPU -m 192 \
				-nographic -no-reboot -kernel /share/vmlinuz -initrd /share/initramfs.gz $objects \
				-fsdev local,id=nine,path=/tmp/nine,security_model=none -device virtio-9p-$bus,fsdev=nine,mount_tag=share \
				-drive if=none,id=a,file=/tmp/in,format=raw,readonly=on -device virtio-blk-$bus,drive=a$with \
				-drive if=none,id=b,file=/tmp/out,format=raw -device virtio-blk-$bus,drive=b$with \
				-netdev $netdev,id=n -device $card,netdev=n -device virtio-rng-$bus -device virtio-serial-$bus \
				-chardev file,id=port,path=/tmp/port -device virtserialport,chardev=port \
				-D /tmp/trace -trace armkvm_ioeventfd -trace armkvm_irqfd -trace armkvm_mmio \
				-append 'console=ttyAMA0 quiet loglevel=3 panic=-1 cryptomgr.notests audit=0 apparmor=0 armkvm.run=guest.sh' \
				</dev/null >/tmp/log 2>&1
			status=$?
			tr -d '\r' </tmp/log | sed 's/^/    | /'
			has() { tr -d '\r' </tmp/log | sed -n "s/^$1 *//p" | head -n 1; }
			check "$name: QEMU ends with status 0" "$([ $status = 0 ] && echo yes)" "$status: $(tail -n 1 /tmp/log)"
			check "$name: the guest reads the disk" "$([ "$(has guest-disk)" = "$disk" ] && echo yes)" "$(has guest-disk) is not $disk"
			check "$name: the guest writes the disk" "$(cmp -s /tmp/in /tmp/out && echo yes)" "they differ"
			check "$name: the guest reads by 9p" "$([ "$(has guest-9p)" = "$file" ] && echo yes)" "$(has guest-9p) is not $file"
			check "$name: the guest writes by 9p" "$(cmp -s /tmp/in /tmp/nine/back && echo yes)" "they differ"
			check "$name: the network brings the file ($net)" "$([ "$(has guest-net)" = "$file" ] && echo yes)" "$(has guest-net) is not $file"
			check "$name: the console port takes the file" "$(cmp -s /tmp/nine/file /tmp/port && echo yes)" "they differ"
			rng=$(has guest-rng)
			check "$name: random numbers come" "$([ "$rng" ] && [ "$rng" != $none ] && echo yes)" "'$rng'"
			check "$name: interrupts come" "$([ "0$(has guest-irqs)" -ge 3 ] && echo yes)" "$(has guest-irqs) lines"

			# Where notifications go, and the writes there that QEMU heard.
			sed -n 's/.*armkvm_ioeventfd addr 0x\([0-9a-f]*\) .* assign 1 -> 0$/ addr 0x\1 /p' /tmp/trace | sort -u >/tmp/places
			# Without ioeventfd: offset 0x50 of a virtio-mmio device
			[ $ioeventfd = on ] || echo ' addr 0xa00[0-9a-f][02468ace]50 ' >/tmp/places
			places=$(wc -l </tmp/places)
			out=$(grep 'armkvm_mmio .* write 1' /tmp/trace | grep -c -f /tmp/places)
			made=$(grep -c 'armkvm_ioeventfd .* assign 1 -> 0$' /tmp/trace) gone=$(grep -c 'armkvm_ioeventfd .* assign 0 -> 0$' /tmp/trace)
			irqs=$(grep -c 'armkvm_irqfd .* assign 1' /tmp/trace) ended=$(grep -c 'armkvm_irqfd .* assign 0' /tmp/trace)
			all=$(grep -c armkvm_mmio /tmp/trace)
			echo "    | $name: ioeventfds at $places places, $out of $all accesses that came out are notifications; $made ioeventfds made and $gone ended, $irqs irqfds and $ended"
			# vhost leaves the card's control queue to QEMU; queues of virtio-mmio have one place.
			[ $net$bus = vhostdevice ] && most=20 || most=0
			if [ $ioeventfd = on ]; then
				check "$name: notifications stay inside" "$([ $places -ge 6 ] && [ $out -le $most ] && echo yes)" "$places ioeventfds, $out came out"
				check "$name: ioeventfds end with their devices" "$([ $made -ge $((places + 4)) ] && [ $gone = $made ] && echo yes)" "$made made, $gone ended"
			else
				check "$name: notifications come out" "$([ $made = 0 ] && [ $out -ge 20 ] && echo yes)" "$made ioeventfds, $out came out"
			fi
			case $ioeventfd$accel in
			onarmkvm) check "$name: disks interrupt by irqfd" "$([ $irqs -ge 6 ] && [ $ended = $irqs ] && echo yes)" "$irqs irqfds, $ended ended" ;;
			*) check "$name: there is no irqfd" "$([ $irqs = 0 ] && echo yes)" "$irqs" ;;
			esac
		done </share2/variants
	SESSION
}

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
	local guest host
	guest=$("$TOP/scripts/guest-initramfs.sh" 6.1)
	mkdir "$SCRATCH/guest"
	guest_script >"$SCRATCH/guest/guest.sh"
	chmod 755 "$SCRATCH/guest/guest.sh"
	hosts armv7-a15 arm64-n1
	for host in "${HOSTS[@]}"; do
		variants "$host" >"$SCRATCH/guest/variants"
		host_test "$host" "$host" --icount --no-load --module vhost_net --module tun --share "$guest" --share "$SCRATCH/guest" --timeout 1400 -- \
			sh -c "$LOAD && CPU=$(host_cpu "$host") && $(session)"
	done
}

main
cases_end
