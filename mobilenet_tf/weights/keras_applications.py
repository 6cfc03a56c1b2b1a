"""Read the ImageNet weights of a network in Keras Applications, from Keras's cache or by Keras's download."""

import os
from pathlib import Path

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import ModelSpec

from .arrays import SourceWeights, sha256_of
from .hdf5_file import stored_numbers
from .keras_file import with_dense_classifier

__all__ = ["read_keras_applications"]


def read_keras_applications(spec: ModelSpec) -> SourceWeights:
    """The weights of `spec`. Raises WeightsError if Keras Applications has none, or if they cannot be downloaded."""
    pairs = spec.architecture.weights["keras"]
    if (spec.alpha, spec.res) not in pairs:
        alphas, resolutions = (tuple(sorted({*values})) for values in zip(*pairs, strict=True))
        raise WeightsError(
            f"--weights keras exists for alpha {alphas} at res {resolutions}; got {spec.alpha:g}/{spec.res}.\n"
            "Take one of these pairs, or --weights imagenet, which serves any resolution."
        )
    from mobilenet_tf.keras_loader import keras

    application = spec.architecture.keras
    assert application is not None, f"the row of {spec.arch} does not say what it is in Keras Applications"
    build, file = getattr(keras.applications, application.builder), application.file(spec.alpha, spec.res)
    cache = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models" / file
    try:
        if cache.exists():
            stored_numbers(cache)
        model = build(input_shape=(spec.res, spec.res, 3), alpha=spec.alpha, weights="imagenet")
    except WeightsError:
        raise
    except Exception as error:  # urllib's, socket's, h5py's or Keras's own, depending on what failed
        state = "is damaged: delete it" if cache.exists() else "is not there and could not be downloaded"
        raise WeightsError(
            f"--weights keras: {cache} {state} ({type(error).__name__}).\n"
            "With a network it downloads by itself; without, put that file there by hand, or use --weights imagenet."
        ) from error
    origin = {"file": file, "sha256": sha256_of(cache)}
    return SourceWeights(with_dense_classifier(model.get_weights()), spec.res, imagenet=True, origin=origin)
