"""What the jobs of tasks that train a network of this project's table, with one row of outputs, have in common."""

from typing import Any

from mobilenet_tf.weights.load import Weights, load_weights

from .options import TrainOptions

__all__ = ["OwnNetworkJob"]


class OwnNetworkJob:
    """See TaskJob. The classes below this one have the rest of it."""

    def read_weights(self, options: TrainOptions) -> Weights:
        """See TaskJob."""
        seed = options.config.seed
        return load_weights(options.weights, arch=options.arch, alpha=options.alpha, res=options.res, seed=seed)

    def check_photos(self, data: Any, options: TrainOptions) -> None:
        """See TaskJob: nothing is left out beside photos."""
