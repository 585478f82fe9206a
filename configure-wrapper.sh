#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The one entry to armkvm. Thin: each command is a script of its own in scripts/.
set -euo pipefail
TOP=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
# shellcheck source=scripts/lib/deps.sh
source "$TOP/scripts/lib/deps.sh"
# shellcheck source=scripts/lib/room.sh
source "$TOP/scripts/lib/room.sh"
# shellcheck source=scripts/lib/version.sh
source "$TOP/scripts/lib/version.sh"

ME=./configure-wrapper.sh

usage() {
	cat <<'TEXT'
armkvm: software-only virtualization of 32-bit Arm

usage: ./configure-wrapper.sh COMMAND [OPTION...]

  demo          build what is needed, boot an emulated Arm host with armkvm.ko in it, and
                a guest in that with our QEMU
  build         build our QEMU and the module
  test          build everything and run the tests
  bench         build what is needed and run the benchmarks
  guest-kernel  build the paravirtual guest's kernel
  package       make Debian packages of our QEMU and the module
  install       install on this machine, or remove it again
  clean         remove what was made
  COMMAND --help, help COMMAND     the command's options
  --version     print the version
  --help        this text

Made things are in build/, logs in build/logs/, downloads and what takes minutes to
make in $ARMKVM_CACHE (default: ~/.cache/armkvm). With a filled cache no network is needed.
ARMKVM_JOBS=N compiles N files at a time. Needs Debian 12 or 13, root or sudo for
packages that are missing; the apt sources and dpkg architectures of the machine
are not touched.
TEXT
}

help_demo() {
	cat <<'TEXT'
usage: ./configure-wrapper.sh demo [--host HOST]

Builds what is needed, boots an emulated Arm host with armkvm.ko in it, and a guest in that
with our QEMU. With a terminal the guest's console is yours; without one it says what it is.

  --host HOST   armv7-a15 (default), armv7-a9, arm64-a72, arm64-n1
TEXT
}

help_build() {
	cat <<'TEXT'
usage: ./configure-wrapper.sh build [--host TARGET] [--qemu V] [--update]

  --host TARGET   native   QEMU for this machine (default)
                  armhf    QEMU and module for ARMv7 hosts
                  arm64    QEMU and module for arm64 hosts
                  all      all three
  --qemu V        10.0     (default)
                  10.2     in build/qemu-10.2/, beside the other: native or arm64
  --update        take newer packages than the cached ones
TEXT
}

help_test() {
	cat <<'TEXT'
usage: ./configure-wrapper.sh test [ARG...]

Builds everything and runs the gates and tests. The ARGs are those of ci/tests/run:

TEXT
	"$ARMKVM_TOP/ci/tests/run" --help
}

help_bench() {
	cat <<'TEXT'
usage: ./configure-wrapper.sh bench [ARG...]

Builds what is needed and runs the benchmarks: a table, build/bench/bench.json and
build/bench/bench.svg. The ARGs are those of ci/bench/run (docs/bench.md):

TEXT
	if command -v python3 >/dev/null; then
		"$ARMKVM_TOP/ci/bench/run" --help
	else
		echo "ci/bench/run --help, once python3 is installed, lists them."
	fi
}

help_guest-kernel() {
	cat <<'TEXT'
usage: ./configure-wrapper.sh guest-kernel [--version V] [--thumb]

Builds the paravirtual guest's kernel from Debian's linux-source and guest/linux/V, and
prints where its zImage is.

  --version V   6.1 (default) or 6.12
  --thumb       the same source and configuration as Thumb-2 code, without guest/linux/V
TEXT
}

help_package() { script package --help; }

help_install() { script install --help; }

help_clean() {
	cat <<'TEXT'
usage: ./configure-wrapper.sh clean [--all]

Removes what is in build/.

  --all   the cache too: downloads, compiled files, guest kernels, root file systems
TEXT
}

# option_value NAME ARG...: the value of `NAME VALUE` or `NAME=VALUE` at the
# front of the arguments.
option_value() {
	case $2 in
	"$1="*) printf '%s\n' "${2#*=}" ;;
	*)
		(($# > 2)) || usage_error "$1 needs a value" "$ME $COMMAND"
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
		*) usage_error "demo does not know '$1'" "$ME $COMMAND" ;;
		esac
		shift
	done
	case $host in
	armv7-a15 | armv7-a9) arch=armhf ;;
	arm64-a72 | arm64-n1) arch=arm64 ;;
	*) usage_error "'$host' is no host: take armv7-a15, armv7-a9, arm64-a72 or arm64-n1" "$ME $COMMAND" ;;
	esac
	room_check "demo-$arch" "$ARMKVM_BUILD/qemu-$arch.stamp"
	build_then "the emulated host $host, and a guest in it" --kernels 6.1 "$arch" testbed
	script demo "$host"
}

