"""Exports of networks that give a vector: anybody's features, and what the layer of the classes of ours takes."""

import json

import keras
import numpy as np
import pytest

from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.contract.preprocessing import normalize
from mobilenet_tf.tasks.embeddings import cosine_errors, unit
from mobilenet_tf.tflite.graph_reader import ends_in_unit_length
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.metadata_reader import embedded_labels, says_embedding
from tests.support.commands import images_in, run_export
from tests.support.networks import lively

DIMENSIONS = 12
LAYERS = keras.layers


def features_model():
    image = x = keras.Input((24, 24, 3))
    x = LAYERS.ReLU(6.0)(LAYERS.BatchNormalization()(LAYERS.Conv2D(8, 3, 2)(x)))
    x = LAYERS.ReLU(6.0)(LAYERS.BatchNormalization()(LAYERS.Conv2D(16, 1)(x)))
    model = keras.Model(image, LAYERS.Dense(DIMENSIONS)(LAYERS.GlobalAveragePooling2D()(x)))
    model.set_weights(lively(model, np.random.default_rng(0)))
    return model


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """(The model, the folder of its export, what the command printed)."""
    folder = tmp_path_factory.mktemp("vectors")
    model = features_model()
    model.save(folder / "face.keras")
    options = ("--input-range", "-1..1", "--task", "embedding", "--quant", "float32,float16,dynamic_int8,int8")
    done = run_export("--weights", folder / "face.keras", *options, "--output-dir", folder)
    assert done.exit_code == 0, done.output
    return model, folder / "face_r24", done.output


def test_the_files_give_the_vector_with_a_length_of_1(exported):
    model, folder, _ = exported
    images = np.random.default_rng(1).integers(0, 256, (4, 24, 24, 3), dtype=np.uint8)
    expected = unit(np.asarray(model(normalize(images))))
    found = {path.stem: ImageModel(path, min_classes=1).predict(images) for path in folder.glob("*.tflite")}
    # Keras and TFLite sum in different orders, by about 1e-6.
    np.testing.assert_allclose(found["face_r24_float32"], expected, atol=1e-5)
    # Each part is rounded to steps of 1/128: lengths move by at most half a step for each of 12 parts in sum.
    lengths = np.linalg.norm(found["face_r24_int8"], axis=1)
    np.testing.assert_allclose(lengths, 1, atol=np.sqrt(DIMENSIONS) / 256 + 0.01)
    # Four times what rounding alone costs, 12 / 12 / 2 / 128^2, as the network's layers are rounded too.
    assert cosine_errors(found["face_r24_int8"], expected).mean() < 4 * DIMENSIONS / 24 / 128**2 + 5e-3


def test_the_manifest_has_no_labels_and_says_what_was_compared(exported):
    _, folder, said = exported
    manifest = Manifest.read(folder / "manifest.json")
    assert (manifest.task, manifest.head, manifest.classes) == ("embedding", "embedding", DIMENSIONS)
    assert manifest.labels is manifest.labels_sha256 is None
    assert not (folder / "labels.txt").exists()
    files = {file.recipe: file for file in manifest.files}
    int8 = files["int8"]
    assert int8.ops["L2_NORMALIZATION"] == 1
    assert (int8.output.dtype, int8.output.scale, int8.output.zero_point) == ("int8", 1 / 128, 0)
    for file in manifest.files:
        assert file.probability_change is file.accuracy is None
        assert 0 <= file.cosine_error.mean <= file.cosine_error.p99 <= file.cosine_error.max
        assert 0.8 <= file.agreement <= 1
    assert files["float32"].cosine_error.max < 1e-6
    assert files["float16"].cosine_error.max < 1e-4
    assert "same nearest other photo as float" in said.replace("\n", " ")


def test_the_files_say_that_they_are_embeddings(exported):
    for path in exported[1].glob("*.tflite"):
        content = path.read_bytes()
        assert says_embedding(content)
        assert ends_in_unit_length(content)
        assert embedded_labels(content) is None


def test_the_golden_vectors_have_the_output_and_no_class(exported):
    entries = json.loads((exported[1] / "golden" / "golden.json").read_text())
    assert {*entries[0]["models"]["int8"]} == {"input", "output"}
    assert entries[0]["models"]["int8"]["output"]["shape"] == [DIMENSIONS]


