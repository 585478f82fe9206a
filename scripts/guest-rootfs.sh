#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A complete 32-bit Debian guest on a disk image: systemd, apt, network, python3,
# gcc, openssl.
#
#   scripts/guest-rootfs.sh      prints build/guest-rootfs, which holds
#       rootfs.img   ext4, to be QEMU's virtio-blk disk (a sparse file of 2 GiB)
#       repo/        a small package repository, for trying apt without the archive
#
# Boot it with the kernel and the root.gz of scripts/guest-initramfs.sh, any version.
# root logs in on the console without a password. A word on the kernel's command line:
#   armkvm.run=FILE      runs FILE from the 9p share "share" and powers off
#
# Nothing here needs root: the files are unpacked on this machine, and the packages
# install themselves in a guest of the distribution's own emulator (QEMU, TCG), which
# takes some minutes, once: the finished image is kept in the download cache, by what
# it was made from.
set -euo pipefail
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"

# The system: what Debian marks essential, what makes it boot and log in, and tools. Not ca-certificates: it takes two
# minutes of an emulated machine, a quarter of the whole.
ROOTFS_PACKAGES=(
	base-files base-passwd bash bsdutils coreutils dash debianutils diffutils dpkg findutils
	grep gzip hostname init-system-helpers libc-bin login ncurses-base perl-base sed
	sysvinit-utils tar util-linux usr-is-merged mawk
	apt debian-archive-keyring systemd-sysv udev dbus kmod procps passwd e2fsprogs
	iproute2 iputils-ping netbase wget
	python3 gcc libc6-dev openssl
)
# For the repository: they depend on nothing that the system lacks.
REPO_PACKAGES=(hello bc)

ROOTFS_SIZE=2G
ROOTFS_DIR=$ARMKVM_BUILD/guest-rootfs

