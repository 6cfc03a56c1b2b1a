"""Read the ImageNet weights of a network in Keras Applications, from Keras's cache or by Keras's download."""

import os
from dataclasses import replace
from pathlib import Path

from mobilenet_tf.errors import WeightsError
from mobilenet_tf.networks.spec import ModelSpec

from .arrays import SourceWeights, sha256_of
from .hdf5_file import stored_numbers
from .keras_file import with_dense_classifier

__all__ = ["read_keras_applications"]


def read_keras_applications(spec: ModelSpec) -> SourceWeights:
    """The weights of `spec`; if its width was trained at one resolution alone, these serve every other.

    Raises WeightsError if Keras Applications has none, or if they cannot be downloaded.
    """
    spec = _published(spec)
    from mobilenet_tf.keras_loader import keras

    application = spec.architecture.keras
    assert application is not None, f"the row of {spec.arch} does not say what it is in Keras Applications"
    build, file = getattr(keras.applications, application.builder), application.file(spec.alpha, spec.res)
    cache = Path(os.environ.get("KERAS_HOME", Path.home() / ".keras")) / "models" / file
    try:
        if cache.exists():
            stored_numbers(cache)
        model = build(input_shape=(spec.res, spec.res, 3), alpha=spec.alpha, weights="imagenet", **application.options)
    except WeightsError:
        raise
    except Exception as error:  # urllib's, socket's, h5py's or Keras's own, depending on what failed
        state = "is damaged: delete it" if cache.exists() else "is not there and could not be downloaded"
        raise WeightsError(
            f"--weights keras: {cache} {state} ({type(error).__name__}).\n"
            "With a network it downloads by itself; without, put that file there by hand, or use --weights "
            f"{'imagenet' if 'imagenet' in spec.architecture.weights else 'random, to measure latency'}."
        ) from error
    origin = {"file": file, "sha256": sha256_of(cache)}
    return SourceWeights(with_dense_classifier(model.get_weights()), spec.res, imagenet=True, origin=origin)


def _published(spec: ModelSpec) -> ModelSpec:
    """The network whose weights serve `spec`."""
    pairs = spec.architecture.weights["keras"]
    resolutions = sorted(res for alpha, res in pairs if alpha == spec.alpha)
    if len(resolutions) == 1 or spec.res in resolutions:
        return spec if spec.res in resolutions else replace(spec, res=resolutions[0])
    if resolutions:
        what, got = f"--alpha {spec.alpha:g} at --res {', '.join(map(str, resolutions))}", f"{spec.res}"
        is_bundled = spec.alpha in dict(spec.architecture.weights.get("imagenet", ()))
        advice = f"Take one of these{', or --weights imagenet, which serves any resolution' if is_bundled else ''}."
    else:
        what, got = f"--alpha {', '.join(f'{alpha:g}' for alpha in sorted({a for a, _ in pairs}))}", f"{spec.alpha:g}"
        advice = "Take one of these, or --weights random."
    raise WeightsError(f"--weights keras of {spec.arch} exists for {what}; got {got}.\n{advice}")
