"""Embeddings are compared by recall@1 as classifiers are by top-1: the choice, the front, the chart and the CSV."""

import csv
import io

import pytest

from mobilenet_tf.report.text import csv_report, markdown_report
from mobilenet_tf.report.tradeoff import tradeoff_charts
from mobilenet_tf.results.chance import wilson_interval
from mobilenet_tf.results.embedding_accuracy import EmbeddingAccuracy
from mobilenet_tf.results.groups import group_results
from mobilenet_tf.results.score import score_of
from mobilenet_tf.results.selection import by_photos, choose, pareto_front
from tests.support.results_sample import sample


def embedding(name, recall, *, p50, photos=400, folder="people", **changes):
    found = EmbeddingAccuracy(folder, f"sha of {folder}", photos + 5, 9, recall, photos, 0.9, 1000, 0.5, 50.0)
    return sample(name, p50=p50, top1=None, embedding=found, **changes)


FAST = embedding("fast", 0.5, p50=1.0)
SLOW_AND_WORSE = embedding("worse", 0.4, p50=2.0)
GOOD = embedding("good", 0.8, p50=4.0)
ALL = [GOOD, SLOW_AND_WORSE, FAST]


def test_the_score_is_recall_at_1_of_the_photos_that_count():
    score = score_of(GOOD)
    assert (score.name, score.share, score.photos) == ("recall@1", 0.8, 400)
    assert score.interval == wilson_interval(0.8, 400)
    assert score_of(sample(top1=0.6)).name == "top-1"
    assert score_of(sample(top1=None)) is None
    assert score_of(embedding("alone", None, p50=1.0)) is None  # no class has two photos


def test_the_front_and_the_choice_are_by_recall_at_1():
    assert pareto_front(ALL) == [FAST, GOOD]
    assert choose(ALL).result is GOOD
    assert "80.0% recall@1 (95% interval 75.8% to 83.6%, 400 photos)" in choose(ALL).reason
    assert choose(ALL, max_latency_ms=3.0).result is FAST
    limited = choose(ALL, min_accuracy=0.45)
    assert limited.result is FAST
    assert "with at least 45.0% recall@1" in limited.reason
    assert "80.0% recall@1" in choose(ALL, min_accuracy=0.9).reason  # the nearest


def test_a_difference_within_chance_is_a_tie():
    near = embedding("near", 0.79, p50=3.0)
    choice = choose([GOOD, near])
    assert choice.result is near
    assert "equally accurate within chance: good has 80.0% recall@1 on the same photos" in choice.reason


def test_embeddings_and_classifiers_are_not_compared():
    classifier = sample("classes", p50=0.5, top1=0.99)
    assert by_photos([*ALL, classifier]) == [ALL, [classifier]]
    assert pareto_front([*ALL, classifier]) == [classifier, FAST, GOOD]


@pytest.mark.parametrize("several", [False, True])
def test_the_chart_shows_and_names_it(several):
    results = [*ALL, *([embedding("other", 0.3, p50=1.0, folder="cats")] if several else [])]
    (group,) = group_results(results)
    charts = tradeoff_charts(group, choose(results), {})
    assert len(charts) == 1 + several
    figure = charts[0].figure
    assert figure.layout.yaxis.title.text == "recall@1"
    assert {*figure.data[0].y} == {0.4, 0.5, 0.8}
    assert "95% interval of its recall@1" in charts[0].caption
    front = next(trace for trace in figure.data if trace.name == "Pareto front")
    assert [*front.y] == [0.5, 0.8]


def test_the_csv_and_the_table_have_it():
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(csv_report([*ALL, sample("classes", top1=0.7)])))}
    low, high = wilson_interval(0.8, 400)
    found = [float(rows["good"][f"recall_at_1{end}"]) for end in ("", "_low", "_high")]
    assert found == [0.8, low, high]
    assert (rows["good"]["recall_photos"], rows["good"]["verification"], rows["good"]["top1"]) == ("400", "0.9", "")
    assert (rows["good"]["front"], rows["worse"]["front"]) == ("1", "0")
    assert (rows["classes"]["recall_at_1"], rows["classes"]["verification"]) == ("", "")
    line = next(line for line in markdown_report(ALL).splitlines() if line.startswith("| **`good`**"))
    assert "80.0%" in line
    assert line.endswith("| yes |")
