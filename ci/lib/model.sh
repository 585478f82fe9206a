# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The module before the model of TLBs and instruction caches (ci/testbed --model): sourced by ci/tests/model/*.sh.

# shellcheck source=ci/lib/engine.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/engine.sh"

MODEL_GUESTS=(modes mmu-short mmu-long selfmod tlbi-range exceptions user)
MODEL_KERNEL=6.1

# model_clean HOST: Linux by itself, with processes on several CPUs, and bare guests: no complaint.
model_clean() {
	local host=$1
	# shellcheck disable=SC2016 # for the shell of the host
	host_test "$host, Linux alone" "$host" --model --no-load --smp 2 --timeout 900 -- \
		sh -c 'all=; for i in 1 2 3 4; do ls -lR /sys | sort >/dev/null & all="$all $!"; done
			for pid in $all; do wait $pid || exit; done; echo "PASS processes run and end on all CPUs"'
	bare_table "$host" "$(host_cpu "$host")" --model <<-TABLE
		$(IFS=,; echo "${MODEL_GUESTS[*]}")
		gic-smp  tier=2
	TABLE
}

# model_faulty ARCH FILE SED: builds the module with SED done to kmod/FILE, and prints where it is. All of them are
# built in the same place, so that each compiles what differs from the one before.
model_faulty() {
	local dir=$SCRATCH/faulty-$1 kernel headers pahole triplet=aarch64-linux-gnu arch=arm64
	if [[ $1 == armhf ]]; then triplet=arm-linux-gnueabihf arch=arm; fi
	kernel=$("$TOP/scripts/kernels.sh" dir "$1" "$MODEL_KERNEL")
	headers=$kernel/usr/src/linux-headers-${kernel##*/}
	# no BTF, as scripts/kmod.sh
	pahole=$(sed -n 's/^CONFIG_PAHOLE_VERSION=//p' "$headers/include/config/auto.conf")
	if [[ ! -d $dir ]]; then
		mkdir -p "$dir/kernel-abi"
		cp -r "$TOP/kmod" "$dir/kmod"
		cp -r "$TOP/kernel-abi/include" "$dir/kernel-abi/"
	fi
	if [[ -e $dir/changed ]]; then cp "$TOP/kmod/$(<"$dir/changed")" "$dir/kmod/$(<"$dir/changed")"; fi
	printf '%s\n' "$2" >"$dir/changed"
	sed -e "$3" "$TOP/kmod/$2" >"$dir/kmod/$2"
	if cmp -s "$TOP/kmod/$2" "$dir/kmod/$2"; then
		echo "'$3' changes nothing in kmod/$2" >&2
		return 1
	fi
	nice -n 10 make -s -j "$(nproc)" -C "$headers" M="$dir/kmod" ARCH="$arch" CROSS_COMPILE="$triplet-" \
		CC="$triplet-gcc-12" CONFIG_DEBUG_INFO_BTF_MODULES= "PAHOLE_VERSION=$pahole" modules >"$dir/log" 2>&1 || {
		cat "$dir/log" >&2
		return 1
	}
	"$triplet-strip" --strip-debug -o "$dir/armkvm.ko" "$dir/kmod/armkvm.ko"
	printf '%s\n' "$dir/armkvm.ko"
}

# model_seed HOST NAME GUEST COMPLAINT FILE SED: a module with this fault runs GUEST, and the model complains of that
# (a regex of complaints' names). What becomes of the guest doesn't matter: the emulated host forgives.
model_seed() {
	local host=$1 name="$1, $2" guest=$3 complaint=$4 module status=0
	if ! module=$(model_faulty "$(host_arch "$host")" "$5" "$6"); then
		fail "seed: $name" "it can't be put into kmod/$5, or that does not compile"
		return
	fi
	mkdir -p "$SCRATCH/seeds"
	[[ -e $SCRATCH/seeds/$guest.bin ]] || "$TOP/scripts/bare-guest.sh" "$guest" "$SCRATCH/seeds" >/dev/null
	in_host "$SCRATCH/out" "$host" --model --expect-report --no-module --add "$module:/armkvm.ko" --share "$SCRATCH/seeds" --timeout 600 \
		-- sh -c "insmod /armkvm.ko; timeout 200 qemu-system-arm -M virt -cpu $(host_cpu "$host") -accel armkvm -nic none \
			-display none -monitor none -serial null -kernel /share/$guest.bin; exit 0" || status=$?
	sed 's/^/    | /' "$SCRATCH/out"
	if ((status)); then
		fail "seed: $name" "status $status: $(tail -n 1 "$SCRATCH/out")"
	elif grep -qE "model: ($complaint): .*, guest, " "$SCRATCH/out"; then
		pass "seed: $name is found ($complaint)"
	else
		fail "seed: $name" "no complaint is $complaint: $(grep -m 1 'model:' "$SCRATCH/out" || tail -n 1 "$SCRATCH/out")"
	fi
}
