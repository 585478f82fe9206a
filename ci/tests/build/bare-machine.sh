#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Machines with nothing on them: roots of Debian 12 and 13 that hold what is marked
# essential, and apt. In such a root each command that README and docs/ tell a new user
# runs from nothing, with what it installs itself.
#
# Unless told otherwise: Debian 12 or 13, as this machine is, and the demonstration, with
# the QEMU that the surrounding build has compiled (its stamps say whether it is the one),
# so that it takes minutes.
#
#   ARMKVM_BARE=all            both releases, every command, QEMU compiled: hours, so
#                              not by ci/tests/run, which has a limit of time for a group
#   ARMKVM_BARE='RELEASE:COMMAND...'    these, for example 'trixie:demo bookworm:bench';
#                              QEMU is compiled once for each release
#   ARMKVM_BARE_DIR=DIR        where the roots and checkouts are made, and kept: a second
#                              run goes on with the QEMU that the first has compiled
#
# What a command took (time, build/, packages) is in the log. Needs root, for chroot.
# test-cost: 160
# test-timeout: 1500
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

CACHE=${ARMKVM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/armkvm}
# A root with its packages takes 1 GiB: not in /tmp, which may be memory.
WORK=${ARMKVM_BARE_DIR:-$BUILD/bare-machine.$$}
if [[ -z ${ARMKVM_BARE_DIR:-} ]]; then trap 'rm -rf -- "$SCRATCH" "$WORK"' EXIT; fi
WHY=
# A root in the cache serves for so many days: a bare machine need not be a new one.
ROOT_DAYS=30

# What is run, by name; and below, what its output must hold.
declare -A COMMAND=(
	[demo]='./configure-wrapper.sh demo'
	[demo-arm64]='./configure-wrapper.sh demo --host arm64-n1'
	[build-armhf]='./configure-wrapper.sh build --host armhf'
	[guest-kernel]='./configure-wrapper.sh guest-kernel'
	[guest-rootfs]='scripts/guest-rootfs.sh'
	[bench]='./configure-wrapper.sh bench --columns native,armkvm --rows getppid --time 5'
	[host-kernel]='scripts/host-kernel.sh build arm64 6.1 16k'
	[group]='./configure-wrapper.sh test --only abi/reg-list'
	[gates]="./configure-wrapper.sh test --only 'gates/*' --only 'unit/*' --only 'qemu/[aflrs]*' --only testbed/shares"
	[install]='./configure-wrapper.sh install && qemu-system-arm -accel help && ./configure-wrapper.sh install --remove'
	[package]='./configure-wrapper.sh package'
	[package-arm64]='./configure-wrapper.sh package --host arm64'
	[dkms]='ci/lib/dkms-in-root'
)
declare -A SHOWS=(
	[demo]='^guest: user space reached' [demo-arm64]='^guest: user space reached'
	[build-armhf]='built in' [guest-kernel]='/boot/vmlinuz-' [guest-rootfs]='/build/guest-rootfs$'
	[bench]='getppid .* 1[0-9][0-9]' [host-kernel]='/host-kernels/6.1-arm64-16k-' [group]=' 0 failed' [gates]=' 0 failed'
	[install]='^armkvm' [package]='\.deb' [package-arm64]='_arm64\.deb' [dkms]='^dkms: as it should be'
)
ORDER=(demo build-armhf bench demo-arm64 guest-kernel guest-rootfs host-kernel install dkms group gates package)

# machine_apt FUNCTION ARG...: a function of scripts/lib/apt.sh.
machine_apt() { bash -c 'source "$1/scripts/lib/apt.sh"; shift; "$@"' - "$TOP" "$@"; }

# apt_options: of this machine's apt what leads to the archive: proxies and the like.
apt_options() {
	apt-config dump | grep -E '^Acquire::(http|https|ftp|Check-|ForceIP|Retries)[^"]* "[^"]+";$' || true
}

