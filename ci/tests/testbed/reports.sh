#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# test-cost: 40
# test-cost-all: 65
# test-timeout: 900
#
# Trouble in the host's kernel, made on purpose (faults/), fails the run and is shown.
set -euo pipefail
# shellcheck source=ci/tests/testbed/common.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/common.bash"

# faults_module ARCH KERNEL KERNEL-ARCH PREFIX: builds it for that kernel; prints the file.
faults_module() {
	local dir=$SCRATCH/faults-$1-$2 kernel headers pahole
	kernel=$("$TOP/scripts/kernels.sh" dir "$1" "$2")
	headers=$kernel/usr/src/linux-headers-${kernel##*/}
	# no BTF, as scripts/kmod.sh
	pahole=$(sed -n 's/^CONFIG_PAHOLE_VERSION=//p' "$headers/include/config/auto.conf")
	mkdir "$dir"
	cp "$TOP"/ci/tests/testbed/faults/{Kbuild,faults.c} "$dir/"
	nice -n 10 make -s -C "$headers" M="$dir" ARCH="$3" \
		CROSS_COMPILE="$4" CC="${4}gcc-12" CONFIG_DEBUG_INFO_BTF_MODULES= \
		"PAHOLE_VERSION=$pahole" modules >"$dir/log" 2>&1 || {
		cat "$dir/log"
		return 1
	}
	printf '%s\n' "$dir/faults.ko"
}

# provoke HOST MODULE FAULT PATTERN [SHELL-CODE]: the command itself succeeds. TESTBED: options.
TESTBED=()
provoke() {
	local host=$1 module=$2 fault=$3 pattern=$4 before=${5:-:}
	check "$host: $fault fails the run" 125 bed "$host" "${TESTBED[@]}" --add "$module" --timeout 120 -- \
		sh -c "$before; insmod /faults.ko fault=$fault; exit 0"
	has "$host: $fault is shown" "$pattern" "$SCRATCH/err"
	has "$host: $fault is shown whole" '(end trace|Call trace|Exception stack|dump_stack|unwind_backtrace)' "$SCRATCH/err"
}

host_faults() {
	local host=$1 module=$2
	check "$host: panic ends the run" 125 bed "$host" --timeout 60 -- sh -c 'echo c >/proc/sysrq-trigger'
	has "$host: panic is shown" 'Kernel panic - not syncing: sysrq triggered crash' "$SCRATCH/err"
	provoke "$host" "$module" bug 'kernel BUG at .*faults.c'
	provoke "$host" "$module" oops 'Unable to handle kernel NULL pointer|Internal error: '
	# What follows says the same on every architecture: the first tier has it on arm64.
	if [[ $host == armv7-* ]] && ! all_variants; then return; fi
	provoke "$host" "$module" warn 'WARNING: CPU: .*faults'
	provoke "$host" "$module" list 'list_add corruption'
	provoke "$host" "$module" hung 'INFO: task .* blocked for more than' \
		'echo 2 >/proc/sys/kernel/hung_task_timeout_secs'
	provoke "$host" "$module" lockup 'soft lockup' 'echo 1 >/proc/sys/kernel/watchdog_thresh'
}

armhf=$(faults_module armhf 6.1 arm arm-linux-gnueabihf-)
arm64=$(faults_module arm64 6.1 arm64 aarch64-linux-gnu-)
rt=$(faults_module arm64 6.12-rt arm64 aarch64-linux-gnu-)
host_faults armv7-a9 "$armhf"
host_faults arm64-n1 "$arm64"
# What real-time kernels have to say of code that isn't for them, and lockdep of locks
TESTBED=(--kernel 6.12-rt)
provoke arm64-n1 "$rt" atomic 'BUG: scheduling while atomic: insmod'
TESTBED=()
check "a report of lockdep's fails the run" 125 bed arm64-a72 -- \
	sh -c 'echo "[ BUG: Invalid wait context ]" >/dev/kmsg'
has "and is shown" 'BUG: Invalid wait context' "$SCRATCH/err"

check "output before a WARN isn't lost, nor after it" 125 bed arm64-a72 --add "$arm64" -- \
	sh -c 'echo before; insmod /faults.ko fault=warn; echo after'
same_text "both are there" "before after" "$(tr '\n' ' ' <"$SCRATCH/out" | sed 's/ $//')"
check "a WARN that the console doesn't show is seen by the taint" 125 bed arm64-a72 --add "$arm64" \
	-- sh -c 'echo 512 >/proc/sys/kernel/tainted'
has "and is named" 'tainted \(WARN\)' "$SCRATCH/err"
check "--expect-report with a report" 6 bed arm64-a72 --expect-report --add "$arm64" -- \
	sh -c 'insmod /faults.ko fault=warn; exit 6'
check "--expect-report with a panic" 0 bed arm64-a72 --expect-report -- sh -c 'echo c >/proc/sysrq-trigger'
check "--expect-report without a report" 125 bed arm64-a72 --expect-report -- true
check "a user program's crash is no report" 139 bed armv7-a15 -- sh -c 'kill -SEGV $$'
check "--keep-log keeps the console" 0 bed arm64-a72 --keep-log "$SCRATCH/console" -- true
has "from the first line to the last" 'Linux version' "$SCRATCH/console"
has "the last one" 'reboot: Power down' "$SCRATCH/console"
check "a kernel that can't boot" 125 bed arm64-a72 --append rdinit=/nothing --append 'init=/nothing' -- true
has "shows why" 'Kernel panic - not syncing' "$SCRATCH/err"
cases_end
