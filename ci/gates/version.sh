#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# One version everywhere: the module, QEMU's --version and its list of accelerators say
# what kmod/dkms.conf says, and a tag of this commit, if there is one. Modules that are older than their source
# are built first, which takes two to three minutes more.
# test-cost: 5
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"
# shellcheck source=scripts/lib/version.sh
source "$TOP/scripts/lib/version.sh"
trap 'rm -rf -- "$SCRATCH"' EXIT
trap - ERR

# same NAME SAID: what NAME says is the release.
same() {
	if [[ $2 == "$VERSION" ]]; then pass "$1"; else fail "$1" "it says '$2', kmod/dkms.conf $VERSION"; fi
}

# release_of PROGRAM: what stands in the text of a QEMU that this machine may not be
# able to run.
release_of() {
	grep -aoE 'QEMU emulator version [0-9.]+ \([^)]*\)' "$1" | sed -n '1s/.*(armkvm \(.*\))$/\1/p'
}

VERSION=$(armkvm_version)
for arch in armhf arm64; do
	ko=$("$TOP/scripts/kmod.sh" build "$arch" 6.1 2>"$SCRATCH/log") || ko=
	if [[ -z $ko ]]; then
		fail "modinfo ($arch)" "$(tail -n 1 "$SCRATCH/log")"
		continue
	fi
	same "modinfo ($arch)" "$(modinfo -F version "$ko")"
	same "qemu-system-arm ($arch)" "$(release_of "$BUILD/qemu-$arch/qemu-system-arm")"
done
qemu=$BUILD/qemu-native/qemu-system-arm
same 'qemu-system-arm --version' "$("$qemu" --version | sed -n '1s/.*(armkvm \(.*\))$/\1/p')"
same 'qemu-system-arm -accel help' "$("$qemu" -accel help | sed -n '1s/.*(armkvm \(.*\)):$/\1/p')"
if "$qemu" -accel help | sed 1d | grep -qx armkvm; then
	pass '-accel help lists bare names'
else
	fail '-accel help lists bare names' "no line is 'armkvm'"
fi
tag=$(git -C "$TOP" -c safe.directory='*' tag --points-at HEAD --list 'v*' 2>/dev/null) || tag=
tag=${tag#v}
if [[ -n $tag ]]; then same 'git tag' "${tag%-rc[0-9]*}"; fi
cases_end
