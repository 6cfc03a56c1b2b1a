"""However many photos are left out, ten lines and a count say so."""

import time

from mobilenet_tf.data.left_out_text import first_lines, folded


def test_a_hundred_thousand_broken_photos_are_ten_lines_and_a_count():
    photos = [f"cannot read cat/{number}.jpg: no image of a kind that is read." for number in range(100_000)]
    shards = [f"train-0, record {number}: truncated" for number in range(5)]
    others = ["pets: 3 .gif files, not read"]
    start = time.monotonic()
    assert folded([*photos, *shards, *others]) == [*photos[:10], "99995 more photos cannot be read.", *others]
    assert time.monotonic() - start < 5  # seconds: it was the square of their number


def test_other_things_that_are_left_out_are_counted_too():
    links = [f"{number}: a link to a folder that is read already" for number in range(13)]
    assert folded(links) == [*links[:10], "3 more things are left out."]


def test_ten_lines_are_not_shortened():
    lines = [str(number) for number in range(10)]
    assert first_lines(lines, "{count} more") == lines
