"""The figure of a look-up table against multipliers: energy and area over the bits of its address."""

from accelsim.energy import EnergyTable
from accelsim.report.axes import panels
from accelsim.report.hints import Axes, Figure
from accelsim.report.style import COLUMN_IN, GREY, LINE_PT, VALUE_PT, frame
from accelsim.report.units import STEPS
from accelsim.studies import luts

_COLOURS = {luts.TWO_CODES: GREY, "int16": "#0072B2", "fp16": "#E69F00", "fp32": "#D55E00"}
"""Colours of multipliers; a table has that of the one whose products it holds."""

_SHARED = "#332288"
"""Colour of a table that holds the products of several: they are equally wide."""

_NAMES = {"int16": "16-bit integers", "fp16": "fp16", "fp32": "fp32"}

_HEIGHT_IN, _RING_PT, _HALO_PT = 3.0, 4.0, 1.5

_NOTE = (
    "Solid: a read of a table of so many products; dashed: the multiplication. Rings: both cost the same."
    " Filling the table is not counted."
)


def lut_figure(table: EnergyTable) -> Figure:
    """Energy and area of tables of products and of multipliers, side by side over the full width of a page.

    Raises:
        ConfigError: if *table* lacks a price or an area of one of them.
    """
    with panels((2 * COLUMN_IN, _HEIGHT_IN), 1, len(luts.LUT_COSTS)) as (figure, sides):
        for ax, quantity in zip(sides, luts.LUT_COSTS, strict=True):
            _draw(table, quantity, ax)
        handles, labels = sides[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper left", ncols=3, frameon=False, handlelength=2)
        figure.supxlabel(_NOTE, x=0.01, ha="left", fontsize=VALUE_PT)
    return figure


def _draw(table: EnergyTable, quantity: luts.LutCost, ax: Axes) -> None:
    """The lines of one *quantity* on *ax*, and a ring with the bits of the address where two cross."""
    wide = luts.units(table)
    _narrow(table, quantity, ax)
    for bits in dict.fromkeys(unit.product_bits for unit in wide):
        owners = [unit.name for unit in wide if unit.product_bits == bits]
        costs = [luts.lookup(table, at, bits)[quantity] for at in luts.ADDRESSES]
        colour = _SHARED if len(owners) > 1 else _COLOURS[owners[0]]
        ax.plot(
            luts.ADDRESSES, costs, color=colour, linewidth=LINE_PT, label=f"table: products of {bits} bits"
        )
    for unit in wide:
        own, label = getattr(unit, quantity), f"multiply: {_NAMES[unit.name]}"
        ax.axhline(own, color=_COLOURS[unit.name], linewidth=LINE_PT, linestyle="--", label=label)
    found = {one.unit: one for one in luts.crossings(table) if one.quantity == quantity}
    for unit in wide:
        _ring(ax, getattr(unit, quantity), found[unit.name])
    ax.set(yscale="log", xlabel="bits of the address")
    ax.set_ylabel(f"energy ({STEPS[table.unit][0]})" if quantity == "energy" else "area (µm²)")
    ax.set_xticks(luts.PAIRS)
    frame(ax)


def _narrow(table: EnergyTable, quantity: luts.LutCost, ax: Axes) -> None:
    """Draw what two codes cost: the table of all their products, and their multiplier."""
    tables = [luts.lookup(table, at, at)[quantity] for at in luts.PAIRS]
    products = [luts.narrow(table, at // 2)[quantity] for at in luts.PAIRS]
    both, colour = "k bits by k", _COLOURS[luts.TWO_CODES]
    label = f"table: all products of {both}, 2k bits of address"
    ax.plot(luts.PAIRS, tables, color=colour, linewidth=LINE_PT, label=label)
    ax.plot(luts.PAIRS, products, color=colour, linewidth=LINE_PT, linestyle="--", label=f"multiply: {both}")


def _ring(ax: Axes, height: float, found: luts.Crossing) -> None:
    """A ring, and the bits of the address above it on the left, with a halo where it is on a line."""
    from matplotlib.patheffects import withStroke

    if found.address_bits is None:
        return
    colour = _COLOURS[found.unit]
    ax.scatter([found.address_bits], [height], _RING_PT**2, facecolors="none", edgecolors=colour, zorder=3)
    ax.annotate(
        f"{found.address_bits:.1f}",
        (found.address_bits, height),
        (-_RING_PT, 0),
        textcoords="offset points",
        fontsize=VALUE_PT,
        color=colour,
        ha="right",
        va="bottom",
        path_effects=[withStroke(linewidth=_HALO_PT, foreground="white")],
    )
