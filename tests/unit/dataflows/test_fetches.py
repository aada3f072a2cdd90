"""Which set-ups of ISCA 2016 fetch a box again though the next pass needs the same."""

from itertools import pairwise

import pytest

from accelsim.config import build, find, load_yaml
from accelsim.machine import Arch
from accelsim.mapping.nest import DIMS, Mapping, Tile
from accelsim.network.layer import Layer
from dataflows.no_local_reuse import NoLocalReuse
from dataflows.output_stationary_moc_mop import OutputStationaryMocMop
from dataflows.output_stationary_moc_sop import OutputStationaryMocSop
from dataflows.output_stationary_soc_mop import OutputStationarySocMop
from dataflows.row_stationary import RowStationary
from dataflows.weight_stationary import WeightStationary

LAYER = Layer("two blocks", n=2, m=4, c=1, h=1, w=1, r=1, s=1)
"""One ifmap word and one weight a filter: in two blocks of filters, or of images, all else stays."""

FILTERS = {
    "rs": (RowStationary(m=2, n=2, e=1, p=2, q=1, r=1, t=1), []),
    "ws": (WeightStationary(r=1, t=2, f=1), ["ifmap"]),
    "osa": (OutputStationarySocMop(m=2, n=2, e=1, f=1), ["ifmap"]),
    "osb": (OutputStationaryMocMop(m=2, n=2, p=2, f=1), ["ifmap"]),
    "osc": (OutputStationaryMocSop(m=2, n=2, p=2), ["ifmap"]),
    "nlr": (NoLocalReuse(n=2, m=2, p=2, q=1, e=1, f=1), ["ifmap"]),
}
"""By set-up: a mapping of two blocks of filters, and what is fetched for the second though it is there."""

IMAGES = {
    "rs": (RowStationary(m=4, n=1, e=1, p=4, q=1, r=1, t=1), []),
    "osa": (OutputStationarySocMop(m=4, n=1, e=1, f=1), []),
    "osb": (OutputStationaryMocMop(m=4, n=1, p=4, f=1), []),
    "osc": (OutputStationaryMocSop(m=4, n=1, p=4), []),
    "nlr": (NoLocalReuse(n=1, m=4, p=4, q=1, e=1, f=1), ["weight"]),
}
"""The same of two blocks of images; weight stationary has them all in a pass."""


@pytest.mark.parametrize("cases", [FILTERS, IMAGES], ids=["filters", "images"])
def test_all_but_row_stationary_fetch_in_every_iteration(cases):
    for setup, (dataflow, again) in cases.items():
        arch = build(load_yaml(find("arch", f"isca2016_{setup}_256")), Arch)
        assert _fetched_again(dataflow.map(LAYER, arch)) == again, setup


def _fetched_again(mapping: Mapping) -> list[str]:
    """Operands of which a pass fetches the very words of the pass before."""
    pairs = list(pairwise(mapping.passes()))
    assert pairs
    weights = any(
        _same("weight", a.weights, b.weights) and a.weight_fetch != b.weight_fetch for a, b in pairs
    )
    ifmap = any(_same("ifmap", a.ifmap, b.ifmap) and a.ifmap_fetch != b.ifmap_fetch for a, b in pairs)
    return [name for name, again in (("weight", weights), ("ifmap", ifmap)) if again]


def _same(operand: str, one: Tile, other: Tile) -> bool:
    """Whether two boxes hold the same words of *operand*, wherever else they differ."""
    return all(getattr(one, dim) == getattr(other, dim) for dim in DIMS[operand])
