#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every shell script is clean of shellcheck's findings, sourced files followed. What shellcheck can't see, a script in
# quotes that is longer than MAX_QUOTED lines, is a file of its own.
# test-cost: 65
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

if ! command -v shellcheck >/dev/null; then
	fail shellcheck "not installed; apt-get install shellcheck"
	cases_end
fi

# is_shell FILE: by its first line, or by the directive that sourced files have.
is_shell() {
	[[ $1 == *.sh ]] || head -n 3 "$TOP/$1" | grep -aqE '^#!.*/(env )?(ba|da|)sh( |$)|^#!.*busybox sh|^# shellcheck shell='
}

MAX_QUOTED=5

# quoted FILE: where a "sh -c '...'" begins whose script is longer.
quoted() {
	awk -v max="$MAX_QUOTED" -v quote="'" '
		!begin && $0 ~ "sh -[a-z]*c (.* )?" quote "[^" quote "]*$" { begin = NR; next }
		begin && index($0, quote) { if (NR - begin + 1 > max) print FILENAME ":" begin ": " NR - begin + 1 " lines"; begin = 0 }' "$1"
}

: >"$SCRATCH/quoted"
count=0
while IFS= read -r -d '' file; do
	[[ -f $TOP/$file ]] || continue
	is_shell "$file" || continue
	count=$((count + 1))
	expect "shellcheck $file" shellcheck -x -P "$TOP" --format=gcc "$TOP/$file"
	quoted "$TOP/$file" >>"$SCRATCH/quoted"
done < <(tracked)
if ((count < 5)); then fail "shell scripts found" "only $count: the search is broken"; fi
expect_empty "no long scripts in quotes" "hidden from shellcheck" "$SCRATCH/quoted"
printf "%s\n" "run sh -ec '" {1..5} "last'" "sh -c 'a" "b'" >"$SCRATCH/script"
if [[ $(quoted "$SCRATCH/script") == *:1:\ 7\ lines ]]; then
	pass "would find a long script in quotes"
else
	fail "would find a long script in quotes" "it found '$(quoted "$SCRATCH/script")'"
fi
cases_end
