"""PEs with queues, into which activations are broadcast: schedules worked by hand to the cycle."""

from typing import Any

import numpy as np
import pytest

from accelsim.engines.reference import simulate
from accelsim.engines.timing import Outcome
from accelsim.machine import PE, Arch, Formats, PEArray, QueuedBus, Sparsity, Storage, WeightBus
from accelsim.machine.datapath import Codebook, Ternary
from accelsim.machine.formats import Csc
from accelsim.machine.sparsity import Skip
from accelsim.mapping.nest import Loop, Mapping
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer, gemm, lowered
from accelsim.program.jobs import make_program
from tests.unit.small_machine import WORD_BITS, causes_of, chip

WIDE = WeightBus(16 * WORD_BITS)
BOTH = Sparsity(skip="both")


def queues(layer: Layer, *, m: int, t: int, b: int = 1) -> Mapping:
    """m filters and t pixels a pass, filters dealt b at a time."""
    loops = [Loop("dram", "g", 1), Loop("dram", "m", m), Loop("dram", "e", t), Loop("cols", "m", b)]
    loops += [Loop("pe", "e", 1), Loop("pe", "c", 1), Loop("pe", "m", 1)]
    product = lowered(layer)
    return Mapping(product, tuple(loops), 2 * t * m, psum_blocks=2, keeps=("weight", "psum"), sharing="queue")


def machine(pes: int = 2, **changes: Any) -> Arch:
    """PEs in a row, without a memory for weights; those of a pass in one cycle on their bus."""
    return chip(**{"array": PEArray(1, pes), "filter_glb": None, "weight": WIDE, **changes})


def multiply(pixels: Any, weight: Any, arch: Arch, *, t: int = 8, b: int = 1) -> Outcome:
    """``(pixels, taps)`` activations times ``(taps, filters)`` weights."""
    x, w = np.array(pixels), np.array(weight)
    layer = gemm("product", rows=x.shape[0], inner=x.shape[1], cols=w.shape[1])
    values = Operands(x.T.reshape(layer.ifmap_shape), w.T.reshape(layer.weight_shape), Store(16))
    outcome = simulate(make_program(queues(layer, m=w.shape[1], t=t, b=b), arch, values), values)
    assert outcome.ofmap is not None
    np.testing.assert_array_equal(outcome.ofmap.reshape(w.shape[1], x.shape[0]), (x @ w).T)
    return outcome


COLUMNS = [[1, 2, 3], [9, 9, 9], [0, 4, 0], [1, 0, 2]]
"""Of filters 0, 1 and 2; PE 0 keeps 0 and 2."""


@pytest.mark.parametrize(
    "places, latency, cycles, waits",
    [(1, 1, 14, (3, 3)), (2, 1, 12, (1, 1)), (1, 0, 12, (1, 1)), (2, 0, 11, (0, 0))],
)
def test_two_pes_and_three_activations_to_the_cycle(
    places: int, latency: int, cycles: int, waits: tuple[int, int]
) -> None:
    """Activations 5, 0, 6, 7; weights are usable at 1. With one place and a latency of one:

    ====== =================== ============================= =============================
    cycle  bus                 PE 0                          PE 1
    ====== =================== ============================= =============================
    0      5 moves             no weight                     no weight
    1                          MACs of 5, for two cycles     MAC of 5
    3      6 moves: room in 0  waits                         waits since 2
    4                          has no weight for 6           MAC of 6
    5      7 moves             waits                         waits
    6                          MACs of 7, for two cycles     has no weight for 7: psum 1
    8                          psum 0, at 9 psum 2           empty since 7, idle from 9
    11     psums 0, 1, 2 move  empty since 10, idle from 12
    ====== =================== ============================= =============================

    With two places 6 moves at 1, and 7 at 3 into that of 5; without latency, words are usable as they move.
    """
    arch = machine(ifmap=QueuedBus(WORD_BITS, latency, places), sparsity=BOTH)
    outcome = multiply([[5, 0, 6, 7]], COLUMNS, arch)
    assert outcome.cycles == cycles
    steady = {"no_weight.bus": 1, "busy.pipeline": 2}
    for pe, (macs, psums, idle) in enumerate([(4, 2, 2), (2, 1, 5)]):
        causes = causes_of(outcome, pe)
        assert causes.pop("no_ifmap.bus", 0) == waits[pe]
        assert causes == steady | {"busy.mac": macs, "busy.accumulate": psums, "idle": idle}


