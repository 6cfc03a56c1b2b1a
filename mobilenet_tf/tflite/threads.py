"""How many threads an interpreter may have. No NumPy."""

import os

from mobilenet_tf.errors import InputError

__all__ = ["check_threads"]

# More threads than cores make nothing faster, and some thousands end the process. Phones have at most about ten cores.
MOST_THREADS = max(64, os.cpu_count() or 1)


def check_threads(threads: int) -> None:
    """Raise InputError for a number of threads that no interpreter should start."""
    if not 1 <= threads <= MOST_THREADS:
        raise InputError(
            f"expected --threads from 1 to {MOST_THREADS}; got {threads}. This computer has {os.cpu_count()} cores."
        )
