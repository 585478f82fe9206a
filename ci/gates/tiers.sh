#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# kmod/doc/shadow-mode.rst, "Which instruction is answered where", is what the code does: each kind of
# instruction and each name of the fast path has its row, the light exit takes the kinds that the table says,
# and each host's fast path the names.
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

# -- the page

# cells PAGE COLUMN: "NAME WORD" of each row: the first word in a column, which begins there.
cells() {
	awk -v from="$2" '
		/^Which instruction is answered where$/ { on = 1 } /^What changes a translation$/ { on = 0 }
		on && /^(INSN|PATCH|A32)_[A-Z0-9_]+ / { split(substr($0, from), w, /[ ;:,]/); print $1, w[1] }' "$1" | sort
}
kinds() { cells "$1" "$2" | grep '^INSN_'; }
names() { cells "$1" "$2" | grep -v '^INSN_'; }
LIGHT=73 ARMV7=63 ARM64=96

# -- the code

# all_kinds KMOD: enum insn_kind; all_names: what the fast path may meet.
all_kinds() { sed -n '/^enum insn_kind/,/^};/s/^\t\(INSN_[A-Z0-9_]*\),.*/\1/p' "$1/core/arm/decode.h" | grep -v _NR$ | sort; }
members() { sed -n "/^enum $2 /,/^};/s/^\t\(PATCH_[A-Z0-9_]*\),.*/\1/p" "$1/core/arm/patch.h" | grep -v _NR$; }
singles() { sed -nE 's/^#define (PATCH_IX_\w+)\t.*/\1/p' "$1/core/arm/patch.h" | grep -vE '_(FIRST|CP|BLOCK)$'; }
words() { sed -nE 's/^#define (A32_\w+)\t.*0x[0-9a-f]{8}.*/\1/p' "$1/core/arm/insn-words.h" | grep -v _CP_READ; }
all_names() {
	{
		singles "$1"
		members "$1" patch_cp
		members "$1" patch_block
		words "$1"
	} | sort
}

# light_kinds KMOD: "KIND yes|no": the cases of light_undef(); HVC and FP_SYS are looked at before or in part.
light_kinds() {
	local kind
	sed -n '/^static enum engine_light light_undef/,/^}/s/^\tcase \(INSN_[A-Z0-9_]*\):/\1/p' "$1/core/engine/light.c" >"$SCRATCH/cases"
	all_kinds "$1" | while IFS= read -r kind; do
		case $kind in
		INSN_SVC) echo "$kind yes" ;; # an exception of its own
		INSN_HVC) echo "$kind some" ;;
		INSN_FP_SYS) if grep -qx "$kind" "$SCRATCH/cases"; then echo "$kind some"; else echo "$kind no"; fi ;;
		*) if grep -qx "$kind" "$SCRATCH/cases"; then echo "$kind yes"; else echo "$kind no"; fi ;;
		esac
	done
}

# jumps KMOD: the table of ARMv7's fast path, by bits 11:4 of an index (0xa...): a label a line.
jumps() {
	awk '/^und_decode:/ { on = 1 } on && /^\tentries\t/ {
		sub(/^\tentries\t/, ""); split($0, part, ","); split(part[2], word)
		n = split(part[1], factor, " [*] ") == 2 ? factor[1] * factor[2] : part[1]
		while (n--) print word[1] }' "$1/host/arm/fastpath.S"
}
# jumps_of KMOD FIRST COUNT: so many of them.
jumps_of() { jumps "$1" | tail -n +"$(($2 + 1))" | head -n "$3"; }

# armv7_names KMOD: "NAME fast|no" of the assembly: the places in its tables, the classes, the words.
armv7_names() {
	local arm=$1/host/arm name label
	paste -d ' ' <(members "$1" patch_cp) <(jumps_of "$1" 0x40 "$(members "$1" patch_cp | wc -l)")
	paste -d ' ' <(members "$1" patch_block) <(jumps_of "$1" 0x50 "$(members "$1" patch_block | wc -l)")
	singles "$1" | while IFS= read -r name; do
		case $name in
		PATCH_IX_WFI | PATCH_IX_ERET) label=none ;; # fast_single takes three of its class
		PATCH_IX_MOVS_* | PATCH_IX_SUBS_*) label=fast_single ;;
		PATCH_IX_MRS_* | PATCH_IX_MSR_*) label=${name,,} label=fast_${label#patch_ix_} ;;
		*) label=fast_cpsid ;;
		esac
		jumps "$1" | grep -qx "$label" || label=und_slow
		echo "$name $label"
	done
	words "$1" | while IFS= read -r name; do
		if grep -qhw -- "$name" "$arm"/fastpath*.S; then echo "$name fast"; else echo "$name und_slow"; fi
	done
}

