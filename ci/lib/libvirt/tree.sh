# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# A directory with libvirt of this machine's Debian release, unpacked, and our emulator as its
# package installs it: sourced by the tests that run libvirtd, after ci/lib/cases.sh.

# shellcheck source=scripts/lib/apt.sh
source "$TOP/scripts/lib/apt.sh"

LIBVIRT_PACKAGES=(libvirt-daemon-system libvirt-clients qemu-utils udev kmod mount nftables libc-bin
	bash coreutils util-linux bsdutils grep sed procps findutils libslirp0 libfdt1 libpixman-1-0)

# libvirt_users TREE: what the packages' scripts would have made.
libvirt_users() {
	printf '%s\n' root:x:0:0::/root:/bin/bash libvirt-qemu:x:64055:103::/var/lib/libvirt:/usr/sbin/nologin >"$1/etc/passwd"
	printf '%s\n' root:x:0: tty:x:5: kvm:x:103: libvirt:x:104: libvirt-qemu:x:64055:libvirt-qemu >"$1/etc/group"
}

# libvirt_tree ARCH QEMU TREE: of that architecture, with the emulator of build/QEMU.
libvirt_tree() {
	local arch=$1 qemu=$BUILD/$2/qemu-system-arm tree=$3 guest list debs
	list=$(apt_fetch_closure "$arch" "${LIBVIRT_PACKAGES[@]}") || return
	mapfile -t debs <<<"$list"
	mkdir -p "$tree"
	apt_unpack "$tree" "${debs[@]}"
	rm -rf "$tree"/usr/share/{doc,man,locale} "$tree/var/run"
	mkdir -p "$tree"/{dev,proc,sys,run,tmp,root,share,var/cache/libvirt/qemu,var/log/libvirt/qemu} \
		"$tree"/var/lib/libvirt/{share,images,qemu} "$tree/usr/share/qemu" "$tree/usr/lib/udev/rules.d"
	if [[ -d $tree/usr/lib64 && ! -e $tree/lib64 ]]; then ln -s usr/lib64 "$tree/lib64"; fi
	ln -s /run "$tree/var/run"
	libvirt_users "$tree"
	install -m 755 "$qemu" "$tree/usr/bin/qemu-system-arm-armkvm"
	ln -s qemu-system-arm-armkvm "$tree/usr/bin/qemu-system-arm-kvm"
	cp "$BUILD"/qemu-share/*.rom "$tree/usr/share/qemu/"
	cp "$TOP/kmod/60-armkvm.rules" "$TOP/packaging/libvirt/61-armkvm-libvirt.rules" "$tree/usr/lib/udev/rules.d/"
	guest=$("$TOP/scripts/guest-initramfs.sh" 6.1) || return
	cp "$guest/vmlinuz" "$guest/initramfs.gz" "$tree/var/lib/libvirt/images/"
	install -m 755 "$TOP/ci/lib/libvirt/run-guest" "$tree/var/lib/libvirt/share/"
}
