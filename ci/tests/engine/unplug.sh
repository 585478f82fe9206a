#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A disk with an I/O thread and a network card are unplugged from a running guest and plugged again, three times:
# first when the guest has let go of them, then while it reads. Last the slots lose their power while it reads, and
# nobody let go. No ioeventfd, irqfd or event descriptor stays behind, and new devices work. Debian's armhf kernels have
# no driver for PCI's hot-plug slots, so the guest's script does what it would: it switches the slots' power.
# test-cost: 25
# test-timeout: 600
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"

ROUNDS=3

guest=$(guest_dir 6.1)
mkdir "$SCRATCH/guest"
install -m 755 "$TOP/ci/tests/engine/in-guest/unplug" "$SCRATCH/guest/guest.sh"
hosts arm64-n1
for host in "${HOSTS[@]}"; do
	session unplug "$host" --icount --share "$guest" --share "$SCRATCH/guest" --timeout 400 --env ROUNDS="$ROUNDS"
done
cases_end
