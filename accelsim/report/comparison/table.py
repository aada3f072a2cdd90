"""A comparison as text: a line for each label, what an op costs in total, by part and by layer."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TextIO

from accelsim.energy import CATEGORIES, COMPONENTS
from accelsim.report.columns import GAP, Column, fitting
from accelsim.report.comparison.schemes.costs import has_schemes
from accelsim.report.comparison.schemes.table import scheme_notes, scheme_section
from accelsim.report.table import LABELS, notes
from accelsim.report.units import STEPS, number
from accelsim.studies.comparison import MOVED_OPERANDS, Comparison, Cost

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Costs = Mapping[str, Cost]
"""By label."""

Parts = Mapping[str, float]
"""By name."""

WIDTH = 100
"""Characters of a line where there is no terminal to ask."""

DELAYS_NOTE = (
    "An op is an algorithmic MAC. EDP: energy per op times cycles per op, the simulated ones or, after"
    " ISCA 2016, 1 / active PEs."
)


def render(comparison: Comparison, width: int = WIDTH, *, layers: bool = False) -> str:
    """The tables and notes of *comparison* as plain text; lines of at most *width* characters."""
    from rich.console import Console

    stream = io.StringIO()
    _print(comparison, Console(file=stream, width=width, color_system=None, force_jupyter=False), layers)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def show(comparison: Comparison, file: TextIO | None = None, *, layers: bool = False) -> None:
    """Print *comparison* to *file*, by default to stdout: as wide as its terminal, plain text if it is none.

    Colours are left out if ``NO_COLOR`` is set.

    Args:
        comparison: normalised to its baseline where it has one.
        file: to print to.
        layers: with a table of each quantity by layer.
    """
    from rich.console import Console

    console = Console(file=file, force_jupyter=False)
    if console.is_terminal:
        _print(comparison, console, layers)
    else:
        console.file.write(render(comparison, layers=layers))


def _print(comparison: Comparison, console: Console, layers: bool) -> None:
    sections = [*_sections(comparison), *(_by_layer(comparison) if layers else ())]
    for title, columns in sections:
        first, *others = columns
        console.print(title, style="bold", highlight=False, markup=False)
        for part in fitting(first, [column for column in others if not column.empty], console.width):
            console.print(_table(part))
            console.print()
    for line in _notes(comparison):
        console.print(line, highlight=False, markup=False)


def _sections(comparison: Comparison) -> Iterator[tuple[str, list[Column]]]:
    """Titles and columns of what all layers together cost; parts are normalised if there is a baseline."""
    costs, unit = comparison.costs(), STEPS[comparison.energy_unit][0]
    scale = f", {comparison.baseline} = 1" if comparison.baseline else ""
    yield f"{comparison.name}: all layers", _absolute(comparison, unit)
    if has_schemes(comparison):
        yield scheme_section(comparison)
    if comparison.baseline:
        yield f"All layers{scale}", _ratios(costs)
    components = _split(costs, COMPONENTS, LABELS, lambda cost: cost.by_component)
    operands = _split(costs, CATEGORIES, {"mac": "MAC"}, lambda cost: cost.by_operand)
    whole = _column(costs, "total", "", lambda cost: number(cost.energy))
    yield f"Energy per op by component{scale or f', {unit}'}", [_names(costs), *components, whole]
    yield f"Energy per op by operand{scale or f', {unit}'}", [_names(costs), *operands, whole]
    if not has_schemes(comparison):
        yield f"DRAM accesses per op{scale or ', words'}", _dram(costs)


def _absolute(comparison: Comparison, unit: str) -> list[Column]:
    costs = comparison.over(None).costs()
    active = (f"{comparison.cost(label).active_pes} of {comparison[label].total.pes}" for label in costs)
    return [
        _names(costs),
        _column(costs, "cycles", "", lambda cost: f"{cost.cycles:,}"),
        _column(costs, "latency", "ms", lambda cost: number(cost.latency_ms)),
        _column(costs, "utilisation", "%", lambda cost: f"{100 * cost.utilisation:.1f}"),
        Column("active", "PEs", tuple(active)),
        _column(costs, "DRAM", "words/op", lambda cost: number(cost.dram_words)),
        _column(costs, "energy", f"{unit}/op", lambda cost: number(cost.energy)),
        _column(costs, "EDP", "simulated", lambda cost: number(cost.edp)),
        _column(costs, "EDP", "1/active", lambda cost: number(cost.edp_isca16)),
    ]


def _ratios(costs: Costs) -> list[Column]:
    return [
        _names(costs),
        _column(costs, "cycles", "", lambda cost: number(cost.cycles)),
        _column(costs, "utilisation", "", lambda cost: number(cost.utilisation)),
        _column(costs, "active", "PEs", lambda cost: number(cost.active_pes)),
        _column(costs, "DRAM", "words/op", lambda cost: number(cost.dram_words)),
        _column(costs, "energy", "per op", lambda cost: number(cost.energy)),
        _column(costs, "EDP", "simulated", lambda cost: number(cost.edp)),
        _column(costs, "EDP", "1/active", lambda cost: number(cost.edp_isca16)),
    ]


def _split(
    costs: Costs, groups: Iterable[str], labels: Mapping[str, str], parts: Callable[[Cost], Parts]
) -> list[Column]:
    """A column for each part of a cost, *groups* first; what one label lacks is 0."""
    names = dict.fromkeys((*groups, *(name for cost in costs.values() for name in parts(cost))))

    def column(name: str) -> Column:
        return _column(costs, labels.get(name, name), "", lambda cost: number(parts(cost).get(name, 0.0)))

    return [column(name) for name in names]


def _dram(costs: Costs) -> list[Column]:
    def reads(operand: str) -> Column:
        return _column(costs, operand, "read", lambda cost: number(cost.dram_reads[operand]))

    return [
        _names(costs),
        *map(reads, MOVED_OPERANDS),
        _column(costs, "ofmap", "written", lambda cost: number(cost.dram_writes)),
        _column(costs, "total", "", lambda cost: number(cost.dram_words)),
    ]


def _by_layer(comparison: Comparison) -> Iterator[tuple[str, list[Column]]]:
    """Titles and columns of each quantity, a column for each layer; normalised if there is a baseline."""
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
        yield f"By layer: {title}", [_names(comparison.results), *columns]


def _cell(cost: Cost | None, quantity: Callable[[Cost], float]) -> str:
    """What *quantity* is of *cost*; a dash if the label did not run the layer."""
    if cost is None:
        return "-"
    value = quantity(cost)
    return f"{value:,}" if isinstance(value, int) else number(value)


def _notes(comparison: Comparison) -> Iterator[str]:
    """What was refused, and what a reader must know before quoting a number."""
    yield from (f"{label}: {refusal}" for label, refusal in comparison.refusals.items())
    yield DELAYS_NOTE
    if has_schemes(comparison):
        yield from scheme_notes(comparison)
    yield from dict.fromkeys(line for result in comparison.results.values() for line in notes(result))


def _names(labels: Iterable[str]) -> Column:
    return Column("", "", tuple(labels))


def _column(costs: Costs, head: str, unit: str, cell: Callable[[Cost], str]) -> Column:
    return Column(head, unit, tuple(cell(cost) for cost in costs.values()))


def _table(columns: list[Column]) -> Table:
    from rich.table import Table

    table = Table(box=None, padding=(0, GAP, 0, 0))
    for i, column in enumerate(columns):
        head = f"{column.head}\n{column.unit}" if any(c.unit for c in columns) else column.head
        table.add_column(head, justify="right" if i else "left", no_wrap=True, header_style="dim")
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*row)
    return table
