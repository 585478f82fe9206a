# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Packages of any architecture and release, without touching the machine's own
# package management: a private apt state for each architecture, in the cache.
#
# Trust: the indexes are signed and apt checks them; the SHA-256 of each file
# comes from such an index and is recorded in a manifest; a file is used only
# after its SHA-256 was computed again. A manifest also pins the versions: the
# same request gives the same files until `apt_forget` (build --update).
#
# Robustness: every suite is updated for itself. One that fails is retried,
# then left out and named; what the others offer is used.
#
# Layout under $ARMKVM_CACHE:
#   apt/<release>/<arch>/ indexes; <arch> is a Debian architecture or "source", or
#                         either with @<release>: that of another release (APT_RELEASES).
#                         Machines of several releases may share the cache
#   manifests/<key>       what a request resolved to: SHA-256, file name, address
#   debs/                 the verified files

[[ -n ${ARMKVM_APT_SOURCED:-} ]] && return 0
ARMKVM_APT_SOURCED=1
# shellcheck source=scripts/lib/ui.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/ui.sh"
# shellcheck source=scripts/lib/arch.sh
source "$(dirname -- "${BASH_SOURCE[0]}")/arch.sh"

# A suite that failed is tried again after this many seconds.
APT_RETRY_SUITE_AFTER=3600

# apt_lock: one user of the cache at a time, be they of other checkouts. Held to
# the end of the shell (often a command substitution) that takes it. Whoever
# holds it must not wait for ui_lock.
apt_lock() {
	[[ -z ${APT_LOCK_FD:-} ]] || return 0
	ui_writable "$ARMKVM_CACHE" "set ARMKVM_CACHE to a directory that can be written"
	exec {APT_LOCK_FD}>>"$ARMKVM_CACHE/.lock"
	flock "$APT_LOCK_FD"
}

# apt_os_release FIELD: what this machine says that it is.
apt_os_release() {
	sed -n "s/^$1=//p" "${ARMKVM_OS_RELEASE:-/etc/os-release}" 2>/dev/null | tr -d '"'
}

# apt_codename: the release whose ways are taken: this machine's, or, where that
# is none of those the build was written for, the newest of these.
apt_codename() {
	local codename
	codename=$(apt_os_release VERSION_CODENAME)
	case $codename in
	bookworm | trixie) echo "$codename" ;;
	*) echo trixie ;;
	esac
}

# apt_check_machine: another distribution that has apt-get and dpkg is tried,
# with one line that says so; one that has not ends here, before anything is done.
apt_check_machine() {
	local name
	[[ -z ${ARMKVM_MACHINE_CHECKED:-} ]] || return 0
	export ARMKVM_MACHINE_CHECKED=1
	case $(apt_os_release ID):$(apt_os_release VERSION_CODENAME) in
	debian:bookworm | debian:trixie) return 0 ;;
	esac
	name=$(apt_os_release PRETTY_NAME)
	if ! command -v apt-get >/dev/null || ! command -v dpkg >/dev/null; then
		die "this machine (${name:-of an unknown system}) has no apt-get and dpkg, by which the build gets everything" \
			"build in a container or chroot of Debian 12 or 13"
	fi
	warn "this is ${name:-an unknown system}, not Debian 12 or 13: going on as if it were Debian 13, untested;" \
		"ARMKVM_DEBIAN_MIRROR must name an archive of Debian if this machine's apt sources don't"
}

