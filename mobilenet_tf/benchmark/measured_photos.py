"""The photos that the accuracy of one model is measured on."""

from mobilenet_tf.tflite.image_model import ImageModel

from .class_names import class_names
from .labelled_photos import LabelledPhotos, labelled_photos
from .settings import MeasurementSettings

__all__ = ["photos_for"]


def photos_for(model: ImageModel, settings: MeasurementSettings) -> LabelledPhotos:
    """The photos of `settings.images`, by the classes of a model that is open.

    Raises LabelsError, DataError and ImagesError if names or photos do not fit the model or cannot be read.
    """
    assert settings.images is not None
    names = class_names(
        model.labels,
        model.classes,
        settings.background_offset,
        model.path.name,
        by_number=settings.ground_truth is not None,
    )
    return labelled_photos(settings.images, names, settings.ground_truth, settings.class_offset)
