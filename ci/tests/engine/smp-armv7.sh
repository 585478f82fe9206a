#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Guests with several vCPUs on an ARMv7 host with one and with two CPUs: CPUs of the guest go
# and come back, processes and threads meet (guest/stress), and the guest boots again.
# test-cost: 400
# test-timeout: 3600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

SHARE=$SCRATCH/smp
mkdir "$SHARE"
arm-linux-gnueabihf-gcc -O2 -Wall -Wextra -Werror -static -pthread -o "$SHARE/stress" \
	"$TOP/guest/stress/stress.c"
install -m 755 "$TOP/guest/stress/run" "$SHARE/run"

# smp HOST-CPUS VCPUS: the second boot, after the guest's own reboot, does it all again.
smp() {
	local name="$2 vCPUs on $1 host CPU(s)"
	rm -f "$SHARE/booted"
	guest_in_host "$name" armv7-a15 6.1 --smp "$1" --share "$SHARE" --timeout 1700 -- \
		-M virt,highmem=off -cpu cortex-a15 -m 256 -smp "$2" -nic none \
		-fsdev local,id=share,path=/share2,security_model=none \
		-device virtio-9p-device,fsdev=share,mount_tag=share \
		-append "'console=ttyAMA0 quiet loglevel=4 panic=-1 cryptomgr.notests audit=0 armkvm.run=run'" ||
		return 0
	has "$name: all of them are there, before and after the reboot" "^guest: $2 processors" 2
	has "$name: they go and come" '^PASS hotplug' 2
	has "$name: the guest's programs end well, both times" '^guest: stress ends with status 0' 2
	has "$name: the guest's kernel has nothing to complain about" 'BUG|WARNING|Oops|rcu.*stall|soft lockup' 0
	guest_cases "$name"
}

smp 1 2
smp 2 4
cases_end
