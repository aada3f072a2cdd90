"""Changed lines of nests and boxes: what a mapping cuts, touches and counts."""

from __future__ import annotations

from tests.laws import judges
from tests.laws.mutants import Change

MUTANTS: dict[judges.Judge, dict[str, Change]] = {
    judges.exact: {
        "a fetch is within one loop less": (
            "mapping/nest.py",
            "                last = i + 1\n",
            "                last = i\n",
        ),
    },
    judges.counted: {
        "the last block is as long as the others": (
            "mapping/nest.py",
            "range(i, min(i + step, extent.stop))",
            "range(i, i + step)",
        ),
        "a fetch is within loops of one step": (
            "mapping/nest.py",
            "loop.step < size[loop.dim]:",
            "loop.step <= size[loop.dim]:",
        ),
        "a row of pads is inside": ("mapping/footprint.py", "(y < top + conv.h)", "(y <= top + conv.h)"),
        "the ragged tile is whole": (
            "mapping/tiling.py",
            "(np.minimum(rest, 1), np.maximum(rest, 1))",
            "(np.minimum(rest, 1), step)",
        ),
    },
    judges.conserved: {
        "the last channel completes psums": (
            "mapping/nest.py",
            "last=(c.stop, r.stop, s.stop) == ends",
            "last=c.stop == ends[0]",
        ),
        "the first channel starts psums": (
            "mapping/nest.py",
            "first=not (c.start or r.start or s.start)",
            "first=not c.start",
        ),
        "images of a product are one": (
            "mapping/footprint.py",
            "plane = n * conv.group_c + channel[:, None]",
            "plane = 0 * n + channel[:, None]",
        ),
        "ofmaps that leave at once pass the GLB": (
            "mapping/work.py",
            "writes=work.psums_out - direct",
            "writes=work.psums_out",
        ),
        "ofmaps are not read out": (
            "mapping/work.py",
            "reads=work.psums_in + via_glb",
            "reads=work.psums_in",
        ),
        "the GLB takes the words that it gives": (
            "mapping/work.py",
            "writes=work.ifmap_fills,",
            "writes=work.ifmap_reads,",
        ),
        "the filter GLB takes the words that it gives": (
            "mapping/work.py",
            "writes=work.weight_fills,",
            "writes=work.weight_loads,",
        ),
        "psums leave for DRAM in every pass": (
            "mapping/work.py",
            '"dram.write:psum": work.ofmap_words',
            '"dram.write:psum": work.psums_out',
        ),
    },
    judges.recounted: {
        "groups share their words": (
            "mapping/nest.py",
            "for dim in DIMS[operand])",
            "for dim in DIMS[operand][1:])",
        ),
        "filters are dealt one by one": (
            "mapping/nest.py",
            "np.arange(filters) // block % pes",
            "np.arange(filters) % pes",
        ),
        "weights are those of the first group": (
            "mapping/operands.py",
            "yield part[first + own]",
            "yield part[own]",
        ),
    },
    judges.housed: {
        "stored pads of a product are not touched": (
            "mapping/footprint.py",
            'return len(touched_positions(layer, tile.c, tile.e, arch.padding == "stored"))',
            "return len(touched_positions(layer, tile.c, tile.e, False))",
        ),
        "all images of a box are one": (
            "mapping/footprint.py",
            "return len(tile.n) * len(tile.c) * len(rows) * len(columns)",
            "return len(tile.c) * len(rows) * len(columns)",
        ),
        "a weight serves all its taps": ("mapping/operands.py", "len(box.r) * len(box.s)", "len(box.r)"),
    },
    judges.by_hand: {
        "inner loops are as long as the layer": (
            "mapping/nest.py",
            ("            size[loop.dim] = min(size[loop.dim], loop.step)\n        return last"),
            "        return last",
        ),
        "values are those of the first channels": (
            "mapping/footprint.py",
            "first = tile.g.start * layer.group_c + tile.c.start",
            "first = tile.g.start * layer.group_c",
        ),
        "values of a product are those of the first group": (
            "mapping/footprint.py",
            "ifmap[n, c + tile.g.start * layer.source.group_c, y, x]",
            "ifmap[n, c, y, x]",
        ),
        "addresses of a product are those of the first group": (
            "mapping/footprint.py",
            "        first = tile.g.start * layer.source.group_c\n",
            "        first = 0\n",
        ),
        "psums are those of the first group": (
            "mapping/footprint.py",
            "m = slice(first + tile.m.start, first + tile.m.stop)",
            "m = slice(tile.m.start, tile.m.stop)",
        ),
        "taps are not dilated": (
            "mapping/footprint.py",
            "o * layer.stride[axis] + t * layer.dilation[axis]",
            "o * layer.stride[axis] + t",
        ),
        "touched words are counted from the first": (
            "mapping/footprint.py",
            "np.flatnonzero(seen) + low",
            "np.flatnonzero(seen)",
        ),
        "rows between touched ones are touched": (
            "mapping/footprint.py",
            "return whole if whole.stop - whole.start == len(positions) else positions",
            "return whole",
        ),
        "inner taps are those of one image": (
            "mapping/footprint.py",
            "return len(tile.n) * len(tile.c) * rows * columns",
            "return len(tile.c) * rows * columns",
        ),
        "ReLU6 has no limit": ("mapping/operands.py", "np.minimum(stored, self.limit)", "stored"),
        "the threshold is added after the scaling": (
            "mapping/operands.py",
            "requantise(as_integers(psums) - self.threshold, self.shift, self.bits)",
            "requantise(as_integers(psums), self.shift, self.bits)",
        ),
        "channels are those of the first group": (
            "mapping/operands.py",
            "range(first + tile.m.start, first + tile.m.stop)",
            "range(tile.m.start, tile.m.stop)",
        ),
        "no channel has a box": (
            "mapping/operands.py",
            "range(first + tile.m.start, first + tile.m.stop)",
            "range(0)",
        ),
        "channels of a PE are those of a box": (
            "mapping/operands.py",
            'blocks(range(values.shape[1]), mapping.step("rows", "c"))',
            "blocks(range(values.shape[1]), values.shape[1])",
        ),
        "private wires share a read": (
            "mapping/work.py",
            "reads=work.weight_deliveries if private else work.weight_loads,",
            "reads=work.weight_loads,",
        ),
    },
}
"""By the judge that tells them: a file, the line in it, and what becomes of the line."""
