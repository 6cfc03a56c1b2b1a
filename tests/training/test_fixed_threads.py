import numpy as np
import pytest

from tests.support.commands import images_in, run_process

SMALL = ("photos", "--alpha", "0.25", "--res", "32", "--epochs", "1", "--batch-size", "16", "--deterministic")
RUN = "mobilenet_v1_a0.25_r32_photos"


@pytest.mark.slow
def test_a_deterministic_run_is_the_same_on_any_number_of_cores(tmp_path):
    """TensorFlow and NumPy take as many threads as there are cores, which these settings stand for. Fault: the weights
    differed.
    """
    for seed, name in enumerate(("cat", "dog")):
        images_in(tmp_path / "photos" / name, 24, seed=seed)
    weights = []
    for cores in ("1", "2"):
        env = {"TF_NUM_INTRAOP_THREADS": cores, "OPENBLAS_NUM_THREADS": cores}
        done = run_process("mobilenet-train", *SMALL, "--output-dir", cores, cwd=tmp_path, env=env)
        assert done.returncode == 0, done.stderr
        with np.load(tmp_path / cores / RUN / "state.npz") as state:
            weights.append({name: state[name] for name in state if name.startswith("v")})
    assert len(weights[0]) > 100
    for name, array in weights[0].items():
        np.testing.assert_array_equal(array, weights[1][name])
