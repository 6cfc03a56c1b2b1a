"""The commands write into their output folder, and nowhere else: not into ~, not into the system's temporary folder."""

import pytest

from tests.support.commands import images_in, run_process

TRAIN = ("photos", "--alpha", "0.25", "--res", "32", "--epochs", "1", "--batch-size", "4", "--output-dir", "out")
EXPORT = ("--alpha", "0.25", "--res", "32", "--calibration", "photos", "--allow-skipped", "--output-dir", "out")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "arguments"), [("mobilenet-train", TRAIN), ("mobilenet-export", (*EXPORT, "--min-agreement", "0"))]
)
def test_nothing_is_written_outside_the_output_folder(tmp_path, command, arguments):
    """Fault: ~/.keras/keras.json, ~/.config/matplotlib and ~/.cache/matplotlib, and TensorFlow's generated code."""
    for name in ("work", "home", "temporary"):
        (tmp_path / name).mkdir()
    for seed, name in enumerate(("cat", "dog")):
        images_in(tmp_path / "work" / "photos" / name, 8, seed=seed)
    env = {"HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path / "temporary"), "PYTHONDONTWRITEBYTECODE": "1"}
    env |= {"XDG_CACHE_HOME": "", "XDG_CONFIG_HOME": "", "KERAS_HOME": str(tmp_path / "home" / ".keras")}
    env |= {"MPLCONFIGDIR": str(tmp_path / "home" / "matplotlib")}
    done = run_process(command, *arguments, cwd=tmp_path / "work", env=env)
    assert done.returncode == 0, done.stderr
    assert [*(tmp_path / "home").rglob("*")] == []
    assert [*(tmp_path / "temporary").rglob("*")] == []
    assert sorted(path.name for path in (tmp_path / "work").iterdir()) == ["out", "photos"]
