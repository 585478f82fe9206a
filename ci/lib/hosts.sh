# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For test groups that run programs in the emulated hosts. Sources cases.sh.

[[ -n ${HOSTS_SOURCED:-} ]] && return 0
HOSTS_SOURCED=1
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/cases.sh"

# host_arch HOST: the Debian architecture of its kernel.
host_arch() {
	case $1 in
	armv7-*) echo armhf ;;
	arm64-*) echo arm64 ;;
	esac
}

# in_host OUT HOST [TESTBED-OPTION...] -- COMMAND...: runs it, with standard
# output and error in OUT; the status is the testbed's. The self-test programs
# are brought up to date first: an old one would test an old interface.
in_host() {
	local out=$1 host=$2 status=0
	shift 2
	"$TOP/scripts/abi-tests.sh" || return 125
	"$TOP/ci/testbed" --host "$host" --no-tty "$@" >"$out" 2>&1 </dev/null || status=$?
	return "$status"
}

# host_verdict NAME OUT STATUS: relays the cases of a program that ran in a host,
# and adds what only the testbed knows: a kernel report, a timeout, a crash.
host_verdict() {
	local name=$1 out=$2 status=$3
	relay "$name" "$out"
	case $status in
	0) pass "$name: the host's kernel is unharmed" ;;
	124) fail "$name" "timeout" ;;
	125) fail "$name" "$(grep -m 1 '^testbed: failed' "$out" || grep -m 1 '^testbed:' "$out" || echo 'the testbed failed')" ;;
	*)
		# A program that reported its failures has also ended with a status.
		if ! tr -d '\r' <"$out" | grep -q '^FAIL '; then fail "$name" "ended with status $status"; fi
		;;
	esac
}

# host_test NAME HOST [TESTBED-OPTION...] -- COMMAND...: both.
host_test() {
	local name=$1 out=$SCRATCH/host.out status=0
	shift
	in_host "$out" "$@" || status=$?
	host_verdict "$name" "$out" "$status"
}

# SLAB_DEBUG: words for the host kernel's command line that make its allocators
# notice what a missing lock or reference does: red zones, poison, checks.
# shellcheck disable=SC2034 # for those who source this file
SLAB_DEBUG=(--append 'slub_debug=FZPU')
