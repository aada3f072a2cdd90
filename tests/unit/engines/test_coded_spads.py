"""PEs of row stationary whose scratch pads keep words coded: schedules worked by hand to the cycle."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from accelsim.engines.reference import simulate
from accelsim.errors import SimulationError
from accelsim.machine import (
    PE,
    Arch,
    Banks,
    DramLink,
    Formats,
    QueuedBus,
    Sparsity,
    SplitRF,
    Storage,
    WeightBus,
)
from accelsim.machine.datapath import Codebook
from accelsim.machine.formats import Csc
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from tests.unit.engines.test_skipping import BETWEEN, of, one_step, row
from tests.unit.small_machine import CHIP, causes_of, chip, row_stationary

CODE = Csc("csc", index_bits=1)
"""A run of one zero in front of a word; a word takes 17 bits."""

BOOK = Codebook(kind="codebook", codebook_bits=4)


def coded(operand: str, **changes: Any) -> Arch:
    """A chip that keeps *operand* coded on chip and skips zeros of both; buses of a coded word."""
    formats = replace(Formats(), **{operand: Storage(glb=CODE, spad=CODE)})  # type: ignore[arg-type]
    sparsity = Sparsity(skip="both", unmatched_cycles=1, formats=formats)
    defaults = {"weight": WeightBus(17), "ifmap": QueuedBus(17), "sparsity": sparsity}
    return chip(**{**defaults, **changes})


def test_coded_zeros_do_not_move_but_a_filler_does() -> None:
    """Of the words 4 0 0 6 the second is a run, the third closes it: three move in 0, 1, 2, usable at 3.

    Weights are usable at 1. Two MACs from 3 on, a cycle for the filler, the psum issues at 6.
    """
    outcome = one_step([4, 0, 0, 6], [[1], [2], [3], [4]], coded("ifmap", weight=WeightBus(64)))
    assert outcome.cycles == 6 + BETWEEN
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "no_ifmap.bus": 2,
        "busy.mac": 2,
        "busy.overhead": 1,
        "busy.accumulate": 1,
        "busy.pipeline": 2,
        "idle": 1,
    }
    did, kept_bits = outcome.actions, 2 * 16 + 3 * 17  # pointers and entries
    assert did["noc.deliver:ifmap"] == did["rf.write:ifmap"] == 3
    assert did["codec.decode:ifmap"] == 3  # in the PE
    assert did["codec.encode:ifmap"] == 3  # DRAM does not keep it coded
    assert did["dram.read:ifmap"] == 4
    assert did["glb.write:ifmap"] == did["glb.read:ifmap"] == -(-kept_bits // 16)


def test_a_column_without_words_is_there_with_those_before_it() -> None:
    """Words 0 and 2 move at 0 and 1. MACs at 1 and 4; the middle step, without a word, issues at 3."""
    outcome = row([5, 0, 7], [3], coded("ifmap"))
    assert outcome.cycles == 5 + BETWEEN
    assert outcome.actions["noc.deliver:ifmap"] == 2
    assert "no_ifmap.bus" not in causes_of(outcome, 0)


def test_columns_that_carry_nothing_are_there_at_once() -> None:
    outcome = row([0, 0], [3], coded("ifmap"))
    assert outcome.cycles == 1 + 2 - 1 + BETWEEN
    assert outcome.actions["noc.deliver:ifmap"] == 0


@pytest.mark.parametrize("ifmap_bytes, moves", [(3, 5), (5, 2)])
def test_places_are_for_entries_with_their_index(ifmap_bytes: int, moves: int) -> None:
    """Two taps on 1 0 2 3; one place in the FIFO, and one or two entries of 17 bits in the window.

    Words 0 and 2 move at 0 and 1, usable at 3 and 4. Step 0 has its MAC at 3, issues at 4, frees word 0 at 5;
    with three places word 3 has *moved* at 2. Step 1 has its MAC at 5, issues at 6. Step 2 starts as soon
    as word 3 is usable, with two MACs, then issues.
    """
    rf = SplitRF("split", ifmap_bytes=ifmap_bytes, weight_bytes=448, psum_bytes=48)
    arch = coded("ifmap", ifmap=QueuedBus(17, latency_cycles=3, fifo_words=1), rf=rf)
    outcome = row([1, 0, 2, 3], [4, 5], arch)
    start = max(moves + 3, 7)
    assert outcome.cycles == start + 2 + BETWEEN
    assert causes_of(outcome, 0)["no_ifmap.bus"] == 1 + start - 7


def test_a_window_with_more_words_than_places_stops_the_machine() -> None:
    rf = SplitRF("split", ifmap_bytes=2, weight_bytes=448, psum_bytes=48)
    arch = coded("ifmap", ifmap=QueuedBus(17, fifo_words=1), rf=rf)
    row([1, 0, 2], [4, 5], arch)
    with pytest.raises(SimulationError, match="circular wait: ifmap bus waits for room in"):
        row([1, 2, 3], [4, 5], arch)


SPARSE = [[1, 0, 2], [0, 0, 5], [0, 0, 0]]


def test_coded_weights_are_loaded_in_fewer_cycles() -> None:
    """Two entries, a filler and an entry, nothing: four words are usable at 4.

    Words 3, 4, 5 cost two MACs, a MAC and the filler, and a cycle without a match.
    """
    outcome = one_step([3, 4, 5], SPARSE, coded("weight"))
    assert outcome.cycles == 4 + 5 + 3 - 1 + BETWEEN
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 4,
        "busy.mac": 3,
        "busy.overhead": 2,
        "busy.accumulate": 3,
        "busy.pipeline": 2,
        "idle": 1,
    }
    did, kept_bits = outcome.actions, 4 * 16 + 4 * 17
    assert did["noc.deliver:weight"] == did["rf.write:weight"] == 4
    assert did["codec.decode:weight"] == 4
    assert did["glb.read:weight"] == did["glb.write:weight"] == -(-kept_bits // 16)
    assert (did["mac.multiply_add:psum"], did["mac.skipped:psum"]) == (3, 6)
    assert did["mac.overhead:psum"] == 1
    assert did["rf.read:weight"] == did["rf.read:psum"] == did["rf.read:ifmap"] == 3 + 1


def test_words_of_a_codebook_are_short_and_looked_up() -> None:
    """Five bits a word: three a cycle of the bus, all usable at 2; the ifmap is at 3.

    The GLB has 4 pointers of 16 bits and 4 entries of 5: 84 bits, 4 to a code.
    """
    outcome = one_step([3, 4, 5], SPARSE, coded("weight", datapath=BOOK, weight=WeightBus(17)))
    assert causes_of(outcome, 0)["no_weight.bus"] == 2
    assert causes_of(outcome, 0)["no_ifmap.bus"] == 1
    assert outcome.actions["codec.lookup:weight"] == 3 + 1
    assert outcome.actions["glb.write:weight"] == outcome.actions["glb.read:weight"] == 84 // 4


def test_a_gated_mac_looks_nothing_up() -> None:
    """The zero meets the two weights of its column, the 5 a filler and a weight."""
    formats = Formats(weight=Storage(glb=CODE, spad=CODE))
    sparsity = Sparsity(gate="ifmap", skip="weight", formats=formats)
    arch = coded("weight", datapath=BOOK, sparsity=sparsity)
    did = one_step([0, 5, 0], SPARSE, arch).actions
    assert (did["mac.gated:psum"], did["mac.multiply_add:psum"]) == (2, 1)
    assert did["codec.decode:weight"] == 4
    assert did["codec.lookup:weight"] == 2


def test_a_pass_without_weights_frees_their_bank_as_it_starts() -> None:
    """Two passes (filters 0 and 3), a filter buffer of one bank; a link of a word a cycle, ten cycles away.

    The code of no weight has two pointers and is in at 2 + 10, the ifmap at 13. Pass 0 from 13 has nothing
    to load, so the code of weight 1, 49 bits, leaves at 13 and is in at 17 + 10; the ifmap word is usable at
    14, the psum issues, over at 17. Pass 1 from 27: MAC at 28, over at 32, written at 33; in DRAM at 34 + 10.
    """
    far = DramLink(clock_hz=CHIP.clock_hz, bits_per_cycle=16, latency_cycles=10)
    storage = Storage(dram=CODE, glb=CODE, spad=CODE)
    sparsity = Sparsity(skip="both", formats=Formats(weight=storage))
    arch = coded("weight", sparsity=sparsity, filter_glb=Banks(1, 64), dram=far)
    layer = Layer("two filters", m=2, c=1, h=1, w=1, r=1, s=1)
    values = of(layer, [7], [0, 3])
    outcome = simulate(make_program(row_stationary(layer, m=2), arch, values), values)
    assert outcome.ofmap is not None
    assert outcome.ofmap.ravel().tolist() == [0, 21]
    assert outcome.cycles == 44
    assert causes_of(outcome, 0) == {
        "no_weight.dram": 12 + 10,
        "no_ifmap.dram": 1,
        "no_weight.bus": 1,
        "no_ifmap.bus": 1,
        "busy.mac": 1,
        "busy.accumulate": 2,
        "busy.pipeline": 4,
        "idle": 12,
    }
    assert outcome.actions["glb.read:weight"] == outcome.actions["dram.read:weight"] == 2 + 4


def test_without_values_nothing_is_skipped_and_all_words_move() -> None:
    layer = Layer("dense", m=2, c=3, h=3, w=4, r=2, s=2)
    mapping = row_stationary(layer, m=2, p=2, q=3)
    arch = coded("weight", pe=PE(macs_per_cycle=2))
    plain = replace(arch, sparsity=Sparsity(), noc=CHIP.noc)
    coded_run, plain_run = (simulate(make_program(mapping, one), None) for one in (arch, plain))
    np.testing.assert_array_equal(coded_run.causes, plain_run.causes)
    assert coded_run.actions == plain_run.actions
