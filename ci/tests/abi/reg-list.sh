#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module lists the golden registers on every host: none has vanished, none
# is new without being in the golden list and the documentation.
# test-cost: 25
set -euo pipefail
# shellcheck source=ci/lib/hosts.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/hosts.sh"

GOLDEN=$TOP/kernel-abi/tests/reg-list.golden

check_host() {
	local host=$1 status=0
	in_host "$SCRATCH/out" "$host" --no-qemu --timeout 120 -- /usr/lib/armkvm/tests/reg-list || status=$?
	if ((status)); then
		sed 's/^/    | /' "$SCRATCH/out"
		fail "$host: register list" "status $status: $(tail -n 1 "$SCRATCH/out")"
		return
	fi
	tr -d '\r' <"$SCRATCH/out" | awk '/^0x/ { print $1 }' | sort >"$SCRATCH/listed"
	comm -23 "$SCRATCH/always" "$SCRATCH/listed" >"$SCRATCH/gone"
	expect_empty "$host: no register has vanished" "not listed any more" "$SCRATCH/gone"
	comm -13 "$SCRATCH/golden" "$SCRATCH/listed" >"$SCRATCH/new"
	expect_empty "$host: no register is unknown" "not in reg-list.golden" "$SCRATCH/new"
}

awk '/^0x/ { print $1 }' "$GOLDEN" | sort >"$SCRATCH/golden"
# Those that depend on the core may be absent.
awk '/^0x/ && $4 != "if" { print $1 }' "$GOLDEN" | sort >"$SCRATCH/always"
for host in armv7-a15 armv7-a9 arm64-a72 arm64-n1; do check_host "$host"; done
cases_end
