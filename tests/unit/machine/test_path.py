"""What the short forms of an architecture mean: which memories lie between DRAM and the PEs, and the link."""

from dataclasses import replace

import numpy as np
import pytest

from accelsim.machine import Banks, DramLink, IdealLink, Memory, Sparsity, Storage
from accelsim.machine.formats import Bitmask
from accelsim.machine.sparsity import Formats
from tests.laws.cases import backlogged

GLB, OWN = Memory("GLB", Banks(4, 4096)), Memory("filter GLB", Banks(2, 4096))
CHIP = replace(backlogged(1, 1).program.arch, glb=GLB.banks, filter_glb=OWN.banks)


@pytest.mark.parametrize(
    "changes, weight, ifmap, ofmap",
    [
        ({}, (OWN,), (GLB,), (GLB,)),
        ({"filter_glb": "glb"}, (GLB,), (GLB,), (GLB,)),
        ({"filter_glb": None}, (), (GLB,), (GLB,)),
        ({"ifmap_via_glb": False}, (OWN,), (), (GLB,)),
        ({"ofmap_via_glb": False}, (OWN,), (GLB,), ()),
    ],
)
def test_short_forms_are_turned_into_paths(changes, weight, ifmap, ofmap):
    paths = replace(CHIP, **changes).paths
    assert paths.weight.memories == weight
    assert paths.ifmap.memories == ifmap
    assert paths.ofmap.memories == ofmap
    assert paths.psum.memories == (GLB,)
    assert [paths.of(one).landing for one in ("weight", "ifmap")] == [
        "glb" if memories else "spad" for memories in (weight, ifmap)
    ]


def test_a_memory_is_listed_once_with_all_that_lies_in_it():
    shared, own = replace(CHIP, filter_glb="glb").paths, CHIP.paths
    assert shared.memories == (GLB,)
    assert [path.operand for path in shared.within(GLB)] == ["weight", "ifmap", "psum"]
    assert own.memories == (GLB, OWN)
    assert [path.operand for path in own.within(GLB)] == ["ifmap", "psum"]
    assert [path.operand for path in own.within(OWN)] == ["weight"]


def test_two_memories_of_one_size_are_two():
    assert len(replace(CHIP, filter_glb=GLB.banks).paths.memories) == 2


def test_words_take_banks_as_wide_as_they_are_and_coded_as_planned():
    """A bank of 4096 bytes is 2048 words of 16 bits; of 24 bits 1365; at a quarter of their size 8192."""
    assert CHIP.paths.ifmap.banks(2049) == 2
    assert replace(CHIP, psum_word_bits=24, noc=_wide(CHIP.noc)).paths.psum.banks(1366) == 2
    coded = replace(
        CHIP, sparsity=Sparsity(formats=Formats(ifmap=Storage(glb=Bitmask("bitmask"), planned=0.25)))
    )
    assert [coded.paths.ifmap.banks(8192), coded.paths.ifmap.banks(8193)] == [1, 2]
    assert coded.paths.weight.banks(8192) == 4


def _wide(noc):
    return replace(noc, ofmap=replace(noc.ofmap, bits_per_cycle=24))


def test_accesses_are_those_of_the_memories_on_the_way():
    assert CHIP.paths.weight.accesses(writes=3, reads=5) == {"glb.write:weight": 3, "glb.read:weight": 5}
    assert replace(CHIP, filter_glb=None).paths.weight.accesses(writes=3, reads=5) == {}


@pytest.mark.parametrize("via_glb, link, waits", [(True, 0, True), (False, 0, False), (False, 1, True)])
def test_a_complete_psum_waits_for_its_read_out_or_for_the_link(via_glb, link, waits):
    dram = DramLink(60, 16) if link else "ideal"
    assert replace(CHIP, ofmap_via_glb=via_glb, dram=dram).paths.ofmap_waits == waits


def test_an_ideal_link_takes_no_time_and_a_real_one_whole_bursts():
    assert CHIP.link == IdealLink(CHIP.clock_hz)
    assert CHIP.link.transfer_cycles(1000) == CHIP.link.least_cycles(lambda: 1000) == 0
    link = replace(CHIP, dram=DramLink(60, 16, burst_cycles=4)).link
    assert link == DramLink(60, 16, burst_cycles=4)
    assert (link.transfer_cycles(65), link.least_cycles(lambda: 65)) == (8, 4)


def test_least_cycles_are_of_each_number_of_bits():
    assert DramLink(60, 16).least_cycles(lambda: np.array([0, 16, 40])).tolist() == [0, 1, 2]
