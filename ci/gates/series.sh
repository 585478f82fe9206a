#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The series on QEMU ($ARMKVM_QEMU_VERSION) applies patch by patch with no fuzz, each patch
# leaves a tree whose touched sources compile, the last one the tree that is built,
# and every patch that lies there is in the series of some QEMU.
#
# Compiled is what a patch touches: its .c files, and a dozen of the files that
# include a header of its; with the compiler's arguments and the generated
# headers of the finished native build, without output (-fsyntax-only).
# Nothing of that build is written to: the trees are copies, the generated
# files hard links.
# test-cost: 60
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

# The copies lie beside each other as the originals do: the compiler's
# arguments are relative.
WORK=$QEMU_BUILD/series-check
SRC=$WORK/qemu-src
OBJ=$WORK/qemu-native
INCLUDERS=12

cleanup() { rm -rf -- "$SCRATCH" "$WORK"; }

# patches SERIES...: what those lists name, in order, without the way there by `..`.
patches() {
	local series
	for series in "$@"; do
		sed -e 's/#.*//; s/[[:space:]]*$//; /^$/d' -e "s|^|$(dirname "$series")/|" -e 's|/[^/]*/\.\./|/|' "$series"
	done
}

check_listed() {
	local file
	patches "$TOP"/{accel-armkvm/series,hw-arm-patches}/*/series | sort -u >"$SCRATCH/listed"
	for file in "$TOP"/{accel-armkvm/series,hw-arm-patches}/{,*/}*.patch; do
		grep -qxF "$file" "$SCRATCH/listed" || printf '%s\n' "${file#"$TOP"/}"
	done >"$SCRATCH/unlisted"
	expect_empty "every patch is in a series" "in no series file" "$SCRATCH/unlisted"
	while read -r file; do [[ -f $file ]] || printf '%s\n' "${file#"$TOP"/}"; done \
		<"$SCRATCH/listed" >"$SCRATCH/absent"
	expect_empty "every listed patch is there" "not there" "$SCRATCH/absent"
}

# touched PATCH: the files that it changes or adds.
touched() { sed -nE 's|^\+\+\+ b/([^[:space:]]+).*|\1|p' "$1"; }

# sources PATCH: the .c files to compile for it, relative to the source tree.
sources() {
	local file
	for file in $(touched "$1"); do
		case $file in
		*.c) printf '%s\n' "$file" ;;
		*.h)
			(cd "$SRC" && grep -rlE --include='*.c' \
				"#include \"(.*/)?${file#include/}\"|#include \"${file##*/}\"" \
				accel hw/arm hw/core hw/intc system target/arm) | head -n "$INCLUDERS" || true
			;;
		esac
	done | sort -u
}

# commands FILE: the native build's compiler calls for it, for the copies, without output.
commands() {
	python3 - "$QEMU_BUILD/qemu-native/compile_commands.json" "$1" "$QEMU_BUILD" "$WORK" <<-'PY'
		import json, os, re, sys
		database, wanted, build, work = sys.argv[1:]
		for entry in json.load(open(database, encoding="utf-8")):
		    if not entry["file"].endswith("qemu-src/" + wanted):
		        continue
		    # (the list has what another set of libraries would have built)
		    if not os.path.exists(os.path.join(entry["directory"], entry["output"])):
		        continue
		    command = entry["command"].replace(build, work)
		    command = re.sub(r" -(o|MQ|MF) \S+| -MD\b", "", command)
		    print(command.replace(" -c ", " -fsyntax-only "))
	PY
}

# compile FILE: a file that this build doesn't have compiles.
compile() {
	commands "$1" >"$SCRATCH/commands"
	while IFS= read -r command; do
		printf '%s\n' "$command" >"$SCRATCH/command"
		(cd "$OBJ" && bash "$SCRATCH/command" </dev/null) || return 1
	done <"$SCRATCH/commands"
}

check_compiles() {
	local name=$1 file count=0 failed=0
	for file in $(sources "$2"); do
		count=$((count + 1))
		if ! compile "$file" >"$SCRATCH/cc" 2>&1; then
			sed 's/^/    | /' "$SCRATCH/cc"
			failed=1
			fail "$name compiles" "$file: $(grep -m 1 error "$SCRATCH/cc" || tail -n 1 "$SCRATCH/cc")"
			break
		fi
	done
	if ((!failed)); then pass "$name compiles ($count files)"; fi
}

check_patch() {
	local patch=$1 name=${1#"$TOP"/}
	if ! patch -d "$SRC" -p1 --fuzz=0 --no-backup-if-mismatch --forward -i "$patch" >"$SCRATCH/patch" 2>&1; then
		sed 's/^/    | /' "$SCRATCH/patch"
		fail "$name applies" "$(grep -m 1 -E 'FAILED|No file|fuzz' "$SCRATCH/patch" || tail -n 1 "$SCRATCH/patch")"
		return 1
	fi
	if grep -q fuzz "$SCRATCH/patch"; then
		fail "$name applies" "with fuzz"
		return 1
	fi
	pass "$name applies"
	check_compiles "$name" "$patch"
}

prepare() {
	if [[ ! -d $QEMU_BUILD/qemu-base || ! -f $QEMU_BUILD/qemu-native/compile_commands.json ]]; then
		fail series "qemu-base or qemu-native is missing in ${QEMU_BUILD#"$TOP/"}; ./configure-wrapper.sh build --qemu $ARMKVM_QEMU_VERSION"
		return 1
	fi
	rm -rf "$WORK"
	mkdir -p "$WORK"
	cp -al "$QEMU_BUILD/qemu-native" "$OBJ"
	cp -a "$QEMU_BUILD/qemu-base" "$SRC"
	cp -a "$TOP/accel-armkvm/overlay/." "$SRC/"
}

check_listed
if prepare; then
	trap cleanup EXIT
	while read -r patch; do check_patch "$patch" || break; done < <(patches "$TOP"/{accel-armkvm/series,hw-arm-patches}/"$ARMKVM_QEMU_VERSION"/series)
	# 1 is a difference, which is in the file; more is trouble, such as a tree that isn't there.
	diff -rq --no-dereference -x __pycache__ "$SRC" "$QEMU_BUILD/qemu-src" >"$SCRATCH/diff" 2>&1 || (($? == 1)) ||
		echo "diff could not compare the trees" >>"$SCRATCH/diff"
	expect_empty "the series gives the tree that is built" "differs" "$SCRATCH/diff"
fi
cases_end
