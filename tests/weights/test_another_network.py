"""What is said of files of other networks where only networks of ours are read, as for training."""

import keras
import pytest

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.weights.load import load_weights
from tests.support.commands import images_in, run_train
from tests.support.keras2_files import save_weights_as_keras2
from tests.support.tflite_files import classifier, converted

WHOLE = r"net\S* holds another network than those that mobilenet-info lists.*\nmobilenet-export takes it as it is\."
ALONE = (
    r"net\S* holds the weights alone of another network than those that mobilenet-info lists.*\n"
    r"mobilenet-export takes weights alone of those networks of Keras Applications .* names\. .* save the whole"
)


def mobilenet_v2():
    """With a layer more than ours has."""
    base = keras.applications.MobileNetV2((32, 32, 3), 0.35, include_top=False, weights=None)
    hidden = keras.layers.Dense(8)(keras.layers.GlobalAveragePooling2D()(base.output))
    return keras.Model(base.input, keras.layers.Dense(3, activation="softmax")(hidden), name=base.name)


def saved(model, path, kind):
    match kind:
        case "weights.h5":
            model.save_weights(path)
        case "weights of Keras 2":
            save_weights_as_keras2(model, path)
        case "tflite":
            path.write_bytes(converted(model))
        case _:
            model.save(path)
    return path


FILES = {
    "keras": ("net.keras", WHOLE),
    "h5": ("net.h5", WHOLE),
    "tflite": ("net.tflite", WHOLE),
    "weights.h5": ("net.weights.h5", ALONE),
    "weights of Keras 2": ("net.h5", ALONE),
}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("make", [classifier, mobilenet_v2])
def test_each_kind_of_file_says_what_it_is_and_which_command_takes_it(make, kind, tmp_path):
    name, message = FILES[kind]
    path = saved(make(), tmp_path / name, kind)
    with pytest.raises(WeightsError, match=message) as refusal:
        load_weights(str(path))
    assert len(str(refusal.value).splitlines()) == 2


def test_the_names_of_its_layers_tell_the_network(tmp_path):
    path = saved(mobilenet_v2(), tmp_path / "net.keras", "keras")
    with pytest.raises(WeightsError, match=r"\(by the names of its layers: mobilenetv2_0\.35_32\)"):
        load_weights(str(path))


def test_training_from_a_saved_model_is_refused_with_the_command_that_takes_it(tmp_path):
    classifier().export(tmp_path / "saved", verbose=False)
    photos = images_in(tmp_path / "photos" / "cat", 2).parent
    done = run_train(photos, "--weights", tmp_path / "saved", "--output-dir", tmp_path / "runs")
    assert done.exit_code == 2
    assert "mobilenet-export takes it as it is" in done.output
    assert not (tmp_path / "runs").exists()
