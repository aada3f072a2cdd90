"""The DRAM link: program order, and nothing before its condition holds."""

import numpy as np
import simpy

from accelsim.engines.reference.buffer import Buffers, InputBuffer, PsumBuffer
from accelsim.engines.reference.dram import Dram, DramLinkPart
from accelsim.engines.reference.job_events import JobEvents
from accelsim.engines.reference.waiting import Part, after
from accelsim.machine import PE, Arch, Banks, DramLink, LocalLink, NoC, PEArray, QueuedBus, SplitRF, WeightBus
from accelsim.mapping.nest import Loop, Mapping
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer
from accelsim.passes.lanes import SPATIAL
from accelsim.program.jobs import make_program
from accelsim.stats import Actions

QUEUED = QueuedBus(16)
LAYER = Layer("two channels", m=1, c=2, h=1, w=1, r=1, s=1)
MAPPING = Mapping(
    LAYER,
    (Loop("glb", "c", 1), *(Loop(level, dim, 1) for level, dim in SPATIAL)),
    psum_words=1,
    tops=(((0, 0),),),
)
VALUES = Operands(np.array([5, 7]).reshape(1, 2, 1, 1), np.array([2, 3]).reshape(1, 2, 1, 1), Store(16))
ONE_BANK, TWO_BANKS, THREE_BANKS = Banks(1, 2), Banks(2, 2), Banks(3, 2)  # of one word


def chip(*, glb: Banks, filter_glb: Banks | None, dram: DramLink | str = "ideal") -> Arch:
    return Arch(
        name="one PE",
        clock_hz=1,
        array=PEArray(1, 1),
        rf=SplitRF("split", ifmap_bytes=2, weight_bytes=2, psum_bytes=2),
        pe=PE(),
        noc=NoC(WeightBus(16), QUEUED, QUEUED, QUEUED, LocalLink()),
        glb=glb,
        filter_glb=filter_glb,
        dram=dram,  # type: ignore[arg-type]
        configuration_cycles=2,
    )


class Bench:
    """The link with two jobs: weights loaded at 5 and 15, passes over at 10 and 20, ofmap written at 25."""

    def __init__(self, arch: Arch) -> None:
        self.env, actions = simpy.Environment(), Actions()
        at, psums = JobEvents(self.env, 2), PsumBuffer(self.env, actions)
        buffers = Buffers(InputBuffer("weight", actions), InputBuffer("ifmap", actions), psums)
        self.dram = Dram(LAYER, VALUES)
        self.link = DramLinkPart(self.env, make_program(MAPPING, arch), self.dram, buffers, at)
        psums.write((0, 0, 0, 0), 31)
        for cycle, event in [(5, at.loaded[0]), (10, at.over[0]), (15, at.loaded[1]), (20, at.over[1])]:
            after(self.env, cycle, event.succeed)
        after(self.env, 25, at.written[1].succeed)
        self.done: list[int] = []
        for event in (at.weights_in[0], at.ifmap_in[0], at.weights_in[1], at.ifmap_in[1], at.drained[1]):
            assert event.callbacks is not None
            event.callbacks.append(lambda _: self.done.append(int(self.env.now)))
        self.env.process(self.link.run(Part("array"), Part("ofmap bus")))
        self.env.run()


def test_fills_that_have_room_come_at_once_and_the_ofmap_goes_when_it_is_written() -> None:
    assert Bench(chip(glb=THREE_BANKS, filter_glb=TWO_BANKS)).done == [2, 2, 2, 2, 25]


def test_weights_wait_until_those_before_have_left_the_filter_buffer() -> None:
    assert Bench(chip(glb=THREE_BANKS, filter_glb=ONE_BANK)).done == [2, 2, 5, 5, 25]


def test_weights_without_a_filter_buffer_wait_for_the_end_of_the_pass() -> None:
    assert Bench(chip(glb=THREE_BANKS, filter_glb=None)).done == [2, 2, 10, 10, 25]


def test_an_ifmap_waits_for_the_end_of_the_pass_whose_banks_it_takes() -> None:
    assert Bench(chip(glb=TWO_BANKS, filter_glb=TWO_BANKS)).done == [2, 2, 2, 10, 25]


def test_a_slow_link_serves_one_request_after_the_other() -> None:
    """A word takes 4 cycles of its own and is there 3 later."""
    slow = DramLink(clock_hz=1, bits_per_cycle=4, latency_cycles=3)
    bench = Bench(chip(glb=THREE_BANKS, filter_glb=TWO_BANKS, dram=slow))
    assert bench.done == [2 + 4 + 3, 2 + 8 + 3, 2 + 12 + 3, 2 + 16 + 3, 25 + 4 + 3]


def test_the_link_counts_words_and_leaves_the_ofmap_in_dram() -> None:
    bench = Bench(chip(glb=THREE_BANKS, filter_glb=TWO_BANKS))
    assert bench.link.actions == {"dram.read:weight": 2, "dram.read:ifmap": 2, "dram.write:psum": 1}
    assert bench.link.dense == bench.link.actions
    assert bench.dram.ofmap.tolist() == [[[[31]]]]
