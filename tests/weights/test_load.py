import re
import sys
from dataclasses import replace
from importlib import resources
from pathlib import Path

import keras
import numpy as np
import pytest

from experiments.bundle_imagenet import HOSTED, make
from mobilenet_tf.errors import SpecError, WeightsError
from mobilenet_tf.networks.architectures import ARCHITECTURES
from mobilenet_tf.networks.mobilenet_v1 import infer_alphas
from mobilenet_tf.networks.spec import ModelSpec
from mobilenet_tf.tasks.classification import build_model
from mobilenet_tf.weights.bundled_imagenet import asset_name
from mobilenet_tf.weights.load import load_weights, model_with
from tests.support.commands import run_process
from tests.support.keras2_files import save_weights_as_keras2
from tests.support.networks import lively_model


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A 5-class alpha 0.25 model saved in each format of ours, and as Keras's own legacy .h5."""
    folder = tmp_path_factory.mktemp("weights")
    model = build_model(ModelSpec(alpha=0.25, res=64, classes=5))
    paths = {suffix: folder / f"best{suffix}" for suffix in (".keras", ".weights.h5", ".h5")}
    model.save(paths[".keras"])
    model.save_weights(paths[".weights.h5"])
    model.save(paths[".h5"])
    return model, paths


def test_every_hosted_file_is_bundled():
    bundled = {(row.name, *pair) for row in ARCHITECTURES.values() for pair in row.weights.get("imagenet", ())}
    assert {(spec.arch, spec.alpha, spec.res) for spec in HOSTED} == bundled


@pytest.mark.parametrize("spec", HOSTED, ids=lambda spec: spec.name)
def test_bundled_weights_fill_their_network_and_say_where_they_come_from(spec):
    weights = load_weights("imagenet", arch=spec.arch, alpha=spec.alpha)
    published, sha256 = Path(HOSTED[spec][0]).name, HOSTED[spec][1]
    assert weights.spec == spec
    assert weights.trained_res == spec.res
    assert weights.imagenet
    assert not weights.notes
    assert weights.origin == {"file": asset_name(spec), "sha256": sha256, "published_as": published}
    notice = (resources.files("mobilenet_tf") / "assets" / "NOTICE").read_text()
    assert re.search(rf"{asset_name(spec)} +{published} +{sha256}", notice)


def test_the_bundled_files_are_small():
    folder = resources.files("mobilenet_tf") / "assets" / "weights"
    size = {file.name: len(file.read_bytes()) for file in folder.iterdir()}
    of_cifar10 = {name: bytes_ for name, bytes_ in size.items() if name.startswith("cifar10_")}
    of_mobilenets = sum(bytes_ for name, bytes_ in of_cifar10.items() if "mobilenet" in name)
    assert of_mobilenets < 2.2e6
    assert sum(of_cifar10.values()) - of_mobilenets < 1.5e6
    assert sum(size.values()) - sum(of_cifar10.values()) < 15e6


def test_another_resolution_works_and_is_said():
    weights = load_weights("imagenet", alpha=0.5, res=96)
    assert weights.spec.res == 96
    assert "trained at 160x160" in weights.notes[0]


def test_a_width_that_is_not_bundled_names_those_that_are():
    with pytest.raises(WeightsError, match=r"bundled for --alpha 0\.25, 0\.5, 0\.75, 1 of mobilenet_v1; none for 0\.3"):
        load_weights("imagenet", alpha=0.3)


def test_an_impossible_spec_is_refused_before_anything_is_read():
    with pytest.raises(SpecError):
        load_weights("/nowhere.keras", alpha=0)


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5", ".h5"])
def test_a_saved_model_comes_back_whole(trained, suffix):
    model, paths = trained
    weights = load_weights(str(paths[suffix]), res=64)
    assert weights.spec == ModelSpec(alpha=0.25, res=64, classes=5)
    assert not weights.imagenet
    for array, expected in zip(weights.arrays, model.get_weights(), strict=True):
        np.testing.assert_array_equal(array, expected)


def test_a_file_with_a_model_knows_its_resolution(trained):
    for suffix, res in ((".keras", 64), (".h5", 64), (".weights.h5", 224)):
        assert load_weights(str(trained[1][suffix])).spec.res == res


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5", ".h5"])
def test_weights_of_another_width_are_refused(trained, suffix):
    with pytest.raises(WeightsError, match=r"--alpha says 0\.5; .* holds 0\.25"):
        load_weights(str(trained[1][suffix]), alpha=0.5)


def test_weights_of_another_class_count_are_refused(trained):
    with pytest.raises(WeightsError, match=r"--classes says 1000; .* has 5 classes"):
        load_weights(str(trained[1][".keras"]), classes=1000)


