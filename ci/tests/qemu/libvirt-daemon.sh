#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Real libvirtd and virsh of this machine's Debian release with our native emulator and the module
# that fake-module.c plays, in namespaces on this machine (ci/lib/libvirt/fake-host): libvirt is told
# by uname() that the host is arm64. No guest code runs; ci/tests/engine/libvirt.sh has that.
# test-tier: 2
# test-cost: 120
# test-timeout: 1200
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"
# shellcheck source=ci/tests/qemu/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"
# shellcheck source=ci/lib/libvirt/tree.sh
source "$TOP/ci/lib/libvirt/tree.sh"

TREE=$SCRATCH/tree
SHARE=$SCRATCH/share

# fake_host_build: fake-module.c, and a host that says aarch64 for its machine.
fake_host_build() {
	cat >"$SCRATCH/uname.c" <<-'C'
		#define _GNU_SOURCE
		#include <string.h>
		#include <sys/syscall.h>
		#include <sys/utsname.h>
		#include <unistd.h>

		int uname(struct utsname *name)
		{
			long ret = syscall(SYS_uname, name);

			if (!ret)
				strcpy(name->machine, "aarch64");
			return ret;
		}
	C
	cc -Wall -Wextra -Werror -O1 -shared -fPIC -isystem "$TOP/kernel-abi/include/uapi" -o "$SHARE/fake.so" \
		"$QEMU_TESTS/fake-module.c" "$SCRATCH/uname.c" -ldl
}

# missing_libraries: those of the native QEMU that the tree's packages don't have.
missing_libraries() {
	local dir library
	dir=$TREE/usr/lib/$(arch_triplet "$(arch_native)")
	ldd "$QEMU_NATIVE" | awk '/=> \//{ print $3 }' | while read -r library; do
		[[ -e $dir/${library##*/} ]] || cp -L "$library" "$dir/"
	done
}

qemu_native_or_end
if ((EUID)) || ! unshare -m -n -p -f true 2>/dev/null; then
	skip "libvirtd with the fake module" "namespaces need root here"
	cases_end
fi
mkdir "$SHARE"
expect "the fake module compiles" fake_host_build
expect "a tree with libvirt" libvirt_tree "$(arch_native)" qemu-native "$TREE"
missing_libraries
cp "$TOP"/ci/lib/libvirt/{domain.xml,fake-session} "$SHARE/"
timeout -k 5 600 unshare -m -n -p -f --mount-proc "$TOP/ci/lib/libvirt/fake-host" "$TREE" "$SHARE" >"$SCRATCH/out" 2>&1 ||
	fail "the session" "status $?: $(tail -n 1 "$SCRATCH/out")"
relay "libvirtd" "$SCRATCH/out"
cases_end
