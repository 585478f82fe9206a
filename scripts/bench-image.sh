#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The micro-benchmark (guest/bench) and a guest that runs it.
#
#   scripts/bench-image.sh [KERNEL]    prints build/bench/<kver>, which holds
#       vmlinuz          the kernel
#       initramfs.gz     that of scripts/guest-initramfs.sh and /bench/bench, /bench/nothing
#       bench, nothing   the programs themselves
#       mmio.bin         guest/bare/mmio.c
#       vexpress-v2p-ca9.dtb
#
#   scripts/bench-image.sh --watch ARCH     prints build/bench/watch-ARCH: ci/bench/watch.c
#       for the emulated hosts of that architecture
#
#   scripts/bench-image.sh --native ARCH    prints build/bench/native-<kver>: vmlinuz
#       and initramfs.gz with the same two programs, for a machine whose own kernel is
#       not the guest's: Debian 6.1 for ARCH (arm64), which runs them as 32-bit processes
#
# The program is its own init (rdinit=/bench/bench). KERNEL as for scripts/kernels.sh,
# default 6.1. The same input gives the same archive, byte by byte.
set -euo pipefail
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"
# shellcheck source=scripts/lib/arch.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/arch.sh"

SRC=$ARMKVM_TOP/guest/bench
BARE=$ARMKVM_TOP/guest/bare
COMPILER=arm-linux-gnueabihf-gcc
# ARM code: an instruction of the source is an instruction of the count.
FLAGS=(-std=gnu11 -O2 -g0 -Wall -Wextra -Werror -static -marm -D_GNU_SOURCE)

WATCH=$ARMKVM_TOP/ci/bench/watch.c

# watch ARCH: see above.
watch() {
	local arch=$1 compiler program=$ARMKVM_BUILD/bench/watch-$1 stamp
	arch_check "$arch"
	compiler=$(arch_triplet "$arch")-gcc
	deps_install "$arch"
	stamp=$({
		cat "$WATCH" "${BASH_SOURCE[0]}"
		"$compiler" --version
	} | sha256sum)
	if ! stamp_is "$program.stamp" "$stamp"; then ui_lock bench; fi
	if ! stamp_is "$program.stamp" "$stamp"; then
		mkdir -p "${program%/*}"
		run bench-watch "$compiler" -std=gnu11 -O2 -g0 -Wall -Wextra -Werror -static -D_GNU_SOURCE \
			-o "$program.new" "$WATCH"
		mv -f "$program.new" "$program"
		stamp_set "$program.stamp" "$stamp"
	fi
	printf '%s\n' "$program"
}

# compile DIR: both programs of the guest.
compile() {
	local sources=("$SRC"/*.c) file
	for file in "${!sources[@]}"; do
		if [[ ${sources[file]} == */nothing.c ]]; then unset "sources[$file]"; fi
	done
	run bench-program "$COMPILER" "${FLAGS[@]}" -o "$1/bench" "${sources[@]}"
	run bench-program "$COMPILER" "${FLAGS[@]}" -o "$1/nothing" "$SRC/nothing.c"
}

# archive TREE: the directory as an archive, on standard output; removes it.
archive() {
	find "$1" -exec touch -h -d @0 {} +
	(cd "$1" && find . | sort | cpio --quiet -o -H newc --reproducible --owner 0:0) | gzip -9n
	rm -rf "$1"
}

# What stands for a disk on a host: it answers after so many ns, which a timer counts.
HOST_DISK='queue_mode=2 irqmode=2 gb=1 completion_nsec=200000'

# modules KERNEL-DIR KVER NAME...: files in the order of loading.
modules() {
	local module
	for module in "${@:3}"; do
		modprobe -d "$1" -S "$2" --show-depends "$module" | sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++'
}