# stage2: the first process of the emulated guest, which makes a tree of unpacked
# packages a system. In the order of debootstrap's second stage.
stage2() {
	cat <<-'STAGE2'
		#!/bin/sh
		# SPDX-License-Identifier: GPL-2.0-or-later
		exec </dev/console >/dev/console 2>&1
		export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=linux LC_ALL=C.UTF-8
		export DEBIAN_FRONTEND=noninteractive DEBCONF_NONINTERACTIVE_SEEN=true
		finish() {
			rm -rf /stage2
			rm -f /usr/sbin/policy-rc.d
			fstrim /
			sync
			echo "rootfs: $1"
			poweroff -ff
		}
		failed() { finish "failed: $*"; }
		mount -t proc proc /proc
		mount -t sysfs sys /sys
		mount -t tmpfs tmp /run
		# Unpacked by an ordinary user: the modes are right, the owners come here.
		chown -R 0:0 /bin /boot /etc /home /lib /media /mnt /opt /root /sbin /srv /tmp /usr /var /stage2 2>/dev/null
		printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
		chmod 755 /usr/sbin/policy-rc.d
		mkdir -p /var/lib/dpkg/info /var/lib/dpkg/updates /var/lib/dpkg/parts
		: >>/var/lib/dpkg/status
		: >>/var/lib/dpkg/available
		ln -sf mawk /usr/bin/awk
		cd /stage2/debs || failed "no packages"
		dpkg --force-depends --install base-passwd_*.deb || failed base-passwd
		dpkg --force-depends --install base-files_*.deb || failed base-files
		rm -f /usr/bin/awk
		dpkg --force-depends --force-overwrite --force-confnew --force-unsafe-io --unpack ./*.deb || failed unpack
		for try in 1 2 3; do
			dpkg --force-confnew --force-unsafe-io --configure --pending && break
			[ $try != 3 ] || failed configure
		done
		sh /stage2/settings || failed settings
		finish done
	STAGE2
}

# settings: what a system needs besides its packages.
settings() {
	cat <<-'SETTINGS'
		# SPDX-License-Identifier: GPL-2.0-or-later
		set -e
		echo debian >/etc/hostname
		printf '127.0.0.1\tlocalhost debian\n::1\tlocalhost\n' >/etc/hosts
		printf '/dev/vda\t/\text4\terrors=remount-ro\t0\t1\n' >/etc/fstab
		passwd -d root
		# By DHCP on any Ethernet, which QEMU's user network answers; so does its resolver.
		printf '[Match]\nType=ether\n[Network]\nDHCP=yes\n' >/etc/systemd/network/80-dhcp.network
		printf 'nameserver 10.0.2.3\n' >/etc/resolv.conf
		systemctl enable systemd-networkd.service serial-getty@ttyAMA0.service
		# Like images for clouds: no upgrades at a moment of their own choice.
		systemctl disable apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer
		printf '# deb ADDRESS-OF-AN-ARCHIVE bookworm main\n' >/etc/apt/sources.list
		cat >/usr/local/sbin/armkvm-run <<-'RUN'
			#!/bin/sh
			# Runs the program that the kernel's command line names, from the share.
			file=$(tr ' ' '\n' </proc/cmdline | sed -n 's/^armkvm.run=//p')
			mkdir -p /mnt/share
			mount -t 9p -o trans=virtio,version=9p2000.L share /mnt/share || echo "guest: no share"
			"/mnt/share/$file"
			echo "guest: exit status $?"
			systemctl poweroff
		RUN
		chmod 755 /usr/local/sbin/armkvm-run
		cat >/etc/systemd/system/armkvm-run.service <<-'UNIT'
			[Unit]
			Description=Program named on the kernel's command line
			ConditionKernelCommandLine=armkvm.run
			Wants=network-online.target
			After=network-online.target getty.target serial-getty@ttyAMA0.service
			[Service]
			Type=idle
			ExecStart=/usr/local/sbin/armkvm-run
			StandardOutput=tty
			StandardError=tty
			TTYPath=/dev/console
			Environment=HOME=/root LC_ALL=C.UTF-8
			[Install]
			WantedBy=multi-user.target
		UNIT
		systemctl enable armkvm-run.service
		rm -f /etc/machine-id /var/lib/dbus/machine-id /var/lib/systemd/random-seed
		: >/etc/machine-id
		rm -rf /var/cache/apt/* /var/lib/apt/lists/* /var/log/*.log /var/log/apt
		mkdir -p /var/cache/apt/archives/partial /var/lib/apt/lists/partial
	SETTINGS
}

# ar_member NAME FILE: FILE as a member of an archive, on standard output; its size is even.
ar_member() {
	printf '%-16s%-12d%-6d%-6d%-8s%-10d`\n' "$1" 0 0 0 100644 "$(stat -c %s "$2")"
	cat "$2"
}

# plain_deb DEB DIR: the same package into DIR with nothing in it compressed: an emulated machine takes minutes for xz.
plain_deb() {
	local parts
	parts=$(fresh_dir "$2/parts")
	echo 2.0 >"$parts/debian-binary"
	dpkg-deb --ctrl-tarfile "$1" >"$parts/control.tar"
	dpkg-deb --fsys-tarfile "$1" >"$parts/data.tar"
	{
		printf '!<arch>\n'
		ar_member debian-binary "$parts/debian-binary"
		ar_member control.tar "$parts/control.tar"
		ar_member data.tar "$parts/data.tar"
	} >"$2/${1##*/}"
	rm -rf "$parts"
}

# repo_index DIR: the Packages file of a directory of packages.
repo_index() {
	local deb
	(
		cd "$1"
		for deb in *.deb; do
			dpkg-deb -f "$deb"
			printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$deb" \
				"$(stat -c %s "$deb")" "$(sha256sum <"$deb" | cut -d' ' -f1)"
		done >Packages
	)
}