# make_root RELEASE TAR: from this machine's own apt sources; false, with the reason in WHY, if it can't be.
make_root() {
	local release=$1 tar=$2 suite uri lines=() options=() option
	if ! command -v mmdebstrap >/dev/null; then
		WHY='mmdebstrap is not installed: apt-get install mmdebstrap'
		return 1
	fi
	for suite in "$release" "$release-updates" "$release-security"; do
		uri=$(machine_apt apt_archives "$suite" | head -n 1)
		if [[ -n $uri ]]; then lines+=("deb $uri $suite main"); fi
	done
	while IFS= read -r option; do options+=("--aptopt=$option"); done < <(apt_options)
	mkdir -p "${tar%/*}"
	if ! mmdebstrap --quiet --variant=apt --mode=root "${options[@]}" "$release" "$tar.new.tar" "${lines[@]}" >"$SCRATCH/mmdebstrap" 2>&1; then
		sed 's/^/    | /' "$SCRATCH/mmdebstrap"
		WHY="mmdebstrap can't make a root, of ${#lines[@]} archives: $(grep -v '^[[:space:]]*$' "$SCRATCH/mmdebstrap" | tail -n 1)"
		return 1
	fi
	mv -f "$tar.new.tar" "$tar"
}

# fresh_root RELEASE: $WORK/RELEASE/root, new, of an old archive where no new one can be had; false, with the
# reason in WHY, if there is none.
fresh_root() {
	local release=$1 root=$WORK/$1/root tar=$CACHE/bare/$1.tar
	if [[ ! -f $tar || -n $(find "$tar" -mtime "+$ROOT_DAYS") ]]; then
		make_root "$release" "$tar" || [[ -f $tar ]] || return 1
	fi
	rm -rf "$root"
	mkdir -p "$root"
	tar -xf "$tar" --numeric-owner -C "$root"
	cp /etc/resolv.conf /etc/hosts "$root/etc/"
	# Nobody misses what a loss of power would take of it: a third of the time of what is installed.
	mkdir -p "$root/etc/dpkg/dpkg.cfg.d"
	echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io"
}

# checkout RELEASE: what version control has, at $WORK/RELEASE/checkout; what an
# earlier command has compiled of QEMU stays, everything else goes.
checkout() {
	local dir=$WORK/$1/checkout
	mkdir -p "$dir/build"
	find "$dir/build" -mindepth 1 -maxdepth 1 ! -name 'qemu-*' ! -name 'sysroot-*' ! -name tools -exec rm -rf {} +
	# without what was deleted and not yet committed
	tracked | (cd "$TOP" && { xargs -0 ls -d 2>/dev/null || true; }) | rsync -a --files-from=- "$TOP/" "$dir/"
	if [[ -d $TOP/.git ]]; then rsync -a --delete "$TOP/.git" "$dir/"; fi
}

# borrow RELEASE ARCH...: the surrounding build's QEMU: programs and stamps.
borrow() {
	local to=$WORK/$1/checkout/build arch
	shift
	mkdir -p "$to"/qemu-{src,base}
	cp -p "$BUILD"/qemu-{src,base,share}.stamp "$to/"
	cp -a "$BUILD/qemu-share" "$BUILD/tools" "$to/"
	for arch; do
		mkdir -p "$to/qemu-$arch" "$to/sysroot-$arch"
		cp -p "$BUILD"/{qemu-"$arch".stamp,sysroot-"$arch".stamp} "$to/"
		cp -p "$BUILD/qemu-$arch/qemu-system-arm" "$to/qemu-$arch/"
	done
}

# inside RELEASE COMMAND...: in the root, with the checkout at its own place, the cache,
# and packages from the last time; everything that it started ends with it.
inside() {
	local root=$WORK/$1/root debs=$CACHE/bare/debs-$1
	mkdir -p "$root$TOP" "$root$CACHE" "$debs/partial" "$root/dev/shm"
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -mpf --kill-child --propagation private "$TOP/ci/lib/enter-root" "$root" "$WORK/$1/checkout" "$TOP" "$CACHE" "$debs" \
		/usr/bin/env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb \
		ARMKVM_CACHE="$CACHE" bash -c 'cd "$1" && eval "$2"' - "$TOP" "$2" </dev/null
}

# took RELEASE NAME SECONDS: for the log, and for scripts/lib/room.sh.
took() {
	printf '    | %s:%s took %d s; build/ %s MiB, the root with its packages %s MiB\n' "$1" "$2" "$3" \
		"$(du -sm "$WORK/$1/checkout/build" | cut -f1)" "$(du -smx "$WORK/$1/root" | cut -f1)"
}

