"""A simulated quantity beside its published values: a table, and a pair of bars for each label or layer."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from accelsim.energy import COMPONENTS, by_component
from accelsim.errors import ConfigError
from accelsim.report import style
from accelsim.report.axes import Series, centres, given_or_new, legend, stack_bars, too_wide, write_above
from accelsim.report.hints import Axes, DataFrame
from accelsim.run.result import Result
from accelsim.studies.comparison import Comparison, Cost

PublishedValues = Mapping[str, Mapping[str, float]]
"""Numbers by place, a label or a layer, and by part."""

PublishedQuantity = Literal["dram_words", "energy", "edp_isca16"]
"""What of a comparison can be held against a paper; energy by component."""

_PALE = 0.45
"""Opacity of what is published."""

_SIDES = {"left: simulated": 1.0, "right: published": _PALE}
"""How the legend calls either side, and its opacity."""

_PART_COLOURS = {
    **style.COLOURS,
    "reads": style.COLOURS["dram"],
    "writes": style.COLOURS["psum"],
    "EDP": style.IDEAL_COLOUR,
}
"""Colours of the parts; the EDP has that of its delay in the figure of both delays."""


@dataclass(frozen=True)
class Beside:
    """A quantity by place and part, simulated and published: the same places and the same parts.

    Raises:
        ConfigError: if a place or a part stands on one side only.
    """

    title: str  # with unit
    simulated: PublishedValues
    published: PublishedValues

    def __post_init__(self) -> None:
        _same("published places", self.published, self.simulated)
        for place, parts in self.published.items():
            _same(f"published parts of {place}", parts, self.simulated[place])

    @property
    def parts(self) -> tuple[str, ...]:
        """From the bottom of a bar."""
        return tuple(next(iter(self.simulated.values())))

    def to_frame(self) -> DataFrame:
        """A row a place; for each part, and the total if there are several, a column of either side.

        ``off [%]`` is the total's difference as a share of the published one.
        """
        import pandas as pd

        rows = {place: self._row(place) for place in self.simulated}
        return pd.DataFrame.from_dict(rows, orient="index")

    def _row(self, place: str) -> dict[tuple[str, str], float]:
        ours, theirs = self.simulated[place], self.published[place]
        row = {}
        for part in self.parts if len(self.parts) > 1 else ():
            row[style.COMPONENT_LABELS.get(part, part), "simulated"] = ours[part]
            row[style.COMPONENT_LABELS.get(part, part), "published"] = theirs[part]
        one, other = math.fsum(ours.values()), math.fsum(theirs.values())
        total = "total" if len(self.parts) > 1 else self.parts[0]
        row[total, "simulated"], row[total, "published"] = one, other
        row[total, "off [%]"] = (one / other - 1) * 100
        return row

    def draw(self, ax: Axes | None = None) -> Axes:
        """Two bars a place, simulated and, paler, published, on *ax* or that of a new, full-width figure."""
        with given_or_new(ax, (2 * style.COLUMN_IN, style.HEIGHT_IN)) as axes:
            tops = [_stack(axes, values, self.parts, which) for which, values in enumerate(self._sides())]
            axes.set_xlim(-0.5, len(self.simulated) - 0.5)
            axes.set_ylim(0, style.HEADROOM * max(map(max, tops)))
            axes.set_xticks(range(len(self.simulated)), list(self.simulated))
            axes.set_ylabel(self.title)
            style.frame(axes)
            _legend(axes, len(self.parts))
            _number(axes, tops)
        return axes

    def _sides(self) -> tuple[PublishedValues, PublishedValues]:
        return self.simulated, {place: self.published[place] for place in self.simulated}


def beside(comparison: Comparison, quantity: PublishedQuantity, published: PublishedValues) -> Beside:
    """A *quantity* of the labels that are *published*, all layers together, beside it.

    With a baseline both sides are over the total of that label, each over its own.

    Args:
        comparison: normalised to its baseline or, without one, in its units.
        quantity: per op.
        published: by label and part, which are ``reads`` and ``writes`` of DRAM, the components of energy, or
            ``EDP``.

    Raises:
        ConfigError: if a label that is published did not run, or the baseline or a part is not published.
    """
    title, parts = _QUANTITIES[quantity]
    for label in published:
        if label not in comparison.results:
            raise ConfigError(f"published labels must be of {', '.join(comparison.results)} (got {label!r})")
    simulated = {label: parts(cost) for label, cost in comparison.costs().items() if label in published}
    if comparison.baseline is None:
        return Beside(title, simulated, published)
    if comparison.baseline not in published:
        had = ", ".join(published)
        raise ConfigError(f"published labels must have the baseline, {comparison.baseline} (got {had})")
    whole = math.fsum(published[comparison.baseline].values())
    theirs = {label: {name: v / whole for name, v in parts.items()} for label, parts in published.items()}
    return Beside(f"{title}, {comparison.baseline} = 1", simulated, theirs)


def beside_by_layer(results: Sequence[Result], unit: float, title: str, published: PublishedValues) -> Beside:
    """Energy by component of each layer of *results*, in *unit* energies of the table, beside *published*."""
    layers = [layer for result in results for layer in result.layers]
    simulated = {
        layer.name: _components({k: e / unit for k, e in by_component(layer.energy_pj).items()})
        for layer in layers
    }
    return Beside(title, simulated, published)


def _components(energy: Mapping[str, float]) -> dict[str, float]:
    """*energy* of every component, bottom of a bar first; a coder, which no paper tells apart, with DRAM."""
    parts = {name: energy.get(name, 0.0) for name in dict.fromkeys((*COMPONENTS, *energy))}
    parts["dram"] += parts.pop("codec")
    return parts


def _same(what: str, given: Mapping[str, object], wanted: Mapping[str, object]) -> None:
    if set(given) != set(wanted):
        raise ConfigError(f"{what} must be {', '.join(wanted)} (got {', '.join(given)})")


def _stack(ax: Axes, values: PublishedValues, parts: Sequence[str], which: int) -> list[float]:
    """Draw one side, the published one paler and without names; its heights."""
    side = [
        Series(
            "_" if which else style.COMPONENT_LABELS.get(part, part),
            _PART_COLOURS.get(part, style.OTHER),
            [of[part] for of in values.values()],
        )
        for part in parts
    ]
    return stack_bars(ax, centres(len(values), which, 2), side, bars=2, alpha=_PALE if which else 1)


def _number(ax: Axes, tops: Sequence[Sequence[float]]) -> None:
    """The *tops* of either side above their bars, upright if any is wider than its bar.

    To be called last: it depends on the room that the layout leaves.
    """
    places = len(tops[0])
    upright = too_wide(ax, [f"{top:#.3g}" for side in tops for top in side], places, len(tops))
    for which, side in enumerate(tops):
        for centre, top in zip(centres(places, which, len(tops)), side, strict=True):
            write_above(ax, (centre, top), f"{top:#.3g}", upright=upright)


def _legend(ax: Axes, parts: int) -> None:
    """Right of *ax*: the parts, the top of the stack on top, if there are several; and which bar is which."""
    from matplotlib.patches import Patch

    handles = ax.get_legend_handles_labels()[0][::-1] if parts > 1 else []
    sides = [Patch(color=style.OTHER, alpha=alpha, label=name) for name, alpha in _SIDES.items()]
    legend(ax, [*handles, *sides])


_QUANTITIES: dict[PublishedQuantity, tuple[str, Callable[[Cost], dict[str, float]]]] = {
    "dram_words": (
        "DRAM accesses per op",
        lambda cost: {"reads": math.fsum(cost.dram_reads.values()), "writes": cost.dram_writes},
    ),
    "energy": ("energy per op", lambda cost: _components(cost.by_component)),
    "edp_isca16": ("EDP per op, delay 1 / active PEs", lambda cost: {"EDP": cost.edp_isca16}),
}
