"""Break it once, in the arithmetic: naive loops, numpy, or floats in order tell each written-down mutant."""

from __future__ import annotations

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.network.convolution import reference_ofmap
from accelsim.program.jobs import make_program
from tests.laws.datapath_cases import Case, drawn
from tests.laws.mutants import Change, mutate_in_place
from tests.laws.test_datapath_counts import assert_recounted
from tests.laws.test_datapath_floats import FORMATS, assert_in_order

COUNT = 16
"""Cases of a datapath that a mutant must live through."""

MUTANTS: dict[str, dict[str, Change]] = {
    "xnor": {
        "lanes past the end of a window count as zeros": (
            "machine/datapath/xnor.py",
            "- int(np.count_nonzero(mask[part]))",
            "- self.lanes",
        ),
        "padding is a sign": (
            "machine/datapath/xnor.py",
            "mask = words > 0, words != 0",
            "mask = words > 0, words <= 1",
        ),
        "ones are counted once": (
            "machine/datapath/xnor.py",
            "psum += 2 * int(",
            "psum += int(",
        ),
        "lanes hold the taps of one channel": (
            "machine/datapath/xnor.py",
            "-(-q * s // self.lanes), 0",
            "-(-s // self.lanes) * q, 0",
        ),
        "every filter reads and writes its psum for every product": (
            "machine/datapath/xnor.py",
            "Uses(amounts.macs, amounts.macs, amounts.issues,",
            "Uses(amounts.macs, amounts.macs, amounts.macs,",
        ),
        "products are one where signs differ": (
            "machine/datapath/xnor.py",
            "~(signs[part] ^ own[part])",
            "(signs[part] ^ own[part])",
        ),
    },
    "codebook_products": {
        "the table is filled once a step": (
            "machine/datapath/codebook.py",
            "-(-self.levels // width) * q * s",
            "-(-self.levels // width)",
        ),
        "the table is filled a product a cycle": (
            "machine/datapath/codebook.py",
            "-(-self.levels // width) * q * s",
            "self.levels * q * s",
        ),
        "products are tabulated once a step": (
            "machine/datapath/codebook.py",
            "self.levels * amounts.words)",
            "self.levels * amounts.sums)",
        ),
        "every filter reads the ifmap word": (
            "machine/datapath/codebook.py",
            "return Uses(amounts.words,",
            "return Uses(amounts.macs,",
        ),
        "a product is read of the code before": (
            "machine/datapath/codebook.py",
            "codes.reshape(weights.shape)[..., None]",
            "codes.reshape(weights.shape)[..., None] // 2",
        ),
    },
    "codebook_sums": {
        "sums are multiplied but for one": (
            "machine/datapath/codebook.py",
            "-(-p // width) * self.levels",
            "-(-p // width) * (self.levels - 1)",
        ),
        "products of sums are counted but for one": (
            "machine/datapath/codebook.py",
            "scaled = self.levels * amounts.sums",
            "scaled = (self.levels - 1) * amounts.sums",
        ),
        "sums are not read to be multiplied": (
            "machine/datapath/codebook.py",
            "amounts.macs + scaled, scaled)",
            "amounts.macs, scaled)",
        ),
        "words are added to the sums of smaller values too": (
            "machine/datapath/codebook.py",
            "words[own == v]",
            "words[own >= v]",
        ),
    },
    "repeated_kernels": {
        "merges take no cycle": (
            "machine/datapath/repeated.py",
            "-(-p // width) * len(kernels))",
            "0)",
        ),
        "merges are not counted": ("machine/datapath/repeated.py", "p * q, p * q)", "p * q, 0 * p)"),
        "a kernel is merged in all filters at once": (
            "machine/datapath/repeated.py",
            "p * q, p * q)",
            "q, q)",
        ),
        "the sign of a repeated kernel is lost": (
            "machine/datapath/repeated.py",
            "sums[j] += sign * found[one]",
            "sums[j] += found[one]",
        ),
        "a kernel and its negative are two": (
            "machine/datapath/repeated.py",
            "signs = np.where(first < 0, -1, 1)",
            "signs = np.where(first < 0, 1, 1)",
        ),
        "kernels go one by one whatever the width": (
            "machine/datapath/repeated.py",
            "macs: IntArray = (-(-kernels // width)).sum(axis=0) * s",
            "macs: IntArray = kernels.sum(axis=0) * s",
        ),
        "zeros gate kernels that were never made": (
            "machine/control.py",
            "per_word = kernels[:, None]",
            "per_word = np.full((q, 1), p)",
        ),
    },
    "ternary": {
        "a zero weight flips": (
            "machine/datapath/flips.py",
            "        if not weight:\n            return psum\n        shifted",
            "        shifted",
        ),
        "zeros that do nothing are made": (
            "machine/control.py",
            "(p - macs) * self.idles",
            "(p - macs) * 0",
        ),
        "weights that do nothing are not read": (
            "machine/control.py",
            "Gated(spared + nothing, spared)",
            "Gated(spared + nothing, spared + nothing)",
        ),
        "a zero that meets a zero is gated twice": (
            "machine/control.py",
            "(taken & (present if self.gates else True))",
            "taken",
        ),
    },
    "five_level": {
        "a weight of two shifts by two": (
            "machine/datapath/flips.py",
            "shifted = ifmap + ifmap if",
            "shifted = 4 * ifmap if",
        ),
        "a weight of one shifts": (
            "machine/datapath/flips.py",
            "if abs(weight) == 2 else ifmap  #",
            "if weight else ifmap  #",
        ),
    },
    "binary": {
        "a negative weight passes": (
            "machine/datapath/flips.py",
            "return psum + shifted if weight > 0 else psum - shifted",
            "return psum + shifted",
        ),
    },
    "signed product_lut": {
        "weight codes have no sign": (
            "machine/datapath/product_lut.py",
            "weight - (1 << weight_bits), weight)",
            "weight, weight)",
        ),
        "ifmap codes have no sign": (
            "machine/datapath/product_lut.py",
            "if not unsigned:",
            "if unsigned:",
        ),
        "the fields of an address overlap": (
            "machine/datapath/product_lut.py",
            "- 1) << width |",
            "- 1) << width - 1 |",
        ),
    },
    "codebook": {
        "gated weights are looked up": (
            "mapping/work.py",
            "made + spared.fillers - spared.unread",
            "made + spared.fillers",
        ),
    },
    "integer": {
        "the last filters go for free": (
            "machine/control.py",
            "np.full_like(entries, -(-p // self.width))",
            "np.full_like(entries, p // self.width)",
        ),
        "the psum from below passes a pooled register file": (
            "machine/control.py",
            "return uses - sums if isinstance(arch.rf, PooledRF) else uses",
            "return uses",
        ),
    },
    "float16": {
        "a product is rounded with its sum": (
            "machine/datapath/floating.py",
            "psum + self.psum(ifmap) * self.psum(weight)",
            "self.psum(np.float64(psum) + np.float64(ifmap) * np.float64(weight))",
        ),
        "products of a PE are added from the last on": (
            "machine/datapath/protocol.py",
            "zip(window.ravel().tolist(), own, strict=True)",
            "zip(window.ravel().tolist()[::-1], own[::-1], strict=True)",
        ),
        "taps are added before channels": (
            "passes/primitive.py",
            "places[c.start : c.stop, row].ravel()",
            "places[c.start : c.stop, row].T.ravel()",
        ),
        "channel sets are added from the first on": (
            "passes/primitive.py",
            "for c in reversed(sets) for row",
            "for c in sets for row",
        ),
        "filter rows are added from the first on": (
            "passes/primitive.py",
            "for row in reversed(range(sizes[1]))",
            "for row in range(sizes[1])",
        ),
        "products are added to the psum from below one by one": (
            "passes/primitive.py",
            "int(self.channels.max())), apart=True)",
            "int(self.channels.max())), apart=False)",
        ),
    },
    "mixed": {
        "products are rounded to half precision": (
            "machine/datapath/floating.py",
            "self.psum(ifmap) * self.psum(weight)",
            "ifmap * weight",
        ),
    },
}
"""By the datapath that must show it."""

