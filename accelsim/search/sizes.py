"""Tile sizes side by side, some of them perhaps not chosen yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from accelsim.machine.datapath import Count
from accelsim.mapping.rules import Rule
from accelsim.network.layer import BoolArray

CELLS = 1 << 16
"""Candidates looked at in one go, legal or not: bounds memory, and keeps arrays in the caches."""


class Sizes:
    """Tile sizes by name, as attributes: one int each, or arrays that broadcast against each other.

    To a type checker each is an int: nests and rules are written for one choice, and hold for all of an
    array since they do nothing but arithmetic.
    """

    def __init__(self, sizes: Mapping[str, Count], unknown: Iterable[str] = ()) -> None:
        self.__dict__.update(sizes, **{name: Unknown() for name in unknown})

    def __getattr__(self, name: str) -> int:
        raise AttributeError(f"tile sizes are {', '.join(self.__dict__)} (got {name!r})")


class NotChosenError(Exception):
    """A size that is not chosen yet was used for more than arithmetic."""


class Unknown(NDArrayOperatorsMixin):
    """A size that is not chosen yet: arithmetic with it is unknown, too, and anything else raises."""

    def __array_ufunc__(self, *_: object, **__: object) -> Unknown:
        return self

    def __array_function__(self, *_: object, **__: object) -> Unknown:
        return self

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise NotChosenError

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):  # numpy and copy look for protocols that this has not
            raise AttributeError(name)
        raise NotChosenError

    __array__ = __bool__ = __index__ = __int__ = __len__ = __iter__ = __getitem__ = _refuse


def legal_rows(rules: Iterable[Rule], count: int) -> BoolArray:
    """Which of *count* rows break none of *rules* that can be checked without unknown sizes, ``(count,)``."""
    legal = np.ones(count, bool)
    try:
        for rule in rules:
            keeps = rule.need <= rule.limit
            if not isinstance(keeps, Unknown):
                legal &= keeps
    except NotChosenError:  # the rest is checked once all sizes are chosen
        pass
    return legal
