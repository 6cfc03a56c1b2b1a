import hashlib
import os
import shutil

from mobilenet_tf.data.digests import PhotoDigests, without_copies
from tests.support.commands import images_in


def test_each_file_is_read_once_and_its_progress_is_told(tmp_path):
    paths = sorted(images_in(tmp_path, 3).iterdir())
    digests, told = PhotoDigests(), []
    expected = [hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in paths]
    assert digests.of(paths, lambda task, share: told.append((task, share))) == expected
    assert told == [("comparing photos", 1.0)]
    for path in paths:
        path.unlink()
    assert digests.of([*paths, *paths]) == expected * 2


def test_the_progress_of_a_large_folder_grows(tmp_path):
    paths = [tmp_path / f"{number}.jpg" for number in range(600)]
    for number, path in enumerate(paths):
        path.write_bytes(str(number).encode())
    shares = []
    assert len({*PhotoDigests().of(paths, lambda _, share: shares.append(share))}) == 600
    assert shares == sorted(shares)
    assert len(shares) == 3
    assert shares[-1] == 1.0


def test_the_first_of_several_copies_is_kept_and_what_cannot_be_read_is_too(tmp_path):
    paths = sorted(images_in(tmp_path, 3).iterdir())
    copies = [shutil.copy(paths[1], tmp_path / f"z{number}.jpg") for number in range(2)]
    gone = [tmp_path / "gone.jpg", tmp_path / "gone_too.jpg"]
    kept, counts = without_copies([*paths, *copies, *gone], PhotoDigests())
    assert kept == [*paths, *gone]
    assert counts == {paths[1]: 2}


def test_files_of_one_size_and_other_content_are_no_copies(tmp_path):
    paths = [tmp_path / "a.jpg", tmp_path / "b.jpg"]
    for path in paths:
        path.write_bytes(os.urandom(100))
    assert without_copies(paths, PhotoDigests())[0] == paths
