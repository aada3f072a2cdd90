"""Skipping PEs against Chen, Yang, Emer, Sze, "Eyeriss v2", IEEE JETCAS 9(2), 2019.

The masks of three layers of a sparse MobileNet come with the paper's model. Here are the non-zeros that they
have in each channel, which decide the MAC cycles of a PE; masks with as many are drawn by a seed. The masks
themselves are not part of this repository: ``ACCELSIM_MASKS`` names the folder that has
``eyeriss_v2_masks_L07.npz`` and its sisters.
"""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.laws import seeds
from tests.papers.eyeriss_v2 import (
    Masks,
    broadcast,
    busy,
    by_filters,
    by_pixels,
    counted,
    imbalance,
    seeded,
    stretch,
)

CYCLES = {"L07": 1702140, "L13": 1144158, "L27": 775316}
"""Of one PE: the sum over channels of non-zero ifmap values times non-zero weights."""

SHAPES = {"L07": (32 * 32, 64), "L13": (8 * 8, 256), "L27": (4 * 4, 512)}
"""Pixels and filters."""

IN_STEP = {"L07": 1.79, "L13": 1.30, "L27": 1.46}
"""Time over mean time with one word of queue, filters in 16 blocks: ours, of the paper's masks."""

SEEDED = {"wide": (1, 64, 24, 48), "deep": (2, 32, 96, 32), "few": (3, 16, 8, 16)}


@pytest.fixture(params=SEEDED)
def masks(request):
    """Seeded masks of a pointwise layer."""
    return seeded(*SEEDED[request.param])


@pytest.fixture(params=CYCLES)
def published(request):
    """A layer's name and its published masks."""
    folder = os.environ.get("ACCELSIM_MASKS")
    if folder is None:
        pytest.skip("ACCELSIM_MASKS does not name the folder of the masks")
    with np.load(Path(folder) / f"eyeriss_v2_masks_{request.param}.npz") as file:
        return request.param, Masks(file["iacts"], file["weights"])


def test_one_pe_takes_a_cycle_for_every_pair_of_non_zeros(masks):
    outcome = by_pixels(masks, 1)
    assert busy(outcome).tolist() == [masks.cycles]
    assert outcome.actions["mac.multiply_add:psum"] == masks.cycles


@pytest.mark.parametrize("split", [lambda masks: by_pixels(masks, 16), by_filters], ids=["pixels", "filters"])
def test_work_is_the_same_however_it_is_split(masks, split):
    assert busy(split(masks)).sum() == masks.cycles


@pytest.mark.parametrize("seed", range(3))
def test_one_word_of_queue_keeps_pes_in_step(seed):
    """A word waits for the slowest PE with the word before; one that nobody has work for takes a cycle."""
    masks = seeded(seed, pixels=1, channels=200, filters=48)
    outcome = broadcast(masks, queue=1)
    alone = masks.iacts.sum(axis=0) @ (masks.weights.sum(axis=0) == 0)
    assert stretch(outcome) == pytest.approx(masks.in_step + alone / busy(outcome).mean(), rel=1e-9)


def test_deeper_queues_give_back_what_imbalance_of_words_took(masks):
    curve = [stretch(broadcast(masks, queue)) for queue in (1, 2, 4, 16, 1 << 12)]
    assert curve == sorted(curve, reverse=True)
    assert curve[-1] < curve[0]


@pytest.mark.parametrize("name", CYCLES)
def test_published_counts_of_non_zeros_take_the_published_cycles(name):
    """Wherever in its channel a non-zero lies, in one PE or shared out by pixels or by filters."""
    masks = counted(name, *SHAPES[name], seed=seeds.seed())
    for outcome in (by_pixels(masks, 1), by_pixels(masks, 16), by_filters(masks)):
        assert busy(outcome).sum() == CYCLES[name]
        assert outcome.actions["mac.multiply_add:psum"] == CYCLES[name]


def test_published_masks_in_one_pe(published):
    name, masks = published
    outcome = by_pixels(masks, 1)
    print(f"{name}: {busy(outcome)[0]} MAC cycles (published: {CYCLES[name]})")
    assert busy(outcome).tolist() == [CYCLES[name]]


def test_published_masks_over_sixteen_pes(published):
    name, masks = published
    pixels, filters = imbalance(by_pixels(masks, 16)), imbalance(by_filters(masks))
    curve = {queue: stretch(broadcast(masks, queue)) for queue in (1, 2, 4, 8, 16, 64)}
    print(f"{name}: longest over mean, pixels split {pixels:.3f}, filters split {filters:.3f}")
    print(f"{name}: broadcast, time over mean by queue depth", {k: round(v, 3) for k, v in curve.items()})
    assert 1.02 <= round(pixels, 2) <= 1.09
    assert 1.02 <= round(filters, 2) <= 1.62
    assert curve[1] == pytest.approx(IN_STEP[name], abs=0.01)
