# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Names of one architecture in the worlds that the build has to do with.
# The key is Debian's: armhf, arm64 (and amd64 as a build machine).

[[ -n ${ARMKVM_ARCH_SOURCED:-} ]] && return 0
ARMKVM_ARCH_SOURCED=1

# arch_native: of the machine that builds.
arch_native() {
	if [[ -z ${ARMKVM_ARCH_NATIVE:-} ]]; then
		ARMKVM_ARCH_NATIVE=$(dpkg --print-architecture)
	fi
	printf '%s\n' "$ARMKVM_ARCH_NATIVE"
}

# arch_check ARCH: only the two that can be an armkvm host pass.
arch_check() {
	case $1 in
	armhf | arm64) ;;
	*) die "'$1' is not an armkvm host architecture" "use armhf or arm64" ;;
	esac
}

# arch_triplet ARCH: the prefix of its tool chain and its library directory.
arch_triplet() {
	case $1 in
	armhf) echo arm-linux-gnueabihf ;;
	arm64) echo aarch64-linux-gnu ;;
	amd64) echo x86_64-linux-gnu ;;
	*) die "no tool chain known for architecture '$1'" ;;
	esac
}

# arch_kernel ARCH: the kernel's ARCH= value.
arch_kernel() {
	case $1 in
	armhf) echo arm ;;
	arm64) echo arm64 ;;
	*) die "no kernel architecture known for '$1'" ;;
	esac
}

# arch_flavour ARCH: the flavour of Debian's kernel package.
arch_flavour() {
	case $1 in
	armhf) echo armmp ;;
	arm64) echo arm64 ;;
	*) die "no kernel flavour known for '$1'" ;;
	esac
}
