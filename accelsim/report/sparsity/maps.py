"""How busy each PE was, drawn where it sits."""

import math

from accelsim.report.axes import panels
from accelsim.report.hints import Axes, AxesImage, Figure
from accelsim.report.style import COLUMN_IN
from accelsim.studies.sparsity import Gain, Gains
from accelsim.studies.sparsity.layer import busy_cycles

_PANELS = 4
"""Most panels in a row."""

_PANEL_IN = 1.5
"""Width of a panel in inches, with the room beside it."""

_TITLE_IN, _BAR_IN = 0.35, 0.8
"""Inches above a panel, and beside all for the scale."""

_SHAPES = (0.4, 2.5)
"""Least and greatest height of a panel over its width, whatever the array's."""

_COLOURS = "viridis"


def busy_map(gains: Gains) -> Figure:
    """Share of its cycles that each PE spent on MACs and overhead: a panel a layer, one scale for all."""
    array = gains.own.machine.array
    shape = array.rows, array.cols
    highest = max(float(busy_cycles(gain.own).max()) / gain.own.cycles for gain in gains.layers)
    rows = math.ceil(len(gains.layers) / _PANELS)
    cols = math.ceil(len(gains.layers) / rows)
    height = _PANEL_IN * min(max(shape[0] / shape[1], _SHAPES[0]), _SHAPES[1]) + _TITLE_IN
    size = max(cols * _PANEL_IN + _BAR_IN, COLUMN_IN), rows * height + _TITLE_IN
    with panels(size, rows, cols, used=len(gains.layers)) as (figure, shown):
        for ax, gain in zip(shown, gains.layers, strict=True):
            image = _panel(ax, gain, shape, 100 * highest or 1)
        figure.colorbar(image, ax=shown, label="MAC and overhead cycles (%)", shrink=0.8)
    return figure


def _panel(ax: Axes, gain: Gain, shape: tuple[int, int], highest: float) -> AxesImage:
    share = 100 * busy_cycles(gain.own).reshape(shape) / gain.own.cycles
    image = ax.imshow(share, cmap=_COLOURS, vmin=0, vmax=highest, aspect="auto", interpolation="nearest")
    ax.set_title(f"{gain.name}, mean {share.mean():.1f} %")
    ax.set_xticks([0, shape[1] - 1], ["1", str(shape[1])] if shape[1] > 1 else ["1", ""])
    ax.set_yticks([0, shape[0] - 1], ["1", str(shape[0])] if shape[0] > 1 else ["1", ""])
    return image
