#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# bare-guest.sh [--elf] NAME [DIR]: builds the bare guest guest/bare/NAME.{c,S} as QEMU's
# virt machine loads it by -kernel, and prints the image's name (default DIR: build/bare).
# A NAME.c gets the runtime in guest/bare/lib. NAME.thumb: what is C of it is Thumb code.
# --elf: with symbols, for tools.
set -euo pipefail
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"

case ${1:-} in
--help | -h)
	sed -n '4,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
	exit
	;;
esac
elf=
if [[ ${1:-} == --elf ]]; then
	elf=1
	shift
fi
deps_install armhf
top=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
bare=$top/guest/bare
name=${1:?usage: bare-guest.sh [--elf] NAME [DIR]}
dir=${2:-$top/build/bare}
image=$name state=-marm
if [[ $name == *.thumb ]]; then
	state=-mthumb
	name=${name%.thumb}
fi
flags=(-nostdlib -static -no-pie "$state" -march=armv7-a -mfpu=vfpv3-d16 -Xlinker --build-id=none)

mkdir -p "$dir"
if [[ -e $bare/$name.c ]]; then
	flags+=(-O2 -Wall -Wextra -Werror -ffreestanding -fno-pic -fno-stack-protector
		-fno-tree-loop-distribute-patterns -mgeneral-regs-only
		-mno-unaligned-access -I"$top/kernel-abi/include/uapi" -Xlinker --no-warn-rwx-segments -T "$bare/lib/bare.lds")
	sources=("$bare/$name.c" "$bare/lib/start.S" "$bare/lib/bare.c" "$bare/lib/mmu.c" "$bare/lib/probe.c" "$bare/lib/promote.c")
else
	flags+=(-Ttext=0x40010000)
	sources=("$bare/$name.S")
fi
arm-linux-gnueabihf-gcc "${flags[@]}" -o "$dir/$image.elf" "${sources[@]}" -lgcc
if [[ $elf ]]; then
	printf '%s\n' "$dir/$image.elf"
	exit
fi
arm-linux-gnueabihf-objcopy -O binary "$dir/$image.elf" "$dir/$image.bin"
rm "$dir/$image.elf"
printf '%s\n' "$dir/$image.bin"
