#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The build under ill treatment: no network, damaged downloads, a suite that
# can't be read, kill -9 in the middle. Works on a copy of the scripts with a
# cache of its own; the files of the real cache are shared with it as hard links.
# test-cost: 90
# test-timeout: 900
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

REAL_CACHE=${ARMKVM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/armkvm}
COPY=$SCRATCH/copy
export ARMKVM_CACHE=$SCRATCH/cache
OUT=$SCRATCH/out

# A lock that the test runner's parents hold is not a lock on the copy.
unset ARMKVM_LOCKED

offline() {
	if ((EUID == 0)) && unshare -n true 2>/dev/null; then
		unshare -n "$@"
	else
		# Nobody listens there, and no name gets resolved through it.
		http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 "$@"
	fi
}

# fresh: an empty copy and a cache that holds what the real one holds. The link
# may not go over file systems; then it is a copy.
fresh() {
	rm -rf "$COPY" "$ARMKVM_CACHE"
	mkdir -p "$COPY" "$ARMKVM_CACHE"
	cp -r "$TOP/scripts" "$TOP/configure-wrapper.sh" "$COPY/"
	cp -rl "$REAL_CACHE/." "$ARMKVM_CACHE" 2>/dev/null || cp -r "$REAL_CACHE/." "$ARMKVM_CACHE"
}

# busybox_deb: the cached file that the tests below maltreat, with its own inode.
busybox_deb() {
	local deb
	deb=$("$COPY/scripts/debs.sh" files armhf busybox-static)
	cp "$deb" "$deb.own"
	mv "$deb.own" "$deb"
	printf '%s\n' "$deb"
}

has_network() { (cd "$COPY" && rm -f "$1" && scripts/debs.sh files armhf busybox-static) >/dev/null 2>&1; }

usage_errors() {
	local args status
	for args in '' 'frobnicate' 'build --host' 'build --host pdp11' 'demo --host vax' 'clean --most'; do
		status=0
		# shellcheck disable=SC2086 # words are wanted
		"$COPY/configure-wrapper.sh" $args >"$OUT" 2>&1 </dev/null || status=$?
		if ((status == 2)) && grep -qE 'to cure: |^usage: ' "$OUT"; then
			pass "usage error: '$args'"
		else
			fail "usage error: '$args'" "status $status: $(tail -n 1 "$OUT")"
		fi
	done
	expect 'help' "$COPY/configure-wrapper.sh" --help
}

# The real checkout: everything is built, so that again must be quick.
again_without_network() {
	local name='a second build takes seconds and no network' start=$EPOCHSECONDS
	if ! offline env ARMKVM_CACHE="$REAL_CACHE" "$TOP/configure-wrapper.sh" build --host all >"$OUT" 2>&1; then
		fail "$name" "$(tail -n 1 "$OUT")"
	elif ((EPOCHSECONDS - start > 60)); then
		fail "$name" "it took $((EPOCHSECONDS - start)) s"
	else
		pass "$name"
	fi
}

kernel_without_network() {
	local name='kernel packages are unpacked from the cache without a network' dir
	fresh
	if dir=$(offline "$COPY/scripts/kernels.sh" dir armhf 6.1 2>"$OUT") && [[ -f $dir/.complete ]]; then
		pass "$name"
	else
		fail "$name" "$(tail -n 1 "$OUT")"
	fi
}

damaged() {
	local name=$1 deb=$2
	if ! "$COPY/scripts/debs.sh" files armhf busybox-static >"$OUT" 2>&1; then
		fail "$name" "$(tail -n 1 "$OUT")"
	elif ! grep -q 'is damaged' "$OUT"; then
		fail "$name" "the damage was not noticed"
	elif dpkg-deb -I "$deb" >/dev/null 2>&1; then
		pass "$name"
	else
		fail "$name" "the file is still damaged"
	fi
}

damaged_downloads() {
	local deb size
	deb=$(busybox_deb)
	size=$(stat -c %s "$deb")
	printf 'x' | dd of="$deb" bs=1 seek=$((size / 2)) conv=notrunc status=none
	damaged 'one byte of a cached package changed' "$deb"
	truncate -s 1000 "$deb"
	damaged 'a cached package cut short' "$deb"
	printf 'x' | dd of="$deb" bs=1 seek=70 conv=notrunc status=none
	if offline "$COPY/scripts/debs.sh" files armhf busybox-static >"$OUT" 2>&1; then
		fail 'a damaged package is not used when there is no network' "it was used"
	elif grep -q 'to cure: ' "$OUT"; then
		pass 'a damaged package is not used when there is no network'
	else
		fail 'a damaged package is not used when there is no network' "$(tail -n 1 "$OUT")"
	fi
	expect 'the network is back: so is the package' "$COPY/scripts/debs.sh" files armhf busybox-static
}

# Security's index can't be read: it is named, and the rest serves.
broken_suite() {
	local name='a suite that cannot be read is left out by name'
	fresh
	rm -rf "$ARMKVM_CACHE/apt" "$ARMKVM_CACHE/manifests"
	if ! ARMKVM_DEBIAN_SECURITY_MIRROR=http://127.0.0.1:9/debian-security \
		"$COPY/scripts/debs.sh" files armhf busybox-static >"$OUT" 2>&1; then
		fail "$name" "$(tail -n 1 "$OUT")"
	elif grep -q 'suite [a-z]*-security (armhf) is left out' "$OUT"; then
		pass "$name"
	else
		fail "$name" "no line names it"
	fi
}

# kill -9 while a kernel is unpacked, several times; then the tree must be what
# an undisturbed run makes. The whole family dies: no process writes on.
killed() {
	local name='kill -9 while unpacking, then again' pause pid dir kver
	fresh
	kver=$("$TOP/scripts/kernels.sh" kver armhf 6.1)
	for pause in 0.2 0.5 1 1.5 0.7; do
		"$COPY/scripts/kernels.sh" dir armhf 6.1 >/dev/null 2>&1 &
		pid=$!
		sleep "$pause"
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
		rm -f "$COPY/build/kernels/armhf/$kver/.complete"
	done
	if ! dir=$("$COPY/scripts/kernels.sh" dir armhf 6.1 2>"$OUT"); then
		fail "$name" "$(tail -n 1 "$OUT")"
	elif diff -r --no-dereference "$dir" "$TOP/build/kernels/armhf/$kver" >"$OUT" 2>&1; then
		pass "$name"
	else
		fail "$name" "the tree differs: $(head -n 1 "$OUT")"
	fi
}

# Two at once, in one checkout: the second waits, both get the same.
at_once() {
	local name='two at once' i results=()
	fresh
	for i in 1 2; do
		"$COPY/scripts/kernels.sh" dir armhf 6.1 >"$SCRATCH/once.$i" 2>/dev/null &
	done
	wait
	mapfile -t results < <(sort -u "$SCRATCH/once.1" "$SCRATCH/once.2")
	if ((${#results[@]} == 1)) && [[ -f ${results[0]}/.complete && -s $SCRATCH/once.1 && -s $SCRATCH/once.2 ]]; then
		pass "$name"
	else
		fail "$name" "they printed: ${results[*]:-nothing}"
	fi
}

fresh
usage_errors
again_without_network
kernel_without_network
killed
at_once
fresh
if has_network "$(busybox_deb)"; then
	damaged_downloads
	broken_suite
else
	skip 'damaged downloads, broken suite' "no package archive can be reached"
fi
cases_end
