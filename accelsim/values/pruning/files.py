"""Masks in files: arrays of zeros and ones."""

from pathlib import Path

import numpy as np

from accelsim.config import shown
from accelsim.errors import ConfigError, beginning, blaming
from accelsim.network.layer import BoolArray
from accelsim.values.files import read_array
from accelsim.values.pruning.description import MaskFile, Prune


def read_mask(how: Prune, name: str, shape: tuple[int, ...]) -> BoolArray | None:
    """The mask, of *shape*, that prunes the weights of layer *name*; None if *how* names no mask.

    Raises:
        ConfigError: as :func:`load_mask`.
    """
    if how.mask_file is None:
        return None
    with blaming("sparsity", "prune", name, "mask"):
        return load_mask(how.mask_file, name, shape)


def load_mask(file: MaskFile, name: str, *shapes: tuple[int, ...]) -> BoolArray:
    """The mask of layer *name*: integers 0 and 1, or booleans, of one of *shapes*.

    Raises:
        ConfigError: for a file that is missing, unreadable or of another kind, a key that is not there, and a
            wrong type, shape or value. The message begins with the path.
    """
    key = file.key if file.mask.endswith(".npy") else file.key or name
    path = Path(file.mask)
    with beginning(shown(path)):
        array = read_array(path, key)
        if not np.issubdtype(array.dtype, np.integer) and array.dtype != np.bool_:
            raise ConfigError(f"dtype must be bool or integer (got {array.dtype})")
        if array.shape not in shapes:
            raise ConfigError(f"shape must be {' or '.join(map(str, shapes))} (got {array.shape})")
        if array.min() < 0 or array.max() > 1:
            raise ConfigError(f"values must be 0 or 1 (got {array.min()}..{array.max()})")
    return array.astype(np.bool_)