@pytest.mark.parametrize("suffix", [".keras", ".weights.h5", ".h5"])
@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_truncated_weights_are_refused(trained, tmp_path, suffix, share):
    data = trained[1][suffix].read_bytes()
    path = tmp_path / f"cut{suffix}"
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(WeightsError, match=r"cannot read .*truncated or damaged") as raised:
        load_weights(str(path))
    assert "not found" not in str(raised.value)  # as Keras says of a file that is there, but no archive


@pytest.mark.parametrize("content", [b"", b"<html>not found</html>", b"\0" * 100])
def test_what_is_not_weights_is_refused(tmp_path, content):
    path = tmp_path / "weights.h5"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match=r"weights\.h5 is (an empty file|a web page|no file of weights)"):
        load_weights(str(path))


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(WeightsError, match="does not exist"):
        load_weights(str(tmp_path / "none.keras"))


def test_nan_weights_are_refused(trained, tmp_path):
    model = trained[0]
    weights = model.get_weights()
    broken = build_model(ModelSpec(alpha=0.25, res=64, classes=5))
    weights[0] = weights[0] * np.nan
    broken.set_weights(weights)
    broken.save(tmp_path / "nan.keras")
    with pytest.raises(WeightsError, match="diverged"):
        load_weights(str(tmp_path / "nan.keras"))


@pytest.mark.parametrize(("arch", "alpha"), [("mobilenet_v1_conv", 0.25), ("shufflenet_v1_g8", 1.0), ("effnet", 0.5)])
def test_a_network_is_recognized_by_its_arrays(tmp_path, arch, alpha):
    """A file of another name, of which no option tells anything."""
    model = build_model(spec := ModelSpec(arch, alpha, res=32, classes=5))
    keras.Model(model.inputs, model.outputs, name="mine").save(tmp_path / "model.keras")
    assert load_weights(str(tmp_path / "model.keras")).spec == spec


