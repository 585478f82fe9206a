#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What CONTRIBUTING.md asks of a commit, as far as a program can tell: the subject is `area: what changes`, at
# most 72 characters, and there is a body that says why. Commits from before the rule was kept are left
# alone: those up to BASE.
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

BASE=d6d328e88ecbd1f23e697638b310014de7cd3dbd
MAX_SUBJECT=72

history() { git -C "$1" -c safe.directory='*' "${@:2}"; }

# faults DIR RANGE: what is wrong with its commits, one a line.
faults() {
	local commit subject body
	while IFS= read -r commit; do
		subject=$(history "$1" log -1 --format=%s "$commit")
		# trailers alone say nothing; grep ends with 1 where nothing is left
		body=$(history "$1" log -1 --format=%b "$commit" | grep -vE '^([A-Z][A-Za-z-]+: .*)?$' || (($? == 1)))
		if ((${#subject} > MAX_SUBJECT)); then echo "$commit: ${#subject} characters: $subject"; fi
		if [[ ! $subject =~ ^[a-z][a-zA-Z0-9/.,_\ -]*:\ . ]]; then echo "$commit: no area: $subject"; fi
		if [[ -z $body ]]; then echo "$commit: no body: $subject"; fi
	done < <(history "$1" rev-list --no-merges --abbrev-commit "$2")
}

if ! history "$TOP" rev-parse -q --verify "$BASE^{commit}" >/dev/null 2>&1; then
	skip "commits since ${BASE:0:7}" "this copy has no history back to there"
else
	faults "$TOP" "$BASE..HEAD" >"$SCRATCH/faults"
	expect_empty "commits since ${BASE:0:7}" "against the rules" "$SCRATCH/faults"
fi

# It finds what it is for.
repo=$SCRATCH/repo
git init -q "$repo"
commit() { history "$repo" -c user.name=a -c user.email=a@example.org commit -q --allow-empty "$@"; }
commit -m 'kmod: the first'
commit -m 'kmod, docs: a good one' -m 'Because it is.'
commit -m 'kmod: one without a body' -m 'Signed-off-by: A <a@example.org>'
commit -m 'No area' -m 'Because.'
commit -m "kmod: $(printf 'long%.0s' {1..20})" -m 'Because.'
faults "$repo" HEAD~4..HEAD >"$SCRATCH/faults"
for what in 'no body: kmod: one' 'no area: No area' 'characters: kmod: long'; do
	if grep -qF -- "$what" "$SCRATCH/faults"; then pass "would find $what"; else fail "would find $what" "it found $(wc -l <"$SCRATCH/faults") others"; fi
done
if grep -qF 'a good one' "$SCRATCH/faults"; then
	fail "a good one is good" "$(head -n 1 "$SCRATCH/faults")"
else
	pass "a good one is good"
fi
cases_end
