"""The page of training runs, and what models answer on the page of a benchmark."""

import dataclasses
import json
import re

import pytest

from mobilenet_tf.report.page import report_page
from mobilenet_tf.results.answers import balanced_accuracy, class_figures, expected_calibration_error
from tests.support.report_page import HOSTILE, body_of, figures_of
from tests.support.results_sample import sample
from tests.support.training_sample import examined, training


def rows_of(page, label):
    """The cells, as text, of each row of the table with this label."""
    table = re.search(rf'aria-label="{label}".*?</table>', page, re.DOTALL)[0]
    rows = re.findall(r"<tr>(.*?)</tr>", table.partition("</thead>")[2], re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    return [[re.sub("<.*?>", "", cell) for cell in row] for row in cells]


def titles_of(page):
    return re.findall(r"<h[34]>(.*?)</h[34]>", body_of(page))


def test_a_run_says_what_it_reached_and_shows_every_part():
    run = training()
    page = report_page([], [run])
    assert "<title>Training of mobilenet_v1_a0.25_r128_flowers</title>" in page
    balanced = balanced_accuracy(run.summary.confusion)
    assert f"best.keras is of epoch 3: top-1 {run.kept.top1:.1%} on 60 validation photos" in page
    assert f"balanced accuracy {balanced:.1%}." in page
    assert f"(ECE, Guo et al. 2017): {expected_calibration_error(run.summary.confidence):.1%}." in page
    assert "not finished" not in page
    assert titles_of(page) == [
        "Curves", "Loss", "Top-1", "Answers of epoch 3 on the validation photos", "Classes", "Confusion matrix",
        "Most frequent confusions", "Wrong photos", "Calibration of confidence", "The photos",
    ]  # fmt: skip
    assert "default-src 'none'" in page


def test_the_examination_of_the_photos_is_shown_with_the_notes():
    run = training(examined=examined(copies=120))
    page = report_page([], [run])
    rows = rows_of(page, "Table of the photos")
    assert rows[0] == ["daisy", "126", "43.0%", "100", "25", "1", "2", "3", "0"]
    assert rows[2] == ["tulip", "41", "14.0%", "15", "25", "1", "2", "3", "2"]
    text = re.sub("<.*?>", "", page.partition("The photos</h3>")[2])
    for sentence in (
        "293 photos of 3 classes.", "Imbalance: daisy has 6.7 times the photos of tulip.", "tiny 6", "grey 9",
        "240 photos show only 120 pictures (1 byte for byte)",
        "1 picture is in several classes: daisy/0.jpg = rose/copy 0",
        "photos/x.jpg is left out. Mend it.", "20 more are not listed",
    ):  # fmt: skip
        assert sentence in text
    listed = page.partition("<details>")[2].partition("</details>")[0]
    assert listed.count("<li>") == 100
    assert listed.partition("<li>")[2].startswith("daisy/0.jpg = rose/copy 0.jpg (left out) <b>In several classes.</b>")
    unknown = report_page([], [training(examined=None)])
    assert "The photos</h3>" not in unknown


def test_the_curve_has_the_balanced_accuracy_if_it_differs_from_top_1():
    names = [trace["name"] for trace in figures_of(report_page([], [training()]))[1]["data"]]
    assert names == ["training views", "validation, averaged weights", "validation, balanced accuracy"]
    for balanced in (0.004, None):
        history = [
            dataclasses.replace(epoch, balanced_accuracy=balanced and epoch.top1 - balanced)
            for epoch in training().history
        ]
        assert len(figures_of(report_page([], [training(history=history)]))[1]["data"]) == 2


def test_the_table_has_the_figures_of_every_class_those_without_photos_too():
    run = training()
    figures = class_figures(run.summary)
    rows = rows_of(report_page([], [run]), "Table of the classes")
    assert [row[:4] for row in rows] == [[f.name, "100", str(f.photos), str(f.right)] for f in figures]
    assert [row[4:6] for row in rows[:2]] == [[f"{f.recall:.1%}", f"{f.precision:.1%}"] for f in figures[:2]]
    assert rows[2][2:5] == ["0", "0", "-"]


def test_the_matrix_of_few_classes_is_a_table():
    run = training()
    rows = rows_of(report_page([], [run]), "Confusion matrix")
    counts = {(true, given): count for true, given, count in run.summary.confusion}
    expected = [
        [name, *(str(counts.get((true, given), "")) for given in range(3))] for true, name in enumerate(run.classes)
    ]
    assert rows == expected
    assert rows[2] == ["tulip", "", "", ""]


@pytest.mark.parametrize(("count", "shown"), [(31, 31), (120, 120), (400, 150)])
def test_the_matrix_of_many_classes_is_a_chart_and_of_very_many_those_of_most_errors(count, shown):
    run = training(classes=[f"dish {n}" for n in range(count)], photos=2000)
    page = report_page([], [run])
    heatmaps = [t for figure in figures_of(page) for t in figure["data"] if t["type"] == "heatmap"]
    assert len(heatmaps) == 2
    assert all(len(trace["x"]) == len(trace["z"]) == shown for trace in heatmaps)
    drawn = sum(value or 0 for trace in heatmaps for row in trace["customdata"] for value in row)
    assert (drawn == 2000) if shown == count else (0 < drawn < 2000)
    assert (f"{count - shown} are left out" in page) is (shown < count)
    names = {row[0] for row in rows_of(page, "Table of the classes")}
    assert ("dish 0" in names, "400 classes" in page) == (True, count == 400)


def test_classes_of_one_name_keep_rows_of_their_own_in_the_chart():
    run = training(classes=["crane"] * 40, photos=200)
    trace = next(t for figure in figures_of(report_page([], [run])) for t in figure["data"] if t["type"] == "heatmap")
    assert len(set(trace["x"])) == 40


def test_the_wrong_photos_come_with_pictures_names_and_both_classes():
    run = training(photos=600)
    page = report_page([], [run])
    items = re.findall(r"<li>(<img|<div).*?taken for <b>(.*?)</b>, (\d+)%</p><p>is <b>(.*?)</b>", page)
    assert len(items) == len(run.summary.wrong) == 48
    for (_, given, confidence, true), photo in zip(items, run.summary.wrong, strict=True):
        assert (given, true) == (run.classes[photo.predicted], run.classes[photo.true])
        assert confidence == f"{photo.confidence:.0%}".rstrip("%")
    pictures = sum(bool(photo.thumbnail) for photo in run.summary.wrong)
    assert page.count('<img src="data:image/jpeg;base64,/9j/') == pictures
    assert f"{48 - pictures} could not be read again" in page
    assert f"{run.summary.wrong_photos} of 600 photos were given a wrong class; here are the 48" in page


def test_a_run_without_an_error_says_so():
    answers = training().answers
    page = report_page([], [training(answers=dataclasses.replace(answers, predicted=answers.true))])
    assert "None: every photo was given its class." in page
    assert "Most frequent confusions" not in page


def test_a_run_that_was_stopped_says_how_far_it_is():
    page = report_page([], [training(history=training().history[:3])])
    assert "The run is not finished: 3 of 4 epochs are done." in page


def test_the_answers_of_a_run_of_an_earlier_version_are_not_known():
    page = report_page([], [training(answers=None)])
    assert "They are not known" in page
    assert "Confusion matrix" not in page


def test_epochs_at_another_resolution_are_named():
    history = [dataclasses.replace(epoch, res=64 if epoch.epoch < 3 else 128) for epoch in training().history]
    assert "compare only those at 128" in report_page([], [training(history=history)])
    assert "compare only" not in report_page([], [training()])


def test_the_curves_are_those_of_the_history():
    run = training()
    loss, top1 = figures_of(report_page([], [run]))[:2]
    assert [trace["y"] for trace in loss["data"]] == [
        [epoch.loss for epoch in run.history], [epoch.validation_loss for epoch in run.history]
    ]  # fmt: skip
    assert [trace["y"] for trace in top1["data"]] == [
        [epoch.top1_train for epoch in run.history], [epoch.top1 for epoch in run.history],
        [epoch.balanced_accuracy for epoch in run.history],
    ]  # fmt: skip
    assert [shape["x0"] for shape in loss["layout"]["shapes"]] == [3, 1.5]


def test_runs_are_compared_with_what_differs():
    one = training("one", settings={"rate": 0.1, "augmentation": {"flip": True, "color": 0.1}})
    other = training("other", seed=5, settings={"rate": 0.2, "augmentation": {"flip": True, "color": 0.2}})
    page = report_page([], [one, other])
    rows = rows_of(page, "Comparison of runs")
    assert [row[:2] for row in rows] == [[run.name, f"{run.kept.top1:.1%}"] for run in (one, other)]
    assert rows_of(page, "Settings that differ") == [["rate", "0.1", "0.2"], ["augmentation.color", "0.1", "0.2"]]
    recalls = [[f"{f.recall:.1%}" if f.photos else "-" for f in class_figures(run.summary)] for run in (one, other)]
    assert rows_of(page, "Recall by class") == [list(row) for row in zip(one.classes, *recalls, strict=True)]
    assert re.findall(r'<h2 id="run-\d">(.*?)</h2>', page) == ["one", "other"]
    assert "<title>Training</title>" in page


def test_a_difference_within_chance_and_other_photos_are_said():
    one, same, other = training("a_run"), training("b_run"), training("c_run", validation_sha256="cd" * 32)
    page = report_page([], [one, same])
    assert "No better or worse than a_run within chance, on the same photos: b_run." in page
    assert "cannot be compared" not in page
    page = report_page([], [one, other])
    assert "Not all were validated on the same photos" in page
    assert "within chance" not in page


def test_runs_of_one_name_are_told_apart_and_of_many_the_best_have_parts():
    runs = [training(seed=seed) for seed in range(10)]
    page = report_page([], runs)
    assert len(rows_of(page, "Comparison of runs")) == 10
    labels = re.findall(r'<h2 id="run-(\d)">(.*?)</h2>', page)
    best = sorted(range(10), key=lambda seed: -runs[seed].kept.top1)[:8]
    assert [int(place) for place, _ in labels] == sorted(best)
    assert all(re.sub("<.*?>", "", label).endswith(f"#{int(place) + 1}") for place, label in labels)


def test_runs_of_other_classes_share_no_table_of_classes():
    assert "The runs have different classes." in report_page([], [training(), training(classes=["a", "b"])])


def test_hostile_names_stay_text():
    name = HOSTILE.replace("\n", " ")
    run = training(name, classes=[name, f"{name}2"] * 20, settings={name: name}, dataset=name)
    answers = dataclasses.replace(
        run.answers, folder=name, names=[name] * 60, thumbnails={str(index): '"><img src=x>' for index in range(60)}
    )
    page = report_page([], [dataclasses.replace(run, answers=answers), training(settings={name: 1})])
    body = body_of(page)
    assert "<img src=x" not in body
    assert "alert" in body
    assert page.count("<script") == 3  # the data, plotly, ours
    assert "<img src=x" not in json.dumps(figures_of(page))


def test_results_and_runs_share_a_page():
    page = report_page([sample()], [training()])
    assert "<title>Benchmark</title>" in page
    assert len(re.findall("<h2 ", page)) == 2


def with_answers(name, run, **changes):
    summary = run.summary
    result = sample(name)
    accuracy = dataclasses.replace(
        result.accuracy, classes=summary.classes, confusion=summary.confusion, confidence=summary.confidence,
        wrong=summary.wrong, **changes,
    )  # fmt: skip
    return dataclasses.replace(result, accuracy=accuracy)


def test_the_page_of_a_benchmark_shows_what_its_models_answer():
    run = training()
    page = report_page([with_answers("net_int8", run), sample("net_bare", top1=None)])
    assert [title for title in titles_of(page) if "Answers" in title] == ["Answers of net_<wbr>int8"]
    rows = rows_of(page, "Table of the classes")
    assert [row[:3] for row in rows] == [[f.name, str(f.photos), str(f.right)] for f in class_figures(run.summary)]
    assert page.count('<img src="data:image/jpeg;base64,') == len(run.summary.wrong) > 5


def test_the_choice_comes_first_and_of_many_models_some_are_named_only():
    results = [with_answers(f"net{n}_int8", training()) for n in range(6)]
    page = report_page(results)
    choice = re.search(r"★ (net\d)", page)[1]
    shown = [title for title in titles_of(page) if title.startswith("Answers of")]
    assert (len(shown), choice in shown[0]) == (4, True)
    assert "The answers of 2 more models are not shown" in page


def test_a_result_of_before_shows_what_it_has():
    accuracy = dataclasses.replace(
        with_answers("a", training()).accuracy, classes=[], wrong=[], per_class={"daisy": [1, 2], "rose": [1, 2]}
    )
    bins = [dataclasses.replace(one, mean=None) for one in accuracy.confidence]
    page = report_page([sample(accuracy=dataclasses.replace(accuracy, confidence=bins))])
    assert [row[0] for row in rows_of(page, "Table of the classes")] == ["daisy", "rose", "class 2"]
    assert "an earlier version measured this" in page
    assert "The expected calibration error is not known" in page