EVERY = [(name, mutant) for name, mutants in MUTANTS.items() for mutant in mutants]


def assert_lawful(case: Case, form: str) -> None:
    """Both engines count what naive loops do, and compute what they must: *case* on plans made anew."""
    program = make_program(case.program.mapping, case.program.arch, case.operands)
    for engine in (fast, reference):
        outcome = engine.simulate(program, case.operands)
        assert_recounted(case, outcome)
        if form in FORMATS:
            assert_in_order(case, outcome.ofmap, FORMATS[form])
        else:
            expected = reference_ofmap(case.layer, case.ifmap, case.operands.weight)
            np.testing.assert_array_equal(outcome.ofmap, expected)


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_that_change_nothing_are_lawful(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = drawn("row_stationary", name, COUNT)
    for file, line in {file: line for file, line, _ in MUTANTS[name].values()}.items():
        mutate_in_place((file, line, line), monkeypatch)
    for case in cases:
        assert_lawful(case, name)


@pytest.mark.parametrize("name, mutant", EVERY)
def test_a_mutant_is_told(name: str, mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = drawn("row_stationary", name, COUNT)
    mutate_in_place(MUTANTS[name][mutant], monkeypatch)
    with pytest.raises(AssertionError):
        for case in cases:
            assert_lawful(case, name)
