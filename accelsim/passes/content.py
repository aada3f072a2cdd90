"""Plans that say the same are equal, whatever layer they serve: what is known of one is known of all."""

from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256

import numpy as np


@dataclass(frozen=True, eq=False)
class ByContent:
    """An object that equals others of its class whose fields say the same; arrays say their values."""

    @cached_property
    def digest(self) -> bytes:
        """Equal for objects that say the same."""
        return sha256(b"".join(_said(getattr(self, part.name)) for part in fields(self))).digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByContent) and type(self) is type(other) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def _said(value: object) -> bytes:
    """What *value* says; tuples say what their parts do."""
    if isinstance(value, np.ndarray):
        return str(value.shape).encode() + value.tobytes()
    if isinstance(value, tuple):
        return b"".join(_said(part) for part in value)
    return repr(value).encode()
