# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Guests that run on the engine in an emulated host: sourced by ci/tests/engine/*.sh.

# shellcheck source=ci/lib/boot.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/boot.sh"

LOAD='insmod /testbed/armkvm.ko'

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

# session NAME HOST [TESTBED-OPTION...]: runs ci/tests/engine/in-host/NAME with its words in SESSION_WORDS on HOST, the
# module loaded, and counts its cases. In its environment CPU is the model of a guest's CPU there.
session() {
	local name=$1 host=$2
	shift 2
	host_test "$host${SESSION_NAME:+, $SESSION_NAME}" "$host" --no-load --add "$TOP/ci/tests/engine/in-host/$name:/session" \
		--env CPU="$(host_cpu "$host")" "$@" -- sh -c "$LOAD && exec sh /session ${SESSION_WORDS:-}"
}

# bare_reference IMAGE MACHINE APPEND OUT: what TCG's guest prints; MACHINE are virt's options. It is the architecture's word and the same on every
# machine, so it is asked on this one, which is quicker than an emulated host. 10.0's, whatever QEMU is tested: 10.2's
# lets unaligned loads of a vector's lane pass that want alignment (guest/bare/user.c; A3.2.1, A7.7.1).
bare_reference() {
	local smp=1
	if [[ ! -x $BUILD/qemu-native/qemu-system-arm ]]; then
		fail "TCG" "native QEMU is not built; ./configure-wrapper.sh build --host native"
		cases_end
	fi
	[[ $1 != *-smp*.bin ]] || smp=2
	timeout 120 "$BUILD/qemu-native/qemu-system-arm" -M "virt$2" -cpu cortex-a15 -accel tcg -smp "$smp" -nic none \
		-display none -monitor none -serial "file:$4.uart" -kernel "$1" -append "$3" || echo "status $?" >>"$4.uart"
	# a guest sends a NUL where it wants the UART's interrupt, wherever it prints
	tr -d '\000' <"$4.uart" >"$4"
	rm "$4.uart"
}

