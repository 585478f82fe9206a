#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# What the ABI headers name, kernel-abi/doc describes: each ioctl has a section
# of the one fixed form with the right number, direction and structure; each
# capability, exit and register kind is in api.rst, each call in hypercalls.rst.
# And the other way round: the pages name nothing that the headers don't have.
# Chapters and sections are numbered without a gap, in order, and underlined;
# the contents of api.rst are its chapters.
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

ABI=$TOP/kernel-abi
LAUNCHER=$ABI/include/uapi/linux/armkvm.h
GUEST=$ABI/include/uapi/asm/armkvm_para.h
API=$ABI/doc/api.rst
CALLS=$ABI/doc/hypercalls.rst
FIELDS=(Capability Number Type Caller Parameters Returns Errors Release)
CALL_FIELDS=(Feature Number In Out Errors Hostile Release)

# ioctls: "NAME NUMBER-LINE" as api.rst must have it.
ioctls() {
	sed -z 's/\\\n/ /g' "$LAUNCHER" | sed -nE \
		-e 's/^#define (ARMKVM_\w+)\s+_IO\(ARMKVMIO, (0x[0-9a-f]+)\).*/\1 \2, no structure/p' \
		-e 's/^#define (ARMKVM_\w+)\s+_IOR\(ARMKVMIO, (0x[0-9a-f]+), (struct \w+)\).*/\1 \2, read, \3/p' \
		-e 's/^#define (ARMKVM_\w+)\s+_IOW\(ARMKVMIO, (0x[0-9a-f]+), (struct \w+)\).*/\1 \2, write, \3/p' \
		-e 's/^#define (ARMKVM_\w+)\s+_IOWR\(ARMKVMIO, (0x[0-9a-f]+), (struct \w+)\).*/\1 \2, read and write, \3/p'
}

# section FILE NAME: the text under the heading "N.N NAME".
section() {
	awk -v want="$2" '
		$0 ~ /^[0-9]+\.[0-9]+ / { on = ($2 == want) }
		$0 ~ /^[0-9]+\. / { on = 0 }
		on' "$1"
}

# fields_of: the names of the field list in a section, in order.
fields_of() { sed -nE 's/^:([A-Z][a-z]+):.*/\1/p' | tr '\n' ' '; }

# check_section FILE NAME NUMBER FIELD...
check_section() {
	local file=$1 name=$2 number=$3 text fields
	shift 3
	text=$(section "$file" "$name")
	fields=$(fields_of <<<"$text")
	if [[ -z $text ]]; then
		fail "$name documented" "no section in ${file##*/}"
	elif [[ $fields != "$* " ]]; then
		fail "$name documented" "fields are not '$*' but '$fields'"
	elif ! grep -qxF ":Number: $number" <<<"$text"; then
		fail "$name documented" ":Number: is not '$number'"
	else
		pass "$name documented"
	fi
}

check_ioctls() {
	local name number count=0
	while read -r name number; do
		count=$((count + 1))
		check_section "$API" "$name" "$number" "${FIELDS[@]}"
	done < <(ioctls)
	if ((count < 28)); then fail "ioctls found" "only $count in armkvm.h: the search is broken"; fi
}

# calls: "NAME NUMBER" of each guest call.
calls() {
	sed -nE 's/^#define (ARMKVM_HC_\w+)\s+ARMKVM_HC\((0x[0-9a-f]+)\).*/\1 \2/p' "$GUEST" |
		while read -r name number; do printf '%s 0x%08X\n' "$name" $((0x86000000 + number)); done
}

check_calls() {
	local name number count=0
	while read -r name number; do
		count=$((count + 1))
		check_section "$CALLS" "$name" "$number" "${CALL_FIELDS[@]}"
	done < <(calls)
	if ((count < 15)); then fail "calls found" "only $count in armkvm_para.h: the search is broken"; fi
}

