"""The fully connected layers of AlexNet on EIE, with seeded masks of the published densities."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np

from accelsim.config import build, find, load_yaml
from accelsim.engines.simulate import Values, make, simulate
from accelsim.engines.timing import Outcome
from accelsim.machine import Arch
from accelsim.mapping.operands import Store
from accelsim.network.layer import IntArray, Layer
from accelsim.stats import CAUSE
from dataflows.compressed_columns import CompressedColumns

EIE = build(load_yaml(find("arch", "eie")), Arch)
PES, MHZ = 64, 800
CODES = np.array([-7, -6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6, 7, 8])


class Row(NamedTuple):
    """What ISCA 2016 prints of a layer: Tables III and IV."""

    inputs: int
    outputs: int
    weights: float  # density
    activations: float
    theoretical_us: float  # if work were spread evenly
    actual_us: float

    @property
    def balance(self) -> float:
        """Load-balance efficiency, theoretical over actual time."""
        return self.theoretical_us / self.actual_us


ROWS = {
    "Alex-6": Row(9216, 4096, 0.09, 0.351, 28.1, 30.3),
    "Alex-7": Row(4096, 4096, 0.09, 0.353, 11.7, 12.2),
    "Alex-8": Row(4096, 1000, 0.25, 0.375, 8.9, 9.9),
}


@cache
def values(name: str) -> Values:
    """Non-zeros at random places, as many as the densities say; weights of 15 values."""
    row, dice = ROWS[name], np.random.default_rng(0)
    weight = np.zeros(row.outputs * row.inputs, np.int64)
    places = dice.random(weight.size, np.float32) < row.weights
    weight[places] = dice.choice(CODES, int(places.sum()))
    ifmap = (dice.random(row.inputs) < row.activations) * dice.integers(1, 100, row.inputs)
    shape = row.outputs, row.inputs, 1, 1
    return Values(ifmap.reshape(1, -1, 1, 1), weight.reshape(shape), lambda psums: Store(16, 8))


def run(name: str, queue: int = 8) -> Outcome:
    """Simulate layer *name* on the chip with *queue* words in front of each PE."""
    row, data = ROWS[name], values(name)
    layer = Layer(name, n=1, m=row.outputs, c=row.inputs, h=1, w=1, r=1, s=1)
    arch = replace(EIE, noc=replace(EIE.noc, ifmap=replace(EIE.noc.ifmap, fifo_words=queue)))
    mapping = CompressedColumns(m=row.outputs, b=1, t=1).map(layer, arch)
    outcome, _ = simulate(make(mapping, arch, data), data)
    assert outcome.ofmap is not None
    expected = data.weight.reshape(row.outputs, row.inputs) @ data.ifmap.ravel()
    np.testing.assert_array_equal(outcome.ofmap.ravel(), expected)
    return outcome


def work(outcome: Outcome) -> IntArray:
    """Cycles that each PE works on activations, fillers and empty columns among them."""
    found: IntArray = outcome.causes[CAUSE["busy.mac"]] + outcome.causes[CAUSE["busy.overhead"]]
    return found


def entries(outcome: Outcome) -> float:
    """Weights and fillers that a PE takes on average: the cycles of a machine whose PEs all have as many."""
    counts = outcome.actions
    return (counts["mac.multiply_add:psum"] + counts["mac.overhead:psum"]) / PES


def balance(outcome: Outcome) -> float:
    """Theoretical over actual time, as published: of cycles for no weight or filler, none is work."""
    return entries(outcome) / outcome.cycles