# rootfs_install IMAGE: the emulated guest; ends the script if it doesn't end well.
rootfs_install() {
	local image=$1 guest log=$ARMKVM_LOGS/guest-rootfs.log
	guest=$(script guest-initramfs 6.1)
	UI_CURE="read the log; then run the same command again"
	run guest-rootfs timeout 3000 qemu-system-arm -M virt,highmem=off -cpu cortex-a15 -accel tcg -smp 2 -m 1024 \
		-nodefaults -display none -serial stdio -no-reboot \
		-kernel "$guest/vmlinuz" -initrd "$guest/root.gz" \
		-append "console=ttyAMA0 quiet panic=-1 cryptomgr.notests audit=0 armkvm.init=/stage2/run" \
		-drive "file=$image,format=raw,if=none,id=root,cache=unsafe,discard=unmap" \
		-device virtio-blk-device,drive=root
	if ! tr -d '\r' <"$log" | grep -q '^rootfs: done'; then
		ui_failure guest-rootfs "$log" 1
		exit "$UI_EXPLAINED"
	fi
}

# rootfs_make DIR DEB...: the image of these packages in DIR.
rootfs_make() {
	local dir=$1 tree=$1/tree deb
	shift
	mkdir -p "$tree/stage2/debs"
	info "guest root file system: unpacking $# packages"
	apt_unpack "$tree" "$@"
	mkdir -p "$tree"/{dev,proc,sys,run,mnt,var/lib/dpkg}
	for deb in "$@"; do plain_deb "$deb" "$tree/stage2/debs"; done
	stage2 >"$tree/stage2/run"
	settings >"$tree/stage2/settings"
	chmod 755 "$tree/stage2/run"
	truncate -s "$ROOTFS_SIZE" "$dir/rootfs.img"
	run guest-rootfs-mke2fs mke2fs -q -F -t ext4 -L debian \
		-E root_owner=0:0,lazy_itable_init=0 -d "$tree" "$dir/rootfs.img"
	rm -rf "$tree"
	rootfs_install "$dir/rootfs.img"
}

# rootfs_cached STAMP: the image's name in the cache.
rootfs_cached() {
	printf '%s/rootfs/%s.img.gz\n' "$ARMKVM_CACHE" "$(sha256sum <<<"$1" | cut -c1-24)"
}

# rootfs_get STAMP DEB...: build/guest-rootfs/rootfs.img from the cache or anew.
rootfs_get() {
	local stamp=$1 cached new
	shift
	cached=$(rootfs_cached "$stamp")
	rm -rf "$ROOTFS_DIR"
	new=$(fresh_dir "$ROOTFS_DIR")
	# A damaged file of the cache is as good as none.
	if [[ -f $cached ]] && gzip -dc "$cached" 2>/dev/null |
		dd of="$new/rootfs.img" conv=sparse bs=64k iflag=fullblock status=none; then
		truncate -s "$ROOTFS_SIZE" "$new/rootfs.img"
	else
		rootfs_make "$new" "$@"
		gzip -1n <"$new/rootfs.img" | write_atomically "$cached"
	fi
	mkdir "$new/repo"
	cp -- "${repo[@]}" "$new/repo/"
	repo_index "$new/repo"
	mv "$new" "$ROOTFS_DIR"
}

main() {
	local list debs repo stamp
	case ${1:-} in
	'') ;;
	--help | -h)
		sed -n '4,21s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
		return
		;;
	*) usage_error "unknown argument '$1'" scripts/guest-rootfs.sh ;;
	esac
	deps_install guest-rootfs
	list=$(apt_fetch_closure armhf "${ROOTFS_PACKAGES[@]}") ||
		die "the guest's packages can't be had" "the lines above say why"
	mapfile -t debs <<<"$list"
	list=$(apt_fetch armhf "${REPO_PACKAGES[@]}") ||
		die "the packages of the guest's repository can't be had" "the lines above say why"
	mapfile -t repo <<<"$list"
	stamp="$(printf '%s\n' "$ROOTFS_SIZE" "$(stage2)" "$(settings)" | sha256sum | cut -c1-32) ${debs[*]##*/} ${repo[*]##*/}"
	if ! stamp_is "$ROOTFS_DIR.stamp" "$stamp"; then ui_lock guest-rootfs; fi
	if ! stamp_is "$ROOTFS_DIR.stamp" "$stamp"; then
		rm -f "$ROOTFS_DIR.stamp"
		rootfs_get "$stamp" "${debs[@]}"
		stamp_set "$ROOTFS_DIR.stamp" "$stamp"
	fi
	printf '%s\n' "$ROOTFS_DIR"
}
main "$@"
