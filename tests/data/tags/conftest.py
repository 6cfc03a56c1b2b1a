import pytest

from tests.support.commands import images_in


@pytest.fixture
def photos(tmp_path):
    """Twelve different photos, photo_000.jpg to photo_011.jpg."""
    return images_in(tmp_path / "photos", 12)
