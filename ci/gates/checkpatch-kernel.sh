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
# test-cost: 60
set -euo pipefail
# shellcheck source=ci/lib/cases.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/cases.sh"

USER_IGNORE=VOLATILE,COMPLEX_MACRO,MULTISTATEMENT_MACRO_USE_DO_WHILE,EMBEDDED_FUNCTION_NAME
USER_IGNORE+=,PREFER_DEFINED_ATTRIBUTE_MACRO,ARRAY_SIZE,NAKED_SSCANF,SSCANF_TO_KSTRTO
USER_IGNORE+=,CONSIDER_KSTRTO,STRLCPY,CONST_STRUCT,PREFER_ASM_HEADER
USER_IGNORE+=,MACRO_WITH_FLOW_CONTROL,NEW_TYPEDEFS,LINUX_VERSION_CODE

# ignored FILE: sets IGNORED, what is not asked of it.
ignored() {
	IGNORED=ENOSYS
	case $1 in
	kernel-abi/tests/* | kmod/tests/* | guest/bare/* | guest/bench/* | guest/host-state/*) IGNORED+=,$USER_IGNORE ;;
	# Lists for __print_symbolic().
	kmod/core/trace.h) IGNORED+=,COMPLEX_MACRO ;;
	# Kernel versions are what that folder is for.
	kmod/compat/*) IGNORED+=,LINUX_VERSION_CODE,CONSTANT_COMPARISON,DEPRECATED_API ;;
	esac
}

# check IGNORED FILE...: a case for each file; one run of checkpatch, which takes longer to start than for a file.
check() {
	local ignored=$1 file status=0
	shift
	(cd "$SCRATCH" && perl "$CHECKPATCH/checkpatch.pl" --no-tree --terse --show-types --no-summary \
		--max-line-length=100 --ignore "$ignored" -f "${@/#/"$TOP/"}") >"$SCRATCH/all" 2>"$SCRATCH/err" || status=$?
	sed "s|^$TOP/||" "$SCRATCH/all" >"$SCRATCH/out"
	# A checkpatch that died finds nothing either.
	if ((status > 1)); then
		sed 's/^/    | /' "$SCRATCH/err"
		fail "checkpatch of $# files" "it ended with status $status"
		return
	fi
	for file; do
		awk -v name="$file:" 'index($0, name) == 1' "$SCRATCH/out" >"$SCRATCH/findings"
		expect_empty "checkpatch $file" "the kernel's checkpatch says" "$SCRATCH/findings"
	done
	printf '%s:\n' "$@" >"$SCRATCH/names"
	awk 'NR == FNR { names[$0]; next } !(substr($0, 1, index($0, ":")) in names)' "$SCRATCH/names" "$SCRATCH/out" >"$SCRATCH/rest"
	if ((status)) && [[ ! -s $SCRATCH/out ]]; then echo "status 1 and no finding" >"$SCRATCH/rest"; fi
	if [[ -s $SCRATCH/rest ]]; then expect_empty "checkpatch of $# files" "it says of none of them" "$SCRATCH/rest"; fi
}

if ! CHECKPATCH=$("$TOP/ci/lib/checkpatch.sh"); then
	fail "the kernel's checkpatch" "cannot be had: see the log"
	cases_end
fi
declare -A FILES=()
count=0
while IFS= read -r -d '' file; do
	case $file in
	kmod/*.[chS] | kernel-abi/*.[chS] | guest/*.[chS]) ;;
	*) continue ;;
	esac
	[[ -f $TOP/$file ]] || continue
	count=$((count + 1))
	ignored "$file"
	FILES[$IGNORED]+=$file$'\n'
done < <(tracked)
if ((count < 10)); then fail "sources found" "only $count: the search is broken"; fi
for ignore in "${!FILES[@]}"; do
	mapfile -t files <<<"${FILES[$ignore]%$'\n'}"
	check "$ignore" "${files[@]}"
done
cases_end