# check_words WHAT FILE PATTERN HEADER: every macro of the pattern is in FILE.
check_words() {
	local word
	: >"$SCRATCH/missing"
	while read -r word; do
		grep -qE "(^|[^A-Z0-9_])$word([^A-Z0-9_]|\$)" "$2" || printf '%s\n' "$word" >>"$SCRATCH/missing"
	done < <(sed -nE "s/^#define[[:space:]]+($3)[[:space:](].*/\\1/p" "$4")
	expect_empty "$1 named in ${2##*/}" "missing" "$SCRATCH/missing"
}

# A name in the pages that no header has is a slip or a promise that nobody keeps.
check_unknown() {
	local page word
	: >"$SCRATCH/unknown"
	for page in "$ABI"/doc/*.rst; do
		{ grep -oE 'ARMKVM_[A-Z0-9_]*[A-Z0-9]([^*A-Z0-9_]|$)' "$page" || true; } |
			{ grep -oE 'ARMKVM_[A-Z0-9_]+' || true; } | sort -u |
			while read -r word; do
				grep -qE "\\b$word\\b" "$LAUNCHER" "$GUEST" || printf '%s: %s\n' "${page##*/}" "$word"
			done >>"$SCRATCH/unknown"
	done
	expect_empty "the pages name only what the headers have" "not in a header" "$SCRATCH/unknown"
}

# disorder FILE: what is wrong with its chapters, sections and contents, one a line.
disorder() {
	awk '
		function underlined(with) { return $0 ~ "^[" with "]+$" && length($0) >= length(head) }
		/^Contents$/ { contents = 1; next }
		head != "" {
			if (underlined(mark)) {
				contents = 0
				if (mark == "=") {
					if (number != chapter + 1) print "chapter " number " follows " chapter
					chapter = number; section = 0; names[chapter] = head
				} else if (part != chapter || number != section + 1)
					print "section " head " follows " chapter "." section
				else section = number
			} else if (contents && mark == "=") listed[++lines] = head
			else print "not underlined: " head
			head = ""
		}
		/^[0-9]+\.[0-9]+ / { head = $0; mark = "-"; split($1, n, "."); part = n[1]; number = n[2]; next }
		/^[0-9]+\. / { head = $0; mark = "="; number = $1 + 0; next }
		contents && NF && !/^=/ { print "in the contents: " $0 }
		END {
			if (!chapter) print "no chapters"
			for (i = 1; lines && (i <= chapter || i <= lines); i++)
				if (listed[i] != names[i]) print "contents: " listed[i] ", chapter: " names[i]
		}' "$1"
}

check_order() {
	local page
	for page in api hypercalls registers; do
		disorder "$ABI/doc/$page.rst" >"$SCRATCH/order"
		expect_empty "chapters and sections of $page.rst in order" "out of order" "$SCRATCH/order"
	done
	# a section in the wrong chapter, one in the contents, one that is not in the contents
	sed '/^4\.12 /,/^5\. /{/^5\. /!{H;d}};/^6\.1 /{x;G}' "$API" >"$SCRATCH/1"
	sed '/^3\. System ioctls$/a 3.6 ARMKVM_X\n------------' "$API" >"$SCRATCH/2"
	sed '0,/^8\. Statistics$/{/^8\. Statistics$/d}' "$API" >"$SCRATCH/3"
	for page in 1 2 3; do
		if [[ -n $(disorder "$SCRATCH/$page") ]]; then
			pass "would find disorder $page"
		else
			fail "would find disorder $page" "it found nothing"
		fi
	done
}

check_ioctls
check_calls
check_order
check_words capabilities "$API" 'ARMKVM_CAP_\w+' "$LAUNCHER"
check_words exits "$API" 'ARMKVM_EXIT_\w+' "$LAUNCHER"
check_words errors "$API" 'ARMKVM_ERROR_[A-RT-Z]\w+' "$LAUNCHER"
check_words features "$CALLS" 'ARMKVM_PV_\w+' "$GUEST"
check_unknown
cases_end
