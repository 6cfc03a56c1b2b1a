"""Android devices through adb: which are attached, commands, copies of files, and a folder that is removed again.

Every word of a remote command is quoted for the device's shell, so a path with spaces or quotes stays one word.
"""

import contextlib
import os
import re
import secrets
import shlex
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mobilenet_tf.errors import DeviceError
from mobilenet_tf.terminal import printable, shortened_list

from .adb_process import (
    MOST_ANSWER_BYTES,
    MOST_PULLED_BYTES,
    AdbAnswer,
    AdbTimeoutError,
    AdbTooLongError,
    run_adb,
)

__all__ = ["AttachedDevice", "Device", "attached_devices", "choose_devices"]

TEMPORARY_FOLDER = "/data/local/tmp"
COMMAND_LIMIT_S, COPY_LIMIT_S, CLEAN_LIMIT_S = 20.0, 600.0, 5.0

MOST_CHARACTERS = 400  # of a serial and its state
MOST_NAMES = 10  # of devices that an error lists

# A remote command ends by printing this and its exit status. If the connection breaks during the run, adb itself
# exits with 0, so only a line from the device proves that the command came to its end.
_END = "mobilenet-tf-end:"


@dataclass(frozen=True)
class AttachedDevice:
    """One line of `adb devices`; `state` is "device" if it is ready."""

    serial: str
    state: str


@dataclass(frozen=True)
class CommandOutput:
    """The exit status of a remote command, and what it printed on both streams."""

    status: int
    text: str


def attached_devices() -> list[AttachedDevice]:
    """The devices that adb sees, ready or not. Raises DeviceError if adb is not installed or does not answer."""
    done = _adb(["devices"], "adb", COMMAND_LIMIT_S)
    if done.status != 0:
        raise _failure("adb", done.printed + done.errors)
    fields = [line.split("\t") for line in done.printed.split("\n") if "\t" in line]
    devices = [AttachedDevice(serial, state.strip()) for serial, state, *_ in fields]
    for device in devices:
        text = device.serial + device.state
        if not text.isprintable() or len(text) > MOST_CHARACTERS:
            raise DeviceError(
                f"expected `adb devices` to list devices; it printed {printable(text[:60])}.\n"
                "See that `adb` on the PATH is that of the Android SDK platform tools."
            )
    return devices


def choose_devices(serials: Sequence[str] = ()) -> list[str]:
    """The serials to measure on: those given (or ANDROID_SERIAL), else the one device that is attached.

    Raises DeviceError for one that is not attached or not ready, and if several are attached and none is given.
    """
    attached = attached_devices()
    chosen = list(dict.fromkeys(serials)) or [name for name in [os.environ.get("ANDROID_SERIAL")] if name]
    if not chosen and len(attached) > 1:
        names = "\n".join(f"  {each.serial} ({each.state})" for each in attached[:MOST_NAMES])
        names += f"\n  and {len(attached) - MOST_NAMES} more" if len(attached) > MOST_NAMES else ""
        raise DeviceError(
            f"expected one device; {len(attached)} are attached. Choose with --target adb:SERIAL:\n{names}"
        )
    if not attached and not chosen:
        raise DeviceError(
            "no Android device is attached. Turn on USB debugging in its developer options, plug it in,\n"
            "and see that `adb devices` lists it (over the network: `adb connect ADDRESS`)."
        )
    states = {each.serial: each.state for each in attached}
    chosen = chosen or list(states)
    for serial in chosen:
        if serial not in states:
            names = shortened_list([*states], MOST_NAMES) or "none"
            raise DeviceError(f"expected the device {serial!r}; attached: {names}. See `adb devices`.")
        if states[serial] != "device":
            raise _failure(serial, states[serial])
    return chosen


