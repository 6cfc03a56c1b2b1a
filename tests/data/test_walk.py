import os
from pathlib import Path

from mobilenet_tf.data.walk import files_under


def touch(*paths):
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")


def below(folder, found):
    return [Path(path).relative_to(folder).as_posix() for path in found.paths]


def test_hidden_files_and_the_folders_that_systems_hide_do_not_count(tmp_path):
    hidden = ("._b.jpg", ".cache/c.jpg", "__MACOSX/b.jpg", "cat/@eaDir/thumb.jpg", "$RECYCLE.BIN/d.jpg")
    touch(tmp_path / "cat" / "b.jpg", *(tmp_path / name for name in hidden))
    assert below(tmp_path, files_under(tmp_path)) == ["cat/b.jpg"]


def test_a_hidden_folder_that_is_named_itself_is_listed(tmp_path):
    touch(tmp_path / ".photos" / "b.jpg")
    assert below(tmp_path, files_under(tmp_path / ".photos")) == [".photos/b.jpg"]


def test_linked_folders_and_files_are_followed(tmp_path):
    touch(tmp_path / "store" / "cats" / "a.jpg", tmp_path / "store" / "b.jpg")
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "cat").symlink_to(tmp_path / "store" / "cats")
    (photos / "b.jpg").symlink_to("../store/b.jpg")
    found = files_under(photos)
    assert below(photos, found) == ["b.jpg", "cat/a.jpg"]
    assert (found.links, found.notes) == ([], [])


def test_a_folder_reached_in_two_ways_is_listed_once_by_its_own_path(tmp_path):
    touch(tmp_path / "z" / "a.jpg")
    (tmp_path / "another").symlink_to("z")
    found = files_under(tmp_path)
    assert below(tmp_path, found) == ["z/a.jpg"]
    assert found.notes == [f"{tmp_path / 'another'}: a link to a folder that is read already"]


def test_links_to_folders_above_make_no_loop(tmp_path):
    touch(tmp_path / "outside.jpg", tmp_path / "photos" / "cat" / "a.jpg")
    photos = tmp_path / "photos"
    (photos / "cat" / "up").symlink_to("..")
    (photos / "cat" / "further_up").symlink_to("../..")
    (photos / "itself").symlink_to("itself")
    found = files_under(photos)
    assert below(photos, found) == ["cat/a.jpg"]
    assert len(found.notes) == 2
    assert found.links == [str(photos / "itself")]


def test_links_to_nothing_are_named(tmp_path):
    touch(tmp_path / "a.jpg")
    (tmp_path / "gone.jpg").symlink_to("nowhere.jpg")
    assert files_under(tmp_path).links == [str(tmp_path / "gone.jpg")]


def test_pipes_sockets_and_devices_are_no_files_and_are_named(tmp_path):
    touch(tmp_path / "a.jpg")
    os.mkfifo(tmp_path / "pipe.jpg")
    (tmp_path / "zero.jpg").symlink_to("/dev/zero")
    found = files_under(tmp_path)
    assert below(tmp_path, found) == ["a.jpg"]
    assert found.links == []
    assert found.notes == [f"{tmp_path / name}: it is no regular file" for name in ("pipe.jpg", "zero.jpg")]
