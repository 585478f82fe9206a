#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The build under ill treatment: wrong command lines, no network, damaged downloads, a suite
# that can't be read, disks that are full or read-only, kill -9 in the middle. Works on a copy of the scripts with a
# cache of its own; the files of the real cache are shared with it as hard links.
# test-cost: 120
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

# fresh: an empty copy and a cache that holds the packages of the real one. The link
# may not go over file systems; then it is a copy. Another build may be at work there:
# a file of its own that has gone meanwhile is none of ours.
fresh() {
	local part
	rm -rf "$COPY" "$ARMKVM_CACHE"
	mkdir -p "$COPY/ci/tests" "$COPY/kmod" "$ARMKVM_CACHE"
	cp -r "$TOP"/{scripts,packaging,configure-wrapper.sh} "$COPY/"
	cp -r "$TOP/ci"/{bench,lib} "$COPY/ci/"
	cp "$TOP/ci/tests/run" "$COPY/ci/tests/"
	cp "$TOP/kmod/dkms.conf" "$COPY/kmod/"
	for part in apt debs manifests; do
		if ! cp -rl "$REAL_CACHE/$part" "$ARMKVM_CACHE/" 2>/dev/null; then
			rm -rf "${ARMKVM_CACHE:?}/$part"
			cp -r "$REAL_CACHE/$part" "$ARMKVM_CACHE/" || true
		fi
	done
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
	for args in '' 'frobnicate' 'build --host' 'build --host pdp11' 'build --qemu 9.0' 'build --qemu' 'demo --host vax' 'clean --most' \
		'test --only' 'test --frobnicate' 'bench --columns pdp11' 'install --foo' 'guest-kernel --version 2.4'; do
		status=0
		# shellcheck disable=SC2086 # words are wanted
		"$COPY/configure-wrapper.sh" $args >"$OUT" 2>&1 </dev/null || status=$?
		if ((status == 2)) && grep -qE 'to cure: |^usage: ' "$OUT" && [[ ! -e $COPY/build ]]; then
			pass "usage error, before anything is done: '$args'"
		else
			fail "usage error, before anything is done: '$args'" "status $status: $(tail -n 1 "$OUT")"
		fi
	done
}

# Help and version, for each command, without anything being made.
words() {
	local command name version
	version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$TOP/kmod/dkms.conf")
	for command in '' demo build test bench guest-kernel install clean; do
		name="help${command:+ of $command}"
		# shellcheck disable=SC2086 # no word for the first
		if ! "$COPY/configure-wrapper.sh" $command --help >"$OUT" 2>&1; then
			fail "$name" "$(tail -n 1 "$OUT")"
		elif ! grep -qE "^usage: .*${command:-COMMAND}|scripts/$command.sh" "$OUT"; then
			fail "$name" "no line of usage: $(head -n 1 "$OUT")"
		elif [[ -e $COPY/build ]]; then
			fail "$name" "build/ was made"
		else
			pass "$name"
		fi
	done
	if [[ -n $version && $("$COPY/configure-wrapper.sh" --version) == "armkvm $version" ]]; then
		pass "--version is the module's"
	else
		fail "--version is the module's" "$("$COPY/configure-wrapper.sh" --version), dkms.conf says '$version'"
	fi
}

# refused NAME PATTERN COMMAND...: it ends with status 1, its cause matches, a cure is there,
# and nobody is sent to look after the network.
refused() {
	local name=$1 pattern=$2 status=0
	shift 2
	"$@" >"$OUT" 2>&1 </dev/null || status=$?
	sed 's/^/    | /' "$OUT"
	if ((status == 0)); then
		fail "$name" "it went well"
	elif grep -qi 'check the network' "$OUT"; then
		fail "$name" "the network is blamed: $(grep -i 'check the network' "$OUT")"
	elif ! grep -q -e "$pattern" "$OUT" || ! grep -q 'to cure: ' "$OUT"; then
		fail "$name" "status $status: $(tail -n 2 "$OUT")"
	else
		pass "$name"
	fi
}

# small_disk MIB DIR COMMAND...: with a disk of that size at DIR, which is seen by this command only.
small_disk() {
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -m --propagation private bash -c 'mount -t tmpfs -o "size=$1" small "$2" && shift 2 && "$@"' - \
		"${1}m" "${@:2}"
}

places() {
	fresh
	refused 'QEMU 10.2 for an ARMv7 host, before anything is done' 'QEMU 10.2 is built for this machine and arm64 hosts only' \
		"$COPY/configure-wrapper.sh" build --qemu 10.2 --host armhf
	if [[ -e $COPY/build ]]; then fail 'QEMU 10.2 for an ARMv7 host, before anything is done' "build/ was made"; fi
	refused 'a cache that cannot be written is named' 'cannot write to /proc/armkvm' \
		env ARMKVM_CACHE=/proc/armkvm "$COPY/configure-wrapper.sh" demo
	refused 'the same for a script of its own' 'cannot write to /proc/armkvm' \
		env ARMKVM_CACHE=/proc/armkvm "$COPY/scripts/debs.sh" files armhf busybox-static
	mkdir -p "$SCRATCH/a blank"
	cp -r "$COPY/." "$SCRATCH/a blank/"
	refused 'a path with a blank is refused by name' "the path '$SCRATCH/a blank'" "$SCRATCH/a blank/configure-wrapper.sh" demo
	if ((EUID)) || ! small_disk 1 "$COPY" true 2>/dev/null; then
		skip 'small disks' "this user can't mount one"
		return
	fi
	mkdir -p "$COPY/build" "$SCRATCH/small"
	refused 'a disk that is too small is told before anything is done' 'needs [0-9.]* GiB, and its disk has 0.1 GiB left' \
		small_disk 100 "$COPY/build" "$COPY/configure-wrapper.sh" demo
	refused 'a cache on a full disk' 'the disk is full' \
		small_disk 1 "$SCRATCH/small" env ARMKVM_CACHE="$SCRATCH/small" "$COPY/scripts/debs.sh" files armhf busybox-static
	refused 'a build directory on a full disk' 'the disk is full' \
		small_disk 2 "$COPY/build" env ARMKVM_CACHE="$ARMKVM_CACHE" "$COPY/scripts/debs.sh" unpack armhf "$COPY/build/kernel" linux-image-armmp linux-libc-dev
}

