"""The wires of the DRAM link: two clocks, whole bursts, latency beside the transfer."""

from fractions import Fraction
from math import ceil

import pytest

from accelsim.engines.reference.clocks import Clocks, Wires
from accelsim.machine import DramLink, IdealLink

CORE_HZ, LINK_HZ = 200, 60


@pytest.mark.parametrize("cycle", range(25))
def test_a_time_is_seen_at_the_next_edge_of_the_other_clock(cycle: int) -> None:
    clocks = Clocks(CORE_HZ, LINK_HZ)
    assert clocks.to_link(cycle) == ceil(Fraction(cycle * LINK_HZ, CORE_HZ))
    assert clocks.to_core(cycle) == ceil(Fraction(cycle * CORE_HZ, LINK_HZ))


@pytest.mark.parametrize("bits, done", [(1, 4), (16, 4), (17, 7), (48, 10)])
def test_a_transfer_takes_whole_link_cycles(bits: int, done: int) -> None:
    assert Wires(CORE_HZ, DramLink(LINK_HZ, bits_per_cycle=16)).transfer(0, bits) == done


def test_a_burst_is_never_cut() -> None:
    wires = Wires(CORE_HZ, DramLink(CORE_HZ, bits_per_cycle=16, burst_cycles=4))
    assert wires.transfer(0, 16) == 4
    assert wires.transfer(0, 65) == 4 + 8


def test_transfers_queue_and_their_latencies_overlap() -> None:
    wires = Wires(CORE_HZ, DramLink(CORE_HZ, bits_per_cycle=16, latency_cycles=10))
    assert wires.transfer(0, 32) == 2 + 10
    assert wires.transfer(0, 32) == 4 + 10


def test_a_transfer_begins_no_earlier_than_it_may() -> None:
    wires = Wires(CORE_HZ, DramLink(CORE_HZ, bits_per_cycle=16))
    assert wires.transfer(5, 16) == 6


def test_an_ideal_dram_takes_no_time() -> None:
    assert Wires(CORE_HZ, IdealLink(CORE_HZ)).transfer(7, 1000) == 7
