"""The number of threads of a deterministic run, which does not depend on the computer.

A sum whose parts are computed by several threads is rounded differently if the parts are others, and the parts depend
on the number of threads. Without these settings it is the number of cores that a process may use.
"""

import os

__all__ = ["fix_threads"]

THREADS = "4"
SETTINGS = (
    "TF_NUM_INTRAOP_THREADS",
    # Those of the libraries that NumPy may be built with.
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OMP_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


def fix_threads() -> None:
    """Set the number of threads of this process, whatever the environment says. Call it before NumPy and TensorFlow
    are loaded, which read it once.
    """
    os.environ.update(dict.fromkeys(SETTINGS, THREADS))
