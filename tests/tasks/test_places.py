import numpy as np
import pytest

from mobilenet_tf.tasks.places import distances_km, distances_score, middle_of, radius_km

PARIS, SYDNEY = (48.8566, 2.3522), (-33.8688, 151.2093)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0.0, 0.0), (0.0, 180.0), 20015.1),  # half of a circle of the mean radius, pi * 6371.0088
        ((90.0, 12.0), (-90.0, 77.0), 20015.1),
        ((0.0, 0.0), (1.0, 0.0), 111.195),  # a degree of it
        ((60.0, 10.0), (60.0, 10.0 + 1 / 3600), 0.015444),  # a second at 60 degrees is half as long as at the equator
        ((10.0, 179.5), (10.0, -179.5), 109.51),  # over the date line
        (PARIS, SYDNEY, 16960.0),
    ],
)
def test_distances_are_those_on_a_great_circle(one, other, expected):
    # The references have five digits or fewer.
    assert distances_km(np.array([one]), np.array([other]))[0] == pytest.approx(expected, rel=1e-3)


def test_distances_are_taken_pair_by_pair():
    places = np.array([PARIS, SYDNEY])
    assert distances_km(places, places[::-1]).tolist() == pytest.approx([16960.0] * 2, rel=1e-3)
    assert distances_km(places, places).tolist() == [0.0, 0.0]


def test_a_few_photos_far_away_hardly_move_the_middle():
    near = np.array(PARIS) + np.random.default_rng(0).uniform(-0.01, 0.01, (20, 2))
    middle = middle_of(np.concatenate([near, [SYDNEY, (64.1, -21.9)]]))
    assert distances_km(middle, np.array(PARIS)) < 1.5  # the corners of their square are 1.4 km away


@pytest.mark.parametrize("centre", [(89.99, 0.0), (0.0, 180.0), (-90.0, 0.0)])
def test_the_middle_is_found_at_the_poles_and_at_the_date_line(centre):
    longitudes = np.array([0.0, 90.0, 180.0, 270.0])
    if abs(centre[0]) > 80:  # around the pole
        places = np.stack([np.full(4, np.sign(centre[0]) * 89.0), longitudes], 1)
        assert abs(middle_of(places)[0]) > 89.99
    else:
        middle = middle_of(np.array([(0.0, 179.0), (0.0, -179.0), (0.5, 179.5), (-0.5, -179.5)]))
        assert abs(middle[0]) < 0.01
        assert abs(middle[1]) > 179.99


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_middle_of_one_spot_is_the_spot(count):
    middle = middle_of(np.array([PARIS] * count))
    assert middle == pytest.approx(PARIS)
    assert radius_km(middle, np.array([PARIS] * count)) == pytest.approx(0, abs=1e-3)  # 1 m


def test_the_radius_holds_nine_of_ten():
    along = np.array([(0.0, 0.01 * step) for step in range(1, 21)])
    assert radius_km(np.zeros(2), along) == pytest.approx(18 * 1.11195, rel=0.06)  # the 18th of 20, or the 19th
    assert radius_km(np.zeros(2), along[:3]) == pytest.approx(3 * 1.11195, rel=1e-3)


def test_the_score_counts_what_is_within_each_distance():
    score = distances_score(np.array([0.5, 1.0, 24.0, 199.0, 750.0, 2501.0, 9000.0, 9000.0]))
    assert [score[f"within_{limit}_km"] for limit in (1, 25, 200, 750, 2500)] == [0.25, 0.375, 0.5, 0.625, 0.625]
    assert score["median_km"] == (199 + 750) / 2
