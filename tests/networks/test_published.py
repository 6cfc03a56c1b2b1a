from collections import Counter

from mobilenet_tf.networks.published import paper_totals, published_specs, published_top1
from mobilenet_tf.networks.spec import ModelSpec


def test_totals_are_those_of_the_papers_tables():
    assert paper_totals(ModelSpec(alpha=0.5, res=160)) == (76, 1.32)  # Howard et al. 2017, Table 8
    assert paper_totals(ModelSpec("mobilenet_v1_conv")) == (4866, 29.3)  # Table 4
    assert paper_totals(ModelSpec("shufflenet_v1_g8")) == (137, None)  # Zhang et al. 2017, Table 1
    assert paper_totals(ModelSpec("mobilenet_v2", 1.4)) == (585, 6.9)  # Sandler et al. 2018, Table 4
    assert paper_totals(ModelSpec("mobilenet_v3_large")) == (219, 5.4)  # Howard et al. 2019, Table 3


def test_the_paper_prints_nothing_for_other_networks():
    assert paper_totals(ModelSpec(alpha=0.3)) is None
    assert paper_totals(ModelSpec(classes=10)) is None


def test_an_accuracy_is_published_for_44_mobilenets():
    specs = published_specs()
    assert Counter(spec.arch for spec in specs) == {
        "mobilenet_v1": 16,
        "mobilenet_v2": 22,
        "mobilenet_v3_small": 2,
        "mobilenet_v3_large": 2,
        "mobilenet_v3_small_minimalistic": 1,
        "mobilenet_v3_large_minimalistic": 1,
    }
    assert published_top1(ModelSpec(alpha=0.25, res=128)) == 41.5
    assert published_top1(ModelSpec("mobilenet_v2")) == 71.8
    assert published_top1(ModelSpec("mobilenet_v3_large")) == 75.2
    assert published_top1(ModelSpec("shufflenet_v1")) is None
    assert all(published_top1(spec) > 40 for spec in specs)