def test_activations_and_macs_are_counted() -> None:
    did = multiply([[5, 0, 6, 7]], COLUMNS, machine(sparsity=BOTH)).actions
    assert did["glb.read:ifmap"] == 4  # all are looked at
    assert did["noc.deliver:ifmap"] == did["rf.write:ifmap"] == 3 * 2  # those that move, to both PEs
    assert (did["mac.multiply_add:psum"], did["mac.skipped:psum"]) == (6, 6)
    assert did["rf.read:ifmap"] == did["rf.read:weight"] == did["rf.read:psum"] == did["rf.write:psum"] == 6
    assert did["mac.add:psum"] == did["glb.read:weight"] == 0
    assert did["noc.deliver:weight"] == did["rf.write:weight"] == 12


def test_a_machine_that_gates_does_so_only_with_zeros_it_takes() -> None:
    """Of three filters' twelve MACs, those of the zero meet three weights; skipped ones are not gated."""
    for skip, expected in {"none": (9, 3, 0), "weight": (6, 3, 3), "ifmap": (9, 0, 3)}.items():
        sparsity = Sparsity("ifmap", skip)  # type: ignore[arg-type]
        did = multiply([[5, 0, 6, 7]], COLUMNS, machine(sparsity=sparsity)).actions
        assert (did["mac.multiply_add:psum"], did["mac.gated:psum"], did["mac.skipped:psum"]) == expected
        assert did["rf.gated_read:weight"] == expected[1]


def test_weights_that_do_nothing_are_read_for_gated_macs() -> None:
    """Two filters in a PE: 5 and 7 each meet one weight that does nothing; the zero reads neither."""
    arch = machine(1, datapath=Ternary(kind="ternary"), sparsity=Sparsity("ifmap"))
    did = multiply([[5, 0, 7]], [[1, 0], [1, 1], [0, -1]], arch).actions
    assert (did["mac.flip_add:psum"], did["mac.gated:psum"]) == (2, 1 + 2 + 1)
    assert (did["rf.read:weight"], did["rf.gated_read:weight"]) == (4, 2)


def test_pixels_of_zeros_leave_only_psums_to_the_cycle() -> None:
    """Two taps, two pixels, a filter a PE; the weight bus moves a word a cycle, PE by PE.

    PE 0 has its weights at 2, PE 1 at 4; each gives a psum in each of two cycles, then its pipeline empties.
    Psums of pixel 0 are out at 5 and 7, of pixel 1 at 6 and 8; they move at 5, 7, 8, 9; written at 10.
    """
    sparsity = Sparsity(skip="both", empty_window_cycles=5, unmatched_cycles=5)
    arch = machine(sparsity=sparsity, weight=WeightBus(WORD_BITS))
    outcome = multiply([[0, 0], [0, 0]], [[1, 2], [3, 4]], arch)
    assert outcome.cycles == 10
    for pe, armed in enumerate([2, 4]):
        steady = {"no_weight.bus": armed, "busy.accumulate": 2, "busy.pipeline": 2}
        assert causes_of(outcome, pe) == steady | {"idle": 10 - 4 - armed}
    assert outcome.actions["glb.read:ifmap"] == 4
    assert outcome.actions["noc.deliver:ifmap"] == 0
    assert outcome.actions["mac.skipped:psum"] == 8


def test_an_output_fifo_of_one_word_to_the_cycle() -> None:
    """Two filters in one PE that makes two MACs a cycle, one place at the top.

    MACs at 1; psum 0 issues at 2, is out at 5 and moves; its place is free at 6; psum 1 issues, is out at 9.
    """
    arch = machine(1, pe=PE(macs_per_cycle=2), ofmap=QueuedBus(WORD_BITS, fifo_words=1))
    outcome = multiply([[3]], [[4, 5]], arch)
    assert outcome.cycles == 10
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "busy.mac": 1,
        "busy.accumulate": 2,
        "blocked.bus": 3,
        "busy.pipeline": 2,
        "idle": 1,
    }


