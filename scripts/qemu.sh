#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Our QEMU: the source, patched, and the builds.
#
#   scripts/qemu.sh [--qemu V] COMMAND
#
#   source          build/qemu-src: upstream + overlay + series
#   build TARGET    build/qemu-TARGET/qemu-system-arm, where TARGET is native,
#                   armhf or arm64
#   check TARGET    whether there is such a build of that QEMU
#   roms            build/qemu-share: option ROMs that QEMU loads
#
# V is the QEMU: 10.0 (default), or 10.2, which has all of it but the ROMs in
# build/qemu-10.2/. The source of 10.0 is the qemu/ submodule when it is checked
# out or can be, else the source package of the distribution's QEMU 10.0.x; that
# of 10.2 is Debian unstable's. None is ever edited: an exported copy gets the
# overlay and the series. A step's stamp is removed before the step and written
# after it, so a killed step is done again.
set -euo pipefail
# shellcheck source=scripts/lib/apt.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/apt.sh"
# shellcheck source=scripts/lib/tree.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/tree.sh"
# shellcheck source=scripts/lib/version.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/version.sh"

QEMU_SHARE=$ARMKVM_BUILD/qemu-share

# qemu_choose V: which QEMU everything below is about: the versions that its
# series is for, where apt has the source package, the hosts, the directory.
qemu_choose() {
	QEMU=$1 QEMU_BUILD=$ARMKVM_BUILD
	case $QEMU in
	10.0) QEMU_RELEASES='10\.0\.[0-9]+' QEMU_STATE=source QEMU_TARGETS='native armhf arm64' ;;
	10.2) QEMU_RELEASES='10\.2\.[0-9]+' QEMU_STATE=source@sid QEMU_TARGETS='native arm64' ;;
	*) usage_error "there is no series for QEMU '$QEMU': take 10.0 or 10.2" scripts/qemu.sh ;;
	esac
	QEMU_NAME=qemu
	if [[ $QEMU != 10.0 ]]; then QEMU_NAME=qemu-$QEMU QEMU_BUILD=$ARMKVM_BUILD/qemu-$QEMU; fi
	QEMU_BASE=$QEMU_BUILD/qemu-base
	QEMU_SRC=$QEMU_BUILD/qemu-src
}

# qemu_check TARGET: an error unless the chosen QEMU is built for it.
qemu_check() {
	case $1 in
	native | armhf | arm64) ;;
	*) die "'$1' is not a QEMU build" "use native, armhf or arm64" ;;
	esac
	[[ " $QEMU_TARGETS " == *" $1 "* ]] ||
		die "QEMU $QEMU is built for this machine and arm64 hosts only: QEMU ends its support of 32-bit hosts" \
			"take the QEMU that has them: --qemu 10.0"
}

# A fetch of the submodule that failed is not tried again for a day: a machine
# that can't reach upstream must not wait for that at each build.
QEMU_SUBMODULE_RETRY=86400
QEMU_SUBMODULE_PROBE=20
QEMU_SUBMODULE_TIMEOUT=900

# What the product is made of. Everything else is off: less to build, and less
# that must exist in the sysroots and on the emulated hosts.
QEMU_OPTIONS=(
	--target-list=arm-softmmu
	--without-default-features
	--enable-system
	--enable-tcg
	--enable-fdt=system
	--enable-slirp
	--enable-pixman
	--enable-vnc
	--enable-png
	--enable-curses
	--enable-iconv
	--enable-gnutls
	--enable-attr
	--enable-virtfs
	--enable-vhost-kernel
	--enable-vhost-net
	--enable-vhost-user
	--enable-vhost-crypto
	--enable-vhost-vdpa
	--enable-linux-aio
	--enable-linux-io-uring
	--enable-zstd
	--enable-tpm
	--enable-libusb
	--enable-usb-redir
	--enable-plugins
	--enable-seccomp
	--disable-docs
	--disable-tools
	--disable-install-blobs
	--disable-debug-info
	--disable-werror
	-Darmkvm=enabled
)

# --- the source -------------------------------------------------------------

