#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real libvirtd and virsh, 9.0 of Debian 12 and 11.3 of Debian 13, with our native emulator and the
# module that fake-module.c plays, in namespaces on this machine (ci/lib/libvirt/fake-host): libvirt
# is told by uname() that the host is arm64. No guest code runs; ci/tests/engine/libvirt.sh has that.
# ARMKVM_LIBVIRT: which of the two (9.0 11.3).
# test-tier: 2
# test-cost: 120
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"
# shellcheck source=ci/tests/qemu/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

SHARE=$SCRATCH/share

# fake_host_build: fake-module.c, and a host that says aarch64 for its machine.
fake_host_build() {
	cc -Wall -Wextra -Werror -O1 -shared -fPIC -isystem "$TOP/kernel-abi/include/uapi" -o "$SHARE/fake.so" \
		"$QEMU_TESTS/fake-module.c" "$QEMU_TESTS/fake-uname.c" -ldl
}

# daemon LIBVIRT: its session with a tree of its own.
daemon() {
	local tree=$SCRATCH/tree
	expect "a tree with libvirt $1" env ARMKVM_LIBVIRT_ALONE=1 \
		"$TOP/ci/lib/libvirt/tree" "$1" "$(dpkg --print-architecture)" "$QEMU_NATIVE" "$tree"
	timeout -k 5 600 unshare -m -n -p -f --mount-proc "$TOP/ci/lib/libvirt/fake-host" "$tree" "$SHARE" >"$SCRATCH/out" 2>&1 ||
		fail "libvirt $1: the session" "status $?: $(tail -n 1 "$SCRATCH/out")"
	relay "libvirt $1" "$SCRATCH/out"
	rm -rf "$tree"
}

qemu_native_or_end
if ((EUID)) || ! unshare -m -n -p -f true 2>/dev/null; then
	skip "libvirtd with the fake module" "namespaces need root here"
	cases_end
fi
mkdir "$SHARE"
expect "the fake module compiles" fake_host_build
cp "$TOP"/ci/lib/libvirt/{domain.xml,fake-session} "$SHARE/"
for libvirt in ${ARMKVM_LIBVIRT:-9.0 11.3}; do daemon "$libvirt"; done
cases_end
