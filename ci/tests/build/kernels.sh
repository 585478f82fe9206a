#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The module for each kernel that it knows, from Debian 11's 5.10 to the newest that Debian has,
# and each flavour: it builds without a warning (they are errors, scripts/kmod.sh), with the
# compiler that built the kernel, and takes only exported symbols, all of them listed. Kernels
# that can't be served end the build in one sentence.
# test-cost: 200
# test-timeout: 3600
set -euo pipefail
# shellcheck source=ci/lib/symbols.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/symbols.sh"

# compiler_of KO: the version that its objects name; strip left them this section.
compiler_of() { readelf -p .comment "$1" | sed -nE 's/.*GCC: \([^)]*\) ([0-9]+)\..*/\1/p' | sort -u | tr '\n' ' '; }

# built ARCH KERNEL
built() {
	local arch=$1 kver ko wanted status=0
	kver=$("$TOP/scripts/kernels.sh" kver "$arch" "$2") || {
		fail "kernel $2 of $arch" "cannot be had"
		return
	}
	ko=$("$TOP/scripts/kmod.sh" build "$arch" "$2" 2>"$SCRATCH/build.err") || status=$?
	if ((status)); then
		sed 's/^/    | /' "$SCRATCH/build.err"
		fail "$kver: the module builds" "status $status: $(grep -m 1 -E 'error:|warning:' "$SCRATCH/build.err" || tail -n 1 "$SCRATCH/build.err")"
		return
	fi
	pass "$kver: the module builds"
	wanted=$(sed -nE 's/^CONFIG_GCC_VERSION=([0-9]+)[0-9]{4}$/\1/p' "$BUILD/kernels/$arch/$kver/usr/src/linux-headers-$kver/include/config/auto.conf")
	if [[ $(compiler_of "$ko") == "$wanted " ]]; then
		pass "$kver: its compiler is the kernel's, gcc $wanted"
	else
		fail "$kver: its compiler" "gcc $(compiler_of "$ko")instead of $wanted"
	fi
	symbols_check "$arch" "$kver"
}

# says NAME LINE WORD...: make with these words ends and says LINE in one line, and nothing else.
says() {
	local name=$1 line=$2 status=0
	shift 2
	make -f "$TOP/kmod/Kbuild" "src=$TOP/kmod" "obj=$SCRATCH" CONFIG_MODULES=y "$@" nothing >"$SCRATCH/said" 2>&1 || status=$?
	sed 's/^/    | /' "$SCRATCH/said"
	if ((status)) && [[ $(grep -c . "$SCRATCH/said") == 1 ]] && grep -q "armkvm: .*$line" "$SCRATCH/said"; then
		pass "$name"
	else
		fail "$name" "status $status: $(head -n 1 "$SCRATCH/said")"
	fi
}

says "a kernel that is too old is refused in a sentence" 'Linux 5.9, is too old' VERSION=5 PATCHLEVEL=9
says "one without MMU notifiers is refused in a sentence" 'without CONFIG_MMU_NOTIFIER' VERSION=6 PATCHLEVEL=1
says "one without NEON in the kernel is refused in a sentence" 'without CONFIG_KERNEL_MODE_NEON' \
	VERSION=6 PATCHLEVEL=1 CONFIG_MMU_NOTIFIER=y CONFIG_ARM=y
# As "make clean" reads it: without a configuration. -p ends with a status of its own; that it came to the end of the
# file is what its list of variables says.
make -f "$TOP/kmod/Kbuild" "src=$TOP/kmod" "obj=$SCRATCH" VERSION=6 PATCHLEVEL=1 armkvm-y= -pn >"$SCRATCH/said" 2>&1 || true
if ! grep -q '^engine-y ' "$SCRATCH/said"; then
	fail "make clean asks for no configuration" "the file was not read: $(head -n 1 "$SCRATCH/said")"
elif grep -q 'armkvm: this kernel' "$SCRATCH/said"; then
	fail "make clean asks for no configuration" "$(grep -m 1 'armkvm: this kernel' "$SCRATCH/said")"
else
	pass "make clean asks for no configuration"
fi
# -p ends with a status of its own; what is said is judged
make -f "$TOP/kmod/Kbuild" "src=$TOP/kmod" "obj=$SCRATCH" CONFIG_MODULES=y VERSION=99 PATCHLEVEL=0 CONFIG_MMU_NOTIFIER=y armkvm-y= -pn 2>/dev/null >"$SCRATCH/said" || true
expect "a kernel that is too new is named in a sentence" grep -q '^armkvm: .*Linux 99.0, is newer than' "$SCRATCH/said"
symbols_begin
for kernel in "${RELEASE_KERNELS[@]}" "${OTHER_KERNELS[@]}"; do
	read -r arch series <<<"$kernel"
	built "$arch" "$series"
done
symbols_unused
cases_end
