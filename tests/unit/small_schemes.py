"""A comparison of schemes made by hand: two layers, two images, a label that was refused."""

from collections.abc import Mapping
from typing import Any

from accelsim.config import Origin, build, from_plain
from accelsim.mapping.work import NOTHING
from accelsim.network.graph import Network
from accelsim.run.result import LayerResult, Result
from accelsim.run.settings import Settings
from accelsim.stats import CAUSES, Actions
from accelsim.studies.comparison import Comparison, Refusal
from tests.unit.small_machine import CHIP

NETWORK = {
    "name": "two",
    "input": [2, 4, 4],
    "nodes": [
        {"op": "conv", "name": "A", "m": 3, "kernel": 3, "pad": 1, "activation": "relu"},
        {"op": "fc", "name": "B", "m": 5},
    ],
}
"""A has 3 x 2 x 3 x 3 = 54 weights and 864 MACs an image, B 5 x 48 = 240 of either."""

WEIGHTS, MACS = {"A": 54, "B": 240}, {"A": 864, "B": 240}
IMAGES = 2


def layer(
    name: str,
    counts: Mapping[str, int],
    prices: Mapping[str, float],
    *,
    scheme: str | None,
    bits: tuple[int, int, int],
    cycles: int = 1000,
    weight_bits: int | None = None,
    um2: float | None = None,
) -> LayerResult:
    """A result of layer *name*, with words of ifmap, weight and psum of so many *bits*."""
    ifmap, weight, psum = bits
    found: dict[str, Any] = dict(clock_hz=10**6, pes=4, active_pes=4, provenance={}, overflowed=False)
    return LayerResult(
        name=name,
        macs=IMAGES * MACS[name],
        cycles=cycles,
        causes=dict.fromkeys(CAUSES, 0) | {"busy.mac": cycles, "idle": 3 * cycles},
        actions=Actions(counts),
        work=NOTHING,
        dense_dram=Actions(),
        energy_pj={action: n * prices[action] for action, n in counts.items()},
        prices=prices,
        word_bits={"ifmap": ifmap, "weight": weight, "psum": psum, "ofmap": psum},
        dram_bits=counts.get("dram.read:ifmap", 0) * ifmap,
        weight_bits=WEIGHTS[name] * weight if weight_bits is None else weight_bits,
        datapath_um2=um2,
        scheme=scheme,
        **found,
    )


MULTIPLY = {
    "mac.multiply_add:psum": 0.25,
    "mac.add:psum": 0.05,
    "dram.read:ifmap": 10.0,
    "rf.read:ifmap": 0.1,
}
SIGNS = {"mac.xnor:psum": 0.004, "mac.popcount:psum": 0.25, "mac.add:psum": 0.05, "dram.read:ifmap": 1.0}


def int8(name: str) -> LayerResult:
    """Two thirds of the MACs are done, ten words come from DRAM."""
    done = IMAGES * MACS[name] * 2 // 3
    counts = {"mac.multiply_add:psum": done, "mac.add:psum": 20, "dram.read:ifmap": 10, "rf.read:ifmap": 100}
    return layer(
        name, counts, MULTIPLY, scheme="int8", bits=(8, 8, 16), weight_bits=8 * WEIGHTS[name] + 32, um2=349.0
    )


def result(name: str, layers: tuple[LayerResult, ...], accuracy: float | None) -> Result:
    """A run of both layers."""
    config = {"batch": IMAGES, "network": NETWORK, "seed": 0, "dataflow": "row_stationary"}
    network = build(from_plain(NETWORK, Origin(None, override="network")), Network)
    return Result(
        settings=Settings(name, batch=IMAGES),
        network=network,
        machine=CHIP,
        machines=dict.fromkeys(network.layers(), CHIP),
        layers=layers,
        energy_unit="pJ",
        energy_table="by hand",
        glue=(),
        left_out=(),
        config=config,
        accuracy=accuracy,
    )


def schemes(*, accuracy: bool = True) -> Comparison:
    """int8, xnor with int8 at the end, and what was refused."""
    signs = layer(
        "A",
        {"mac.xnor:psum": IMAGES * MACS["A"], "mac.popcount:psum": 54, "dram.read:ifmap": 10},
        SIGNS,
        scheme="xnor",
        bits=(1, 1, 16),
        cycles=100,
        um2=200.0,
    )
    own = result("a", (int8("A"), int8("B")), 0.9 if accuracy else None)
    other = result("b", (signs, int8("B")), 0.75 if accuracy else None)
    outcomes = {"int8": own, "xnor": other, "none": Refusal("no room")}
    return Comparison("by hand", outcomes, config={"seed": 0}, baseline="int8")
