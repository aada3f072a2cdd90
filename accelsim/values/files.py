"""Arrays in files, checked before anything computes with them."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from accelsim.config import shown
from accelsim.errors import ConfigError, beginning
from accelsim.network.layer import FloatArray, IntArray

_NOT_AN_ARRAY = "must be an .npy or .npz file of arrays (got something else)"


def load_tensor(path: str | Path, key: str | None, shape: tuple[int, ...], bits: int) -> IntArray:
    """The integers in an ``.npy`` file, or under *key* in an ``.npz`` file, as int64.

    Args:
        path: the file.
        key: the array's name in an ``.npz``; none if it is the only one, and for an ``.npy``.
        shape: what the array's must be.
        bits: signed word width that every value must fit.

    Raises:
        ConfigError: for a file that is missing, unreadable or of another kind, a key that is not
            there, objects, and a wrong type, shape or value. The message begins with *path*.
    """
    with beginning(shown(Path(path))):
        return _checked(read_array(Path(path), key), shape, bits)


def load_reals(path: str | Path, key: str | None, shape: tuple[int, ...]) -> FloatArray:
    """The numbers in an ``.npy`` file, or under *key* in an ``.npz`` file, as float64 of *shape*.

    Raises:
        ConfigError: as :func:`load_tensor`, but for numbers of any type; also if a value is not finite.
    """
    with beginning(shown(Path(path))):
        return _real(read_array(Path(path), key), shape)


def load_images(path: str | Path, key: str | None, shape: tuple[int, ...], unit: float) -> FloatArray:
    """The first ``shape[0]`` images of a file's array, as float64 of *shape*; integers are times *unit*.

    Raises:
        ConfigError: as :func:`load_reals`.
    """
    with beginning(shown(Path(path))):
        array = read_array(Path(path), key)[: shape[0]]
        return _real(array, shape) * (1.0 if array.dtype.kind == "f" else unit)


def read_array(path: Path, key: str | None) -> npt.NDArray[np.generic]:
    """The array in the file at *path*, of any type. Raises ConfigError as :func:`load_tensor`."""
    with _content(path) as content:
        return _array(content, key)


def names_in(path: Path) -> tuple[str, ...] | None:
    """Names of the arrays in an ``.npz`` file; None for an ``.npy`` file.

    Raises:
        ConfigError: if the file is missing, unreadable or of another kind.
    """
    with _content(path) as content:
        return tuple(content.files) if isinstance(content, np.lib.npyio.NpzFile) else None


@contextmanager
def _content(path: Path) -> Iterator[object]:
    if not path.is_file():
        raise ConfigError("file must exist (got no such file)")
    try:
        with path.open("rb") as file:
            yield np.load(file, allow_pickle=False)
    except ConfigError:
        raise
    except PermissionError as error:
        raise ConfigError("file must be readable (got no permission)") from error
    except (OSError, EOFError, ValueError, BadZipFile, zlib.error) as error:
        objects = "Object arrays" in str(error)
        raise ConfigError("values must be integers (got objects)" if objects else _NOT_AN_ARRAY) from error


def _array(content: object, key: str | None) -> npt.NDArray[np.generic]:
    if isinstance(content, np.lib.npyio.NpzFile):
        return _array(content[_known(key, content.files)], None)
    if key is not None:
        raise ConfigError(f"key must be left out for an .npy file (got '{key}')")
    if not isinstance(content, np.ndarray):
        raise ConfigError(_NOT_AN_ARRAY)
    return content


def _known(key: str | None, keys: list[str]) -> str:
    if key is None and len(keys) == 1:
        return keys[0]
    if key in keys:
        return key
    given = "none" if key is None else f"'{key}'"
    raise ConfigError(f"key must be one of {', '.join(keys)} (got {given})")


def _checked(array: npt.NDArray[np.generic], shape: tuple[int, ...], bits: int) -> IntArray:
    if not np.issubdtype(array.dtype, np.integer):
        raise ConfigError(f"dtype must be integer (got {array.dtype})")
    if array.shape != shape:
        raise ConfigError(f"shape must be {shape} (got {array.shape})")
    low, high, top = int(array.min()), int(array.max()), 1 << (bits - 1)
    if low < -top or high >= top:
        raise ConfigError(f"values must be in {-top}..{top - 1}, {bits} bits (got {low}..{high})")
    return array.astype(np.int64)


def _real(array: npt.NDArray[np.generic], shape: tuple[int, ...]) -> FloatArray:
    if array.dtype.kind not in "iuf":
        raise ConfigError(f"dtype must be of numbers (got {array.dtype})")
    if array.shape != shape:
        raise ConfigError(f"shape must be {shape} (got {array.shape})")
    reals = array.astype(np.float64)
    if not np.isfinite(reals).all():
        raise ConfigError("values must be finite (got an infinity or NaN)")
    return reals
