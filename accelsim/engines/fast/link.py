"""The DRAM link as a recurrence: requests in program order, as soon as they may."""

from accelsim.machine import Arch, DramLink


class Link:
    """Cycles are core cycles at the door, link cycles inside; crossing rounds up."""

    def __init__(self, arch: Arch) -> None:
        self._arch = arch
        self._free = 0  # link cycles; with an ideal DRAM, core cycles

    def serve(self, ready: int, bits: int) -> int:
        """When a request of *bits* that may begin at *ready* is done."""
        dram = self._arch.dram
        if not isinstance(dram, DramLink):
            self._free = max(self._free, ready)
            return self._free
        core, link = self._arch.clock_hz, dram.clock_hz
        begin = max(self._free, -(-ready * link // core))
        self._free = begin + dram.transfer_cycles(bits)
        return -(-(self._free + dram.latency_cycles) * core // link)