# qemu_git: git, also where root builds in a checkout that belongs to the user
# who ran sudo.
qemu_git() { git -c safe.directory='*' "$@"; }

qemu_in_git() { [[ -e $ARMKVM_TOP/.git && -f $ARMKVM_TOP/.gitmodules ]]; }

# The file, not the folder: an empty folder is what a clone without it has.
qemu_submodule_present() { [[ -f $ARMKVM_TOP/qemu/VERSION && -e $ARMKVM_TOP/qemu/.git ]]; }

# qemu_submodule_url: the user's own choice, else upstream's.
qemu_submodule_url() {
	qemu_git -C "$ARMKVM_TOP" config submodule.qemu.url ||
		git config -f "$ARMKVM_TOP/.gitmodules" submodule.qemu.url
}

# qemu_submodule_try: fetches the submodule if it can be had without asking
# anybody anything. Never hangs: no prompt, a slow line is cut, an hour-glass.
qemu_submodule_try() {
	local failed=$ARMKVM_CACHE/submodule-unreachable
	qemu_submodule_present && return 0
	qemu_in_git || return 1
	# Without a gitlink there is nothing to fetch.
	qemu_git -C "$ARMKVM_TOP" ls-files --stage -- qemu | grep -q '^160000 ' || return 1
	if [[ -f $failed ]] &&
		((EPOCHSECONDS - $(stat -c %Y "$failed") < QEMU_SUBMODULE_RETRY)); then
		return 1
	fi
	info "fetching the qemu/ submodule"
	export GIT_TERMINAL_PROMPT=0 GIT_SSH_COMMAND='ssh -o BatchMode=yes -o ConnectTimeout=15'
	if run_status qemu-submodule-probe timeout "$QEMU_SUBMODULE_PROBE" \
		git ls-remote --exit-code "$(qemu_submodule_url)" HEAD &&
		run_status qemu-submodule timeout "$QEMU_SUBMODULE_TIMEOUT" \
		git -c safe.directory='*' -C "$ARMKVM_TOP" -c http.lowSpeedLimit=10000 -c http.lowSpeedTime=20 \
		submodule update --init --depth 1 -- qemu &&
		qemu_submodule_present; then
		rm -f "$failed"
		return 0
	fi
	mkdir -p "$ARMKVM_CACHE"
	: >"$failed"
	info "the qemu/ submodule can't be fetched (logs: build/logs/qemu-submodule*.log): the source package will do"
	return 1
}

qemu_package_version() {
	apt_source_versions qemu "$QEMU_STATE" | grep -E "^[0-9]+:$QEMU_RELEASES([^0-9]|\$)" | tail -n 1
}

# qemu_source_id: "git COMMIT" or "package VERSION": what the base is made from.
qemu_source_id() {
	local version
	if [[ $QEMU != 10.0 ]]; then
		version=$(apt_memo "qemu-source-$QEMU" qemu_package_version) ||
			die "Debian unstable's package index has no source package of QEMU $QEMU.x" \
				"make an archive that has it reachable (ARMKVM_DEBIAN_MIRROR), or take --qemu 10.0"
		printf 'package %s\n' "$version"
		return
	fi
	if qemu_submodule_try; then
		printf 'git %s\n' "$(qemu_git -C "$ARMKVM_TOP/qemu" rev-parse HEAD)"
		return
	fi
	version=$(apt_memo qemu-source qemu_package_version) ||
		die "there is neither the qemu/ submodule nor a source package of QEMU 10.0.x" \
			"git submodule update --init, or make Debian 13's package sources reachable"
	printf 'package %s\n' "$version"
}

# qemu_describe: in words, what the present build/qemu-src was made from.
qemu_describe() {
	local id
	id=$(<"$QEMU_BASE.stamp")
	case $id in
	git\ *) echo "the qemu/ submodule, commit ${id#git }" ;;
	*) echo "the source $id of the distribution, signature checked by apt" ;;
	esac
}

