#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The model of TLBs and instruction caches (ci/model) by itself, under sanitizers: sequences of events with all
# their maintenance, and with one step missing. Then as a plugin, with bare machines of both architectures.
#
# test-cost: 10
set -euo pipefail
# shellcheck source=ci/lib/unit.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/unit.sh"

MODEL=$TOP/ci/model
status=0
gcc -g -O1 -Wall -Wextra -Werror -pthread -fsanitize=address,undefined -fno-sanitize-recover=undefined -o "$SCRATCH/test-model" \
	"$MODEL"/tests/test-model.c "$MODEL"/{a32,a64,icache,tlb}.c
# What the model keeps it keeps to the end.
ASAN_OPTIONS=detect_leaks=0 "$SCRATCH/test-model" >"$SCRATCH/out" 2>&1 || status=$?
sed 's/^/    | /' "$SCRATCH/out"
unit_verdict model "the model by itself" "$status"

# plugin_and NAME: prints the plugin and the emulator of the testbed's host NAME that it is for.
plugin_and() {
	python3 -B - "$TOP/ci/lib" "$1" <<-'PYTHON'
		import sys
		from types import SimpleNamespace
		sys.path.insert(0, sys.argv[1])
		from testbed import initramfs, machines, model
		options = SimpleNamespace(icount=False, smp=1, model=True)
		emulator, _ = machines.find_emulator(machines.HOSTS[sys.argv[2]], options, initramfs.newer_outer_qemu, model.SINCE)
		print(model.plugin(), emulator)
	PYTHON
}

# verdict LABELS COMPLAINTS: a complaint belongs to the last label before its address, whose name says which
# are to come: bad_COMPLAINT_…, - being _; good_… is none. One complaint may bring others with it.
verdict() {
	awk -v name="$3" '
		NR == FNR {
			n++
			address[n] = substr($1, length($1) - 6)
			label[n] = $3
			next
		}
		{
			kind = $1
			sub(":.*", "", kind)
			gsub("-", "_", kind)
			match($0, "pc 0x[0-9a-f]+")
			pc = substr($0, RSTART + RLENGTH - 7, 7)
			for (i = n; i > 1 && address[i] > pc; i--)
				;
			if (index(label[i], "bad_" kind "_") == 1)
				found[i] = 1
			else if (index(label[i], "bad_") != 1)
				wrong[i] = $0
		}
		END {
			for (i = 1; i <= n; i++) {
				if (i in wrong)
					print "FAIL " name ", " label[i] ": " wrong[i]
				else if (index(label[i], "bad_") == 1 && !(i in found))
					print "FAIL " name ", " label[i] ": no such complaint"
				else
					print "PASS " name ", " label[i]
			}
		}' "$1" "$2"
}

# bare SOURCE HOST CPU PREFIX ADDRESS
bare() {
	local plugin emulator status=0 dir=$SCRATCH/$1
	mkdir "$dir"
	# nothing to read is the failure below
	read -r plugin emulator < <(plugin_and "$2") || true
	if [[ -z ${emulator:-} ]]; then
		fail "$1: the plugin" "the lines above say why"
		return
	fi
	"$4"gcc -nostdlib -static -no-pie -Wl,--build-id=none -Ttext="$5" -o "$dir/elf" "$MODEL/tests/$1.S"
	"$4"objcopy -O binary "$dir/elf" "$dir/image"
	"$4"nm -n "$dir/elf" | grep -E ' (good|bad)_' >"$dir/labels"
	timeout 60 "$emulator" -M virt -cpu "$3" -m 128 -nodefaults -display none -monitor none -audio none -no-reboot -kernel "$dir/image" \
		-plugin "$plugin,ram=0x40000000:0x8000000,out=$dir/complaints" </dev/null || status=$?
	sed 's/^/    | /' "$dir/complaints"
	if ((status)) || ! grep -q '^checked: ' "$dir/complaints"; then
		fail "$1" "the emulator ended with status $status"
		return
	fi
	# no complaint at all: each bad label fails
	grep -v '^checked: ' "$dir/complaints" >"$dir/only" || true
	verdict "$dir/labels" "$dir/only" "$1" >"$dir/cases"
	relay model "$dir/cases"
}

bare bare-a64 arm64-a72 cortex-a72 aarch64-linux-gnu- 0x40080000
bare bare-a32 armv7-a15 cortex-a15 arm-linux-gnueabihf- 0x40010000
cases_end
