#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One word for one thing: what kmod/doc/glossary.rst has another word for isn't used any more, in the
# module and in documents. Names that user space sees stay as they are.
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

# Pattern of the old word, and the word that it has now.
OLD=(
	'short[ -]?cuts?=fast path'
	'silent=sensitive unprivileged'
	'doubtful|in doubt|_doubt=unsync'
	'tags_\w+|cpu_tags?=ASID cache'
)
# Statistics of the ABI and what counts them; the decoder's predicate, by which the glossary finds it.
FROZEN='emulated_silent|EMULATED_SILENT|insn_is_silent|silently|short-cuts\.c'

# old_words TOP: "FILE:LINE: WORD is called ... now"
old_words() {
	local entry
	# (grep ends with 1 where it finds nothing: no failure)
	for entry in "${OLD[@]}"; do
		(cd "$1" && grep -rnioE -- ".{0,40}\\b(${entry%=*})\\b.{0,20}" kmod/core kmod/host kmod/doc kernel-abi/doc docs) |
			grep -vE "$FROZEN" | sed "s/\$/ (${entry#*=})/" || (($? == 1))
	done
}
old_words "$TOP" >"$SCRATCH/old"
expect_empty "no word that the glossary has another for" "old word" "$SCRATCH/old"

mkdir -p "$SCRATCH/top"
cp -R --parents "$TOP"/{kmod,kernel-abi,docs} "$SCRATCH/top"
found=$SCRATCH/top$TOP
echo '/* The short cut leaves a leaf in doubt. */' >>"$found/kmod/core/mmu/leaf.c"
echo 'A silent instruction, tags_find().' >>"$found/kmod/doc/design.rst"
old_words "$found" >"$SCRATCH/old"
if [[ $(wc -l <"$SCRATCH/old") == 4 ]]; then
	pass "would find four old words"
else
	fail "would find four old words" "it found $(wc -l <"$SCRATCH/old"): $(head -n 1 "$SCRATCH/old")"
fi
cases_end
