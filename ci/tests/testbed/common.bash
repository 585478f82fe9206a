# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# For the testbed's own tests. Sources ci/lib/cases.sh.

# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

# bed HOST [OPTION...] [-- COMMAND...]: a testbed that needs nothing built.
bed() {
	"$TOP/ci/testbed" --no-qemu --no-module --no-tty --host "$@"
}

# check NAME STATUS COMMAND...: the command ends with STATUS; what it said is in
# $SCRATCH/out and $SCRATCH/err. Standard input is the caller's.
check() {
	local name=$1 want=$2 status=0
	shift 2
	"$@" >"$SCRATCH/out" 2>"$SCRATCH/err" || status=$?
	if ((status == want)); then
		pass "$name"
		return
	fi
	sed 's/^/    | /' "$SCRATCH/err"
	fail "$name" "status $status, not $want: $(tail -n 1 "$SCRATCH/err")"
}

# same_text NAME WANT GOT
same_text() {
	if [[ $2 == "$3" ]]; then pass "$1"; else fail "$1" "'$3', not '$2'"; fi
}

# same_files NAME WANT GOT
same_files() {
	if cmp -s -- "$2" "$3"; then pass "$1"; else fail "$1" "$(cmp -- "$2" "$3" 2>&1)"; fi
}

# has NAME PATTERN FILE: an extended regular expression.
has() {
	if grep -qE -- "$2" "$3"; then pass "$1"; else fail "$1" "no '$2' in what it said"; fi
}

# outer_pids PID: processes of the emulator that belong to the testbed PID.
outer_pids() {
	pgrep -f -- "armkvm-testbed\\.$1\\." || true
}
