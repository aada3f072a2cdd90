"""Cycles that no simulation undercuts, whatever the schedule: those of the buses and of the DRAM link."""

import numpy as np

from accelsim.machine import Arch
from accelsim.machine.datapath import Count
from accelsim.mapping.work import Work


def least_cycles(arch: Arch, work: Work[Count], busy: Count) -> Count:
    """No simulation takes fewer cycles than *busy*, those of the passes in a row, or than the buses."""
    cycles: Count = np.maximum(busy, work.psums_out // arch.words_per_cycle("ofmap"))
    for bus, words in (("ifmap", work.ifmap_reads), ("weight", work.weight_loads), ("psum", work.psums_in)):
        cycles = np.maximum(cycles, words // arch.words_per_cycle(bus))
    return arch.configuration_cycles + np.maximum(cycles, link_cycles(arch, work))


def link_cycles(arch: Arch, work: Work[Count]) -> Count:
    """Cycles that the DRAM link needs for the words of *work*, uncoded."""
    return arch.link.least_cycles(lambda: link_bits(arch, work)) * arch.clock_hz // arch.link.clock_hz


def link_bits(arch: Arch, work: Work[Count]) -> Count:
    """Bits of *work* that cross the DRAM link, uncoded."""
    bits = work.ifmap_fills * arch.bits("ifmap") + work.weight_fills * arch.bits("weight")
    return bits + work.ofmap_words * arch.bits("ofmap")
