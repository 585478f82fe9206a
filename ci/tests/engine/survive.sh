#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A host survives its guests: many short ones, Linux boots in a row, launchers that are killed at any moment,
# guest memory that the host swaps out and merges. Nothing stays behind: the module
# unloads, no process is left, memory is free again. ARMKVM_ROUNDS: how many of each;
# ARMKVM_BOOTS: how many boots in a row. The first tier has fewer of them.
# test-cost: 400
# test-cost-all: 650
# test-timeout: 7200
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

ROUNDS=${ARMKVM_ROUNDS:-$(by_tier 4 6)}
BOOTS=${ARMKVM_BOOTS:-$(by_tier 3 10)}
GUEST=$("$TOP/scripts/guest-initramfs.sh" 6.1)
SHARE=$SCRATCH/survive
mkdir "$SHARE"
"$TOP/scripts/bare-guest.sh" modes "$SHARE" >/dev/null
arm-linux-gnueabihf-gcc -O2 -static -pthread -o "$SHARE/stress" "$TOP/guest/stress/stress.c"
install -m 755 "$TOP/guest/stress/run" "$SHARE/run"
: >"$SHARE/booted"	# no reboot

# For the host's shell: what all sessions need.
common() {
	cat <<-'SESSION'
		MACHINE='-M virt,highmem=off -cpu host -accel armkvm -nic none -display none -monitor none'
		# kB that are free or can be; what caches hold must not count.
		available() {
			echo 3 >/proc/sys/vm/drop_caches
			sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo
		}
		nothing_left() {
			if pidof qemu-system-arm; then echo "FAIL $1: a launcher is left"; else echo "PASS $1: no launcher is left"; fi
			if rmmod armkvm; then echo "PASS $1: the module unloads"; else echo "FAIL $1: the module is in use"; fi
			sleep 1
			lost=$(($2 - $(available)))
			if [ $lost -lt 3000 ]; then
				echo "PASS $1: memory is free again (but for $lost kB)"
			else
				echo "FAIL $1: $lost kB are gone"
			fi
		}
	SESSION
}

# The first guest warms the caches up; from then on memory must not shrink.
repeat_session() {
	cat <<-'SESSION'
		one() {
			timeout 60 qemu-system-arm $MACHINE -serial "file:/tmp/out.$1" -kernel /share2/modes.bin
			cmp -s "/tmp/out.$1" /tmp/out.0
		}
		one 0
		grep -q '^end' /tmp/out.0 || echo "FAIL repeat: the guest does not end: $(tail -n 1 /tmp/out.0)"
		rmmod armkvm
		before=$(available)
		insmod /testbed/armkvm.ko
		n=1 bad=0
		while [ $n -le $ROUNDS ]; do
			one $n || bad=$((bad + 1))
			rm /tmp/out.$n
			n=$((n + 1))
		done
		if [ $bad = 0 ]; then echo "PASS repeat: $ROUNDS guests, all the same"; else echo "FAIL repeat: $bad guests of $ROUNDS differ"; fi
		nothing_left repeat $before
	SESSION
}

# Each boot is the same, so what a kind of memory has grown by after all of them is lost.
boots_session() {
	cat <<-'SESSION'
		# What the kernel can't give back, in kB.
		used() {
			echo 3 >/proc/sys/vm/drop_caches
			sleep 1
			echo 1 >/proc/sys/vm/stat_refresh
			sed -nE 's/^(SUnreclaim|KernelStack|PageTables|Percpu|VmallocUsed): *([0-9]+) kB/\1 \2/p' /proc/meminfo
		}
		boot() {
			timeout 200 qemu-system-arm $MACHINE -m 128 -no-reboot -serial file:/tmp/console -kernel /share/vmlinuz -initrd /share/initramfs.gz \
				-append 'console=ttyAMA0 quiet loglevel=3 panic=-1 cryptomgr.notests audit=0 apparmor=0 armkvm.show' &&
				grep -q '^guest: user space reached' /tmp/console && grep -q 'reboot: Power down' /tmp/console
		}
		boot && boot || echo "FAIL boots: $(tail -n 1 /tmp/console)"
		before=$(available)
		used >/tmp/before
		n=1 bad=0
		while [ $n -le $BOOTS ]; do
			boot || { bad=$((bad + 1)); tail -n 3 /tmp/console; }
			n=$((n + 1))
		done
		if [ $bad = 0 ]; then echo "PASS boots: $BOOTS in a row"; else echo "FAIL boots: $bad of $BOOTS"; fi
		used >/tmp/after
		while read -r name value; do
			now=$(sed -n "s/^$name //p" /tmp/after)
			# less than a page a boot: in counted time there is hardly any noise but the allocator's
			limit=$((BOOTS * 3))
			[ $name != SUnreclaim ] || limit=$((limit + 100))
			if [ $((now - value)) -le $limit ]; then
				echo "PASS boots: $name was $value kB, has grown by $((now - value)) kB"
			else
				echo "FAIL boots: $name was $value kB, has grown by $((now - value)) kB"
			fi
		done </tmp/before
		nothing_left boots $before
	SESSION
}

