#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Live migration of guests with two CPUs that go on writing: by TCP and a UNIX socket, over several channels, with
# the vCPUs held back until it fits (auto-converge), with the pages fetched afterwards (postcopy), given up and done again,
# to a destination that dies, from TCG and to it. Each of the guest's CPUs looks whether all that it wrote is there (guest/bare/live-smp.c).
# A paravirtual Linux migrates while its disk, network card and memory are in use.
# test-cost: 200
# test-cost-all: 700
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

# cases HOST: the first tier has each case on one host, two on both.
cases() {
	if all_variants; then
		echo precopy multifd converge postcopy cancel dies linux to_and_from_tcg
		if [[ $1 == armv7-* ]]; then echo linux_of_tcg; else echo linux_to_tcg; fi
		return
	fi
	case $1 in
	armv7-*) echo precopy postcopy cancel dies to_and_from_tcg linux_of_tcg ;;
	*) echo multifd converge postcopy linux to_and_from_tcg ;;
	esac
}

# linux_by_tcg FILE: a Linux whose shell has X=41, run by TCG on this machine and saved.
linux_by_tcg() {
	local out=$SCRATCH/tcg.out keys i
	mkfifo "$SCRATCH/keys"
	timeout 250 "$BUILD/qemu-native/qemu-system-arm" -accel tcg -M virt -cpu cortex-a15 -smp 2 -m 128 -nic none -nographic \
		-no-reboot -kernel "$guest/image" -initrd "$guest/initramfs.gz" \
		-append 'console=ttyAMA0 quiet loglevel=3 cryptomgr.notests audit=0 apparmor=0' <"$SCRATCH/keys" >"$out" 2>&1 &
	exec {keys}>"$SCRATCH/keys"
	for ((i = 0; i < 600; i++)); do
		if grep -q '^/ # ' "$out"; then break; fi
		sleep 0.2
	done
	# the line editor asks for the cursor first, and loses what comes then
	for i in '' X=41; do
		printf '%s\n' "$i" >&"$keys"
		sleep 2
	done
	printf '\001cmigrate file:%s\nquit\n' "$1" >&"$keys"
	wait $! || fail "TCG saves a guest" "$(tail -n 1 "$out")"
	exec {keys}>&-
}

"$TOP/scripts/bare-guest.sh" live-smp "$SCRATCH/bare" >/dev/null
guest=$(guest_dir 6.1-pv)
mkdir "$SCRATCH/in-guest" "$SCRATCH/saved"
cp "$TOP/ci/tests/engine/in-guest/live" "$SCRATCH/in-guest/"
hosts armv7-a15 arm64-n1
if [[ " ${HOSTS[*]}" == *' armv7-'* ]]; then linux_by_tcg "$SCRATCH/saved/vm"; fi
for host in "${HOSTS[@]}"; do
	SESSION_WORDS=$(cases "$host" | tr "\n" " ") session live "$host" --icount --smp 2 --share "$SCRATCH/bare" --share "$guest" \
		--share "$SCRATCH/in-guest" --share "$SCRATCH/saved" --timeout 600
done
cases_end
