#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module and DKMS: kernels that are not ours are left out by either way that DKMS has to
# say so, and the hook that builds for a new kernel never fails. With the real DKMS:
# ci/lib/dkms-in-root, which ci/tests/build/bare-machine.sh runs.
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

CONF=$TOP/kmod/dkms.conf
HOOK=$TOP/kmod/dkms-armkvm
KERNELS=(4.19.0-27-armmp 5.4.0-1-arm64 5.10.0-30-armmp 5.15.0-100-generic 6.0.0-6-arm64 6.1.0-50-armmp 6.1 6.6.31+rpt-rpi-v8
	6.12.95+deb12-arm64 6.12-armkvm 6.18.3-cloud-arm64 7.2.13+deb14-armmp
	7.3.4+deb13-arm64 7.4.0 10.0.1-1-arm64)

# shellcheck disable=SC2154 # DKMS sets it, dkms.conf reads it
kernel_source_dir='' ; export kernel_source_dir
# shellcheck source=/dev/null
source "$CONF"

# at_least VERSION MIN
at_least() { [[ $(printf '%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

for kernel in "${KERNELS[@]}"; do
	by_regex=no by_min=no
	if [[ $kernel =~ ${BUILD_EXCLUSIVE_KERNEL:?} ]]; then by_regex=yes; fi
	if at_least "${kernel%%[-+]*}" "${BUILD_EXCLUSIVE_KERNEL_MIN:?}" &&
		{ [[ -z ${BUILD_EXCLUSIVE_KERNEL_MAX:-} ]] || ! at_least "${kernel%%[-+]*}" "$BUILD_EXCLUSIVE_KERNEL_MAX" || [[ ${kernel%%[-+]*} == "$BUILD_EXCLUSIVE_KERNEL_MAX" ]]; }; then
		by_min=yes
	fi
	if [[ $by_regex == "$by_min" ]]; then
		pass "Linux $kernel: dkms 3.0 and later ones agree"
	else
		fail "Linux $kernel: dkms 3.0 and later ones agree" "the regular expression says $by_regex, the versions $by_min"
	fi
done

# DKMS builds for what Kbuild was tested with.
of_kbuild() { sed -n "s/^armkvm-$1 := //p" "$TOP/kmod/Kbuild"; }
if [[ "$BUILD_EXCLUSIVE_KERNEL_MIN ${BUILD_EXCLUSIVE_KERNEL_MAX:-}" == "$(of_kbuild oldest) $(of_kbuild newest).9999" ]]; then
	pass "DKMS and Kbuild have the same oldest and newest kernel"
else
	fail "DKMS and Kbuild have the same oldest and newest kernel" \
		"$BUILD_EXCLUSIVE_KERNEL_MIN to ${BUILD_EXCLUSIVE_KERNEL_MAX:-any}, and $(of_kbuild oldest) to $(of_kbuild newest)"
fi

if [[ -z ${AUTOINSTALL:-} ]]; then
	pass "DKMS's own hook leaves the module alone"
else
	fail "DKMS's own hook leaves the module alone" "AUTOINSTALL is set: a build that fails makes the kernel's package fail"
fi

# A DKMS that has the module in version 0.9, and whose install ends with $DKMS_STATUS.
mkdir -p "$SCRATCH/bin" "$SCRATCH/modules/6.1.0-9-arm64/build/include" "$SCRATCH/modules/6.1.0-8-arm64"
cat >"$SCRATCH/bin/dkms" <<'DKMS'
#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
echo "$*" >>"$DKMS_CALLS"
case $1,$* in
status,*-k*) ;;
status,*) printf 'armkvm/0.9, 6.1.0-7-arm64, aarch64: installed\narmkvm/0.8: added\n' ;;
install,*) exit "$DKMS_STATUS" ;;
esac
DKMS
chmod +x "$SCRATCH/bin/dkms"

# hook NAME STATUS EXPECTED-CALL EXPECTED-WORDS ARG...: of the hook, with DKMS ending in STATUS.
hook() {
	local name=$1 result=$2 call=$3 words=$4 status=0
	shift 4
	: >"$SCRATCH/calls"
	PATH=$SCRATCH/bin:$PATH ARMKVM_MODULES_DIR=$SCRATCH/modules DKMS_CALLS=$SCRATCH/calls DKMS_STATUS=$result \
		"$HOOK" "$@" >"$SCRATCH/said" 2>&1 || status=$?
	if ((status)); then
		fail "$name" "the hook ends with status $status"
	elif [[ $(grep '^install' "$SCRATCH/calls" || true) != "$call" ]]; then
		fail "$name" "calls of dkms: $(tr '\n' ';' <"$SCRATCH/calls")"
	elif [[ -n $words ]] && ! grep -q -e "$words" "$SCRATCH/said"; then
		fail "$name" "it says '$(cat "$SCRATCH/said")'"
	elif [[ -z $words && -s $SCRATCH/said ]]; then
		fail "$name" "it says '$(cat "$SCRATCH/said")'"
	else
		pass "$name"
	fi
}

BUILT='install -m armkvm -v 0.9 -k 6.1.0-9-arm64'
hook 'a new kernel: the newest version is built' 0 "$BUILT" '' 6.1.0-9-arm64 /boot/vmlinuz-6.1.0-9-arm64
hook 'the same by kernel-install' 0 "$BUILT" '' add 6.1.0-9-arm64 /boot/6.1.0-9-arm64
hook 'a module that does not build is told and no failure' 10 "$BUILT" 'does not build for Linux 6.1.0-9-arm64' 6.1.0-9-arm64
hook 'one that is not for this kernel neither' 77 "$BUILT" 'is not for Linux 6.1.0-9-arm64' 6.1.0-9-arm64
hook 'no headers: nothing' 10 '' '' 6.1.0-8-arm64
hook 'a kernel goes: nothing' 10 '' '' remove 6.1.0-9-arm64
cases_end