# add_host_disk TREE KERNEL-DIR KVER: modules-host, which the program loads where it has no other such disk.
# A kernel that is made for guests may have no such module: it has the row as a guest only.
add_host_disk() {
	local module
	modules "$2" "$3" null_blk >/dev/null 2>&1 || return 0
	mkdir -p "$1/etc" "$1/lib/modules"
	modules "$2" "$3" null_blk | while read -r module; do
		cp "$module" "$1/lib/modules/"
		case $module in
		*/null_blk.ko*) printf '/lib/modules/%s %s\n' "${module##*/}" "$HOST_DISK" ;;
		*) printf '/lib/modules/%s\n' "${module##*/}" ;;
		esac
	done >"$1/etc/modules-host"
}

# guest_image KERNEL: see above.
guest_image() {
	local spec=$1 guest kver dir stamp kernel
	guest=$(script guest-initramfs "$spec")
	kver=${guest##*/}
	dir=$ARMKVM_BUILD/bench/$kver
	stamp=$({
		cat "$guest/stamp" "$SRC"/*.[ch] "$BARE"/mmio.c "$BARE"/lib/* \
			"$ARMKVM_TOP/scripts/bare-guest.sh" "${BASH_SOURCE[0]}"
		"$COMPILER" --version
	} | sha256sum)
	if ! stamp_is "$dir/stamp" "$stamp"; then ui_lock bench; fi
	if ! stamp_is "$dir/stamp" "$stamp"; then
		rm -rf "$dir"
		mkdir -p "$dir/tree/bench"
		compile "$dir"
		run bench-program "$ARMKVM_TOP/scripts/bare-guest.sh" mmio "$dir"
		cp "$dir/bench" "$dir/nothing" "$dir/tree/bench/"
		kernel=$(script kernels dir armhf "$spec")
		add_host_disk "$dir/tree" "$kernel" "$kver"
		# The kernel unpacks one archive after the other.
		{
			cat "$guest/initramfs.gz"
			archive "$dir/tree"
		} >"$dir/initramfs.gz"
		cp "$guest/vmlinuz" "$dir/vmlinuz"
		cp "$kernel/usr/lib/linux-image-$kver/vexpress-v2p-ca9.dtb" "$dir/"
		stamp_set "$dir/stamp" "$stamp"
	fi
	printf '%s\n' "$dir"
}

# native_image ARCH: see above.
native_image() {
	local arch=$1 kernel kver dir stamp module
	kernel=$(script kernels dir "$arch" 6.1)
	kver=${kernel##*/}
	dir=$ARMKVM_BUILD/bench/native-$kver
	stamp=$({
		cat "$SRC"/*.[ch] "${BASH_SOURCE[0]}"
		"$COMPILER" --version
	} | sha256sum)
	if ! stamp_is "$dir/stamp" "$stamp"; then ui_lock bench; fi
	if ! stamp_is "$dir/stamp" "$stamp"; then
		rm -rf "$dir"
		mkdir -p "$dir/tree/bench" "$dir/tree/etc" "$dir/tree/lib/modules"
		compile "$dir/tree/bench"
		# As the guest's: those that the program loads, in their order.
		modules "$kernel" "$kver" virtio_mmio virtio_blk | while read -r module; do
			cp "$module" "$dir/tree/lib/modules/"
			printf '/lib/modules/%s\n' "${module##*/}"
		done >"$dir/tree/etc/modules"
		add_host_disk "$dir/tree" "$kernel" "$kver"
		archive "$dir/tree" >"$dir/initramfs.gz"
		cp "$kernel/boot/vmlinuz-$kver" "$dir/vmlinuz"
		stamp_set "$dir/stamp" "$stamp"
	fi
	printf '%s\n' "$dir"
}

main() {
	case ${1:-} in
	--help | -h) sed -n '4,21s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
	--native)
		if (($# != 2)) || [[ $2 != arm64 ]]; then usage_error "--native takes arm64" scripts/bench-image.sh; fi
		deps_install bench
		native_image "$2"
		;;
	--watch)
		(($# == 2)) || usage_error "--watch takes armhf or arm64" scripts/bench-image.sh
		watch "$2"
		;;
	-*) usage_error "unknown option '$1'" scripts/bench-image.sh ;;
	*)
		deps_install bench
		guest_image "${1:-6.1}"
		;;
	esac
}
main "$@"
