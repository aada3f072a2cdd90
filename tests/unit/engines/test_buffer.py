"""The GLB by value: what was written, what was read, and what an accumulator holds."""

import pytest
import simpy

from accelsim.engines.reference.buffer import InputBuffer, PsumBuffer
from accelsim.engines.reference.waiting import Part
from accelsim.errors import SimulationError
from accelsim.machine.control import accumulated
from accelsim.stats import Actions

HERE, THERE = (0, 0, 0, 0), (0, 0, 0, 1)


def test_a_job_reads_its_own_box_or_the_last_one_before_it() -> None:
    buffer = InputBuffer("ifmap", Actions())
    buffer.fill(0, {HERE: 1})
    buffer.serve(0)
    buffer.fill(2, {HERE: 2})  # fetched ahead
    buffer.serve(1)
    assert buffer.read(HERE) == 1
    buffer.serve(2)
    assert buffer.read(HERE) == 2


def test_a_word_outside_the_box_is_not_there() -> None:
    buffer = InputBuffer("ifmap", Actions())
    buffer.fill(0, {HERE: 1})
    buffer.serve(0)
    with pytest.raises(KeyError):
        buffer.read(THERE)


@pytest.mark.parametrize(
    "counted, actions", [(True, {"glb.write:weight": 2, "glb.read:weight": 1}), (False, {})]
)
def test_a_buffer_counts_its_words_and_a_wire_counts_none(counted: bool, actions: dict[str, int]) -> None:
    did = Actions()
    buffer = InputBuffer("weight", did, counted=counted)
    buffer.fill(0, {HERE: 1, THERE: 2})
    buffer.serve(0)
    buffer.read(THERE)
    assert did == actions


def test_a_psum_is_readable_when_it_was_written_and_not_before() -> None:
    env = simpy.Environment()
    buffer, reader = PsumBuffer(env, Actions()), Part("psum bus")
    ready = env.process(buffer.written(HERE, reader, Part("ofmap bus")))
    buffer.write(THERE, 1)
    env.run()
    assert not ready.processed
    buffer.write(HERE, 5)
    env.run()
    assert ready.processed
    assert buffer.read(HERE) == 5


def test_a_psum_is_read_once() -> None:
    buffer = PsumBuffer(simpy.Environment(), Actions())
    buffer.write(HERE, 5)
    buffer.read(HERE)
    with pytest.raises(KeyError):
        buffer.read(HERE)


def test_a_psum_nobody_read_cannot_be_written_over() -> None:
    buffer = PsumBuffer(simpy.Environment(), Actions())
    buffer.write(HERE, 5)
    with pytest.raises(AssertionError, match="written over"):
        buffer.write(HERE, 6)


def test_words_that_bypass_the_buffer_are_not_counted() -> None:
    actions = Actions()
    buffer = PsumBuffer(simpy.Environment(), actions)
    buffer.write(HERE, 5, bypass=True)
    buffer.read(HERE, bypass=True)
    buffer.write(HERE, 5)
    assert +actions == {"glb.write:psum": 1}


@pytest.mark.parametrize("value, wrapped", [(127, 127), (128, -128), (-128, -128), (-129, 127), (300, 44)])
def test_an_accumulator_wraps_at_its_width(value: int, wrapped: int) -> None:
    assert accumulated(value, 8, "wrap") == wrapped


@pytest.mark.parametrize("value", [128, -129])
def test_an_accumulator_that_may_not_wrap_says_what_did_not_fit(value: int) -> None:
    with pytest.raises(
        SimulationError, match=rf"accumulator overflow: psums must fit 8 bits \(got {value}\)"
    ):
        accumulated(value, 8, "error")


@pytest.mark.parametrize("value", [127, -128])
def test_an_accumulator_holds_its_ends(value: int) -> None:
    assert accumulated(value, 8, "error") == value