# no_rights RELEASE: an ordinary user without sudo is told at once what root must install.
no_rights() {
	local name="$1: without root and sudo the missing packages are named at once" out=$SCRATCH/rights.out start=$EPOCHSECONDS status=0
	# shellcheck disable=SC2016 # the inner shell expands it
	inside "$1" 'mkdir /tmp/user && cp -r configure-wrapper.sh scripts kmod /tmp/user && chown -R 1000:1000 /tmp/user &&
		HOME=/tmp/user ARMKVM_CACHE=/tmp/user/cache setpriv --reuid 1000 --regid 1000 --clear-groups \
		/tmp/user/configure-wrapper.sh demo' >"$out" 2>&1 || status=$?
	sed 's/^/    | /' "$out"
	if ((status == 1)) && (($(grep -c '^armkvm: error' "$out") == 1)) && grep -q 'to cure: as root: apt-get install .*qemu-system-arm' "$out" && ((EPOCHSECONDS - start < 60)); then
		pass "$name"
	else
		fail "$name" "status $status after $((EPOCHSECONDS - start)) s: $(tail -n 1 "$out")"
	fi
}

# try RELEASE NAME
try() {
	local release=$1 name=$2 out=$SCRATCH/$1-$2.out start=$EPOCHSECONDS status=0
	inside "$release" "${COMMAND[$name]}" >"$out" 2>&1 || status=$?
	tail -n 40 "$out" | sed 's/^/    | /'
	took "$release" "$name" $((EPOCHSECONDS - start))
	if ((status)); then
		fail "$release: $name" "status $status: $(grep -E 'armkvm: (error|to cure)|missing|not found' "$out" | tail -n 2 | tr '\n' ' ')$(tail -n 1 "$out")"
	elif grep -q '^armkvm: error' "$out"; then
		fail "$release: $name" "it says of an error and goes on: $(grep '^armkvm: error' "$out" | head -n 1)"
	elif ! tr -d '\r' <"$out" | grep -q -e "${SHOWS[$name]}"; then
		fail "$release: $name" "its output lacks '${SHOWS[$name]}'"
	else
		pass "$release: $name"
	fi
}

# machine RELEASE NAME [ARCH...]: a new root; with ARCH QEMU is the surrounding build's.
machine() {
	local release=$1 name=$2
	shift 2
	if ! fresh_root "$release"; then
		skip "$release: $name" "$WHY"
		return
	fi
	checkout "$release"
	if (($#)); then
		borrow "$release" "$@"
		no_rights "$release"
	fi
	try "$release" "$name"
	if (($#)) && [[ -e $WORK/$release/checkout/build/logs/qemu-configure-$1.log ]]; then
		fail "$release: QEMU is that of the surrounding build" "it was compiled: a stamp depends on more than it should"
	fi
}

if ((EUID != 0)); then
	skip 'bare machines' "needs root, for chroot"
	cases_end
fi
if ! unshare -mpf true 2>/dev/null; then
	skip 'bare machines' "this machine lets nobody mount"
	cases_end
fi
case ${ARMKVM_BARE:-} in
'')
	[[ -f $BUILD/qemu-armhf.stamp ]] || {
		fail 'the surrounding build' "build/qemu-armhf is not built: ./configure-wrapper.sh build --host armhf"
		cases_end
	}
	machine "$(machine_apt apt_codename)" demo armhf
	;;
all)
	for release in bookworm trixie; do
		for name in "${ORDER[@]}"; do
			if [[ $name != package || -e $TOP/scripts/package.sh ]]; then machine "$release" "$name"; fi
		done
	done
	;;
*)
	for pair in $ARMKVM_BARE; do
		[[ ${pair%%:*} =~ ^(bookworm|trixie)$ && -n ${COMMAND[${pair#*:}]:-} ]] || {
			fail "$pair" "no such pair: take bookworm or trixie and one of ${ORDER[*]}"
			continue
		}
		machine "${pair%%:*}" "${pair#*:}"
	done
	;;
esac
cases_end
