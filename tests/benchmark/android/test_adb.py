"""adb against real adbd (tests/support/adbd_box.py), and the messages if it fails."""

import signal
import subprocess
import sys

import pytest

from mobilenet_tf.benchmark.android.adb import AttachedDevice, Device, attached_devices, choose_devices
from mobilenet_tf.errors import DeviceError
from tests.support.commands import PATIENCE_S, ROOT, wait_until

NASTY = ["a b", "it's", 'say "hi"', "$HOME", "`id`", "*", "a;b", "\\n", "", "-n", "ü"]


@pytest.fixture
def phone(adb_box):
    return Device(adb_box.PHONE)


def left_behind(phone):
    return phone.shell("ls", "/data/local/tmp").text.split()


def test_attached_lists_every_device_with_its_state(adb_box):
    assert set(attached_devices()) >= {
        AttachedDevice(adb_box.PHONE, "device"),
        AttachedDevice(adb_box.OTHER, "device"),
        AttachedDevice(adb_box.LOCKED, "unauthorized"),
    }


def test_of_several_devices_one_must_be_chosen(adb_box, monkeypatch):
    with pytest.raises(DeviceError, match="--target adb:SERIAL") as error:
        choose_devices()
    assert f"{adb_box.PHONE} (device)" in str(error.value)
    assert f"{adb_box.LOCKED} (unauthorized)" in str(error.value)
    assert choose_devices([adb_box.OTHER, adb_box.PHONE, adb_box.OTHER]) == [adb_box.OTHER, adb_box.PHONE]
    monkeypatch.setenv("ANDROID_SERIAL", adb_box.PHONE)
    assert choose_devices() == [adb_box.PHONE]


def test_a_device_that_has_not_allowed_it_is_an_error(adb_box):
    with pytest.raises(DeviceError, match="has not allowed this host"):
        choose_devices([adb_box.LOCKED])
    with pytest.raises(DeviceError, match="has not allowed this host"):
        Device(adb_box.LOCKED).shell("true")


def test_a_serial_that_is_not_attached_is_named(adb_box):
    serial = """pi"xel '7 $HOME"""
    with pytest.raises(DeviceError, match="expected the device") as error:
        choose_devices([serial])
    assert adb_box.PHONE in str(error.value)
    with pytest.raises(DeviceError, match="no longer attached") as error:
        Device(serial).shell("true")
    assert serial in str(error.value)


@pytest.mark.parametrize("word", NASTY)
def test_a_word_of_a_command_reaches_the_device_as_it_is(phone, word):
    assert phone.shell("printf", "%s.", word, "end").text == f"{word}.end."


def test_shell_gives_the_status_and_both_streams(phone):
    output = phone.shell("sh", "-c", "echo out; echo err >&2; exit 7", check=False)
    assert (output.status, sorted(output.text.split())) == (7, ["err", "out"])
    with pytest.raises(DeviceError, match="`sh` ended with status 7: why"):
        phone.shell("sh", "-c", "echo why; exit 7")
    with pytest.raises(DeviceError, match=r"status 127: .*no-such-command"):
        phone.shell("no-such-command")
    assert phone.shell("cat").text == ""  # there is nothing on its standard input


def test_files_keep_their_bytes_and_their_names(phone, tmp_path):
    name = """it's a "model" $HOME.bin"""
    local, back = tmp_path / name, tmp_path / f"back {name}"
    local.write_bytes(bytes(range(256)) * 100)
    with phone.folder() as folder:
        phone.push(local, f"{folder}/{name}")
        assert phone.shell("ls", folder).text.strip() == name
        phone.pull(f"{folder}/{name}", back)
    assert back.read_bytes() == local.read_bytes()
    assert left_behind(phone) == []


def test_a_file_that_does_not_exist_cannot_be_copied(phone, tmp_path):
    with pytest.raises(DeviceError, match="expected a file to copy"):
        phone.push(tmp_path / "none", "/data/local/tmp/none")
    with pytest.raises(DeviceError, match="adb pull"):
        phone.pull("/data/local/tmp/none", tmp_path / "none")


def test_no_space_on_the_device_is_an_error_and_the_partial_file_is_removed(phone, tmp_path):
    big = tmp_path / "big"
    big.write_bytes(b"\1" * 10_000_000)
    with pytest.raises(DeviceError, match="no space is left"), phone.folder() as folder:
        phone.push(big, f"{folder}/big")
    with pytest.raises(DeviceError, match="no space is left"), phone.folder() as folder:
        phone.shell("dd", "if=/dev/zero", f"of={folder}/big", "bs=1M", "count=10")
    assert left_behind(phone) == []


def test_a_command_that_takes_too_long_is_ended_on_the_device_too(phone):
    with pytest.raises(DeviceError, match=r"did not end within 0\.5 s"), phone.folder() as folder:
        phone.shell("sleep", "4321", timeout_s=0.5, pid_file=f"{folder}/sleep.pid")
    assert not running(phone, "4321")
    assert left_behind(phone) == []


def test_an_interrupt_leaves_nothing_on_the_device(adb_box, phone):
    # A test that runs in the background of a shell inherits that SIGINT is ignored.
    script = f"""import signal
from mobilenet_tf.benchmark.android.adb import Device
signal.signal(signal.SIGINT, signal.default_int_handler)
device = Device({adb_box.PHONE!r})
with device.folder() as folder:
    device.shell("sleep", "4322", pid_file=folder + "/sleep.pid", timeout_s=600)
"""
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stderr=subprocess.PIPE) as process:
        wait_until(lambda: running(phone, "4322"))
        process.send_signal(signal.SIGINT)
        assert b"KeyboardInterrupt" in process.communicate(timeout=PATIENCE_S)[1]
    wait_until(lambda: not running(phone, "4322"))
    assert left_behind(phone) == []


def test_the_process_id_is_removed_with_the_command(phone):
    with phone.folder() as folder:
        output = phone.shell("cat", f"{folder}/cat.pid", pid_file=f"{folder}/cat.pid")
        assert output.text.strip().isdecimal()
        assert phone.shell("ls", folder).text == ""
        assert phone.shell("false", pid_file=f"{folder}/x.pid", check=False).status == 1


def test_adb_that_is_not_installed_or_does_not_start_is_an_error(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DeviceError, match="adb is not installed"):
        choose_devices()


def test_a_server_that_does_not_start_is_an_error(adb_box, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # it writes a log there
    monkeypatch.setenv("ADB_SERVER_SOCKET", "localfilesystem:/no/such/folder/socket")
    with pytest.raises(DeviceError, match="the adb server does not start"):
        choose_devices([adb_box.PHONE])


@pytest.mark.usefixtures("adb_box")
def test_no_device_is_an_error(monkeypatch, tmp_path):
    """With one more server, which knows nothing of the box."""
    server = f"localfilesystem:{tmp_path}/s"
    monkeypatch.setenv("ADB_SERVER_SOCKET", server)
    monkeypatch.setenv("HOME", str(tmp_path))
    process = subprocess.Popen(["adb", "-L", server, "server", "nodaemon"], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: (tmp_path / "s").exists())
        if attached_devices():
            pytest.skip("a device is attached to this host")
        with pytest.raises(DeviceError, match="no Android device is attached"):
            choose_devices()
    finally:
        process.kill()
        process.wait()


def running(phone, word):
    script = 'for f in /proc/[0-9]*/cmdline; do tr "\\0" " " <"$f"; echo; done 2>/dev/null'
    return f"sleep {word}" in [line.strip() for line in phone.shell("sh", "-c", script).text.splitlines()]
