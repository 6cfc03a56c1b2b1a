"""Devices to test adb with: real adbd in a chroot, and an adb server of its own, shut off in namespaces of their own.

As a script, in new network, mount and process namespaces: brings up the loopback, the mounts, the small stand-ins for
Android's commands, one adbd for each phone, and then becomes the adb server, on a socket in the file system.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "build" / "adbd-root"
OUTPUTS = Path(__file__).resolve().parents[1] / "benchmark" / "android" / "outputs"
ADBD = "/usr/lib/android-sdk/platform-tools/adbd"
# Not 5555 to 5585, where adb looks for emulators by itself.
PHONE, OTHER, DOOMED, LOCKED = (f"127.0.0.1:{port}" for port in range(15561, 15565))
SPACE = "8m"

# What Debian lacks of Android: answers saved from real devices, and an app that knows how the demo app answers.
COMMANDS = {
    "getprop": """case $1 in
ro.product.cpu.abi) echo arm64-v8a;; ro.product.manufacturer) echo samsung;; ro.product.model) echo SM-A526B;;
ro.build.version.release) echo 12;; ro.board.platform) echo lito;; *) echo;; esac""",
    "dumpsys": "cat /data/saved/dumpsys_$1.txt",
    "pm": """case $1 in
install) [ -e /data/refuses ] && { echo "Failure [INSTALL_FAILED_UPDATE_INCOMPATIBLE: other signatures]"; exit 1; }
    shift $(($# - 1)); [ -s "$1" ] && touch /data/installed && echo Success;;
path) [ -e /data/installed ] && echo "package:/data/app/base.apk";; esac""",
    "pidof": "[ -e /data/running ]",
    "am": """files=/sdcard/Android/data/org.mobilenet_tf.demo/files
[ "$1" = start ] || exit 0
[ -e /data/broken ] && { echo "Error type 3"; echo "Error: Activity class does not exist."; exit 0; }
while [ $# -gt 0 ]; do case $1 in
model) model=$2;; threads) threads=$2;; accelerator) accelerator=$2;; run) run=$2;; images) images=$2;; esac
shift; done
mkdir -p $files/models $files/results $files/images
[ -n "$run" ] || exit 0
[ -e /data/crashes ] && exit 0
[ -s "$files/models/$model.tflite" ] && [ -s "$files/models/${model%/*}/manifest.json" ] || exit 1
if [ -n "$images" ]; then
    entry='{"file": "&", "classes": [0, 1], "scores": [0.9, 0.1], "error": null}'
    entries=$(ls $images | sed "s/.*/$entry/" | paste -sd,)
    printf '{"run": "%s", "seconds": 0.5, "images": [%s]}' $run "$entries" >$files/results/$run.predictions.json
fi
sed "s/MODEL/${model#*/}/; s/THREADS/$threads/; s/ACCELERATOR/$accelerator/" /data/saved/app_result.txt \
    >$files/results/$run.result.json""",
}


@contextlib.contextmanager
def running_box():
    """Start the box; yields the value for ADB_SERVER_SOCKET. Raises OSError with the reason if it cannot run."""
    if os.geteuid() != 0:
        raise OSError("needs root, for namespaces and chroot")
    if not shutil.which("adb") or not (ROOT / ADBD[1:]).exists():
        raise OSError("adb or build/adbd-root is missing: make adbd-root")
    # The path of a socket has at most 107 characters.
    with tempfile.TemporaryDirectory(prefix="adb", dir="/tmp") as home:
        server = f"localfilesystem:{home}/socket"
        environment = os.environ | {"HOME": home, "ADB_SERVER_SOCKET": server}
        unshare = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child"]
        with open(f"{home}/log", "wb") as log:
            box = subprocess.Popen(
                [*unshare, sys.executable, __file__, home], env=environment, stdout=log, stderr=log, cwd="/"
            )
        try:
            _connect(box, Path(home), environment)
            yield server
        finally:
            box.kill()
            box.wait()


def _connect(box, home, environment):
    end = time.monotonic() + 600  # it fails earlier if the box ends
    while not (home / "socket").exists():
        if box.poll() is not None or time.monotonic() > end:
            raise OSError(f"the box does not start: {(home / 'log').read_text(errors='replace')[-300:]}")
        time.sleep(0.05)
    wanted = {PHONE: "device", OTHER: "device", DOOMED: "device", LOCKED: "unauthorized"}
    states = {}
    while states != wanted:
        if time.monotonic() > end:
            raise OSError(f"the devices of the box are not ready: {states}")
        for serial in wanted.keys() - states.keys():
            subprocess.run(["adb", "connect", serial], env=environment, capture_output=True, check=False)
        listed = subprocess.run(["adb", "devices"], env=environment, capture_output=True, text=True, check=False)
        states = dict(line.split("\t") for line in listed.stdout.splitlines() if "\t" in line)
        time.sleep(0.05)


def become_box(home):
    with socket.socket() as any_socket:  # the loopback of a new network namespace is down
        name = struct.pack("16sh", b"lo", 1)  # IFF_UP
        fcntl.ioctl(any_socket, 0x8914, name)  # SIOCSIFFLAGS
    for kind, options, place in (("proc", "rw", "proc"), ("tmpfs", f"size={SPACE}", "data"), ("tmpfs", "", "sdcard")):
        subprocess.run(["mount", "-t", kind, "-o", options or "rw", kind, ROOT / place], check=True)
    for folder in ("local/tmp", "saved", "bin"):
        (ROOT / "data" / folder).mkdir(parents=True)
    for file in OUTPUTS.glob("*.txt"):
        shutil.copy(file, ROOT / "data" / "saved")
    for command, script in COMMANDS.items():
        path = ROOT / "data" / "bin" / command
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
    for serial in (PHONE, OTHER, DOOMED):
        environment = {"ADBD_PORT": serial.rpartition(":")[2], "PATH": "/data/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
        subprocess.Popen(["chroot", ROOT, ADBD], env=environment)
    threading.Thread(target=serve_locked, daemon=True).start()
    server = subprocess.Popen(["adb", "-L", f"localfilesystem:{home}/socket", "server", "nodaemon"])
    server.wait()


def serve_locked():
    """A device that nobody has unlocked: it asks for a signature, and takes none. (Debian's adbd never asks.)"""
    address = LOCKED.rpartition(":")
    with socket.create_server((address[0], int(address[2]))) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=ask_for_ever, args=(connection,), daemon=True).start()


def ask_for_ever(connection):
    stream = connection.makefile("rb")
    while len(header := stream.read(24)) == 24:
        command, kind, _, length, _, _ = struct.unpack("<4s5I", header)
        stream.read(length)
        if command == b"AUTH" and kind == 3:  # the host's public key: a person would now be asked, and is not there
            continue
        token = os.urandom(20)
        magic = int.from_bytes(b"AUTH", "little") ^ 0xFFFFFFFF
        connection.sendall(struct.pack("<4s5I", b"AUTH", 1, 0, len(token), sum(token), magic) + token)


if __name__ == "__main__":
    become_box(sys.argv[1])
