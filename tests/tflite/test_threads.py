import os

import pytest

from mobilenet_tf.errors import InputError
from mobilenet_tf.tflite.interpreter import Session
from mobilenet_tf.tflite.threads import MOST_THREADS, check_threads


def test_as_many_threads_as_cores_are_allowed():
    check_threads(1)
    check_threads(os.cpu_count())
    assert MOST_THREADS >= 64


@pytest.mark.parametrize("threads", [-1, 0, MOST_THREADS + 1, 100_000])
def test_others_are_refused_with_the_number_of_cores(threads):
    with pytest.raises(InputError, match=rf"from 1 to {MOST_THREADS}; got {threads}\. .* {os.cpu_count()} cores"):
        check_threads(threads)


def test_a_session_starts_none_of_them(small_files):
    with pytest.raises(InputError, match="got 100000"):
        Session(small_files["int8"], threads=100_000)
