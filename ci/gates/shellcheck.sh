#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Every shell script is clean of shellcheck's findings, sourced files followed.
# test-cost: 50
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

count=0
while IFS= read -r -d '' file; do
	[[ -f $TOP/$file ]] || continue
	is_shell "$file" || continue
	count=$((count + 1))
	expect "shellcheck $file" shellcheck -x -P "$TOP" --format=gcc "$TOP/$file"
done < <(tracked)
if ((count < 5)); then fail "shell scripts found" "only $count: the search is broken"; fi
cases_end
