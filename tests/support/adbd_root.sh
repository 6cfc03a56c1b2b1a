#!/usr/bin/env bash
# Makes the folder that the adb tests use as a device: Debian trixie with its adbd, for chroot. About 100 MB, and seldom
# more than a minute; after three it gives up.
# Wants root; where something is missing it says what, and ends well: the tests are then skipped, with the reason.
set -uo pipefail
root=${1:?usage: adbd_root.sh FOLDER}

give_up() {
	echo "adbd-root: $1; the adb tests will be skipped." >&2
	rm -rf "$root.tmp"
	exit 0
}

[ "$(id -u)" = 0 ] || give_up "not root"
missing=
for program in adb debootstrap; do
	command -v "$program" >/dev/null || missing="$missing $program"
done
if [ -n "$missing" ]; then
	command -v apt-get >/dev/null || give_up "$missing missing, and no apt-get here"
	export DEBIAN_FRONTEND=noninteractive
	# shellcheck disable=SC2086
	{ timeout 60 apt-get update -qq && timeout 60 apt-get -o DPkg::Lock::Timeout=30 install -y -qq \
		--no-install-recommends $missing; } >/dev/null 2>&1 || give_up "cannot install$missing"
fi
[ ! -x "$root/usr/lib/android-sdk/platform-tools/adbd" ] || exit 0
rm -rf "$root" "$root.tmp"
mkdir -p "$(dirname "$root")"
timeout $((170 - SECONDS)) debootstrap --variant=minbase --include=adbd trixie "$root.tmp" >"$root.log" 2>&1 ||
	give_up "debootstrap failed, see $root.log"
rm -rf "$root.tmp"/var/cache/apt/archives/*.deb "$root.tmp"/var/lib/apt/lists/* "$root.tmp"/usr/share/{doc,locale,man}
mkdir -p "$root.tmp/data" "$root.tmp/sdcard"
mv "$root.tmp" "$root"
