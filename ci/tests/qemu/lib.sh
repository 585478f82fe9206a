# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Sourced by the tests of this folder, after ci/lib/cases.sh: running our native
# QEMU, with and without the module of fake-module.c, and looking at what it said.

QEMU_TESTS=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
QEMU_NATIVE=${QEMU_NATIVE:-$QEMU_BUILD/qemu-native/qemu-system-arm}
FAKE_MODULE=$SCRATCH/fake-module.so
STATUS=0
echo quit >"$SCRATCH/quit"

qemu_native_or_end() {
	[[ -x $QEMU_NATIVE ]] && return
	fail "native QEMU" "it is not built; ./configure-wrapper.sh build --qemu $ARMKVM_QEMU_VERSION --host native"
	cases_end
}

# provide_roms: for boards whose boot ROM the build leaves in QEMU's source tree. Debian's source of 10.2 has none: there
# an empty one, as these tests look at how QEMU starts and run none of it.
provide_roms() {
	local share rom source
	share=$(find "$(dirname -- "$QEMU_NATIVE")/qemu-bundle" -type d -path '*/share/qemu' | head -n 1)
	for rom in npcm7xx_bootrom.bin npcm8xx_bootrom.bin; do
		source=$QEMU_BUILD/qemu-src/pc-bios/$rom
		if [[ -e $source ]]; then
			cp -u "$source" "$share/"
		elif [[ ! -e $share/$rom ]]; then
			truncate -s 16K "$share/$rom"
		fi
	done
}

# fake_module_build: the library that plays the module; a program to be preloaded.
fake_module_build() {
	if ! cc -Wall -Wextra -Werror -O1 -shared -fPIC -isystem "$TOP/kernel-abi/include/uapi" \
		-o "$FAKE_MODULE" "$QEMU_TESTS/fake-module.c" -ldl >"$SCRATCH/cc.log" 2>&1; then
		sed 's/^/    | /' "$SCRATCH/cc.log"
		fail "fake-module.c compiles" "$(tail -n 1 "$SCRATCH/cc.log")"
		cases_end
	fi
}

# with_fake COMMAND...: QEMUs of COMMAND see the fake module, set by $FAKE.
with_fake() { QEMU_PRELOAD=$FAKE_MODULE FAKE_LOG=$SCRATCH/fake.log "$@"; }

# qemu OPTION...: runs it with $QEMU_INPUT as input, or "quit" for a monitor;
# leaves STATUS and the files stdout and stderr. No test takes 20 s.
qemu() {
	local preload=()
	if [[ -n ${QEMU_PRELOAD:-} ]]; then
		preload=(LD_PRELOAD="$QEMU_PRELOAD" FAKE="${FAKE:-}" FAKE_LOG="$FAKE_LOG")
	fi
	STATUS=0
	timeout -k 2 20 env "${preload[@]}" "$QEMU_NATIVE" -nic none -display none "$@" \
		<"${QEMU_INPUT:-$SCRATCH/quit}" >"$SCRATCH/stdout" 2>"$SCRATCH/stderr" || STATUS=$?
	sed 's/^/    | /' "$SCRATCH/stderr"
}

# qmp COMMAND OPTION...: one QMP command to a machine that is not started.
qmp() {
	printf '%s\n' '{"execute":"qmp_capabilities"}' "$1" '{"execute":"quit"}' >"$SCRATCH/qmp"
	shift
	QEMU_INPUT=$SCRATCH/qmp qemu -S -qmp stdio "$@"
}

check_status() {
	((STATUS == $2)) && return
	fail "$1" "exit status $STATUS instead of $2: $(tail -n 1 "$SCRATCH/stderr")"
	return 1
}

check_lines() {
	local lines
	lines=$(wc -l <"$SCRATCH/stderr")
	((lines == $2)) && return
	fail "$1" "$lines lines on stderr instead of $2: $(head -n 1 "$SCRATCH/stderr")"
	return 1
}

# check_words NAME WORDS: stderr has each of WORDS, which are separated by |.
check_words() {
	local name=$1 words word
	IFS='|' read -ra words <<<"$2"
	for word in "${words[@]}"; do
		grep -qF -e "$word" "$SCRATCH/stderr" && continue
		fail "$name" "no '$word' in: $(head -n 1 "$SCRATCH/stderr")"
		return 1
	done
}
