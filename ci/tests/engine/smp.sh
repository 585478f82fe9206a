#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guests with several vCPUs on hosts with as many CPUs and with fewer: CPUs of the guest go and
# come back, processes and threads meet (guest/stress), and the guest boots again.
# Debian's kernel and the paravirtual one, whose vCPU pages come and go with the CPUs.
# ARMKVM_SMP: other runs, HOST-CPUS:VCPUS[:KERNEL], for all hosts.
# test-cost: 180
# test-cost-all: 360
# test-timeout: 5400
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

SHARE=$SCRATCH/smp
mkdir "$SHARE"
arm-linux-gnueabihf-gcc -O2 -Wall -Wextra -Werror -static -pthread -o "$SHARE/stress" \
	"$TOP/guest/stress/stress.c"
install -m 755 "$TOP/guest/stress/run" "$SHARE/run"

# smp HOST HOST-CPUS VCPUS KERNEL: the second boot, after the guest's own reboot, does it all again.
smp() {
	local name="$1, $4: $3 vCPUs on $2 host CPU(s)"
	rm -f "$SHARE/booted"
	guest_in_host "$name" "$1" "$4" --smp "$2" --share "$SHARE" --timeout 1700 -- \
		-M virt,highmem=off -cpu "$(host_cpu "$1")" -m 256 -smp "$3" -nic none \
		-fsdev local,id=share,path=/share2,security_model=none \
		-device virtio-9p-device,fsdev=share,mount_tag=share \
		-append "'console=ttyAMA0 quiet loglevel=4 panic=-1 cryptomgr.notests audit=0 armkvm.run=run'" ||
		return 0
	has "$name: all of them are there, before and after the reboot" "^guest: $3 processors" 2
	has "$name: they go and come" '^PASS hotplug' 2
	has "$name: the guest's programs end well, both times" '^guest: stress ends with status 0' 2
	has "$name: the guest's kernel has nothing to complain about" 'BUG|WARNING|Oops|rcu.*stall|soft lockup' 0
	guest_cases "$name"
}

# runs HOST: what is run on it, HOST-CPUS:VCPUS:KERNEL.
runs() {
	case $1 in
	armv7-*) by_tier 2:4:6.1-pv '1:2:6.1 2:4:6.1 2:4:6.1-pv' ;;
	*) by_tier 1:4:6.1 '1:4:6.1 1:2:6.1-pv' ;;
	esac
}

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	for words in ${ARMKVM_SMP:-$(runs "$host")}; do
		IFS=: read -r cpus vcpus kernel <<<"$words"
		smp "$host" "$cpus" "$vcpus" "${kernel:-6.1}"
	done
done
cases_end
