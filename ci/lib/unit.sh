# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Parts of the module, and of the tests, as ordinary programs: sourced by ci/tests/unit/*.sh. Those
# of the module (kmod/tests/) set UNIT to make's options.

# shellcheck source=ci/lib/cases.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/cases.sh"

# unit_make TARGET ARG...: builds and runs into $SCRATCH/out; the log has all of it.
unit_make() {
	local status=0
	make -s "${UNIT[@]}" "$@" >"$SCRATCH/out" 2>&1 || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	return "$status"
}

# unit_verdict PREFIX NAME STATUS: relays the case lines in $SCRATCH/out, of a program that ended with STATUS.
unit_verdict() {
	# none at all: the status says why, or the group has no case, which fails it
	grep -E '^(PASS|FAIL) ' "$SCRATCH/out" >"$SCRATCH/cases" || true
	if [[ -s $SCRATCH/cases ]]; then
		relay "$1" "$SCRATCH/cases"
	fi
	# A build error, or a sanitizer's end of the program, has no FAIL line.
	if (($3)) && ! grep -q '^FAIL ' "$SCRATCH/cases"; then
		fail "$1: $2" "$(grep -v '^[[:space:]]*$' "$SCRATCH/out" | tail -n 1)"
	fi
}

# unit_cases TARGET ARG...: for a target that prints case lines itself.
unit_cases() {
	local status=0
	unit_make "$@" || status=$?
	unit_verdict unit "$1" "$status"
}
