#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The same overlay in QEMU 10.2: its series applies and compiles, and what the groups of this
# folder say of QEMU 10.0 is true of it. Built here if it isn't, which takes ten minutes more.
# test-tier: 2
# test-cost: 600
# test-timeout: 5400
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

build() { "$TOP/scripts/qemu.sh" --qemu 10.2 build "$1"; }

for target in native arm64; do expect "QEMU 10.2 is built for $target" build "$target"; done
other_qemu 10.2 gates/series.sh tests/qemu/{series,startup-native,run-loop,libvirt-probe,features,qtest}.sh
cases_end
