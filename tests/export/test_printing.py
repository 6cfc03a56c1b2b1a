import dataclasses

import pytest

from export.accuracy_photos import AccuracyPhotos
from export.make_file import make_file
from export.pipeline import Export
from export.printing import file_json, files_table
from export.recipes import RECIPES


@pytest.fixture(scope="module")
def done(small_job):
    source = small_job.network.load()
    scores = source.scores(small_job.images.verification.images)
    file = make_file(small_job, source, scores, RECIPES["float32"])
    return Export(small_job, small_job.target, "manifest.json", (file,))


def printed(done, top1, **accuracy):
    """The table's row and the sentence on top-1, of photos of which all classes are known."""
    photos = AccuracyPhotos([1] * 20, **accuracy)
    (file,) = done.files
    file = dataclasses.replace(file, check=dataclasses.replace(file.check, accuracy=top1))
    job = dataclasses.replace(done.job, accuracy=photos)
    changed = Export(job, done.folder, done.manifest_file, (file,))
    lines = files_table([changed]).splitlines()
    return lines[2], next(line for line in lines if line.startswith("Top-1")), file_json(changed, file)


def test_validation_photos_are_named_and_that_the_weights_were_chosen_by_them(done):
    row, sentence, document = printed(done, 0.8, trained=0, validation=20, epochs=7)
    assert " 80.0% " in row
    assert sentence == (
        "Top-1: on 20 photos, none of which the model was trained on. The weights were chosen as the best of 7 "
        "epochs on these photos: expect a little less on new ones."
    )
    assert (document["accuracy"], document["accuracy_photos"], document["accuracy_trained"]) == (0.8, 20, 0)


def test_the_figure_says_beside_it_how_many_photos_were_trained_on(done):
    row, sentence, document = printed(done, 0.9, trained=16, validation=4, epochs=7)
    assert " 90.0% (16 of 20 trained on) " in row
    assert "on 20 photos, 16 of which the model was trained on. The model was trained on 16 of these" in sentence
    assert document["accuracy_trained"] == 16


def test_new_photos_chose_nothing(done):
    assert printed(done, 0.7, trained=0)[1] == "Top-1: on 20 photos, none of which the model was trained on."


def test_without_a_class_there_is_no_top_1(done):
    assert not any(line.startswith("Top-1") for line in files_table([done]).splitlines())


def test_how_far_chance_reaches_stands_below_the_table(done):
    (file,) = done.files
    file = dataclasses.replace(file, check=dataclasses.replace(file.check, accuracy=0.8))
    job = dataclasses.replace(done.job, accuracy=AccuracyPhotos([1] * 20, trained=0))
    lines = files_table([Export(job, done.folder, done.manifest_file, (file,))]).splitlines()
    # Wilson's interval of 16 of 20 is 58.4 % to 91.9 %.
    assert "Chance: on other photos of this kind top-1 may be up to 22 points off (95 % interval)." in lines
    assert not any(line.startswith("Chance") for line in files_table([done]).splitlines())


def test_files_of_one_export_are_told_by_their_recipe_and_those_of_several_by_their_name(done):
    assert files_table([done]).splitlines()[2].startswith("float32  ")
    lines = files_table([done, done]).splitlines()
    assert lines[0].startswith("file ")
    assert lines[2].startswith(f"{done.job.name}_float32  ")