kill_session() {
	cat <<-'SESSION'
		qemu-system-arm -version >/dev/null
		rmmod armkvm
		before=$(available)
		insmod /testbed/armkvm.ko
		n=1 early=0
		while [ $n -le $ROUNDS ]; do
			qemu-system-arm $MACHINE -smp 2 -m 256 -serial null -kernel /share/vmlinuz \
				-initrd /share/initramfs.gz -append 'quiet panic=-1' &
			pid=$!
			# 0.1 s to 2.6 s, the same in each run
			sleep $((n * 7 % 25 / 10)).$((n * 7 % 10 + 1))
			kill -0 $pid || early=$((early + 1))
			kill -9 $pid
			wait $pid
			n=$((n + 1))
		done 2>/dev/null
		if [ $early = 0 ]; then echo "PASS kill: $ROUNDS launchers killed at work"; else echo "FAIL kill: $early ended by themselves"; fi
		nothing_left kill $before
	SESSION
}

pressure_session() {
	cat <<-'SESSION'
		echo 300M >/sys/block/zram0/disksize && mkswap /dev/zram0 >/dev/null && swapon /dev/zram0 ||
			echo "FAIL pressure: no swap"
		mkdir /tmp/eaten
		mount -t tmpfs -o size=100% eaten /tmp/eaten
		echo 20 >/sys/kernel/mm/ksm/sleep_millisecs
		echo 500 >/sys/kernel/mm/ksm/pages_to_scan
		echo 1 >/sys/kernel/mm/ksm/run
		qemu-system-arm $MACHINE -smp 2 -m 192 -serial file:/tmp/console -no-reboot -kernel /share/vmlinuz \
			-initrd /share/initramfs.gz -fsdev local,id=share,path=/share2,security_model=none \
			-device virtio-9p-device,fsdev=share,mount_tag=share \
			-append "console=ttyAMA0 quiet loglevel=4 panic=-1 cryptomgr.notests audit=0 armkvm.run=run armkvm.rounds=6" &
		pid=$!
		# Memory comes and goes in the host as long as the guest is at work.
		merged=0
		while kill -0 $pid 2>/dev/null; do
			free=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)
			dd if=/dev/zero of=/tmp/eaten/it bs=1M count=$((free / 1024 + 24)) 2>/dev/null
			sleep 0.1
			rm -f /tmp/eaten/it
			sleep 0.1
			now=$(cat /sys/kernel/mm/ksm/pages_sharing)
			[ "$now" -le $merged ] || merged=$now
		done
		wait $pid
		echo "pressure: QEMU's status $?"
		cat /tmp/console
		swapped=$(sed -n 's/^pswpout //p' /proc/vmstat)
		if [ "$swapped" -gt 500 ]; then echo "PASS pressure: $swapped pages were swapped out"; else echo "FAIL pressure: only $swapped pages were swapped out"; fi
		if [ $merged -gt 100 ]; then echo "PASS pressure: $merged pages were merged"; else echo "FAIL pressure: only $merged pages were merged"; fi
		if grep -q '^guest: stress ends with status 0' /tmp/console; then echo "PASS pressure: the guest's work is right"; else echo "FAIL pressure: $(tail -n 1 /tmp/console)"; fi
	SESSION
}

# session HOST NAME [TESTBED-OPTION...]
session() {
	local host=$1 name=$2
	shift 2
	host_test "$host, $name" "$host" --icount --no-load --share "$GUEST" --share "$SHARE" --timeout 7000 "$@" -- \
		sh -c "$LOAD; ROUNDS=$ROUNDS; BOOTS=$BOOTS; $(common)
$("${name}_session")"
}

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	# dear as they are, each kind of host has one of the first two
	case $host in
	armv7-*) session "$host" repeat --smp 2 ;;
	*) session "$host" boots ;;
	esac
	session "$host" kill --smp 2
	session "$host" pressure --smp 2 --mem 384 --module zram
done
cases_end
