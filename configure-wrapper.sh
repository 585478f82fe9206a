#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one entry to armkvm. Thin: each command is a script of its own in scripts/.
set -euo pipefail
# shellcheck source=scripts/lib/ui.sh
source "$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")/scripts/lib/ui.sh"

usage() {
	cat <<'TEXT'
armkvm: software-only virtualization of 32-bit Arm

usage: ./configure-wrapper.sh COMMAND [OPTION...]

  demo [--host HOST]       build what is needed, boot an emulated Arm host with
                           armkvm.ko in it, and a guest in that with our QEMU
                           HOST: armv7-a15 (default), armv7-a9, arm64-a72, arm64-n1
  build [--host TARGET] [--update]
                           build our QEMU and the module
                           TARGET: native   QEMU for this machine (default)
                                   armhf    QEMU and module for ARMv7 hosts
                                   arm64    QEMU and module for arm64 hosts
                                   all      all three
                           --update takes newer packages than the cached ones
  test [ARG...]            build everything and run the tests (ARGs: ci/tests/run --help)
  bench [ARG...]           build what is needed and run the benchmarks: a table, build/bench/bench.json
                           and build/bench/bench.svg (ARGs: ci/bench/run --help)
  guest-kernel [--version V]
                           build the paravirtual guest's kernel, 6.1 (default) or 6.12, from Debian's
                           linux-source and guest/linux/V, and print where its zImage is
  install [--prefix DIR]   install on this machine (default prefix: /usr/local);
                           on Arm with the module; `install --remove` undoes it
  clean [--all]            remove build/; with --all the download cache too
  --help                   this text

Made things are in build/, logs in build/logs/, downloads in $ARMKVM_CACHE
(default: ~/.cache/armkvm). With a filled cache no network is needed.
ARMKVM_JOBS=N compiles N files at a time. Needs Debian 12 or 13, root or sudo for
packages that are missing; the apt sources and dpkg architectures of the machine
are not touched.
TEXT
}

# option_value NAME ARG...: the value of `NAME VALUE` or `NAME=VALUE` at the
# front of the arguments.
option_value() {
	case $2 in
	"$1="*) printf '%s\n' "${2#*=}" ;;
	*)
		(($# > 2)) || usage_error "$1 needs a value" ./configure-wrapper.sh
		printf '%s\n' "$3"
		;;
	esac
}

# build_then TEXT ARG...: a build, then the announcement of one more stage.
build_then() {
	local text=$1 stages
	shift
	stages=$(script build --stages "$@")
	ARMKVM_STAGES=$((stages + 1)) script build "$@"
	ui_plan $((stages + 1)) "$stages"
	stage "$text"
}

command_demo() {
	local host=armv7-a15 arch
	while (($#)); do
		case $1 in
		--host | --host=*)
			host=$(option_value --host "$@")
			if [[ $1 == --host ]]; then shift; fi
			;;
		*) usage_error "demo does not know '$1'" ./configure-wrapper.sh ;;
		esac
		shift
	done
	case $host in
	armv7-a15 | armv7-a9) arch=armhf ;;
	arm64-a72 | arm64-n1) arch=arm64 ;;
	*) usage_error "'$host' is no host: take armv7-a15, armv7-a9, arm64-a72 or arm64-n1" ./configure-wrapper.sh ;;
	esac
	build_then "the emulated host $host, and a guest in it" --kernels 6.1 "$arch" testbed
	script demo "$host"
}

command_build() {
	local targets=(native) update=() host
	while (($#)); do
		case $1 in
		--host | --host=*)
			host=$(option_value --host "$@")
			case $host in
			native) targets=(native) ;;
			armhf) targets=(armhf testbed) ;;
			arm64) targets=(arm64 testbed) ;;
			all) targets=(native armhf arm64 testbed) ;;
			*) usage_error "'$host' is no build target: take native, armhf, arm64 or all" ./configure-wrapper.sh ;;
			esac
			if [[ $1 == --host ]]; then shift; fi
			;;
		--update) update=(--update) ;;
		*) usage_error "build does not know '$1'" ./configure-wrapper.sh ;;
		esac
		shift
	done
	script build "${update[@]}" "${targets[@]}"
}

