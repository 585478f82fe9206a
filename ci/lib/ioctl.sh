# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The tests of the launcher's interface on one host: sourced by ci/tests/ioctl/*.sh.
#
#   * the self-test, as a program of the host's architecture; on a 64-bit host
#     as a 32-bit program too: the ABI has one layout for both
#   * 200,000 malformed calls, from several threads, with a slab allocator that
#     checks itself and on two CPUs; the seed is in the log and gives the same calls again
#   * both series of kernels; the first tier has one of them for each host

# shellcheck source=ci/lib/hosts.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/hosts.sh"

ioctl_kernel() { # HOST KERNEL
	local host=$1 kernel=$2 options=(--no-qemu --kernel "$2" --smp 2 --timeout 400)
	options+=(--add "$BUILD/abi-tests/armhf:/armhf" "${SLAB_DEBUG[@]}")
	host_test "$host $kernel" "$host" "${options[@]}" -- /usr/lib/armkvm/tests/selftest
	if [[ $(host_arch "$host") == arm64 ]]; then
		host_test "$host $kernel 32-bit" "$host" "${options[@]}" -- /armhf/selftest
	fi
	host_test "$host $kernel" "$host" "${options[@]}" -- /usr/lib/armkvm/tests/ioctl-fuzz --count 200000
}

# A module that offers no guest mode answers all but ARMKVM_RUN.
ioctl_no_mode() { # HOST
	host_test "$1 shadow=0" "$1" --no-qemu --no-load --timeout 200 -- sh -c \
		'insmod /testbed/armkvm.ko shadow=0 && /usr/lib/armkvm/tests/selftest "run no-mode" "vcpu " "memory "'
}

ioctl_tests() { # HOST
	case $1 in
	armv7-a9 | arm64-n1) ioctl_tests_on "$1" 6.12 6.1 ;;
	*) ioctl_tests_on "$1" 6.1 6.12 ;;
	esac
}

ioctl_tests_on() { # HOST KERNEL KERNEL-OF-THE-SECOND-TIER
	ioctl_no_mode "$1"
	ioctl_kernel "$1" "$2"
	if all_variants; then ioctl_kernel "$1" "$3"; fi
}
