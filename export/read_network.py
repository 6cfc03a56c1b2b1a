"""The one place that tells networks of ours from those of anybody, and describes both alike."""

from dataclasses import replace
from pathlib import Path

from mobilenet_tf.errors import InputError, MobilenetError, SpecError, WeightsError
from mobilenet_tf.weights.another_network import holds_model
from mobilenet_tf.weights.file_kinds import weights_file
from mobilenet_tf.weights.load import SOURCES, Weights
from mobilenet_tf.weights.tflite_file import damaged_tflite

from .foreign_network import foreign_network
from .network import Network
from .normalization import ChosenInput
from .own_network import own_network, own_weights
from .owner import Owner, read_owner, read_weights_alone
from .owner_source import read_classifier
from .same_answers import input_of_our_network
from .settings import ExportSettings
from .source import Source
from .source_kind import converted_from, is_tflite

__all__ = ["read_network"]


def read_network(settings: ExportSettings) -> Network:
    """The network that settings.weights names.

    Raises WeightsError, SpecError, ModelError, LabelsError or InputError for what cannot be read, for options that say
    something else than the weights, and if nothing says how the input of anybody's network is normalized.
    """
    try:
        return _read_network(settings)
    except MobilenetError:
        raise
    except Exception as error:  # the tables of a damaged .tflite may say anything
        if settings.weights in SOURCES or not is_tflite(path := weights_file(settings.weights)):
            raise
        raise damaged_tflite(path, error) from error


def _read_network(settings: ExportSettings) -> Network:
    if settings.weights in SOURCES:
        _check_no_normalization(settings, settings.weights)
        return own_network(settings, own_weights(settings))
    path = weights_file(settings.weights, SOURCES)
    if not holds_model(path):
        if (owner := read_weights_alone(path, settings.res)) is not None:
            return foreign_network(owner, settings)
        _check_no_normalization(settings, str(path))
        weights = own_weights(settings)
        if weights.spec.classes == 1:
            raise WeightsError(
                f"{path} holds weights alone, with one output: they do not say what it stands for, as a sigmoid does.\n"
                "Save the whole model: model.save('model.keras')."
            )
        return own_network(settings, weights, path, converted_from=converted_from(path))
    ours, refusal = _weights_of_ours(settings)
    if ours is None:
        return foreign_network(read_owner(path, settings.res), settings)
    return _network_like_ours(path, settings, ours, refusal)


def _network_like_ours(path: Path, settings: ExportSettings, weights: Weights, refusal: InputError | None) -> Network:
    """The network in a file whose arrays fit one of ours.

    refusal: why the options do not fit these weights; None if they do.
    """
    owner = _read_at_any_res(path, settings.res)
    given = input_of_our_network(owner, weights)
    if given is None:
        fits = settings.res in (None, owner.res)
        return foreign_network(owner if fits else read_owner(path, settings.res), settings)
    if refusal is not None:
        raise refusal
    _check_no_normalization(settings, str(path))
    res = settings.res or owner.res
    weights = replace(weights, spec=replace(weights.spec, res=res), trained_res=owner.res)
    is_as_in_file = res == owner.res and not settings.drop_background
    return own_network(
        settings,
        weights,
        path,
        load=(lambda: _source(owner, given, settings)) if is_as_in_file else None,
        notes=owner.notes,
        converted_from=converted_from(path, exact=owner.exact),
    )


def _source(owner: Owner, given: ChosenInput, settings: ExportSettings) -> Source:
    """The float model in a file that holds a network of ours. given: how bytes become what it takes."""
    return read_classifier(owner, lambda _: given, task=settings.task).source


def _weights_of_ours(settings: ExportSettings) -> tuple[Weights | None, InputError | None]:
    """(the arrays in a file if a network of ours has their shapes, else None; why the options do not fit them)."""
    refusal: InputError | None = None
    for tried in (settings, replace(settings, arch=None, alpha=None, classes=None)):
        try:
            return own_weights(tried), refusal
        except (WeightsError, SpecError) as error:
            refusal = refusal or error
    return None, None


def _read_at_any_res(path: Path, res: int | None) -> Owner:
    """The model in a file at `res`, or if it does not take that, at its own: ours are built again at any other."""
    try:
        return read_owner(path, res)
    except WeightsError:
        if res is None:
            raise
        return read_owner(path)


def _check_no_normalization(settings: ExportSettings, source: str) -> None:
    """Raise InputError if a normalization is given for a network of ours, which have all the same one."""
    if settings.normalization is not None:
        raise InputError(
            f"--mean, --std and --input-range are for networks of other people; {source} is one of this project's, "
            "which takes (byte - 127.5) / 127.5.\nLeave them out."
        )
