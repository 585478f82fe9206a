#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packaging/bin/armkvm-ok on made-up machines: directories in place of /proc, /sys, /dev, /boot
# and /lib, and programs in place of uname, setarch and QEMU. A machine that serves, then each
# thing that can be missing, alone. Real machines: boot/startup, boot/refused-arm64.
# test-cost: 10
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/cases.sh"

OK=$SCRATCH/armkvm-ok
FAKES=$SCRATCH/bin
export ARMKVM_ROOT=$SCRATCH/root
KERNEL=6.12.9-arm64
# a copy: the user that it is run as may not read this directory
cp "$TOP/packaging/bin/armkvm-ok" "$OK"

fake() { # NAME: a program that does what stands on standard input
	{
		printf '#!/bin/sh\n'
		cat
	} >"$FAKES/$1"
	chmod +x "$FAKES/$1"
}

put() { # FILE [TEXT]
	mkdir -p "$(dirname -- "$ARMKVM_ROOT/$1")"
	printf '%s\n' "${2-}" >"$ARMKVM_ROOT/$1"
}

cpuinfo() { # IMPLEMENTER PART FEATURES [ARCHITECTURE]
	printf 'processor\t: 0\nFeatures\t: %s\nCPU implementer\t: %s\nCPU architecture: %s\nCPU part\t: %s\n\n' "$3" "$1" "${4:-8}" "$2"
}

# machine: sets up an arm64 one that serves: Neoverse N1, everything loaded and installed. It belongs
# to nobody, as which the script is run where this is root's: root may use every file.
machine() {
	rm -rf "$ARMKVM_ROOT" "$FAKES"
	mkdir -p "$FAKES" "$ARMKVM_ROOT"/{dev,boot,sys/module/armkvm/parameters}
	fake uname <<-'UNAME'
		case $1 in
		-m) cat "$ARMKVM_ROOT/uname-m" ;;
		-r) cat "$ARMKVM_ROOT/uname-r" ;;
		-v) cat "$ARMKVM_ROOT/uname-v" ;;
		esac
	UNAME
	echo 'exit 0' | fake setarch
	fake qemu-system-arm-armkvm <<<'printf "Accelerators supported in QEMU binary:\narmkvm\ntcg\n"'
	put uname-m aarch64
	put uname-r "$KERNEL"
	put uname-v '#1 SMP Debian 6.12.9-1'
	put proc/cpuinfo "$(cpuinfo 0x41 0xd0c 'fp asimd evtstrm aes atomics fphp')"
	put proc/cmdline 'root=/dev/sda1'
	put proc/modules armkvm
	put proc/sys/kernel/modules_disabled 0
	put sys/module/armkvm/version 0.9
	put sys/module/armkvm/parameters/shadow Y
	put "lib/modules/$KERNEL/updates/dkms/armkvm.ko.xz"
	put "lib/modules/$KERNEL/build/Makefile"
	put etc/os-release 'ID=debian'
	put dev/armkvm
	chmod 666 "$ARMKVM_ROOT/dev/armkvm"
	chmod 755 "$SCRATCH"
}

# asked [OPTION...]: runs it; the answer is in $SCRATCH/out, the status in STATUS.
asked() {
	local as=()
	if ((EUID == 0)); then as=(setpriv --reuid 65534 --regid 65534 --clear-groups); fi
	STATUS=0
	PATH=$FAKES:$PATH "${as[@]}" sh "$OK" "$@" >"$SCRATCH/out" 2>&1 || STATUS=$?
	sed 's/^/    | /' "$SCRATCH/out"
}

