# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What the user sees: stages, elapsed time, logs, errors; and the build lock.
#
# Everything here talks on standard error, so that a function whose result is
# a path can print it, and nothing else, on standard output. It works the same
# with and without a terminal; a terminal gets a live line for a running step.
#
# Sourced by every script; sets the project's directories:
#   ARMKVM_TOP    the repository
#   ARMKVM_BUILD  everything that is made (git-ignored)
#   ARMKVM_LOGS   one log file for each step
#   ARMKVM_CACHE  verified downloads and what was dear to make; survives `clean`

[[ -n ${ARMKVM_UI_SOURCED:-} ]] && return 0
ARMKVM_UI_SOURCED=1

ARMKVM_TOP=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd)
ARMKVM_BUILD=$ARMKVM_TOP/build
ARMKVM_LOGS=$ARMKVM_BUILD/logs
ARMKVM_CACHE=${ARMKVM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/armkvm}
if [[ $ARMKVM_CACHE != /* ]]; then ARMKVM_CACHE=$PWD/$ARMKVM_CACHE; fi
export ARMKVM_CACHE

# The C locale keeps the output of apt, sort and friends in the form that the
# scripts read, whatever the user's language.
export LC_ALL=C.UTF-8

# depmod, modprobe and mke2fs are no superuser's matter here, but on an ordinary
# user's path they are not.
export PATH=$PATH:/usr/sbin:/sbin

UI_STAGE=0
UI_STAGES=0
UI_CURE=

# The status of a failure that was already explained to the user, so that
# callers up the chain of subshells and scripts end without a second story.
# The outermost script turns it into 1.
UI_EXPLAINED=90
UI_USAGE=2
UI_NESTED=${ARMKVM_UI_NESTED:-}
export ARMKVM_UI_NESTED=1

ui_is_tty() { [[ -t 2 ]]; }

# ui_elapsed: time since the first script of this run started, as m:ss.
ui_elapsed() {
	local s=$((EPOCHSECONDS - ARMKVM_STARTED))
	printf '%d:%02d' $((s / 60)) $((s % 60))
}
export ARMKVM_STARTED=${ARMKVM_STARTED:-$EPOCHSECONDS}

# ui_plan N [DONE]: how many stages this run has, and how many are behind it.
ui_plan() { UI_STAGES=$1 UI_STAGE=${2:-0}; }

# stage TEXT...: announces the next stage, with its place in the plan.
stage() {
	UI_STAGE=$((UI_STAGE + 1))
	printf '[%d/%d] %s  (%s)\n' "$UI_STAGE" "$UI_STAGES" "$*" "$(ui_elapsed)" >&2
}

info() { printf '      %s\n' "$*" >&2; }
warn() { printf 'armkvm: warning: %s\n' "$*" >&2; }

# die CAUSE [CURE]: ends the script with the cause and what to do about it.
die() {
	printf 'armkvm: error: %s\n' "$1" >&2
	ui_cure "${2:-}" >&2
	exit "$UI_EXPLAINED"
}

# ui_full: which of the two directories that everything goes to has no room left.
ui_full() {
	local dir free
	for dir in "$ARMKVM_BUILD" "$ARMKVM_CACHE"; do
		free=$(df -Pk -- "$dir" 2>/dev/null | awk 'NR == 2 { print $4 }') || true
		if [[ -n $free ]] && ((free < 1024)); then
			printf '%s\n' "$dir"
			return 0
		fi
	done
	return 1
}

# ui_cure [TEXT]: the line that says what to do. On a full disk that comes first:
# what fails there fails in many ways, and most complain about something else.
ui_cure() {
	local full
	if full=$(ui_full); then
		printf 'armkvm: to cure: the disk is full: make room where %s is, then run the same command again\n' "$full"
	elif [[ -n $1 ]]; then
		printf 'armkvm: to cure: %s\n' "$1"
	fi
}

# usage_error TEXT COMMAND: a command line that makes no sense; exit status 2.
usage_error() {
	printf 'armkvm: error: %s\n' "$1" >&2
	printf 'armkvm: to cure: see %s --help\n' "$2" >&2
	exit "$UI_USAGE"
}

# ui_writable DIR CURE: makes DIR, or ends the script with the reason why not.
ui_writable() {
	local answer probe
	if ! answer=$(mkdir -p -- "$1" 2>&1) || ! answer=$(mktemp -- "$1/.probe.XXXXXX" 2>&1); then
		die "cannot write to $1: ${answer##*: }" "$2"
	fi
	probe=$answer
	rm -f -- "$probe"
}

# An error that no code foresaw still names its place. The command was none of
# `run`'s, so what it complained about is on the screen and in no log.
ui_unforeseen() {
	local status=$? line=$1 file=$2 command=$3
	((status != UI_EXPLAINED && status != UI_USAGE)) || exit "$status"
	printf 'armkvm: error: %s:%s: "%s" failed with status %s\n' \
		"${file#"$ARMKVM_TOP/"}" "$line" "$command" "$status" >&2
	ui_cure 'correct what the lines above complain about, then run the same command again' >&2
	exit "$UI_EXPLAINED"
}

# ui_at_exit: the outermost script's last word. Scripts that need more to be
# done at the end define ui_cleanup.
ui_at_exit() {
	local status=$?
	if declare -F ui_cleanup >/dev/null; then ui_cleanup; fi
	if [[ $status == "$UI_EXPLAINED" && -z $UI_NESTED ]]; then exit 1; fi
	exit "$status"
}
set -E
trap 'ui_unforeseen "$LINENO" "${BASH_SOURCE[0]}" "$BASH_COMMAND"' ERR
trap ui_at_exit EXIT

# ui_last_line LOG: what the step is at, without control characters.
ui_last_line() {
	tail -c 300 "$1" 2>/dev/null | tr -d '\000' | tr '\r' '\n' |
		sed -n "/./h;\${x;s/[^[:print:]]//g;s@$ARMKVM_BUILD/@@g;p}"
}

# ui_progress NAME START LOG: one live line on a terminal; elsewhere a sign of
# life each minute, so that CI systems don't think that the build hangs.
ui_progress() {
	local name=$1 start=$2 log=$3 s=$((EPOCHSECONDS - $2)) last
	if ui_is_tty; then
		last=$(ui_last_line "$log")
		printf '\r\033[K      %s  %d:%02d  %.50s' "$name" $((s / 60)) $((s % 60)) "$last" >&2
	elif ((s > 0 && s % 60 == 0)); then
		last=$(ui_last_line "$log")
		printf '      %s: %d min, %.60s\n' "$name" $((s / 60)) "$last" >&2
	fi
}

ui_failure() {
	local name=$1 log=$2 status=$3
	{
		printf '\narmkvm: %s failed (status %s). The last lines of its log:\n' "$name" "$status"
		tail -n 25 "$log" | sed 's/^/    | /'
		printf 'armkvm: whole log: %s\n' "$log"
		ui_cure "${UI_CURE:-correct what the log names and run the same command again; what is done is not done twice}"
	} >&2
}

# run_status LOG COMMAND...: runs a program (not a shell function) with its
# output in build/logs/LOG.log and returns its status. The program dies with
# this shell: a killed build leaves nothing behind that writes into the tree.
run_status() {
	local name=$1 log=$ARMKVM_LOGS/$1.log
	shift
	mkdir -p "$ARMKVM_LOGS"
	{
		printf '## %s\n## in %s\n## ' "$(date -u '+%F %T UTC')" "$PWD"
		printf '%q ' "$@"
		printf '\n'
	} >"$log"
	setpriv --pdeathsig KILL -- "$@" >>"$log" 2>&1 </dev/null &
	ui_wait "$name" $! "$log"
}

# ui_wait NAME PID LOG: waits for this shell's child with signs of its progress;
# returns its status.
ui_wait() {
	local name=$1 pid=$2 log=$3 start=$EPOCHSECONDS status=0
	while kill -0 "$pid" 2>/dev/null; do
		ui_progress "$name" "$start" "$log"
		# Short steps must not wait a whole second for nothing.
		if ((EPOCHSECONDS - start < 2)); then sleep 0.1; else sleep 1; fi
	done
	wait "$pid" || status=$?
	if ui_is_tty; then printf '\r\033[K' >&2; fi
	return "$status"
}

# run LOG COMMAND...: the same, and a failure ends the script with the last
# lines, the log's name and the cure (UI_CURE, where the caller knows one).
run() {
	local status=0
	run_status "$@" || status=$?
	if ((status)); then
		ui_failure "$1" "$ARMKVM_LOGS/$1.log" "$status"
		exit "$UI_EXPLAINED"
	fi
}

# script NAME ARG...: another script of scripts/, that ends when this one does,
# even by kill -9: nobody shall find an ownerless build at work.
script() { setpriv --pdeathsig KILL -- "$ARMKVM_TOP/scripts/$1.sh" "${@:2}"; }

# ui_lock SUBJECT: one writer at a time for each part of build/ (qemu, kernels,
# ...). Held to the end of this shell. Scripts called by the holder inherit the
# lock (ARMKVM_LOCKED) and don't take it again. The descriptor is inherited on
# purpose: a compiler that outlives a killed build holds the lock until it ends.
# Order, where several are held: build, qemu, sysroot, kernels, kmod, the cache.
ui_lock() {
	local fd
	[[ ${ARMKVM_LOCKED:-} != *":$1:"* ]] || return 0
	mkdir -p "$ARMKVM_BUILD"
	exec {fd}>>"$ARMKVM_BUILD/.lock-$1"
	if ! flock -n "$fd"; then
		info "another build ($1) is at work in this checkout: waiting for it"
		flock "$fd"
	fi
	export ARMKVM_LOCKED=${ARMKVM_LOCKED:-}:$1:
}

# write_atomically FILE: standard input becomes FILE, whole or not at all.
write_atomically() {
	local tmp
	mkdir -p "$(dirname -- "$1")"
	tmp=$(mktemp -- "$1.XXXXXX")
	cat >"$tmp"
	chmod 644 "$tmp"
	mv -f -- "$tmp" "$1"
}

# remove DIR...: with patience for a process of a killed run that still writes.
remove() {
	local try
	for try in 1 2 3 4 5; do
		if rm -rf -- "$@" 2>/dev/null; then return 0; fi
		sleep "$try"
	done
	rm -rf -- "$@"
}

# fresh_dir DIR: makes and prints an empty directory beside DIR, to be moved to
# DIR when it is complete. Its name is new each time: what a killed run started
# may still be writing into the old one, which is removed as far as it lets.
fresh_dir() {
	local new
	mkdir -p "$(dirname -- "$1")"
	rm -rf -- "$1".new.* 2>/dev/null || true
	new=$(mktemp -d -- "$1.new.XXXXXX")
	chmod 755 "$new"
	printf '%s\n' "$new"
}

# stamp_is FILE TEXT: does FILE hold exactly TEXT? stamp_set writes it; a
# stamp is always the last thing that a step writes.
stamp_is() { [[ -f $1 && $(<"$1") == "$2" ]]; }
stamp_set() { printf '%s\n' "$2" | write_atomically "$1"; }

# need_tool PROGRAM PACKAGE: fails by name when a basic program is missing.
need_tool() {
	command -v "$1" >/dev/null ||
		die "the program '$1' is missing" "apt-get install $2"
}
