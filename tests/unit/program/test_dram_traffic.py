"""What crosses the DRAM link, and what memories keep, by hand: whose values are coded, in how many bits."""

from dataclasses import replace

import numpy as np
import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.errors import LegalityError
from accelsim.machine import Banks, Formats, OfmapStorage, Sparsity, Storage
from accelsim.machine.formats import Bitmask, Csc, RunLength
from accelsim.machine.formats.protocol import Size
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer
from accelsim.program.dram_traffic import Boxes, ofmap_size
from accelsim.program.jobs import make_program, requests
from accelsim.program.waits import fill_banks
from dataflows.row_stationary import RowStationary
from tests.laws.cases import backlogged

PLAIN = backlogged(1, 1).program.arch
RLC, MASK, CSC = RunLength("run_length"), Bitmask("bitmask"), Csc("csc")
GROUPED = Layer("grouped", m=2, c=2, h=3, w=4, r=1, s=1, groups=2)
MAPPING = RowStationary(m=1, n=1, e=3, p=1, q=1, r=1, t=1).map(GROUPED, PLAIN)
TILES = [one.tile for one in MAPPING.passes()]
"""One pass for each of two groups of one channel."""

AS_IT_IS = Size(12 * 16, 12)
WORD = 64
"""Bits of a word of RLC: three pairs."""


def coded(*, ofmap=None, **operands):
    """A machine that keeps *operands* so."""
    return replace(PLAIN, sparsity=Sparsity(formats=Formats(ofmap=OfmapStorage(ofmap), **operands)))


CODED = coded(ifmap=Storage(dram=RLC), ofmap=RLC)


@pytest.fixture
def operands():
    """Group 0 is all zeros but one, group 1 has none."""
    ifmap = np.zeros(GROUPED.ifmap_shape, np.int64)
    ifmap[0, 0, 0, 0], ifmap[0, 1] = 7, 1
    return Operands(ifmap, np.ones(GROUPED.weight_shape, np.int64), Store(16, relu=True))


def fills(arch, operands):
    """The ifmap of each group."""
    return Boxes(MAPPING, arch, operands).fills("ifmap", TILES)


def banks_of(boxes):
    """Banks that the ifmap of each group takes."""
    return fill_banks("ifmap", boxes.fills("ifmap", TILES), boxes)


def test_each_group_is_coded_by_its_own_values(operands):
    """Group 0: (0, 7) and (10, 0), one word; group 1: twelve pairs, four words."""
    both = fills(CODED, operands)
    assert [fill.dram for fill in both] == [Size(WORD, 2), Size(4 * WORD, 12)]
    assert [fill.words for fill in both] == [12, 12]
    assert [fill.glb for fill in both] == [AS_IT_IS, AS_IT_IS]


def test_the_first_ifmap_is_not_coded_in_dram(operands):
    raw = replace(operands, code_ifmap=False)
    assert [fill.dram for fill in fills(CODED, raw)] == [AS_IT_IS, AS_IT_IS]
    both = fills(coded(ifmap=Storage(dram=MASK, glb=MASK)), raw)
    assert [fill.dram for fill in both] == [AS_IT_IS, AS_IT_IS]
    assert [fill.glb for fill in both] == [Size(12 + 16, 1), Size(12 + 12 * 16, 12)]
    assert [fill.coder for fill in both] == [{"codec.encode:ifmap": 1}, {"codec.encode:ifmap": 12}]


@pytest.mark.parametrize("arch, values", [(PLAIN, True), (CODED, False), (PLAIN, False)])
def test_nothing_is_coded_on_a_plain_link_or_without_values(arch, values, operands):
    for fill in fills(arch, operands if values else None):
        assert (fill.dram, fill.glb, fill.coder) == (AS_IT_IS, AS_IT_IS, {})


def test_an_ofmap_is_coded_as_it_is_stored(operands):
    """ReLU first: of -1, -2, 5, -3, 6, 0 remain (2, 5), (1, 6) and (0, 0)."""
    psums = np.array([-1, -2, 5, -3, 6, 0])
    assert ofmap_size(CODED, 6, psums, range(1), operands) == Size(WORD, 3)
    assert (
        ofmap_size(PLAIN, 6, psums, range(1), operands)
        == ofmap_size(CODED, 6, None, range(1), None)
        == Size(6 * 16, 0)
    )


@pytest.mark.parametrize(
    "dram, glb, coder",
    [
        (None, None, {}),
        (RLC, None, {"codec.decode:ifmap": 2}),
        (None, MASK, {"codec.encode:ifmap": 1}),
        (RLC, MASK, {"codec.decode:ifmap": 2, "codec.encode:ifmap": 1}),
        (MASK, MASK, {}),
    ],
)
def test_what_changes_its_format_is_decoded_and_coded_entry_by_entry(dram, glb, coder, operands):
    fill, _ = fills(coded(ifmap=Storage(dram=dram, glb=glb)), operands)
    assert fill.coder == coder


