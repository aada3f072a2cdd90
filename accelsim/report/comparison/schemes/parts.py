"""What the arithmetic of a layer spends: multiplying, tables, signs, counts of bits, adding."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from accelsim.run.result import LayerResult

ARITHMETIC_PARTS = ("multiply", "table", "sign", "count", "add")
"""Multiplications; tables of values and products, filling them among it; signs and shifts; counts; sums."""

_ADD = "add"


class _Work(NamedTuple):
    """What an action does beside an addition as wide as a psum, and whether that comes with it."""

    part: str
    adds: bool


WORK: Mapping[str, _Work] = {
    "mac.multiply_add": _Work("multiply", adds=True),
    "mac.multiply_add_fp16": _Work("multiply", adds=True),
    "mac.multiply_add_mixed": _Work("multiply", adds=True),
    "mac.multiply_add_fp32": _Work("multiply", adds=True),
    "mac.overhead": _Work("multiply", adds=True),
    "mac.overhead_multiply_add_fp16": _Work("multiply", adds=True),
    "mac.overhead_multiply_add_mixed": _Work("multiply", adds=True),
    "mac.overhead_multiply_add_fp32": _Work("multiply", adds=True),
    "mac.scale_add": _Work("multiply", adds=True),
    "mac.lookup_add": _Work("table", adds=True),
    "mac.overhead_lookup_add": _Work("table", adds=True),
    "mac.tabulate": _Work("table", adds=False),
    "codec.lookup": _Work("table", adds=False),
    "mac.flip_add": _Work("sign", adds=True),
    "mac.overhead_flip_add": _Work("sign", adds=True),
    "mac.shift_add": _Work("sign", adds=True),
    "mac.overhead_shift_add": _Work("sign", adds=True),
    "mac.merge": _Work("sign", adds=True),
    "mac.xnor": _Work("sign", adds=False),
    "mac.popcount": _Work("count", adds=True),
    "mac.add": _Work(_ADD, adds=False),
    "mac.add_fp16": _Work(_ADD, adds=False),
    "mac.add_fp32": _Work(_ADD, adds=False),
    "mac.level_add": _Work(_ADD, adds=False),
}
"""What every action of a datapath does, by its name without its operand."""

_PLAIN = ("mac.add:psum", "mac.add_fp16:psum", "mac.add_fp32:psum")
"""The additions of which a datapath has one, which takes a psum from below."""


def arithmetic_energy(layer: LayerResult) -> dict[str, float]:
    """Energy of the arithmetic of *layer* by part, in the unit of its table.

    MACs and look-ups of codes; what an energy table asks for an addition is kept apart from the rest.
    """
    plain = next((layer.prices[name] for name in _PLAIN if name in layer.prices), 0.0)
    found: dict[str, list[float]] = {name: [] for name in ARITHMETIC_PARTS}
    for name, energy in layer.energy_pj.items():
        work = WORK.get(name.partition(":")[0])
        if work is None or not energy:
            continue
        added = min(energy, layer.actions[name] * plain) if work.adds else 0.0
        found[_ADD].append(added)
        found[work.part].append(energy - added)
    return {name: math.fsum(amounts) for name, amounts in found.items()}
