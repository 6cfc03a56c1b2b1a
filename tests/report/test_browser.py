"""The page as a browser shows it: headless Chromium, `make chromium` installs it on Debian."""

import pytest

from mobilenet_tf.report.page import report_page
from tests.support.browser import CHROMIUM, contrast, luminance
from tests.support.results_sample import grid, sample

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (make chromium)")

ROWS = "[...document.querySelector('tbody').rows]"  # of the table of results, which is the first
NAMES = ROWS + ".map(row => row.cells[0].dataset.value)"
COLUMN = ROWS + ".map(row => row.cells[{}].innerText)"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(report_page(grid(), max_latency_ms=3.0), encoding="utf-8")
    return path.as_uri()


@pytest.fixture
def opened(browser, page):
    browser.screen(1200, 900)
    browser.open(page)
    return browser


def heading(text):
    return f"[...document.querySelectorAll('thead button')].find(b => b.innerText.trim() === '{text}')"


def test_it_opens_without_a_complaint_or_a_request(opened, page):
    assert opened.run("document.querySelectorAll('.chart .main-svg').length") >= 6
    assert opened.complaints == []
    assert opened.requests == [page]


def test_this_test_would_see_complaints_and_requests(browser, tmp_path):
    path = tmp_path / "bad.html"
    path.write_text("<img src='http://127.0.0.1:9/a.png'><script>console.error('seen'); nothing()</script>")
    browser.open(path.as_uri())
    assert {"Runtime.consoleAPICalled", "Runtime.exceptionThrown"} <= {event["method"] for event in browser.complaints}
    assert "http://127.0.0.1:9/a.png" in browser.requests


def test_a_click_on_a_heading_sorts_and_a_second_one_turns_round(opened):
    times = sorted(result.latency_ms.p50 for result in grid())
    unsorted = opened.run(COLUMN.format(1))
    for direction, expected in (("ascending", times), ("descending", times[::-1])):
        opened.run(f"{heading('p50, ms')}.click()")
        assert opened.run(COLUMN.format(1)) == [f"{time:.2f}" for time in expected] != unsorted
        assert opened.run("document.querySelector('[aria-sort]').getAttribute('aria-sort')") == direction
    assert opened.run("document.querySelectorAll('[aria-sort]').length") == 1


def test_names_sort_as_text_and_what_was_not_measured_stays_last(browser, tmp_path):
    path = tmp_path / "few.html"
    results = [sample("b", top1=None), sample("a", top1=0.5), sample("c", top1=0.4)]
    path.write_text(report_page(results), encoding="utf-8")
    browser.open(path.as_uri())
    browser.run(f"{heading('top-1')}.click()")
    assert browser.run(NAMES) == ["c", "a", "b"]
    browser.run(f"{heading('top-1')}.click()")
    assert browser.run(NAMES) == ["a", "c", "b"]
    browser.run(f"{heading('model')}.click()")
    assert browser.run(NAMES) == ["a", "b", "c"]


@pytest.mark.parametrize("dark", [False, True])
def test_ink_stands_out_from_paper_in_light_and_in_dark(browser, page, dark):
    """Contrast of 4.5 to 1 (WCAG AA) in text and in the charts' own."""
    browser.screen(1200, 900, dark=dark)
    browser.open(page)
    paper = luminance(browser.run("getComputedStyle(document.body).backgroundColor"))
    assert (paper < 0.1) is dark
    for script in (
        "getComputedStyle(document.querySelector('figcaption')).color",
        fill(".xtick text"),
        fill(".xtitle"),
    ):
        assert contrast(luminance(browser.run(script)), paper) > 4.5, script


def fill(selector):
    return f"getComputedStyle(document.querySelector('.chart {selector}')).fill"


def test_a_phone_scrolls_the_page_one_way_only(browser, page):
    browser.screen(390, 844, dark=True, phone=True)
    browser.open(page)
    assert browser.run("document.documentElement.scrollWidth") == 390
    assert browser.run("document.querySelector('.scroll').scrollWidth") > 390
    widths = browser.run(
        "[...document.querySelectorAll('.chart .main-svg')].map(svg => svg.getBoundingClientRect().right)"
    )
    assert max(widths) <= 390


def test_charts_are_drawn_for_paper_and_again_for_the_screen(browser, page, tmp_path):
    browser.screen(1200, 900, dark=True)
    browser.open(page)
    ink = browser.run(fill(".xtitle"))
    browser.run(f"addEventListener('beforeprint', () => {{ window.printed = {fill('.xtitle')} }})")
    browser.pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    assert luminance(browser.run("window.printed")) < 0.1 < luminance(ink)
    browser.settle()
    assert browser.run(fill(".xtitle")) == ink


def test_hostile_names_run_nothing(browser, tmp_path):
    hostile = """</script><script>window.hit = 1</script><img src=x onerror="window.hit = 2"><b onclick=1>"""
    path = tmp_path / "hostile.html"
    path.write_text(report_page([sample(hostile), sample(hostile, threads=2)], title=hostile), encoding="utf-8")
    browser.open(path.as_uri())
    assert browser.run("window.hit") is None
    assert browser.complaints == []
    assert browser.requests == [path.as_uri()]
    drawn = browser.run("[...document.querySelectorAll('.chart .ytick')].map(tick => tick.textContent).join()")
    assert "</script…" in drawn


def test_a_screenshot_is_written(opened, tmp_path):
    from PIL import Image

    opened.screenshot(tmp_path / "report.png")
    with Image.open(tmp_path / "report.png") as picture:
        assert picture.size == (1200, 900)
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50  # not blank
