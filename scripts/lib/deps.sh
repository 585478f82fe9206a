# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What must be installed on the machine that builds: by name, in one apt-get
# call, and only when something is missing.

[[ -n ${ARMKVM_DEPS_SOURCED:-} ]] && return 0
ARMKVM_DEPS_SOURCED=1
# shellcheck source=scripts/lib/ui.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/ui.sh"
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/apt.sh"

# deps_packages GOAL...: package names. Goals: base, native (our QEMU for this
# machine), armhf and arm64 (cross builds of QEMU and the module), testbed,
# guest (its initramfs), guest-kernel, guest-rootfs, host-kernel, bench, test, dkms,
# package.
# Whatever a script of a goal starts is in its list or among what Debian marks
# essential: ci/tests/build/bare-machine.sh has nothing else.
deps_packages() {
	local goal
	for goal in "$@"; do
		case $goal in
		base) echo ccache cpio dpkg-dev gcc git kmod libc6-dev make ninja-build patch pkg-config python3 python3-venv rsync xz-utils debian-archive-keyring ca-certificates ;;
		native) echo libaio-dev libfdt-dev libglib2.0-dev libgnutls28-dev libncurses-dev libpixman-1-dev libpng-dev libseccomp-dev libslirp-dev liburing-dev libusb-1.0-0-dev libusbredirparser-dev libzstd-dev zlib1g-dev ;;
		armhf) deps_cross armhf ;;
		arm64) deps_cross arm64 ;;
		testbed) echo device-tree-compiler qemu-system-arm zstd && deps_packages guest ;;
		guest) echo cpio kmod debian-archive-keyring ca-certificates ;;
		guest-rootfs) echo e2fsprogs qemu-system-arm && deps_packages guest ;;
		guest-kernel) echo bc bison flex libssl-dev && deps_cross armhf ;;
		host-kernel) echo bc bison flex libssl-dev ;; # and the cross build's
		bench) deps_packages guest guest-kernel ;;
		test) echo clang e2fsprogs g++ libclang-rt-dev lintian mmdebstrap mount perl procps python3 shellcheck && deps_packages bench guest-rootfs host-kernel arm64 package ;;
		dkms) echo dkms ;;
		package) echo chrpath debhelper dpkg-dev ;;
		*) die "no packages are known for '$goal'" ;;
		esac
		# Debian 12's meson is too old for QEMU: scripts/qemu.sh unpacks another.
		if [[ $goal == base && $(apt_codename) != bookworm ]]; then
			echo meson
		fi
	done | tr ' ' '\n' | sort -u
}

# deps_cross ARCH: compilers for the other architecture: the release's own for
# QEMU, and gcc 12, which built Debian 12's kernels (6.1 and backports' 6.12).
deps_cross() {
	local triplet
	triplet=$(arch_triplet "$1")
	if [[ $(arch_native) == "$1" ]]; then
		echo gcc gcc-12
	else
		echo "gcc-$triplet" "gcc-12-$triplet" "libc6-dev-$1-cross" "binutils-$triplet"
	fi
}

# deps_missing PACKAGE...: those that are not installed.
deps_missing() {
	local -A installed=()
	local package
	while read -r package; do
		installed[$package]=1
	done < <({ dpkg-query -W -f '${db:Status-Abbrev} ${binary:Package}\n' "$@" 2>/dev/null || true; } |
		sed -nE 's/^ii  ?([^:]*)(:.*)?$/\1/p')
	for package in "$@"; do
		if [[ -z ${installed[$package]:-} ]]; then echo "$package"; fi
	done
}

# deps_as_root: the prefix that makes a command run as root; false if none does.
deps_as_root() {
	if ((EUID == 0)); then
		echo env
	elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [[ -t 0 ]]; }; then
		echo sudo
	else
		return 1
	fi
}

# deps_apt LOG ARG...: apt-get as root, with signs of its progress. It does not
# die with this script: an interrupted dpkg would leave the machine in need of repair.
deps_apt() {
	local log=$ARMKVM_LOGS/$1.log root
	shift
	root=$(deps_as_root)
	mkdir -p "$ARMKVM_LOGS"
	# The question for the password comes before the line that shows the progress.
	if [[ $root == sudo ]] && ! sudo -n true 2>/dev/null; then sudo -v; fi
	printf '## apt-get %s\n' "$*" >>"$log"
	"$root" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=600 \
		-o Acquire::Retries=3 "$@" >>"$log" 2>&1 </dev/null &
	ui_wait "apt-get $1" $! "$log"
}

# deps_install GOAL...: afterwards everything is installed, or the script has
# ended with the exact command for the administrator.
deps_install() {
	local packages missing=() command root
	apt_check_machine
	mapfile -t packages < <(deps_packages "$@")
	mapfile -t missing < <(deps_missing "${packages[@]}")
	((${#missing[@]})) || return 0
	command="apt-get install --no-install-recommends ${missing[*]}"
	root=$(deps_as_root) || die "packages are missing, and this is neither root nor is there sudo" "as root: $command"
	info "installing ${#missing[@]} packages and what they depend on: ${missing[*]}"
	mkdir -p "$ARMKVM_LOGS"
	: >"$ARMKVM_LOGS/apt-install.log"
	# Fresh machines have no index at all; old ones have a stale one.
	if ! deps_apt apt-install install -y --no-install-recommends "${missing[@]}"; then
		if ! deps_apt apt-install update; then
			warn "apt-get update reports a problem (log: build/logs/apt-install.log); going on with what it got"
		fi
		if ! deps_apt apt-install install -y --no-install-recommends "${missing[@]}"; then
			UI_CURE="correct what apt-get complains about, then: $command (if dpkg was interrupted: dpkg --configure -a)"
			ui_failure "installing packages" "$ARMKVM_LOGS/apt-install.log" 100
			exit "$UI_EXPLAINED"
		fi
	fi
	mapfile -t missing < <(deps_missing "${missing[@]}")
	((${#missing[@]} == 0)) || die "apt-get did not install: ${missing[*]}" "as root: apt-get install ${missing[*]}"
}
