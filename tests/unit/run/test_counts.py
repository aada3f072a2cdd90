"""What a result says of all layers together."""

from itertools import permutations

from accelsim.mapping.work import Work
from accelsim.run.counts import NO_COUNTS, Counts
from accelsim.stats import CAUSES, Actions


def counts(size: int, *, weight_bits: int | None = None, counted: int | None = None) -> Counts:
    """Counts of which no two are alike, *size* times over."""
    return Counts(
        macs=size,
        cycles=2 * size,
        causes={cause: size * (3 + at) for at, cause in enumerate(CAUSES)},
        actions=Actions({"glb.read:ifmap": 20 * size, f"mac.of_{size}:psum": 1, "never": 0}),
        work=Work(*(size * (30 + at) for at in range(len(Work._fields)))),
        dense_dram=Actions({"dram.read:ifmap": 60 * size}),
        dram_bits=70 * size,
        weight_bits=weight_bits,
        counted=counted,
        simulated=counted,
    )


def test_counts_add_up_in_any_order() -> None:
    parts = counts(1), counts(10, weight_bits=7, counted=2), counts(100, weight_bits=8, counted=None)
    sums = [sum(order, NO_COUNTS) for order in permutations(parts)]
    assert all(total == sums[0] for total in sums)
    total = sums[0]
    assert (total.macs, total.cycles, total.dram_bits) == (111, 222, 70 * 111)
    assert (total.weight_bits, total.counted, total.simulated) == (15, 2, 2)
    assert total.causes[CAUSES[1]] == 4 * 111
    assert total.work.sums == 31 * 111
    assert +total.actions == {"glb.read:ifmap": 20 * 111} | {f"mac.of_{n}:psum": 1 for n in (1, 10, 100)}
    assert total.dense_dram == {"dram.read:ifmap": 60 * 111}


def test_what_no_layer_has_stays_unknown_and_what_counts_nothing_keeps_its_name() -> None:
    total = counts(1) + counts(2)
    assert (total.weight_bits, total.counted) == (None, None)
    assert "never" in total.actions
