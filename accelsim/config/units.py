"""Quantities written with their unit: ``4 KiB``, ``200 MHz``, ``1.1 pJ``."""

import difflib
import re
from fractions import Fraction

from accelsim.errors import ConfigError

_KIBI = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_BYTES = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, **_KIBI}
_HERTZ = {"Hz": 1, "kHz": 10**3, "MHz": 10**6, "GHz": 10**9}
_FEMTOJOULES = {"fJ": 1, "pJ": 10**3, "nJ": 10**6, "uJ": 10**9, "mJ": 10**12, "J": 10**15}
_PICOWATTS = {"pW": 1, "nW": 10**3, "uW": 10**6, "mW": 10**9, "W": 10**12, "kW": 10**15}
_PICOSECONDS = {"ps": 1, "ns": 10**3, "us": 10**6, "ms": 10**9, "s": 10**12}

_FIELDS = {
    "bytes": (_BYTES, "B", "1 TiB"),
    "hz": (_HERTZ, "Hz", "100 GHz"),
    "pj": (_FEMTOJOULES, "pJ", "1 J"),
    "pw": (_PICOWATTS, "pW", "1 kW"),
    "ps": (_PICOSECONDS, "ps", "1000 s"),
    "ns": (_PICOSECONDS, "ns", "1000 s"),
    "us": (_PICOSECONDS, "us", "1000 s"),
    "ms": (_PICOSECONDS, "ms", "1000 s"),
}
"""By the end of a key: the sizes of its units, the one that it names, and the most that it may be."""

UNITS = {
    field: {unit: Fraction(size, sizes[one]) for unit, size in sizes.items()}
    for field, (sizes, one, _) in _FIELDS.items()
}
"""What one of each unit is, in the unit that the end of a key names."""

WHOLE = {"bytes": "bytes", "hz": "hertz"}
"""Quantities that come in whole numbers."""

MOST = {field: most for field, (_, _, most) in _FIELDS.items()}
"""The largest quantity of each unit that a machine can have; what is beyond is a slip of the unit."""

HINTS = {
    "KB": "kB (1000 bytes) or KiB (1024 bytes)",
    "K": "kB (1000 bytes) or KiB (1024 bytes)",
    "mB": "MB (1000000 bytes) or MiB (1048576 bytes)",
}

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z]+)")


def unit_of(key: str) -> str | None:
    """The unit a key's name ends in (``bytes``, ``hz``, ``pj``, ...), or none.

    >>> unit_of("bank_bytes"), unit_of("bytes"), unit_of("rows")
    ('bytes', 'bytes', None)
    """
    end = key.rsplit("_", 1)[-1]
    return end if end in UNITS else None


def parse_quantity(text: str, field: str) -> int | float:
    """The number *text* stands for, in the unit *field*; bytes and hertz are whole.

    Args:
        text: a number and a unit, e.g. ``4 KiB``; the space may be left out.
        field: the unit of the result: a key of :data:`UNITS`.

    Raises:
        ConfigError: if the text is no quantity, its unit unknown, or the number of bytes or hertz not whole.

    >>> parse_quantity("4 KiB", "bytes"), parse_quantity("200 MHz", "hz"), parse_quantity("0.5 nJ", "pj")
    (4096, 200000000, 500.0)
    """
    match = _QUANTITY.fullmatch(text.strip())
    if not match:
        raise ConfigError(f"must be a number, or a number and one of {_known(field)} (got {text!r})")
    number, unit = match.groups()
    if unit not in UNITS[field]:
        raise ConfigError(f"{_hint(unit, field)} (got {text!r})")
    amount = Fraction(number) * UNITS[field][unit]
    if field not in WHOLE:
        return float(amount)
    if amount.denominator != 1:
        raise ConfigError(f"must be a whole number of {WHOLE[field]} (got {text!r})")
    return int(amount)


def check_range(amount: float, field: str, written: object) -> None:
    """Raise ConfigError if *amount*, in the unit *field*, is beyond :data:`MOST`; says what was *written*.

    >>> check_range(200e6, "hz", "200 MHz")
    """
    if abs(amount) > parse_quantity(MOST[field], field):
        raise ConfigError(f"must be at most {MOST[field]} (got {written!r})")


def _known(field: str) -> str:
    return ", ".join(UNITS[field])


def _hint(unit: str, field: str) -> str:
    if field == "bytes" and unit in HINTS:
        return f"{unit!r} is ambiguous; write {HINTS[unit]}"
    folded = {known.lower(): known for known in UNITS[field]}
    near = difflib.get_close_matches(unit.lower(), folded, n=1)
    if near:
        return f"unknown unit {unit!r}; did you mean {folded[near[0]]!r}?"
    return f"unknown unit {unit!r}; must be one of {_known(field)}"
