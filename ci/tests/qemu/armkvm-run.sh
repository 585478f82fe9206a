#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packaging/bin/armkvm: what each option becomes, what is refused and with which words, with a
# program in QEMU's place that prints its arguments; then with our native QEMU a guest on TCG by
# --fallback, and one on the module that fake-module.c plays. A whole guest: engine/virtio. With
# --all UEFI firmware on TCG.
# test-cost: 15
# test-cost-all: 60
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"
# shellcheck source=ci/tests/qemu/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

ARMKVM=$TOP/packaging/bin/armkvm
export ARMKVM_ROOT=$SCRATCH/root ARMKVM_QEMU=$SCRATCH/qemu
FIRMWARE=$ARMKVM_ROOT/usr/share/AAVMF/AAVMF32_CODE.fd
cd "$SCRATCH"

# image FILE OFFSET BYTES...: a file of zeros with these printf(1) bytes at their offsets.
image() {
	truncate -s 4096 "$1"
	local file=$1
	shift
	while (($#)); do
		# shellcheck disable=SC2059 # the bytes are its format
		printf "$2" | dd of="$file" bs=1 seek="$1" conv=notrunc status=none
		shift 2
	done
}

files() {
	mkdir -p "$ARMKVM_ROOT/dev" "dir,with comma"
	: >"$ARMKVM_ROOT/dev/armkvm"
	printf '#!/bin/sh\nprintf "%%s\\n" "$@"\n' >"$ARMKVM_QEMU"
	chmod +x "$ARMKVM_QEMU"
	image zImage 36 '\x18\x28\x6f\x01'
	image efi-zImage 0 MZ 36 '\x18\x28\x6f\x01'
	image uki 0 MZ
	image Image 56 'ARM\x64'
	image elf 0 '\x7fELF' 18 '\x28\x00'
	image elf64 0 '\x7fELF' 18 '\xb7\x00'
	image bzImage 514 HdrS
	image raw-program 0 '\x01\x02\x03\x04'
	image initrd 0 '070701'
	image gzip 0 '\x1f\x8b'
	image xz 0 '\xfd7zXZ'
	image zstd 0 '\x28\xb5\x2f\xfd'
	image blank
	image partitioned 510 '\x55\xaa'
	image ext4 1080 '\x53\xef'
	image 'ext4,1' 1080 '\x53\xef'
	image squashfs 0 hsqs
	image qcow2 0 'QFI\xfb\x00\x00\x00\x03'
	image qcow2-v2 0 'QFI\xfb\x00\x00\x00\x02' 79 '\x04'
	image qcow2-backed 0 'QFI\xfb\x00\x00\x00\x03' 14 '\x01\x80'
	image qcow2-data 0 'QFI\xfb\x00\x00\x00\x03' 79 '\x04'
	image vmdk 0 'KDMV'
	image vhdx 0 'vhdxfile'
}

# armkvm ARG...: runs it; stdout, stderr and STATUS are left.
armkvm() {
	STATUS=0
	"$ARMKVM" "$@" >stdout 2>stderr </dev/null || STATUS=$?
	sed 's/^/    | /' stderr
}

# gives NAME OPTIONS -- ARG...: QEMU gets OPTIONS, each the end of a word or several words, in this order;
# others may stand between them. An option that begins with ! is none of its arguments.
gives() {
	local name=$1 wants=() option all
	shift
	while [[ $1 != -- ]]; do
		wants+=("$1")
		shift
	done
	shift
	armkvm "$@"
	if ((STATUS)); then
		fail "$name" "status $STATUS: $(head -n 1 stderr)"
		return
	fi
	all=" $(tr '\n' ' ' <stdout)"
	for option in "${wants[@]}"; do
		if [[ $option == !* ]]; then
			if [[ $all == *" ${option#!}"* ]]; then
				fail "$name" "QEMU got '${option#!}'"
				return
			fi
		elif [[ $all == *"$option "* ]]; then
			all=" ${all#*"$option "}"
		else
			fail "$name" "no '$option' in: $(tr '\n' ' ' <stdout)"
			return
		fi
	done
	pass "$name"
}

# refuses NAME STATUS WORDS ARG...: one line on stderr that has WORDS, which are separated by |,
# and a cure; QEMU isn't started.
refuses() {
	local name=$1 wanted=$2 said=$3
	shift 3
	armkvm "$@"
	if check_status "$name" "$wanted" && check_lines "$name" 1 && check_words "$name" "$said|armkvm: error: |; to cure: "; then
		if [[ -s stdout ]]; then fail "$name" "QEMU was started"; else pass "$name"; fi
	fi
}

options() {
	gives 'a kernel alone' '-M virt -accel armkvm -cpu host' '-smp 1 -m 512 -nographic' '-netdev user,id=net' \
		'-kernel zImage -append console=ttyAMA0' '!-initrd' '!-drive' '!-fsdev' '!-bios' '!tcg' '!-accel kvm' -- run --kernel zImage
	gives 'everything' '-smp 4 -m 2048' 'user,id=net,hostfwd=tcp:127.0.0.1:2222-:22,hostfwd=tcp:127.0.0.1:8080-:80' \
		'-kernel zImage -append console=ttyAMA0 quiet panic=-1 root=/dev/vda1' '-initrd initrd' \
		'-drive if=none,id=disk,format=qcow2,file=qcow2 -device virtio-blk-device,drive=disk' \
		'path=dir,,with comma,security_model=none,multidevs=remap -device virtio-9p-device,fsdev=share,mount_tag=share' \
		'-no-reboot -rtc base=utc' -- \
		run --kernel zImage --initrd initrd --append 'quiet panic=-1' --append root=/dev/vda1 --disk qcow2 --smp 4 --mem 2G \
		--share 'dir,with comma' --port 2222:22 --port 8080:80 -- -no-reboot -rtc base=utc
	gives 'the other way to give a value' '-smp 2 -m 256' '-kernel zImage -append console=ttyAMA0 a=b' -- \
		run --kernel=zImage --smp=2 --mem=256M --append=a=b
	gives 'a kernel that is a UEFI program as well' '-kernel efi-zImage' -- run --kernel efi-zImage
	gives 'an ELF image' '-kernel elf' -- run --kernel elf
	gives 'a program that nobody knows' '-kernel raw-program' -- run --kernel raw-program
	gives '--kvm' '-accel kvm -accel armkvm -cpu host' '!tcg' -- run --kernel zImage --kvm
	gives '--fallback tcg' '-accel armkvm -accel tcg -cpu max' -- run --kernel zImage --fallback tcg
	rm "$ARMKVM_ROOT/dev/armkvm"
	gives '--fallback tcg without the device' '-accel armkvm -accel tcg' -- run --kernel zImage --fallback=tcg
	gives '--kvm without the device' '-accel kvm -accel armkvm' -- run --kernel zImage --kvm
	: >"$ARMKVM_ROOT/dev/armkvm"
	gives 'what looks like an option behind --' '-nographic' '--kernel x' -- run --kernel zImage -- --kernel x
}

disks() {
	local disk
	for disk in blank partitioned ext4 squashfs; do
		gives "a disk: $disk" "format=raw,file=$disk" -- run --kernel zImage --disk "$disk"
		if grep -q 'root=/dev/vda rw' stdout; then echo "$disk"; fi >>roots
	done
	if [[ $(tr '\n' ' ' <roots) == 'ext4 squashfs ' ]]; then pass 'a file system is the root'; else fail 'a file system is the root' "of $(<roots)"; fi
	gives "a disk with a comma in its name" 'file=ext4,,1' -- run --kernel zImage --disk ext4,1
	gives 'a root that was named' '-append console=ttyAMA0 root=/dev/vda2' '!root=/dev/vda rw' -- run --kernel zImage --disk ext4 --append root=/dev/vda2
	armkvm run --kernel zImage --disk partitioned
	expect 'a disk with partitions: a line says what to give' grep -q 'append root=/dev/vda1' stderr
	armkvm run --kernel zImage --disk partitioned --append root=/dev/vda3
	expect 'no line where it was given' test ! -s stderr
	gives 'a qcow2 image' 'format=qcow2,file=qcow2' -- run --kernel zImage --disk qcow2
	gives 'a qcow2 image of version 2' 'format=qcow2,file=qcow2-v2' -- run --kernel zImage --disk qcow2-v2
	refuses 'a qcow2 image on another file' 1 'stands on another file|--format qcow2' run --kernel zImage --disk qcow2-backed
	refuses 'a qcow2 image with its data elsewhere' 1 'data in another file' run --kernel zImage --disk qcow2-data
	gives 'the same with --format' 'format=qcow2,file=qcow2-backed' -- run --kernel zImage --disk qcow2-backed --format qcow2
	gives '--format raw' 'format=raw,file=qcow2' -- run --kernel zImage --disk qcow2 --format raw
	refuses 'a VMDK image' 1 'VMDK|qemu-img convert' run --kernel zImage --disk vmdk
	refuses 'a VHDX image' 1 'VHDX|qemu-img convert' run --kernel zImage --disk vhdx
	refuses 'a compressed disk' 1 'xz|unxz' run --kernel zImage --disk xz
	refuses 'no such disk' 1 'no such file' run --kernel zImage --disk nowhere
	refuses 'a directory as disk' 1 "can't be read" run --kernel zImage --disk "dir,with comma"
	refuses 'a disk alone, no firmware' 1 'not installed|qemu-efi-arm' run --disk blank
	refuses 'a disk alone with --fallback, no firmware' 1 'not installed|qemu-efi-arm' run --disk blank --fallback tcg
	mkdir -p "$(dirname "$FIRMWARE")"
	: >"$FIRMWARE"
	gives 'a disk alone, with firmware' '-accel armkvm' "-bios $FIRMWARE" 'file=blank' '!-kernel' '!-append' '!-accel tcg' -- run --disk blank
	gives 'a disk alone with --fallback and firmware' '-accel armkvm -accel tcg' "-bios $FIRMWARE" 'file=blank' '!-kernel' '!-append' -- \
		run --disk blank --fallback tcg
}

misuse() {
	refuses 'a 64-bit kernel' 1 '64-bit Arm kernel|linux-image-armmp' run --kernel Image
	refuses 'a 64-bit ELF kernel' 1 '64-bit Arm kernel' run --kernel elf64
	refuses 'a kernel for x86' 1 'x86' run --kernel bzImage
	refuses 'a UEFI program' 1 'UEFI program' run --kernel uki
	refuses 'a compressed kernel' 1 'gzip|gunzip' run --kernel gzip
	refuses 'a kernel by zstd' 1 'zstd' run --kernel zstd
	refuses 'no such kernel' 1 'no such file' run --kernel nowhere
	refuses 'no such initrd' 1 '--initrd nowhere: no such file' run --kernel zImage --initrd nowhere
	refuses 'no such directory' 1 'not a directory' run --kernel zImage --share zImage
	refuses 'nothing' 2 'nothing to run|--kernel ZIMAGE' run
	refuses 'no command' 2 'not said what to do|armkvm run'
	refuses 'another command' 2 "no 'start'" start
	refuses 'an unknown option' 2 "'--fast'|behind --" run --kernel zImage --fast
	refuses 'a word too much' 2 "'zImage'|--kernel zImage" run zImage
	refuses 'no value' 2 '--kernel needs a value' run --kernel
	refuses 'an empty value' 2 '--kernel needs a value' run --kernel=
	refuses 'another fallback' 2 'tcg' run --kernel zImage --fallback kvm
	refuses '--kvm and --fallback' 2 'exclude each other' run --kernel zImage --kvm --fallback tcg
	refuses 'an initrd without kernel' 2 '--initrd needs a --kernel' run --disk blank --initrd initrd
	refuses 'words without kernel' 2 '--append needs a --kernel' run --disk blank --append quiet
	refuses 'two disks' 2 'there twice' run --kernel zImage --disk blank --disk ext4
	refuses 'two directories' 2 'there twice' run --kernel zImage --share . --share .
	refuses 'two lines' 2 'one line' run --kernel zImage --append $'a\nb'
	local value
	for value in 0 9 x -1 1.5 08 ''; do refuses "--smp '$value'" 2 '--smp' run --kernel zImage --smp "$value"; done
	for value in 0 x 2T 31 9999999 ''; do refuses "--mem '$value'" 2 '--mem' run --kernel zImage --mem "$value"; done
	for value in 22 0:22 22:0 65536:22 22:65536 a:b 1:2:3 :22 22: ''; do
		refuses "--port '$value'" 2 '--port' run --kernel zImage --port "$value"
	done
	ARMKVM_QEMU=$SCRATCH/nowhere refuses_by_ok 'no QEMU' 'is no program' run --kernel zImage
	rm "$ARMKVM_ROOT/dev/armkvm"
	armkvm run --kernel zImage
	check_status 'no device' 1 && check_words 'no device' "can't run guests on armkvm here|--fallback tcg|machine: Linux" && pass 'no device'
	expect 'QEMU is not started then' test ! -s stdout
	: >"$ARMKVM_ROOT/dev/armkvm"
}

# refuses_by_ok NAME WORDS ARG...: armkvm-ok's line.
refuses_by_ok() {
	armkvm "${@:3}"
	check_status "$1" 1 && check_lines "$1" 1 && check_words "$1" "armkvm-ok: error: |$2|to cure: " && pass "$1"
}

others() {
	armkvm --help
	expect '--help' grep -q -- '--fallback tcg' stdout
	armkvm --version
	expect '--version' grep -q '^armkvm ' stdout
	armkvm run --kernel zImage --append "it's" --print
	local -a words
	eval "words=($(<stdout))"
	if [[ ${words[0]} == "$ARMKVM_QEMU" && ${words[-1]} == "console=ttyAMA0 it's" ]]; then
		pass '--print quotes for a shell'
	else
		fail '--print quotes for a shell' "${words[*]}"
	fi
	armkvm ok
	expect "ok is armkvm-ok's" grep -q '^machine: ' stdout
	mkdir "$SCRATCH/link"
	ln -s "$ARMKVM" "$SCRATCH/link/guest"
	ARMKVM=$SCRATCH/link/guest gives 'by a link' '-kernel zImage' -- run --kernel zImage
}

# A guest that writes T to the PL011 and powers off: startup-native.sh has its text.
guest() {
	printf '\x09\x14\xa0\xe3\x54\x00\xa0\xe3\x00\x00\x81\xe5\x08\x00\x00\xe3\x00\x04\x48\xe3\x70\x00\x40\xe1\xfe\xff\xff\xea' >guest.bin
}

with_qemu() {
	guest
	rm -f "$ARMKVM_ROOT/dev/armkvm"
	export ARMKVM_QEMU=$QEMU_NATIVE
	armkvm run --kernel guest.bin --disk ext4 --share . --port 50022:22 --fallback tcg
	check_status 'our QEMU, by fallback' 0 && check_words 'our QEMU, by fallback' 'armkvm cannot start|falling back to tcg' &&
		pass 'our QEMU, by fallback'
	expect 'the guest ran' grep -q '^T' stdout
	: >"$ARMKVM_ROOT/dev/armkvm"
	if [[ ! -e /dev/armkvm ]]; then
		armkvm run --kernel guest.bin
		check_status 'without the module' 1 && check_words 'without the module' 'armkvm cannot start|modprobe armkvm' && pass 'without the module'
		expect 'nothing ran' test ! -s stdout
	fi
	fake_module_build
	: >fake.log
	LD_PRELOAD=$FAKE_MODULE FAKE="play=reset" FAKE_LOG=$SCRATCH/fake.log armkvm run --kernel guest.bin -- -no-reboot
	check_status 'on the module' 0 && check_lines 'on the module' 0 && pass 'on the module'
	expect "the module's vCPU ran" grep -q '^vcpu 0 runs' fake.log
}

# uefi: the firmware of Debian's package, on TCG.
uefi() {
	local deb
	deb=$("$TOP/scripts/debs.sh" files amd64 qemu-efi-arm 2>/dev/null | tail -n 1) || deb=
	if [[ -z $deb ]]; then
		fail 'UEFI on TCG' "the package qemu-efi-arm can't be had"
		return
	fi
	dpkg-deb -x "$deb" "$ARMKVM_ROOT"
	truncate -s 64M empty
	STATUS=0
	timeout 40 "$ARMKVM" run --disk empty --fallback tcg >stdout 2>stderr </dev/null || STATUS=$?
	tr -d '\r' <stdout | sed 's/\x1b\[[0-9;]*[A-Za-z]//g' | tail -n 20 | sed 's/^/    | /'
	expect 'UEFI on TCG finds the disk and nothing to start' grep -aq 'BdsDxe\|UEFI Interactive Shell\|Shell>' stdout
}

qemu_native_or_end
files
options
disks
misuse
others
with_qemu
if all_variants; then uefi; fi
cases_end
