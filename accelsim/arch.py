"""What the chip is: sizes, widths, rates and rules; frozen before time starts, no behaviour in time."""

from dataclasses import dataclass
from typing import ClassVar, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from accelsim.errors import ConfigError

Words = TypeVar("Words", int, npt.NDArray[np.int64])

Operand = Literal["ifmap", "weight", "psum"]

MAX_BITS = 62
"""Widest word: sums and differences of two of them stay within int64."""

RLC_LEVEL_BITS = 16
"""A value in the chip's run-length code (JSSC 2017)."""

STRICT = {"extra": "forbid", "strict": True}
"""How a description is read from a file: no unknown key, no silent conversion."""


def at_least(low: int, **values: int) -> None:
    """Raise ConfigError for the first of *values* that is below *low*."""
    for name, value in values.items():
        if value < low:
            raise ConfigError(f"{name} must be at least {low} (got {value})")


@dataclass(frozen=True)
class PEArray:
    """Where PEs sit: sets keep their shape on a ``grid``, and take any place in a ``pool`` (ISCA 2016)."""

    __pydantic_config__: ClassVar = STRICT
    rows: int
    cols: int
    placement: Literal["grid", "pool"] = "grid"

    def __post_init__(self) -> None:
        at_least(1, rows=self.rows, cols=self.cols)

    @property
    def pes(self) -> int:
        """Number of PEs."""
        return self.rows * self.cols


@dataclass(frozen=True)
class SplitRF:
    """One scratch pad per operand, as on the chip (JSSC 2017): 24, 448 and 48 bytes there."""

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["split"]
    ifmap_bytes: int
    weight_bytes: int
    psum_bytes: int

    def __post_init__(self) -> None:
        at_least(1, ifmap_bytes=self.ifmap_bytes, weight_bytes=self.weight_bytes, psum_bytes=self.psum_bytes)


@dataclass(frozen=True)
class PooledRF:
    """One register file that the three operands share (ISCA 2016).

    The last product of a primitive and the psum from below meet in the adder without
    passing the register file, as that paper counts.
    """

    __pydantic_config__: ClassVar = STRICT
    kind: Literal["pooled"]
    bytes: int

    def __post_init__(self) -> None:
        at_least(1, bytes=self.bytes)


@dataclass(frozen=True)
class PE:
    """The datapath: pipeline depth, and whether a zero ifmap value gates the MAC and its filter read."""

    __pydantic_config__: ClassVar = STRICT
    pipeline_stages: int = 3
    zero_gating: bool = False

    def __post_init__(self) -> None:
        at_least(1, pipeline_stages=self.pipeline_stages)


@dataclass(frozen=True)
class Bus:
    """A bus into the PEs' scratch pads: in order, at most *bits_per_cycle* a cycle."""

    __pydantic_config__: ClassVar = STRICT
    bits_per_cycle: int
    latency_cycles: int = 1

    def __post_init__(self) -> None:
        at_least(1, bits_per_cycle=self.bits_per_cycle, latency_cycles=self.latency_cycles)


@dataclass(frozen=True)
class QueuedBus(Bus):
    """A bus that moves a word only when every destination's FIFO has room for it."""

    fifo_words: int = 32

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least(1, fifo_words=self.fifo_words)


@dataclass(frozen=True)
class LocalLink:
    """PE to the PE above: one psum a cycle, since the adder makes no more; the FIFO is the receiver's."""

    __pydantic_config__: ClassVar = STRICT
    latency_cycles: int = 1
    fifo_words: int = 32

    def __post_init__(self) -> None:
        at_least(1, latency_cycles=self.latency_cycles, fifo_words=self.fifo_words)


@dataclass(frozen=True)
class NoC:
    """The networks: three GINs (weight, ifmap, psum), the GON (ofmap) and the LN (local)."""

    __pydantic_config__: ClassVar = STRICT
    weight: Bus
    ifmap: QueuedBus
    psum: QueuedBus
    ofmap: QueuedBus
    local: LocalLink


