# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Parts of the module as ordinary programs (kmod/tests/): sourced by ci/tests/unit/*.sh, which set
# UNIT to make's options.

# shellcheck source=ci/lib/cases.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/cases.sh"

# unit_make TARGET ARG...: builds and runs into $SCRATCH/out; the log has all of it.
unit_make() {
	local status=0
	make -s "${UNIT[@]}" "$@" >"$SCRATCH/out" 2>&1 || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	return "$status"
}

# unit_cases TARGET ARG...: for a target that prints case lines itself.
unit_cases() {
	local status=0
	unit_make "$@" || status=$?
	grep -E '^(PASS|FAIL) ' "$SCRATCH/out" >"$SCRATCH/cases" || true
	if [[ -s $SCRATCH/cases ]]; then
		relay unit "$SCRATCH/cases"
	fi
	# A build error, or a sanitizer's end of the program, has no FAIL line.
	if ((status)) && ! grep -q '^FAIL ' "$SCRATCH/cases"; then
		fail "unit: $1" "$(grep -v '^[[:space:]]*$' "$SCRATCH/out" | tail -n 1)"
	fi
}
