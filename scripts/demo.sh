#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The demonstration: an emulated Arm host with armkvm in it, and a guest in that.
#
#   scripts/demo.sh HOST      HOST as for ci/testbed
#
# With a terminal on standard input the guest's console is yours; without one the
# guest says what it is and powers off. Everything must be built already.
set -euo pipefail
# shellcheck source=scripts/lib/ui.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/ui.sh"

# What runs in the emulated host. There is no emulator behind armkvm: what the
# guest executes, the host's core executes.
demo_session() {
	cat <<-'SESSION'
		#!/bin/sh
		# SPDX-License-Identifier: GPL-2.0-or-later
		echo "host:  $(uname -srm)"
		echo "host:  module  $(lsmod | grep ^armkvm || echo 'armkvm is not loaded')"
		echo "host:  log     $(dmesg | grep -i 'armkvm' | tail -n 1)"
		echo "host:  device  $(ls -l /dev/armkvm 2>&1)"
		echo "host:  qemu-system-arm -accel armkvm -M virt -cpu host ..."
		exec qemu-system-arm -accel armkvm -M virt,highmem=off -cpu host -m 256 \
			-nic none -nographic -no-reboot \
			-kernel /share/vmlinuz -initrd /share/initramfs.gz \
			-append "console=ttyAMA0 quiet loglevel=3 panic=-1 cryptomgr.notests audit=0 apparmor=0 $1"
	SESSION
}

DEMO_SHARE=
ui_cleanup() { if [[ -n $DEMO_SHARE ]]; then rm -rf "$DEMO_SHARE"; fi; }

main() {
	local host=$1 guest words=armkvm.show status=0 tty=()
	guest=$(script guest-initramfs 6.1)
	DEMO_SHARE=$(mktemp -d)
	cp "$guest/vmlinuz" "$guest/initramfs.gz" "$DEMO_SHARE/"
	demo_session >"$DEMO_SHARE/session"
	if [[ -t 0 && -t 1 ]]; then
		words=
		tty=(--tty)
		info "The guest's console follows. To leave: 'exit' in the guest, or Ctrl-A X (ends QEMU)."
	fi
	"$ARMKVM_TOP/ci/testbed" --host "$host" --mem 1024 --share "$DEMO_SHARE" "${tty[@]}" --timeout 3600 -- \
		sh /share/session "$words" || status=$?
	((status == 0)) || die "the demonstration ended with status $status" \
		"the lines above say why; ci/testbed --host $host -- sh gives a shell in the same host"
	info "done: the guest powered off, and so did the emulated host."
}

(($# == 1)) || usage_error "HOST is missing" scripts/demo.sh
main "$1"