# answer NAME STATUS WORDS...: it has each of WORDS; a word that begins with ! is not in it.
answer() {
	local name=$1 wanted=$2 word
	shift 2
	if ((STATUS != wanted)); then
		fail "$name" "status $STATUS instead of $wanted: $(head -n 2 "$SCRATCH/out")"
		return
	fi
	for word in "$@"; do
		if [[ $word == !* ]]; then
			if grep -qF -e "${word#!}" "$SCRATCH/out"; then
				fail "$name" "it says '${word#!}'"
				return
			fi
		elif ! grep -qF -e "$word" "$SCRATCH/out"; then
			fail "$name" "no '$word' in: $(tr '\n' '/' <"$SCRATCH/out")"
			return
		fi
	done
	pass "$name"
}

# lacks NAME WORDS...: status 1, one thing missing, which has WORDS.
lacks() {
	asked
	if (($(grep -c '; to cure: ' "$SCRATCH/out" || true) != 1)); then
		fail "$1" "$(grep -c '; to cure: ' "$SCRATCH/out" || true) things are missing instead of one"
		return
	fi
	answer "$1" 1 'not yet' "${@:2}"
}

never() { # NAME WORDS...
	asked
	answer "$1" 1 'never on this machine' '-accel tcg' '!to cure' "${@:2}"
}

unload() {
	rm -rf "$ARMKVM_ROOT/sys/module/armkvm" "$ARMKVM_ROOT/dev/armkvm"
}

serving() {
	machine
	asked
	answer 'a machine that serves' 0 'armkvm:  yes' 'module 0.9' 'Neoverse N1' 'KVM:     no' 'AArch32 at EL0 only' "$FAKES/qemu-system-arm-armkvm" '!to cure'
	expect 'in a few lines' test "$(wc -l <"$SCRATCH/out")" -le 5
	put proc/cpuinfo "$(cpuinfo 0x41 0xd08 'fp asimd')"
	put dev/kvm
	asked
	answer 'KVM serves, too' 0 'armkvm:  yes' 'KVM:     yes' 'Cortex-A72'
	ln -sf armkvm "$ARMKVM_ROOT/dev/kvm"
	asked
	answer 'a /dev/kvm that is ours' 0 'KVM:     no: /dev/kvm is a link'
	rm "$ARMKVM_ROOT/dev/kvm"
	asked
	answer 'no /dev/kvm' 0 'KVM:     no: there is no /dev/kvm'
	put proc/cpuinfo "$(cpuinfo 0x41 0xd05 'fp asimd atomics' && cpuinfo 0x41 0xd0b 'fp asimd atomics')"
	put dev/kvm
	asked
	answer 'two kinds of cores: the poorer one decides' 0 'armkvm:  yes' 'KVM:     no' 'Cortex-A55 + Cortex-A76'
	put proc/cpuinfo "$(cpuinfo 0x99 0x123 'fp asimd atomics')"
	asked
	answer 'a core that nobody knows' 0 'armkvm:  yes' 'KVM:     perhaps' 'core 0x99/0x123'
	machine
	put uname-m armv7l
	put uname-r 6.1.0-9-armmp
	put proc/cpuinfo "$(cpuinfo 0x41 0xc09 'half thumb vfpv3' 7)"
	rm -f "$FAKES/setarch"
	asked
	answer 'an ARMv7 machine' 0 'armkvm:  yes' 'Cortex-A9' 'KVM:     no: Linux has no KVM for 32-bit Arm hosts'
}

cannot() {
	machine
	put uname-m x86_64
	never 'another architecture' 'no ARMv7 or arm64 machine'
	machine
	echo 'exit 1' | fake setarch
	never 'no AArch32 at EL0' 'no AArch32 at EL0'
	machine
	echo 'exit 127' | fake setarch
	put proc/cpuinfo "$(cpuinfo 0x61 0x023 'fp asimd atomics')"
	never "Apple's cores" 'no AArch32 at EL0'
	machine
	put sys/devices/system/cpu/aarch32_el0 4-7
	put sys/devices/system/cpu/possible 0-7
	never 'some cores only' 'only the CPUs 4-7'
	put sys/devices/system/cpu/aarch32_el0 0-7
	asked
	answer 'all cores after all' 0
	machine
	put uname-m armv7l
	put proc/cpuinfo "$(cpuinfo 0x41 0xb76 'half thumb' 6TEJ)"
	never 'an ARMv6 core' 'older than ARMv7-A'
}

