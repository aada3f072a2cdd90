"""Changed lines of passes, and of the program around them: who gets which word, and what waits for what."""

from __future__ import annotations

from tests.laws import judges
from tests.laws.mutants import Change

MUTANTS: dict[judges.Judge, dict[str, Change]] = {
    judges.exact: {
        "the link serves fills before the ofmap": (
            "program/jobs.py",
            (
                "        if i > 0 and jobs[i - 1].work.last:\n"
                '            yield Request("ofmap", i - 1)\n'
                "        if i + 1 < len(jobs):\n"
                "            yield from _fills(jobs[i + 1])\n"
            ),
            (
                "        if i + 1 < len(jobs):\n"
                "            yield from _fills(jobs[i + 1])\n"
                "        if i > 0 and jobs[i - 1].work.last:\n"
                '            yield Request("ofmap", i - 1)\n'
            ),
        ),
        "ifmap rows are not dilated": (
            "passes/lanes.py",
            "row_index[j * stride + i * dilation]",
            "row_index[min(j * stride + i, len(rows) - 1)]",
        ),
    },
    judges.counted: {
        "weights are fetched for every pass": (
            "program/jobs.py",
            "new_weights = [i == 0 or p.weight_fetch != passes[i - 1].weight_fetch for",
            "new_weights = [True for",
        ),
        "ifmaps are fetched for every pass": (
            "program/jobs.py",
            "new_ifmap = [i == 0 or p.ifmap_fetch != passes[i - 1].ifmap_fetch for",
            "new_ifmap = [True for",
        ),
        "boxes that are there already cross the link": (
            "program/jobs.py",
            "ifmap_fills=sum(job.ifmap_fill.words for job in jobs if job.new_ifmap)",
            "ifmap_fills=sum(job.ifmap_fill.words for job in jobs)",
        ),
        "passes of other pixels are alike": (
            "program/jobs.py",
            "tile.c, tile.e, tile.f, tile.r, tile.s)",
            "tile.c, tile.f, tile.r, tile.s)",
        ),
        "every pass of single MACs loads": (
            "passes/stream.py",
            "loads = len(self.load.beat) if load else 0",
            "loads = len(self.load.beat)",
        ),
        "the bus makes every word that is shared": (
            "passes/stream.py",
            "return whole - ifmap_words(layer, tile, arch)",
            "return whole",
        ),
        "the bus makes no zero of its own": (
            "passes/stream.py",
            "return (pairs - inner_taps(layer, tile)) * words // pairs",
            "return 0",
        ),
        "words hop through the first row too": (
            "passes/places.py",
            "load_hops=self._hops(lambda: self.row)",
            "load_hops=self._hops(lambda: self.row + 1)",
        ),
        "psums drain from the top": (
            "passes/places.py",
            "psum_hops=self._hops(lambda: self.depth - 1 - self.row)",
            "psum_hops=self._hops(lambda: self.row + 1)",
        ),
        "the top PE hands its psum on": (
            "passes/primitive.py",
            "hops=outs * (self.depth - 1)",
            "hops=outs * self.depth",
        ),
        "the first primitive reads psums": (
            "passes/primitive.py",
            "psums_in=0 if job.first else outs",
            "psums_in=outs",
        ),
        "a primitive loads weights in every pass": (
            "passes/primitive.py",
            "weights = m * c * r * s if load else 0",
            "weights = m * c * r * s",
        ),
        "weights are stored in one lane": (
            "passes/primitive.py",
            "weight_stores=weights * e",
            "weight_stores=weights",
        ),
        "queues keep pad zeros that are generated": (
            "passes/queue.py",
            'ifmap_reads=taps * pixels if arch.padding == "stored" else inner_taps(layer, job.tile)',
            "ifmap_reads=taps * pixels",
        ),
        "a word goes to one queue": (
            "passes/queue.py",
            "taps * pixels * len(self.filters), m * pixels",
            "taps * pixels, m * pixels",
        ),
        "queues load weights in every pass": (
            "passes/queue.py",
            "weights = m * taps if load else 0",
            "weights = m * taps",
        ),
    },
    judges.conserved: {
        "weights that are there already cross the link": (
            "program/jobs.py",
            "weight_fills=sum(job.weight_fill.words for job in jobs if job.new_weights)",
            "weight_fills=sum(job.weight_fill.words for job in jobs)",
        ),
        "the first pass of single MACs reads psums": (
            "passes/stream.py",
            "(0 if job.first else moved.psum_words)",
            "moved.psum_words",
        ),
        "psums of a line stay": ("passes/stream.py", "psums_out=moved.line_words + outs", "psums_out=outs"),
        "every pass of single MACs completes psums": (
            "passes/stream.py",
            "ofmap_words=outs if job.last else 0",
            "ofmap_words=outs",
        ),
    },
    judges.recounted: {
        "PEs load what they keep for every pass": (
            "program/jobs.py",
            "load = [i == 0 or p.tile.of(kept) != passes[i - 1].tile.of(kept) for",
            "load = [True for",
        ),
        "PEs load what they keep once a layer": (
            "program/jobs.py",
            "load = [i == 0 or p.tile.of(kept) != passes[i - 1].tile.of(kept) for",
            "load = [i == 0 for",
        ),
        "the last PE of a column is on another": (
            "passes/lanes.py",
            "(top[0] + depth - 1 - d) * arch.array.cols + top[1]",
            "(top[0] + d) * arch.array.cols + top[1]",
        ),
        "weights are carried as if they were not coded": (
            "machine/control.py",
            "np.ones_like(present) if coded is None else coded.entries(present)",
            "np.ones_like(present)",
        ),
    },
    judges.by_hand: {
        "a pass reads psums before they are written": (
            "program/jobs.py",
            "follows_write=not p.first and",
            "follows_write=False and",
        ),
        "a pass waits for psums that it does not read": (
            "program/jobs.py",
            "follows_write=not p.first and",
            "follows_write=",
        ),
        "the link serves ifmaps before weights": (
            "program/jobs.py",
            (
                "    if job.new_weights:\n"
                '        yield Request("weight", job.index)\n'
                "    if job.new_ifmap:\n"
                '        yield Request("ifmap", job.index)\n'
            ),
            (
                "    if job.new_ifmap:\n"
                '        yield Request("ifmap", job.index)\n'
                "    if job.new_weights:\n"
                '        yield Request("weight", job.index)\n'
            ),
        ),
        "without a memory weights wait for nobody": (
            "program/waits.py",
            "return [i - 1 if fresh and i else None for",
            "return [None for",
        ),
        "the blocks of psums are a fraction of their rows": (
            "program/waits.py",
            "(getattr(p.tile, dim).start // step for dim, step in steps)",
            "(getattr(p.tile, dim).start for dim, step in steps)",
        ),
        "a codebook comes with every box": (
            "program/dram_traffic.py",
            "*weights[1:]]",
            "*(w._replace(dram=w.dram._replace(bits=w.dram.bits + bits)) for w in weights[1:])]",
        ),
        "the first ifmap is coded": (
            "program/dram_traffic.py",
            'raw = operand == "ifmap" and',
            "raw = False and",
        ),
        "what keeps its format is coded anew": (
            "program/dram_traffic.py",
            "or kept[0] == kept[1]:",
            "or False:",
        ),
        "ofmaps are coded before they are rectified": (
            "program/dram_traffic.py",
            "operands.store.present(psums, channels)",
            "(psums != 0)",
        ),
        "entries of boxes are not counted": (
            "program/dram_traffic.py",
            "sum(size.entries for size in sizes))",
            "len(sizes))",
        ),
        "psums of a systolic array leave in the order of PEs": (
            "machine/interconnect.py",
            "order = np.lexsort((lane, -row))",
            "order = np.arange(len(row))",
        ),
        "a psum goes to the lane of another": (
            "passes/single_mac.py",
            "np.concatenate((psum[b.lanes :],",
            "np.concatenate((np.roll(psum[b.lanes :], 1),",
        ),
        "words of a skewed row are not held back": (
            "machine/interconnect.py",
            "        return row + lane\n",
            "        return 0 * row\n",
        ),
        "the last lane holds back as much as the first": (
            "machine/interconnect.py",
            "waits: Ints = self.cols - 1 - lane",
            "waits: Ints = 0 * lane",
        ),
        "a ragged fold is as long as the array in rows alone": (
            "machine/interconnect.py",
            "sweeps * (self.rows - rows) + self.cols - cols if",
            "sweeps * (self.rows - rows) if",
        ),
        "a load passes no row": (
            "machine/interconnect.py",
            "return sweeps * (self.rows - rows)",
            "return self.rows - rows",
        ),
        "a hop takes no cycle": (
            "passes/places.py",
            "onward = 1 + noc.local.latency_cycles",
            "onward = noc.local.latency_cycles",
        ),
        "a step needs a column less": (
            "passes/lanes.py",
            "[index[f * stride + reach] + 1 for f in range(layer.f)]",
            "[index[f * stride + reach] for f in range(layer.f)]",
        ),
        "a column is kept a step longer": (
            "passes/lanes.py",
            "[index[f * stride] for f in range(1, layer.f)]",
            "[index[(f - 1) * stride] for f in range(1, layer.f)]",
        ),
        "filter row 0 is at the bottom": (
            "passes/lanes.py",
            "return sets * rows - 1 - (channel_set * rows + row)",
            "return channel_set * rows + row",
        ),
        "psums leave lane by lane": (
            "passes/lanes.py",
            "(lane, j) for j in range(int(filters.max())) for lane in range(len(filters)) if",
            "(lane, j) for lane in range(len(filters)) for j in range(int(filters.max())) if",
        ),
        "the ifmap bus serves rows before channels": (
            "passes/lanes.py",
            "for k, channels in enumerate(q) for c in range(channels) for row in range(rows)",
            "for k, channels in enumerate(q) for row in range(rows) for c in range(channels)",
        ),
        "kept psums leave at once": (
            "machine/interconnect.py",
            "(lane[order] == 0).astype(np.int64)",
            "(lane[order] < 0).astype(np.int64)",
        ),
    },
}
"""By the judge that tells them: a file, the line in it, and what becomes of the line."""
