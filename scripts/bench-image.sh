#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The micro-benchmark (guest/bench) and a guest that runs it.
#
#   scripts/bench-image.sh [KERNEL]    prints build/bench/<kver>, which holds
#       vmlinuz          the kernel, unmodified
#       initramfs.gz     that of scripts/guest-initramfs.sh and /bench/bench, /bench/nothing
#       bench, nothing   the programs themselves
#       mmio.bin         guest/bare/mmio.c
#       vexpress-v2p-ca9.dtb
#       watch-armhf, watch-arm64     ci/bench/watch.c for either kind of host
#
# The program is its own init (rdinit=/bench/bench). KERNEL as for scripts/kernels.sh,
# default 6.1. The same input gives the same archive, byte by byte.
set -euo pipefail
# shellcheck source=scripts/lib/ui.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/ui.sh"
# shellcheck source=scripts/lib/arch.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/arch.sh"

SRC=$ARMKVM_TOP/guest/bench
BARE=$ARMKVM_TOP/guest/bare
COMPILER=arm-linux-gnueabihf-gcc
# ARM code: an instruction of the source is an instruction of the count.
FLAGS=(-std=gnu11 -O2 -g0 -Wall -Wextra -Werror -static -marm -D_GNU_SOURCE)

WATCH=$ARMKVM_TOP/ci/bench/watch.c

# compile_watch DIR: for the emulated hosts.
compile_watch() {
	local arch compiler
	for arch in armhf arm64; do
		compiler=$(arch_triplet "$arch")-gcc
		need_tool "$compiler" "gcc-$(arch_triplet "$arch" | tr _ -)"
		run bench-watch "$compiler" -std=gnu11 -O2 -g0 -Wall -Wextra -Werror -static -D_GNU_SOURCE \
			-o "$1/watch-$arch" "$WATCH"
	done
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

main() {
	local spec=${1:-6.1} guest kver dir stamp tree
	case $spec in
	--help | -h)
		sed -n '4,15s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
		return
		;;
	-*) usage_error "unknown option '$spec'" scripts/bench-image.sh ;;
	esac
	need_tool "$COMPILER" gcc-arm-linux-gnueabihf
	guest=$(script guest-initramfs "$spec")
	kver=${guest##*/}
	dir=$ARMKVM_BUILD/bench/$kver
	stamp=$({
		cat "$guest/stamp" "$SRC"/*.[ch] "$WATCH" "$BARE"/mmio.c "$BARE"/lib/* \
			"$ARMKVM_TOP/scripts/bare-guest.sh" "${BASH_SOURCE[0]}"
		"$COMPILER" --version
	} | sha256sum)
	if ! stamp_is "$dir/stamp" "$stamp"; then ui_lock bench; fi
	if ! stamp_is "$dir/stamp" "$stamp"; then
		rm -rf "$dir"
		tree=$dir/tree
		mkdir -p "$tree/bench"
		compile "$dir"
		compile_watch "$dir"
		run bench-program "$ARMKVM_TOP/scripts/bare-guest.sh" mmio "$dir"
		cp "$dir/bench" "$dir/nothing" "$tree/bench/"
		find "$tree" -exec touch -h -d @0 {} +
		# The kernel unpacks one archive after the other.
		{
			cat "$guest/initramfs.gz"
			(cd "$tree" && find . | sort | cpio --quiet -o -H newc --reproducible --owner 0:0) | gzip -9n
		} >"$dir/initramfs.gz"
		rm -rf "$tree"
		cp "$guest/vmlinuz" "$dir/vmlinuz"
		cp "$(script kernels dir armhf "$spec")/usr/lib/linux-image-$kver/vexpress-v2p-ca9.dtb" "$dir/"
		stamp_set "$dir/stamp" "$stamp"
	fi
	printf '%s\n' "$dir"
}
main "$@"
