# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Booting a guest in an emulated host: sourced by ci/tests/boot/*.sh.

# shellcheck source=ci/lib/hosts.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/hosts.sh"

# The command line of a Debian guest that shows that it has come to user space, and powers off.
GUEST_WORDS='console=ttyAMA0 quiet loglevel=3 panic=-1 cryptomgr.notests audit=0 apparmor=0 armkvm.show'

# guest_dir KERNEL: prints the directory of scripts/guest-initramfs.sh, with one file more: image, what the
# kernel unpacks itself to: that takes more instructions than all of the rest of a boot. Tests of the kernel as it is
# distributed take vmlinuz (boot/demo-*, engine/kernels, boards, uefi).
guest_dir() {
	local dir
	dir=$("$TOP/scripts/guest-initramfs.sh" "$1")
	if [[ ! $dir/image -nt $dir/vmlinuz ]] &&
		! PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$TOP/ci/lib python3 -m testbed.plain "$dir/vmlinuz" 0x40000000 "$dir/image"; then
		ln -f "$dir/vmlinuz" "$dir/image.$$"
		mv -f "$dir/image.$$" "$dir/image"
	fi
	printf '%s\n' "$dir"
}

# has NAME PATTERN COUNT: exactly COUNT lines of the output match.
has() {
	local n
	n=$(tr -d '\r' <"$SCRATCH/out" | grep -cE -- "$2" || true)
	if ((n == $3)); then
		pass "$1"
	else
		fail "$1" "$n lines instead of $3 match '$2'; the last one is: $(tail -n 1 "$SCRATCH/out")"
	fi
}

# boot_demo HOST: what the demonstration prints when nobody is at the keyboard.
# The guest must have run, on armkvm alone: its kernel's name and the words of its
# init are there.
boot_demo() {
	local host=$1 status=0
	"$TOP/scripts/demo.sh" "$host" >"$SCRATCH/out" 2>&1 </dev/null || status=$?
	guest_ran "$host" "the demonstration" "$status"
	has "$host: the module is loaded" '^host: .*armkvm +[0-9]+' 1
	has "$host: QEMU has no other accelerator" '^host: +qemu-system-arm -accel armkvm -M virt' 1
	has "$host: nothing falls back" 'falling back' 0
}

# by_fallback HOST: a guest where armkvm can't serve (its module was told to offer no mode): the
# line that says why is there once, and TCG runs it. The first tier has a bare guest.
by_fallback() {
	bare_by_fallback "$1"
	if all_variants; then boot_by_fallback "$1"; fi
}

FALLBACK_LINE='armkvm cannot start: .*no guest mode.*falling back to tcg'

bare_by_fallback() { # HOST
	local name="$1, a bare guest" status=0
	"$TOP/scripts/bare-guest.sh" modes "$SCRATCH/bare" >/dev/null
	in_host "$SCRATCH/out" "$1" --no-load --share "$SCRATCH/bare" --timeout 300 -- \
		sh -c "insmod /testbed/armkvm.ko shadow=0 && exec qemu-system-arm -accel armkvm -accel tcg -M virt -cpu cortex-a15 \
			-nic none -display none -monitor none -serial stdio -kernel /share/modes.bin" || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	if ((status)); then
		fail "$name: QEMU" "status $status: $(tail -n 1 "$SCRATCH/out")"
		return
	fi
	pass "$name: QEMU ends with status 0"
	has "$name: runs to its end" '^end' 1
	has "$name: one line says why and what follows" "$FALLBACK_LINE" 1
}

# boot_by_fallback HOST: Debian's kernel to user space.
boot_by_fallback() {
	local host=$1 guest status=0
	guest=$("$TOP/scripts/guest-initramfs.sh" 6.1)
	in_host "$SCRATCH/out" "$host" --no-load --share "$guest" --timeout 1500 -- \
		sh -c "insmod /testbed/armkvm.ko shadow=0 && exec qemu-system-arm -accel armkvm -accel tcg \
			-M virt,highmem=off -cpu cortex-a15 -m 256 -nic none -nographic -no-reboot \
			-kernel /share/vmlinuz -initrd /share/initramfs.gz \
			-append '$GUEST_WORDS'" ||
		status=$?
	guest_ran "$host" "QEMU" "$status"
	has "$host: one line says why and what follows" "$FALLBACK_LINE" 1
}

# guest_ran HOST WHAT STATUS
guest_ran() {
	local host=$1 what=$2 status=$3
	sed 's/^/    | /' "$SCRATCH/out"
	if ((status)); then
		fail "$host: $what" "status $status: $(grep -m 1 -E '^(testbed|armkvm: error):?' "$SCRATCH/out" || tail -n 1 "$SCRATCH/out")"
		return
	fi
	pass "$host: $what ends with status 0"
	has "$host: the guest reaches user space" '^guest: user space reached' 1
	has "$host: the guest runs Debian's 32-bit kernel" '^guest: Linux [0-9.-]+[^ ]*-armmp armv7l' 1
	has "$host: the guest powers off" 'reboot: Power down' 1
}

# debug_image: builds guest/bare/debug.S for debug_session: DEBUG_IMAGE/debug.bin.
debug_image() {
	DEBUG_IMAGE=$SCRATCH/debug
	# QEMU's, for its gdbstub to be at its standard input and output
	# shellcheck disable=SC2034 # for those who source this file
	DEBUG_OPTIONS=(-M virt -nic none -display none -monitor none -serial none -S -gdb stdio)
	mkdir -p "$DEBUG_IMAGE"
	arm-linux-gnueabihf-gcc -nostdlib -static -Wl,--build-id=none -Wl,-Ttext=0x40010000 -Wl,-Tdata=0x40018000 \
		-o "$SCRATCH/debug.elf" "$TOP/guest/bare/debug.S"
	arm-linux-gnueabihf-objcopy -O binary "$SCRATCH/debug.elf" "$DEBUG_IMAGE/debug.bin"
}

# debug_session NAME TRACE COMMAND...: a debugger on the QEMU that COMMAND starts; what each
# step led to is in $SCRATCH/TRACE.
debug_session() {
	local status=0
	"$TOP/ci/lib/debugger" "$SCRATCH/debug.elf" "$SCRATCH/$2" -- "${@:3}" >"$SCRATCH/session" 2>"$SCRATCH/err" || status=$?
	sed 's/^/    | /' "$SCRATCH/err"
	relay "$1" "$SCRATCH/session"
	if ((status > 1)); then fail "$1" "the debugger ended with status $status"; fi
}
