from pathlib import Path

from mobilenet_tf.contract.labels import imagenet_labels
from mobilenet_tf.data.ground_truth import true_classes


def test_a_folder_named_like_a_label_tells_the_class():
    photos = [Path("x/dog/1.jpg"), Path("x/cat/2.jpg"), Path("x/cow/3.jpg")]
    assert true_classes(photos, ["cat", "dog"], imagenet=False, background=False) == [1, 0, None]


def test_a_wnid_tells_the_class_of_imagenet_models_only():
    photos = [Path("x/n01440764_tench.JPEG"), Path("n02124075/5.jpg"), Path("n0144076_short.jpg"), Path("cat.jpg")]
    assert true_classes(photos, imagenet_labels(), imagenet=True, background=False) == [0, 285, None, None]
    labels = ["background", *imagenet_labels()]
    assert true_classes(photos, labels, imagenet=True, background=True) == [1, 286, None, None]
    assert true_classes(photos, ["a"] * 1000, imagenet=False, background=False) == [None] * 4
