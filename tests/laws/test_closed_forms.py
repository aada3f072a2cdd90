"""The rule that counts nests == closed forms by hand, on arrays of candidates and on single nests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import numpy as np
import pytest

from accelsim.machine import Arch, PEArray, PooledRF
from accelsim.mapping.counting import NestCounts
from accelsim.mapping.dataflow import find_dataflow
from accelsim.mapping.work import Work
from accelsim.network.layer import Layer
from tests.laws import closed_forms
from tests.laws.seeds import draw_name, seed
from tests.laws.stream_cases import is_legal, random_layer
from tests.laws.stream_machines import WIDE, roomy

EACH = 12
CANDIDATES = 25
FORMS: dict[str, Callable[[Layer, Arch, Any], Work]] = {
    "weight_stationary": closed_forms.weight_stationary,
    "output_stationary_soc_mop": closed_forms.output_stationary_soc_mop,
    "output_stationary_gemm": closed_forms.output_stationary_gemm,
}


def random_machine(name: str, dice: Random) -> Arch:
    """Room for all, pad zeros stored or not, one register file or three."""
    arch = replace(roomy(), padding=dice.choice(["stored", "generated"]))
    if dice.random() < 0.5:
        arch = replace(arch, rf=PooledRF("pooled", 128))
    if name == "output_stationary_gemm" and dice.random() < 0.5:
        arch = replace(arch, array=PEArray(WIDE, WIDE, "grid", "systolic"))
    return arch


@pytest.mark.parametrize("name", FORMS)
def test_nests_are_counted_as_by_hand(name: str) -> None:
    cls: Any = find_dataflow(name)
    for number in range(EACH):
        dice = Random(draw_name(f"closed form: {name}", number, seed()))
        layer, arch = random_layer(dice), random_machine(name, dice)
        space = cls.space(layer, arch)
        batch = space.expand(np.arange(len(space.starts()[1])), equal_counts_once=False)
        every = [np.broadcast_to(values, batch.legal.shape).ravel() for values in batch.choice.values()]
        counted = [np.broadcast_to(values, batch.legal.shape).ravel() for values in batch.work]
        for i in dice.sample(range(batch.legal.size), min(CANDIDATES, batch.legal.size)):
            choice = cls(**{size: int(values[i]) for size, values in zip(batch.choice, every, strict=True)})
            by_hand = FORMS[name](layer, arch, choice)
            assert Work(*(int(values[i]) for values in counted)) == by_hand, (layer, choice)
            if is_legal(choice, layer, arch):
                assert NestCounts(choice.map(layer, arch), arch).work == by_hand, (layer, choice)
