import dataclasses

import pytest

from mobilenet_tf.results.groups import group_results, read_results
from tests.support.results_sample import ENVIRONMENT, accuracy_of, grid, sample, write_results


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ({"preprocessing_sha256": "00"}, "same preprocessing rule"),
        ({"accuracy": accuracy_of(0.5, images=80)}, "the same photos (photos, photos)"),
        ({"accuracy": None}, "not measured for 1 of 2"),
        ({"environment": dataclasses.replace(ENVIRONMENT, governor="powersave")}, "governor changed"),
    ],
)
def test_what_prevents_a_comparison_is_noted(change, note):
    (group,) = group_results([sample("a"), sample("b", **change)])
    assert note in " ".join(group.notes)
    assert group_results([sample("a"), sample("b")])[0].notes == []


def test_notes_of_the_measurements_are_numbered_and_each_is_there_once():
    results = [sample("a", notes=["hot"]), sample("b", notes=["trained on", "hot"]), sample("c"), sample("d")]
    (group,) = group_results(results)
    assert group.footnotes == ["hot", "trained on"]
    assert [group.footnote_numbers(result) for result in group.results] == [[1], [1, 2], [], []]
    assert [group.footnote_models(text) for text in group.footnotes] == ["a, b", "b"]


def test_a_note_of_all_or_of_many_models_does_not_list_them():
    alike = [sample(f"net{n}", notes=["hot"]) for n in range(9)]
    assert group_results(alike)[0].footnote_models("hot") == "all models"
    assert group_results(alike[:1])[0].footnote_models("hot") == "net0"
    expected = "net0, net1, net2, net3, net4, net5 and 3 more"
    assert group_results([*alike, sample("cool")])[0].footnote_models("hot") == expected


def test_results_of_one_name_have_labels_with_what_differs():
    other = dataclasses.replace(ENVIRONMENT, time="2026-02-03T00:00:00+00:00")
    results = [sample("m_x"), sample("m_x", threads=4), sample("m_x", threads=4, environment=other), sample("m_y")]
    (group,) = group_results([*results, results[0]])
    assert len(set(group.labels)) == 5
    assert "m_x, 1 thread" in group.labels
    assert "m_x, 4 threads, 2026-02-03T00:00:00+00:00" in group.labels
    assert "m_y" in group.labels
    assert group.prefix == "m_"


def test_a_name_that_all_begin_with_keeps_something_in_the_charts():
    (group,) = group_results([sample("net_"), sample("net_a")])
    assert all(group.short_labels)


def test_a_file_named_twice_counts_once(tmp_path):
    paths = write_results(tmp_path, grid()[:2])
    assert len(read_results([tmp_path, *paths])) == 2


def test_a_remark_is_a_note_below_the_table_and_no_footnote():
    results = [sample("a"), sample("b")]
    results = [dataclasses.replace(r, accuracy=dataclasses.replace(r.accuracy, remarks=["A remark."])) for r in results]
    (group,) = group_results(results)
    assert (group.notes, group.footnotes) == (["A remark."], [])
    (group,) = group_results([results[0], sample("b")])
    assert group.notes == ["a: A remark."]