# A command that fails outside of `run` has no log: nobody is sent to one.
no_empty_log() {
	fresh
	# shellcheck disable=SC2016 # the inner shell expands it
	refused 'a failure without a log names none' 'correct what the lines above complain about' \
		bash -c 'set -e; source "$1/scripts/lib/ui.sh"; mkdir -p "$ARMKVM_LOGS"; : >"$ARMKVM_LOGS/other.log"; cp /nonexistent "$ARMKVM_BUILD/"' - "$COPY"
	if grep -q 'build/logs' "$OUT"; then fail 'a failure without a log names none' "it names one: $(tail -n 1 "$OUT")"; fi
}

# What install puts somewhere, and nothing else, goes with --remove.
installed() {
	local root=$SCRATCH/root share=$SCRATCH/root/usr/local/share/qemu
	fresh
	mkdir -p "$COPY/build/qemu-native" "$COPY/build/qemu-share" "$COPY/build/qemu-src/pc-bios/keymaps" "$share" "${share%/*/*}/bin"
	cp /bin/true "$COPY/build/qemu-native/qemu-system-arm"
	echo ours >"$COPY/build/qemu-share/efi-virtio.rom"
	echo ours >"$COPY/build/qemu-src/pc-bios/keymaps/de"
	echo mine >"$share/firmware.fd"
	echo mine >"$share/efi-virtio.rom"
	echo mine >"${share%/*/*}/bin/qemu-system-arm"
	(cd "$root" && find . -type f -exec sha256sum {} + | sort) >"$SCRATCH/before"
	expect 'install into a directory' env DESTDIR="$root" "$COPY/scripts/install.sh"
	expect 'install again' env DESTDIR="$root" "$COPY/scripts/install.sh"
	if ! "${share%/*/*}/bin/qemu-system-arm" || ! grep -q ours "$share/keymaps/de" || ! grep -q ours "$share/efi-virtio.rom"; then
		fail 'it is there' "files are missing"
	else
		pass 'it is there'
	fi
	expect 'armkvm run finds armkvm-ok' env ARMKVM_QEMU="${share%/*/*}/bin/qemu-system-arm" "${share%/*/*}/bin/armkvm" run --kernel "$share/keymaps/de" --print
	expect 'armkvm knows its release' grep -qx "armkvm-ok $(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' "$TOP/kmod/dkms.conf")" \
		<("${share%/*/*}/bin/armkvm" ok --version)
	expect 'man pages are there' test -s "${share%/*}/man/man1/armkvm.1" -a -s "${share%/*}/man/man4/armkvm.4"
	expect 'install --remove' env DESTDIR="$root" "$COPY/scripts/install.sh" --remove
	(cd "$root" && find . -type f -exec sha256sum {} + | sort) >"$SCRATCH/after"
	if cmp -s "$SCRATCH/before" "$SCRATCH/after" && [[ ! -e $share/keymaps && ! -e ${share%/*}/armkvm ]]; then
		pass 'what was there before is there again, and nothing else'
	else
		fail 'what was there before is there again, and nothing else' "$(diff "$SCRATCH/before" "$SCRATCH/after" | tr '\n' ' ')"
	fi
	# As docs/install.md has it for a system with RPM packages: a directory that isn't there yet.
	cp -r "$TOP"/{kmod,kernel-abi} "$COPY/"
	expect 'install into a new directory, with the module' env DESTDIR="$SCRATCH/new" ARMKVM_ARCH_NATIVE=arm64 timeout 120 "$COPY/scripts/install.sh"
	expect "the module's files are there" test -s "$SCRATCH/new/etc/udev/rules.d/60-armkvm.rules" -a -s "$SCRATCH/new/etc/modules-load.d/armkvm.conf" \
		-a -x "$SCRATCH/new/etc/kernel/postinst.d/dkms-armkvm"
	expect 'and go with --remove' env DESTDIR="$SCRATCH/new" "$COPY/scripts/install.sh" --remove
	find "$SCRATCH/new" ! -type d >"$SCRATCH/left"
	expect_empty 'nothing is left in it' 'left' "$SCRATCH/left"
	refused 'removed twice' 'there is no list of what was installed' env DESTDIR="$root" "$COPY/scripts/install.sh" --remove
	refused 'a place that cannot be written is told before the build' 'cannot write to /etc/passwd' \
		env DESTDIR=/etc/passwd/armkvm "$COPY/configure-wrapper.sh" install
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
	# With an ordinary user's path, which has no sbin
	if dir=$(offline env PATH=/usr/bin:/bin "$COPY/scripts/kernels.sh" dir armhf 6.1 2>"$OUT") && [[ -f $dir/.complete ]]; then
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
words
places
no_empty_log
installed
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
