# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# What a command takes of the machine: said at its first run, and checked before
# anything is done.

[[ -n ${ARMKVM_ROOM_SOURCED:-} ]] && return 0
ARMKVM_ROOM_SOURCED=1
# shellcheck source=scripts/lib/ui.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/ui.sh"

# room_of COMMAND: MiB in build/, MiB in the cache, MiB of packages that get installed, minutes
# from nothing on two cores. Measured in minimal roots of Debian 12 and 13, the greater of the two,
# rounded up (ci/tests/build/bare-machine.sh prints them).
room_of() {
	case $1 in
	demo-armhf) echo 1900 400 1000 12 ;;
	demo-arm64) echo 2300 700 1000 12 ;;
	native) echo 1500 200 1000 10 ;;
	armhf) echo 2300 600 1000 14 ;;
	arm64) echo 2700 1000 1000 14 ;;
	all) echo 3400 1500 1500 30 ;;
	package) echo 3400 1500 1500 30 ;;
	test) echo 8000 3000 2200 80 ;;
	bench-armhf) echo 5000 700 1200 20 ;;
	bench-arm64) echo 5500 1200 1400 20 ;;
	guest-kernel) echo 3200 250 800 6 ;;
	*) return 1 ;;
	esac
}

# What the largest compiler or linker process and the emulated host take, in MiB.
ROOM_MEMORY=1500

room_free() { df -Pm -- "$1" | awk 'NR == 2 { print $4 }'; }
room_used() { du -sm -- "$1" 2>/dev/null | cut -f1; }
room_gib() { awk -v mib="$1" 'BEGIN { printf "%.1f GiB", mib / 1024 }'; }

# room_lacking DIR NEEDED: ends the script if what DIR holds and what is free make less.
room_lacking() {
	local dir=$1 needed=$2 free used
	free=$(room_free "$dir")
	if ((free >= needed)); then return 0; fi
	used=$(room_used "$dir")
	if ((free + used >= needed)); then return 0; fi
	die "$dir needs $(room_gib "$needed"), and its disk has $(room_gib "$free") left" \
		"make room there, or move ${3}"
}

# room_memory: a warning, for a machine with little may still do it with one job.
room_memory() {
	local have jobs=${ARMKVM_JOBS:-$(nproc)}
	have=$(awk '/^(MemAvailable|SwapFree):/ { sum += $2 } END { print int(sum / 1024) }' /proc/meminfo)
	if ((have < ROOM_MEMORY)); then
		warn "only $have MiB of memory are free and $ROOM_MEMORY are wanted: it may end for want of memory; stop other programs, or add swap"
	elif ((have < jobs * 400 && jobs > 1)); then
		warn "$jobs compilers at a time want more than the $have MiB of memory that are free: ARMKVM_JOBS=$((have / 400)) takes fewer"
	fi
}

# room_check COMMAND DONE: the directories can be written and have the room; DONE
# is a file that exists when the command's work has been done once.
room_check() {
	local build cache packages minutes
	ui_writable "$ARMKVM_BUILD" "make the checkout writable, or clone it to a directory that is"
	ui_writable "$ARMKVM_CACHE" "set ARMKVM_CACHE to a directory that can be written"
	if [[ -e $2 ]]; then return 0; fi
	read -r build cache packages minutes <<<"$(room_of "$1")"
	info "the first run takes about $(room_gib $((build + cache))) of disk ($(room_gib "$cache") in $ARMKVM_CACHE)," \
		"$(room_gib "$packages") of packages where they are missing, $(room_gib "$ROOM_MEMORY") of memory, and $minutes minutes on two cores"
	if [[ $(stat -c %d "$ARMKVM_BUILD") == "$(stat -c %d "$ARMKVM_CACHE")" ]]; then
		room_both "$build" "$cache"
	else
		room_lacking "$ARMKVM_BUILD" "$build" "the checkout to another disk"
		room_lacking "$ARMKVM_CACHE" "$cache" "the cache (ARMKVM_CACHE) to another disk"
	fi
	room_memory
}

# room_both BUILD CACHE: the two on one disk.
room_both() {
	local free used
	free=$(room_free "$ARMKVM_BUILD")
	if ((free >= $1 + $2)); then return 0; fi
	used=$(($(room_used "$ARMKVM_BUILD") + $(room_used "$ARMKVM_CACHE")))
	if ((free + used >= $1 + $2)); then return 0; fi
	die "build/ and the cache need $(room_gib $(($1 + $2))), and their disk has $(room_gib "$free") left" \
		"make room there, or move the checkout or the cache (ARMKVM_CACHE) to another disk"
}