command_build() {
	local targets=(native) update=() host=native qemu=10.0 target
	while (($#)); do
		case $1 in
		--host | --host=*)
			host=$(option_value --host "$@")
			case $host in
			native) targets=(native) ;;
			armhf) targets=(armhf testbed) ;;
			arm64) targets=(arm64 testbed) ;;
			all) targets=(native armhf arm64 testbed) ;;
			*) usage_error "'$host' is no build target: take native, armhf, arm64 or all" "$ME $COMMAND" ;;
			esac
			if [[ $1 == --host ]]; then shift; fi
			;;
		--qemu | --qemu=*)
			qemu=$(option_value --qemu "$@")
			if [[ $1 == --qemu ]]; then shift; fi
			;;
		--update) update=(--update) ;;
		*) usage_error "build does not know '$1'" "$ME $COMMAND" ;;
		esac
		shift
	done
	for target in "${targets[@]}"; do
		case $target in
		native | armhf | arm64) script qemu --qemu "$qemu" check "$target" ;;
		esac
	done
	if [[ $qemu == 10.0 ]]; then
		room_check "$host" "$ARMKVM_BUILD/qemu-${host/all/arm64}.stamp"
	else
		room_check "$host" "$ARMKVM_BUILD/qemu-$qemu/qemu-$host.stamp"
	fi
	script build "${update[@]}" --qemu "$qemu" "${targets[@]}"
}

# The runner's own list is what says whether it takes the arguments: before the build.
command_test() {
	local arg
	for arg in "$@"; do
		if [[ $arg == --list ]]; then exec "$ARMKVM_TOP/ci/tests/run" "$@"; fi
	done
	"$ARMKVM_TOP/ci/tests/run" --list "$@" >/dev/null || exit "$UI_USAGE"
	room_check test "$ARMKVM_BUILD/qemu-arm64.stamp"
	build_then "tests" native armhf arm64 testbed bench test
	exec "$ARMKVM_TOP/ci/tests/run" "$@"
}

# What the emulated host of the arguments needs: not this machine's QEMU.
command_bench() {
	local arch
	# On a machine that has no python3 yet a wrong argument is told after the build.
	if command -v python3 >/dev/null; then
		arch=$("$ARMKVM_TOP/ci/bench/run" --check "$@") || exit "$UI_USAGE"
	else
		case " $* " in
		*' arm64-'* | *=arm64-*) arch=arm64 ;;
		*) arch=armhf ;;
		esac
	fi
	room_check "bench-$arch" "$ARMKVM_BUILD/qemu-$arch.stamp"
	build_then "benchmarks" "$arch" testbed bench
	exec "$ARMKVM_TOP/ci/bench/run" "$@"
}

command_guest-kernel() {
	local version=6.1 thumb='' dir
	while (($#)); do
		case $1 in
		--thumb) thumb=-thumb2-plain ;;
		--version | --version=*)
			version=$(option_value --version "$@")
			if [[ $1 == --version ]]; then shift; fi
			;;
		*) usage_error "guest-kernel does not know '$1'" "$ME $COMMAND" ;;
		esac
		shift
	done
	[[ $version == 6.1 || $version == 6.12 ]] ||
		usage_error "there is no guest kernel '$version': take 6.1 or 6.12" "$ME $COMMAND"
	room_check guest-kernel "$ARMKVM_BUILD/guest-kernels/$version$thumb/.complete"
	ui_plan 1
	stage "the guest's kernel $version$thumb"
	dir=$(script guest-kernel build "$version$thumb")
	ls "$dir"/boot/vmlinuz-*
}

command_package() {
	script package --check "$@"
	room_check package "$ARMKVM_BUILD/qemu-arm64.stamp"
	script package "$@"
}

command_install() {
	local arg
	script install --check "$@"
	for arg in "$@"; do
		# Nothing needs to be built to remove.
		if [[ $arg == --remove ]]; then
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
		room_check native "$ARMKVM_BUILD/qemu-native.stamp"
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
	*) usage_error "clean does not know '$1'" "$ME $COMMAND" ;;
	esac
	if [[ -d $ARMKVM_BUILD ]]; then
		for subject in "$ARMKVM_BUILD"/.lock-*; do
			if [[ -f $subject ]]; then ui_lock "${subject##*/.lock-}"; fi
		done
		find "$ARMKVM_BUILD" -mindepth 1 -maxdepth 1 ! -name '.lock-*' -exec rm -rf {} +
		info "removed the contents of ${ARMKVM_BUILD#"$ARMKVM_TOP/"}/"
	fi
	if [[ -n $all && -d $ARMKVM_CACHE ]]; then
		rm -rf "${ARMKVM_CACHE:?}"/{apt,debs,manifests,rootfs,guest-kernels,host-kernels,kernel-tools,machines,bare,submodule-unreachable}
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

# wants_help ARG...: whether one of a command's arguments asks for its help.
wants_help() {
	local arg
	for arg in "$@"; do
		if [[ $arg == --help || $arg == -h ]]; then return 0; fi
	done
	return 1
}

COMMANDS='demo build test bench guest-kernel package install clean'

main() {
	COMMAND=${1:-}
	if (($#)); then shift; fi
	if [[ $COMMAND == help && -n ${1:-} ]]; then
		COMMAND=$1
		set -- --help
	fi
	case $COMMAND in
	--help | -h | help)
		usage
		return
		;;
	--version | -V)
		echo "armkvm $(armkvm_version)"
		return
		;;
	'')
		usage >&2
		exit "$UI_USAGE"
		;;
	esac
	[[ " $COMMANDS " == *" $COMMAND "* ]] || usage_error "unknown command '$COMMAND'" "$ME"
	if wants_help "$@"; then
		"help_$COMMAND"
		return
	fi
	if [[ $COMMAND != clean ]]; then apt_check_machine; fi
	check_place
	"command_$COMMAND" "$@"
}
main "$@"
