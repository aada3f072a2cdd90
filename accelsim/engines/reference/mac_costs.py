"""What one MAC on words that a PE keeps or takes counts."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import product
from typing import NamedTuple

from accelsim.machine import Arch, Operand
from accelsim.machine.control import psum_uses
from accelsim.mapping.work import NOTHING, MacFates, arithmetic


class Made(NamedTuple):
    """How a MAC is made."""

    gives: bool = False  # its psum away
    gated: bool = False  # by a zero ifmap value
    idle: bool = False  # with a zero weight that does nothing


def mac_costs(keeps: tuple[Operand, ...], arch: Arch, made: Made) -> dict[str, int]:
    """Actions of one MAC in a PE that *keeps* operands in registers.

    A zero ifmap value spares the read of its weight, a zero weight does not.
    """
    kept: dict[Operand, int] = {o: int(o in keeps) for o in ("ifmap", "weight", "psum")}
    work = NOTHING._replace(
        macs=1,
        ifmap_uses=kept["ifmap"],
        weight_uses=kept["weight"],
        psum_uses=psum_uses(1, int(made.gives), arch) if kept["psum"] else 0,
    )
    spared = MacFates(gated=int(made.gated or made.idle), unread=int(made.gated))
    return {name: n for name, n in arithmetic(work, arch.datapath, spared).items() if n}


@lru_cache(maxsize=64)
def costs_of_macs(keeps: tuple[Operand, ...], arch: Arch) -> Mapping[Made, Mapping[str, int]]:
    """The actions of every MAC that there is; worked out once."""
    every = (Made(*one) for one in product((False, True), repeat=3))
    return {made: mac_costs(keeps, arch, made) for made in every}
