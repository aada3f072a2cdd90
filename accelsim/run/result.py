"""What an experiment found: a row per layer and a total, with units in every name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import fsum
from typing import TYPE_CHECKING, TypeVar

from accelsim.config import Resolved
from accelsim.energy import by_component, by_operand
from accelsim.machine import Arch
from accelsim.network.graph import Network
from accelsim.network.layer import Tensor
from accelsim.run.counts import NO_COUNTS, Counts
from accelsim.run.settings import Settings
from accelsim.stats import CAUSES, CauseMap

if TYPE_CHECKING:
    import pandas as pd

_T = TypeVar("_T")

OPERANDS = ("ifmap", "weight", "psum", "ofmap")
"""Operands whose words have a width in memory."""


@dataclass(frozen=True, kw_only=True)
class LayerResult(Counts):
    """One layer, or the sum of some: counts, cycles and the energy they cost."""

    name: str
    clock_hz: int
    pes: int
    active_pes: int  # PEs that the full mapping uses
    energy_pj: Mapping[str, float]  # by action, in the table's unit
    prices: Mapping[str, float]  # of each action that the layer's machine can do
    provenance: Mapping[str, str]  # of each price: published, or derived under the table's law
    word_bits: Mapping[str, int]  # of an ifmap word, a weight, a psum and an ofmap word in DRAM
    datapath_um2: float | None  # area of one PE's arithmetic with its tables; None: its table has none
    overflowed: bool  # the data needed more than the machine's own, so that it was planned anew
    scheme: str | None = None  # how it was quantised; None: words of the machine
    choice: Mapping[str, int] = field(default_factory=dict)  # the dataflow's tile sizes
    planned: Mapping[str, float] = field(default_factory=dict)  # by operand, size coded over size as it is
    nest: str = ""  # the mapping, printed
    shift: int | None = None  # of the stored ofmap; None without values, or of reals
    cause_map: CauseMap | None = None  # (causes, PEs)
    ofmap: Tensor | None = None  # (N, M, E, F) psums

    @property
    def ms(self) -> float:
        """Latency in milliseconds, at the clock of the chip."""
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

    def row(self) -> dict[str, object]:
        """The layer as one tidy row; dotted names, units last."""
        return {
            "layer": self.name,
            "scheme": self.scheme,
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
            **{f"word_bits.{operand}": self.word_bits.get(operand) for operand in OPERANDS},
            "dram_bits": self.dram_bits,
            "weight_bits": self.weight_bits,
            "datapath_um2": self.datapath_um2,
            "ofmap_shift_bits": self.shift,
            "overflowed": self.overflowed,
            **{f"planned_share.{operand}": self.planned.get(operand) for operand in ("ifmap", "weight")},
            "search.counted": self.counted,
            "search.simulated": self.simulated,
        }


@dataclass(frozen=True)
class Result:
    """All layers of a run, in the order they ran."""

    settings: Settings
    network: Network
    machine: Arch  # as it is, whatever layers make of it
    machines: Mapping[str, Arch]  # as each layer sees it: with the datapath of its scheme
    layers: tuple[LayerResult, ...]
    energy_unit: str  # pJ, or "MAC" for a table relative to one MAC
    energy_table: str
    glue: tuple[str, ...]  # ran in numpy between the layers; their traffic and time are not modelled
    left_out: tuple[str, ...]  # not run at all
    config: Resolved  # the run in full, defaults included; a run file of it gives this result
    accuracy: float | None = None  # share of images whose largest output is their label's; None: no labels

    @property
    def name(self) -> str:
        """Name of the run."""
        return self.settings.name

    @property
    def arch(self) -> str:
        """The name of the machine."""
        return self.machine.name

    @property
    def title(self) -> str:
        """What ran, in a line."""
        run = self.settings
        return f"{run.name}: {self.network.name}, batch {run.batch}, {run.dataflow} on {self.arch}"

    @cached_property
    def prices(self) -> dict[str, float]:
        """Price of each action, in the table's unit, that costs the same in every layer that can do it."""
        return _agreed(layer.prices for layer in self.layers)

    @cached_property
    def provenance(self) -> dict[str, str]:
        """Provenance of each of :attr:`prices`: published or derived."""
        found = _agreed(layer.provenance for layer in self.layers)
        return {name: found[name] for name in self.prices if name in found}

    def prices_of(self, name: str) -> dict[float, list[str]]:
        """The prices of action *name* in the layers that did it, each with the schemes that have it."""
        found: dict[float, list[str]] = {}
        for layer in self.layers:
            if layer.actions[name]:
                schemes = found.setdefault(layer.prices[name], [])
                schemes += [layer.scheme] if layer.scheme and layer.scheme not in schemes else []
        return found

    def __getitem__(self, name: str) -> LayerResult:
        """The layer called *name*. Raises KeyError, which lists the layers there are."""
        by_name = {layer.name: layer for layer in self.layers}
        if name not in by_name:
            raise KeyError(f"layers are {', '.join(by_name)} (got {name!r})")
        return by_name[name]

    @cached_property
    def total(self) -> LayerResult:
        """All layers together, one after another."""
        first, areas = self.layers[0], {layer.datapath_um2 for layer in self.layers}
        counts = sum(self.layers, NO_COUNTS)
        return LayerResult(
            **vars(counts),
            name="total",
            clock_hz=first.clock_hz,
            pes=first.pes,
            active_pes=max(layer.active_pes for layer in self.layers),
            energy_pj={name: self._energy(name, n) for name, n in counts.actions.items()},
            prices=self.prices,
            provenance=self.provenance,
            word_bits=_agreed(layer.word_bits for layer in self.layers),
            datapath_um2=areas.pop() if len(areas) == 1 else None,
            overflowed=any(layer.overflowed for layer in self.layers),
        )

    def _energy(self, name: str, count: int) -> float:
        """Energy of action *name* in all layers: *count* times its price or, if prices differ, a sum."""
        if name in self.prices:
            return count * self.prices[name]
        return fsum(layer.energy_pj.get(name, 0.0) for layer in self.layers)

    def to_frame(self) -> pd.DataFrame:
        """A pandas frame, one row per layer and the total last."""
        import pandas as pd

        rows = [layer.row() for layer in (*self.layers, self.total)]
        return pd.DataFrame(rows).fillna({c: 0 for c in rows[-1] if c.startswith(("words.", "dense_words."))})


def _agreed(mappings: Iterable[Mapping[str, _T]]) -> dict[str, _T]:
    """What *mappings* say, less the keys of which two say different things."""
    found: dict[str, _T] = {}
    other: set[str] = set()
    for mapping in mappings:
        other |= {key for key, value in mapping.items() if found.setdefault(key, value) != value}
    return {key: value for key, value in found.items() if key not in other}
