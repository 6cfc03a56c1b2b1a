"""What is to be measured of a model, and how. NumPy-free: the command builds it before anything is loaded."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["Measurement"]


@dataclass(frozen=True)
class Measurement:
    """What is to be measured, and how. Times in seconds; images None: no accuracy."""

    backend: str = "auto"
    threads: int = 1
    warmup: int = 10
    runs: int = 100
    min_seconds: float = 1.0
    sustained: float = 0.0
    profile: bool = False
    images: Path | None = None
    ground_truth: Path | None = None
    labels: Path | None = None
    background_offset: int | None = None
