"""Broken result files: a ResultError that names the file, or a result that every form of the report can show."""

import dataclasses
import json
import random

import pytest
from click.testing import CliRunner

from mobilenet_tf.errors import ResultError
from mobilenet_tf.report.cli import report
from mobilenet_tf.report.page import report_page
from mobilenet_tf.report.text import csv_report, markdown_report
from mobilenet_tf.results.answers import WrongPhoto
from mobilenet_tf.results.records import Result
from mobilenet_tf.results.training_record import TrainingRecord
from tests.support.results_sample import grid, sample
from tests.support.training_sample import training

VALUES = (
    *("null", "true", "-1", "0", "1e308", "-1e308", "1e999", "NaN", "-Infinity", "9" * 19, "9" * 400, "9" * 5000),
    *('""', '"x"', r'"\ud800"', r'"\u0000\u001b[31m"', '"</script>"', "[]", "{}", "[[]]", '{"a": {}}'),
    *("[" * 40 + "]" * 40, "[" * 990 + "]" * 990, "[" * 100_000, '{"a":' * 500 + "1" + "}" * 500),
)


def small():
    """A result with something in every field, short enough to break a few hundred times."""
    accuracy = dataclasses.replace(
        sample().accuracy, classes=["cat", "dog"], wrong=[WrongPhoto("a.jpg", 0, 1, 0.9, "AA==")]
    )
    result = sample(quantization=grid()[1].quantization[:2], notes=["note"], accuracy=accuracy)
    return result.to_json().encode()


def truncated(rng, data):
    return data[: rng.randrange(len(data))]


def flipped(rng, data):
    broken = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 4, 64))):
        broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
    return bytes(broken)


def noise(rng, data):
    return rng.randbytes(rng.randrange(len(data)))


def spliced(rng, data):
    start, end = sorted(rng.randrange(len(data)) for _ in range(2))
    return data[:start] + data[end:] if rng.random() < 0.5 else data[:end] + data[start:]


def replaced(rng, data):
    """One value anywhere in the tree becomes another, as a text that json.dumps would not always write."""
    root = json.loads(data)
    place, key = root, rng.choice(list(root))
    while isinstance(place[key], dict | list) and place[key] and rng.random() < 0.8:
        place = place[key]
        key = rng.choice(list(place)) if isinstance(place, dict) else rng.randrange(len(place))
    place[key] = "@@"
    return json.dumps(root).replace('"@@"', rng.choice(VALUES)).encode()


@pytest.mark.parametrize("damage", [truncated, flipped, noise, spliced, replaced])
def test_a_broken_file_is_refused_by_name_or_can_be_shown(tmp_path, damage):
    rng, data = random.Random(damage.__name__), small()
    path = tmp_path / "broken.result.json"
    refused = []
    for _ in range(80 if damage is not replaced else 400):
        path.write_bytes(damage(rng, data))
        try:
            result = Result.read(path)
        except ResultError as error:
            refused.append(str(error))
            continue
        markdown_report([result]).encode()
        csv_report([result, sample()], max_latency_ms=1.0, max_size=1, min_accuracy=0.5).encode()
    assert len(refused) > 10
    assert all(str(path) in message for message in refused)


def test_a_strange_but_sound_result_makes_a_page(tmp_path):
    """Charts and the choice take every replaced value that the reader of results lets through."""
    rng, data = random.Random(7), small()
    path, shown = tmp_path / "broken.result.json", 0
    while shown < 30:
        path.write_bytes(replaced(rng, data))
        try:
            result = Result.read(path)
        except ResultError:
            continue
        report_page([result, sample()], max_latency_ms=1.0).encode()
        shown += 1


@pytest.mark.parametrize("damage", [truncated, flipped, noise, spliced, replaced])
def test_the_record_of_a_run_is_refused_by_name_or_makes_a_page(tmp_path, damage):
    rng, data = random.Random(damage.__name__), training(photos=4, epochs=2).to_json().encode()
    path = tmp_path / "training.json"
    refused, shown = [], 0
    for _ in range(60):
        path.write_bytes(damage(rng, data))
        try:
            run = TrainingRecord.read(path)
        except ResultError as error:
            refused.append(str(error))
            continue
        shown += 1
        if shown <= 8:
            report_page([], [run, training()]).encode()
    assert len(refused) > 10
    assert all(str(path) in message for message in refused)


@pytest.mark.parametrize("damage", [truncated, flipped, noise, replaced])
@pytest.mark.parametrize("form", ["--csv", "--markdown"])
def test_the_command_ends_with_a_message_and_no_traceback(tmp_path, damage, form):
    rng, data = random.Random(f"{damage.__name__} at the edge"), small()
    path = tmp_path / "broken.result.json"
    statuses = set()
    for _ in range(40):
        path.write_bytes(damage(rng, data))
        done = CliRunner().invoke(report, [str(tmp_path), form])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert done.exit_code == 0 or done.output.startswith("Error: ")
        statuses.add(done.exit_code)
    assert 2 in statuses <= {0, 2}


@pytest.mark.parametrize("value", VALUES)
def test_no_value_anywhere_breaks_the_reader(value):
    for key in json.loads(small()):
        root = json.loads(small()) | {key: "@@"}
        try:
            result = Result.from_json(json.dumps(root).replace('"@@"', value))
        except ResultError:
            continue
        assert markdown_report([result])
