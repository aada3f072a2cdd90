"""Time on the wires of the DRAM link, which have a clock of their own; pure."""

from dataclasses import dataclass

from accelsim.machine import AnyLink


@dataclass(frozen=True)
class Clocks:
    """Two clocks; a time on one is seen on the other at its next edge."""

    core_hz: int
    link_hz: int

    def to_link(self, cycle: int) -> int:
        """First link cycle that does not begin before core *cycle*."""
        return -(-cycle * self.link_hz // self.core_hz)

    def to_core(self, cycle: int) -> int:
        """First core cycle that does not begin before link *cycle*."""
        return -(-cycle * self.core_hz // self.link_hz)


class Wires:
    """Transfers over *link* one after the other; their latencies overlap."""

    def __init__(self, core_hz: int, link: AnyLink) -> None:
        self._clocks, self._link = Clocks(core_hz, link.clock_hz), link
        self._free = 0  # link cycle

    def transfer(self, now: int, bits: int) -> int:
        """Core cycle in which *bits* that may leave in core cycle *now* have come to the other end."""
        begin = max(self._free, self._clocks.to_link(now))
        self._free = begin + self._link.transfer_cycles(bits)
        return self._clocks.to_core(self._free + self._link.latency_cycles)