# qemu_base ID: the untouched source, build/qemu-base. Made once per version.
qemu_base() {
	local id=$1 new dsc list
	if stamp_is "$QEMU_BASE.stamp" "$id"; then return 0; fi
	info "unpacking QEMU ($id)"
	remove "$QEMU_BASE.stamp" "$QEMU_BASE"
	new=$(fresh_dir "$QEMU_BASE")
	case $id in
	git\ *)
		mkdir "$new/tree"
		qemu_git -C "$ARMKVM_TOP/qemu" archive "${id#git }" | tar -x -C "$new/tree"
		qemu_base_subprojects "$new/tree"
		;;
	package\ *)
		list=$(apt_fetch_source "qemu=${id#package }" "$QEMU_STATE") ||
			die "the source package qemu ${id#package } can't be had" \
				"the lines above say why; for new package indexes: ./configure-wrapper.sh build --update"
		dsc=$(grep '\.dsc$' <<<"$list")
		# apt has checked the hashes against the signed index; apt_get again.
		run qemu-unpack dpkg-source --no-check -x "$dsc" "$new/tree"
		;;
	esac
	mv "$new/tree" "$QEMU_BASE"
	rm -rf "$new"
	stamp_set "$QEMU_BASE.stamp" "$id"
}

# qemu_base_subprojects DIR: upstream's tree leaves a few small libraries to be
# fetched at configure time; here, once, so that builds need no network.
qemu_base_subprojects() {
	UI_CURE="check the network, or remove the qemu/ checkout (git submodule deinit qemu): the source package is then used" \
		run qemu-subprojects env GIT_TERMINAL_PROMPT=0 PYTHONPATH="$(qemu_meson)" \
		timeout "$QEMU_SUBMODULE_TIMEOUT" /usr/bin/python3 -m mesonbuild.mesonmain \
		subprojects download --sourcedir "$1" \
		keycodemapdb berkeley-softfloat-3 berkeley-testfloat-3
}

# qemu_series: the patches in order, one path a line.
qemu_series() {
	local series
	for series in "$ARMKVM_TOP"/{accel-armkvm/series,hw-arm-patches}/"$QEMU"/series; do
		[[ -f $series ]] || die "the patch list ${series#"$ARMKVM_TOP/"} is missing" "git checkout -- ${series#"$ARMKVM_TOP/"}"
		sed -e 's/#.*//; s/[[:space:]]*$//; /^$/d' -e "s@^@$(dirname "$series")/@" "$series"
	done
}

# qemu_series_hash: one hash of the patches, of those for every QEMU, too, and of their order.
qemu_series_hash() {
	local patches
	patches=$(qemu_series)
	# shellcheck disable=SC2086 # a patch is one word
	cat -- $patches | sha256sum | cut -c1-32
}

# qemu_patch DIR: overlay, then the series, exactly: an offset may be, a fuzz not.
qemu_patch() {
	local dir=$1 patch patches
	rsync -rlp --checksum "$ARMKVM_TOP/accel-armkvm/overlay/" "$dir/"
	patches=$(qemu_series)
	for patch in $patches; do
		UI_CURE="the patch ${patch#"$ARMKVM_TOP/"} does not apply to this QEMU: refresh it" \
			run qemu-patch patch -d "$dir" -p1 --fuzz=0 --no-backup-if-mismatch --forward -i "$patch"
	done
}

# qemu_source: build/qemu-src is base + overlay + series. A change is made in a
# fresh copy that is then synchronised by content: unchanged files keep their
# time stamps and ninja rebuilds only what depends on the others.
qemu_source() {
	local id stamp new
	ui_lock qemu
	mkdir -p "$QEMU_BUILD"
	id=$(qemu_source_id)
	stamp="$id $(tree_hash "$ARMKVM_TOP/accel-armkvm/overlay") $(qemu_series_hash)"
	if stamp_is "$QEMU_SRC.stamp" "$stamp"; then return 0; fi
	qemu_base "$id"
	info "applying accel-armkvm/ and hw-arm-patches/"
	new=$(fresh_dir "$QEMU_SRC")
	cp -a "$QEMU_BASE/." "$new"
	qemu_patch "$new"
	rm -f "$QEMU_SRC.stamp"
	if [[ -d $QEMU_SRC ]]; then
		tree_sync "$new" "$QEMU_SRC"
		rm -rf "$new"
	else
		mv "$new" "$QEMU_SRC"
	fi
	stamp_set "$QEMU_SRC.stamp" "$stamp"
}