kernels() {
	machine
	echo 'exit 1' | fake setarch
	put proc/cmdline 'quiet arm64.no32bit_el0 ro'
	lacks '32-bit code switched off' 'arm64.no32bit_el0; to cure: start it without'
	local version
	for version in 5.10.0-9-arm64 5.15.0-arm64 6.1.0-50-arm64 7.3.1; do
		machine
		put uname-r $version
		asked
		answer "Linux $version" 0 '!newer'
	done
	for version in 5.9.0 4.19.0-9-arm64; do
		machine
		put uname-r $version
		lacks "Linux $version" 'is too old; to cure: a kernel from 5.10'
	done
	for version in 7.4.0-rc1 10.0.1; do
		machine
		put uname-r $version
		asked
		answer "Linux $version" 0 'newer than the newest'
	done
	machine
	put sys/kernel/realtime 1
	put uname-v '#1 SMP PREEMPT_RT Debian'
	asked
	answer 'a real-time kernel' 0
	machine
	put proc/cpuinfo "$(cpuinfo 0x41 0xd08 'fp asimd evtstrm')"
	put "boot/config-$KERNEL" CONFIG_ARM64_SW_TTBR0_PAN=y
	lacks 'PAN by swapping TTBR0' CONFIG_ARM64_SW_TTBR0_PAN
	put proc/cpuinfo "$(cpuinfo 0x41 0xd0c 'fp asimd atomics')"
	asked
	answer 'the same kernel on a core with PAN' 0
	machine
	put proc/cpuinfo "$(cpuinfo 0x41 0xd08 'fp asimd')"
	mkdir -p "$ARMKVM_ROOT/proc"
	echo CONFIG_ARM64_SW_TTBR0_PAN=y | gzip >"$ARMKVM_ROOT/proc/config.gz"
	lacks 'the same, as /proc/config.gz says' CONFIG_ARM64_SW_TTBR0_PAN
	machine
	put uname-m armv7l
	put proc/cpuinfo "$(cpuinfo 0x41 0xc0f 'half lpae' 7)"
	put uname-r 6.1.0-9-armmp-lpae
	lacks 'LPAE' 'long-descriptor tables'
	put uname-r 6.1.0-v7l
	put boot/config-6.1.0-v7l CONFIG_ARM_LPAE=y
	lacks 'LPAE, by the configuration' 'long-descriptor tables'
}

