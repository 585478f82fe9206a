#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# mode=direct: guests whose kernel goes on privileged, in RAM where the host has it. Who may, and what is said to
# who may not; 1,000 ways there and back (10,000 with --all); the guest's own exceptions, tables, interrupts and floating point; a guest
# that masks all its interrupts and spins holds nothing up, can be stopped, looked at, dumped and killed; while its
# pages are logged, or a debugger has it, it is in shadow mode; what is the host's own is as it was. And the paravirtual Linux, on four
# vCPUs and two CPUs: CPUs that go and come back, the stress program, a reboot; and put into shadow mode and back all the time.
# test-cost: 250
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

SHARE=$SCRATCH/direct
mkdir "$SHARE"
for guest in promote hang exceptions; do "$TOP/scripts/bare-guest.sh" $guest "$SHARE" >/dev/null; done
arm-linux-gnueabihf-gcc -std=gnu11 -O2 -Wall -Wextra -Werror -static -D_GNU_SOURCE -marm \
	-o "$SHARE/32" "$TOP/guest/host-state/host-state.c"

LINUX=$SCRATCH/linux
mkdir "$LINUX"
arm-linux-gnueabihf-gcc -O2 -Wall -Wextra -Werror -static -pthread -o "$LINUX/stress" "$TOP/guest/stress/stress.c"
install -m 755 "$TOP/guest/stress/run" "$LINUX/run"

# The packed kernel finds where its RAM is; the unpacked one of guest_in_host is for one address.
linux() { # HOST
	local name="$1, Linux with 4 vCPUs"
	LOAD='insmod /testbed/armkvm.ko direct=1' GUEST_ACCEL=mode=direct KERNEL_FILE=vmlinuz guest_in_host "$name" "$1" 6.1-pv --smp 2 --share "$LINUX" \
		--timeout 600 -- -M virt,highmem=off -cpu host -m 256 -smp 4 -nic none \
		-fsdev local,id=share,path=/share2,security_model=none -device virtio-9p-device,fsdev=share,mount_tag=share \
		-append "'console=ttyAMA0 loglevel=7 panic=-1 armkvm.run=run'" || return 0
	has "$name: its kernel is privileged, before and after the reboot" 'armkvm: goes on privileged' 2
	has "$name: all CPUs are there" '^guest: 4 processors' 2
	has "$name: they go and come" '^PASS hotplug' 2
	has "$name: its programs end well, both times" '^guest: stress ends with status 0' 2
	has "$name: its kernel has nothing to complain about" 'BUG|WARNING|Oops|rcu.*stall|soft lockup' 0
	guest_cases "$name"
}

# A debugger on a guest that is privileged: it is in shadow mode for breakpoints and steps, and goes back.
debugged() { # HOST
	local name="$1: a debugger on a privileged guest"
	if "$TOP/ci/lib/debugger" --privileged -- "$TOP/ci/testbed" --host "$1" --no-tty --no-load --share "$SHARE" --timeout 300 -- \
		sh -c "insmod /testbed/armkvm.ko direct=1 && exec qemu-system-arm -M virt -cpu host -m 128 -accel armkvm,mode=direct \
			-nic none -display none -serial null -monitor none -S -gdb stdio -kernel /share/hang.bin" 2>"$SCRATCH/err"; then
		pass "$name"
	else
		fail "$name" "$(tail -n 1 "$SCRATCH/err")"
	fi
}

# Put into shadow mode at any time, and back. Not counted, so that the host's CPUs run at once.
linux_to_and_fro() { # HOST
	LOAD=true SESSION_NAME='Linux there and back' session direct-linux "$1" --smp 2 --share "$(guest_dir 6.1-pv)" --timeout 400 \
		--env WORDS="$GUEST_WORDS loglevel=7"
}

hosts armv7-a15
for host in "${HOSTS[@]}"; do
	debugged "$host"
	linux_to_and_fro "$host"
	linux "$host"
	LOAD=true session direct "$host" --smp 2 --env ROUNDS="$(by_tier 1000 10000)" --share "$SHARE" --timeout 400
done
cases_end
