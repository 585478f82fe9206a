#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Installs what was built on the machine that it runs on.
#
#   scripts/install.sh [--prefix DIR]     default: /usr/local; DESTDIR is obeyed
#   scripts/install.sh --remove [--prefix DIR]
#   scripts/install.sh --check [ARG...]   only says whether the above could be done
#
# qemu-system-arm and its data, armkvm, armkvm-ok and their manual pages go below the prefix. On an Arm machine also the
# module: its source through DKMS (rebuilt with each new kernel, by a hook that can't
# break that kernel's installation), the device's udev rule (group kvm), and its loading
# at boot. On another machine the module has nothing to run on, and QEMU offers its
# emulator only.
#
# PREFIX/share/armkvm/installed lists what was installed; --remove takes that and
# nothing else. A file of somebody else's that was in the way is FILE.before-armkvm
# meanwhile, and comes back.
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"
# shellcheck source=scripts/lib/deps.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/deps.sh"
# shellcheck source=scripts/lib/version.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/version.sh"

PREFIX=/usr/local
DESTDIR=${DESTDIR:-}

# The list: "file SHA256 PATH", "kept PATH" (somebody else's is PATH.before-armkvm),
# "dir PATH" (made by us), "module VERSION"; PATH without DESTDIR.
list_file() { printf '%s\n' "$DESTDIR$PREFIX/share/armkvm/installed"; }

# list_add WORD...: once, however often one installs.
list_add() {
	local list
	list=$(list_file)
	grep -qxF -- "$*" "$list" 2>/dev/null || printf '%s\n' "$*" >>"$list"
}

list_has_file() {
	cut -d' ' -f1,3- "$(list_file)" 2>/dev/null | grep -qxF -- "file $1"
}

checksum() { sha256sum <"$1" | cut -d' ' -f1; }

# put_dir PATH: makes it, with those above it.
put_dir() {
	local path=$1 made=()
	# / is there, also below a DESTDIR that is new.
	while [[ $path != / && ! -d $DESTDIR$path ]]; do
		made+=("$path")
		path=$(dirname -- "$path")
	done
	install -d "$DESTDIR$1"
	for path in "${made[@]}"; do list_add dir "$path"; done
}

# put FILE PATH [OPTION...]: installs it; what is there and not ours is kept.
put() {
	local from=$1 path=$2 to=$DESTDIR$2 others
	shift 2
	put_dir "$(dirname -- "$path")"
	if [[ -e $to ]] && ! list_has_file "$path" && ! is_ours "$to" && ! cmp -s "$from" "$to"; then
		mv -f -- "$to" "$to.before-armkvm"
		list_add kept "$path"
		info "kept: $to.before-armkvm"
	fi
	install -m 644 "$@" "$from" "$to"
	# Behind the checksum of 64 digits
	others=$(awk -v path="$path" '$1 != "file" || substr($0, 71) != path' "$(list_file)")
	printf '%s\n' "$others" "file $(checksum "$to") $path" | write_atomically "$(list_file)"
}

# is_ours FILE: a QEMU that a release without a list has installed.
is_ours() { [[ $1 == */qemu-system-arm ]] && grep -qa 'armkvm cannot start' "$1"; }

install_qemu() {
	local share=$PREFIX/share/qemu file
	[[ -x $ARMKVM_BUILD/qemu-native/qemu-system-arm ]] ||
		die "our QEMU for this machine is not built" "./configure-wrapper.sh build"
	put_dir "$PREFIX/share/armkvm"
	put "$ARMKVM_BUILD/qemu-native/qemu-system-arm" "$PREFIX/bin/qemu-system-arm" -m 755 --strip
	for file in "$ARMKVM_BUILD"/qemu-share/*.rom; do
		put "$file" "$share/${file##*/}"
	done
	for file in "$ARMKVM_BUILD"/qemu-src/pc-bios/keymaps/*; do
		if [[ -f $file && $file != */meson.build ]]; then put "$file" "$share/keymaps/${file##*/}"; fi
	done
	install_commands
	info "installed qemu-system-arm, armkvm and armkvm-ok in $DESTDIR$PREFIX/bin, and $DESTDIR$share"
}

# install_commands: what is a script, and manual pages; with the release in them.
install_commands() {
	local file version new=$ARMKVM_BUILD/commands
	version=$(armkvm_version)
	mkdir -p "$new"
	for file in "$ARMKVM_TOP"/packaging/bin/* "$ARMKVM_TOP"/packaging/man/*; do
		sed "s/@VERSION@/$version/g" "$file" | write_atomically "$new/${file##*/}"
		case $file in
		*/bin/*) put "$new/${file##*/}" "$PREFIX/bin/${file##*/}" -m 755 ;;
		# That of the package's name for QEMU
		*/qemu-system-arm-armkvm.1) ;;
		*) put "$new/${file##*/}" "$PREFIX/share/man/man${file##*.}/${file##*/}" ;;
		esac
	done
}

