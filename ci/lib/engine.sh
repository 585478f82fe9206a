# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Guests that run on the engine in an emulated host: sourced by ci/tests/engine/*.sh.

# shellcheck source=ci/lib/boot.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/boot.sh"

LOAD='insmod /testbed/armkvm.ko'
BARE_SEES=()

# hosts HOST...: sets HOSTS, on which the group runs: those named, which are what every run of
# all tests takes, or by hand any: ARMKVM_HOSTS='arm64-a72 armv7-a9' ci/tests/run --only engine/smp
# shellcheck disable=SC2034 # for the groups
hosts() { read -ra HOSTS <<<"${ARMKVM_HOSTS:-$*}"; }

# host_cpu HOST: the model of a Linux guest's CPU there; both ways to name it have their turn.
host_cpu() {
	case $1 in
	armv7-a15 | arm64-a72) echo cortex-a15 ;;
	*) echo host ;;
	esac
}

# What TCG makes of the images in $1, as NAME.tcg beside them. It is the architecture's word and the
# same on every machine, so it is asked on this one, which is quicker than an emulated host.
bare_references() {
	local dir=$1 image name smp
	if [[ ! -x $BUILD/qemu-native/qemu-system-arm ]]; then
		fail "TCG" "native QEMU is not built; ./configure-wrapper.sh build --host native"
		cases_end
	fi
	for image in "$dir"/*.bin; do
		name=$(basename "$image" .bin)
		smp=1
		[[ $name != *-smp ]] || smp=2
		timeout 120 "$BUILD/qemu-native/qemu-system-arm" -M virt -cpu cortex-a15 -accel tcg -smp "$smp" -nic none \
			-display none -monitor none -serial "file:$dir/$name.tcg" -kernel "$image" -append "${BARE_APPEND:-}" ||
			echo "status $?" >>"$dir/$name.tcg"
	done
}

# bare_session DIR: what runs in the host: every image there on armkvm, a case line for each. CPU and
# ACCEL are QEMU's, APPEND is the kernel command line; NAME-smp has two vCPUs.
bare_session() {
	echo "dir=$1"
	cat <<-'SESSION'
		for image in "$dir"/*.bin; do
			name=$(basename "$image" .bin)
			smp=1
			[ "$name" = "${name%-smp}" ] || smp=2
			timeout 120 qemu-system-arm -M virt -cpu $CPU -accel $ACCEL -smp $smp -nic none -display none \
				-monitor none -serial file:/tmp/armkvm -kernel "$image" -append "$APPEND" || echo "status $?" >>/tmp/armkvm
			if ! grep -q '^end' "$dir/$name.tcg"; then
				echo "FAIL $name: TCG's run does not end: $(tail -n 1 "$dir/$name.tcg")"
			elif cmp -s "$dir/$name.tcg" /tmp/armkvm; then
				echo "PASS $name is the same on $ACCEL and TCG$MODE"
			else
				diff "$dir/$name.tcg" /tmp/armkvm | head -n 40
				echo "FAIL $name: $ACCEL$MODE differs: $(diff "$dir/$name.tcg" /tmp/armkvm | grep -m 1 '^+[^+]')"
			fi
		done
	SESSION
}

# bare_sees DIR: what runs in the host: the guest $name there prints the line $line.
bare_sees() {
	echo "dir=$1"
	cat <<-'SESSION'
		timeout 120 qemu-system-arm -M virt -cpu $CPU -accel $ACCEL -nic none -display none -monitor none \
			-serial file:/tmp/armkvm -kernel "$dir/$name.bin" || echo "status $?" >>/tmp/armkvm
		if grep -q '^end' /tmp/armkvm && grep -q "$line" /tmp/armkvm; then
			echo "PASS $name by default sees what limitations.rst says"
		else
			echo "FAIL $name by default: no line is like '$line': $(grep -m 1 "^$(echo "$line" | sed 's/^^//; s/[^a-z].*//')" /tmp/armkvm || tail -n 1 /tmp/armkvm)"
		fi
	SESSION
}

