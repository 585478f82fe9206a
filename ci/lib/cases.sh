# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by every gate and test group: the lines that ci/tests/run counts.
#
#   PASS name
#   FAIL name: why
#   SKIP name: why
#
# Everything else that a group prints goes to its log only. A group ends with
# cases_end; one that ends in another way with a status that is not 0, prints no
# case, or is killed by its time limit counts as a failure of its own.
#
# Sets TOP, the repository, and BUILD; makes SCRATCH, a directory that goes away.
#
# ARMKVM_QEMU_VERSION is the QEMU that a group is about where that makes a difference: 10.0 unless
# somebody says otherwise (ci/tests/qemu/qemu-10.2.sh); QEMU_BUILD is where that is built.
#
# ARMKVM_TIER says how much of a group is run: 1 (unless ci/tests/run says otherwise) is what
# every run of the tests has, 2 is everything (ci/tests/run --all).

[[ -n ${CASES_SOURCED:-} ]] && return 0
CASES_SOURCED=1

TOP=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034 # for those who source this file
BUILD=$TOP/build
export LC_ALL=C.UTF-8
CASES_FAILED=0
CASES_SEEN=0

export ARMKVM_QEMU_VERSION=${ARMKVM_QEMU_VERSION:-10.0}
# shellcheck disable=SC2034 # for those who source this file
case $ARMKVM_QEMU_VERSION in
10.0) QEMU_BUILD=$BUILD ;;
*) QEMU_BUILD=$BUILD/qemu-$ARMKVM_QEMU_VERSION ;;
esac
export ARMKVM_TIER=${ARMKVM_TIER:-1}

# all_variants: succeeds when everything is to be run, not the first tier alone.
all_variants() { [[ $ARMKVM_TIER == 2 ]]; }

# by_tier FIRST ALL: prints what goes with the tier that is run.
by_tier() { if all_variants; then printf '%s\n' "$2"; else printf '%s\n' "$1"; fi; }

SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/armkvm-test.XXXXXX")
trap 'rm -rf -- "$SCRATCH"' EXIT
trap 'exit 130' INT TERM HUP

# cases_line TEXT: one line, whatever a message holds.
cases_line() {
	CASES_SEEN=$((CASES_SEEN + 1))
	printf '%s\n' "${1//[$'\n\r']/ }"
}
pass() { cases_line "PASS $1"; }
skip() { cases_line "SKIP $1: ${2:?a skip needs its reason}"; }
fail() {
	CASES_FAILED=$((CASES_FAILED + 1))
	cases_line "FAIL $1: ${2:?a failure needs its reason}"
}

# expect NAME COMMAND...: passes when the command succeeds; its output goes to
# the log, and its last line into the failure.
expect() {
	local name=$1 out=$SCRATCH/expect.out status=0
	shift
	"$@" >"$out" 2>&1 || status=$?
	sed 's/^/    | /' "$out"
	if ((status == 0)); then
		pass "$name"
	else
		fail "$name" "status $status: $(grep -v '^[[:space:]]*$' "$out" | tail -n 1)"
	fi
}

# expect_empty NAME WHY FILE: passes when FILE is empty; a finding a line.
expect_empty() {
	if [[ ! -s $3 ]]; then
		pass "$1"
		return
	fi
	sed 's/^/    | /' "$3"
	fail "$1" "$2: $(head -n 1 "$3")$(findings_more "$3")"
}
findings_more() {
	local n
	n=$(wc -l <"$1")
	if ((n > 1)); then printf ' (and %d more, see the log)' $((n - 1)); fi
}

# relay NAME FILE: counts the case lines of another program's output (a
# self-test that ran inside a host), with NAME in front of each case's name.
relay() {
	local line seen=0
	while IFS= read -r line; do
		case $line in
		'PASS '*) pass "$1: ${line#PASS }" ;;
		'SKIP '*)
			line=${line#SKIP }
			skip "$1: ${line%%: *}" "${line#*: }"
			;;
		'FAIL '*)
			line=${line#FAIL }
			fail "$1: ${line%%: *}" "${line#*: }"
			;;
		*)
			printf '    | %s\n' "$line"
			continue
			;;
		esac
		seen=$((seen + 1))
	done < <(tr -d '\r' <"$2")
	((seen)) || fail "$1" "printed no test case"
}

# other_qemu V GROUP...: these groups, each a path in ci/, once more with that QEMU.
other_qemu() {
	local group status
	for group in "${@:2}"; do
		status=0
		ARMKVM_QEMU_VERSION=$1 "$TOP/ci/$group" >"$SCRATCH/group" 2>&1 || status=$?
		relay "${group##*/}" "$SCRATCH/group"
		if ((status > 0)) && ! grep -q '^FAIL ' "$SCRATCH/group"; then
			fail "$group" "status $status and no failed case"
		fi
	done
}

# tracked: the files of the repository, with those not yet committed, NUL-separated.
# (safe.directory: a clone that belongs to the user who ran sudo is fine here.)
tracked() {
	git -C "$TOP" -c safe.directory='*' ls-files -z --cached --others --exclude-standard \
		-- . ':!build' ':!qemu'
}

cases_end() {
	if ((CASES_SEEN == 0)); then fail "${0##*/}" "ran no test case"; fi
	((CASES_FAILED == 0))
	exit
}