# install_module: source to where DKMS looks, then DKMS for the running kernel.
install_module() {
	local version src
	version=$(armkvm_version)
	src=$DESTDIR/usr/src/armkvm-$version
	if [[ -z $DESTDIR ]] && dpkg-query -S "$src" >/dev/null 2>&1; then
		die "$src belongs to a package" "remove the package armkvm-dkms first, or use its module"
	fi
	remove_modules
	rm -rf "$src"
	run kmod-source-package make -C "$ARMKVM_TOP/kmod" source-package DESTDIR="$src"
	list_add module "$version"
	put "$ARMKVM_TOP/kmod/60-armkvm.rules" /etc/udev/rules.d/60-armkvm.rules
	printf '# armkvm: software-only virtualization of 32-bit Arm\narmkvm\n' |
		write_atomically "$ARMKVM_BUILD/armkvm.conf"
	put "$ARMKVM_BUILD/armkvm.conf" /etc/modules-load.d/armkvm.conf
	put "$ARMKVM_TOP/kmod/dkms-armkvm" /etc/kernel/postinst.d/dkms-armkvm -m 755
	put "$ARMKVM_TOP/kmod/dkms-armkvm" /etc/kernel/header_postinst.d/dkms-armkvm -m 755
	# Distributions whose kernels come by kernel-install
	if command -v kernel-install >/dev/null && [[ -z $DESTDIR ]]; then
		put "$ARMKVM_TOP/kmod/dkms-armkvm" /etc/kernel/install.d/41-armkvm.install -m 755
	fi
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
	run dkms-add dkms add -m armkvm -v "$version"
	run dkms-install dkms install -m armkvm -v "$version"
}

# remove_modules: every version that the list names, from DKMS and /usr/src.
remove_modules() {
	local list version
	list=$(list_file)
	while read -r version; do
		if [[ -z $DESTDIR ]] && command -v dkms >/dev/null && dkms status -m armkvm -v "$version" | grep -q .; then
			run dkms-remove dkms remove -m armkvm -v "$version" --all
		fi
		rm -rf "$DESTDIR/usr/src/armkvm-${version:?}"
	done < <(sed -n 's/^module //p' "$list")
	sed -i '/^module /d' "$list"
}

# remove_installed: files of the list that are as they were installed, then the
# directories that we made and nobody else uses.
remove_installed() {
	local list sum path dirs
	list=$(list_file)
	[[ -f $list ]] || die "there is no list of what was installed below $DESTDIR$PREFIX" \
		"name the directory: ./configure-wrapper.sh install --remove --prefix DIR; 0.1.0 wrote no list: install this release over it first"
	remove_modules
	while read -r sum path; do
		if [[ -f $DESTDIR$path && $(checksum "$DESTDIR$path") != "$sum" ]]; then
			warn "$DESTDIR$path was changed since: it stays"
		else
			rm -f -- "$DESTDIR$path"
		fi
	done < <(sed -n 's/^file //p' "$list")
	while read -r path; do
		if [[ ! -e $DESTDIR$path && -e $DESTDIR$path.before-armkvm ]]; then
			mv -- "$DESTDIR$path.before-armkvm" "$DESTDIR$path"
		fi
	done < <(sed -n 's/^kept //p' "$list")
	mapfile -t dirs < <(sed -n 's/^dir //p' "$list" | sort -r)
	rm -f -- "$list"
	for path in "${dirs[@]}"; do
		if [[ -d $DESTDIR$path ]]; then rmdir --ignore-fail-on-non-empty -- "$DESTDIR$path"; fi
	done
	info "removed"
}

# check_rights: before an hour's build, what would end it: no right to write there, no
# headers to build the module with.
check_rights() {
	local dir=$DESTDIR$PREFIX
	if [[ -z $DESTDIR ]] && ((EUID != 0)); then
		die "installing needs root" "sudo ./configure-wrapper.sh install"
	fi
	while [[ ! -e $dir ]]; do dir=$(dirname -- "$dir"); done
	[[ -d $dir && -w $dir ]] || die "cannot write to $dir" "name another --prefix or DESTDIR, or make it writable"
	if [[ $1 == install && -z $DESTDIR && $(arch_native) =~ ^arm(hf|64)$ && ! -e /lib/modules/$(uname -r)/build ]]; then
		die "the headers of the running kernel $(uname -r) are missing" "apt-get install linux-headers-$(uname -r)"
	fi
}

main() {
	local action=install arch check=
	while (($#)); do
		case $1 in
		--prefix)
			(($# > 1)) || usage_error "--prefix needs a directory" "./configure-wrapper.sh install"
			PREFIX=$2
			shift
			;;
		--prefix=*) PREFIX=${1#*=} ;;
		--remove) action=remove ;;
		--check) check=1 ;;
		--help | -h)
			sed -n '4,18s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
			return
			;;
		*) usage_error "unknown option '$1'" "./configure-wrapper.sh install" ;;
		esac
		shift
	done
	[[ $PREFIX == /* && $PREFIX != / ]] || usage_error "--prefix wants an absolute directory, not '$PREFIX'" "./configure-wrapper.sh install"
	PREFIX=${PREFIX%/}
	check_rights "$action"
	if [[ -n $check ]]; then return 0; fi
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
