#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Everything that is built, in order, as stages.
#
#   scripts/build.sh [--update] [--qemu V] [--kernels "SERIES..."] [--stages] TARGET...
#
# TARGET: native (our QEMU for this machine), armhf, arm64 (QEMU for that host,
# the module for its kernels), testbed (what ci/testbed needs on this machine),
# bench (what ci/bench/run needs), test (what the tests need). --update asks the
# archive for newer packages. V is the QEMU, of scripts/qemu.sh; what the testbed
# gets made is the same with each.
# --stages only prints how many stages that is; ARMKVM_STAGES is the total when
# the caller has more to do afterwards.
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"

BUILD_KERNELS='6.1 6.12'
BUILD_QEMU=10.0

# build_host ARCH: two stages for each Arm host architecture.
build_host() {
	local arch=$1 series kver
	stage "QEMU $BUILD_QEMU for $arch hosts"
	script sysroot runtime "$arch" >/dev/null
	script qemu --qemu "$BUILD_QEMU" build "$arch"
	stage "kernel module and its self-tests for $arch hosts (Linux $BUILD_KERNELS)"
	for series in $BUILD_KERNELS; do
		kver=$(script kernels kver "$arch" "$series")
		script kmod build "$arch" "$series" >/dev/null
		info "build/kmod/$kver/armkvm.ko"
	done
	script abi-tests "$arch"
}

# build_testbed ARCH: what its emulated hosts and their guest are made of, now,
# so that they run without a network later.
build_testbed() {
	local host
	for host in $(build_testbed_hosts "$1"); do
		"$ARMKVM_TOP/ci/testbed" --host "$host" --qemu "$BUILD_QEMU" --prepare
	done
	script guest-initramfs 6.1 >/dev/null
}

# build_bench ARCH: what ci/bench/run makes for itself, now, for a later without a network.
build_bench() {
	script bench-image 6.1 >/dev/null
	script bench-image --watch "$1" >/dev/null
}

build_testbed_hosts() {
	case $1 in
	armhf) echo armv7-a15 armv7-a9 ;;
	arm64) echo arm64-a72 arm64-n1 ;;
	esac
}

main() {
	local target targets=() hosts=() native='' update='' count='' stages
	while (($#)); do
		case $1 in
		--update) update=1 ;;
		--stages) count=1 ;;
		--qemu)
			(($# > 1)) || usage_error "--qemu needs a version" scripts/build.sh
			BUILD_QEMU=$2
			shift
			;;
		--kernels)
			(($# > 1)) || usage_error "--kernels needs a list" scripts/build.sh
			BUILD_KERNELS=$2
			shift
			;;
		native) native=1 targets+=(native) ;;
		armhf | arm64) hosts+=("$1") targets+=("$1") ;;
		testbed | bench | test) targets+=("$1") ;;
		--help | -h)
			sed -n '4,14s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
			return
			;;
		*) usage_error "unknown target '$1'" scripts/build.sh ;;
		esac
		shift
	done
	stages=$((2 + ${#hosts[@]} * 2 + ${#native}))
	if [[ -n $count ]]; then
		echo "$stages"
		return
	fi
	ui_lock build
	mkdir -p "$ARMKVM_LOGS"
	ui_plan "${ARMKVM_STAGES:-$stages}"
	stage "packages that the build needs"
	deps_install base "${targets[@]}"
	if [[ -n $update ]]; then apt_forget; fi
	stage "QEMU's source, with our parts"
	script qemu --qemu "$BUILD_QEMU" source
	if [[ -n $native ]]; then
		stage "QEMU $BUILD_QEMU for this machine ($(arch_native))"
		script qemu --qemu "$BUILD_QEMU" build native
	fi
	for target in "${hosts[@]}"; do
		build_host "$target"
		if [[ " ${targets[*]} " == *' testbed '* ]]; then build_testbed "$target"; fi
		if [[ " ${targets[*]} " == *' bench '* ]]; then build_bench "$target"; fi
	done
	info "built in $(ui_elapsed)"
}
main "$@"
