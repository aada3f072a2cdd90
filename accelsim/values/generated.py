"""Values that come from no file: seeded random tensors, and a picture."""

import math
import zlib
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from accelsim.checks import check_within
from accelsim.errors import ConfigError
from accelsim.machine import MAX_BITS
from accelsim.network.layer import IntArray, Tensor

SIGMAS = 4
"""Standard deviations from zero to the largest weight: one weight in 16,000 is clipped."""

BLOCK_WORDS = 1 << 20
"""Words drawn at a time, so that a large tensor costs no large temporaries."""

PICTURE = Path("mpl-data/sample_data/grace_hopper.jpg")
"""The picture, inside the folder that matplotlib is installed in."""

_WHITE = 255  # the brightest pixel of an 8-bit picture

CROP = (3, 4)
"""The part of the picture's height and width that a crop may take: three quarters."""

CROP_STEP = 7919
"""Crop positions, in row-major order, from one image to the next; a prime, so that none repeats soon."""


def random_tensor(
    shape: tuple[int, ...],
    bits: int,
    *,
    density: float = 1.0,
    seed: int = 0,
    name: str,
    signed: bool = True,
) -> IntArray:
    """Uniform non-zero integers at random places, the rest zeros; the default for an ifmap.

    The values depend on the arguments alone, not on what was drawn before or where.

    Args:
        shape: of the result.
        bits: word width; signed values are in ``-2**(bits-1) .. 2**(bits-1) - 1``, unsigned
            ones in the upper half of that range, so that either fits a signed word.
        density: exactly ``round(density * size)`` values are not zero.
        seed: of the experiment.
        name: of the tensor; two names under one seed give independent values.
        signed: whether values may be negative.

    Raises:
        ConfigError: if *bits* is not in 2..62 or *density* not in 0..1.
    """
    check_within(2, MAX_BITS, bits=bits)
    check_within(0, 1, density=density)
    rng, top = _rng(seed, name), 1 << (bits - 1)

    def draw(size: int) -> IntArray:
        if not signed:
            return rng.integers(1, top, size)
        values = rng.integers(-top, top - 1, size)
        return values + (values >= 0)

    return _scattered(shape, density, rng, draw)


def random_weights(
    shape: tuple[int, ...], bits: int, *, density: float = 1.0, seed: int = 0, name: str
) -> IntArray:
    """Normally distributed integers at random places, the rest zeros; the default for weights.

    Zero mean and a standard deviation of ``2**(bits-1) / 4``, rounded away from zero and clipped to
    signed *bits*. Sums of such products stay near zero, so the activations keep their range.
    The arguments, the exact density and the errors are those of :func:`random_tensor`.
    """
    check_within(2, MAX_BITS, bits=bits)
    check_within(0, 1, density=density)
    rng, top = _rng(seed, name), 1 << (bits - 1)

    def draw(size: int) -> IntArray:
        values = rng.standard_normal(size) * (top / SIGMAS)
        away = np.copysign(np.maximum(np.ceil(np.abs(values)), 1), values)
        return np.clip(away.astype(np.int64), -top, top - 1)

    return _scattered(shape, density, rng, draw)


def least_kept(values: Tensor, density: float) -> float:
    """The least of the largest *values* that make up the share *density* of them, above 0; of any shape.

    >>> least_kept(np.array([1, 4, 3, 2]), 0.5)
    3
    """
    rank = min(values.size - 1, round((1 - density) * values.size))
    least: float = np.partition(values, rank, axis=None)[rank].item()
    return least


def _rng(seed: int, name: str) -> np.random.Generator:
    # Python's hash of a string differs from process to process; a CRC does not.
    return np.random.default_rng((seed, zlib.crc32(name.encode())))


def _scattered(
    shape: tuple[int, ...],
    density: float,
    rng: np.random.Generator,
    draw: Callable[[int], IntArray],
) -> IntArray:
    size = math.prod(shape)
    count = round(density * size)
    kept = np.zeros(size, np.bool_)
    kept[:count] = True
    if count < size:  # a dense tensor draws the same values as if there were no density
        rng.shuffle(kept)
    out = np.zeros(size, np.int64)
    for start in range(0, size, BLOCK_WORDS):
        block = slice(start, start + BLOCK_WORDS)
        places = kept[block]
        out[block][places] = draw(int(np.count_nonzero(places)))
    return out.reshape(shape)


def picture(n: int, c: int, h: int, w: int, bits: int) -> IntArray:
    """*n* crops of the portrait that matplotlib ships, ``(n, c, h, w)``, in ``0 .. 2**(bits-1) - 1``.

    A crop takes up to three quarters of the picture each way, in the proportions h : w, and is
    shrunk by averaging or enlarged by repeating pixels. Image i does not depend on *n*.

    Raises:
        ConfigError: if *c* is neither 1 (luminance) nor 3 (RGB), *bits* is not in 2..32, or the
            picture is not installed.
    """
    if c not in (1, 3):
        raise ConfigError(f"channels of a picture must be 1 or 3 (got {c})")
    if not 2 <= bits <= 32:
        raise ConfigError(f"bits of a picture must be in 2..32 (got {bits})")
    pixels = _portrait(c)
    tall, wide = (extent * CROP[0] // CROP[1] for extent in pixels.shape[1:])
    rows, cols = (tall, max(1, tall * w // h)) if tall * w <= wide * h else (max(1, wide * h // w), wide)
    free = (pixels.shape[1] - rows, pixels.shape[2] - cols)
    out = np.empty((n, c, h, w), np.int64)
    for image in range(n):
        top, left = divmod(image * CROP_STEP % math.prod(free), free[1])
        out[image] = _resized(pixels[:, top : top + rows, left : left + cols], h, w, bits)
    return out


def _portrait(c: int) -> IntArray:
    from PIL import Image

    spec = find_spec("matplotlib")
    path = Path(spec.origin).parent / PICTURE if spec and spec.origin else PICTURE
    if not path.is_file():
        raise ConfigError(f"{path}: the picture must be installed with matplotlib (got no such file)")
    with Image.open(path) as image:
        pixels = np.asarray(image.convert("L" if c == 1 else "RGB"), np.int64)
    return pixels.reshape(*pixels.shape[:2], c).transpose(2, 0, 1)


def _resized(pixels: IntArray, h: int, w: int, bits: int) -> IntArray:
    (rows, tall), (cols, wide) = _boxes(pixels.shape[1], h), _boxes(pixels.shape[2], w)
    total = np.add.reduceat(np.add.reduceat(pixels, rows, axis=1), cols, axis=2)
    scaled: IntArray = total * ((1 << (bits - 1)) - 1) // (_WHITE * tall[:, None] * wide)
    return scaled


def _boxes(extent: int, count: int) -> tuple[IntArray, IntArray]:
    starts = np.arange(count) * extent // count
    return starts, np.maximum(np.diff(starts, append=extent), 1)
