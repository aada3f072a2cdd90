"""Memories that keep words coded: what is fetched, written, read and decoded."""

from typing import Any

import numpy as np
import pytest
import simpy

from accelsim.engines.reference import simulate
from accelsim.engines.reference.buffer import CodedBox, InputBuffer
from accelsim.engines.reference.bus import InputBus
from accelsim.engines.reference.transfer import Fan, Transfer
from accelsim.engines.timing import Outcome
from accelsim.machine import Arch, DramLink, Formats, OfmapStorage, Sparsity, Storage
from accelsim.machine.formats import AnyFormat, Bitmask, Csc, RunLength
from accelsim.mapping.operands import Operands, Store
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from accelsim.stats import Actions
from tests.unit.small_machine import CHIP, chip, row_stationary

HERE = (0, 0, 0, 0)
MASK, RUNS, CODE = Bitmask("bitmask"), RunLength("run_length"), Csc("csc")
LAYER = Layer("four columns", m=2, c=1, h=1, w=4, r=1, s=1)


def ran(arch: Arch, ifmap: list[int], weight: list[int], **given: Any) -> Outcome:
    """Two passes, a filter each, on one row."""
    values = np.array(ifmap).reshape(LAYER.ifmap_shape), np.array(weight).reshape(LAYER.weight_shape)
    operands = Operands(*values, Store(16), **given)
    outcome = simulate(make_program(row_stationary(LAYER, m=2), arch, operands), operands)
    assert outcome.ofmap is not None
    np.testing.assert_array_equal(outcome.ofmap.reshape(2, 4), np.outer(weight, ifmap))
    return outcome


def kept(**formats: Any) -> Arch:
    """A chip that keeps words so."""
    return chip(sparsity=Sparsity(formats=Formats(**formats)))


def test_a_coded_box_is_read_as_a_whole_by_every_job_that_reads_it() -> None:
    did = Actions()
    buffer = InputBuffer("weight", did)
    buffer.fill(0, {HERE: 7}, CodedBox(words=3, entries=2))
    assert did == {"glb.write:weight": 3}
    for reads in (True, False, True):
        buffer.serve(0, reads=reads)
        assert buffer.read(HERE) == 7
    assert did == {"glb.write:weight": 3, "glb.read:weight": 3 + 3, "codec.decode:weight": 2 + 2}


def test_a_box_after_a_coded_one_is_read_as_it_was_stored() -> None:
    did = Actions()
    buffer = InputBuffer("ifmap", did)
    buffer.fill(0, {HERE: 7}, CodedBox(words=3, entries=2))
    buffer.fill(1, {HERE: 8})
    buffer.serve(0)
    buffer.serve(1)
    buffer.read(HERE)
    assert did == {"glb.write:ifmap": 3 + 1, "glb.read:ifmap": 3 + 1, "codec.decode:ifmap": 2}


def test_an_ifmap_that_the_glb_keeps_coded_is_read_and_decoded_in_each_pass() -> None:
    """A mask of four bits and two words are three words; two run-length pairs take 64 bits in DRAM."""
    did = ran(kept(ifmap=Storage(dram=RUNS, glb=MASK)), [1, 0, 0, 2], [3, 4]).actions
    assert did["dram.read:ifmap"] == 64 // 16
    assert did["glb.write:ifmap"] == 3
    assert did["glb.read:ifmap"] == 2 * 3
    assert did["noc.deliver:ifmap"] == 2 * 4
    assert did["codec.encode:ifmap"] == 2
    assert did["codec.decode:ifmap"] == 2 + 2 * 2  # from the link, and from the GLB


