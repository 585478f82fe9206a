#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The layers of the module: which folder of kmod/ may include files of which. Each layer may
# include itself and some of those that stand above it in the table, so no include leads in a circle,
# and what is pure, or below what uses it, can be built, read and tested alone (kmod/tests/).
# Two limits besides: source files of a folder, lines of a file.
# test-cost: 5
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

# Layer, and the layers that it may include.
LAYERS=(
	"compat"
	"arm"                                    # core/arm/: the architecture, pure
	"irq     compat"                         # core/irq/: GIC and timer, pure
	"spte    arm"                            # <host_spte.h> of each host
	"host"                                   # host/: what is asked at load
	"core    compat arm irq host"            # core/: the VM as user space's object
	"mmu     compat arm spte host core"      # core/mmu/
	"world   arm spte mmu"                   # host/world.h, <host_world.h> of each host
	"engine  compat arm irq spte host core mmu world"        # core/engine/: what it asks of pv/ is in its pv.h, of priv/ in priv.h
	"pv      compat arm irq spte host core mmu world engine" # core/engine/pv/
	"priv    compat arm irq spte host core mmu world engine" # core/engine/priv/
	"hosts   compat arm spte host core mmu world engine"     # host/arm/, host/arm64/
)

# A folder has at most so many .c and .S files, and a file so many lines, but for tables.
MAX_FILES=20
MAX_LINES=700
# cp15.c is a table. patch.c is one, too, with the inverse of each of its lines.
LONG=(core/cp15.c core/arm/patch.c)

# layer_of FILE: FILE is a path in kmod/.
layer_of() {
	case $1 in
	host/*/host_spte.h) echo spte ;;
	host/world.h | host/*/host_world.h | host/*/switch.h) echo world ;;
	host/*/*) echo hosts ;;
	core/engine/pv/*) echo pv ;;
	core/engine/priv/*) echo priv ;;
	core/arm/*/* | core/irq/*/* | core/mmu/*/* | core/engine/*/*) echo "unknown folder ${1%/*}" ;;
	core/arm/* | core/irq/* | core/mmu/* | core/engine/*) cut -d / -f 2 <<<"$1" ;;
	core/*/*) echo "unknown folder ${1%/*}" ;;
	core/* | host/* | compat/*) echo "${1%%/*}" ;;
	*) echo "unknown folder ${1%/*}" ;;
	esac
}

# includes KMOD: "FILE INCLUDED" for each include of ours.
includes() {
	(
		cd "$1"
		find core host compat -name '*.[chS]' -exec sed -nE \
			's/^[[:space:]]*#[[:space:]]*include[[:space:]]+("([^"]+)"|<(host_[^>]+)>).*/\2\3/;T;F;p' {} + |
			paste - - |
			while read -r file name; do
				case $name in
				host_*) echo "$file host/arm/$name" ;;
				*-offsets.h) ;; # made by the build
				*) echo "$file $(realpath -m -s --relative-to=. -- "${file%/*}/$name")" ;;
				esac
			done
	)
}

# wrong KMOD: each include that the table doesn't allow; how many there are goes to $SCRATCH/read.
wrong() {
	local file name from to line count=0
	local -A may=()
	for line in "${LAYERS[@]}"; do
		read -r from line <<<"$line"
		may[$from]=" $from $line "
	done
	while read -r file name; do
		count=$((count + 1))
		from=$(layer_of "$file") to=$(layer_of "$name")
		if [[ ${may[$from]:-} != *" $to "* ]]; then echo "$file -> $name ($from includes $to)"; fi
	done < <(includes "$1")
	echo "$count" >"$SCRATCH/read"
}

# The table has no circle: a layer includes what stands above it.
above=' '
: >"$SCRATCH/circle"
for line in "${LAYERS[@]}"; do
	read -ra layer <<<"$line"
	for name in "${layer[@]:1}"; do
		if [[ $above != *" $name "* ]]; then echo "${layer[0]} includes $name" >>"$SCRATCH/circle"; fi
	done
	above+="${layer[0]} "
done
expect_empty "each layer includes those above it" "not above" "$SCRATCH/circle"

wrong "$TOP/kmod" >"$SCRATCH/wrong"
expect_empty "files include what their layer may" "against the table" "$SCRATCH/wrong"
if (($(<"$SCRATCH/read") >= 400)); then
	pass "the module's includes were read"
else
	fail "the module's includes were read" "only $(<"$SCRATCH/read")"
fi

# The gate finds what it is for.
mkdir -p "$SCRATCH/kmod"
cp -R "$TOP"/kmod/{core,host,compat} "$SCRATCH/kmod/"
finds() { # FILE INCLUDED
	local name
	name=$(realpath -m -s --relative-to="$SCRATCH/kmod/${1%/*}" -- "$SCRATCH/kmod/$2")
	case $2 in
	host/arm/host_*) sed -i "1a #include <${2##*/}>" "$SCRATCH/kmod/$1" ;;
	*) sed -i "1a #include \"$name\"" "$SCRATCH/kmod/$1" ;;
	esac
}
SEEDS=(
	"core/arm/cpu.h core/vcpu.h" "core/irq/vgic.h core/vm.h" "core/memslot.h core/mmu/mmu.h" "core/vm.c core/engine/engine.h"
	"core/mmu/fill.c core/engine/engine.h" "core/mmu/leaf.c core/engine/para.h" "core/mmu/mmu.h host/arm/host_world.h"
	"core/engine/engine.h core/engine/pv/hypercall.h" "core/engine/run.c core/engine/pv/hypercall.h" "host/arm/world.c core/engine/pv/hypercall.h"
	"core/vcpu.c host/world.h" "core/cp15.c host/arm/host_spte.h" "core/engine/run.c host/arm64/asid.h"
	"host/arm64/host_spte.h core/mmu/mmu.h" "host/host.h core/vm.h" "host/arm/switch.h core/engine/engine.h"
)
for seed in "${SEEDS[@]}"; do
	# shellcheck disable=SC2086 # two words
	finds $seed