# apt_machine_entries: the machine's own apt sources of type deb, one a line:
# URI SUITE COMPONENTS... Both formats are read; options and disabled entries
# are not wanted.
apt_machine_entries() {
	local etc=${ARMKVM_ETC_APT:-/etc/apt} f
	for f in "$etc"/sources.list "$etc"/sources.list.d/*.list; do
		[[ -f $f ]] || continue
		sed -nE 's/#.*//; s/^[[:space:]]*deb[[:space:]]+(\[[^]]*\][[:space:]]*)?//p' "$f"
	done
	for f in "$etc"/sources.list.d/*.sources; do
		[[ -f $f ]] || continue
		apt_deb822_entries "$f"
	done
}

apt_deb822_entries() {
	# Continuation lines are joined first; a '#' line inside a stanza is a comment.
	grep -v '^[[:space:]]*#' "$1" | awk '
		function flush(   u, s, i, j) {
			if (enabled != "no" && types ~ /(^| )deb( |$)/) {
				nu = split(uris, u, " "); ns = split(suites, s, " ")
				for (i = 1; i <= nu; i++)
					for (j = 1; j <= ns; j++)
						print u[i], s[j], components
			}
			types = uris = suites = components = enabled = ""; field = ""
		}
		/^[[:space:]]*$/ { flush(); next }
		/^[[:space:]]/ { value = $0 }
		/^[^[:space:]]/ {
			field = tolower(substr($0, 1, index($0, ":") - 1))
			value = substr($0, index($0, ":") + 1)
		}
		{
			gsub(/[[:space:]]+/, " ", value); sub(/^ /, "", value); sub(/ $/, "", value)
			if (field == "types") types = types " " value
			else if (field == "uris") uris = uris " " value
			else if (field == "suites") suites = suites " " value
			else if (field == "components") components = components " " value
			else if (field == "enabled") enabled = tolower(value)
		}
		END { flush() }'
}

# apt_archives SUITE: addresses that may serve SUITE, best first, derived from
# the machine's own sources: an entry for the same kind of suite (security or
# not), of this machine's release. Whether it really is Debian's archive is
# seen from the signed index (apt_update_suite). ARMKVM_DEBIAN_MIRROR and
# ARMKVM_DEBIAN_SECURITY_MIRROR override.
apt_archives() {
	local suite=$1 codename kind=main override=${ARMKVM_DEBIAN_MIRROR:-}
	codename=$(apt_os_release VERSION_CODENAME)
	if [[ $suite == *-security ]]; then
		kind=security
		override=${ARMKVM_DEBIAN_SECURITY_MIRROR:-}
	fi
	if [[ -n $override ]]; then
		printf '%s\n' "${override%/}"
		return
	fi
	apt_machine_entries | awk -v codename="$codename" -v kind="$kind" '
		$1 ~ /^cdrom:/ { next }
		{
			uri = $1; sub(/\/$/, "", uri)
			main = 0
			for (i = 3; i <= NF; i++) if ($i == "main") main = 1
			if (!main) next
			entry = ($2 ~ /-security$/ || $2 ~ /\/updates$/) ? "security" : "main"
			if (entry != kind) next
			alias = $2 ~ /^(stable|oldstable|oldoldstable|testing|unstable|sid)(-|$)/
			if ($2 != codename && index($2, codename "-") != 1 && !alias) next
			# Third parties like to name their suite after the release too.
			rank = uri ~ /\/debian(-security)?$/ ? 1 : 2
			if (!seen[uri]++) print rank, uri
		}' | sort -s -n -k1,1 | cut -d' ' -f2-
}

# Other releases, whose kernels are hosts and guests, with the compilers that built them. Each
# has a state of its own, so that nothing else is taken from them. (Debian 11 is no longer
# supported: the index of its security suite names files that the archive has dropped.) Besides
# these there are bookworm and trixie, with the machines of ci/lib/debian-machine.
# shellcheck disable=SC2034 # for scripts/kernels.sh
APT_RELEASES=(bullseye forky sid trixie-backports)

# apt_suites ARCH: the suites that a private state uses. Debian 12 has all of
# it but QEMU 10.0's source; Debian 13 takes the 6.1 kernels from Debian 12.
apt_suites() {
	local arch=$1 codename
	codename=$(apt_codename)
	case $codename:$arch in
	*@bullseye) echo bullseye bullseye-updates ;;
	*@forky) echo forky ;;
	*@sid) echo sid ;;
	*@trixie-backports) echo trixie trixie-updates trixie-backports ;;
	*@trixie) echo trixie trixie-updates trixie-security ;;
	*@bookworm) echo bookworm bookworm-updates bookworm-security bookworm-backports ;;
	*:source) echo trixie trixie-updates trixie-security bookworm-backports ;;
	bookworm:*) echo bookworm bookworm-updates bookworm-security bookworm-backports ;;
	trixie:*) echo trixie trixie-updates trixie-security bookworm bookworm-updates bookworm-security ;;
	esac
}

# apt_state ARCH: the directory of its private state.
apt_state() { printf '%s/apt/%s/%s\n' "$ARMKVM_CACHE" "$(apt_codename)" "$1"; }

# apt_conf ARCH: writes the state's configuration and prints its name. It is
# read with -c, that is after the machine's own files, so that a proxy that is
# configured there works and hooks that belong to the machine don't run.
apt_conf() {
	local arch=$1 dir native
	dir=$(apt_state "$arch")
	native=${arch%@*}
	if [[ $native == source ]]; then native=$(arch_native); fi
	mkdir -p "$dir"/{lists/partial,cache/archives/partial,suites}
	[[ -f $dir/status ]] || : >"$dir/status"
	if [[ ! -f $dir/apt.conf ]]; then
		write_atomically "$dir/apt.conf" <<-CONF
			#clear APT::Update::Pre-Invoke;
			#clear APT::Update::Post-Invoke;
			#clear APT::Update::Post-Invoke-Success;
			#clear DPkg::Pre-Install-Pkgs;
			#clear DPkg::Post-Invoke;
			#clear APT::Architectures;
			#clear APT::Default-Release;
			APT::Architecture "$native";
			APT::Architectures { "$native"; };
			APT::Get::List-Cleanup "false";
			APT::Install-Recommends "false";
			APT::Sandbox::User "";
			Acquire::Languages "none";
			Acquire::GzipIndexes "true";
			Acquire::Retries "1";
			Acquire::http::Timeout "20";
			Acquire::https::Timeout "20";
			Dir::State "$dir";
			Dir::State::status "$dir/status";
			Dir::State::lists "$dir/lists";
			Dir::Cache "$dir/cache";
			Dir::Log "$dir";
			Dir::Etc::sourcelist "$dir/sources.list";
			Dir::Etc::sourceparts "/dev/null";
			Dir::Etc::preferences "/dev/null";
			Dir::Etc::preferencesparts "/dev/null";
		CONF
	fi
	printf '%s\n' "$dir/apt.conf"
}

# apt_keyring: the file that verifies the archive. An old point release may
# not know the next release's key; apt_newer_keyring then gets it.
apt_keyring() {
	local k=$ARMKVM_CACHE/apt/keyring.gpg
	if [[ -f $k ]]; then
		echo "$k"
	elif [[ -f /usr/share/keyrings/debian-archive-keyring.gpg ]]; then
		echo /usr/share/keyrings/debian-archive-keyring.gpg
	else
		die "the archive's key ring is missing" "apt-get install debian-archive-keyring"
	fi
}

# apt_newer_keyring: the newest key ring that this machine's release offers,
# by way of packages that the keys at hand do verify. False if that fails.
apt_newer_keyring() {
	local deb tmp
	[[ ! -f $ARMKVM_CACHE/apt/keyring.gpg ]] || return 1
	deb=$(apt_fetch "$(arch_native)" debian-archive-keyring) || return 1
	tmp=$(mktemp -d)
	dpkg-deb -x "$deb" "$tmp"
	write_atomically "$ARMKVM_CACHE/apt/keyring.gpg" \
		<"$tmp/usr/share/keyrings/debian-archive-keyring.gpg"
	rm -rf "$tmp"
}

# apt_no_network LOG: did the last try not even reach a server?
apt_no_network() {
	tail -n 4 "$1" | grep -qE 'Temporary failure resolving|Could not (connect|resolve)|timed out|Network is unreachable'
}

# apt_update_suite ARCH SUITE: one suite's index; false if no archive gives it.
apt_update_suite() {
	local arch=$1 suite=$2 dir list conf type=deb uri log try
	dir=$(apt_state "$arch")
	list=$dir/suites/$suite.list
	conf=$(apt_conf "$arch")
	log=$ARMKVM_LOGS/apt-update-$arch-$suite.log
	mkdir -p "$ARMKVM_LOGS"
	: >"$log"
	if [[ ${arch%@*} == source ]]; then type="deb-src"; fi
	while read -r uri; do
		printf '%s [signed-by=%s] %s %s main\n' \
			"$type" "$(apt_keyring)" "$uri" "$suite" >"$list.new"
		for try in 1 2 3; do
			printf '## try %s: %s\n' "$try" "$(<"$list.new")" >>"$log"
			if timeout 600 apt-get -c "$conf" -o Dir::Etc::sourcelist="$list.new" \
				-o APT::Update::Error-Mode=any -q update >>"$log" 2>&1; then
				break
			fi
			# A key that is not known stays unknown however often one asks.
			if grep -q NO_PUBKEY "$log" && apt_newer_keyring; then
				printf '%s [signed-by=%s] %s %s main\n' \
					"$type" "$(apt_keyring)" "$uri" "$suite" >"$list.new"
			fi
			if ((try == 3)) || { ((try == 2)) && apt_no_network "$log"; }; then continue 2; fi
			sleep $((try * 2))
		done
		# shellcheck disable=SC2016 # it is apt that expands it
		if ! apt-get -c "$conf" -o Dir::Etc::sourcelist="$list.new" \
			indextargets --format '$(ORIGIN)' 2>>"$log" | grep -qxE 'Debian( Backports)?'; then
			printf '## not the archive of Debian: %s\n' "$uri" >>"$log"
			continue
		fi
		mv -f "$list.new" "$list"
		rm -f "$dir/suites/$suite.failed"
		return 0
	done < <(apt_archives "$suite")
	rm -f "$list.new"
	: >"$dir/suites/$suite.failed"
	return 1
}

# apt_prepare ARCH: makes sure that the state has an index for every suite, as
# far as there is one, and composes its sources.list. Cheap when it has them.
apt_prepare() {
	local arch=$1 dir suite age out=()
	dir=$(apt_state "$arch")
	apt_conf "$arch" >/dev/null
	if [[ -z $(apt_archives bookworm) ]]; then
		die "no entry of this machine's apt sources leads to Debian's archive" \
			"put the archive's address into ARMKVM_DEBIAN_MIRROR (and ARMKVM_DEBIAN_SECURITY_MIRROR)"
	fi
	for suite in $(apt_suites "$arch"); do
		[[ -f $dir/suites/$suite.list ]] && continue
		if [[ -f $dir/suites/$suite.failed ]]; then
			age=$((EPOCHSECONDS - $(stat -c %Y "$dir/suites/$suite.failed")))
			if ((age < APT_RETRY_SUITE_AFTER)); then
				out+=("$suite")
				continue
			fi
		fi
		if [[ -z $(apt_archives "$suite") ]]; then
			# Not a fault: this machine was set up without that suite.
			out+=("$suite")
			continue
		fi
		info "package index: $suite ($arch)"
		if ! apt_update_suite "$arch" "$suite"; then
			out+=("$suite")
			warn "package suite $suite ($arch) is left out: $(apt_why "$arch" "$suite")"
		fi
	done
	if ! compgen -G "$dir/suites/*.list" >/dev/null; then
		apt_forgive "$arch"
		die "none of the package suites ($(apt_suites "$arch")) could be read: $(apt_why "$arch" "${out[0]}")" \
			"$(apt_cure "$ARMKVM_LOGS/apt-update-$arch-${out[0]}.log" "check the network, or set ARMKVM_DEBIAN_MIRROR to an archive that can be reached"); logs: $ARMKVM_LOGS/apt-update-$arch-*.log"
	fi
	cat "$dir"/suites/*.list | write_atomically "$dir/sources.list"
	printf '%s\n' "${out[*]:-none}" >"$dir/left-out"
}

# apt_forgive ARCH: suites that failed are tried again at the next chance.
apt_forgive() { rm -f "$(apt_state "$1")"/suites/*.failed; }

# apt_cure LOG TEXT: what to do about a failed download: TEXT, unless the log
# complains about this machine's own disk.
apt_cure() {
	if grep -qE 'No space left on device|Disk quota exceeded' "$1" 2>/dev/null; then
		printf 'the disk is full: make room where %s is, or set ARMKVM_CACHE to a directory on another disk' "$ARMKVM_CACHE"
	elif grep -qE 'Read-only file system|Permission denied' "$1" 2>/dev/null; then
		printf 'make %s writable, or set ARMKVM_CACHE to a directory that is' "$ARMKVM_CACHE"
	else
		printf '%s' "$2"
	fi
}

# apt_why ARCH SUITE: one line of what its update complained about.
apt_why() {
	local log=$ARMKVM_LOGS/apt-update-$1-$2.log why
	why=$(grep -E '^(E|W):|^## not' "$log" 2>/dev/null | grep -v '^E: Some index' | tail -n 1 | cut -c1-300) || true
	printf '%s' "${why:-the apt sources of this machine give no address for it}"
}

# apt_refresh ARCH: reads the indexes again. One that can't be read stays as it was.
apt_refresh() {
	local arch=$1 suite
	for suite in $(apt_suites "$arch"); do
		[[ -n $(apt_archives "$suite") ]] || continue
		apt_update_suite "$arch" "$suite" ||
			warn "package suite $suite ($arch) can't be read again: $(apt_why "$arch" "$suite")"
	done
	apt_prepare "$arch"
}

# apt_forget: new indexes and new versions for everything from now on. The
# files stay: what is still current is not downloaded again.
apt_forget() { rm -rf "$ARMKVM_CACHE"/{apt,manifests}; }

# apt_names ARCH REGEX: known packages whose name matches, in version order.
apt_names() {
	local conf
	apt_prepare "$1"
	conf=$(apt_conf "$1")
	apt-cache -c "$conf" pkgnames | grep -E -- "$2" | sort -V || true
}

# apt_field ARCH PACKAGE FIELD: a field of the candidate version, or nothing.
apt_field() {
	local conf
	apt_prepare "$1"
	conf=$(apt_conf "$1")
	apt-cache -c "$conf" show --no-all-versions "$2" 2>/dev/null |
		sed -n "s/^$3: //p" | head -n 1
}

# apt_manifest_of: turns `apt-get --print-uris` into manifest lines:
# SHA256 SIZE FILE URI. A line without a SHA-256 is an error.
apt_manifest_of() {
	awk '
		$4 !~ /^SHA256:[0-9a-f]+$/ { print "no SHA-256 for " $0 > "/dev/stderr"; exit 1 }
		{ gsub(/\047/, "", $1); sub(/^SHA256:/, "", $4); print $4, $3, $2, $1 }'
}

# apt_resolve_* ARCH PACKAGE...: manifest lines for exactly these packages, for
# these and what they depend on (APT_EXCLUDE: names to leave out, a regex), and
# for a source package NAME=VERSION.
apt_resolve_exact() {
	local arch=$1 conf
	shift
	conf=$(apt_conf "$arch")
	apt-get -c "$conf" -qq download --print-uris "$@" | apt_manifest_of
}

apt_resolve_closure() {
	local arch=$1 conf name version wanted=()
	shift
	conf=$(apt_conf "$arch")
	# Inst NAME[:ARCH] (VERSION ORIGIN [ARCH])
	while read -r name version; do
		name=${name%%:*}
		if [[ -n ${APT_EXCLUDE:-} && $name =~ ^(${APT_EXCLUDE})$ ]]; then continue; fi
		wanted+=("$name=$version")
	done < <(apt-get -c "$conf" -qq -s install "$@" |
		sed -nE 's/^Inst ([^ ]+) \(([^ ]+) .*/\1 \2/p')
	((${#wanted[@]})) || return 1
	apt_resolve_exact "$arch" "${wanted[@]}"
}

apt_resolve_source() {
	local conf
	conf=$(apt_conf "$1")
	apt-get -c "$conf" -qq --only-source source --print-uris --download-only "$2" | apt_manifest_of
}

# apt_manifest KIND ARCH PACKAGE...: the name of the request's manifest; it is
# made if the cache has none. KIND is exact, closure or source.
apt_manifest() {
	local kind=$1 arch=$2 key manifest lines log=$ARMKVM_LOGS/apt-resolve.log
	shift 2
	key=$(printf '%s\n' "$kind" "$arch" "${APT_EXCLUDE:-}" "$(apt_codename)" "$@" | sha256sum | cut -c1-24)
	manifest=$ARMKVM_CACHE/manifests/$key
	if [[ ! -s $manifest ]]; then apt_lock; fi
	if [[ ! -s $manifest ]]; then
		apt_prepare "$arch"
		mkdir -p "$ARMKVM_LOGS"
		if ! lines=$("apt_resolve_$kind" "$arch" "$@" 2>"$log") || [[ -z $lines ]]; then
			printf 'armkvm: cannot resolve %s (%s): %s\n' "$*" "$arch" "$(tail -n 2 "$log" | tr '\n' ' ')" >&2
			printf 'armkvm: suites left out: %s\n' "$(cat "$(apt_state "$arch")/left-out")" >&2
			apt_forgive "$arch"
			return "$UI_EXPLAINED"
		fi
		{
			printf '# %s %s: %s\n' "$kind" "$arch" "$*"
			printf '%s\n' "$lines"
		} | write_atomically "$manifest"
	fi
	printf '%s\n' "$manifest"
}

# apt_verified FILE SHA256: is the file there, with that content?
apt_verified() {
	[[ -f $1 ]] && printf '%s  %s\n' "$2" "$1" | sha256sum --check --status 2>/dev/null
}

# apt_download ARCH SHA256 FILE URI: one file into the cache, verified; resumes
# and retries. False when the archive doesn't give it.
apt_download() {
	local conf sha=$2 file=$ARMKVM_CACHE/debs/$3 uri=$4 try log=$ARMKVM_LOGS/apt-download.log
	conf=$(apt_conf "$1")
	mkdir -p "$ARMKVM_CACHE/debs" "$ARMKVM_LOGS"
	if [[ -f $file ]]; then
		warn "$3 in the cache is damaged: fetching it again"
		rm -f "$file"
	fi
	for try in 1 2 3; do
		if timeout 1800 /usr/lib/apt/apt-helper -c "$conf" -q download-file \
			"$uri" "$file.part" "SHA256:$sha" >"$log" 2>&1 &&
			apt_verified "$file.part" "$sha"; then
			mv -f "$file.part" "$file"
			return 0
		fi
		# A part of something else must not spoil the next try.
		if grep -qi 'mismatch' "$log" || [[ ! -s $file.part ]]; then rm -f "$file.part"; fi
		if ((try < 3)); then sleep $((try * 2)); fi
	done
	return 1
}

# apt_not_cached MANIFEST-LINE...: those whose file is not there or not intact.
apt_not_cached() {
	local line sha size file uri
	for line in "$@"; do
		read -r sha size file uri <<<"$line"
		apt_verified "$ARMKVM_CACHE/debs/$file" "$sha" || printf '%s\n' "$line"
	done
}

# apt_announce MANIFEST-LINE...: says how much there is to download.
apt_announce() {
	local line sha size file uri total=0
	for line in "$@"; do
		read -r sha size file uri <<<"$line"
		total=$((total + size))
	done
	if (($# > 1)); then file="$# packages"; fi
	info "downloading $file ($(((total + 1048575) / 1048576)) MB)"
}

# apt_get KIND ARCH PACKAGE...: prints the verified files of a request, one a
# line. An index that has become stale (the archive moved on to a newer version
# and dropped the file) is read again, once.
apt_get() {
	local kind=$1 arch=$2 manifest round sha size file uri line lines todo
	shift 2
	for round in 1 2; do
		manifest=$(apt_manifest "$kind" "$arch" "$@") || return
		mapfile -t lines < <(sed '/^#/d' "$manifest")
		mapfile -t todo < <(apt_not_cached "${lines[@]}")
		if ((${#todo[@]})); then
			apt_lock
			mapfile -t todo < <(apt_not_cached "${lines[@]}")
			if ((${#todo[@]})); then apt_announce "${todo[@]}"; fi
		fi
		for line in "${todo[@]}"; do
			read -r sha size file uri <<<"$line"
			apt_download "$arch" "$sha" "$file" "$uri" && continue
			# Only the archive's own word says that a file is gone; a network
			# that is down must not cost the versions that are pinned.
			if ((round == 1)) && grep -qE '404|Not Found|File not found' "$ARMKVM_LOGS/apt-download.log"; then
				warn "the archive no longer gives $file: reading the package indexes again"
				apt_refresh "$arch"
				rm -f "$manifest"
				continue 2
			fi
			die "cannot download $file ($size bytes) from $uri: $(grep -E '^(E|W):' "$ARMKVM_LOGS/apt-download.log" | tail -n 1)" \
				"$(apt_cure "$ARMKVM_LOGS/apt-download.log" "check the network and run the same command again"); log: $ARMKVM_LOGS/apt-download.log"
		done
		break
	done
	for line in "${lines[@]}"; do
		read -r sha size file uri <<<"$line"
		printf '%s\n' "$ARMKVM_CACHE/debs/$file"
	done
}

# apt_fetch ARCH PACKAGE[=VERSION]...: exactly these, printed as file names.
apt_fetch() { apt_get exact "$@"; }

# apt_fetch_closure ARCH PACKAGE...: with their dependencies, as far as
# APT_EXCLUDE (extended regex on whole names) lets them.
apt_fetch_closure() { apt_get closure "$@"; }

# apt_fetch_source NAME=VERSION [STATE]: the files of a source package; STATE is
# source, or source@RELEASE for one of another release.
apt_fetch_source() { apt_get source "${2:-source}" "$1"; }

# apt_source_versions NAME [STATE]: versions on offer, oldest first.
apt_source_versions() {
	local state=${2:-source} conf
	apt_prepare "$state"
	conf=$(apt_conf "$state")
	apt-cache -c "$conf" showsrc --only-source "$1" 2>/dev/null |
		sed -n 's/^Version: //p' | sort -u -V
}

# apt_memo KEY FUNCTION ARG...: what the function prints, remembered beside the
# manifests and forgotten with them: a query that needs no index the second time.
apt_memo() {
	local file answer
	file=$ARMKVM_CACHE/manifests/memo-$(apt_codename)-$1
	shift
	if [[ ! -s $file ]]; then apt_lock; fi
	if [[ ! -s $file ]]; then
		answer=$("$@") || return 1
		[[ -n $answer ]] || return 1
		printf '%s\n' "$answer" | write_atomically "$file"
	fi
	cat "$file"
}

apt_memo_drop() { rm -f "$ARMKVM_CACHE/manifests/memo-$(apt_codename)-$1"; }

# apt_unpack DIR FILE...: adds the packages' files to DIR. Merged-/usr trees
# come out merged, whichever way a package spells its paths.
apt_unpack() {
	local dir=$1 deb link
	shift
	for link in bin sbin lib; do
		mkdir -p "$dir/usr/$link"
		[[ -e $dir/$link ]] || ln -s "usr/$link" "$dir/$link"
	done
	for deb in "$@"; do
		dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink --no-same-owner -C "$dir" ||
			die "cannot unpack $deb" "rm '$deb' and run the same command again"
	done
}
