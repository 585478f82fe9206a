#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's own tools beside guests: function and graph tracer over the whole module, a kprobe on each of its
# functions, the profiler, BPF programs, CPUs that go and come, sleep of the host, another kernel by kexec. The guests
# print what they do on TCG, and the host lives.
# test-tier: 2
# test-cost: 400
# test-timeout: 2400
set -euo pipefail
# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../../lib/engine.sh"
# shellcheck source=scripts/lib/arch.sh
source "$TOP/scripts/lib/arch.sh"

for guest in exceptions mmu-short irq gic-smp; do "$TOP/scripts/bare-guest.sh" "$guest" "$SCRATCH/bare" >/dev/null; done
bare_references "$SCRATCH/bare"

# host_of WHAT HOST: kexec's second kernel does not get on with a GICv3's interrupt tables, armkvm or not
host_of() { if [[ $1 == kexec && $2 == arm64-n1 ]]; then echo arm64-a72; else echo "$2"; fi; }

# watched WHAT HOST: with the program that profiles and loads BPF programs.
watched() {
	local arch
	arch=$(host_arch "$2")
	"$(arch_triplet "$arch")-gcc" -std=gnu11 -O2 -Wall -Werror -static -D_GNU_SOURCE -o "$SCRATCH/kernel-tools-$arch" \
		"$TOP/ci/lib/kernel-tools.c"
	tool "$@" --add "$SCRATCH/kernel-tools-$arch:/kernel-tools"
}

# kexec WHAT HOST: with Debian's kexec and its own kernel once more, whose verdict is in the kernel's log.
kexec() {
	local arch dir=$SCRATCH/kexec kernel console=$SCRATCH/console
	arch=$(host_arch "$2")
	kernel=$("$TOP/scripts/kernels.sh" dir "$arch" 6.1)
	"$TOP/scripts/debs.sh" closure "$arch" "$BUILD/tests/kexec-$arch" kexec-tools >/dev/null
	rm -rf "$dir"
	mkdir -p "$dir/lib"
	cp "$BUILD/tests/kexec-$arch/sbin/kexec" "$dir/"
	find "$BUILD/tests/kexec-$arch" '(' -name 'libxen*.so.*' -o -name 'liblzma.so.*' -o -name 'libz.so.*' ')' -exec cp -P -t "$dir/lib" {} +
	cp "$kernel"/boot/vmlinuz-* "$dir/kernel"
	# The testbed's agent is gone with the first kernel, and no command comes to an end: what counts is what the second
	# one says, and that this is all that the testbed has to complain of.
	in_host "$SCRATCH/first" "$2" --no-load --add "$TOP/ci/tests/engine/in-host/tools:/session" --env CPU="$(host_cpu "$2")" \
		--smp 2 --mem 2048 --add "$SCRATCH/bare:/bare" --add "$dir:/kexec" --keep-log "$console" --timeout 400 \
		-- sh -c "$LOAD && exec sh /session $1" || true
	tr -d '\r' <"$console" | sed -n 's/.*armkvm-test: //p' >"$SCRATCH/second"
	sed 's/^/    | /' "$SCRATCH/first"
	relay "$2, kexec" "$SCRATCH/second"
	if grep -q '^testbed: failed: the emulated host ended before the command did' "$SCRATCH/first"; then
		pass "$2, kexec: both kernels are unharmed"
	else
		fail "$2, kexec" "$(grep -m 1 '^testbed: failed' "$SCRATCH/first" || echo 'the host did not end by itself')"
	fi
	if ! grep -qx "the second kernel's end" "$SCRATCH/second"; then
		fail "$2, kexec" "the second kernel did not come to its end: $(grep '^FAIL' "$SCRATCH/first" | tail -n 1)"
	fi
}

# tool WHAT HOST [TESTBED-OPTION...]. No share: its transport does not come back from the sleep.
tool() {
	SESSION_NAME=$1 SESSION_WORDS=$1 session tools "$2" --smp 2 --add "$SCRATCH/bare:/bare" --timeout 900 "${@:3}"
}

hosts armv7-a15 arm64-n1
for host in "${HOSTS[@]}"; do
	for what in ${ARMKVM_TOOLS:-function function_graph kprobes perf bpf hotplug suspend kexec}; do
		case $what in
		perf | bpf) watched "$what" "$host" ;;
		kexec) kexec "$what" "$(host_of "$what" "$host")" ;;
		*) tool "$what" "$host" ;;
		esac
	done
done
cases_end
