"""AP50 and mAP of an export: on which photos they are measured, and what the files lose."""

import json

import numpy as np
import pytest

from export.any_task import export_any, prepare_any, printed
from export.detection.images import load_detector_images
from export.detection.known_boxes import known_boxes
from export.settings import ExportSettings
from mobilenet_tf.contract.manifest import Manifest
from mobilenet_tf.contract.preprocessing import load_rgb, normalize, stretch
from mobilenet_tf.data.digests import photo_digest
from mobilenet_tf.data.split import Split
from mobilenet_tf.progress import ignore_progress
from mobilenet_tf.tasks.boxes import clipped
from mobilenet_tf.tasks.detection_score import TrueBoxes, detection_score
from mobilenet_tf.tasks.post_processing import PostProcessing, detect
from mobilenet_tf.tflite.detector_model import DetectorModel
from tests.support.boxes import CLASSES, voc_set, voc_xml, write_photos
from tests.support.detectors import TINY, lively_detector

NAMED = 0.35  # the score from which an object of the model is taken as true


def known_of(folder, labels=CLASSES, split=None):
    images = load_detector_images(ExportSettings(calibration=folder, num_calibration=10), TINY.res, split)
    return images, *known_boxes(images, labels, split, ignore_progress)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Thirty photos with a box each, of which every fifth is difficult."""
    folder = tmp_path_factory.mktemp("photos")
    for number, (name, size, boxes) in enumerate(write_photos(folder, 30)):
        extra = f"<difficult>{int(number % 5 == 0)}</difficult>"
        (folder / name).with_suffix(".xml").write_text(voc_xml(name, size, boxes, extra))
    return folder


def test_boxes_of_the_verified_photos_are_counted_and_difficult_ones_are_not(photos):
    images, known, notes = known_of(photos)
    assert known.counted.count == len(images.verification.photos) == 20
    difficult = sum(int(path.stem[1:]) % 5 == 0 for path in images.verification.photos)
    assert (known.ignored, known.boxes) == (difficult, 20 - difficult)
    assert notes == []
    truth = known.photos.true_boxes()
    for place, row in enumerate(known.counted.ground_truth):
        assert known.photos.paths[row].endswith(images.verification.photos[place].name)
        assert truth[row].classes.tolist() == [(int(images.verification.photos[place].stem[1:]) // 2) % 2]


def test_photos_that_were_trained_on_do_not_count(photos):
    paths = sorted(photos.glob("*.png"))
    digests = [photo_digest(path.read_bytes()) for path in paths]
    split = Split("shapes", 3, frozenset(digests[:23]), frozenset(digests[23:]))
    images, known, _ = known_of(photos, split=split)
    rows = zip(images.verification.photos, known.counted.ground_truth, strict=True)
    assert sorted(path for path, row in rows if row is not None) == paths[23:]
    assert (known.counted.trained, known.counted.validation, known.counted.epochs) == (0, 7, 3)


@pytest.mark.parametrize(
    ("labels", "annotated", "expected"),
    [
        (("x", "y"), True, "its classes are x, y, and those of the boxes disc, square. Give the names"),
        (CLASSES, False, "has no boxes of its photos. Put annotations there"),
    ],
)
def test_what_to_do_is_said_if_no_boxes_are_known(tmp_path, labels, annotated, expected):
    write = voc_set if annotated else write_photos
    write(tmp_path / "photos", 12)
    _, known, (note,) = known_of(tmp_path / "photos", labels)
    assert known is None
    assert note.startswith("AP50 is not measured: ")
    assert expected in note


def test_bundled_photos_have_no_boxes_and_the_training_is_named():
    images = load_detector_images(ExportSettings(num_calibration=5), TINY.res, None)
    known, (note,) = known_boxes(images, CLASSES, Split("pets", 1, frozenset("a"), frozenset()), ignore_progress)
    assert known is None
    assert "Give photos with boxes (--calibration DIR), such as those of pets, which it was trained on." in note


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """An export whose photos have the objects that the model itself finds: (its folder, photos, records, stdout)."""
    root = tmp_path_factory.mktemp("export")
    model = lively_detector()
    (root / "run").mkdir()
    model.save(root / "run" / "best.keras")
    (root / "run" / "labels.txt").write_text("cat\ncup\n")
    lines = ["file,label,x1,y1,x2,y2"]
    for name, _, _ in write_photos(root / "photos", 24):
        pixels = stretch(load_rgb(root / "photos" / name), TINY.res)
        heads = (np.asarray(each)[0] for each in model(normalize(pixels[None])))
        found = detect(*heads, TINY.anchors(), PostProcessing()).above(NAMED)
        for (top, left, bottom, right), label in zip(clipped(found.boxes), found.classes, strict=True):
            lines.append(f"{name},{('cat', 'cup')[label]},{left:.7f},{top:.7f},{right:.7f},{bottom:.7f}")
    (root / "photos" / "boxes.csv").write_text("\n".join(lines))
    given = {"weights": str(root / "run"), "calibration": root / "photos", "num_calibration": 10}
    settings = ExportSettings(**given, min_agreement=0.3, correction="none", output_dir=root / "out")
    done = export_any(prepare_any(settings, ignore_progress), ignore_progress)
    records, text = json.loads(printed([done], as_json=True)), printed([done], as_json=False)
    return done.folder, root / "photos", records, " ".join(text.split())


def test_the_model_finds_its_own_objects_and_int8_loses_some(export):
    _, _, (float32, int8), stdout = export
    # What scores less than NAMED stands behind all that is true, and costs nothing.
    assert float32["box_score"]["ap50"] == pytest.approx(1)
    assert float32["box_score"]["ap50_lost"] == pytest.approx(0, abs=1e-6)
    assert 0 < int8["box_score"]["ap_lost"] == pytest.approx(float32["box_score"]["ap"] - int8["box_score"]["ap"])
    assert (int8["accuracy_photos"], int8["accuracy_trained"]) == (16, None)
    lost = 100 * int8["box_score"]["ap_lost"]
    assert "Float: the model itself has AP50 100.0% and mAP " in stdout
    assert f"points of AP50 and loses {lost:.1f} points of mAP." in stdout
    assert f"There are {int8['box_score']['boxes']} boxes to find." in stdout


def test_the_score_of_a_file_is_that_of_its_interpreter(export):
    folder, photos, (_, int8), _ = export
    images = load_detector_images(ExportSettings(calibration=photos, num_calibration=10), TINY.res, None)
    model = DetectorModel(folder / f"{TINY.name}_int8.tflite")
    rows = [line.split(",") for line in (photos / "boxes.csv").read_text().splitlines()[1:]]
    found, truth = [], []
    for path, pixels in zip(images.verification.photos, images.verification.images, strict=True):
        own = [row[1:] for row in rows if row[0] == path.name]
        corners = [(float(y1), float(x1), float(y2), float(x2)) for _, x1, y1, x2, y2 in own]
        labels = [("cat", "cup").index(row[0]) for row in own]
        height, width = load_rgb(path).shape[:2]
        boxes = np.array(corners, np.float32).reshape(-1, 4)
        truth.append(TrueBoxes(boxes, np.array(labels, np.int64), np.zeros(len(labels), bool), (height, width)))
        found.append(model.detect(pixels))
    expected = detection_score(found, truth, 2)
    assert int8["box_score"]["ap50"] == pytest.approx(expected.ap50)
    assert int8["box_score"]["ap"] == pytest.approx(expected.ap)
    manifest = Manifest.read(folder / "manifest.json")
    assert vars(manifest.files[-1].box_score) == int8["box_score"]
    assert manifest.verification.accuracy_photos == 16
