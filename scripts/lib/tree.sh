# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Source trees: what they contain, in one word, and how they are copied.

[[ -n ${ARMKVM_TREE_SOURCED:-} ]] && return 0
ARMKVM_TREE_SOURCED=1

# tree_hash DIR...: one hash over the names, modes and contents below these
# directories. Editors' left-overs and what version control ignores by name
# don't count. Costs one read of everything.
tree_hash() {
	local dir
	for dir in "$@"; do
		[[ -e $dir ]] || continue
		(
			cd -- "$dir" || exit
			find . \( -type f -o -type l \) ! -name '*~' ! -name '.*.swp' ! -name '*.orig' \
				! -name '*.rej' -printf '%P\0%m\0%l\0' | sort -z
			find . -type f ! -name '*~' ! -name '.*.swp' ! -name '*.orig' \
				! -name '*.rej' -print0 | sort -z | xargs -0r sha256sum
		)
	done | sha256sum | cut -c1-32
}

# tree_sync FROM TO: TO becomes equal to FROM in content, and what is equal
# already keeps its time stamp, so that make and ninja rebuild only what changed.
tree_sync() {
	mkdir -p "$2"
	rsync -rlp --checksum --delete "$1/" "$2/"
}

# tree_relative_links DIR ROOT: links below DIR that are absolute, as package
# links are, lead into ROOT instead of into the machine's own file system.
tree_relative_links() {
	local link target
	while IFS= read -r -d '' link; do
		target=$(readlink "$link")
		if [[ $target == /* ]]; then
			ln -sfn "$(realpath -ms --relative-to="$(dirname "$link")" "$2$target")" "$link"
		fi
	done < <(find "$1" -type l -print0)
}
