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
		[[ $1 == armv7-* ]] || echo linux_to_tcg
		return
	fi
	case $1 in
	armv7-*) echo precopy postcopy cancel dies to_and_from_tcg ;;
	*) echo multifd converge postcopy linux to_and_from_tcg ;;
	esac
}

"$TOP/scripts/bare-guest.sh" live-smp "$SCRATCH/bare" >/dev/null
guest=$(guest_dir 6.1-pv)
mkdir "$SCRATCH/in-guest"
cp "$TOP/ci/tests/engine/in-guest/live" "$SCRATCH/in-guest/"
hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	SESSION_WORDS=$(cases "$host" | tr "\n" " ") session live "$host" --icount --smp 2 --share "$SCRATCH/bare" --share "$guest" \
		--share "$SCRATCH/in-guest" --timeout 600
done
cases_end