# --- tools ------------------------------------------------------------------

# qemu_meson: a directory for PYTHONPATH with a meson that each QEMU accepts
# (1.5 or later). Debian 12's own is too old: the one of its backports is
# unpacked, not installed.
qemu_meson() {
	local deb new dir=$ARMKVM_BUILD/tools/meson
	if [[ $(apt_codename) != bookworm ]]; then
		echo /usr/lib/python3/dist-packages
		return
	fi
	if [[ ! -f $dir.stamp ]]; then
		deb=$(apt_fetch "$(arch_native)" meson/bookworm-backports) ||
			die "meson 1.5 or later can't be had" "make bookworm-backports reachable for apt"
		rm -rf "$dir"
		new=$(fresh_dir "$dir")
		apt_unpack "$new" "$deb"
		mv "$new" "$dir"
		stamp_set "$dir.stamp" "$deb"
	fi
	echo "$dir/usr/lib/python3/dist-packages"
}

# qemu_roms: option ROMs of PCI network cards, which the source package leaves
# out: without them `-device virtio-net-pci` does not start.
qemu_roms() {
	local deb new
	if [[ -f $QEMU_SHARE.stamp ]]; then return 0; fi
	ui_lock qemu
	deb=$(apt_fetch "$(arch_native)" ipxe-qemu) || die "the package ipxe-qemu can't be had"
	rm -rf "$QEMU_SHARE"
	new=$(fresh_dir "$QEMU_SHARE")
	apt_unpack "$new/package" "$deb"
	mkdir "$new/share"
	# In /usr/lib/ipxe/qemu of Debian 12's package, in /usr/share/qemu of 13's.
	find "$new/package" -name 'efi-*.rom' -type f -exec cp -t "$new/share" {} +
	compgen -G "$new/share/efi-virtio.rom" >/dev/null ||
		die "${deb##*/} holds no efi-virtio.rom" "report it with the package's name"
	mv "$new/share" "$QEMU_SHARE"
	rm -rf "$new"
	stamp_set "$QEMU_SHARE.stamp" "$deb"
}

# --- builds -----------------------------------------------------------------

# What was compiled once, in this checkout or in another, is not compiled again: ccache keeps
# it beside the downloads. By content, the compiler's and the headers' included, with paths
# relative to the checkout. One QEMU takes some 100 MB.
QEMU_CCACHE=(
	CCACHE_DIR="$ARMKVM_CACHE/ccache"
	CCACHE_BASEDIR="$ARMKVM_BUILD"
	CCACHE_NOHASHDIR=1
	CCACHE_COMPILERCHECK=content
	CCACHE_MAXSIZE=2G
)

# qemu_cross_options ARCH: what configure must know to build for ARCH.
qemu_cross_options() {
	local arch=$1 triplet root=$ARMKVM_BUILD/sysroot-$1
	triplet=$(arch_triplet "$arch")
	printf '%s\n' "--cross-prefix=$triplet-" "--cc=ccache $triplet-gcc" \
		"--extra-cflags=-I$root/usr/include -I$root/usr/include/$triplet" \
		"--extra-ldflags=-s -L$root/usr/lib/$triplet -Wl,-rpath-link,$root/usr/lib/$triplet"
}

# qemu_target_options TARGET: what is compiled in for this kind of host only.
qemu_target_options() {
	# Elsewhere Linux has no KVM for 32-bit Arm guests.
	if [[ $1 == arm64 ]]; then echo --enable-kvm; fi
}

