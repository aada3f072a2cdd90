"""A run against the numbers that its paper prints, cell by cell, each with the band that it must lie in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from accelsim.checks import description
from accelsim.config import build, find, load_yaml
from accelsim.energy import word_of
from accelsim.errors import ConfigError
from accelsim.run.experiment import load
from accelsim.run.result import LayerResult, Result
from accelsim.studies.comparison import TOTAL

QuantityName = Literal["active_pes", "glb_mb", "dense_dram_mb", "rlc_ratio", "latency_ms"]


@description
class Band:
    """How far from the published value a simulated one may lie: a share of it, or a number in its unit."""

    percent: float | None = None
    absolute: float | None = None

    def __post_init__(self) -> None:
        if (self.percent is None) == (self.absolute is None):
            raise ConfigError("a band must give either percent or absolute")
        if self.limit < 0:
            raise ConfigError(f"a band must be at least 0 (got {self.limit:g})")

    @property
    def limit(self) -> float:
        """The number that was given, of percent or in the quantity's unit."""
        return (self.percent if self.absolute is None else self.absolute) or 0.0

    def holds(self, simulated: float, published: float) -> bool:
        """Whether *simulated* is near enough to *published*."""
        allowed = self.limit if self.percent is None else self.limit / 100 * abs(published)
        return abs(simulated - published) <= allowed

    def __str__(self) -> str:
        if self.percent is not None:
            return f"{self.percent:g} %"
        return f"{self.limit:g}" if self.limit else "exact"


@description
class PublishedTable:
    """One published quantity, by layer."""

    title: str
    quantity: QuantityName
    source: str
    published: dict[str, float]  # by layer, or for all of them under "total"
    band: Band | None = None  # none: shown without a verdict
    bands: dict[str, Band] = field(default_factory=dict)  # of single layers, in place of *band*
    overrides: dict[str, str] = field(default_factory=dict)  # of the run, by dotted key

    def __post_init__(self) -> None:
        for name in self.bands:
            if name not in self.published:
                raise ConfigError(f"bands.{name} must be of a published value ({', '.join(self.published)})")
        if 0 in self.published.values():
            raise ConfigError("published values must not be 0")


@description
class Published:
    """What a paper prints, and the run that reproduces it."""

    name: str
    source: str
    run: str
    tables: tuple[PublishedTable, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cell:
    """One published value and the simulated one."""

    table: str
    layer: str
    simulated: float
    published: float
    band: Band | None

    @property
    def error_percent(self) -> float:
        """Signed difference as a share of the published value."""
        return (self.simulated / self.published - 1) * 100

    @property
    def ok(self) -> bool | None:
        """Whether the band holds; None without a band."""
        return None if self.band is None else self.band.holds(self.simulated, self.published)


@dataclass(frozen=True)
class Validation:
    """All cells of a paper."""

    published: Published
    cells: tuple[Cell, ...]

    @property
    def missed(self) -> tuple[Cell, ...]:
        """The cells whose band does not hold."""
        return tuple(cell for cell in self.cells if cell.ok is False)

    @property
    def ok(self) -> bool:
        """Whether every band holds."""
        return not self.missed


def validate(name: str) -> Validation:
    """Run what the published numbers *name*, a name or a path, are about, and compare.

    Raises:
        ConfigError: if there are no such numbers, or they are of layers that the run does not have.
    """
    path = find("published", name)
    document = load_yaml(path, "published")
    published = build(document, Published)
    try:
        run = str(find("runs", published.run, path))
    except ConfigError as error:
        raise document["run"].origin.error(str(error)) from None
    runs: dict[str, Result] = {}
    cells: list[Cell] = []
    for at, table in enumerate(published.tables):
        key = str(sorted(table.overrides.items()))  # tables of one set-up share a run
        if key not in runs:
            runs[key] = load(run, **table.overrides).run()
        try:
            cells += _cells(table, runs[key])
        except ConfigError as error:
            raise document.nearest(("tables", at, "published")).origin.error(str(error)) from None
    return Validation(published, tuple(cells))


def _cells(table: PublishedTable, result: Result) -> Iterator[Cell]:
    rows = {layer.name: layer for layer in result.layers} | {TOTAL: result.total}
    for name, value in table.published.items():
        if name not in rows:
            raise ConfigError(f"must be of layers of {result.name}: {', '.join(rows)} (got {name!r})")
        simulated = _QUANTITIES[table.quantity](rows[name])
        yield Cell(table.title, name, simulated, value, table.bands.get(name, table.band))


def _megabytes(words: Mapping[str, int], layer: LayerResult) -> float:
    return _bits(words, layer) / 8 / 1e6


def _glb_mb(layer: LayerResult) -> float:
    """Ifmap reads, psum reads and psum writes; the published figure has no fills and no filters."""
    counted = ("glb.read:ifmap", "glb.read:psum", "glb.write:psum")
    return _megabytes({name: layer.actions[name] for name in counted}, layer)


def _rlc_ratio(layer: LayerResult) -> float:
    """DRAM bits uncoded over DRAM bits as moved."""
    moved = {name: layer.actions[name] for name in layer.dense_dram}
    return _bits(layer.dense_dram, layer) / _bits(moved, layer)


def _bits(words: Mapping[str, int], layer: LayerResult) -> int:
    """Bits of *words* by action, of which *layer* must have one width each."""
    total = 0
    for name, count in words.items():
        operand = word_of(name)
        if operand not in layer.word_bits:
            raise ConfigError(f"words must be equally wide in all layers to be summed (got {operand} words)")
        total += count * layer.word_bits[operand]
    return total


_QUANTITIES: dict[QuantityName, Callable[[LayerResult], float]] = {
    "active_pes": lambda layer: layer.active_pes,
    "glb_mb": _glb_mb,
    "dense_dram_mb": lambda layer: _megabytes(layer.dense_dram, layer),
    "rlc_ratio": _rlc_ratio,
    "latency_ms": lambda layer: layer.ms,
}
