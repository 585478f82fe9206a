#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A small 32-bit Arm guest: Debian's armmp kernel (6.1-pv: ours) and an initramfs with busybox.
#
#   scripts/guest-initramfs.sh [KERNEL]    prints build/guest/<kver>, which holds
#       vmlinuz          the kernel
#       initramfs.gz     busybox, virtio and 9p modules, an init
#       root.gz          the same for a root file system on a disk (guest-rootfs.sh)
#
# KERNEL as for scripts/kernels.sh, default 6.1. The guest's init obeys words on
# the kernel's command line:
#   armkvm.run=FILE      runs FILE from the 9p share "share" and powers off
#   armkvm.show          prints what the machine is and powers off
#   (neither)            a shell on the console; powers off at its end
# That of root.gz mounts armkvm.root=DEVICE (default /dev/vda) and goes on with
# its armkvm.init=FILE (default /sbin/init).
# The same input gives the same archive, byte by byte.
set -euo pipefail
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"

GUEST_MODULES=(virtio_mmio virtio_pci virtio_blk virtio_net virtio_console virtio_rng 9pnet_virtio 9p)
# What a whole system wants besides: its file system, and what its services ask for.
ROOT_MODULES=("${GUEST_MODULES[@]}" ext4 crc32c_generic autofs4 binfmt_misc)

# guest_modules KERNEL-DIR KVER MODULE...: module files in the order of loading.
guest_modules() {
	local module
	for module in "${@:3}"; do
		# Linux 7.2 has none: ext4 asks for what stands in its place.
		if [[ $module == crc32c_generic ]] && ! modprobe -d "$1" -S "$2" --show-depends "$module" >/dev/null 2>&1; then continue; fi
		# Built-in ones have no file.
		modprobe -d "$1" -S "$2" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++'
}

guest_init() {
	cat <<-'INIT'
		#!/bin/sh
		# SPDX-License-Identifier: GPL-2.0-or-later
		# Made by scripts/guest-initramfs.sh: the guest's first process.
		mount -t devtmpfs dev /dev
		exec </dev/console >/dev/console 2>&1
		mount -t proc proc /proc
		mount -t sysfs sys /sys
		mount -t tmpfs tmp /tmp
		mkdir -p /dev/pts
		mount -t devpts pts /dev/pts
		export PATH=/bin HOME=/ TERM=linux
		hostname guest
		ip link set lo up
		while read -r module; do insmod "$module"; done </etc/modules

		word() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=\{0,1\}//p" | head -n 1; }
		has_word() { tr ' ' '\n' </proc/cmdline | grep -q "^$1\(=\|\$\)"; }

		if has_word armkvm.run; then
			mkdir -p /share
			mount -t 9p -o trans=virtio,version=9p2000.L share /share || echo "guest: no share"
			"/share/$(word armkvm.run)"
			echo "guest: exit status $?"
		elif has_word armkvm.show; then
			echo "guest: user space reached"
			echo "guest: $(uname -srm)"
			echo "guest: $(sed -n 's/^model name[^:]*: /cpu /p' /proc/cpuinfo | head -n 1), $(grep -c ^processor /proc/cpuinfo) core(s)"
			echo "guest: $(sed -n 's/ \+/ /p' /proc/meminfo | head -n 1), up $(cut -d' ' -f1 /proc/uptime) s"
		else
			echo
			echo "This is the guest: $(uname -srm). 'exit' powers it off."
			setsid cttyhack sh
		fi
		sync
		poweroff -f
	INIT
}

