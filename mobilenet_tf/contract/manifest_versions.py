"""Manifests of earlier versions, as those of this one: what they did not say is None."""

from typing import Any

__all__ = ["upgrade_version_2", "upgrade_version_3", "upgrade_version_4"]


def upgrade_version_2(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of version 2 as those of this one: the variant was not part of the architecture's name."""
    variant = fields.get("variant", "separable")
    kept = {name: value for name, value in fields.items() if name != "variant"}
    return upgrade_version_3(kept if variant == "separable" else kept | {"arch": f"{fields.get('arch')}_{variant}"})


def upgrade_version_3(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of version 3 as those of this one: it said less of the photos and of the probabilities."""
    files = fields.get("files")
    if isinstance(files, list):
        files = [{"probability_change": None} | file if isinstance(file, dict) else file for file in files]
    return upgrade_version_4({"verification": None, "split": None} | fields | {"files": files})


def upgrade_version_4(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of version 4 as those of this one: it was for networks of ours alone, which are all alike in these."""
    return {"head": "softmax", "mean": [127.5], "std": [127.5], "converted_from": None} | fields
