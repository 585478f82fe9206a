#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A disk with an I/O thread and a network card are unplugged from a running guest and plugged again, three times:
# first when the guest has let go of them, then while it reads. Last the slots lose their power while it reads, and
# nobody let go. No ioeventfd, irqfd or event descriptor stays behind, and new devices work. Debian's armhf kernels have
# no driver for PCI's hot-plug slots, so the guest's script does what it would: it switches the slots' power.
# test-cost: 45
# test-timeout: 600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

ROUNDS=3

guest_script() {
	cat <<-'GUEST'
		#!/bin/sh
		# What stands at @2 of a port's configuration space
		byte() { dd if="$1/config" bs=1 skip=$2 count=1 2>/dev/null | od -An -tu1 | tr -d ' '; }
		# Slot Control of port @1 becomes @2 (PCI Express 3.0, 7.8.10)
		slot() {
			cap=$(byte "$1" 52)
			while [ "$(byte "$1" "$cap")" != 16 ]; do cap=$(byte "$1" $((cap + 1))); done
			printf "$2" | dd of="$1/config" bs=2 seek=$(((cap + 24) / 2)) conv=notrunc 2>/dev/null
		}
		ON='\300\001' OFF='\300\007'
		ports=$(for dev in /sys/bus/pci/devices/*; do [ "$(cat $dev/class)" != 0x060400 ] || echo $dev; done)
		step() {
			echo x >/share/$1
			until [ -e /share/$2 ]; do sleep 0.2; done
		}
		let_go() { for port in $ports; do for dev in $port/*:*/; do [ ! -e $dev/vendor ] || echo 1 >$dev/remove; done; done; }
		power() { for port in $ports; do slot $port "$1"; done; }
		round=0
		while :; do
			for i in 1 2 3 4 5 6 7 8 9 10; do [ -b /dev/vda ] && [ -e /sys/class/net/eth0 ] && break; sleep 0.2; done
			ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
			echo "round $round disk $(sha256sum /dev/vda | cut -d' ' -f1)"
			echo "round $round net $(wget -q -O - http://10.0.2.2:8080/file | sha256sum | cut -d' ' -f1)"
			if [ $round = 0 ]; then
				let_go
			else
				while dd if=/dev/vda of=/dev/null iflag=direct bs=4k count=32 2>/dev/null; do sleep 0.1; done &
			fi
			[ ! -e /share/last ] || break
			step asked.$round del.$round
			let_go
			power $OFF
			step off.$round add.$round
			power $ON
			echo 1 >/sys/bus/pci/rescan
			round=$((round + 1))
		done
		sleep 1
		power $OFF
		step cut goodbye
	GUEST
}

