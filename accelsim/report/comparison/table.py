"""A comparison as text: a line for each label, what an op costs in total, by part and by layer."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from accelsim.energy import CATEGORIES, COMPONENTS
from accelsim.report.columns import Column, Declared, Section, columns_of
from accelsim.report.comparison.schemes.costs import has_schemes
from accelsim.report.comparison.schemes.table import scheme_notes, scheme_section
from accelsim.report.style import COMPONENT_LABELS
from accelsim.report.table import run_notes
from accelsim.report.units import STEPS, number
from accelsim.studies.comparison import MOVED_OPERANDS, Comparison, Cost

_Column = Declared[Cost]

_TIMES: tuple[_Column, ...] = (
    ("cycles", "", lambda cost: f"{cost.cycles:,}"),
    ("latency", "ms", lambda cost: number(cost.latency_ms)),
    ("utilisation", "%", lambda cost: f"{100 * cost.utilisation:.1f}"),
)
_DRAM: _Column = ("DRAM", "words/op", lambda cost: number(cost.dram_words))
_EDPS: tuple[_Column, ...] = (
    ("EDP", "simulated", lambda cost: number(cost.edp)),
    ("EDP", "1/active", lambda cost: number(cost.edp_isca16)),
)
_RATIOS: tuple[_Column, ...] = (
    ("cycles", "", lambda cost: number(cost.cycles)),
    ("utilisation", "", lambda cost: number(cost.utilisation)),
    ("active", "PEs", lambda cost: number(cost.active_pes)),
    _DRAM,
    ("energy", "per op", lambda cost: number(cost.energy)),
    *_EDPS,
)

_EDP_NOTE = (
    "An op is an algorithmic MAC. EDP: energy per op times cycles per op, the simulated ones or, after"
    " ISCA 2016, 1 / active PEs."
)


def comparison_sections(comparison: Comparison) -> Iterator[Section]:
    """Tables of what all layers together cost, a row a label; parts are normalised if there is a baseline."""
    costs, unit = comparison.costs(), STEPS[comparison.energy_unit][0]
    scale = f", {comparison.baseline} = 1" if comparison.baseline else ""
    yield _absolute(comparison, unit)
    if has_schemes(comparison):
        yield scheme_section(comparison)
    if comparison.baseline:
        yield _section(f"All layers{scale}", costs, _RATIOS)
    components = _split(costs, COMPONENTS, COMPONENT_LABELS, lambda cost: cost.by_component)
    operands = _split(costs, CATEGORIES, {"mac": "MAC"}, lambda cost: cost.by_operand)
    yield _section(f"Energy per op by component{scale or f', {unit}'}", costs, components)
    yield _section(f"Energy per op by operand{scale or f', {unit}'}", costs, operands)
    if not has_schemes(comparison):
        yield _section(f"DRAM accesses per op{scale or ', words'}", costs, _dram())


def _section(title: str, costs: Mapping[str, Cost], declared: Iterable[_Column]) -> Section:
    """A table of *costs*, a row a label."""
    return Section(title, (_names(costs), *columns_of(costs.values(), declared)))


def _absolute(comparison: Comparison, unit: str) -> Section:
    """What each label costs as it is, and how many of its PEs are active."""
    costs = comparison.over(None).costs()
    active = (f"{cost.active_pes} of {comparison[label].total.pes}" for label, cost in costs.items())
    energy: _Column = ("energy", f"{unit}/op", lambda cost: number(cost.energy))
    columns = (
        _names(costs),
        *columns_of(costs.values(), _TIMES),
        Column("active", "PEs", tuple(active)),
        *columns_of(costs.values(), (_DRAM, energy, *_EDPS)),
    )
    return Section(f"{comparison.name}: all layers", columns)


def _split(
    costs: Mapping[str, Cost],
    groups: Iterable[str],
    labels: Mapping[str, str],
    parts: Callable[[Cost], Mapping[str, float]],
) -> Iterator[_Column]:
    """A column for each part of a cost, *groups* first, and for their sum; what one label lacks is 0."""

    def column(name: str) -> _Column:
        return labels.get(name, name), "", lambda cost: number(parts(cost).get(name, 0.0))

    yield from map(
        column, dict.fromkeys((*groups, *(name for cost in costs.values() for name in parts(cost))))
    )
    yield "total", "", lambda cost: number(cost.energy)


def _dram() -> Iterator[_Column]:
    def reads(operand: str) -> _Column:
        return operand, "read", lambda cost: number(cost.dram_reads[operand])

    yield from map(reads, MOVED_OPERANDS)
    yield "ofmap", "written", lambda cost: number(cost.dram_writes)
    yield "total", "", lambda cost: number(cost.dram_words)


def layer_sections(comparison: Comparison) -> Iterator[Section]:
    """A table of each quantity, a column for each layer; normalised if there is a baseline."""
    unit = f", {comparison.baseline} = 1" if comparison.baseline else f", {STEPS[comparison.energy_unit][0]}"
    scale = unit if comparison.baseline else ""
    quantities: dict[str, Callable[[Cost], float]] = {
        f"cycles{scale}": lambda cost: cost.cycles,
        f"utilisation{scale}": lambda cost: cost.utilisation,
        f"active PEs{scale}": lambda cost: cost.active_pes,
        f"DRAM accesses per op{scale}": lambda cost: cost.dram_words,
        f"energy per op{unit}": lambda cost: cost.energy,
        f"simulated EDP{scale}": lambda cost: cost.edp,
        f"EDP of 1/active PEs{scale}": lambda cost: cost.edp_isca16,
    }
    found = {layer: comparison.costs(layer) for layer in comparison.layers}
    for title, quantity in quantities.items():
        columns = [
            Column(layer, "", tuple(_cell(costs.get(label), quantity) for label in comparison.results))
            for layer, costs in found.items()
        ]
        yield Section(f"By layer: {title}", (_names(comparison.results), *columns))


def _cell(cost: Cost | None, quantity: Callable[[Cost], float]) -> str:
    """What *quantity* is of *cost*; a dash if the label did not run the layer."""
    if cost is None:
        return "-"
    value = quantity(cost)
    return f"{value:,}" if isinstance(value, int) else number(value)


def comparison_notes(comparison: Comparison) -> Iterator[str]:
    """What was refused, and what a reader must know before quoting a number."""
    yield from (f"{label}: {refusal}" for label, refusal in comparison.refusals.items())
    yield _EDP_NOTE
    if has_schemes(comparison):
        yield from scheme_notes(comparison)
    yield from dict.fromkeys(line for result in comparison.results.values() for line in run_notes(result))


def _names(labels: Iterable[str]) -> Column:
    return Column("", "", tuple(labels))