def test_with_io_float32_the_length_is_divided_in_float(exported, tmp_path):
    _, folder, _ = exported
    weights = folder.with_name("face.keras")
    options = ("--input-range", "-1..1", "--task", "embedding", "--quant", "int8", "--io", "float32", "--json")
    done = run_export("--weights", weights, *options, "--output-dir", tmp_path)
    assert done.exit_code == 0, done.output
    (file,) = json.loads(done.stdout)
    assert file["float_ops"] == {"L2_NORMALIZATION": 1}
    rounded = {file.recipe: file for file in Manifest.read(folder / "manifest.json").files}["int8"]
    assert file["cosine_error"]["mean"] < rounded.cosine_error.mean


def test_an_exported_file_is_exported_again_as_an_embedding(exported, tmp_path):
    file = exported[1] / "face_r24_float32.tflite"
    done = run_export("--weights", file, "--quant", "float32", "--output-dir", tmp_path)
    assert done.exit_code == 0, done.output
    manifest = Manifest.read(tmp_path / "face_r24" / "manifest.json")
    assert manifest.head == "embedding"
    assert any("it is exported as an embedding" in note for note in manifest.notes)


def test_ours_ends_before_its_classes_and_has_a_name_of_its_own(tmp_path):
    photos = images_in(tmp_path / "photos", 30)
    options = ("--alpha", "0.25", "--res", "32", "--quant", "float32,int8", "--correction", "none", "--seed", "1")
    sources = ("--weights", "random", "--calibration", photos)
    done = run_export("--task", "embedding", *sources, *options, "--output-dir", tmp_path)
    assert done.exit_code == 0, done.output
    manifest = Manifest.read(tmp_path / "mobilenet_v1_a0.25_r32_embedding" / "manifest.json")
    assert (manifest.head, manifest.classes, manifest.arch) == ("embedding", 256, "mobilenet_v1")
    assert any("takes, 256 features, as a vector of length 1" in note for note in manifest.notes)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--labels", "face.keras"), "a vector whose parts have no names"),
        (("--max-drop", "1"), "a vector, which has no classes"),
        (("--quant", "int16x8"), "no int16 kernel for L2_NORMALIZATION"),
    ],
)
def test_what_a_vector_cannot_have_is_refused(exported, tmp_path, options, reason):
    folder = exported[1].parent
    if options[0] == "--labels":
        (folder / "names.txt").write_text("a\nb\n")
        options = ("--labels", folder / "names.txt")
    task = ("--weights", folder / "face.keras", "--input-range", "-1..1", "--task", "embedding")
    done = run_export(*task, *options, "--output-dir", tmp_path / "out")
    assert done.exit_code in (1, 2)
    assert reason in done.output.replace("\n", " ")
    assert not (tmp_path / "out").exists()


def test_a_detector_is_no_embedding(tmp_path):
    done = run_export(
        "--arch", "ssd_mobilenet_v1", "--weights", "random", "--task", "embedding", "--output-dir", tmp_path
    )
    assert done.exit_code == 2
    assert "is an object detector" in done.output


def test_a_vector_that_is_the_same_for_all_photos_is_refused(tmp_path):
    image = keras.Input((24, 24, 3))
    x = LAYERS.GlobalAveragePooling2D()(LAYERS.Conv2D(8, 3, 2)(image))
    always = keras.initializers.Constant(-100.0)
    keras.Model(image, LAYERS.Dense(4, activation="relu", bias_initializer=always)(x)).save(tmp_path / "dead.keras")
    task = ("--task", "embedding", "--input-range", "-1..1")
    done = run_export("--weights", tmp_path / "dead.keras", *task, "--output-dir", tmp_path / "out")
    assert done.exit_code == 1
    assert "gives the same vector for all 200 images" in done.output.replace("\n", " ")
    assert not (tmp_path / "out" / "dead_r24").exists()


def test_many_dimensions_are_rounded_coarsely_by_int8_which_is_said(tmp_path):
    photos = images_in(tmp_path / "photos", 30)
    sources = ("--weights", "random", "--alpha", "0.5", "--res", "32", "--calibration", photos, "--correction", "none")
    done = run_export("--task", "embedding", *sources, "--quant", "int8", "--output-dir", tmp_path)
    assert done.exit_code == 0, done.output
    notes = Manifest.read(tmp_path / "mobilenet_v1_a0.50_r32_embedding" / "manifest.json").notes
    assert any("int8 rounds the 512 numbers of a vector" in note for note in notes)
