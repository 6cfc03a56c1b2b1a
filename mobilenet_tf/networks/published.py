"""Costs and accuracies that were published of a network, from its row in the table. TensorFlow-free."""

from .architectures import ARCHITECTURES
from .detectors import COCO_CLASSES, DetectorSpec
from .spec import ModelSpec

__all__ = ["paper_totals", "published_specs", "published_top1"]


def paper_totals(spec: ModelSpec | DetectorSpec) -> tuple[float, float | None] | None:
    """(Mult-Adds, parameters or None) that the paper prints for `spec`, in millions; None if it prints none."""
    if isinstance(spec, DetectorSpec):
        return spec.architecture.paper_totals.get((spec.alpha, spec.res)) if spec.classes == COCO_CLASSES else None
    return spec.architecture.paper_totals.get((spec.alpha, spec.res)) if spec.classes == 1000 else None


def published_top1(spec: ModelSpec) -> float | None:
    """Top-1 on ImageNet in percent, as published for a float checkpoint of `spec`; None if there is none."""
    return spec.architecture.top1.get((spec.alpha, spec.res))


def published_specs() -> list[ModelSpec]:
    """Every network of which an accuracy is published."""
    return [ModelSpec(row.name, alpha, res) for row in ARCHITECTURES.values() for alpha, res in row.top1]
