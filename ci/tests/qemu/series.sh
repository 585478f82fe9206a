#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The overlay and the series on an untouched QEMU ($ARMKVM_QEMU_VERSION): each patch applies without
# fuzz, and what it touches compiles with it as the last one, warnings being
# errors. Only the sources concerned are compiled; the builds do the rest.
# (gates/series has the compiler look at each, without making anything.)
# test-tier: 2
# test-cost: 120
# test-timeout: 1800
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

SRC=$SCRATCH/src
OBJ=$SCRATCH/obj
MESON=$BUILD/tools/meson/usr/lib/python3/dist-packages
OPTIONS=(--python=/usr/bin/python3 --target-list=arm-softmmu --without-default-features
	--enable-system --enable-tcg --enable-fdt=system --disable-docs --disable-tools
	--disable-install-blobs --disable-debug-info --enable-werror)

with_meson() {
	local path=()
	if [[ -d $MESON ]]; then path=(PYTHONPATH="$MESON" PATH="$BUILD/tools/bin:$PATH"); fi
	nice -n 10 env "${path[@]}" "$@"
}

# patches: the series in order, one path a line.
patches() {
	local dir
	for dir in {accel-armkvm/series,hw-arm-patches}/"$ARMKVM_QEMU_VERSION"; do
		sed -e '/^#/d; /^$/d' -e "s|^|$TOP/$dir/|" "$TOP/$dir/series"
	done
}

apply() { patch -d "$SRC" -p1 --fuzz=0 --no-backup-if-mismatch --forward -i "$1"; }

# touched PATCH: its C files; the overlay's too where it makes them part of the
# build; for a patch of headers alone, the file that the accelerators start in. What is
# made with KVM for Arm only is left to the build for arm64 hosts, and stubs are what a build with armkvm leaves out.
touched() {
	local files
	files=$(sed -n 's|^+++ b/\(.*\.c\)$|\1|p' "$1")
	if grep -q '^+++ b/accel/meson.build' "$1"; then
		files+=$'\n'$(cd "$TOP/accel-armkvm/overlay" && find accel/armkvm target -name '*.c')
	fi
	files=$(sed -E '/(^|\/)(kvm[^/]*|stub)\.c$/d' <<<"$files")
	printf '%s\n' "${files:-system/vl.c}" | sed '/^$/d'
}

enable_armkvm() {
	if grep -q "option('armkvm'" "$SRC/meson_options.txt"; then
		with_meson "$OBJ/pyvenv/bin/meson" configure "$OBJ" -Darmkvm=enabled
	fi
}

# A FILE^ is ninja's name for what is made of it.
compile() {
	local file targets=()
	while IFS= read -r file; do targets+=("../src/$file^"); done < <(touched "$1")
	enable_armkvm
	with_meson ninja -C "$OBJ" -j2 "${targets[@]}"
}

step() {
	local name=${1##*/}
	expect "$name applies" apply "$1"
	expect "$name compiles" compile "$1"
}

configure() {
	mkdir -p "$OBJ"
	(cd "$OBJ" && with_meson "$SRC/configure" "${OPTIONS[@]}")
}

if [[ ! -f $QEMU_BUILD/qemu-base/VERSION ]]; then
	fail "untouched QEMU" "${QEMU_BUILD#"$TOP/"}/qemu-base is missing; ./configure-wrapper.sh build --qemu $ARMKVM_QEMU_VERSION --host native"
	cases_end
fi
cp -a "$QEMU_BUILD/qemu-base" "$SRC"
cp -a "$TOP/accel-armkvm/overlay/." "$SRC/"
expect "configure" configure
while IFS= read -r patch; do step "$patch"; done < <(patches)
cases_end
