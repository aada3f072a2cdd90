"""Cycles and energy over density, and where they cross those of the dense run."""

from collections.abc import Mapping

from accelsim.report import style
from accelsim.report.axes import given_or_new
from accelsim.report.hints import Axes
from accelsim.studies.sparsity import Crossover, Sweep, SweepCost

_COLOURS: Mapping[SweepCost, str] = {"cycles": style.CYCLES_COLOUR, "energy": style.ENERGY_COLOUR}

_MARK_PT = 3.0
"""Marks of what was simulated, in points."""

_NAMES = {"both": "of weights and ifmaps", "ifmap": "of ifmaps", "weight": "of weights"}


SIZE_IN = (style.COLUMN_IN, style.HEIGHT_IN)
"""Width and height of the figure in inches."""


def sweep_figure(sweep: Sweep, ax: Axes | None = None) -> Axes:
    """Cycles and energy of all layers over those of the dense run at each density, crossovers marked.

    A line a quantity, one for the cycles that no machine can beat, and the dense run's, which is 1.
    """
    with given_or_new(ax, SIZE_IN) as axes:
        _draw(sweep, axes)
    return axes


def _draw(sweep: Sweep, ax: Axes) -> None:
    ax.axhline(1, color=style.GREY, linewidth=style.LINE_PT, linestyle=":", label="dense")
    for quantity, colour in _COLOURS.items():
        density, ratio = zip(*sweep.ratios(quantity), strict=True)
        ax.plot(
            density,
            ratio,
            color=colour,
            marker="o",
            markersize=_MARK_PT,
            linewidth=style.LINE_PT,
            label=quantity,
        )
    _mark(ax, sweep.crossovers())
    density, ratio = zip(*sweep.ideal(), strict=True)
    ax.plot(density, ratio, "--", color=style.IDEAL_COLOUR, linewidth=style.LINE_PT, label="ideal cycles")
    ax.set(xlabel=f"density {_NAMES[sweep.operands]}", ylabel="over the dense run", ylim=(0, None))
    style.frame(ax)
    ax.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=4, columnspacing=1, frameon=False, handlelength=1.2
    )


def _mark(ax: Axes, crossovers: Mapping[SweepCost, Crossover]) -> None:
    """A ring where a line crosses 1, and the density there: where no line is, the lower density on top."""
    found = {quantity: at for quantity, one in crossovers.items() if (at := one.density) is not None}
    for rank, (quantity, density) in enumerate(sorted(found.items(), key=lambda item: item[1])):
        colour, above = _COLOURS[quantity], rank == 0
        left = above == (crossovers[quantity].pays == "below")
        ax.scatter(
            [density], [1], (2 * _MARK_PT) ** 2, marker="o", facecolors="none", edgecolors=colour, zorder=3
        )
        ax.annotate(
            f"{density:.3g}",
            (density, 1),
            (-_MARK_PT if left else _MARK_PT, _MARK_PT if above else -_MARK_PT),
            textcoords="offset points",
            fontsize=style.VALUE_PT,
            color=colour,
            ha="right" if left else "left",
            va="bottom" if above else "top",
        )
