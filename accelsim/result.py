"""What an experiment found: a row per layer and a total, with units in every name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from accelsim.energy import by_component, by_operand
from accelsim.stats import CAUSES, Actions, CauseMap
from accelsim.workload import IntArray

if TYPE_CHECKING:
    import pandas as pd

LEVELS = ("dram.read", "dram.write", "glb.read", "glb.write", "noc.deliver", "noc.hop", "noc.collect")


@dataclass(frozen=True)
class LayerResult:
    """One layer, or the sum of some: counts, cycles and the energy they cost."""

    name: str
    macs: int  # algorithmic
    cycles: int
    clock_hz: int
    pes: int
    active_pes: int  # PEs that the full mapping uses
    causes: Mapping[str, int]  # PE cycles by cause; they sum to pes * cycles
    actions: Actions
    dense_dram: Actions  # DRAM words without coding
    energy_pj: Mapping[str, float]  # by action, in the table's unit
    choice: Mapping[str, int]  # the dataflow's tile sizes
    planned: Mapping[str, float]  # shares of their size that coded words were planned with, by operand
    overflowed: bool  # the data needed more than the machine's own, so that it was planned anew
    nest: str  # the mapping, printed
    shift: int | None  # of the stored ofmap; None without values
    counted: int | None = None  # candidates that the search counted; None if the mapping was given
    simulated: int | None = None  # those of them that it simulated
    cause_map: CauseMap | None = None  # (causes, PEs)
    ofmap: IntArray | None = None  # (N, M, E, F) psums

    @property
    def ms(self) -> float:
        """Latency in milliseconds."""
        return self.cycles / self.clock_hz * 1e3

    @property
    def utilisation(self) -> float:
        """MAC cycles over PE cycles."""
        return self.causes["busy.mac"] / (self.pes * self.cycles)

    @property
    def total_pj(self) -> float:
        """Energy of all actions."""
        return sum(by_component(self.energy_pj).values())

    @property
    def pj_per_mac(self) -> float:
        """Energy per algorithmic MAC."""
        return self.total_pj / self.macs

    @property
    def watts(self) -> float:
        """Average power; without clock and leakage, which no published table has."""
        return self.total_pj * 1e-12 / (self.cycles / self.clock_hz)

    @property
    def gmacs_per_watt(self) -> float:
        """Algorithmic GMAC/s per watt, which is GMACs per joule."""
        return self.macs * 1e-9 / (self.total_pj * 1e-12)

    def row(self) -> dict[str, Any]:
        """The layer as one tidy row; dotted names, units last."""
        return {
            "layer": self.name,
            "macs": self.macs,
            "cycles": self.cycles,
            "latency_ms": self.ms,
            "active_pes": self.active_pes,
            "utilisation": self.utilisation,
            "energy_pj": self.total_pj,
            "pj_per_mac": self.pj_per_mac,
            "power_w": self.watts,
            "gmacs_per_w": self.gmacs_per_watt,
            **{f"energy.{k}_pj": v for k, v in by_component(self.energy_pj).items()},
            **{f"energy_by_operand.{k}_pj": v for k, v in by_operand(self.energy_pj).items()},
            **{f"pe_cycles.{cause}": self.causes[cause] for cause in CAUSES},
            **{f"words.{k}": n for k, n in sorted(self.actions.items())},
            **{f"dense_words.{k}": n for k, n in sorted(self.dense_dram.items())},
            "ofmap_shift_bits": self.shift,
            "overflowed": self.overflowed,
            **{f"planned_share.{operand}": self.planned.get(operand) for operand in ("ifmap", "weight")},
            "search.counted": self.counted,
            "search.simulated": self.simulated,
        }


@dataclass(frozen=True)
class Result:
    """All layers of a run, in the order they ran."""

    name: str
    layers: tuple[LayerResult, ...]
    energy_unit: str  # pJ, or "MAC" for a table relative to one MAC
    energy_table: str
    arch: str
    prices: Mapping[str, float]
    provenance: Mapping[str, str]  # of each price: published, or derived under the table's law
    glue: tuple[str, ...]  # ran in numpy between the layers; their traffic and time are not modelled
    left_out: tuple[str, ...]  # not run at all
    config: Mapping[str, Any]  # the run in full, defaults included; a run file of it gives this result

    def __getitem__(self, name: str) -> LayerResult:
        """The layer called *name*. Raises KeyError, which lists the layers there are."""
        by_name = {layer.name: layer for layer in self.layers}
        if name not in by_name:
            raise KeyError(f"layers are {', '.join(by_name)} (got {name!r})")
        return by_name[name]

    @cached_property
    def total(self) -> LayerResult:
        """The layers one after another."""
        first = self.layers[0]
        searched = [layer for layer in self.layers if layer.counted is not None]
        actions, dense = Actions(), Actions()
        for layer in self.layers:
            actions.update(layer.actions)
            dense.update(layer.dense_dram)
        return LayerResult(
            name="total",
            macs=sum(layer.macs for layer in self.layers),
            cycles=sum(layer.cycles for layer in self.layers),
            clock_hz=first.clock_hz,
            pes=first.pes,
            active_pes=max(layer.active_pes for layer in self.layers),
            causes={cause: sum(layer.causes[cause] for layer in self.layers) for cause in CAUSES},
            actions=actions,
            dense_dram=dense,
            energy_pj={name: n * self.prices[name] for name, n in actions.items()},
            choice={},
            planned={},
            overflowed=any(layer.overflowed for layer in self.layers),
            nest="",
            shift=None,
            counted=sum(layer.counted or 0 for layer in searched) if searched else None,
            simulated=sum(layer.simulated or 0 for layer in searched) if searched else None,
        )

    def to_frame(self) -> pd.DataFrame:
        """A pandas frame, one row per layer and the total last."""
        import pandas as pd

        rows = [layer.row() for layer in (*self.layers, self.total)]
        return pd.DataFrame(rows).fillna({c: 0 for c in rows[-1] if c.startswith(("words.", "dense_words."))})
