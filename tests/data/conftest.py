import pytest

from tests.support.commands import images_in


@pytest.fixture
def pets(tmp_path):
    """Classes cat (10 photos) and dog (5)."""
    for seed, (name, count) in enumerate({"dog": 5, "cat": 10}.items()):
        images_in(tmp_path / name, count, seed=seed)
    return tmp_path