@dataclass(frozen=True)
class Banks:
    """A memory of whole banks; a bank holds one kind of word at a time."""

    __pydantic_config__: ClassVar = STRICT
    banks: int
    bank_bytes: int

    def __post_init__(self) -> None:
        at_least(1, banks=self.banks, bank_bytes=self.bank_bytes)

    @property
    def bytes(self) -> int:
        """Capacity."""
        return self.banks * self.bank_bytes

    def banks_for(self, words: Words, word_bits: int) -> Words:
        """Whole banks that *words* occupy; of an array, one by one."""
        return -(-words * word_bits // (8 * self.bank_bytes))


@dataclass(frozen=True)
class DramLink:
    """The DRAM behind its link, in link cycles; requests are served in program order, bursts whole."""

    __pydantic_config__: ClassVar = STRICT
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


@dataclass(frozen=True)
class Arch:
    """One accelerator. Cycles are core cycles unless a name says otherwise."""

    __pydantic_config__: ClassVar = STRICT
    name: str
    clock_hz: int
    array: PEArray
    rf: SplitRF | PooledRF
    pe: PE
    noc: NoC
    glb: Banks
    filter_glb: Banks | None  # none: weights stream from the DRAM link to the weight bus, no prefetch
    dram: DramLink | Literal["ideal"]
    rlc: bool = False  # feature maps are run-length coded in DRAM (the first ifmap and weights are not)
    word_bits: int = 16  # an ifmap word or a weight
    psum_word_bits: int = 16  # a psum in spads, on buses, in GLB and DRAM
    accumulator_bits: int = 48  # a psum in the arithmetic
    overflow: Literal["error", "wrap"] = "error"
    padding: Literal["stored", "generated"] = "stored"
    ofmap_via_glb: bool = True  # the last psum pass is written to and read out of the GLB
    configuration_cycles: int = 0  # before each layer

    def __post_init__(self) -> None:
        at_least(1, clock_hz=self.clock_hz)
        for name in ("word_bits", "psum_word_bits"):
            if not 2 <= getattr(self, name) <= MAX_BITS:
                raise ConfigError(f"{name} must be in 2..{MAX_BITS} (got {getattr(self, name)})")
        at_least(0, configuration_cycles=self.configuration_cycles)
        if not 2 <= self.accumulator_bits <= MAX_BITS:
            raise ConfigError(f"accumulator_bits must be in 2..{MAX_BITS} (got {self.accumulator_bits})")
        if self.rlc and self.word_bits != RLC_LEVEL_BITS:
            raise ConfigError(
                f"rlc needs word_bits: {RLC_LEVEL_BITS}, the width of its levels (got {self.word_bits})"
            )
        for name, bits in self._bus_word_bits().items():
            width = getattr(self.noc, name).bits_per_cycle
            if width < bits:
                raise ConfigError(f"noc.{name}.bits_per_cycle must carry a word of {bits} bits (got {width})")

    def _bus_word_bits(self) -> dict[str, int]:
        return {
            "weight": self.word_bits,
            "ifmap": self.word_bits,
            "psum": self.psum_word_bits,
            "ofmap": self.psum_word_bits,
        }

    def words_per_cycle(self, bus: str) -> int:
        """Whole words that the NoC's *bus* (weight, ifmap, psum, ofmap) moves in a cycle."""
        width: int = getattr(self.noc, bus).bits_per_cycle
        return width // self._bus_word_bits()[bus]

    def rf_words(self, operand: Operand | Literal["pooled"]) -> int:
        """Words that the scratch pad of *operand* holds in one PE; *pooled*: the one register file."""
        if isinstance(self.rf, PooledRF):
            return self.rf.bytes * 8 // self.word_bits
        bits = self.psum_word_bits if operand == "psum" else self.word_bits
        size: int = getattr(self.rf, f"{operand}_bytes")
        return size * 8 // bits
