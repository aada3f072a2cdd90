"""Where zeros pay as text: what they save in each layer, what takes it back, and at which densities."""

from collections.abc import Callable, Iterator

from accelsim.report.columns import Column, Section
from accelsim.report.table import run_notes
from accelsim.report.units import number, scale
from accelsim.studies.comparison import TOTAL, Refusal
from accelsim.studies.sparsity import IDLE_LANES, MACS, SLOTS, Gain, Gains, Sweep, SweepPoint
from accelsim.studies.sparsity.layer import STORED

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
    first, pes = _column(gains, "layer", "", lambda gain: gain.name), gains.total.own.pes
    lanes = gains.total.macs_per_cycle
    of = f"% of those of {pes} PEs" + (f" of {lanes} lanes" if lanes > 1 else "")
    yield Section(f"{gains.own.title}, against dense", (first, *_saved(gains)), total=True)
    yield Section(f"PE cycles, {of}", (first, *_went(gains, _own)), total=True)
    yield Section(f"PE cycles of the dense run, {of}", (first, *_went(gains, _dense)), total=True)
    if gains.total.codings:
        title = "Bits per value where words are coded, zeros among the words"
        yield Section(title, (first, *_coded(gains)), total=True)


def _saved(gains: Gains) -> list[Column]:
    energy = scale(gains.own.energy_unit, (gain.dense.total_pj for gain in gains.layers))
    return [
        _column(gains, "MACs left", "%", lambda gain: f"{100 * gain.work:.1f}"),
        _column(gains, "cycles", "dense", lambda gain: f"{gain.dense.cycles:,}"),
        _column(gains, "cycles", "", lambda gain: f"{gain.own.cycles:,}"),
        _column(gains, "speed-up", "", lambda gain: number(gain.speedup)),
        _column(
            gains, "speed-up", "ideal", lambda gain: number(gain.ideal_speedup) if gain.macs else "no bound"
        ),
        _column(
            gains, "energy", f"dense, {energy.unit}", lambda gain: number(gain.dense.total_pj / energy.factor)
        ),
        _column(gains, "energy", energy.unit, lambda gain: number(gain.own.total_pj / energy.factor)),
        _column(gains, "energy", "over dense", lambda gain: number(gain.energy_ratio)),
        _column(gains, "imbalance", "%", lambda gain: _percent(gain.imbalance_share, 1)),
    ]


def _own(gain: Gain) -> dict[str, int]:
    return gain.slots


def _dense(gain: Gain) -> dict[str, int]:
    return gain.dense_slots


def _went(gains: Gains, slots: Callable[[Gain], dict[str, int]]) -> list[Column]:
    def column(name: str) -> Column:
        head, _, root = name.replace("_", " ").partition(".")
        head, unit = _HEADS.get(name, (head, root))
        return _column(gains, head, unit, lambda gain: _percent(slots(gain)[name], sum(slots(gain).values())))

    return [column(name) for name in SLOTS]


def _coded(gains: Gains) -> list[Column]:
    """Bits a value took, and the energy of the codec."""
    energy = scale(gains.own.energy_unit, [gains.total.codec_energy])

    def column(operand: str, level: str) -> Column:
        return _column(gains, operand, _LEVELS[level], lambda gain: _bits(gain, operand, level))

    shown = [column(*at) for at in STORED if gains.total.coding(*at)]
    codec = _column(gains, "codec", energy.unit, lambda gain: number(gain.codec_energy / energy.factor))
    return [*shown, codec]


def _bits(gain: Gain, operand: str, level: str) -> str:
    coding = gain.coding(operand, level)
    return number(coding.bits_per_value) if coding else "-"


def sweep_sections(sweep: Sweep) -> Iterator[Section]:
    """Over all layers a line per density; then where each layer crosses."""
    rows = [row for row in sweep.rows() if row["layer"] == TOTAL]

    def column(head: str, unit: str, name: str, percent: bool = False) -> Column:
        values = (row[name] for row in rows)
        return Column(
            head,
            unit,
            tuple(number(100 * v if percent else v) if isinstance(v, float | int) else "-" for v in values),
        )

    densities = Column("density", "", tuple(f"{row['density']:g}" for row in rows))
    columns = [
        column("ifmap", "stored", "ifmap_density"),
        column("weight", "", "weight_density"),
        column("MACs left", "%", "work", percent=True),
        column("cycles", "over dense", "cycles_ratio"),
        column("cycles", "ideal", "ideal_cycles_ratio"),
        column("energy", "over dense", "energy_ratio"),
    ]
    yield Section(f"{sweep.name}: all layers by density", (densities, *columns))
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


def _column(gains: Gains, head: str, unit: str, cell: Callable[[Gain], str]) -> Column:
    return Column(head, unit, tuple(cell(gain) for gain in (*gains.layers, gains.total)))


def _percent(part: float, whole: float) -> str:
    return f"{100 * part / whole:.1f}" if part else "0"
