"""One layer on a machine that skips zeros: the work that is left, and what eats up the time saved."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from accelsim.machine.sparsity import STORAGE_LEVELS
from accelsim.network.layer import IntArray
from accelsim.run.result import LayerResult
from accelsim.stats import CAUSE, CAUSES
from accelsim.studies.sparsity.coding import Coding

MACS, IDLE_LANES = "macs", "idle_lanes"
"""Issue slots that a MAC takes, and those that stay empty while another lane of the PE has a MAC."""

SLOTS = (MACS, IDLE_LANES, *(cause for cause in CAUSES if cause != "busy.mac"))
"""What the issue slots of an array are spent on."""

STORED = tuple((operand, level) for operand in ("ifmap", "weight") for level in STORAGE_LEVELS) + (
    ("ofmap", "dram"),
)
"""Operands and the levels that can keep them coded."""


@dataclass(frozen=True)
class Gain:
    """One layer, or all of them together, against the same on a machine without sparsity.

    An issue *slot* has room for one MAC: one lane of a PE for one cycle.
    """

    own: LayerResult
    dense: LayerResult
    macs_per_cycle: int  # lanes of a PE
    imbalance: int  # PE cycles, see imbalance()
    codings: tuple[Coding, ...]

    @property
    def name(self) -> str:
        """Name of the layer."""
        return self.own.name

    @property
    def speedup(self) -> float:
        """Dense cycles over cycles."""
        return self.dense.cycles / self.own.cycles

    @property
    def cycles_ratio(self) -> float:
        """Cycles over dense cycles."""
        return self.own.cycles / self.dense.cycles

    @property
    def energy_ratio(self) -> float:
        """Energy over dense energy."""
        return self.own.total_pj / self.dense.total_pj

    @property
    def macs(self) -> int:
        """MACs that take a slot: those made and those gated, but not those skipped."""
        return _macs(self.own)

    @property
    def work(self) -> float:
        """Share of the algorithmic MACs that zeros leave to do: those that take a slot."""
        return self.macs / self.own.macs

    @property
    def slots_per_cycle(self) -> int:
        """MACs that the array can do in a cycle."""
        return self.own.pes * self.macs_per_cycle

    @property
    def ideal_cycles(self) -> float:
        """Cycles of :attr:`macs` if every slot took one: no machine with this array needs fewer."""
        return self.macs / self.slots_per_cycle

    @property
    def ideal_cycles_ratio(self) -> float:
        """Ideal cycles over dense cycles."""
        return self.ideal_cycles / self.dense.cycles

    @property
    def ideal_speedup(self) -> float:
        """Dense cycles over ideal cycles, a bound of the speedup on this array; infinite without MACs.

        It is 1 / work over the utilisation of the dense run, and so includes what that run leaves unused.
        """
        return self.dense.cycles / self.ideal_cycles if self.macs else math.inf

    @property
    def slots(self) -> dict[str, int]:
        """Issue slots of the run by :data:`SLOTS`; they sum to PEs x lanes x cycles."""
        return slots_of(self.own, self.macs_per_cycle)

    @property
    def dense_slots(self) -> dict[str, int]:
        """Issue slots of the dense run by :data:`SLOTS`; they sum to PEs x lanes x cycles."""
        return slots_of(self.dense, self.macs_per_cycle)

    @property
    def imbalance_share(self) -> float:
        """Imbalance as a share of PEs x cycles; part of the waits and idle cycles, not beside them."""
        return self.imbalance / (self.own.pes * self.own.cycles)

    @property
    def codec_energy(self) -> float:
        """Energy of coding and decoding, in the unit of the table."""
        return math.fsum(e for name, e in self.own.energy_pj.items() if name.startswith("codec."))

    def coding(self, operand: str, level: str) -> Coding | None:
        """What the format of *operand* at *level* comes to; None if words are not coded there."""
        return next((one for one in self.codings if (one.operand, one.level) == (operand, level)), None)

    def row(self) -> dict[str, object]:
        """The layer as one tidy row; None where there is no number."""
        return {
            "layer": self.name,
            "macs": self.own.macs,
            "macs_left": self.macs,
            "work": self.work,
            "dense_cycles": self.dense.cycles,
            "cycles": self.own.cycles,
            "speedup": self.speedup,
            "ideal_cycles": self.ideal_cycles,
            "ideal_speedup": self.ideal_speedup if self.macs else None,
            "dense_energy_pj": self.dense.total_pj,
            "energy_pj": self.own.total_pj,
            "energy_ratio": self.energy_ratio,
            "codec_energy_pj": self.codec_energy,
            "imbalance_pe_cycles": self.imbalance,
            **dict(self._pe_cycles("pe_cycles", self.slots)),
            **dict(self._pe_cycles("dense_pe_cycles", self.dense_slots)),
            **{f"bits_per_value.{operand}.{level}": self._bits(operand, level) for operand, level in STORED},
            "overflowed": self.own.overflowed,
            **{f"planned_share.{operand}": self.own.planned.get(operand) for operand in ("ifmap", "weight")},
        }

    def _pe_cycles(self, prefix: str, found: dict[str, int]) -> Iterator[tuple[str, float]]:
        """Slots as PE cycles: whole ones where a PE has one lane."""
        for name, count in found.items():
            whole, rest = divmod(count, self.macs_per_cycle)
            yield f"{prefix}.{name}", whole if rest == 0 else count / self.macs_per_cycle

    def _bits(self, operand: str, level: str) -> float | None:
        found = self.coding(operand, level)
        return found.bits_per_value if found else None


def slots_of(layer: LayerResult, lanes: int) -> dict[str, int]:
    """Issue slots of *layer*, on PEs with *lanes* lanes, by :data:`SLOTS`."""
    macs = _macs(layer)
    idle = layer.causes["busy.mac"] * lanes - macs
    assert idle >= 0, "a lane does one MAC a cycle"
    rest = {cause: layer.causes[cause] * lanes for cause in CAUSES if cause != "busy.mac"}
    found = {MACS: macs, IDLE_LANES: idle, **rest}
    assert sum(found.values()) == layer.pes * lanes * layer.cycles, "every slot goes somewhere"
    return found


def imbalance(layer: LayerResult) -> int:
    """PE cycles by which PEs at work are less busy than the busiest: the sum of max(busy) - busy.

    Busy counts ``busy.mac`` and ``busy.overhead`` over the whole layer, so that what balances out between
    passes does not show. PEs without any work are idle, not out of balance.
    """
    busy = busy_cycles(layer)
    worked = busy[busy > 0]
    return int(worked.max(initial=0) * worked.size - worked.sum())


def busy_cycles(layer: LayerResult) -> IntArray:
    """MAC and overhead cycles of every PE, ``(PEs,)``, row by row of the array."""
    assert layer.cause_map is not None, "a layer has a map, a total has none"
    busy: IntArray = layer.cause_map[CAUSE["busy.mac"]] + layer.cause_map[CAUSE["busy.overhead"]]
    return busy


def _macs(layer: LayerResult) -> int:
    """MACs that take a slot: all but those that zeros or repeated kernels spare."""
    return int(layer.macs - layer.actions["mac.skipped:psum"] - layer.actions["mac.reused:psum"])
