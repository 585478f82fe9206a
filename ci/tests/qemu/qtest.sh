#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# QEMU's own qtests for Arm on our native build. None of them needs the network.
# On the unpatched source of 10.0.13, built and run the same way, all pass but
# cdrom-test, which QEMU skips where no program that makes ISO images is
# installed; so here too anything but a pass or such a skip is a failure.
#
# By hand:  PYTHONPATH=build/tools/meson/usr/lib/python3/dist-packages \
#               build/qemu-native/pyvenv/bin/meson test -C build/qemu-native --suite qtest-arm
# The first tier leaves out the two that take three quarters of the time: the flash controller of
# Aspeed's boards, and a walk over each property of each machine's objects, of which
# device-introspect-test and qmp-cmd-test see those of ours.
# test-cost: 85
# test-cost-all: 300
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"
# shellcheck source=ci/tests/qemu/lib.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib.sh"

LONG='qom-test|aspeed_smc-test'
DIR=$(dirname -- "$QEMU_NATIVE")
RESULTS=$DIR/meson-logs/testlog-qtest-arm.json

meson_test() {
	local meson=$BUILD/tools/meson/usr/lib/python3/dist-packages path=()
	if [[ -d $meson ]]; then path=(PYTHONPATH="$meson"); fi
	nice -n 10 env "${path[@]}" "$DIR/pyvenv/bin/meson" test -C "$DIR" --suite qtest-arm "$@"
}

run_qtests() {
	local names=()
	# lines "qemu:qtest+qtest-arm / qtest-arm/NAME", which are wanted as "qtest-arm/NAME"
	if ! all_variants; then
		mapfile -t names < <(meson_test --list 2>/dev/null | sed -n 's|^.* / \(qtest-arm/\)|\1|p' | grep -vE "/($LONG)\$")
	fi
	rm -f "$RESULTS"
	# (its status says less than the results, which have to be there)
	meson_test --num-processes 2 --timeout-multiplier 3 --logbase testlog-qtest-arm "${names[@]}" >"$SCRATCH/meson.out" 2>&1 || true
	tail -n 60 "$SCRATCH/meson.out" | sed 's/^/    | /'
}

# result lines of meson: "OK NAME", "SKIP NAME", "FAIL NAME", "TIMEOUT NAME", ...
results() {
	/usr/bin/python3 -c '
import json, sys
for line in open(sys.argv[1]):
    test = json.loads(line)
    print(test["result"], test["name"].split("/")[-1].strip())' "$RESULTS"
}

qemu_native_or_end
provide_roms
run_qtests
if [[ ! -s $RESULTS ]]; then
	fail "qtests run" "meson: $(tail -n 1 "$SCRATCH/meson.out")"
	cases_end
fi
count=0
while read -r result name; do
	count=$((count + 1))
	case $result in
	OK) pass "qtest $name" ;;
	SKIP) skip "qtest $name" "QEMU skips it on this machine" ;;
	*) fail "qtest $name" "$result; see ${RESULTS%.json}.txt" ;;
	esac
done < <(results)
# 40 in 10.0.13; fewer by a few in earlier releases of the series.
if ((count < 35)); then fail "qtests found" "only $count"; fi
cases_end
