#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# test-cost: 55
# test-timeout: 900
#
# The command's status, input, output and circumstances; wrong usage.
set -euo pipefail
# shellcheck source=ci/tests/testbed/common.bash
source "$(dirname -- "${BASH_SOURCE[0]}")/common.bash"

statuses() {
	check "exit status" 42 bed arm64-a72 -- sh -c 'exit 42'
	check "killed by a signal" 139 bed arm64-a72 -- sh -c 'kill -SEGV $$'
	check "command not found" 127 bed arm64-a72 -- no-such-command
	has "not found says so" '^testbed: no-such-command: not found' "$SCRATCH/err"
	check "not executable" 126 bed arm64-a72 -- /etc/passwd
	check "power-off by the command" 125 bed arm64-a72 -- poweroff -f
	check "a guest's status on Armv7" 3 bed armv7-a9 -- sh -c 'exit 3'
}

streams() {
	head -c 8000000 /dev/urandom >"$SCRATCH/in"
	check "8 MB through, binary" 0 bed armv7-a15 -- cat <"$SCRATCH/in"
	same_files "what comes back is what went in" "$SCRATCH/in" "$SCRATCH/out"
	check "both outputs, much and fast" 0 bed arm64-a72 -- sh -c \
		'head -c 50000000 /dev/zero | tr "\0" x; head -c 3000000 /dev/zero | tr "\0" y >&2' </dev/null
	same_text "all of standard output" 50000000 "$(tr -cd x <"$SCRATCH/out" | wc -c)"
	same_text "all of standard error" 3000000 "$(tr -cd y <"$SCRATCH/err" | wc -c)"
	check "nothing mixed" 0 cmp -n 1 <(tr -d x <"$SCRATCH/out") /dev/null
	check "an end of input at once" 0 bed arm64-a72 -- wc -c </dev/null
	same_text "no input is no input" 0 "$(<"$SCRATCH/out")"
	check "a closed standard input" 0 bed arm64-a72 -- wc -c <&-
	check "input that nobody reads" 0 bed arm64-a72 -- true <"$SCRATCH/in"
	check "output of what outlives the command" 0 bed arm64-a72 -- sh -c \
		'(sleep 0.2; echo late) & (sleep 30; echo never) & echo early' </dev/null
	same_text "a moment's delay is waited for" "early late" "$(tr '\n' ' ' <"$SCRATCH/out" | sed 's/ $//')"
	check "standard output can be opened by its name" 0 bed arm64-a72 -- sh -c 'echo a >/dev/stdout; echo b >/dev/stderr'
	same_text "and leads where it should" "a/b" "$(<"$SCRATCH/out")/$(<"$SCRATCH/err")"
}

circumstances() {
	local long
	long=$(printf '%0100000d' 0)
	# shellcheck disable=SC2016 # for the shell that it goes to
	check "arguments, directory, environment" 0 env "ARMKVM_TEST=a b" "$TOP/ci/testbed" --host arm64-a72 \
		--no-qemu --no-module --no-tty --cwd /tmp --env ARMKVM_TEST --env B=$'x\ny' -- \
		sh -c 'pwd; echo "$ARMKVM_TEST|$B|$1|$2|${#3}"; id -u; hostname' - '' $'*\n"' "$long"
	same_text "arrive as they are" $'/tmp\na b|x\ny||*\n"|100000\n0\narmkvm-host' "$(<"$SCRATCH/out")"
	check "a usable machine" 0 bed armv7-a9 --module loop --add "$TOP/ci/tests/testbed/in-host/usable:/usable" -- sh -e /usable
	echo '#!/bin/sh' >"$SCRATCH/script"
	echo 'echo added; exit 9' >>"$SCRATCH/script"
	chmod +x "$SCRATCH/script"
	check "a file that was added" 9 bed arm64-a72 --add "$SCRATCH/script:usr/bin/mine" -- mine
	check "libraries for dynamic programs" 0 bed arm64-a72 -- /lib/ld-linux-aarch64.so.1 --list /lib/aarch64-linux-gnu/libstdc++.so.6
}

# A terminal needs one on this side: script(1) makes it.
terminal() {
	check "a terminal" 5 script -qefc "$TOP/ci/testbed --host arm64-a72 --no-qemu --no-module -- sh -c 'test -t 0 && test -t 2 && tty; exit 5'" /dev/null
	has "is the command's" '/dev/pts/0' "$SCRATCH/out"
}

usage() {
	check "--help" 0 "$TOP/ci/testbed" --help
	check "no host" 125 "$TOP/ci/testbed" -- true
	check "an unknown host" 125 bed armv6 -- true
	check "an unknown option" 125 bed arm64-a72 --no-such-option -- true
	has "names the cure" 'to cure: see ci/testbed --help' "$SCRATCH/err"
	check "too much memory" 125 bed armv7-a9 --mem 2048 -- true
	check "too many CPUs" 125 bed armv7-a9 --smp 5 -- true
	check "a share that is not there" 125 bed arm64-a72 --share "$SCRATCH/nothing" -- true
	check "too many shares for its transports" 125 bed armv7-a9 \
		--share / --share / --share / --share / -- true
	has "counts them" '3 for shares' "$SCRATCH/err"
	check "an unknown module" 125 bed arm64-a72 --module no_such_module -- true
	check "--virt on Armv7" 125 bed armv7-a15 --virt -- true
}

statuses
streams
circumstances
terminal
usage
cases_end