done
wrong "$SCRATCH/kmod" >"$SCRATCH/wrong"
for seed in "${SEEDS[@]}"; do
	if grep -qF -- "${seed% *} -> ${seed#* } (" "$SCRATCH/wrong"; then
		pass "would find ${seed% *} -> ${seed#* }"
	else
		fail "would find ${seed% *} -> ${seed#* }" "it says: $(head -n 1 "$SCRATCH/wrong")"
	fi
done

# What a host has or hasn't is asked in one place of core/ for each of the HOST_HAS_* in its
# <host_spte.h>, a function whose name says what follows from it.
asks() { # KMOD
	(
		cd "$1"
		grep -rnoE '\bHOST_HAS_\w+' core | sed -E 's/:([0-9]+):/ \1 /' |
			awk 'seen[$3]++ {
				print $1 ":" $2 ": " $3 }'
	)
}
asks "$TOP/kmod" >"$SCRATCH/asks"
expect_empty "core/ asks what its host has in one place each" "asked again" "$SCRATCH/asks"
echo 'int again = HOST_HAS_SWITCH_AREA;' >>"$SCRATCH/kmod/core/mmu/tlbi.c"
asks "$SCRATCH/kmod" >"$SCRATCH/asks"
if [[ $(wc -l <"$SCRATCH/asks") == 1 ]]; then
	pass "would find that it asks again"
else
	fail "would find that it asks again" "it says: $(head -n 1 "$SCRATCH/asks")"
fi

# large KMOD: folders and files over the limits.
large() {
	(
		cd "$1"
		find core host compat -name '*.[cS]' -printf '%h\n' | sort | uniq -c |
			awk -v max="$MAX_FILES" '$1 > max { print $2 " has " $1 " source files" }'
		find core host compat -name '*.[chS]' -exec wc -l {} + |
			awk -v max="$MAX_LINES" -v tables=" ${LONG[*]} " \
				'$2 != "total" && $1 > max && !index(tables, " " $2 " ") { print $2 " has " $1 " lines" }'
	)
}
large "$TOP/kmod" >"$SCRATCH/large"
expect_empty "no folder has more than $MAX_FILES source files, no file more than $MAX_LINES lines" "too large" "$SCRATCH/large"
for n in {1..21}; do : >"$SCRATCH/kmod/core/irq/n$n.c"; done
seq "$MAX_LINES" >>"$SCRATCH/kmod/core/mmu/fill.c"
large "$SCRATCH/kmod" >"$SCRATCH/large"
if [[ $(wc -l <"$SCRATCH/large") == 2 ]]; then
	pass "would find a folder and a file that are too large"
else
	fail "would find a folder and a file that are too large" "it says: $(head -n 1 "$SCRATCH/large")"
fi
cases_end