def test_coded_weights_and_a_pe_without_any_to_the_cycle() -> None:
    """Six filters, three a PE; PE 1 has only zeros, PE 0 a filler and a 5, then a 3. Five bits a word.

    PE 0 has its three words at 3, its activations at 1 and 2: a MAC and the filler, then a MAC, psums at 6, 7
    and 8. PE 1 is armed at once, waits for the activation until 1, matches neither, gives psums from 3 on.
    They move in turn from 9 to 14; written at 15.
    """
    formats = Formats(weight=Storage(spad=Csc("csc", index_bits=1)))
    sparsity = Sparsity(skip="both", unmatched_cycles=1, formats=formats)
    weight = [[0, 0, 0, 0, 5, 0], [3, 0, 0, 0, 0, 0]]
    book = Codebook(kind="codebook", codebook_bits=4)
    arch = machine(sparsity=sparsity, datapath=book, weight=WeightBus(5))
    outcome = multiply([[2, 4]], weight, arch)
    assert outcome.cycles == 15
    steady = {"busy.accumulate": 3, "busy.pipeline": 2}
    assert causes_of(outcome, 0) == steady | {
        "no_weight.bus": 3,
        "busy.mac": 2,
        "busy.overhead": 1,
        "idle": 4,
    }
    assert causes_of(outcome, 1) == steady | {"no_ifmap.bus": 1, "busy.overhead": 2, "idle": 7}
    did = outcome.actions
    assert did["noc.deliver:weight"] == did["rf.write:weight"] == 3
    assert did["codec.decode:weight"] == did["codec.lookup:weight"] == 3
    assert (did["mac.multiply_add:psum"], did["mac.overhead:psum"]) == (2, 1)
    assert did["mac.skipped:psum"] == 12 - 2


def test_a_word_without_a_match_holds_its_place_for_a_cycle_to_the_cycle() -> None:
    """One PE, one place, no latency on the ifmap bus; the activations 1 to 3 meet only zeros, at no cost.

    They move at 0, 2 and 3, the first used when the weights are in, at 1; the psum issues at 3, out at 6.
    """
    arch = machine(1, ifmap=QueuedBus(WORD_BITS, 0, 1), sparsity=BOTH)
    outcome = multiply([[1, 2, 3]], [[0], [0], [0]], arch)
    assert outcome.cycles == 7
    assert causes_of(outcome, 0) == {
        "no_weight.bus": 1,
        "no_ifmap.bus": 2,
        "busy.accumulate": 1,
        "busy.pipeline": 2,
        "idle": 1,
    }


def test_weights_stay_for_all_pixels_of_their_filters() -> None:
    """Three pixels, two a pass: the second pass loads nothing, so its first MAC waits for no weight."""
    outcome = multiply([[1, 2], [3, 4], [5, 6]], [[1, 2], [3, 4]], machine(), t=2)
    assert outcome.actions["noc.deliver:weight"] == 4
    assert causes_of(outcome, 0)["no_weight.bus"] == 1
    assert causes_of(outcome, 0)["no_ifmap.bus"] == 1


@pytest.mark.parametrize(
    "padding, skip, reads, moved",
    [
        ("stored", "none", 9, 9),
        ("generated", "none", 1, 9),
        ("stored", "ifmap", 9, 1),
        ("generated", "both", 1, 1),
    ],
)
def test_pad_zeros_are_read_where_they_are_stored_and_move_where_they_are_taken(
    padding: str, skip: Skip, reads: int, moved: int
) -> None:
    """One ifmap word in the middle of a filter of nine taps."""
    layer = Layer("padded", m=2, c=1, h=1, w=1, r=3, s=3, pad=(1, 1, 1, 1))
    values = Operands(layer.padded(np.full((1, 1, 1, 1), 7)), np.ones((2, 1, 3, 3), np.int64), Store(16))
    arch = machine(padding=padding, sparsity=Sparsity(skip=skip))
    outcome = simulate(make_program(queues(layer, m=2, t=1), arch, values), values)
    assert outcome.ofmap is not None
    assert outcome.ofmap.ravel().tolist() == [7, 7]
    assert outcome.actions["glb.read:ifmap"] == reads
    assert outcome.actions["noc.deliver:ifmap"] == 2 * moved
