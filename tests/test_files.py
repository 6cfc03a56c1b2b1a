import contextlib
import os
import random
import signal
import sys
import time

import pytest

from mobilenet_tf.errors import OutputError
from mobilenet_tf.files import refuse_unwritable, remove_abandoned_files, replace_file, replace_folder
from tests.support.commands import running_process, wait_until

# Publishes folders of 20 equal files for ever, each with the number of its round.
WRITER = """
import sys
from pathlib import Path
from mobilenet_tf.files import replace_folder
target, number = Path(sys.argv[1]), 0
while True:
    number += 1
    with replace_folder(target, overwrite=True) as folder:
        for index in range(20):
            (folder / f"{index}").write_text(str(number))
"""


def publish(target, text, **options):
    with replace_folder(target, **{"overwrite": True, **options}) as folder:
        (folder / "file").write_text(text)


def neighbours(target):
    return [path.name for path in target.parent.iterdir() if path != target]


def test_a_folder_appears_whole_and_is_replaced_whole(tmp_path):
    target = tmp_path / "deep" / "export"
    publish(target, "one")
    (target / "stale").write_text("of the first")
    publish(target, "two")
    assert [path.name for path in target.iterdir()] == ["file"]
    assert (target / "file").read_text() == "two"
    assert not neighbours(target)
    assert (target.stat().st_mode & 0o777) == 0o777 & ~current_umask()


def current_umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_an_existing_folder_is_kept_without_overwrite(tmp_path):
    publish(tmp_path / "export", "one")
    with pytest.raises(OutputError, match="exists already"):
        publish(tmp_path / "export", "two", overwrite=False)
    assert (tmp_path / "export" / "file").read_text() == "one"


def test_a_replaced_folder_is_kept_under_another_name(tmp_path):
    target, earlier = tmp_path / "run", tmp_path / "run.earlier"
    publish(target, "first", keep_as=earlier)
    assert not earlier.exists()  # there was nothing to keep
    publish(target, "second", keep_as=earlier)
    assert {path.name: (path / "file").read_text() for path in tmp_path.iterdir()} == {
        "run": "second",
        "run.earlier": "first",
    }
    with pytest.raises(OutputError, match="exists already"):
        publish(target, "third", overwrite=False, keep_as=tmp_path / "other")
    assert (target / "file").read_text() == "second"
    assert not (tmp_path / "other").exists()


def test_an_error_leaves_the_earlier_folder_and_nothing_else(tmp_path):
    target = tmp_path / "export"
    publish(target, "one")
    with pytest.raises(ZeroDivisionError):
        fail_half_way(target)
    assert (target / "file").read_text() == "one"
    assert not neighbours(target)


def fail_half_way(target):
    with replace_folder(target, overwrite=True) as folder:
        (folder / "half").write_text("written")
        raise ZeroDivisionError


def test_a_file_in_the_way_is_named(tmp_path):
    (tmp_path / "export").write_text("a file")
    with pytest.raises(OutputError, match="it is a file"):
        refuse_unwritable(tmp_path / "export", overwrite=True)
    with pytest.raises(OutputError, match="is not a folder"):
        refuse_unwritable(tmp_path / "export" / "name", overwrite=True)


def test_nothing_is_written_by_looking(tmp_path):
    refuse_unwritable(tmp_path / "a" / "b", overwrite=False)
    assert not list(tmp_path.iterdir())


def test_a_kill_at_any_moment_leaves_a_whole_folder(tmp_path):
    target, chance = tmp_path / "export", random.Random(0)
    for _ in range(15):
        with running_process(sys.executable, "-c", WRITER, target) as writer:
            wait_until(target.is_dir)
            time.sleep(0.05 + chance.random() * 0.2)  # some dozens of rounds, then somewhere within one
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        texts = {(target / str(index)).read_text() for index in range(20)}
        assert len(texts) == 1
    publish(target, "after")
    assert not neighbours(target)  # what the killed ones left is gone


def test_two_writers_of_one_name_do_no_harm(tmp_path):
    target = tmp_path / "export"
    with contextlib.ExitStack() as stack:
        writers = [stack.enter_context(running_process(sys.executable, "-c", WRITER, target)) for _ in range(2)]
        wait_until(target.is_dir)
        for _ in range(200):
            # An open folder stays what it is, whatever takes its name.
            descriptor = os.open(target, os.O_RDONLY)
            try:
                texts = {read_at(descriptor, str(index)) for index in range(20)} - {None}
            finally:
                os.close(descriptor)
            assert len(texts) <= 1  # none left once it was replaced and removed
        assert [writer.poll() for writer in writers] == [None, None]


def read_at(folder, name):
    try:
        descriptor = os.open(name, os.O_RDONLY, dir_fd=folder)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor) as file:
        return file.read()


def test_two_writers_of_one_file_each_have_a_partial_file_of_their_own(tmp_path):
    """Fault: both wrote to `.partial.<name>`, and one failed because the other had renamed it."""
    target = tmp_path / "result.json"
    with replace_file(target) as one:
        one.write_text("one")
        with replace_file(target) as other:
            other.write_text("other")
            assert one != other
            assert one.suffix == other.suffix == ".json"
        assert target.read_text() == "other"
    assert target.read_text() == "one"
    assert not neighbours(target)
    assert (target.stat().st_mode & 0o777) == 0o666 & ~current_umask()


def test_what_a_killed_process_was_writing_goes_with_the_next_and_what_a_running_one_writes_stays(tmp_path):
    names = {".partial.01234567.a[1].json", ".partial.a[1].json"}  # the second as earlier versions named it
    others = {".partial.01234567.b.json", ".partial.of somebody else"}
    for name in names | others:
        (tmp_path / name).touch()
    with replace_file(tmp_path / "a[1].json") as running:
        assert {path.name for path in tmp_path.iterdir()} == others | {running.name}
        remove_abandoned_files(tmp_path, "a[1].json")
        assert running.exists()
        running.write_text("whole")
    assert {path.name for path in tmp_path.iterdir()} == others | {"a[1].json"}


def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path):
    target, chance = tmp_path / "file", random.Random(0)
    script = (
        WRITER.replace("replace_folder(target, overwrite=True)", "replace_file(target)")
        .replace('(folder / f"{index}").write_text(str(number))', "folder.write_text(str(number) * 20)")
        .replace("import replace_folder", "import replace_file")
    )
    for _ in range(10):
        with running_process(sys.executable, "-c", script, target) as writer:
            wait_until(target.is_file)
            time.sleep(0.02 + chance.random() * 0.1)
            writer.send_signal(signal.SIGKILL)
            writer.wait()
        text = target.read_text()
        assert text == text[: len(text) // 20] * 20
        assert len(neighbours(target)) <= 1  # what this one was writing; what the last one was is gone


def test_the_folder_of_a_name_with_brackets_is_tidied_too(tmp_path):
    abandoned = tmp_path / ".pets[1].abc.tmp"
    abandoned.mkdir()
    publish(tmp_path / "pets[1]", "one")
    assert not abandoned.exists()
