import pytest

from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.weights.load import load_weights
from tests.support.commands import images_in, run_train


@pytest.mark.slow
@pytest.mark.parametrize("arch", ["shufflenet_v1", "effnet"])
def test_another_network_trains_at_two_resolutions_and_goes_on_from_its_file(arch, tmp_path):
    for seed, name in enumerate(("cat", "dog")):
        images_in(tmp_path / "photos" / name, 6, seed=seed)
    arguments = (tmp_path / "photos", "--epochs", "2", "--batch-size", "4", "--output-dir", tmp_path / "out")
    first = run_train(
        *arguments, "--arch", arch, "--alpha", "0.25", "--res", "64", "--weights", "random", "--start-res", "32:1"
    )
    assert first.exit_code == 0, first.output
    best = tmp_path / "out" / f"{arch}_a0.25_r64_photos" / "best.keras"
    again = run_train(*arguments, "--weights", best, "--freeze", "0", "--overwrite")
    assert again.exit_code == 0, again.output
    assert load_weights(str(best)).spec == ModelSpec(arch, 0.25, 64, 2)
