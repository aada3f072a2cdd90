"""Cycles and energy over density, and where they cross those of the dense run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from accelsim.report.style import frame
from accelsim.studies.sparsity import Crossover, Sweep, SweepCost

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS: Mapping[SweepCost, str] = {"cycles": "#332288", "energy": "#882255"}
"""As in every comparison."""

IDEAL, DENSE = "#AFA9D8", "#7F7F7F"

LINE_PT, MARK_PT, VALUE_PT = 1.0, 3.0, 5.5
"""Lines, the marks of what was simulated, and the numbers at crossovers, in points."""

NAMES = {"both": "of weights and ifmaps", "ifmap": "of ifmaps", "weight": "of weights"}


def draw_sweep(sweep: Sweep, ax: Axes) -> None:
    """A line a quantity, one for the cycles that no machine can beat, and the dense run's, which is 1."""
    ax.axhline(1, color=DENSE, linewidth=LINE_PT, linestyle=":", label="dense")
    for quantity, colour in COLOURS.items():
        density, ratio = zip(*sweep.ratios(quantity), strict=True)
        ax.plot(
            density,
            ratio,
            color=colour,
            marker="o",
            markersize=MARK_PT,
            linewidth=LINE_PT,
            label=quantity,
        )
    _mark(ax, sweep.crossovers())
    density, ratio = zip(*sweep.ideal(), strict=True)
    ax.plot(density, ratio, color=IDEAL, linewidth=LINE_PT, linestyle="--", label="ideal cycles")
    ax.set(xlabel=f"density {NAMES[sweep.operands]}", ylabel="over the dense run", ylim=(0, None))
    frame(ax)
    ax.legend(
        loc="lower left", bbox_to_anchor=(0, 1), ncols=4, columnspacing=1, frameon=False, handlelength=1.2
    )


def _mark(ax: Axes, crossovers: Mapping[SweepCost, Crossover]) -> None:
    """A ring where a line crosses 1, and the density there: where no line is, the lower density on top."""
    found = {quantity: at for quantity, one in crossovers.items() if (at := one.density) is not None}
    for rank, (quantity, density) in enumerate(sorted(found.items(), key=lambda item: item[1])):
        colour, above = COLOURS[quantity], rank == 0
        left = above == (crossovers[quantity].pays == "below")
        ax.scatter(
            [density], [1], (2 * MARK_PT) ** 2, marker="o", facecolors="none", edgecolors=colour, zorder=3
        )
        ax.annotate(
            f"{density:.3g}",
            (density, 1),
            (-MARK_PT if left else MARK_PT, MARK_PT if above else -MARK_PT),
            textcoords="offset points",
            fontsize=VALUE_PT,
            color=colour,
            ha="right" if left else "left",
            va="bottom" if above else "top",
        )
