#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packaging/libvirt/armkvm-libvirt on files as Debian 12 and 13 have them: it adds what is
# missing once, takes it away without a trace, and keeps what an administrator has set.
# test-cost: 5
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

SETUP=$TOP/packaging/libvirt/armkvm-libvirt
export ARMKVM_ROOT=$SCRATCH/root
CONF=$ARMKVM_ROOT/etc/libvirt/qemu.conf
LOCAL=$ARMKVM_ROOT/etc/apparmor.d/local/abstractions/libvirt-qemu

# machine ABSTRACTION-LINE [kvm]: the files of one.
machine() {
	rm -rf "$ARMKVM_ROOT" "$SCRATCH/before"
	mkdir -p "$ARMKVM_ROOT"/{etc/libvirt,sys/class/misc,etc/apparmor.d/{abstractions/libvirt-qemu.d,local/abstractions}}
	if [[ ${2:-} == kvm ]]; then mkdir "$ARMKVM_ROOT/sys/class/misc/kvm"; fi
	printf '%s\n' '#user = "libvirt-qemu"' '#cgroup_device_acl = [' '#    "/dev/null", "/dev/full",' \
		'#    "/dev/ptmx", "/dev/kvm"' '#]' '#' '#save_image_format = "raw"' >"$CONF"
	printf '  /dev/kvm rw,\n  %s\n' "$1" >"$ARMKVM_ROOT/etc/apparmor.d/abstractions/libvirt-qemu"
	printf '# mine\n' >"$LOCAL"
	cp "$TOP/packaging/libvirt/apparmor" "$ARMKVM_ROOT/etc/apparmor.d/abstractions/libvirt-qemu.d/armkvm"
	cp -a "$ARMKVM_ROOT" "$SCRATCH/before"
}

# enabled NAME CONF-LINES LOCAL-LINES: how often the two files name armkvm after two calls.
enabled() {
	local name=$1 conf rules
	expect "$name: enable" "$SETUP" enable
	"$SETUP" enable
	conf=$(grep -c '^[^#]*"/dev/armkvm"' "$CONF" || true)
	rules=$(grep -c 'libvirt-qemu.d/armkvm' "$LOCAL" || true)
	if [[ $conf:$rules == "$2:$3" ]]; then
		pass "$name: each line once"
	else
		fail "$name: each line once" "$conf in qemu.conf and $rules in AppArmor's file instead of $2 and $3"
	fi
	expect "$name: check" "$SETUP" check
	expect "$name: disable" "$SETUP" disable
	expect "$name: nothing is left" diff -r "$SCRATCH/before" "$ARMKVM_ROOT"
}

OLD='#include <local/abstractions/libvirt-qemu>'
NEW='include if exists <abstractions/libvirt-qemu.d>'
machine "$OLD" kvm
if "$SETUP" check >"$SCRATCH/out" 2>&1; then
	fail "check finds what is missing" "status 0"
else
	expect "check finds what is missing" test "$(wc -l <"$SCRATCH/out")" = 4
fi
enabled "libvirt 9, KVM in the kernel" 1 1
machine "$OLD"
enabled "libvirt 9, no KVM" 0 1
machine "$NEW" kvm
enabled "libvirt 11, KVM in the kernel" 1 0
machine "$NEW"
enabled "libvirt 11, no KVM" 0 0
machine "$NEW" kvm
printf 'cgroup_device_acl = [\n    "/dev/null", "/dev/mine"\n]\n' >>"$CONF"
rm -rf "$SCRATCH/before" && cp -a "$ARMKVM_ROOT" "$SCRATCH/before"
enabled "a list of the administrator's" 1 0
machine "$NEW" kvm
sed -i '/^#cgroup/,/^#]/d' "$CONF"
if "$SETUP" enable 2>"$SCRATCH/err"; then fail "no default to start from" "status 0"; else
	expect "no default to start from" grep -q 'to cure: set it there' "$SCRATCH/err"
fi
rm "$CONF"
if "$SETUP" enable 2>"$SCRATCH/err"; then fail "no libvirt" "status 0"; else
	expect "no libvirt" grep -q 'to cure: install libvirt' "$SCRATCH/err"
fi
cases_end
