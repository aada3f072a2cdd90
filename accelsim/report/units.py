"""Units of an energy table, and the scale at which numbers stay short."""

from collections.abc import Iterable
from typing import NamedTuple

STEPS = {"pJ": ("pJ", "nJ", "uJ", "mJ", "J"), "mac": ("MAC", "kMAC", "MMAC", "GMAC", "TMAC")}
"""Units of an energy table, each with its multiples by 1000, in ASCII; ``mac`` is the energy of one MAC."""

DIGITS = 4
"""Significant digits of a number in a table; no published price has more than three."""


KILO = 1e3

_AXIS_UNITS = {
    "uJ": "µJ",
    "MAC": "of 1 MAC",
    "kMAC": "of 10³ MACs",
    "MMAC": "of 10⁶ MACs",
    "GMAC": "of 10⁹ MACs",
    "TMAC": "of 10¹² MACs",
}


class Scale(NamedTuple):
    """A number over *factor* is a number of *unit*."""

    factor: float
    unit: str


def scale(unit: str, values: Iterable[float]) -> Scale:
    """The largest multiple of *unit*, one of :data:`STEPS`, that the largest of *values* reaches."""
    largest, factor, names = max(values, default=0.0), 1.0, STEPS[unit]
    for name in names[:-1]:
        if largest < 1000 * factor:
            return Scale(factor, name)
        factor *= 1000
    return Scale(factor, names[-1])


def axis_unit(unit: str) -> str:
    """*unit* as an axis spells it, which is not bound to ASCII as a table is.

    >>> axis_unit("uJ"), axis_unit("nJ")
    ('µJ', 'nJ')
    """
    return _AXIS_UNITS.get(unit, unit)


def number(value: float) -> str:
    """*value* to :data:`DIGITS` significant digits, integers in full, without an exponent.

    >>> number(2663.139), number(3.7332), number(0.00123449), number(0)
    ('2663', '3.733', '0.001234', '0')
    """
    return significant(value, DIGITS) if value else "0"


def significant(value: float, digits: int) -> str:
    """*value* to so many significant *digits*, integers in full, without an exponent.

    >>> significant(3.7332, 3), significant(0, 3)
    ('3.73', '0.00')
    """
    exponent = int(f"{abs(value):.{digits - 1}e}".split("e")[1])
    return f"{value:.{max(0, digits - 1 - exponent)}f}"