class Device:
    """One device, by its serial. Every method raises DeviceError if the device or adb fails."""

    def __init__(self, serial: str) -> None:
        self.serial = serial

    def shell(
        self, *words: str, timeout_s: float = COMMAND_LIMIT_S, check: bool = True, pid_file: str | None = None
    ) -> CommandOutput:
        """Run a command; with `check`, an exit status other than 0 raises DeviceError.

        pid_file: holds the command's process id while it runs, so that `folder` can end it.
        """
        command = shlex.join(words)
        if pid_file is not None:
            command = shlex.join(["sh", "-c", 'echo $$ >"$0"; exec "$@"', pid_file, *words])
            command = f"{command}; s=$?; rm -f {shlex.quote(pid_file)}; (exit $s)"
        line = f"{{ {command}; }} 2>&1 </dev/null; s=$?; echo; echo {_END}$s"
        done = _adb(["-s", self.serial, "shell", line], self.serial, timeout_s)
        text, end, status = done.printed.rpartition(f"\n{_END}")
        if not end:
            raise _failure(self.serial, done.errors, f"while `{Path(words[0]).name}` ran")
        if not re.fullmatch(r"[0-9]{1,3}\n?", status):
            raise DeviceError(
                f"{self.serial}: expected the exit status of `{Path(words[0]).name}`; got {printable(status[:60])}.\n"
                "What answers is no Android device: see `adb devices`."
            )
        output = CommandOutput(int(status), text)
        if check and output.status != 0:
            raise self.failed(words, output)
        return output

    def failed(self, words: Sequence[str], output: CommandOutput) -> DeviceError:
        """The error for a command that ended with another exit status than 0."""
        if "No space left on device" in output.text:
            return _failure(self.serial, output.text)
        last = output.text.strip().splitlines()[-1:] or ["it printed nothing"]
        name = Path(words[0]).name
        return DeviceError(f"{self.serial}: `{name}` ended with status {output.status}: {printable(last[0][:160])}")

    def push(self, local: Path, remote: str) -> None:
        """Copy a file of this host to the path `remote` on the device."""
        if not local.is_file():
            raise DeviceError(f"expected a file to copy to {self.serial}; {local} is not one.")
        self._copy("push", str(local.resolve()), remote)

    def pull(self, remote: str, local: Path) -> None:
        """Copy a file of the device, of at most MOST_PULLED_BYTES, to the path `local` on this host."""
        self._copy("pull", remote, str(local.resolve()))

    def read_text(self, remote: str) -> str:
        """The text of a file of the device, of at most MOST_PULLED_BYTES."""
        with tempfile.TemporaryDirectory() as folder:
            local = Path(folder) / "pulled"
            self.pull(remote, local)
            what = "nothing"
            with contextlib.suppress(OSError):
                found = local.lstat()  # not what a link leads to
                what = f"{found.st_size} bytes"
                if stat.S_ISREG(found.st_mode) and found.st_size <= MOST_PULLED_BYTES:
                    what = "bytes that are not UTF-8"
                    with contextlib.suppress(UnicodeDecodeError):
                        return local.read_text(encoding="utf-8")
                elif not stat.S_ISREG(found.st_mode):
                    what = "something else than a file"
        raise DeviceError(f"{self.serial}: expected a file of text as {remote}; `adb pull` gave {what}. Measure again.")

    def install(self, apk: Path) -> None:
        """Install an APK, or replace the app's earlier version and keep its data."""
        # Not `adb install`, which installs in one of four ways, depending on the device and on adb.
        with self.folder() as folder:
            self.push(apk, f"{folder}/app.apk")
            words = ["pm", "install", "-r", f"{folder}/app.apk"]
            output = self.shell(*words, timeout_s=COPY_LIMIT_S, check=False)
        # Before Android 7, `pm` ends with 0 even if it refuses.
        if output.status != 0 or "Success" not in output.text:
            raise _failure(self.serial, output.text, f"while it installed {apk.name}")

    def _copy(self, verb: str, source: str, target: str) -> None:
        writes = Path(target) if verb == "pull" else None
        done = _adb(["-s", self.serial, verb, source, target], self.serial, COPY_LIMIT_S, writes)
        if done.status != 0:
            raise _failure(self.serial, done.printed + done.errors, f"during `adb {verb}` of {source}")

    @contextlib.contextmanager
    def folder(self) -> Iterator[str]:
        """A new folder on the device. When the block ends, it is removed and commands still running in it are ended."""
        path = f"{TEMPORARY_FOLDER}/mobilenet-tf-{secrets.token_hex(6)}"
        try:
            self.shell("mkdir", path)
            yield path
        finally:
            # adb leaves a remote command running if its own side is interrupted.
            script = 'for f in "$0"/*.pid; do [ -f "$f" ] && kill "$(cat "$f")"; done; rm -rf "$0"'
            # If the device is no longer attached, it cannot be cleaned, and the error that led here says so already.
            with contextlib.suppress(DeviceError):
                self.shell("sh", "-c", script, path, check=False, timeout_s=CLEAN_LIMIT_S)


