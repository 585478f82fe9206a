#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Links between documents lead somewhere, to the place that they name, and groups of tests that documents name
# are there (ci/lib/doc-links.py).
# test-cost: 2
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

lost() { python3 -B "$TOP/ci/lib/doc-links.py" "$@"; }

mapfile -t pages < <(tracked | tr '\0' '\n' | grep -E '\.(md|rst)$')
lost "$TOP" "${pages[@]}" >"$SCRATCH/lost"
expect_empty "links in ${#pages[@]} documents" "lead nowhere" "$SCRATCH/lost"

# It finds what it is for.
# shellcheck disable=SC2016 # the texts of pages
make_pages() {
	mkdir -p "$SCRATCH/top/ci/tests/engine"
	: >"$SCRATCH/top/ci/tests/engine/smp.sh"
	printf '# A place\n[a](#a-place) [b](two.rst#its-heading) `engine/smp` `engine/s*` `engine/run.c` [c](https://example.org/x#y)\n' \
		>"$SCRATCH/top/good.md"
	printf 'Its heading\n===========\n`back <good.md>`_\n' >"$SCRATCH/top/two.rst"
	printf '[a](none.md) [b](good.md#elsewhere) `engine/none` [c](two.rst#a-place)\n' >"$SCRATCH/top/bad.md"
	printf '`nowhere <none.rst>`_\n' >"$SCRATCH/top/bad.rst"
}
make_pages
lost "$SCRATCH/top" good.md two.rst >"$SCRATCH/lost"
expect_empty "good ones are good" "lead nowhere" "$SCRATCH/lost"
lost "$SCRATCH/top" bad.md bad.rst >"$SCRATCH/lost"
for what in 'no file none.md' 'no place good.md#elsewhere' 'no group engine/none' 'no place two.rst#a-place' 'no file none.rst'; do
	if grep -qF -- "$what" "$SCRATCH/lost"; then pass "would find: $what"; else fail "would find: $what" "it found $(wc -l <"$SCRATCH/lost") others"; fi
done
cases_end
