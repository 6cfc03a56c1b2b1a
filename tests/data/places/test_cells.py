import numpy as np
import pytest
import s2cell

from mobilenet_tf.data.places.cells import DEEPEST_LEVEL, NO_CELL, split_cells

PARIS, LIMA = (48.8566, 2.3522), (-12.0464, -77.0428)


def around(place, count, spread, seed=0):
    return np.array(place) + np.random.default_rng(seed).uniform(-spread, spread, (count, 2))


def test_every_cell_holds_between_the_two_bounds():
    places = np.concatenate([around(PARIS, 300, 0.5), around(LIMA, 50, 5.0), around((0.0, 100.0), 3, 1.0)])
    cells = split_cells(places, 10, 60)
    numbers = cells.numbers_of(places)
    counts = np.bincount(numbers[numbers != NO_CELL], minlength=len(cells.ids))
    assert len(cells.ids) > 5
    assert counts.min() >= 10
    assert counts.max() <= 60
    assert (numbers[-3:] == NO_CELL).all()  # too few


def test_cells_are_small_where_photos_are_many():
    places = np.concatenate([around(PARIS, 400, 0.2), around(LIMA, 40, 0.2)])
    levels = {s2cell.token_to_level(token) for token in split_cells(places, 10, 60).tokens}
    numbers = split_cells(places, 10, 60).numbers_of(np.array([LIMA]))
    (lima,) = (split_cells(places, 10, 60).tokens[number] for number in numbers)
    assert s2cell.token_to_level(lima) == 0
    assert max(levels) > 6


def test_the_number_of_a_place_is_that_of_the_cell_which_s2_says():
    places = around(PARIS, 200, 0.3)
    cells = split_cells(places, 5, 40)
    tokens = cells.tokens
    for place, number in zip(places, cells.numbers_of(places), strict=True):
        if number != NO_CELL:
            level = s2cell.token_to_level(tokens[number])
            assert s2cell.lat_lon_to_token(*place, level) == tokens[number]


def test_a_place_outside_of_all_cells_has_none():
    cells = split_cells(around(PARIS, 50, 0.1), 10, 100)
    assert cells.numbers_of(np.array([LIMA])).tolist() == [NO_CELL]


def test_the_order_of_the_photos_does_not_matter():
    places = around(PARIS, 200, 1.0)
    assert split_cells(places, 5, 20) == split_cells(places[::-1], 5, 20)


def test_many_photos_of_one_spot_stay_in_one_cell():
    cells = split_cells(np.array([PARIS] * 30 + [LIMA] * 5), 2, 10)
    assert len(cells.ids) == 2
    assert sorted(map(s2cell.token_to_level, cells.tokens)) == [0, DEEPEST_LEVEL]


@pytest.mark.parametrize("place", [(90.0, 0.0), (-90.0, 180.0), (0.0, 180.0), (0.0, -180.0), (35.264, 45.0)])
def test_the_poles_the_date_line_and_a_corner_of_the_cube_are_in_a_cell(place):
    assert split_cells(np.array([place] * 4), 2, 10).numbers_of(np.array([place])).tolist() == [0]
