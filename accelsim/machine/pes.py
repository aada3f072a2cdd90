"""The PE array: where PEs sit, what they store, what they do."""

from typing import ClassVar, Literal

from accelsim.checks import at_least, description
from accelsim.errors import ConfigError


@description
class PEArray:
    """Where PEs sit and how operands reach them.

    Mappings keep their shape on a ``grid``, and take any place in a ``pool`` (ISCA 2016). Under ``multicast``
    a word reaches all its PEs at once; on a ``systolic`` array it enters at the edge and hops one PE a cycle.
    """

    rows: int
    cols: int
    placement: Literal["grid", "pool"] = "grid"
    interconnect: Literal["multicast", "systolic"] = "multicast"
    fold_length: Literal["array", "used"] = "array"  # systolic: a ragged fold takes the time of a whole one
    drain: Literal["hidden", "serial"] = "hidden"  # kept psums leave during the next pass, or before it

    def __post_init__(self) -> None:
        at_least(1, rows=self.rows, cols=self.cols)
        if self.interconnect == "systolic" and self.placement == "pool":
            raise ConfigError(
                "interconnect: systolic needs placement: grid; words hop to neighbours (got pool)"
            )

    @property
    def pes(self) -> int:
        """Number of PEs in the array."""
        return self.rows * self.cols


@description
class SplitRF:
    """One scratch pad per operand, as on the chip (JSSC 2017): 24, 448 and 48 bytes there."""

    kind: Literal["split"]
    ifmap_bytes: int
    weight_bytes: int
    psum_bytes: int

    def __post_init__(self) -> None:
        at_least(1, ifmap_bytes=self.ifmap_bytes, weight_bytes=self.weight_bytes, psum_bytes=self.psum_bytes)

    @property
    def bytes(self) -> int:
        """Storage of one PE."""
        return self.ifmap_bytes + self.weight_bytes + self.psum_bytes


@description
class PooledRF:
    """One register file that the three operands share (ISCA 2016).

    The last product of a primitive and the psum from below meet in the adder without
    passing the register file, as that paper counts.
    """

    kind: Literal["pooled"]
    bytes: int

    def __post_init__(self) -> None:
        at_least(1, bytes=self.bytes)


@description
class NoRF:
    """No storage in the PEs: operands are used from the wires (NLR, ISCA 2016)."""

    kind: Literal["none"]
    bytes: ClassVar[int] = 0


@description
class PE:
    """The datapath: its pipeline, and how many filters take the same ifmap value in a cycle (SIMD)."""

    pipeline_stages: int = 3
    macs_per_cycle: int = 1

    def __post_init__(self) -> None:
        at_least(1, pipeline_stages=self.pipeline_stages, macs_per_cycle=self.macs_per_cycle)
