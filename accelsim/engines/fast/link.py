"""The DRAM link as a recurrence: requests in program order, as soon as they may."""

from accelsim.machine import Arch


class LinkTimes:
    """Cycles are core cycles at the door, link cycles inside; crossing rounds up."""

    def __init__(self, arch: Arch) -> None:
        self._core, self._link = arch.clock_hz, arch.link
        self._free = 0  # link cycles

    def serve(self, ready: int, bits: int) -> int:
        """When a request of *bits* that may begin at *ready* is done."""
        core, link = self._core, self._link.clock_hz
        begin = max(self._free, -(-ready * link // core))
        self._free = begin + self._link.transfer_cycles(bits)
        return -(-(self._free + self._link.latency_cycles) * core // link)
