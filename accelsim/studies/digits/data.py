"""The digits that no training has seen, and where their files are."""

from pathlib import Path

import numpy as np

from accelsim import config
from accelsim.network.layer import FloatArray, IntArray

WHITEST = 16
"""The largest value of a pixel."""


def digits_folder() -> Path:
    """The folder of weights and images, next to the folders of packaged configs."""
    return config.folder("runs").parent / "digits"


def test_split() -> tuple[FloatArray, IntArray]:
    """Images ``(360, 1, 8, 8)`` with pixels in 0..1, and the digit that each shows, ``(360,)``.

    A stratified fifth of the 1797 images that scikit-learn's ``load_digits`` has. The data
    do not name writers, so that one may have digits in both parts. One image is 0.28 points of accuracy.

    Source: Alpaydin, Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning Repository,
    1998, CC BY 4.0: counts of black pixels in the 4 x 4 blocks of a 32 x 32 bitmap, 0 to 16.
    """
    with np.load(digits_folder() / "test.npz") as held:
        return held["images"] / float(WHITEST), held["labels"].astype(np.int64)
