#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the distribution's QEMU has for these machines is in ours (docs/options.md says what
# is left out), on each kind of host: libraries that a program is linked with are seen in
# it, what it offers is asked from the one that runs here.
# test-cost: 10
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

QEMU=$QEMU_BUILD/qemu-native/qemu-system-arm

# offers NAME PATTERN QEMU-OPTION...: the output has a line that matches.
offers() {
	local name=$1 pattern=$2
	shift 2
	timeout 60 "$QEMU" "$@" >"$SCRATCH/out" 2>&1 </dev/null || true
	if grep -qE -- "$pattern" "$SCRATCH/out"; then
		pass "$name"
	else
		fail "$name" "no line '$pattern' in the output of $*: $(tail -n 1 "$SCRATCH/out")"
	fi
}

# starts NAME QEMU-OPTION...: a machine with it is made and left by the monitor.
starts() {
	local name=$1
	shift
	# shellcheck disable=SC2016 # nothing to expand
	if timeout 60 "$QEMU" -M virt -accel tcg -nodefaults -display none -monitor stdio "$@" >"$SCRATCH/out" 2>&1 <<<quit; then
		pass "$name"
	else
		fail "$name" "$(tail -n 1 "$SCRATCH/out")"
	fi
}

truncate -s 1M "$SCRATCH/disk"
offers 'vhost-user devices' '"vhost-user-fs-pci"' -device help
offers 'vhost-user network' '^vhost-user$' -M none -netdev help
offers 'vhost-vdpa network' '^vhost-vdpa$' -M none -netdev help
offers 'TLS' 'dir=<string>' -object tls-creds-x509,help
offers 'TPM' '"tpm-tis-device"' -device help
offers "TPM's emulator" 'emulator' -tpmdev help
offers 'USB of the host' '"usb-host"' -device help
offers 'USB by network' '"usb-redir"' -device help
offers 'curses' '^curses$' -display help
starts 'io_uring' -drive "file=$SCRATCH/disk,format=raw,if=none,id=d,aio=io_uring" -device virtio-blk-device,drive=d
offers 'plugins' 'Could not load plugin' -M none -plugin /nonexistent.so
starts 'compressed migration' -global migration.multifd-compression=zstd
hosts=(arm64)
if [[ $ARMKVM_QEMU_VERSION == 10.0 ]]; then hosts+=(armhf); fi
for arch in "${hosts[@]}"; do
	readelf -d "$QEMU_BUILD/qemu-$arch/qemu-system-arm" | sed -n 's/.*NEEDED.*\[\(.*\)\].*/\1/p' >"$SCRATCH/libraries"
	for library in libgnutls liburing libusb-1.0 libusbredirparser libncursesw libzstd libpng16; do
		expect "$arch: $library" grep -q "^$library\.so" "$SCRATCH/libraries"
	done
done
cases_end