# arm64_names KMOD: "NAME fast|C|no": named in the assembly, but where it branches away, or of a class that has a
# label there; else in C.
arm64_names() {
	local arm=$1/host/arm64 name label
	awk '/\tcmp\t.*PATCH_/ { held = $0; next } held != "" { if (!/^\tb\.eq\tslow/) print held; held = "" } { print }' \
		"$arm"/fastpath*.S >"$SCRATCH/fastpath.S"
	all_names "$1" | while IFS= read -r name; do
		label=$name
		case $name in
		PATCH_IX_MRS_*) label=mrs ;;
		PATCH_IX_MSR_* | PATCH_IX_CPS) label=${name,,} label=${label#patch_ix_} ;;
		esac
		if [[ $label != "$name" ]] && grep -qE "^\s+t?b.*[[:space:]]$label([[:space:]]|\$)" "$SCRATCH/fastpath.S"; then
			echo "$name fast"
		elif grep -qw -- "$name" "$SCRATCH/fastpath.S"; then
			echo "$name fast"
		elif grep -qw -- "$name" "$arm/fastpath-c.c"; then
			echo "$name C"
		else
			echo "$name no"
		fi
	done
}
plain() { sed -E 's/ und_slow$/ no/; s/ fast_\w+$/ fast/' | sort; }

# differences PAGE: where page and code part, one a line. (diff ends with 1 where there are any: no failure.)
differences() {
	diff <(kinds "$1" 1 | cut -d ' ' -f 1) <(all_kinds "$KMOD") | sed -n 's/^< /no such kind: /p; s/^> /no row for /p' || (($? == 1))
	diff <(names "$1" 1 | cut -d ' ' -f 1) <(all_names "$KMOD") | sed -n 's/^< /no such name: /p; s/^> /no row for /p' || (($? == 1))
	diff <(kinds "$1" "$LIGHT") <(light_kinds "$KMOD") | sed -n 's/^< /the page, light: /p; s/^> /light.c: /p' || (($? == 1))
	diff <(names "$1" "$ARMV7") <(armv7_names "$KMOD" | plain) | sed -n 's/^< /the page, ARMv7: /p; s/^> /ARMv7: /p' || (($? == 1))
	diff <(names "$1" "$ARM64") <(arm64_names "$KMOD" | plain) | sed -n 's/^< /the page, arm64: /p; s/^> /arm64: /p' || (($? == 1))
}

KMOD=$TOP/kmod
PAGE=$KMOD/doc/shadow-mode.rst
differences "$PAGE" >"$SCRATCH/found"
expect_empty "the tables of instructions are the code's" "differences" "$SCRATCH/found"
for what in kinds:26:kinds names:50:names; do
	IFS=: read -r what least list <<<"$what"
	count=$("$list" "$PAGE" 1 | wc -l)
	if ((count >= least)); then pass "$what were found"; else fail "$what were found" "only $count"; fi
done

# It finds a change of either side.
would_find() { # NAME FILE SED
	rm -rf "$SCRATCH/kmod"
	mkdir "$SCRATCH/kmod"
	cp -R "$TOP"/kmod/{core,host,doc} "$SCRATCH/kmod/"
	sed -i -E "$3" "$SCRATCH/kmod/$2"
	KMOD=$SCRATCH/kmod
	if [[ -n $(differences "$SCRATCH/kmod/doc/shadow-mode.rst") ]]; then
		pass "would find $1"
	else
		fail "would find $1" "it found nothing"
	fi
}
would_find "a kind that light exits take" core/engine/light.c 's/^\tcase INSN_DP_RET:/&\n\tcase INSN_ERET:/'
would_find "a register that ARMv7's fast path gives up" host/arm/fastpath.S 's/^(\tentries\t1, )fast_dacr_write$/\1und_slow/'
would_find "a transfer that ARMv7's fast path takes" host/arm/fastpath.S 's/und_slow(\t\t@ LDMDB and)/fast_stmdb_sp_lr\1/'
would_find "a class that arm64's assembly gives up" host/arm64/fastpath.S '/^\ttbnz\tw19, #15, cps/d'
would_find "a word that arm64's C gives up" host/arm64/fastpath-c.c '/case A32_MCR_BPIMVA/d'
would_find "a new index" core/arm/patch.h 's/^\tPATCH_CP_NR,/\tPATCH_CP_PAR_READ,\n&/'
would_find "a row that says otherwise" doc/shadow-mode.rst 's/^(A32_MRC_CTR .{50})fast/\1no  /'
cases_end
