# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Booting a guest in an emulated host: sourced by ci/tests/boot/*.sh.

# shellcheck source=ci/lib/hosts.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/hosts.sh"

# has NAME PATTERN COUNT: exactly COUNT lines of the output match.
has() {
	local n
	n=$(tr -d '\r' <"$SCRATCH/out" | grep -cE -- "$2" || true)
	if ((n == $3)); then
		pass "$1"
	else
		fail "$1" "$n lines instead of $3 match '$2'; the last one is: $(tail -n 1 "$SCRATCH/out")"
	fi
}

# boot_by_fallback HOST: what the demonstration prints when nobody is at the
# keyboard. The guest must have run: its kernel's name and the words of its init
# are there, the line that says why armkvm did not run it is there once.
boot_by_fallback() {
	local host=$1 status=0
	"$TOP/scripts/demo.sh" "$host" >"$SCRATCH/out" 2>&1 </dev/null || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	if ((status)); then
		fail "$host: the demonstration" "status $status: $(grep -m 1 -E '^(testbed|armkvm: error):?' "$SCRATCH/out" || tail -n 1 "$SCRATCH/out")"
		return
	fi
	pass "$host: the demonstration ends with status 0"
	has "$host: the module is loaded" '^host: .*armkvm +[0-9]+' 1
	has "$host: one line says why and what follows" 'armkvm cannot start: .*falling back to tcg' 1
	has "$host: the guest reaches user space" '^guest: user space reached' 1
	has "$host: the guest runs Debian's 32-bit kernel" '^guest: Linux [0-9.-]+[^ ]*-armmp armv7l' 1
	has "$host: the guest powers off" 'reboot: Power down' 1
}
