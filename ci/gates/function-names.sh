#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# ftrace and oopses show the name of a function and nothing else: no two functions of the module have
# the same one, and none is a single word (CONTRIBUTING.md: a file's subject is part of the names in it).
# A module has core/, compat/ and one of the hosts, so those two may share names.
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

# functions FILE...: "NAME FILE" of each function that is defined there, in the kernel's style: its name is in a
# line that begins in the first column, and so does its body. Variants of an #ifdef are one.
functions() {
	awk '
		FNR == 1 { name = "" }
		/^[a-z_].*\(/ {
			line = $0
			gsub(/__[a-z_]+\([^()]*\)/, "", line) # __printf(4, 5)
			name = match(line, /[A-Za-z_0-9]+\(/) ? substr(line, RSTART, RLENGTH - 1) : ""
		}
		/;$/ { name = "" }
		/^\{$/ && name != "" { print name, FILENAME; name = "" }' "$@" | sort -u
}

# findings KMOD: "NAME: why", one a line; how many functions there are goes to $SCRATCH/read.
findings() {
	local host
	local -a files
	: >"$SCRATCH/read"
	for host in arm arm64; do
		# (switch-offsets.c is a program of the build)
		mapfile -t files < <(cd "$1" && find core compat host -name '*.[ch]' ! -name switch-offsets.c |
			grep -E "^(core|compat|host/$host)/|^host/[^/]*\$" | sort)
		(cd "$1" && functions "${files[@]}") >"$SCRATCH/functions"
		wc -l <"$SCRATCH/functions" >>"$SCRATCH/read"
		awk '{ files[$1] = files[$1] " " $2; n[$1]++ }
			END { for (name in n) if (n[name] > 1) print name ": in" files[name] }
			$1 !~ /[^_]_[^_]/ { print $1 ": one word, in " $2 }' "$SCRATCH/functions"
	done | sort -u
}

findings "$TOP/kmod" >"$SCRATCH/found"
expect_empty "each function of the module has a name that says which one it is" "a name that doesn't" "$SCRATCH/found"
if (($(sort -n "$SCRATCH/read" | head -n 1) >= 1000)); then
	pass "the module's functions were read"
else
	fail "the module's functions were read" "only $(sort -n "$SCRATCH/read" | head -n 1)"
fi

# The gate finds what it is for.
mkdir "$SCRATCH/kmod"
cp -R "$TOP"/kmod/{core,host,compat} "$SCRATCH/kmod/"
# would_find NAME FILE TEXT: by TEXT at the end of FILE a finding about NAME comes.
would_find() {
	local file=$SCRATCH/kmod/$2
	cp "$file" "$SCRATCH/kept"
	printf '\n%s\n' "$3" >>"$file"
	findings "$SCRATCH/kmod" >"$SCRATCH/found"
	cp "$SCRATCH/kept" "$file"
	if grep -q "^$1: .*$2" "$SCRATCH/found"; then
		pass "would find $1 in $2"
	else
		fail "would find $1 in $2" "it says: $(head -n 1 "$SCRATCH/found")"
	fi
}
would_find refresh core/mmu/fill.c $'static void refresh(struct armkvm_mmu *mmu)\n{\n}'
would_find settle host/arm64/asid.c $'static __always_inline\nint settle(struct armkvm_mmu *mmu,\n\t   int n)\n{\n}'
would_find vgic_create core/mmu/fill.c $'static int vgic_create(void)\n{\n\treturn 0;\n}'
would_find mmu_fill host/arm/host_spte.h $'static inline int mmu_fill(void)\n{\n\treturn 0;\n}'
cases_end
