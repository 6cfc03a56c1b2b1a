from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.tflite.label_text import short_names


def test_commas_of_other_peoples_labels_separate_no_synonyms():
    labels = ["dog, brown", "dog, black", "10,5 mm", "cat"]
    assert list(short_names(labels).values()) == ['"dog, brown"', '"dog, black"', '"10,5 mm"', "cat"]


def test_synonyms_of_imagenet_are_shortened():
    assert short_names(["tench, Tinca tinca", "dog, brown"]) == {
        "tench, Tinca tinca": "tench",
        "dog, brown": '"dog, brown"',
    }


def test_different_labels_stay_different():
    labels = imagenet_labels()
    names = short_names(labels)
    assert len({*names.values()}) == len({*labels})
    assert names["maillot, tank suit"] == '"maillot, tank suit"'
    assert names["maillot"] == "maillot"
    assert set(short_names(["tench, Tinca tinca", "tench"]).values()) == {'"tench, Tinca tinca"', "tench"}


def test_a_label_is_one_line():
    assert short_names(["a\nb", "c\x1b[2Jd", "e\u2028f"]) == {
        "a\nb": "a\\nb",
        "c\x1b[2Jd": "c\\x1b[2Jd",
        "e\u2028f": "e\\u2028f",
    }