qemu_configure() {
	local target=$1 dir=$2 options=("${QEMU_OPTIONS[@]}") extra=() env=()
	mapfile -t -O "${#options[@]}" options < <(qemu_target_options "$target")
	env=("${QEMU_CCACHE[@]}" PYTHONPATH="$(qemu_meson)" PATH="$ARMKVM_BUILD/tools/bin:$PATH")
	if [[ $target == native ]]; then
		extra=("--cc=ccache gcc")
	else
		mapfile -t extra < <(qemu_cross_options "$target")
		env+=(PKG_CONFIG="$ARMKVM_BUILD/tools/$(arch_triplet "$target")-pkg-config")
	fi
	remove "$dir"
	mkdir -p "$dir"
	run "$QEMU_NAME-configure-$target" env -C "$dir" "${env[@]}" "$QEMU_SRC/configure" \
		--python=/usr/bin/python3 --prefix=/usr "${options[@]}" "${extra[@]}"
}

# qemu_configure_stamp TARGET: everything that configure's answer depends on.
qemu_configure_stamp() {
	local sysroot=$ARMKVM_BUILD/sysroot-$1.stamp
	{
		printf '%s\n' "${QEMU_OPTIONS[@]}" "$QEMU_SRC" "$(qemu_meson)" ccache
		qemu_target_options "$1"
		if [[ -f $sysroot ]]; then cat "$sysroot"; fi
	} | sha256sum | cut -c1-32
}

# qemu_version TARGET DIR: our release behind QEMU's own version, in --version and
# `-accel help`. Not an option of configure: a new release compiles two files anew.
qemu_version() {
	local version
	version="armkvm $(armkvm_version)"
	if stamp_is "$2.version" "$version"; then return 0; fi
	run "$QEMU_NAME-version-$1" env PYTHONPATH="$(qemu_meson)" /usr/bin/python3 -m mesonbuild.mesonmain \
		configure "$2" "-Dpkgversion=$version"
	stamp_set "$2.version" "$version"
}

# qemu_build TARGET: configured anew when the options, the sysroot or the tools
# change; otherwise ninja finds out what there is to do.
qemu_build() {
	local target=$1 dir=$QEMU_BUILD/qemu-$1 stamp done_stamp
	qemu_check "$target"
	if [[ $target != native ]]; then script sysroot dev "$target" >/dev/null; fi
	ui_lock qemu
	qemu_source
	qemu_roms
	stamp=$(qemu_configure_stamp "$target")
	done_stamp="$stamp $(<"$QEMU_SRC.stamp") $(armkvm_version)"
	if stamp_is "$dir.stamp" "$done_stamp" && [[ -x $dir/qemu-system-arm ]]; then return 0; fi
	rm -f "$dir.stamp"
	if ! stamp_is "$dir.configured" "$stamp" || [[ ! -f $dir/build.ninja ]]; then
		rm -f "$dir.configured" "$dir.version"
		qemu_configure "$target" "$dir"
		stamp_set "$dir.configured" "$stamp"
	fi
	qemu_version "$target" "$dir"
	run "$QEMU_NAME-build-$target" env "${QEMU_CCACHE[@]}" PYTHONPATH="$(qemu_meson)" nice -n 10 \
		ninja -C "$dir" -j "${ARMKVM_JOBS:-$(nproc)}" qemu-system-arm
	mkdir -p "$dir/qemu-bundle/usr/share/qemu"
	cp "$QEMU_SHARE"/*.rom "$dir/qemu-bundle/usr/share/qemu/"
	stamp_set "$dir.stamp" "$done_stamp"
}

main() {
	local qemu=10.0
	if [[ ${1:-} == --qemu ]]; then
		(($# > 1)) || usage_error "--qemu needs a version" scripts/qemu.sh
		qemu=$2
		shift 2
	fi
	qemu_choose "$qemu"
	case ${1:-} in
	source)
		qemu_source
		info "QEMU source: $(qemu_describe)"
		;;
	roms) qemu_roms ;;
	check)
		(($# == 2)) || usage_error "check needs TARGET" scripts/qemu.sh
		qemu_check "$2"
		;;
	build)
		(($# == 2)) || usage_error "build needs TARGET" scripts/qemu.sh
		qemu_build "$2"
		;;
	--help | -h) sed -n '4,20s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" ;;
	*) usage_error "unknown command '${1:-}'" scripts/qemu.sh ;;
	esac
}
main "$@"