# bare_guests HOST CPU NAME...: CPU is armkvm's; TCG has a Cortex-A15 everywhere.
# BARE_APPEND is the guests' command line, BARE_ACCEL are options of the accelerator; BARE_EXACT are guests
# that run with the module loaded anew, with the parameters BARE_EXACT_LOAD; BARE_SHARED are guests that run once more
# with a vCPU page shared with armkvm, of which they know nothing; BARE_HOST are the testbed's further options.
# BARE_SEES are pairs, a guest and a basic regular expression: without the parameters it isn't the same as on TCG
# but prints such a line, as kernel-abi/doc/limitations.rst says.
bare_guests() {
	local host=$1 cpu=$2 name smp=1 i session
	local -a exact shared
	shift 2
	read -ra exact <<<"${BARE_EXACT:-}"
	read -ra shared <<<"${BARE_SHARED:-}"
	rm -rf "$SCRATCH/bare"
	mkdir -p "$SCRATCH/bare"
	for name; do "$TOP/scripts/bare-guest.sh" "$name" "$SCRATCH/bare" >/dev/null; done
	for name in "${exact[@]}"; do "$TOP/scripts/bare-guest.sh" "$name" "$SCRATCH/bare/exact" >/dev/null; done
	for name in "${shared[@]}"; do "$TOP/scripts/bare-guest.sh" "$name" "$SCRATCH/bare/shared" >/dev/null; done
	for ((i = 0; i < ${#BARE_SEES[@]}; i += 2)); do
		"$TOP/scripts/bare-guest.sh" "${BARE_SEES[i]}" "$SCRATCH/bare/sees" >/dev/null
	done
	[[ "$*" != *-smp* ]] || smp=2
	session="MODE=; $LOAD && $(bare_session /share)"
	bare_references "$SCRATCH/bare"
	if ((${#shared[@]})); then
		bare_references "$SCRATCH/bare/shared"
		session+="; MODE=', with a vCPU page'; OLD=\$APPEND; APPEND=\"\$OLD vcpupage=1\"; $(bare_session /share/shared); APPEND=\$OLD"
	fi
	for ((i = 0; i < ${#BARE_SEES[@]}; i += 2)); do
		session+="; name=${BARE_SEES[i]} line='${BARE_SEES[i + 1]}'; $(bare_sees /share/sees)"
	done
	if ((${#exact[@]})); then
		bare_references "$SCRATCH/bare/exact"
		session+="; rmmod armkvm && MODE=', $BARE_EXACT_LOAD' && $LOAD $BARE_EXACT_LOAD && $(bare_session /share/exact)"
	fi
	# shellcheck disable=SC2086 # the testbed's options are words
	host_test "$host${BARE_HOST:+ $BARE_HOST}" "$host" ${BARE_HOST:-} --no-load --smp "$smp" --share "$SCRATCH/bare" \
		--timeout 500 -- \
		sh -c "CPU=$cpu; APPEND='${BARE_APPEND:-}'; ACCEL='armkvm${BARE_ACCEL:+,$BARE_ACCEL}'; $session"
}

# thumb_kernel HOST CPU: a kernel in Thumb-2 is stopped with a text that says so; QEMU
# itself waits for its user then, as it does with every accelerator.
thumb_kernel() {
	local host=$1 cpu=$2 status=0
	rm -rf "$SCRATCH/bare"
	"$TOP/scripts/bare-guest.sh" thumb "$SCRATCH/bare" >/dev/null
	in_host "$SCRATCH/out" "$host" --no-load --share "$SCRATCH/bare" --timeout 200 -- \
		sh -c "$LOAD && { timeout 20 qemu-system-arm -M virt -cpu $cpu -accel armkvm -nic none -nographic \
			-monitor none -kernel /share/thumb.bin || [ \$? = 124 ]; }" || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	has "$host: a kernel in Thumb-2 is ended with a text that names it" 'kernel runs Thumb code' 1
	has "$host: it ran in ARM state until then" '^A' 1
	if ((status)); then fail "$host: a kernel in Thumb-2" "the testbed ended with status $status"; fi
}

# linux_guest HOST CPU [OPTIONS]: the guest of the demonstration, on armkvm alone, with
# OPTIONS of the accelerator. Instructions are counted, so that the guest's clock doesn't
# depend on how busy the outer machine is. LINUX_QEMU is the launcher's command, if it isn't the
# host's own QEMU, LINUX_SHARE a directory that it needs (/share2), LINUX_NAME its name, LINUX_HOST
# the testbed's further options, LINUX_KERNEL the kernel (6.1; 6.1-pv and 6.12-pv are the paravirtual ones).
linux_guest() {
	local host=$1 cpu=$2 accel=armkvm${3:+,$3} name=$1${LINUX_NAME:+, $LINUX_NAME} guest status=0
	local kernel=${LINUX_KERNEL:-6.1} flavour=armmp
	[[ $kernel != *-pv ]] || flavour=armkvm
	guest=$("$TOP/scripts/guest-initramfs.sh" "$kernel")
	# shellcheck disable=SC2086 # the testbed's options are words
	in_host "$SCRATCH/out" "$host" ${LINUX_HOST:-} --icount --no-load --share "$guest" \
		${LINUX_SHARE:+--share "$LINUX_SHARE"} --timeout 1400 -- \
		sh -c "$LOAD && exec ${LINUX_QEMU:-qemu-system-arm} -accel $accel -M virt,highmem=off -cpu $cpu -m 256 \
			-nic none -nographic -no-reboot -kernel /share/vmlinuz -initrd /share/initramfs.gz \
			-append 'console=ttyAMA0 quiet loglevel=3 panic=-1 cryptomgr.notests audit=0 apparmor=0 armkvm.show'" ||
		status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	if ((status)); then
		fail "$name: the guest" "status $status: $(tail -n 1 "$SCRATCH/out")"
		return
	fi
	pass "$name: QEMU ends with status 0 and the host is unharmed"
	has "$name: nothing falls back" 'falling back' 0
	has "$name: the guest reaches user space" '^guest: user space reached' 1
	has "$name: the guest runs the $flavour kernel" "^guest: Linux [0-9.-]+[^ ]*-$flavour armv7l" 1
	has "$name: the guest powers off" 'reboot: Power down' 1
}

# guest_in_host NAME HOST KERNEL [TESTBED-OPTION...] -- QEMU-OPTION...: boots Debian's armhf
# KERNEL (scripts/kernels.sh) on armkvm; its image directory is /share, and the caller's shares
# follow. What it printed is in $SCRATCH/out; fails NAME unless QEMU ends with status 0. The
# options are a shell's words. GUEST_FILE: image or archive that is the initramfs; GUEST_ACCEL:
# the accelerator's options.
guest_in_host() {
	local name=$1 host=$2 kernel=$3 guest options=() status=0
	shift 3
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	guest=$("$TOP/scripts/guest-initramfs.sh" "$kernel")
	in_host "$SCRATCH/out" "$host" --icount --no-load --share "$guest" "${options[@]}" -- \
		sh -c "$LOAD && ${GUEST_BEFORE:-true} && exec qemu-system-arm -accel armkvm${GUEST_ACCEL:+,$GUEST_ACCEL} -nographic \
			-kernel /share/vmlinuz -initrd /share/${GUEST_FILE:-initramfs.gz} $*" || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	if ((status)); then
		fail "$name" "status $status: $(tail -n 1 "$SCRATCH/out")"
		return 1
	fi
	pass "$name: QEMU ends with status 0 and the host is unharmed"
}

# guest_cases NAME: relays the case lines that a guest printed on its console, be they
# behind its login prompt.
guest_cases() {
	# no case at all is a failure below
	tr -d '\r' <"$SCRATCH/out" | sed 's/^[a-z]* login: //' | grep -E '^(PASS|FAIL|SKIP) ' >"$SCRATCH/guest.cases" || true
	relay "$1" "$SCRATCH/guest.cases"
}
