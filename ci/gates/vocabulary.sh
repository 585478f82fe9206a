#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One word for one thing: what kmod/doc/glossary.rst has another word for isn't used any more, in the
# module and in documents. Names that user space sees stay as they are. It is the only page of words, and has each
# word once.
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

# terms GLOSSARY: the first column of its tables; a name that goes on in a second line counts by its first.
terms() { awk '/^=+ +=+$/ { table = !table; next } table && /^[^ ]/ { print substr($0, 1, 20) }' "$1" | sed 's/ *$//'; }
# twice GLOSSARY: words that have two lines ("sensitive unprivileged" is written in two).
twice() { terms "$1" | sort | uniq -d | grep -vx sensitive || (($? == 1)); }
twice "$TOP/kmod/doc/glossary.rst" >"$SCRATCH/twice"
expect_empty "each word once in the glossary" "twice" "$SCRATCH/twice"

# pages TOP: other pages that explain words.
pages() {
	(cd "$1" && grep -rnE '^(#+ +)?(The )?(Words|Terms|Vocabulary|Glossary)$' --include='*.md' --include='*.rst' kmod kernel-abi docs) |
		grep -v '^kmod/doc/glossary\.rst:' || (($? == 1))
}
pages "$TOP" >"$SCRATCH/pages"
expect_empty "no other page of words" "words" "$SCRATCH/pages"

mkdir -p "$SCRATCH/top"
cp -R --parents "$TOP"/{kmod,kernel-abi,docs} "$SCRATCH/top"
found=$SCRATCH/top$TOP
echo '/* The short cut leaves a leaf in doubt. */' >>"$found/kmod/core/mmu/leaf.c"
echo 'A silent instruction, tags_find().' >>"$found/kmod/doc/design.rst"
sed -i 's/^spte   .*/&\n&/' "$found/kmod/doc/glossary.rst"
printf '\n## Words\n' >>"$found/docs/README.md"
if [[ $(twice "$found/kmod/doc/glossary.rst") == spte && $(pages "$found") == docs/README.md:* ]]; then
	pass "would find a word that is there twice, and words elsewhere"
else
	fail "would find a word that is there twice, and words elsewhere" "it found '$(twice "$found/kmod/doc/glossary.rst")', '$(pages "$found")'"
fi
old_words "$found" >"$SCRATCH/old"
if [[ $(wc -l <"$SCRATCH/old") == 4 ]]; then
	pass "would find four old words"
else
	fail "would find four old words" "it found $(wc -l <"$SCRATCH/old"): $(head -n 1 "$SCRATCH/old")"
fi
cases_end
