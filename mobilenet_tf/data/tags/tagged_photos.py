"""Photos with tags, with random access."""

from dataclasses import dataclass

import numpy as np

from mobilenet_tf.data.dataset import Int64
from mobilenet_tf.data.folder import FilePhotos

__all__ = ["TaggedPhotos"]


@dataclass(frozen=True)
class TaggedPhotos(FilePhotos):
    """n photos in files; labels: (n, tags) 1 if a tag is true of a photo, 0 if it is not, or UNKNOWN."""

    def at(self, indices: Int64) -> "TaggedPhotos":
        """Those at `indices`, in that order."""
        paths = tuple(self.paths[index] for index in indices.tolist())
        return TaggedPhotos(paths, self.labels[indices], self.digests[indices])

    def counts(self) -> Int64:
        """(tags,) of how many photos each tag is true."""
        counts: Int64 = (self.labels == 1).sum(0)
        return counts

    def strata(self) -> Int64:
        """(n,) the tag of each photo that is true of the fewest photos, by which a split keeps the share of each tag;
        the number of tags for photos of which none is true.
        """
        counts, tags = self.counts(), self.labels.shape[1]
        rarity = np.where(self.labels == 1, counts, np.iinfo(np.int64).max)
        return np.where((self.labels == 1).any(1), rarity.argmin(1), tags)
