#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The tables that say what is where are complete, and name nothing that isn't there:
#   kmod/doc/design.rst        each source file of core/, host/ and compat/
#   kmod/host/host.rst         each name that a host has to define, and no other
#   accel-armkvm/README.md     each file of overlay/, each patch, each group of ci/tests/qemu/
#   kmod/, guest/, ci/README.md    each folder (kmod/: and file) beside it; ci/: each subject of the tests
#   README.md                  each folder of the repository
#   docs/README.md             each page of docs/
#   docs/options.md, armkvm.4  each parameter of the module
#   docs/testbed.md            each host
#   docs/paravirt.md           each patch of guest/linux/
# And SUPPORT.md is one status line a feature, an entry of CHANGELOG.md one or two lines.
# test-cost: 5
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

# What needs no line of its own.
QEMU_OWN='/(meson\.build|trace-events|trace\.h)$'

# -- kmod/doc/design.rst

# listed PAGE: "FOLDER FILE" of each file in the tables between "Files" and "Lifetimes"; a table is about the folders that
# the text before it begins with.
listed() {
	awk '
		/^Files$/ { on = 1 } /^Lifetimes$/ { on = 0 }
		!on { next }
		/^=+ +=+$/ { table = !table; next }
		table && NF {
			cell = substr($0, 1, 24); gsub(/[`,]/, " ", cell)
			n = split(cell, name, " ")
			for (f in folder) for (i = 1; i <= n; i++) print folder[f], name[i]
			next
		}
		/^``[a-z0-9\/]+\/``/ {
			delete folder
			line = $0; k = 0
			while (match(line, /^``[a-z0-9\/]+\/``/)) {
				folder[++k] = substr(line, 3, RLENGTH - 5)
				line = substr(line, RLENGTH + 1)
				sub(/^ and /, "", line)
			}
		}' "$1"
}

# unlisted KMOD PAGE: differences, one a line.  A header stands in the line of the .c of its name.
unlisted() {
	local folder name file
	local -A in_table=()
	while read -r folder name; do
		in_table[$folder/$name]=1
	done < <(listed "$2")
	while IFS= read -r file; do
		[[ -n ${in_table[$file]:-} || -n ${in_table[${file%.h}.c]:-} || -n ${in_table[${file%.h}.S]:-} ]] || echo "no line for $file"
	done < <(cd "$1" && find core host compat -name '*.[chS]' | sort)
	for name in "${!in_table[@]}"; do
		# a table of several folders: the file is in one of them
		if [[ ! -e $1/$name && ! ($name == host/arm*/* && (-e $1/host/arm/${name##*/} || -e $1/host/arm64/${name##*/})) ]]; then
			echo "no file $name"
		fi
	done
}

# would_find NAME COMMAND...: the command prints something.
would_find() {
	local name=$1
	shift
	if [[ -n $("$@") ]]; then pass "would find $name"; else fail "would find $name" "it found nothing"; fi
}

DESIGN=$TOP/kmod/doc/design.rst
unlisted "$TOP/kmod" "$DESIGN" >"$SCRATCH/found"
expect_empty "design.rst has each source file of the module" "differences" "$SCRATCH/found"
sed '/^tlbi\.c  /d' "$DESIGN" >"$SCRATCH/page"
would_find "a file without a line" unlisted "$TOP/kmod" "$SCRATCH/page"
sed 's/^tlbi\.c  /&\n&none.c /; s/^tlbi\.c  none/none/' "$DESIGN" | sed 's/^running\.c  /runnin.c  /' >"$SCRATCH/page"
would_find "a line without a file" unlisted "$TOP/kmod" "$SCRATCH/page"

# -- kmod/host/host.rst

# supplied PAGE: the names in the first column of its tables.
supplied() {
	awk '/^=+ +=+$/ { table = !table; next }
		table && NF { cell = substr($0, 1, 28); gsub(/,/, " ", cell); n = split(cell, w, " "); for (i = 1; i <= n; i++) print w[i] }
		' "$1" | grep -E '^[A-Za-z_0-9]+$' | sort -u
}

# defined FILE...: functions, macros and types that headers define or declare.
defined() {
	sed -nE -e 's/^#define[[:space:]]+([A-Z_]+)[[:space:](].*/\1/p' -e 's/^typedef .* (\w+);/\1/p' \
		-e 's/^(static inline )?[a-z].*[ *](\w+)\(.*/\2/p' "$@" | sort -u
}

# boundary PAGE: what a host has to supply and the page doesn't say, or says and isn't so.
boundary() {
	local host name
	supplied "$1" >"$SCRATCH/supplied"
	# used in core/ and defined by all hosts' headers, or declared by host/
	defined "$TOP/kmod/host/arm/host_spte.h" | comm -12 - <(defined "$TOP/kmod/host/arm64/host_spte.h") >"$SCRATCH/both"
	{
		grep -rhoE '\b\w+\b' "$TOP/kmod/core" --include='*.[ch]' | sort -u | comm -12 - "$SCRATCH/both"
		defined "$TOP/kmod/host/world.h" | grep '^host_'
		defined "$TOP/kmod/host/host.h" | grep '^host_'
	} | sort -u >"$SCRATCH/needed"
	comm -13 "$SCRATCH/supplied" "$SCRATCH/needed" | sed 's/^/no line for /'
	comm -23 "$SCRATCH/supplied" "$SCRATCH/needed" | sed 's/^/nobody needs /'
	# the shadow MMU's test is a third host
	while read -r name; do
		case $name in host_root_* | spte_* | root_* | MMU_* | HOST_*) ;; *) continue ;; esac
		for host in host/arm host/arm64 tests/mmu; do
			grep -qE "\\b$name\\b" "$TOP/kmod/$host/host_spte.h" || echo "kmod/$host/host_spte.h has no $name"
		done
	done <"$SCRATCH/supplied"
}
HOST=$TOP/kmod/host/host.rst
boundary "$HOST" >"$SCRATCH/found"
expect_empty "host.rst has what a host supplies" "differences" "$SCRATCH/found"
sed '/^spte_store /d' "$HOST" >"$SCRATCH/page"
would_find "a name that host.rst lacks" boundary "$SCRATCH/page"
sed 's/^spte_store /spte_stare /' "$HOST" >"$SCRATCH/page"
would_find "a name that nobody needs" boundary "$SCRATCH/page"

# -- the READMEs

# in_table PAGE WORD: is it the first cell of a row, or one of several there?
in_table() { sed -nE 's/^\| *([^|]*) *\|.*/ \1 /p' "$1" | tr -d '`,' | sed -E 's/\[([^]]*)\]\([^)]*\)/\1/g' | grep -qF " $2 "; }

overlay() { # PAGE
	local file
	while IFS= read -r file; do
		case $file in linux-headers/*) file='linux-headers/linux/armkvm*.h' ;; esac
		in_table "$1" "$file" || echo "no line for $file"
	done < <(cd "$TOP" && git ls-files accel-armkvm/overlay | sed 's@^accel-armkvm/overlay/@@' | grep -vE "$QEMU_OWN")
	# shellcheck disable=SC2016 # a regular expression
	sed -nE 's/^\| `([a-z-]+\/[^`*]*\.[chS])` \|.*/\1/p' "$1" | while IFS= read -r file; do
		[[ -e $TOP/accel-armkvm/overlay/$file ]] || echo "no file $file"
	done
}
ACCEL=$TOP/accel-armkvm/README.md
overlay "$ACCEL" >"$SCRATCH/found"
expect_empty "accel-armkvm/README.md has each file of overlay/" "differences" "$SCRATCH/found"
sed '/armkvm\/step\.c/d' "$ACCEL" >"$SCRATCH/page"
would_find "a file of overlay/ without a line" overlay "$SCRATCH/page"

# beside PAGE FOLDER [FILES]: folders of FOLDER (FILES: and files) that PAGE has no row for.
beside() {
	local name
	while IFS= read -r name; do
		case $name in */*) name=${name%%/*}/ ;; README.md) continue ;; *) [[ -n ${3:-} ]] || continue ;; esac
		in_table "$1" "$name" || echo "no line for $2$name"
	done < <(cd "$TOP/$2" && git ls-files . | sed -E 's@^([^/]*)/.*@\1/x@' | sort -u) | sort -u
}
for page in kmod guest ci; do
	files=
	[[ $page != kmod ]] || files=1
	beside "$TOP/$page/README.md" "$page/" $files >"$SCRATCH/found"
	expect_empty "$page/README.md has each folder" "missing" "$SCRATCH/found"
done
beside "$TOP/ci/README.md" ci/tests/ >"$SCRATCH/found"
expect_empty "ci/README.md has each subject" "missing" "$SCRATCH/found"
sed '/^| `unit\//d' "$TOP/ci/README.md" >"$SCRATCH/page"
would_find "a subject without a line" beside "$SCRATCH/page" ci/tests/

# folders of the repository; qemu/ is not ours, LICENSES/ are texts, .ci/ is the forge's (grep ends with 1 where
# nothing is left)
beside "$TOP/README.md" ./ | grep -vE '^no line for \./(qemu|LICENSES|\.ci)/$' >"$SCRATCH/found" || (($? == 1))
expect_empty "README.md has each folder" "missing" "$SCRATCH/found"

# -- accel-armkvm/README.md: its table of hooks

# hooks README: patches that it has no row for, and rows without a patch.
hooks() {
	{
		find "$TOP/accel-armkvm/series" -name '*.patch' -printf '%f\n' | sed -E 's@^([0-9]{4})-.*@series/\1@'
		find "$TOP/hw-arm-patches" -name '*.patch' -printf '%f\n' | sed -E 's@^([0-9]{4})-.*@hw-arm/\1@'
	} | sort -u >"$SCRATCH/patches"
	# shellcheck disable=SC2016 # a regular expression
	sed -nE 's@^\| `((series|hw-arm)/[0-9]{4})` \|.*@\1@p' "$1" >"$SCRATCH/rows"
	diff "$SCRATCH/patches" <(sort "$SCRATCH/rows") | grep '^[<>]' || (($? == 1))
}
hooks "$ACCEL" >"$SCRATCH/found"
expect_empty "accel-armkvm/README.md has each patch" "differences" "$SCRATCH/found"
sed '/hw-arm\/0013/d' "$ACCEL" >"$SCRATCH/page"
would_find "a patch without a line" hooks "$SCRATCH/page"

# -- names that a page has to have

# unnamed PAGE BEFORE AFTER: names from standard input that don't stand there between BEFORE and AFTER.
unnamed() {
	local name
	while IFS= read -r name; do
		grep -qF -- "$2$name$3" "$TOP/$1" || echo "$name"
	done
}
parameters() { grep -rhE '^module_param(_named)?\(' "$TOP/kmod" | sed 's/.*(//; s/,.*//' | sort -u; }
patches() { find "$TOP/guest/linux" -name '*.patch' -printf '%f\n' | sed -E 's/^[0-9]+-//; s/\.patch$//' | sort -u; }
names() { # PAGE BEFORE AFTER WHAT; the names are standard input
	cat >"$SCRATCH/names"
	unnamed "$1" "$2" "$3" <"$SCRATCH/names" >"$SCRATCH/found"
	expect_empty "$1 has each $4" "missing" "$SCRATCH/found"
	would_find "a $4 that $1 lacks" unnamed "$1" "$2" "$3" <<<"none such"
	if [[ ! -s $SCRATCH/names ]]; then fail "names for $1" "there are none: the search is broken"; fi
}
parameters | names docs/options.md '| `' = parameter
parameters | names packaging/man/armkvm.4 '.BR ' ' =' parameter
sed -nE 's/^    "(arm[a-z0-9-]+)": Host\($/\1/p' "$TOP/ci/lib/testbed/machines.py" | names docs/testbed.md '| `' '` |' host
patches | names docs/paravirt.md '| `' '` |' 'patch of the guest'
find "$TOP/ci/tests/qemu" -name '*.sh' -printf '%f\n' | names accel-armkvm/README.md '`' '`' group

# -- docs/README.md

# unlinked PAGE: pages of the guide that it has no link to.
unlinked() {
	local file
	while IFS= read -r file; do
		grep -qF "($file)" "$1" || echo "no link to $file"
	done < <(cd "$TOP/docs" && find . -name '*.md' ! -path ./README.md -printf '%P\n' | sort)
}
unlinked "$TOP/docs/README.md" >"$SCRATCH/found"
expect_empty "docs/README.md has each page" "missing" "$SCRATCH/found"
sed 's/(bench\.md)/(benches.md)/' "$TOP/docs/README.md" >"$SCRATCH/page"
would_find "a page without a link" unlinked "$SCRATCH/page"

# -- SUPPORT.md

# long_cells PAGE: rows that are more than a status line: the state is one of the four words, and what follows is a clause.
MAX_CLAUSE=90
long_cells() {
	sed -nE '/^## The module/,$p' "$1" | sed -E 's/\]\([^)]*\)/]/g' | awk -F'|' -v max="$MAX_CLAUSE" '
		!/^\|/ || /^\|-/ || $3 ~ /^ state / { next }
		{ gsub(/^ +| +$/, "", $2); gsub(/^ +| +$/, "", $3); gsub(/^ +| +$/, "", $4) }
		$3 !~ /^(supported|preview|experimental|not there)$/ { print "no state: " $2; next }
		NF != 5 || length($4) > max { print "more than a clause: " $2; next }
		seen[$2]++ { print "twice: " $2 }'
}
long_cells "$TOP/SUPPORT.md" >"$SCRATCH/found"
expect_empty "SUPPORT.md has a status line a feature" "rows" "$SCRATCH/found"
# shellcheck disable=SC2016 # texts of the page
sed 's/^\(| board `virt` | preview |\)/\1 a word after the other: \(and of each what was tried, on which host, with how many CPUs, when, and by whom, and how long it took\)/' \
	"$TOP/SUPPORT.md" >"$SCRATCH/page"
would_find "a paragraph in a status line" long_cells "$SCRATCH/page"
# shellcheck disable=SC2016 # texts of the page
sed 's/^| board `virt` | preview |/| board `virt` | works |/' "$TOP/SUPPORT.md" >"$SCRATCH/page"
would_find "a state that is none of the four words" long_cells "$SCRATCH/page"

# -- CHANGELOG.md

# long_entries PAGE: more than two lines.
long_entries() { awk '/^\* / { n = 1; entry = $0; next } /^  [^ ]/ { if (++n == 3) print entry; next } { n = 0 }' "$1" | cut -c1-80; }
long_entries "$TOP/CHANGELOG.md" >"$SCRATCH/found"
expect_empty "CHANGELOG.md has entries" "too long" "$SCRATCH/found"
printf '* A paragraph,\n  which goes on,\n  and on.\n' >"$SCRATCH/page"
would_find "a paragraph among the entries" long_entries "$SCRATCH/page"
cases_end
