"""A comparison of schemes as text: a line for each label."""

from collections.abc import Iterator

from accelsim.report.columns import Column, Declared, Section, columns_of
from accelsim.report.comparison.schemes.costs import SchemeCost, scheme_costs
from accelsim.report.comparison.schemes.rows import spanned
from accelsim.report.style import COMPONENT_LABELS
from accelsim.report.units import KILO, STEPS, number, scale
from accelsim.studies.comparison import Comparison

_ARRAY_NOTE = (
    "Arithmetic: MACs and look-ups of codes. Array: the share of the energy that is spent around it, in"
    " register files, NoC, GLB, DRAM and coding; it limits where it is the larger part. Most: of all parts."
    " Datapath: the area of what computes in one PE, with its tables; of several layers the largest."
)
_WORDS_NOTE = "DRAM words/op: words are as wide as the codes of each scheme; kbit tell what crosses the link."


def scheme_section(comparison: Comparison) -> Section:
    """A row a label; accuracy only where some label has one."""
    costs = scheme_costs(comparison)
    energy = scale(comparison.energy_unit, [max(cost.energy for cost in costs.values())])
    short = STEPS[comparison.energy_unit][0]

    declared: list[Declared[SchemeCost]] = [
        ("accuracy", "%", lambda cost: _percent(cost.accuracy)),
        ("energy", energy.unit, lambda cost: number(cost.energy / energy.factor)),
        ("arithmetic", f"{short}/MAC", lambda cost: number(cost.arithmetic_per_mac)),
        ("array", "%", lambda cost: _percent(cost.array_share)),
        ("limit", "", lambda cost: cost.limited_by),
        ("most", "", lambda cost: COMPONENT_LABELS.get(cost.largest, cost.largest)),
        ("cycles", "", lambda cost: f"{cost.cycles:,.0f}"),
        ("DRAM", "kbit", lambda cost: number(cost.dram_bits / KILO)),
        ("weights", "kbit", lambda cost: _known(cost.weight_bits, KILO)),
        ("weights", "bits each", lambda cost: _known(cost.bits_per_weight)),
        ("ifmap", "bits", lambda cost: spanned(cost, "ifmap")),
        ("psum", "bits", lambda cost: spanned(cost, "psum")),
        ("datapath", "um2", lambda cost: _known(cost.datapath_um2)),
    ]
    shown = (one for one in columns_of(costs.values(), declared) if set(one.cells) != {"-"})
    title = f"{comparison.name}: one image under each scheme, all layers"
    return Section(title, (Column("", "", tuple(costs)), *shown))


def scheme_notes(comparison: Comparison) -> Iterator[str]:
    """What a reader must know of those columns; one sentence each."""
    yield from (_ARRAY_NOTE, _WORDS_NOTE)
    known = (result for result in comparison.results.values() if result.accuracy is not None)
    for images in sorted({result.settings.batch for result in known}):
        yield f"Accuracy: the share of {images} images; one is {number(100 / images)} points."


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def _known(value: float | None, factor: float = 1.0) -> str:
    return "-" if value is None else number(value / factor)
