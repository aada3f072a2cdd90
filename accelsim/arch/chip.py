"""One accelerator: its parts, and the rules that hold between them."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from accelsim.arch.checks import STRICT, at_least
from accelsim.arch.memory import AreaBudget, Banks, DramLink
from accelsim.arch.noc import NoC
from accelsim.arch.pes import PE, NoRF, PEArray, PooledRF, SplitRF
from accelsim.errors import ConfigError

Operand = Literal["ifmap", "weight", "psum"]

MAX_BITS = 62
"""Widest word: sums and differences of two of them stay within int64."""

RLC_LEVEL_BITS = 16
"""A value in the chip's run-length code (JSSC 2017)."""


@dataclass(frozen=True)
class Arch:
    """One accelerator. Cycles are core cycles unless a name says otherwise."""

    __pydantic_config__: ClassVar = STRICT
    name: str
    clock_hz: int
    array: PEArray
    rf: SplitRF | PooledRF | NoRF
    pe: PE
    noc: NoC
    glb: Banks | Literal["area"]  # area: what the register files leave of storage_area
    filter_glb: Banks | Literal["glb"] | None  # glb: weights share it; none: from the link to the weight bus
    dram: DramLink | Literal["ideal"]
    rlc: bool = False  # feature maps are run-length coded in DRAM (the first ifmap and weights are not)
    word_bits: int = 16  # an ifmap word or a weight
    psum_word_bits: int = 16  # a psum in spads, on buses, in GLB and DRAM
    accumulator_bits: int = 48  # a psum in the arithmetic
    overflow: Literal["error", "wrap"] = "error"
    padding: Literal["stored", "generated"] = "stored"
    ifmap_via_glb: bool = True  # false: ifmap words stream from an ideal DRAM to the ifmap bus
    ofmap_via_glb: bool = True  # the last psum pass is written to and read out of the GLB
    configuration_cycles: int = 0  # before each layer
    storage_area: AreaBudget | None = None  # for glb: area; spent when the architecture is made, then none

    def __post_init__(self) -> None:
        at_least(1, clock_hz=self.clock_hz)
        self._spend_area()
        if not self.ifmap_via_glb and self.dram != "ideal":
            raise ConfigError("ifmap_via_glb: false needs dram: ideal; words that nothing holds cannot wait")
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

    def _spend_area(self) -> None:
        if self.glb == "area":
            if self.storage_area is None:
                raise ConfigError("storage_area must be given for glb: area (got null)")
            object.__setattr__(self, "glb", self.storage_area.glb(self.array.pes, self.rf_bytes))
        object.__setattr__(self, "storage_area", None)

    def _bus_word_bits(self) -> dict[str, int]:
        return {
            "weight": self.word_bits,
            "ifmap": self.word_bits,
            "psum": self.psum_word_bits,
            "ofmap": self.psum_word_bits,
        }

    @property
    def buffer(self) -> Banks:
        """The GLB."""
        assert isinstance(self.glb, Banks), "the area is spent when the architecture is made"
        return self.glb

    @property
    def systolic(self) -> bool:
        """Whether operands hop from PE to PE."""
        return self.array.interconnect == "systolic"

    @property
    def rf_bytes(self) -> int:
        """Storage of one PE."""
        if isinstance(self.rf, NoRF):
            return 0
        if isinstance(self.rf, PooledRF):
            return self.rf.bytes
        return self.rf.ifmap_bytes + self.rf.weight_bytes + self.rf.psum_bytes

    def words_per_cycle(self, bus: str) -> int:
        """Whole words that the NoC's *bus* (weight, ifmap, psum, ofmap) moves in a cycle."""
        width: int = getattr(self.noc, bus).bits_per_cycle
        return width // self._bus_word_bits()[bus]

    def rf_words(self, operand: Operand | Literal["pooled"]) -> int:
        """Words that the scratch pad of *operand* holds in one PE; *pooled*: the one register file."""
        if isinstance(self.rf, NoRF):
            return 0
        if isinstance(self.rf, PooledRF):
            return self.rf.bytes * 8 // self.word_bits
        bits = self.psum_word_bits if operand == "psum" else self.word_bits
        size: int = getattr(self.rf, f"{operand}_bytes")
        return size * 8 // bits