modules() {
	machine
	put sys/module/armkvm/parameters/shadow N
	lacks 'shadow=0' 'shadow=0'
	machine
	unload
	lacks 'not loaded' 'the module is not loaded; to cure: sudo modprobe armkvm' '!Secure Boot'
	put sys/module/module/parameters/sig_enforce Y
	lacks 'not loaded, and signatures are enforced' 'modprobe armkvm' 'mokutil --import'
	machine
	unload
	put sys/kernel/security/lockdown 'none [integrity] confidentiality'
	lacks 'not loaded, and the kernel is locked down' 'mokutil --import'
	put sys/kernel/security/lockdown '[none] integrity confidentiality'
	lacks 'not loaded, and the kernel could be locked down' '!mokutil'
	machine
	unload
	rm -r "$ARMKVM_ROOT/lib/modules/$KERNEL/updates"
	lacks 'not installed' 'not installed for this kernel; to cure: install the package armkvm-dkms'
	rm -r "${ARMKVM_ROOT:?}/lib"
	asked
	answer 'not installed, and no headers' 1 "apt-get install linux-headers-$KERNEL" 'armkvm-dkms'
	put etc/os-release 'ID=ubuntu
ID_LIKE=debian'
	asked
	answer 'the same on Ubuntu' 1 "apt-get install linux-headers-$KERNEL" 'armkvm-dkms'
	put etc/os-release 'ID="fedora"'
	asked
	answer 'the same on Fedora' 1 "dnf install kernel-devel-$KERNEL" 'docs/install.md' '!apt-get' '!armkvm-dkms'
	put etc/os-release 'ID="opensuse-leap"
ID_LIKE="suse opensuse"'
	put uname-r 6.4.0-150600.23-default
	asked
	answer 'the same on openSUSE' 1 'zypper install kernel-default-devel' 'docs/install.md' '!apt-get'
	put etc/os-release 'ID=other'
	asked
	answer 'the same on a distribution that nobody knows' 1 'headers of Linux 6.4.0-150600.23-default' 'docs/install.md' '!apt-get'
	machine
	unload
	put proc/sys/kernel/modules_disabled 1
	lacks 'no more modules' modules_disabled
	machine
	unload
	rm "$ARMKVM_ROOT/proc/modules"
	lacks 'no modules at all' CONFIG_MODULES
	machine
	unload
	put .dockerenv
	lacks 'a container, module not loaded' 'on the host' '--device /dev/armkvm'
	machine
	rm "$ARMKVM_ROOT/dev/armkvm"
	lacks 'no node' 'udevadm trigger'
	put run/.containerenv
	lacks 'a container without the node' '--device /dev/armkvm' '!udevadm'
}

users() {
	machine
	chmod 600 "$ARMKVM_ROOT/dev/armkvm"
	if ((EUID)); then chmod 000 "$ARMKVM_ROOT/dev/armkvm"; fi
	# The group of the file, and those of the user in the user database and of this login.
	echo 'echo kvm' | fake stat
	fake id <<<'case $* in -un) echo me ;; *) echo "users mail" ;; esac'
	lacks 'not in the group' 'usermod -a -G kvm me'
	fake id <<<'case $* in -un) echo me ;; *) echo "users kvm" ;; esac'
	lacks 'in the group, but not this login' 'log in again' '!usermod'
	echo 'echo root' | fake stat
	fake id <<<'case $* in -un) echo me ;; *) echo "users" ;; esac'
	lacks 'a node of root' 'chgrp kvm /dev/armkvm'
	machine
	rm "$FAKES/qemu-system-arm-armkvm"
	fake qemu-system-arm <<<'echo tcg'
	lacks 'a QEMU without armkvm' 'no QEMU with armkvm'
	fake qemu-system-arm <<<'echo armkvm'
	asked --qemu
	answer 'another name, with armkvm' 0 "$FAKES/qemu-system-arm"
	ARMKVM_QEMU=nonsense asked --qemu
	answer 'ARMKVM_QEMU that is no program' 1 "'nonsense'" 'to cure'
	ARMKVM_QEMU=true asked --qemu
	answer 'ARMKVM_QEMU' 0 true
}

command_line() {
	asked --help
	answer '--help' 0 'Status 0' '!SPDX'
	asked --version
	answer '--version' 0 'armkvm-ok '
	asked --fast
	answer 'an unknown option' 2 "'--fast'" 'to cure'
	asked --qemu --fast
	answer 'two arguments' 2 'to cure'
	local word
	for word in oldest newest; do
		sed -n "s/^armkvm-$word := //p" "$TOP/kmod/Kbuild"
		sed -n "s/^${word^^}=//p" "$OK"
	done >"$SCRATCH/versions"
	if [[ $(sort "$SCRATCH/versions" | uniq -c | grep -c '^ *2 ') == 2 ]]; then
		pass "the kernels' versions are those of kmod/Kbuild"
	else
		fail "the kernels' versions are those of kmod/Kbuild" "$(tr '\n' ' ' <"$SCRATCH/versions")"
	fi
}

serving
cannot
kernels
modules
users
command_line
cases_end
