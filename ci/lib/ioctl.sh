# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The tests of the launcher's interface on one host: sourced by ci/tests/ioctl/*.sh. In one boot
# (ci/lib/ioctl-in-host):
#
#   * the self-test, as a program of the host's architecture; on a 64-bit host
#     as a 32-bit program too: the ABI has one layout for both
#   * 100,000 malformed calls (with all: 1,000,000), from several threads, with a slab allocator that
#     checks itself and on two CPUs; the seed is in the log and gives the same calls again
#   * vCPUs that run while their memory is taken away in every way there is, and a process beside them
#     that checks its own memory; the host's kernel poisons free pages
#   * how long a launcher's calls take beside another one that does its worst
#   * a module that offers no guest mode answers all but ARMKVM_RUN
#
# with both series of kernels, of which the first tier has one for each host, and with real-time ones.

# shellcheck source=ci/lib/hosts.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/hosts.sh"

# ioctl_run NAME HOST CALLS SECONDS [TESTBED-OPTION...]: ci/lib/ioctl-in-host, with so many malformed calls and
# seconds of the race hammer.
ioctl_run() {
	host_test "$1" "$2" --no-qemu --add "$BUILD/abi-tests/armhf:/armhf" --add "$TOP/ci/lib/ioctl-in-host:/ioctl" "${@:5}" -- \
		sh /ioctl "$3" "$4"
}

ioctl_kernel() { # HOST KERNEL
	ioctl_run "$1 $2" "$1" "$(by_tier 100000 1000000)" "$(by_tier 10 300)" --kernel "$2" --smp 2 \
		--timeout "$(by_tier 500 1500)" "${SLAB_DEBUG[@]}" --append page_poison=1
}

# ioctl_tests HOST KERNEL KERNEL-OF-THE-SECOND-TIER...
ioctl_tests() {
	local host=$1 kernel
	ioctl_kernel "$host" "$2"
	all_variants || return 0
	for kernel in "${@:3}"; do
		"$TOP/scripts/kmod.sh" build "$(host_arch "$host")" "$kernel" >/dev/null
		ioctl_kernel "$host" "$kernel"
	done
}