# bare_references DIR: of all images there, as NAME.tcg beside them.
bare_references() {
	local image
	for image in "$1"/*.bin; do bare_reference "$image" "" "" "${image%.bin}.tcg"; done
}

# bare_row GUEST [KEY=VALUE...]: what ci/lib/bare-in-host reads for one guest of a table, and what it needs; see bare_table.
bare_row() {
	local dir=$SCRATCH/bare name=$1 smp=1 key append='' hidden='' machine='' accel='' module='' verdict=same line='' mode='' reference
	for key in "${@:2}"; do
		case $key in
		append=*) append+=${append:+ }${key#*=} ;;
		hidden=*) hidden+=" ${key#*=}" mode+=", ${key#*=}" ;;
		machine=*) machine+=,${key#*=} mode+=", ${key#*=}" ;;
		accel=*) accel+=,${key#*=} ;;
		module=*) module+=${module:+ }${key#*=} mode+=", ${key#*=}" ;;
		tier=2) ;; # bare_table has looked at it
		sees=* | refused=*) verdict=${key%%=*} line=${key#*=} ;;
		*)
			fail "the table of bare guests" "it has '$key'"
			cases_end
			;;
		esac
	done
	[[ $name != *-smp* ]] || smp=2
	if [[ $name != - && ! -e $dir/$name.bin ]]; then "$TOP/scripts/bare-guest.sh" "$name" "$dir" >/dev/null; fi
	if [[ $verdict == same ]]; then
		reference=$(cksum <<<"$machine $append")
		line=$name-${reference%% *}.tcg
		[[ -e $dir/$line ]] || bare_reference "$dir/$name.bin" "$machine" "$append" "$dir/$line"
	fi
	printf '%s|' "$name" "$smp" "$machine" "$accel" "$append$hidden" "$module" "$verdict" "$line" >>"$dir/runs"
	printf '%s\n' "$mode" >>"$dir/runs"
}

# bare_table HOST CPU [TESTBED-OPTION...]: bare guests on armkvm, all in one boot of HOST; CPU is QEMU's model. They
# come as a table on standard input: a line is GUEST[,GUEST...] [KEY=VALUE...], # begins a comment. A guest prints
# the same as on TCG, which is always a Cortex-A15; if its name has -smp there are two CPUs. GUEST.thumb: compiled
# as Thumb code. The keys:
#   append=WORD    is on the kernel command line; hidden=WORD, too, but not on that of TCG's guest
#   machine=OPTION of virt, on TCG too
#   accel=OPTIONS  of the accelerator
#   module=WORD    a parameter of the module
#   tier=2         only with --all
#   sees=REGEX     (to the line's end) the guest isn't the same as on TCG, but prints such a line
#   refused=WORDS  (to the line's end) with these parameters the module doesn't load, and says so; GUEST is -
# Keys but the last two can be there several times. BARE_BEFORE and BARE_AFTER are what the host's shell does first
# and last, BARE_NAME is the cases' name if it is not the host with the options.
bare_table() {
	local host=$1 cpu=$2 row guest last smp=1
	local -a keys guests
	shift 2
	rm -rf "$SCRATCH/bare"
	mkdir -p "$SCRATCH/bare"
	while IFS= read -r row; do
		row=${row%%#*} last=
		if [[ $row =~ ^(.*)[[:blank:]]((sees|refused)=.*)$ ]]; then row=${BASH_REMATCH[1]} last=${BASH_REMATCH[2]}; fi
		read -ra keys <<<"$row"
		((${#keys[@]})) || continue
		if [[ " $row " == *' tier=2 '* ]] && ! all_variants; then continue; fi
		IFS=, read -ra guests <<<"${keys[0]}"
		keys=("${keys[@]:1}")
		for guest in "${guests[@]}"; do
			[[ $guest != *-smp* ]] || smp=2
			bare_row "$guest" "${keys[@]}" ${last:+"$last"}
		done
	done
	host_test "${BARE_NAME:-$host${*:+ $*}}" "$host" --no-load --smp "$smp" --share "$SCRATCH/bare" --timeout "$(by_tier 800 3000)" \
		--add "$TOP/ci/lib/bare-in-host:/bare" "$@" -- sh -c "${BARE_BEFORE:-true}; sh /bare $cpu $(by_tier ram uart); status=\$?; ${BARE_AFTER:-true}; exit \$status"
}

# cost_guest HOST GUEST OUT: a bare guest that measures in ticks of the virtual count (NS_A_TICK), in a host whose time is
# executed instructions; what it prints is in OUT.
# shellcheck disable=SC2034 # for the groups
NS_A_TICK=16
cost_guest() {
	"$TOP/scripts/bare-guest.sh" "$2" "$SCRATCH/cost" >/dev/null
	in_host "$3" "$1" --icount --no-load --share "$SCRATCH/cost" --timeout 300 -- \
		sh -c "$LOAD && exec qemu-system-arm -M virt -cpu $(host_cpu "$1") -accel armkvm -nic none -display none \
			-monitor none -serial stdio -kernel /share/$2.bin" ||
		fail "$1: costs" "$(tail -n 1 "$3")"
}

# linux_guest HOST CPU [OPTIONS]: the guest of the demonstration, on armkvm alone, with
# OPTIONS of the accelerator. Instructions are counted, so that the guest's clock doesn't
# depend on how busy the outer machine is. LINUX_QEMU is the launcher's command, if it isn't the
# host's own QEMU, LINUX_SHARE a directory that it needs (/share2), LINUX_NAME its name, LINUX_MACHINE further options of virt, LINUX_HOST
# the testbed's further options, LINUX_KERNEL the kernel (6.1; others: scripts/guest-kernel.sh), KERNEL_FILE
# which file of guest_dir's (image).
linux_guest() {
	local host=$1 cpu=$2 accel=armkvm${3:+,$3} name=$1${LINUX_NAME:+, $LINUX_NAME} guest status=0
	local kernel=${LINUX_KERNEL:-6.1} flavour=armmp
	case $kernel in
	*-pv) flavour=armkvm ;;
	*-plain) flavour=${kernel#*-} ;;
	esac
	guest=$(guest_dir "$kernel")
	# shellcheck disable=SC2086 # the testbed's options are words
	in_host "$SCRATCH/out" "$host" ${LINUX_HOST:-} --icount --no-load --share "$guest" \
		${LINUX_SHARE:+--share "$LINUX_SHARE"} --timeout 1400 -- \
		sh -c "$LOAD && exec ${LINUX_QEMU:-qemu-system-arm} -accel $accel -M virt,highmem=off${LINUX_MACHINE:-} -cpu $cpu -m 256 \
			-nic none -nographic -no-reboot -kernel /share/${KERNEL_FILE:-image} -initrd /share/initramfs.gz \
			-append '$GUEST_WORDS'" ||
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
	guest=$(guest_dir "$kernel")
	in_host "$SCRATCH/out" "$host" --icount --no-load --share "$guest" "${options[@]}" -- \
		sh -c "$LOAD && ${GUEST_BEFORE:-true} && exec qemu-system-arm -accel armkvm${GUEST_ACCEL:+,$GUEST_ACCEL} -nographic \
			-kernel /share/${KERNEL_FILE:-image} -initrd /share/${GUEST_FILE:-initramfs.gz} $*" || status=$?
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
