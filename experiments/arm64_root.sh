#!/usr/bin/env bash
# Usage: experiments/arm64_root.sh FOLDER PYTHON
# A folder of ARM64 Debian: Python 3.11, NumPy and the interpreters, for qemu-aarch64-static -L. Needs apt, the keys of
# Debian's archive (debian-archive-keyring) and, of PYTHON, pip; neither root nor debootstrap, and nothing is installed
# on this machine. 144 MB.
set -euo pipefail
root=$1 python=$2
packages=(libc6 libgcc-s1 libstdc++6 zlib1g libexpat1 libffi8
	libpython3.11-minimal libpython3.11-stdlib python3.11-minimal)
wheels=('tflite-runtime==2.14.*' 'ai-edge-litert==2.3.*' 'numpy==1.26.*')
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$keyring" ] || { echo "expected Debian's keys in $keyring: apt-get install debian-archive-keyring" >&2; exit 1; }

mkdir -p "$(dirname "$root")"
new=$(mktemp -d "$(realpath "$(dirname "$root")")/arm64-root.XXXXXX")
trap 'rm -rf "$new"' EXIT
chmod 755 "$new"

# An apt of its own, with its own lists and no package installed.
apt=$new/apt
mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/debs"
touch "$apt/status"
echo "deb [arch=arm64 signed-by=$keyring] http://deb.debian.org/debian bookworm main" >"$apt/sources.list"
own_apt() {
	apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Sandbox::User="$(id -un)" \
		-o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State="$apt" \
		-o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" -o Acquire::Languages=none \
		-o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false "$@"
}
own_apt update
(cd "$apt/debs" && own_apt download "${packages[@]}")
for package in "$apt"/debs/*.deb; do dpkg-deb -x "$package" "$new"; done
rm -r "$apt"

"$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --target "$new/site" \
	--only-binary=:all: --implementation cp --python-version 3.11 --platform manylinux_2_17_aarch64 \
	--platform manylinux_2_27_aarch64 --platform manylinux_2_34_aarch64 "${wheels[@]}"

# Two cores of a Raspberry Pi 4. qemu 7 would show this machine's file, at which ai-edge-litert 2.3 crashes: its cpuinfo
# library finds no ARM core there, and no cache.
mkdir "$new/proc"
for core in 0 1; do
	printf '%s\n' "processor : $core" 'Features : fp asimd evtstrm crc32 cpuid' 'CPU implementer : 0x41' \
		'CPU architecture: 8' 'CPU variant : 0x0' 'CPU part : 0xd08' 'CPU revision : 3' ''
done >"$new/proc/cpuinfo"

rm -rf "$root"
mv "$new" "$root"
