#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What a launcher asks of QEMU besides a guest:
#   * a saved guest goes on where the calls that it was given are (pv=, pv-*=), with those and no others,
#     also after a reset; where one is missing QEMU ends before the guest runs, and a line says why
#   * QEMU's sandbox, all of it, as libvirt asks for it: before and after the module has ASIDs of its own
# test-cost: 25
# test-timeout: 400
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

SHARE=$SCRATCH/launcher

mkdir "$SHARE"
"$TOP/scripts/bare-guest.sh" saved "$SHARE" >/dev/null
"$TOP/scripts/bare-guest.sh" gic-smp "$SHARE/sandbox" >/dev/null
bare_references "$SHARE/sandbox"
hosts arm64-n1
for host in "${HOSTS[@]}"; do session launcher "$host" --icount --smp 2 --share "$SHARE" --timeout 300; done
cases_end
