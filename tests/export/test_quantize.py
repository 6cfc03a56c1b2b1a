from dataclasses import replace

from export.quantize import quantize
from export.recipes import RECIPES
from export.settings import ExportSettings
from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.quantization import correction
from mobilenet_tf.tflite.flatbuffer import describe_ops, pack, parse
from mobilenet_tf.tflite.metadata_reader import embedded_labels
from mobilenet_tf.tflite.metadata_writer import Metadata


def test_a_float_recipe_is_not_corrected(small_graph, small_job, small_files):
    settings = ExportSettings(correction="best")
    file = quantize(small_graph, RECIPES["float16"], small_job.images.calibration, settings)
    assert file.correction == "none"
    assert file.content == pack(parse(small_files["float16"]))
    assert file.notes == file.steps == ()


def test_the_file_is_described_and_what_was_parsed_is_what_was_packed(small_graph, small_job):
    labels = imagenet_labels()
    metadata = Metadata("a name", "a description", labels)
    file = quantize(small_graph, RECIPES["int8"], small_job.images.calibration, metadata=metadata)
    assert (file.correction, file.model.labels, embedded_labels(file.content)) == ("fast", labels, labels)
    assert file.model.size_bytes == len(file.content)
    assert describe_ops(file.parsed) == describe_ops(parse(file.content))


def test_a_correction_that_does_harm_is_not_applied(small_graph, small_job, small_files, monkeypatch):
    right = correction.correct

    def wrong(*arguments, **options):
        quantized = right(*arguments, **options)
        last = quantized.layers[-1]
        return replace(quantized, layers=(*quantized.layers[:-1], replace(last, bias=last.bias[::-1].copy())))

    monkeypatch.setattr(correction, "correct", wrong)
    file = quantize(small_graph, RECIPES["int8"], small_job.images.calibration)
    assert file.correction == "none"
    assert file.content == pack(parse(small_files["int8"]))
    assert "would raise the divergence from float on the calibration photos" in file.notes[-1]


def test_fine_tuning_of_float_activations_is_skipped_by_name(small_graph, small_job):
    settings = ExportSettings(correction="best")
    file = quantize(small_graph, RECIPES["dynamic_int8"], small_job.images.calibration, settings)
    assert file.correction == "best"
    assert "fine-tuning is skipped" in file.notes[0]


def test_progress_goes_on_to_the_end_of_the_correction(small_graph, small_job):
    shares = []
    quantize(
        small_graph,
        RECIPES["int8"],
        small_job.images.calibration,
        on_progress=lambda task, share: shares.append((share, task)),
    )
    assert shares == sorted(shares)
    assert [*dict.fromkeys(task for _, task in shares)] == ["quantize", "correct", "measuring sensitivities"]
    assert shares[-1][0] > 0.85
