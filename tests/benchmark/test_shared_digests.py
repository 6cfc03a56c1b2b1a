"""Photos are hashed once for all models of a sweep, though each is measured in a process of its own."""

import os
from functools import partial
from pathlib import Path

from mobilenet_tf.benchmark.shared_digests import run_with_digests
from mobilenet_tf.data.digests import PhotoDigests, photo_digest


def digests_of(paths, digests, _):
    return os.getpid(), digests.of(paths)


def test_what_one_process_hashes_the_next_one_knows(tmp_path):
    paths = [tmp_path / f"{number}.jpg" for number in range(3)]
    for path in paths[:2]:
        path.write_bytes(path.name.encode())
    digests = PhotoDigests()
    first, found = run_with_digests(Path("a.tflite"), partial(digests_of, paths[:2]), digests, print)
    assert found == [photo_digest(b"0.jpg"), photo_digest(b"1.jpg")]
    assert digests.known == dict(zip(paths, found, strict=False))
    for path in paths[:2]:
        path.unlink()  # a second reading of them would find nothing
    paths[2].write_bytes(b"new")
    second, again = run_with_digests(Path("b.tflite"), partial(digests_of, paths), digests, print)
    assert again == [*found, photo_digest(b"new")]
    assert len({first, second, os.getpid()}) == 3
    assert len(digests.known) == 3