command_test() {
	build_then "tests" native armhf arm64 testbed test
	exec "$ARMKVM_TOP/ci/tests/run" "$@"
}

# What the emulated host of the arguments needs: not this machine's QEMU.
command_bench() {
	local arch=armhf
	case " $* " in
	*' --help '* | *' -h '*) exec "$ARMKVM_TOP/ci/bench/run" --help ;;
	*' arm64-'* | *=arm64-*) arch=arm64 ;;
	esac
	build_then "benchmarks" "$arch" testbed
	exec "$ARMKVM_TOP/ci/bench/run" "$@"
}

command_guest-kernel() {
	local version=6.1 dir
	while (($#)); do
		case $1 in
		--version | --version=*)
			version=$(option_value --version "$@")
			if [[ $1 == --version ]]; then shift; fi
			;;
		*) usage_error "guest-kernel does not know '$1'" ./configure-wrapper.sh ;;
		esac
		shift
	done
	[[ $version == 6.1 || $version == 6.12 ]] ||
		usage_error "there is no guest kernel '$version': take 6.1 or 6.12" ./configure-wrapper.sh
	ui_plan 1
	stage "the paravirtual guest's kernel $version"
	dir=$(script guest-kernel build "$version")
	ls "$dir"/boot/vmlinuz-*
}

command_install() {
	local arg
	for arg in "$@"; do
		# Nothing needs to be built to read help or to remove.
		if [[ $arg == --help || $arg == --remove ]]; then
			script install "$@"
			return
		fi
	done
	# A user's checkout is built as that user, with that user's cache: root
	# would leave files in it that the user can't replace.
	if ((EUID == 0)) && [[ ${SUDO_USER:-root} != root && $(stat -c %U "$ARMKVM_TOP") == "$SUDO_USER" ]]; then
		sudo -H -u "$SUDO_USER" "$ARMKVM_TOP/configure-wrapper.sh" build
		ui_plan 1
		stage "installation"
	else
		build_then "installation" native
	fi
	script install "$@"
}

# Only what the build has made is removed, by name: the cache's directory is
# the user's choice and may hold other things.
command_clean() {
	local all='' subject
	case ${1:-} in
	'') ;;
	--all) all=1 ;;
	*) usage_error "clean does not know '$1'" ./configure-wrapper.sh ;;
	esac
	if [[ -d $ARMKVM_BUILD ]]; then
		for subject in "$ARMKVM_BUILD"/.lock-*; do
			if [[ -f $subject ]]; then ui_lock "${subject##*/.lock-}"; fi
		done
		find "$ARMKVM_BUILD" -mindepth 1 -maxdepth 1 ! -name '.lock-*' -exec rm -rf {} +
		info "removed the contents of ${ARMKVM_BUILD#"$ARMKVM_TOP/"}/"
	fi
	if [[ -n $all && -d $ARMKVM_CACHE ]]; then
		rm -rf "${ARMKVM_CACHE:?}"/{apt,debs,manifests,submodule-unreachable}
		if rmdir "$ARMKVM_CACHE" 2>/dev/null; then
			info "removed $ARMKVM_CACHE"
		else
			info "removed armkvm's files in $ARMKVM_CACHE"
		fi
	fi
}

# check_place: make, and with it the kernel's build, can't cope with such names.
check_place() {
	if [[ $ARMKVM_TOP$ARMKVM_CACHE == *[[:space:]:@%#]* ]]; then
		die "the path '$ARMKVM_TOP' or the cache's '$ARMKVM_CACHE' holds a blank or one of : @ % #" \
			"put the repository (and ARMKVM_CACHE) where no such character is in the path"
	fi
}

main() {
	local command=${1:-}
	if (($#)); then shift; fi
	case $command in
	demo | build | test | bench | guest-kernel | install | clean)
		check_place
		"command_$command" "$@"
		;;
	--help | -h | help) usage ;;
	'')
		usage >&2
		exit 2
		;;
	*) usage_error "unknown command '$command'" ./configure-wrapper.sh ;;
	esac
}
main "$@"