def test_weights_that_their_memory_keeps_coded_are_read_in_passes_that_load() -> None:
    """A weight is 20 bits and a table of two pointers, or the table alone; each of two boxes is read once."""
    did = ran(kept(weight=Storage(dram=CODE, glb=CODE)), [1, 0, 0, 2], [0, 4]).actions
    words = -(-32 // 16) - (-52 // 16)
    assert did["dram.read:weight"] == did["glb.write:weight"] == did["glb.read:weight"] == words
    assert did["codec.decode:weight"] == 1
    assert did["codec.encode:weight"] == 0  # the link brings them as the memory keeps them
    assert did["noc.deliver:weight"] == 2


@pytest.mark.parametrize("code, entries", [(RUNS, 2), (MASK, 2), (CODE, 2)])
def test_the_first_ifmap_is_not_coded_in_dram(code: AnyFormat, entries: int) -> None:
    did = ran(kept(ifmap=Storage(dram=code, glb=code)), [1, 0, 0, 2], [3, 4], code_ifmap=False).actions
    assert did["dram.read:ifmap"] == 4
    assert did["codec.encode:ifmap"] == entries
    assert did["codec.decode:ifmap"] == 2 * entries


def test_an_ofmap_is_coded_on_its_way_out() -> None:
    """Two filters of four psums each, all zero but one: masks of four bits, and one word."""
    outcome = ran(kept(ofmap=OfmapStorage(dram=MASK)), [1, 0, 0, 0], [5, 0])
    assert outcome.dense_dram["dram.write:psum"] == 8
    assert outcome.actions["dram.write:psum"] == 2 + 1
    assert outcome.actions["codec.encode:psum"] == 1


def test_a_coded_box_takes_less_time_on_the_link() -> None:
    slow = DramLink(clock_hz=CHIP.clock_hz, bits_per_cycle=1)
    plain = ran(chip(dram=slow), [0, 0, 0, 0], [3, 4])
    coded = ran(chip(dram=slow, sparsity=kept(ifmap=Storage(dram=MASK)).sparsity), [0, 0, 0, 0], [3, 4])
    assert plain.cycles - coded.cycles == 4 * 16 - 4
    assert coded.actions["dram.read:ifmap"] == 1


def test_without_values_nothing_is_coded() -> None:
    arch = kept(ifmap=Storage(dram=RUNS, glb=MASK), weight=Storage(glb=CODE), ofmap=OfmapStorage(dram=RUNS))
    program = make_program(row_stationary(LAYER, m=2), arch)
    plain = make_program(row_stationary(LAYER, m=2), CHIP)
    assert simulate(program, None).actions == simulate(plain, None).actions


def test_a_word_without_ports_is_looked_at_and_takes_no_room_on_the_bus() -> None:
    """Of four words a cycle apart on a bus of one a cycle, the two that nobody takes cost no time."""
    env, did = simpy.Environment(), Actions()
    buffer, arrived = InputBuffer("ifmap", did), list[tuple[int, int]]()
    buffer.fill(0, {(0, 0, 0, x): 10 + x for x in range(4)})
    buffer.serve(0)

    class Port(Fan):
        def __len__(self) -> int:
            return 1

        def send(self, word: int) -> None:
            arrived.append((word, int(env.now)))

    ports = [Port(env, ()), Fan(env, ()), Fan(env, ()), Port(env, ())]
    words = [Transfer((0, 0, 0, x), port) for x, port in enumerate(ports)]
    env.process(InputBus(env, "ifmap", CHIP, did).run(words, buffer))
    env.run()
    assert arrived == [(10, 0), (13, 1)]
    assert did["glb.read:ifmap"] == 4
    assert did["noc.deliver:ifmap"] == 2


@pytest.mark.parametrize("words, cycle", [(0, 0), (2, 2)])
def test_weights_have_moved_the_cycle_after_the_last_or_at_once(words: int, cycle: int) -> None:
    env = simpy.Environment()
    moved, seen = env.event(), list[int]()
    assert moved.callbacks is not None
    moved.callbacks.append(lambda _: seen.append(int(env.now)))
    buffer = InputBuffer("weight", Actions())

    class Port(Fan):
        def __len__(self) -> int:
            return 1

    transfers = [Transfer(None, Port(env, ()))] * words
    env.process(InputBus(env, "weight", CHIP, Actions()).run(transfers, buffer, moved))
    env.run()
    assert seen == [cycle]
