"""The page of training runs as a browser shows it: wide and narrow, light and dark."""

import io

import pytest
from PIL import Image

from mobilenet_tf.report.page import report_page
from tests.support.browser import CHROMIUM, contrast, luminance
from tests.support.training_sample import training

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make chromium)")

LONG = "a class with a really long name that goes on and on, of a plant that nobody has heard of"
RUNS = {
    "few": [training(classes=["daisy", LONG, '<b>bold</b> & "quoted"', "x" * 80, "no photos"], photos=300)],
    "many": [training(classes=[f"dish number {n} of the menu" for n in range(120)], photos=900)],
    "several": [training("a_run_with_a_long_name_of_a_folder_" * 3), training("other", seed=1)],
}


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, runs in RUNS.items():
        (folder / f"{name}.html").write_text(report_page([], runs), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in RUNS}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", RUNS)
def test_nothing_is_fetched_or_cut_off_and_every_picture_is_drawn(browser, pages, name, width, dark):
    browser.screen(width, 900, dark=dark, phone=width < 600)
    browser.open(pages[name])
    assert browser.complaints == []
    assert [url for url in browser.requests if not url.startswith("data:image/")] == [pages[name]]
    assert browser.run("document.documentElement.scrollWidth") <= width
    pictures = browser.run("[...document.querySelectorAll('ul.photos img')].map(image => image.naturalWidth)")
    thumbnails = sum(bool(photo.thumbnail) for run in RUNS[name] for photo in run.summary.wrong)
    assert len(pictures) == thumbnails > 0
    assert min(pictures) > 0
    charts = browser.run("[...document.querySelectorAll('.chart')].map(c => c.querySelectorAll('.main-svg').length)")
    assert min(charts) > 0
    outside = (
        "[...document.querySelectorAll('h2, h4, .photos li, .chart, li, p')].map(e => e.getBoundingClientRect().right)"
    )
    assert max(browser.run(outside)) <= width


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [390, 1200])
def test_the_numbers_of_the_matrix_stand_out_from_their_colours(browser, pages, width, dark):
    """By the pixels: in each cell the lightest and the darkest are the number and what is behind it (WCAG AA)."""
    browser.screen(width, 900, dark=dark, phone=width < 600)
    browser.open(pages["few"])
    cells = browser.run(
        "document.querySelector('table.matrix').scrollIntoView(), "
        "[...document.querySelectorAll('table.matrix td.right, table.matrix td.wrong')]"
        ".map(c => c.getBoundingClientRect()).map(r => [r.left + 1, r.top + 1, r.right - 2, r.bottom - 2])"
    )
    picture = Image.open(io.BytesIO(browser.picture())).convert("RGB")
    seen = [box for box in cells if box[2] < picture.width and box[3] < picture.height]
    assert len(seen) > 10
    for box in seen:
        colours = [colour for _, colour in picture.crop(tuple(map(round, box))).getcolors(1 << 16)]
        lights = [luminance(f"rgb{colour}") for colour in colours]
        assert contrast(max(lights), min(lights)) > 4.5


def test_long_names_and_markup_are_text_and_classes_keep_their_columns(browser, pages):
    browser.screen(1200, 900)
    browser.open(pages["few"])
    names = "[...document.querySelectorAll('table.matrix tbody th')].map(cell => cell.title)"
    assert browser.run(names) == RUNS["few"][0].classes
    widths = "[...document.querySelectorAll('table.matrix tbody tr')].map(row => row.cells.length)"
    assert browser.run(widths) == [6] * 5


def test_a_click_on_a_heading_of_the_classes_sorts_them(browser, pages):
    browser.screen(1200, 900)
    browser.open(pages["many"])
    browser.run("[...document.querySelectorAll('thead button')].find(b => b.innerText.trim() === 'recall').click()")
    recalls = browser.run(
        "[...document.querySelector('[aria-label=\\'Table of the classes\\'] tbody').rows]"
        ".map(row => row.cells[4].dataset.value)"
    )
    known = [float(value) for value in recalls if value is not None]
    assert known == sorted(known)
    assert len(known) == 119
    assert recalls[-1] is None  # the class without photos
