import pytest

from tests.support.browser import Browser


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """Chromium, for tests that are left out if it is not installed."""
    browser = Browser(tmp_path_factory.mktemp("chromium"))
    yield browser
    browser.close()
