#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A host survives its guests: many short ones, Linux boots in a row, launchers that are killed at any moment,
# guest memory that the host swaps out and merges. Nothing stays behind: the module
# unloads, no process is left, memory is free again. ARMKVM_ROUNDS: how many of each;
# ARMKVM_BOOTS: how many boots in a row. The first tier has fewer of them.
# test-cost: 260
# test-cost-all: 390
# test-timeout: 7200
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

ROUNDS=${ARMKVM_ROUNDS:-$(by_tier 4 6)}
BOOTS=${ARMKVM_BOOTS:-$(by_tier 3 10)}
GUEST=$(guest_dir 6.1)
SHARE=$SCRATCH/survive
mkdir "$SHARE"
"$TOP/scripts/bare-guest.sh" modes "$SHARE" >/dev/null
arm-linux-gnueabihf-gcc -O2 -static -pthread -o "$SHARE/stress" "$TOP/guest/stress/stress.c"
install -m 755 "$TOP/guest/stress/run" "$SHARE/run"
: >"$SHARE/booted"	# no reboot

# survive HOST WHAT [TESTBED-OPTION...]
survive() {
	SESSION_NAME=$2 SESSION_WORDS=$2 session survive "$1" --icount --share "$GUEST" --share "$SHARE" --timeout 7000 \
		--env ROUNDS="$ROUNDS" --env BOOTS="$BOOTS" "${@:3}"
}

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	# dear as they are, each kind of host has one of the first two
	case $host in
	armv7-*) survive "$host" repeat --smp 2 ;;
	*) survive "$host" boots ;;
	esac
	survive "$host" kill --smp 2
	survive "$host" pressure --smp 2 --mem 384 --module zram
done
cases_end
