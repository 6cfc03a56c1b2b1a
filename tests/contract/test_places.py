import json
from dataclasses import replace

import pytest

from mobilenet_tf.contract.places import PlaceCell, cells_as_json, cells_from_json, cells_problem, position_text
from mobilenet_tf.errors import ModelError

PARIS = PlaceCell("47e66e2b", 48.8566, 2.3522, 6.654)
LIMA = PlaceCell("9105c8", -12.0464, -77.0428, 0.123)


def test_cells_are_read_as_they_were_written():
    assert cells_from_json(cells_as_json([PARIS, LIMA]), "cells.json") == [PARIS, LIMA]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (PARIS, "48.86 N 2.35 E ±6.7 km"),
        (LIMA, "12.0464 S 77.0428 W ±120 m"),
        (replace(PARIS, radius_km=1234.5), "48.86 N 2.35 E ±1,234 km"),
        (replace(PARIS, radius_km=0.0), "48.8566 N 2.3522 E ±10 m"),
    ],
)
def test_a_cell_is_printed_as_exactly_as_its_radius_allows(cell, text):
    assert str(cell) == text


def test_degrees_have_letters_instead_of_signs():
    assert position_text(-0.5, 0.25, 1) == "0.5 S 0.2 E"


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (replace(PARIS, token="Paris"), "expected the token of an S2 cell; got 'Paris'"),
        (replace(PARIS, latitude=90.1), "expected a place on the earth for the cell 47e66e2b"),
        (replace(PARIS, longitude=-181.0), "expected a place on the earth for the cell 47e66e2b"),
        (replace(PARIS, radius_km=-1.0), "expected a place on the earth for the cell 47e66e2b"),
        (replace(PARIS, radius_km=30_000.0), "expected a place on the earth for the cell 47e66e2b"),
    ],
)
def test_an_impossible_cell_is_named(cell, problem):
    assert cells_problem([LIMA, cell], 2) == problem
    with pytest.raises(ModelError, match=r"^cells.json in a.tflite: expected "):
        cells_from_json(cells_as_json([cell]), "cells.json in a.tflite")


def test_each_class_has_a_cell():
    assert cells_problem([PARIS], 2) == "expected a cell for each of the 2 classes; got 1"


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"schema_version": 2, "cells": []}', "{" * 99],
)
def test_any_other_text_is_refused(text):
    with pytest.raises(ModelError, match="Export the model again"):
        cells_from_json(text, "cells.json")


def test_a_cell_without_its_place_is_refused():
    with pytest.raises(ModelError, match=r"^cells.json.cells\[0\]: missing \['latitude', 'longitude', 'radius_km'\]"):
        cells_from_json('{"schema_version": 1, "cells": [{"token": "5"}]}', "cells.json")


def test_there_is_a_line_for_each_cell():
    lines = cells_as_json([PARIS, LIMA]).splitlines()
    assert [json.loads(line.rstrip(","))["token"] for line in lines[1:-1]] == ["47e66e2b", "9105c8"]