# Runs in the host.
session() {
	cat <<-'SESSION'
		check() { if [ "$2" ]; then echo "PASS $1"; else echo "FAIL $1: $3"; fi; }
		dd if=/dev/urandom of=/tmp/disk bs=1M count=2 2>/dev/null
		mkdir /tmp/nine
		dd if=/dev/urandom of=/tmp/nine/file bs=64k count=1 2>/dev/null
		cp /share2/guest.sh /tmp/nine
		ip link set lo up
		httpd -p 8080 -h /tmp/nine
		mkfifo /tmp/monitor
		exec 3<>/tmp/monitor
		add() {
			echo "device_add virtio-blk-pci,id=disk,bus=port1,drive=file,iothread=io"
			echo "device_add virtio-net-pci,id=card,bus=port2,netdev=net,romfile="
		}
		qemu-system-arm -accel armkvm -M virt,highmem=off -cpu $CPU -m 192 -display none -no-reboot -kernel /share/vmlinuz \
			-initrd /share/initramfs.gz -object iothread,id=io -blockdev raw,node-name=file,file.driver=file,file.filename=/tmp/disk \
			-netdev user,id=net -device pcie-root-port,id=port1,chassis=1 -device pcie-root-port,id=port2,chassis=2 \
			-device virtio-blk-pci,id=disk,bus=port1,drive=file,iothread=io -device virtio-net-pci,id=card,bus=port2,netdev=net,romfile= \
			-fsdev local,id=nine,path=/tmp/nine,security_model=none -device virtio-9p-device,fsdev=nine,mount_tag=share \
			-D /tmp/trace -trace armkvm_ioeventfd -trace armkvm_irqfd -monitor stdio -serial file:/tmp/log \
			-append 'console=ttyAMA0 quiet loglevel=3 panic=-1 cryptomgr.notests audit=0 apparmor=0 armkvm.run=guest.sh' \
			</tmp/monitor >/tmp/mon 2>&1 &
		qemu=$!
		wait_for() { for i in $(seq 300); do [ ! -e /tmp/nine/$1 ] || return 0; kill -0 $qemu 2>/dev/null || return 1; sleep 0.2; done; return 1; }
		made() { grep -c "armkvm_$1 .*assign $2" /tmp/trace; }
		# the network's sockets close when its connections have timed out
		open() { ls -l /proc/$qemu/fd | grep -c eventfd; }
		round=0
		while [ $round -lt $ROUNDS ] && wait_for asked.$round; do
			with="$with $(open)"
			inuse="$inuse $(($(made ioeventfd 1) - $(made ioeventfd 0)))+$(($(made irqfd 1) - $(made irqfd 0)))"
			printf 'device_del disk\ndevice_del card\n' >&3
			sleep 1
			>/tmp/nine/del.$round
			wait_for off.$round || break
			sleep 1
			without="$without $(open)"
			left="$left $(($(made ioeventfd 1) - $(made ioeventfd 0)))+$(($(made irqfd 1) - $(made irqfd 0)))"
			add >&3
			sleep 1
			round=$((round + 1))
			[ $round -lt $ROUNDS ] || >/tmp/nine/last
			>/tmp/nine/add.$((round - 1))
		done
		wait_for cut
		sleep 1
		left="$left $(($(made ioeventfd 1) - $(made ioeventfd 0)))+$(($(made irqfd 1) - $(made irqfd 0)))"
		>/tmp/nine/goodbye
		for i in $(seq 100); do kill -0 $qemu 2>/dev/null || break; sleep 0.2; done
		kill $qemu 2>/dev/null && echo "    | QEMU had to be ended"
		wait $qemu
		status=$?
		tr -d '\r' </tmp/log | sed 's/^/    | /'
		tr -d '\r' </tmp/mon | grep -i 'error\|warn' | sed 's/^/    | /'
		echo "    | event descriptors with the devices:$with, without:$without; ioeventfds and irqfds with:$inuse, without:$left"
		same() { [ "$(echo $1 | tr ' ' '\n' | sort -u | wc -l)" = 1 ]; }
		# A first time may open what stays open.
		later() { echo $1 | cut -d' ' -f2-; }
		check "QEMU ends with status 0" "$([ $status = 0 ] && echo yes)" "$status: $(tail -n 1 /tmp/mon)"
		check "devices go and come $ROUNDS times" "$([ $round = $ROUNDS ] && ! grep -i error /tmp/mon >&2 && echo yes)" "round $round: $(grep -i error /tmp/mon)"
		for what in disk net; do
			[ $what = disk ] && sum=$(sha256sum </tmp/disk) || sum=$(sha256sum </tmp/nine/file)
			n=$(tr -d '\r' </tmp/log | grep -c "^round . $what ${sum%% *}")
			check "$what is read in each round" "$([ $n = $((ROUNDS + 1)) ] && echo yes)" "$n times"
		done
		check "ioeventfds and irqfds are in use" "$(later "$inuse" | grep -v '+0')" "$inuse"
		check "none stays behind unplugged devices" "$(same "$left" && echo yes)" "$left"
		check "no event descriptor stays open" "$(same "$(later "$with")" && same "$(later "$without")" && echo yes)" "$with; $without"
		check "all end with QEMU" "$([ $(made ioeventfd 1) = $(made ioeventfd 0) ] && [ $(made irqfd 1) = $(made irqfd 0) ] && echo yes)" "$(made ioeventfd 1) and $(made ioeventfd 0), $(made irqfd 1) and $(made irqfd 0)"
	SESSION
}

guest=$("$TOP/scripts/guest-initramfs.sh" 6.1)
mkdir "$SCRATCH/guest"
guest_script >"$SCRATCH/guest/guest.sh"
chmod 755 "$SCRATCH/guest/guest.sh"
hosts arm64-n1
for host in "${HOSTS[@]}"; do
	host_test "$host" "$host" --icount --no-load --share "$guest" --share "$SCRATCH/guest" --timeout 400 -- \
		sh -c "$LOAD && CPU=$(host_cpu "$host") && ROUNDS=$ROUNDS && $(session)"
done
cases_end
