"""The memories: banks on the chip, what area leaves for them, and the DRAM behind its link."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np

from accelsim.checks import at_least, description
from accelsim.errors import ConfigError
from accelsim.machine.datapath import Count
from accelsim.network.layer import IntArray

Words = TypeVar("Words", int, IntArray, int | IntArray)

BITS_TOLERANCE = 1e-6
"""Bits that the product of a size and a share may be off by."""

AREA_DIGITS = 3
"""Decimals of a byte to which an area is exact; further ones are rounding errors of floats."""


@description
class Banks:
    """A memory of whole banks; a bank holds one kind of word at a time."""

    banks: int
    bank_bytes: int

    def __post_init__(self) -> None:
        at_least(1, banks=self.banks, bank_bytes=self.bank_bytes)

    @property
    def bytes(self) -> int:
        """Capacity of all banks together, in bytes."""
        return self.banks * self.bank_bytes

    def banks_for(self, words: Words, word_bits: int, share: float = 1.0) -> Words:
        """Whole banks that *words* occupy, coded to a *share* of their size; of an array, one by one."""
        bits = words * word_bits
        if share != 1:
            bits = np.ceil(bits * share - BITS_TOLERANCE).astype(np.int64)
        return (bits + (8 * self.bank_bytes - 1)) // (8 * self.bank_bytes)


@description
class DramLink:
    """The DRAM behind its link, in link cycles; requests are served in program order, bursts whole."""

    clock_hz: int
    bits_per_cycle: int
    latency_cycles: int = 0
    burst_cycles: int = 1

    def __post_init__(self) -> None:
        at_least(
            1,
            clock_hz=self.clock_hz,
            bits_per_cycle=self.bits_per_cycle,
            burst_cycles=self.burst_cycles,
        )
        at_least(0, latency_cycles=self.latency_cycles)

    def transfer_cycles(self, bits: int) -> int:
        """Link cycles that *bits* occupy, in whole bursts."""
        return -(-bits // (self.bits_per_cycle * self.burst_cycles)) * self.burst_cycles

    def least_cycles(self, bits: Callable[[], Count]) -> Count:
        """Link cycles that *bits* take at least, however they are cut into requests."""
        return bits() // self.bits_per_cycle


@dataclass(frozen=True)
class IdealLink:
    """A link without limits, in step with the core: what may cross it has crossed."""

    clock_hz: int
    latency_cycles: ClassVar[int] = 0

    def transfer_cycles(self, bits: int) -> int:
        """None, however many *bits*."""
        return 0

    def least_cycles(self, bits: Callable[[], Count]) -> Count:
        """None; *bits* are not asked for, which may be those of a million candidates."""
        return 0


AnyLink = DramLink | IdealLink
"""What words cross between DRAM and the chip."""


@description
class RFArea:
    """A register file of *bytes* takes the area of *area_bytes* of a large buffer."""

    bytes: int
    area_bytes: float

    def __post_init__(self) -> None:
        at_least(0, bytes=self.bytes, area_bytes=self.area_bytes)


@description
class AreaBudget:
    """The area of all storage on the chip, of which the GLB takes what the register files leave.

    Area is in bytes of a large buffer; a byte of a small memory takes more of it. Between the sizes of
    *register_files* it is interpolated, which is ours.

    Source: Chen, Emer, Sze, ISCA 2016, section VI-B: storage of the same area, whatever the dataflow.
    """

    bytes_per_pe: float
    register_files: tuple[RFArea, ...]
    bank_bytes: int  # of the GLB

    def __post_init__(self) -> None:
        at_least(1, bank_bytes=self.bank_bytes)
        sizes = [one.bytes for one in self.register_files]
        if not sizes or sizes != sorted(set(sizes)):
            raise ConfigError(f"register_files must be given in ascending bytes (got {sizes})")

    def glb(self, pes: int, rf_bytes: int) -> Banks:
        """The GLB of an array of *pes* PEs with *rf_bytes* each, in whole banks.

        Raises:
            ConfigError: if no area is known for the register file, or none is left for a bank.
        """
        sizes = [one.bytes for one in self.register_files]
        if not sizes[0] <= rf_bytes <= sizes[-1]:
            raise ConfigError(
                f"rf must hold {sizes[0]}..{sizes[-1]} bytes, to have a known area (got {rf_bytes})",
                also=[("storage_area", "register_files")],
            )
        taken = float(np.interp(rf_bytes, sizes, [one.area_bytes for one in self.register_files]))
        left = round(pes * (self.bytes_per_pe - taken), AREA_DIGITS)
        if left < self.bank_bytes:
            raise ConfigError(
                f"storage_area.bytes_per_pe must leave a bank of {self.bank_bytes} bytes (got {left:g})",
                also=[("storage_area",), ("array",), ("rf",)],
            )
        return Banks(int(left // self.bank_bytes), self.bank_bytes)
