"""Where zeros pay as text: what they save in each layer, what takes it back, and at which densities."""

from collections.abc import Callable, Iterator

from accelsim.report.columns import Column, Declared, Section, columns_of, percent
from accelsim.report.table import run_notes
from accelsim.report.units import number, scale
from accelsim.studies.comparison import TOTAL, Refusal
from accelsim.studies.sparsity import IDLE_LANES, MACS, SLOTS, Gain, Gains, Sweep, SweepPoint
from accelsim.studies.sparsity.layer import STORED

_Column = Declared[Gain]

_NAME: _Column = ("layer", "", lambda gain: gain.name)

_LEVELS = {"dram": "DRAM", "glb": "GLB", "spad": "spad"}

_HEADS = {MACS: ("MACs", ""), IDLE_LANES: ("idle", "lanes")}
"""Columns that are no cause."""

_SAVED_NOTE = (
    "Dense: the same run on the same machine, nothing gated, skipped or coded. MACs left: those that took a"
    " cycle of a lane. Ideal: dense cycles over the cycles of the MACs left, done in every lane of every PE:"
    " the bound of what zeros allow on this array."
)

_WENT_NOTE = (
    "Imbalance: PE cycles that PEs at work were less busy (MACs, overhead) over the layer than the busiest,"
    " of all PE cycles; they are among the waits and idle cycles."
)


def gain_sections(gains: Gains) -> Iterator[Section]:
    """Tables of what zeros save and of what takes it back, a row for each layer and one for the total."""
    rows, pes, lanes = (*gains.layers, gains.total), gains.total.own.pes, gains.total.macs_per_cycle
    of = f"% of those of {pes} PEs" + (f" of {lanes} lanes" if lanes > 1 else "")
    tables = {
        f"{gains.own.title}, against dense": _saved(gains),
        f"PE cycles, {of}": [_went(name, lambda gain: gain.slots) for name in SLOTS],
        f"PE cycles of the dense run, {of}": [_went(name, lambda gain: gain.dense_slots) for name in SLOTS],
    }
    if gains.total.codings:
        tables["Bits per value where words are coded, zeros among the words"] = _coded(gains)
    for title, declared in tables.items():
        yield Section(title, columns_of(rows, (_NAME, *declared)), total=True)


def _saved(gains: Gains) -> list[_Column]:
    energy = scale(gains.own.energy_unit, (gain.dense.total_pj for gain in gains.layers))
    return [
        ("MACs left", "%", lambda gain: f"{100 * gain.work:.1f}"),
        ("cycles", "dense", lambda gain: f"{gain.dense.cycles:,}"),
        ("cycles", "", lambda gain: f"{gain.own.cycles:,}"),
        ("speed-up", "", lambda gain: number(gain.speedup)),
        ("speed-up", "ideal", lambda gain: number(gain.ideal_speedup) if gain.macs else "no bound"),
        ("energy", f"dense, {energy.unit}", lambda gain: number(gain.dense.total_pj / energy.factor)),
        ("energy", energy.unit, lambda gain: number(gain.own.total_pj / energy.factor)),
        ("energy", "over dense", lambda gain: number(gain.energy_ratio)),
        ("imbalance", "%", lambda gain: percent(gain.imbalance_share)),
    ]


def _went(name: str, slots: Callable[[Gain], dict[str, int]]) -> _Column:
    head, _, root = name.replace("_", " ").partition(".")
    head, unit = _HEADS.get(name, (head, root))
    return head, unit, lambda gain: percent(slots(gain)[name] / sum(slots(gain).values()))


def _coded(gains: Gains) -> list[_Column]:
    """Bits a value took, and the energy of the codec."""
    energy = scale(gains.own.energy_unit, [gains.total.codec_energy])

    def column(operand: str, level: str) -> _Column:
        return operand, _LEVELS[level], lambda gain: _bits(gain, operand, level)

    shown = [column(*at) for at in STORED if gains.total.coding(*at)]
    return [*shown, ("codec", energy.unit, lambda gain: number(gain.codec_energy / energy.factor))]


def _bits(gain: Gain, operand: str, level: str) -> str:
    coding = gain.coding(operand, level)
    return number(coding.bits_per_value) if coding else "-"


def sweep_sections(sweep: Sweep) -> Iterator[Section]:
    """Over all layers a line per density; then where each layer crosses."""
    rows = [row for row in sweep.rows() if row["layer"] == TOTAL]

    def column(head: str, unit: str, name: str, factor: int = 1) -> Declared[dict[str, object]]:
        return head, unit, lambda row: number(factor * v) if isinstance(v := row[name], float | int) else "-"

    columns = [
        ("density", "", lambda row: f"{row['density']:g}"),
        column("ifmap", "stored", "ifmap_density"),
        column("weight", "", "weight_density"),
        column("MACs left", "%", "work", factor=100),
        column("cycles", "over dense", "cycles_ratio"),
        column("cycles", "ideal", "ideal_cycles_ratio"),
        column("energy", "over dense", "energy_ratio"),
    ]
    yield Section(f"{sweep.name}: all layers by density", columns_of(rows, columns))
    names = Column("layer", "", sweep.layers)
    crossings = [
        Column(quantity, "", tuple(str(sweep.crossover(quantity, layer)) for layer in sweep.layers))
        for quantity in sweep.crossovers()
    ]
    yield Section("Densities at which it takes less than the dense run", (names, *crossings), total=True)


def sparsity_notes(gains: Gains, sweep: Sweep | None) -> Iterator[str]:
    """What a reader must know before quoting a number; one paragraph each."""
    yield _SAVED_NOTE
    yield _WENT_NOTE
    for point in sweep.points if sweep else ():
        yield from _point_notes(point)
    yield from run_notes(gains.own)


def _point_notes(point: SweepPoint) -> Iterator[str]:
    """What must be said of one density."""
    if isinstance(point.outcome, Refusal):
        yield f"density {point.density:g}: {point.outcome}"
        return
    anew = [gain.name for gain in point.outcome.layers if gain.own.overflowed]
    if anew:
        yield f"density {point.density:g}: planned anew, as coded words overflowed: {', '.join(anew)}."
