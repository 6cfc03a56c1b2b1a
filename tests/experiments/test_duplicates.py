from click.testing import CliRunner

from experiments.duplicates import duplicates
from mobilenet_tf.data.photos import bundled_photos


def test_planted_copies_are_counted_by_kind():
    result = CliRunner().invoke(duplicates, [str(bundled_photos("cifar10"))])
    assert result.exit_code == 0, result.output
    header, _, row = result.output.splitlines()[:3]
    assert header.split()[:3] == ["photos", "count", "exact"]
    assert row.split()[:3] == ["cifar10", "500", "6/6"]
    assert row.split()[-4] == "30/30"
    assert "Found in" in result.output
