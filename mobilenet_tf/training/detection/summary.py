"""What a finished run of a detector says of its scores, in sentences."""

from mobilenet_tf.training.kept_models import KeptEpoch

__all__ = ["detection_sentences"]


def detection_sentences(kept: KeptEpoch, photos: int, *, averaged: bool) -> list[str]:
    """Which epoch best.keras is of, and what its AP on the `photos` validation photos is worth.

    averaged: whether its weights are the moving average.
    """
    measured = ", measured with averaged weights" if averaged else ""
    sentences = [
        f"best.keras is of epoch {kept.epoch}: AP {kept.ap or 0:.1%} and AP50 {kept.ap50 or 0:.1%} on {photos} "
        f"validation photos{measured}. AP is COCO's mAP, the mean over overlaps of 0.50 to 0.95."
    ]
    if kept.among > 1:
        sentences.append(
            f"It was chosen as the best of {kept.among} epochs on the same photos: expect less on new ones."
        )
    return sentences
