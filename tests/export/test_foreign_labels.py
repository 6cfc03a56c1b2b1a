import re

import pytest

from export.foreign_labels import labels_of_outputs
from mobilenet_tf.errors import LabelsError


def test_one_label_of_two_classes_is_that_of_the_second():
    labels, notes = labels_of_outputs(["cat"], 2, "net.keras")
    assert labels == ["not cat", "cat"]
    assert notes == ["one label for two classes: the first class is 'not cat', the second 'cat'."]


@pytest.mark.parametrize(
    ("labels", "outputs", "said"),
    [
        (
            3,
            2,
            r"expected 2 labels for the two classes of net, or 1, that of the second class; got 3\.\n.*sigmoid unit",
        ),
        (3, 4, r"expected 4 labels, one for each output of net; got 3\.\n[^\n]*one label a line\.$"),
        (1, 4, r"expected 4 labels, one for each output of net; got 1\."),
    ],
)
def test_another_number_of_labels_is_refused_with_those_that_fit(labels, outputs, said):
    with pytest.raises(LabelsError) as refusal:
        labels_of_outputs([f"class {index}" for index in range(labels)], outputs, "net")
    assert re.search(said, str(refusal.value)), refusal.value
