"""The digests of photos, computed once for all models of a sweep, though each is measured in a process of its own."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TypeVar

from mobilenet_tf.data.digests import PhotoDigests
from mobilenet_tf.progress import OnProgress
from mobilenet_tf.tflite.child_process import run_in_child_process

__all__ = ["run_with_digests"]

T = TypeVar("T")


def run_with_digests(
    model: Path, work: Callable[[PhotoDigests, OnProgress], T], digests: PhotoDigests, on_progress: OnProgress
) -> T:
    """What `work` returns in a separate process, which knows `digests`; those that it computes are added to them.

    Raises what run_in_child_process raises.
    """
    # A copy, because the sweep of another device may add to them meanwhile.
    known = PhotoDigests(digests.known)
    result, added = run_in_child_process(model, partial(_with_added_digests, work, known), on_progress)
    digests.known.update(added)
    return result


def _with_added_digests(
    work: Callable[[PhotoDigests, OnProgress], T], digests: PhotoDigests, on_progress: OnProgress
) -> tuple[T, dict[Path, str | None]]:
    """The child's part."""
    before = frozenset(digests.known)
    result = work(digests, on_progress)
    return result, {path: digest for path, digest in digests.known.items() if path not in before}
