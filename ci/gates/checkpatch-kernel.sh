#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The kernel's checkpatch has nothing to say about kmod/, kernel-abi/, guest/:
# no error and no warning. What is not asked for, and why:
#   everywhere     ENOSYS                a documented answer of ARMKVM_RUN
#   trace.h        COMPLEX_MACRO         names of an event's values, as in the kernel's own
#   kmod/compat/   LINUX_VERSION_CODE, CONSTANT_COMPARISON, DEPRECATED_API   what it is for
#   programs that run outside the kernel
#                  VOLATILE              memory that another process changes
#                  COMPLEX_MACRO, MULTISTATEMENT_MACRO_USE_DO_WHILE,
#                  MACRO_WITH_FLOW_CONTROL                            tables of tests, checks
#                  NEW_TYPEDEFS, LINUX_VERSION_CODE                   stand-ins for the kernel's
#                  EMBEDDED_FUNCTION_NAME, PREFER_DEFINED_ATTRIBUTE_MACRO, ARRAY_SIZE,
#                  NAKED_SSCANF, SSCANF_TO_KSTRTO, CONSIDER_KSTRTO, STRLCPY, CONST_STRUCT
#                                        the C library's, not the kernel's
# test-cost: 100
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

USER_IGNORE=VOLATILE,COMPLEX_MACRO,MULTISTATEMENT_MACRO_USE_DO_WHILE,EMBEDDED_FUNCTION_NAME
USER_IGNORE+=,PREFER_DEFINED_ATTRIBUTE_MACRO,ARRAY_SIZE,NAKED_SSCANF,SSCANF_TO_KSTRTO
USER_IGNORE+=,CONSIDER_KSTRTO,STRLCPY,CONST_STRUCT,PREFER_ASM_HEADER
USER_IGNORE+=,MACRO_WITH_FLOW_CONTROL,NEW_TYPEDEFS,LINUX_VERSION_CODE

# check FILE: one finding a line, at most those that count.
check() {
	local ignore=ENOSYS status=0
	case $1 in
	kernel-abi/tests/* | kmod/tests/* | guest/bare/* | guest/bench/* | guest/host-state/*) ignore+=,$USER_IGNORE ;;
	# Lists for __print_symbolic().
	kmod/core/trace.h) ignore+=,COMPLEX_MACRO ;;
	# Kernel versions are what that folder is for.
	kmod/compat/*) ignore+=,LINUX_VERSION_CODE,CONSTANT_COMPARISON,DEPRECATED_API ;;
	esac
	(cd "$SCRATCH" && perl "$CHECKPATCH/checkpatch.pl" --no-tree --terse --show-types --no-summary \
		--max-line-length=100 --ignore "$ignore" -f "$TOP/$1") \
		>"$SCRATCH/out" 2>"$SCRATCH/err" || status=$?
	sed "s|^$TOP/||" "$SCRATCH/out"
	# A checkpatch that died finds nothing either.
	if ((status > 1)); then
		printf '%s: checkpatch ended with status %d\n' "$1" "$status"
	fi
}

if ! CHECKPATCH=$("$TOP/ci/lib/checkpatch.sh"); then
	fail "the kernel's checkpatch" "cannot be had: see the log"
	cases_end
fi
count=0
while IFS= read -r -d '' file; do
	case $file in
	kmod/*.[chS] | kernel-abi/*.[chS] | guest/*.[chS]) ;;
	*) continue ;;
	esac
	[[ -f $TOP/$file ]] || continue
	count=$((count + 1))
	check "$file" >"$SCRATCH/findings"
	expect_empty "checkpatch $file" "the kernel's checkpatch says" "$SCRATCH/findings"
done < <(tracked)
if ((count < 10)); then fail "sources found" "only $count: the search is broken"; fi
cases_end