def test_weights_are_coded_with_the_filters_of_a_pe_as_columns():
    """Two PEs of two filters: each two columns, three pointers; of filters 0 and 1 one entry, then three."""
    layer = Layer("weights", m=4, c=2, h=1, w=1, r=1, s=1)
    arch = replace(coded(weight=Storage(dram=CSC)), filter_glb=None)
    mapping = RowStationary(m=4, n=1, e=1, p=2, q=2, r=1, t=2).map(layer, arch)
    weight = np.array([[1, 0], [0, 0], [0, 5], [3, 5]]).reshape(layer.weight_shape)
    values = Operands(np.ones(layer.ifmap_shape, np.int64), weight, Store(16))
    (job,) = mapping.passes()
    (fill,) = Boxes(mapping, arch, values).fills("weight", [job.tile])
    assert fill.dram == Size(2 * 3 * 16 + 4 * (4 + 16), 4)
    assert (fill.words, fill.glb, fill.coder) == (8, Size(8 * 16, 8), {"codec.decode:weight": 4})


def test_an_ifmap_is_coded_with_the_channels_of_a_pe_as_columns_by_csc_alone():
    """Two PEs of two channels: each two columns, one for each pixel; a mask takes the box as it is."""
    layer = Layer("channels", m=1, c=4, h=1, w=2, r=1, s=1)
    arch = coded(ifmap=Storage(dram=CSC, glb=MASK))
    mapping = RowStationary(m=1, n=1, e=1, p=1, q=2, r=2, t=1).map(layer, arch)
    ifmap = np.array([[0, 1], [2, 0], [0, 0], [0, 3]]).reshape(layer.ifmap_shape)
    values = Operands(ifmap, np.ones(layer.weight_shape, np.int64), Store(16))
    (job,) = mapping.passes()
    (fill,) = Boxes(mapping, arch, values).fills("ifmap", [job.tile])
    assert (fill.dram, fill.glb) == (Size(2 * 3 * 16 + 3 * (4 + 16), 3), Size(8 + 3 * 16, 3))


def test_a_coded_box_takes_banks_by_its_bits_and_as_planned_where_they_are_not_known(operands):
    """16 bits and a mask of 12 are two banks of 16 bits; 12 words at half their size are six."""
    memory = Banks(20, 2)
    arch = replace(coded(ifmap=Storage(glb=MASK, planned=0.5)), glb=memory)
    for values, expected in ((operands, [2, 13]), (None, [6, 6])):
        assert banks_of(Boxes(MAPPING, arch, values)) == expected
    assert banks_of(Boxes(MAPPING, replace(PLAIN, glb=memory), operands)) == [12, 12]


def test_a_field_that_is_too_narrow_for_the_values_is_told_with_the_layer(operands):
    arch = coded(ifmap=Storage(dram=Csc("csc", pointer_bits=3)))
    message = (
        r"^sparsity\.formats\.ifmap\.dram: a box of grouped:"
        r" pointer_bits must be at least 4 to count 12 entries \(got 3\)$"
    )
    with pytest.raises(LegalityError, match=message):
        fills(arch, operands)


def test_a_box_of_padding_alone_is_no_word_where_padding_is_generated():
    layer = Layer("padded", m=1, c=1, h=1, w=1, r=1, s=1, pad=(2, 0, 0, 0))
    arch = replace(CODED, padding="generated")
    mapping = RowStationary(m=1, n=1, e=1, p=1, q=1, r=1, t=1).map(layer, arch)
    ifmap = np.array([0, 0, 3]).reshape(1, 1, 3, 1)
    boxes = Boxes(mapping, arch, Operands(ifmap, np.ones((1, 1, 1, 1), np.int64), Store(16)))
    found = boxes.fills("ifmap", (one.tile for one in mapping.passes()))
    assert [fill.dram for fill in found] == [Size(0, 0), Size(0, 0), Size(WORD, 1)]


def test_stored_values_are_rounded_half_to_even_and_saturate():
    store = Store(bits=4, shift=1, threshold=1)
    assert store(np.array([2, 4, 6, 40, -40])).tolist() == [0, 2, 2, 7, -8]


@pytest.fixture
def strips():
    """Two strips, each of which fetches both boxes of weights, on a machine with codes; and their values."""
    layer = Layer("strips", m=2, c=1, h=4, w=1, r=1, s=1)
    arch = coded(ifmap=Storage(dram=MASK), weight=Storage(dram=MASK))
    mapping = RowStationary(m=1, n=1, e=2, p=1, q=1, r=1, t=1).map(layer, arch)
    values = Operands(np.ones((1, 1, 4, 1), np.int64), np.array([3, 0]).reshape(2, 1, 1, 1), Store(16))
    return mapping, arch, values


def test_a_box_is_coded_once_however_often_it_is_fetched_and_by_however_many_engines(strips, monkeypatch):
    sizes, size = [], Bitmask.size
    monkeypatch.setattr(Bitmask, "size", lambda self, *given: sizes.append(1) or size(self, *given))
    program = make_program(*strips)
    fetches = [one.kind for one in requests(program.jobs)]
    assert (fetches.count("weight"), fetches.count("ifmap")) == (4, 2)
    for engine in (fast, reference):
        engine.simulate(program, strips[2])
    assert len(sizes) == 2 + 2


@pytest.mark.parametrize("engine", [fast, reference])
def test_a_program_with_coded_boxes_runs_with_values_if_it_was_made_for_some(engine, strips):
    *machine, values = strips
    for program, given in ((make_program(*machine), values), (make_program(*strips), None)):
        with pytest.raises(AssertionError, match="boxes are coded by the values that run"):
            engine.simulate(program, given)