def _adb(words: Sequence[str], serial: str, timeout_s: float, writes: Path | None = None) -> AdbAnswer:
    """Run adb. writes: the file that it copies to. Raises DeviceError if it cannot run or does not end as it should."""
    program = shutil.which("adb")
    if program is None:
        raise DeviceError(
            "adb is not installed, or not on the PATH. Install the Android SDK platform tools\n"
            "(Debian and Ubuntu: apt-get install adb), and see that `adb devices` runs."
        )
    verb = next((word for word in words if word in ("devices", "shell", "push", "pull")), words[0])
    try:
        return run_adb([program, *words], timeout_s, writes=writes)
    except AdbTimeoutError as error:
        raise DeviceError(
            f"{serial}: `adb {verb}` did not end within {timeout_s:g} s. See that the device is awake and attached."
        ) from error
    except AdbTooLongError as error:
        most = MOST_ANSWER_BYTES if writes is None else MOST_PULLED_BYTES
        raise DeviceError(
            f"{serial}: `adb {verb}` gave more than {most / 1e6:g} MB, which is no answer. See what is attached."
        ) from error
    except OSError as error:
        raise DeviceError(
            f"cannot run {program}: {error.strerror or error}. Install the Android SDK platform tools again."
        ) from error


# Part of what adb prints (or gives as a state) -> the message. The first that occurs counts.
_REASONS = [
    ("unauthorized", "it has not allowed this host to debug it. Unlock it, and accept the question on its screen."),
    ("authorizing", "it has not yet allowed this host to debug it. Unlock it, and accept the question on its screen."),
    (
        "no permissions",
        "this user may not use it over USB. Install udev rules (android-sdk-platform-tools-common).",
    ),
    ("No space left", "no space is left on it. Free some space there, and measure again."),
    ("Read-only file system", "its file system is read-only there. Measure on a device that can be written to."),
    ("Permission denied", "it refused access to a file. Measure on a device whose shell user may use it."),
    (
        "INSTALL_FAILED_UPDATE_INCOMPATIBLE",
        "it has the app from another builder. `adb uninstall` it there, and install again.",
    ),
    ("offline", "it is offline. Unplug it and plug it in again, or run `adb reconnect`."),
    ("not found", "it is no longer attached. Plug it in again, and see that `adb devices` lists it."),
    ("cannot connect to daemon", "the adb server does not start. Run `adb start-server` and see what it says."),
]


def _failure(serial: str, printed: str, occasion: str = "") -> DeviceError:
    place = f" {occasion}" if occasion else ""
    for part, reason in _REASONS:
        if part in printed:
            return DeviceError(f"{serial}{place}: {reason}")
    rest = " ".join(printed.split())
    if rest and rest != "error: closed":
        return DeviceError(f"{serial}{place}: adb failed: {printable(rest[:200])}")
    return DeviceError(
        f"{serial}: the connection broke{place}: it was unplugged, went to sleep or restarted.\n"
        "Plug it in again, see that `adb devices` lists it, and measure again."
    )
