# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Hosts whose kernels watch themselves (scripts/host-kernel.sh): sourced by ci/tests/debug/*.sh. The interface's
# self-test, its fuzzer and the race hammer, bare guests, a boot of Linux; one report of the kernel, and the group fails.

# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/engine.sh"
# shellcheck source=ci/lib/ioctl.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/ioctl.sh"

CALLS=$(by_tier 100000 1000000)
SECONDS_OF_HAMMER=$(by_tier 20 120)

# debug_host HOST KERNEL: in ARMKVM_PARTS, of calls, bare and linux, are those that run.
debug_host() {
	local host=$1 kernel=$2 part
	"$TOP/scripts/kmod.sh" build "$(host_arch "$host")" "$kernel" >/dev/null
	for part in ${ARMKVM_PARTS:-calls bare linux}; do
		case $part in
		calls)
			ioctl_run "$host $kernel, calls" "$host" "$CALLS" "$SECONDS_OF_HAMMER" --kernel "$kernel" --smp 4 --mem 1024 \
				--timeout "$(by_tier 1500 6000)"
			;;
		bare)
			bare_table "$host" "$(host_cpu "$host")" --kernel "$kernel" --mem 1024 <<-TABLE
				modes,exceptions,mmu-long,mmu-short,irq,psci,cp15,selfmod,tlbi-range
				gic,gic-smp,user,vfp,devices,thumb
				random             append=blocks=100
				selfmod,mmu-short  hidden=vcpupage=1
			TABLE
			;;
		linux) LINUX_HOST="--kernel $kernel" LINUX_NAME=$kernel linux_guest "$host" "$(host_cpu "$host")" ;;
		esac
	done
}