def test_random_weights_are_seeded_and_said_loudly():
    first, second = (load_weights("random", alpha=0.25, res=32, seed=3) for _ in range(2))
    assert "RANDOM" in first.notes[0]
    for one, other in zip(first.arrays, second.arrays, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.slow
def test_keras_weights_without_a_network_say_what_to_do(tmp_path):
    unreachable = {"KERAS_HOME": str(tmp_path), "https_proxy": "http://127.0.0.1:9"}  # nothing listens there
    done = run_process("mobilenet-export", "--weights", "keras", "--alpha", "0.25", "--res", "128", env=unreachable)
    assert done.returncode == 2
    assert f"{tmp_path}/models/mobilenet_2_5_128_tf.h5 is not there and could not be downloaded" in done.stderr
    assert "--weights imagenet" in done.stderr
    assert len(done.stderr.splitlines()) <= 3


def test_keras_weights_exist_for_16_pairs_only():
    with pytest.raises(WeightsError, match="Take one of these, or --weights imagenet"):
        load_weights("keras", alpha=0.25, res=96)


def test_an_exported_float_file_reads_back(exported):
    folder, _ = exported
    weights = load_weights(str(folder / "mobilenet_v1_a0.25_r96_float32.tflite"))
    assert weights.spec == ModelSpec(alpha=0.25, res=96)
    image = np.random.default_rng(0).uniform(-1, 1, (1, 96, 96, 3)).astype(np.float32)
    ours = model_with(load_weights("imagenet", alpha=0.25, res=96))
    # The same float32 kernels, batch norm folded twice: a few ulps in each of 28 layers.
    assert np.abs(model_with(weights)(image) - ours(image)).max() < 1e-4


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_truncated_tflite_is_refused(exported, tmp_path, share):
    data = (exported[0] / "mobilenet_v1_a0.25_r96_float32.tflite").read_bytes()
    (tmp_path / "cut.tflite").write_bytes(data[: int(len(data) * share)])
    with pytest.raises(WeightsError, match="truncated or damaged"):
        load_weights(str(tmp_path / "cut.tflite"))


def test_alpha_is_inferred_as_the_roundest_that_fits():
    assert [infer_alphas(int(32 * a), int(1024 * a))[0] for a in (1.0, 0.75, 0.5, 0.25, 0.33)] == [
        1.0,
        0.75,
        0.5,
        0.25,
        0.33,
    ]


@pytest.mark.parametrize("spec", HOSTED, ids=lambda spec: spec.name)
def test_a_hosted_file_keeps_its_background_row_unless_it_is_dropped(shared, spec):
    path = str(shared / HOSTED[spec][0])
    kept, dropped = load_weights(path), load_weights(path, drop_background=True)
    assert kept.background
    assert kept.spec == replace(spec, classes=1001)
    assert dropped.spec == spec
    np.testing.assert_array_equal(kept.arrays[-1][1:], dropped.arrays[-1])


def test_dropping_a_background_that_is_not_there_is_refused(trained):
    with pytest.raises(WeightsError, match="1001 rows"):
        load_weights(str(trained[1][".keras"]), drop_background=True)


def test_the_bundle_is_what_its_command_makes(shared, tmp_path):
    for path in make(shared, tmp_path):
        bundled = resources.files("mobilenet_tf") / "assets" / "weights" / path.name
        assert path.read_bytes() == bundled.read_bytes()


def test_a_bundle_is_not_made_of_other_files(tmp_path):
    wrong = tmp_path / "hosted" / "weights" / "mobilenet_v1_0.25_128_quant.tflite"
    wrong.parent.mkdir(parents=True)
    wrong.write_bytes(b"other")
    with pytest.raises(WeightsError, match="sha256"):
        make(tmp_path / "hosted", tmp_path)


@pytest.mark.slow
def test_the_h5_in_keras_home_is_used_offline(shared, tmp_path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "mobilenet_1_0_224_tf.h5").symlink_to(shared / "weights" / "mobilenet_1_0_224_tf.h5")
    script = """
import numpy as np, sys
from mobilenet_tf.weights.load import load_weights
ours, theirs = load_weights("keras", alpha=1.0, res=224).arrays, load_weights(sys.argv[1]).arrays
assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
"""
    hosted = str(shared / "weights" / "mobilenet_1_0_224_tf.h5")
    done = run_process(sys.executable, "-c", script, hosted, env={"KERAS_HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_another_network_s_file_tells_its_architecture(tmp_path):
    spec = ModelSpec("shufflenet_v1_g1", 0.5, 64, 5)
    model = build_model(spec)
    model.save(tmp_path / "best.keras")
    model.save_weights(tmp_path / "best.weights.h5")
    found = load_weights(str(tmp_path / "best.keras"))
    assert found.spec == spec
    asked = {"arch": "shufflenet_v1_g1", "alpha": 0.5}
    assert load_weights(str(tmp_path / "best.weights.h5"), **asked, res=64).spec == spec
    for wrong, said in (
        ({"arch": "effnet"}, "--arch says effnet"),
        ({"alpha": 1.0}, "--alpha says 1.0"),
        ({"arch": "shufflenet_v1"}, "--arch says shufflenet_v1; .* holds shufflenet_v1_g1"),
    ):
        with pytest.raises(WeightsError, match=said):
            load_weights(str(tmp_path / "best.keras"), **{"arch": "shufflenet_v1_g1"} | wrong)


@pytest.mark.parametrize(
    ("arch", "advice"),
    [("mobilenet_v1_conv", r"or give a file\.$"), ("shufflenet_v1", r"or give a file, or cifar10\.$")],
)
def test_only_weights_that_the_network_has_are_advised(arch, advice):
    with pytest.raises(WeightsError, match=advice):
        load_weights("keras", arch=arch)


@pytest.mark.parametrize("source", ["imagenet", "keras", "cifar10"])
def test_weights_that_nobody_has_are_said(source):
    with pytest.raises(WeightsError, match="random"):
        load_weights(source, arch="effnet", alpha=0.25)


@pytest.mark.parametrize("name", ["whole.h5", "whole.keras", "alone.weights.h5", "alone_older.h5"])
def test_a_partly_frozen_base_inside_a_model_is_read_by_the_names_of_its_weights(tmp_path, name):
    """Such a file stores the weights that were trained first."""
    whole = lively_model(np.random.default_rng(2), res=32, classes=3)
    base = keras.Model(whole.inputs[0], whole.get_layer("pool").output)
    for layer in base.layers[:30]:
        layer.trainable = False
    image = keras.Input((32, 32, 3))
    model = keras.Model(image, keras.layers.Dense(3, activation="softmax")(base(image)))
    model.layers[-1].set_weights(whole.get_layer("classifier").get_weights())
    path = tmp_path / name
    if name == "alone_older.h5":
        save_weights_as_keras2(model, path)
    elif name == "alone.weights.h5":
        model.save_weights(path)
    else:
        model.save(path)
    weights = load_weights(str(path))
    assert (weights.spec.arch, weights.spec.alpha, weights.spec.classes) == ("mobilenet_v1", 0.25, 3)
    for array, expected in zip(weights.arrays, whole.get_weights(), strict=True):
        np.testing.assert_array_equal(array, expected)