root_init() {
	cat <<-'INIT'
		#!/bin/sh
		# SPDX-License-Identifier: GPL-2.0-or-later
		# Made by scripts/guest-initramfs.sh: leads to a system on a disk.
		mount -t devtmpfs dev /dev
		exec </dev/console >/dev/console 2>&1
		mount -t proc proc /proc
		mount -t sysfs sys /sys
		export PATH=/bin HOME=/ TERM=linux
		# Some are for CPUs with more instructions, and refuse.
		while read -r module; do insmod "$module" 2>/dev/null; done </etc/modules

		word() { tr ' ' '\n' </proc/cmdline | sed -n "s/^$1=//p" | head -n 1; }
		root=$(word armkvm.root)
		root=${root:-/dev/vda}
		init=$(word armkvm.init)
		for try in 1 2 3 4 5 6 7 8 9 10; do
			[ ! -b "$root" ] || break
			sleep 1
		done
		mkdir -p /root
		if mount -t ext4 "$root" /root; then
			mount --move /dev /root/dev
			umount /proc /sys
			exec switch_root /root "${init:-/sbin/init}"
		fi
		echo "guest: no root file system on $root: give QEMU -drive file=ROOTFS,format=raw,if=none,id=root -device virtio-blk-device,drive=root"
		poweroff -f
	INIT
}

# guest_tree DIR KERNEL-DIR KVER BUSYBOX INIT MODULE...: the archive's content;
# INIT is the function that prints the first process.
guest_tree() {
	local dir=$1 kernel=$2 kver=$3 busybox=$4 init=$5 module
	mkdir -p "$dir"/{bin,dev,etc,proc,sys,tmp,lib/modules}
	cp "$busybox" "$dir/bin/busybox"
	for applet in sh mount mkdir hostname ip insmod tr sed head grep cut uname cat ls ps top free \
		dmesg vi sleep setsid cttyhack sync poweroff reboot echo date df du find kill lsmod stty \
		ping wget udhcpc ifconfig md5sum sha256sum dd hexdump seq test time uptime wc yes \
		umount switch_root; do
		ln -s busybox "$dir/bin/$applet"
	done
	"$init" >"$dir/init"
	chmod 755 "$dir/init" "$dir/bin/busybox"
	while read -r module; do
		cp "$module" "$dir/lib/modules/"
		printf '/lib/modules/%s\n' "${module##*/}"
	done < <(guest_modules "$kernel" "$kver" "${@:6}") >"$dir/etc/modules"
}

# guest_archive FILE KERNEL-DIR KVER BUSYBOX INIT MODULE...: the same input, the same bytes.
guest_archive() {
	local file=$1 tree=$1.tree
	guest_tree "$tree" "${@:2}"
	find "$tree" -exec touch -h -d @0 {} +
	(cd "$tree" && find . | sort | cpio --quiet -o -H newc --reproducible --owner 0:0) |
		gzip -9n >"$file"
	rm -rf "$tree"
}

main() {
	local spec=${1:-6.1} kernel kver busybox dir stamp
	case $spec in
	--help | -h)
		sed -n '4,20s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
		return
		;;
	-*) usage_error "unknown option '$spec'" scripts/guest-initramfs.sh ;;
	esac
	deps_install guest
	kernel=$(script kernels dir armhf "$spec")
	kver=$(ls "$kernel/lib/modules")
	dir=$ARMKVM_BUILD/guest/$kver
	script debs unpack armhf "$ARMKVM_BUILD/busybox-armhf" busybox-static
	busybox=$ARMKVM_BUILD/busybox-armhf/usr/bin/busybox
	stamp="$kver $(sha256sum "${BASH_SOURCE[0]}" "$busybox" "$kernel/boot/vmlinuz-$kver" | cut -d' ' -f1 | tr '\n' ' ')"
	if ! stamp_is "$dir/stamp" "$stamp"; then ui_lock guest; fi
	if ! stamp_is "$dir/stamp" "$stamp"; then
		rm -rf "$dir"
		mkdir -p "$dir"
		guest_archive "$dir/initramfs.gz" "$kernel" "$kver" "$busybox" guest_init "${GUEST_MODULES[@]}"
		guest_archive "$dir/root.gz" "$kernel" "$kver" "$busybox" root_init "${ROOT_MODULES[@]}"
		cp "$kernel/boot/vmlinuz-$kver" "$dir/vmlinuz"
		stamp_set "$dir/stamp" "$stamp"
	fi
	printf '%s\n' "$dir"
}
main "$@"
