#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs what was built on the machine that it runs on.
#
#   scripts/install.sh [--prefix DIR]     default: /usr/local; DESTDIR is obeyed
#   scripts/install.sh --remove [--prefix DIR]
#
# qemu-system-arm and its data go below the prefix. On an Arm machine also the
# module: its source through DKMS (rebuilt with each new kernel), the device's
# udev rule (group kvm), and its loading at boot. On another machine the module
# has nothing to run on, and QEMU offers its emulator only.
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"

PREFIX=/usr/local
DESTDIR=${DESTDIR:-}

# install_version: DKMS's name for what kmod/ holds.
install_version() {
	sed -n 's/^PACKAGE_VERSION="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' "$ARMKVM_TOP/kmod/dkms.conf"
}

install_qemu() {
	local bin=$DESTDIR$PREFIX/bin share=$DESTDIR$PREFIX/share/qemu
	[[ -x $ARMKVM_BUILD/qemu-native/qemu-system-arm ]] ||
		die "our QEMU for this machine is not built" "./configure-wrapper.sh build"
	install -d "$bin" "$share/keymaps"
	install -m 755 --strip "$ARMKVM_BUILD/qemu-native/qemu-system-arm" "$bin/qemu-system-arm"
	install -m 644 "$ARMKVM_BUILD"/qemu-share/*.rom "$share/"
	find "$ARMKVM_BUILD/qemu-src/pc-bios/keymaps" -type f ! -name meson.build \
		-exec install -m 644 -t "$share/keymaps" {} +
	info "installed $bin/qemu-system-arm and $share"
}

# install_module: source to where DKMS looks, then DKMS for the running kernel.
install_module() {
	local version src
	version=$(install_version)
	src=$DESTDIR/usr/src/armkvm-$version
	rm -rf "$src"
	run kmod-source-package make -C "$ARMKVM_TOP/kmod" source-package DESTDIR="$src"
	install -d "$DESTDIR/etc/udev/rules.d" "$DESTDIR/etc/modules-load.d"
	install -m 644 "$ARMKVM_TOP/kmod/60-armkvm.rules" "$DESTDIR/etc/udev/rules.d/60-armkvm.rules"
	write_atomically "$DESTDIR/etc/modules-load.d/armkvm.conf" <<-'CONF'
		# armkvm: software-only virtualization of 32-bit Arm
		armkvm
	CONF
	info "installed $src, the udev rule and modules-load.d/armkvm.conf"
	if [[ -n $DESTDIR ]]; then
		info "DESTDIR is set: DKMS, udev and the running kernel are left alone"
		return
	fi
	getent group kvm >/dev/null || groupadd --system kvm
	install_dkms "$version"
	udevadm control --reload 2>/dev/null || info "udev does not run here: its rule works from the next start"
	modprobe armkvm || die "the module was built but does not load" "dmesg | tail"
	info "the module is loaded: $(cat /sys/module/armkvm/version 2>/dev/null || echo "$version")"
}

install_dkms() {
	local version=$1
	if [[ ! -e /lib/modules/$(uname -r)/build ]]; then
		die "the headers of the running kernel $(uname -r) are missing" "apt-get install linux-headers-$(uname -r)"
	fi
	if dkms status -m armkvm -v "$version" | grep -q .; then
		run dkms-remove dkms remove -m armkvm -v "$version" --all
	fi
	run dkms-add dkms add -m armkvm -v "$version"
	run dkms-install dkms install -m armkvm -v "$version"
}

remove_installed() {
	local version
	version=$(install_version)
	rm -f "$DESTDIR$PREFIX/bin/qemu-system-arm"
	rm -rf "$DESTDIR$PREFIX/share/qemu"
	rm -f "$DESTDIR/etc/udev/rules.d/60-armkvm.rules" "$DESTDIR/etc/modules-load.d/armkvm.conf"
	if [[ -z $DESTDIR ]] && command -v dkms >/dev/null && dkms status -m armkvm -v "$version" | grep -q .; then
		run dkms-remove dkms remove -m armkvm -v "$version" --all
	fi
	rm -rf "$DESTDIR/usr/src/armkvm-$version"
	info "removed"
}

main() {
	local action=install arch
	while (($#)); do
		case $1 in
		--prefix)
			(($# > 1)) || usage_error "--prefix needs a directory" "./configure-wrapper.sh install"
			PREFIX=$2
			shift
			;;
		--prefix=*) PREFIX=${1#*=} ;;
		--remove) action=remove ;;
		--help | -h)
			sed -n '4,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
			return
			;;
		*) usage_error "unknown option '$1'" "./configure-wrapper.sh install" ;;
		esac
		shift
	done
	[[ $PREFIX == /* && $PREFIX != / ]] || usage_error "--prefix wants an absolute directory, not '$PREFIX'" "./configure-wrapper.sh install"
	PREFIX=${PREFIX%/}
	if [[ -z $DESTDIR ]] && ((EUID != 0)); then
		die "installing needs root" "sudo ./configure-wrapper.sh install"
	fi
	ui_lock build
	if [[ $action == remove ]]; then
		remove_installed
		return
	fi
	install_qemu
	arch=$(arch_native)
	case $arch in
	armhf | arm64)
		if [[ -z $DESTDIR ]]; then deps_install dkms; fi
		install_module
		;;
	*) info "the module is not installed: this machine is $arch, and armkvm.ko runs on armhf and arm64; -accel tcg works, -accel armkvm says why it can't" ;;
	esac
}
main "$@"
