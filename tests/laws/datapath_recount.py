"""What a datapath does in a layer of row stationary, recounted in naive loops over passes, PEs and steps.

Nothing of ``accelsim.machine.datapath`` or ``accelsim.machine.control`` is called: what is counted is what
their docstrings say of each kind, and the names of actions are written out.
"""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import Any

from accelsim.machine import Arch, PooledRF
from accelsim.machine.datapath import AnyDatapath
from accelsim.mapping.nest import Tile
from accelsim.stats import Actions
from tests.laws.datapath_cases import Case
from tests.laws.word_by_word import places

Counts = Counter[str]
Window = list[list[Any]]
"""By channel and tap."""

Filters = list[Window]
"""By filter, channel and tap."""

VERBS = {
    "integer": "multiply_add",
    "product_lut": "lookup_add",
    "codebook": "multiply_add",
    "codebook_products": "lookup_add",
    "codebook_sums": "level_add",
    "binary": "flip_add",
    "ternary": "flip_add",
    "five_level": "shift_add",
    "xnor": "xnor",
}
FLOATS = {
    "float16": ("multiply_add_fp16", "add_fp16"),
    "float32": ("multiply_add_fp32", "add_fp32"),
    "mixed": ("multiply_add_mixed", "add_fp32"),
}
BESIDE = {
    "codebook_products": "tabulate",
    "codebook_sums": "scale_add",
    "xnor": "popcount",
    "repeated_kernels": "merge",
}


def names_of(datapath: AnyDatapath) -> tuple[str, str]:
    """What a MAC and an addition of psums are called."""
    if datapath.kind == "float":
        return FLOATS[datapath.format]
    if datapath.kind == "repeated_kernels":
        return "flip_add" if datapath.weight_bits == 1 else "multiply_add", "add"
    return VERBS[datapath.kind], "add"


def ceil(number: int, by: int) -> int:
    """*number* in goes of *by*, the last as long with fewer."""
    goes = 0
    while number > 0:
        number, goes = number - by, goes + 1
    return goes


def same_but_for_sign(one: list[int], other: list[int]) -> bool:
    """Whether a row is another, or its negative."""
    return one == other or one == [-weight for weight in other]


def kernels(rows: list[list[int]]) -> int:
    """How many of *rows* differ, but for their sign."""
    found: list[list[int]] = []
    for row in rows:
        if not any(same_but_for_sign(row, known) for known in found):
            found.append(row)
    return len(found)


def one_by_one(window: Window, filters: Filters, arch: Arch) -> Counts:
    """A MAC for every word and filter, but for those that are skipped; *mac_cycles* go word by word."""
    zeros, done = arch.sparsity, Counts()
    idle = arch.datapath.kind in ("ternary", "five_level")
    for c, row in enumerate(window):
        for s, word in enumerate(row):
            macs = 0
            for own in filters:
                nothing = word == 0 and zeros.gate == "ifmap"
                if (word == 0 and zeros.skip in ("ifmap", "both")) or (
                    own[c][s] == 0 and zeros.skip in ("weight", "both")
                ):
                    done["skipped"] += 1
                    continue
                macs += 1
                done["unread"] += nothing
                done["gated"] += nothing or (idle and own[c][s] == 0)
            done["macs"] += macs
            done["mac cycles"] += ceil(macs, arch.pe.macs_per_cycle)
    done.update(dict.fromkeys(("ifmap uses", "weight uses", "psum uses"), done["macs"]))
    return done


def together(window: Window, filters: Filters, arch: Arch) -> Counts:
    """The datapaths that take all the words of a window at once, with all filters."""
    datapath, width = arch.datapath, arch.pe.macs_per_cycle
    p, words = len(filters), sum(map(len, window))
    goes, macs = ceil(p, width), p * words
    done = Counts({"macs": macs, "ifmap uses": macs, "weight uses": macs, "psum uses": macs})
    zeros = [sum(word == 0 for word in row) for row in window]
    gated = p * sum(zeros)
    if datapath.kind == "codebook_products":
        values = 2**datapath.codebook_bits
        done["mac cycles"], done["other cycles"] = goes * words, ceil(values, width) * words
        done["ifmap uses"], done["beside"] = words, values * words
    elif datapath.kind == "codebook_sums":
        values = 2**datapath.codebook_bits
        done["mac cycles"], done["other cycles"] = goes * words, goes * values
        done["psum uses"], done["beside"] = macs + p * values, p * values
    elif datapath.kind == "xnor":
        done["mac cycles"] = goes * ceil(words, datapath.lanes)
        done["psum uses"] = done["beside"] = p * ceil(words, datapath.lanes)
        gated = 0
    else:
        found = [kernels([own[c] for own in filters]) for c in range(len(window))]
        taps = len(window[0])
        made = sum(found) * taps
        done["mac cycles"] = sum(ceil(one, width) * taps for one in found)
        done["other cycles"] = goes * len(window)
        done["psum uses"] = done["beside"] = p * len(window)
        gated = sum(one * zero for one, zero in zip(found, zeros, strict=True))
        done["reused"] = macs - made
        done["macs"] = done["ifmap uses"] = done["weight uses"] = made
    if arch.sparsity.gate == "ifmap":
        done["gated"] = done["unread"] = gated
    return done


class Recount:
    """The counts of a layer: ``actions``, and ``mac`` and ``other`` cycles by PE."""

    def __init__(self, case: Case) -> None:
        self.case, self.arch = case, case.program.arch
        self.mac: Counter[int] = Counter()
        self.other: Counter[int] = Counter()
        self.counts = Counts()
        for one in case.program.mapping.passes():
            self._count(one.tile)

    def _count(self, tile: Tile) -> None:
        layer, values = self.case.layer, self.case.operands
        first_m, first_c = tile.g.start * layer.group_m, tile.g.start * layer.group_c
        step = together if self.arch.datapath.kind in BESIDE else one_by_one
        for pe, m, c, r, e in places(self.case, tile):
            filters = [[[values.weight[first_m + j, k, r, s].item() for s in tile.s] for k in c] for j in m]
            y = e * layer.stride[0] + r * layer.dilation[0]
            for n, f in product(tile.n, tile.f):
                x = [f * layer.stride[1] + s * layer.dilation[1] for s in tile.s]
                window = [[values.ifmap[n, first_c + k, y, at].item() for at in x] for k in c]
                done = step(window, filters, self.arch)
                done["sums"] += len(m)
                self.mac[pe] += done.pop("mac cycles", 0)
                self.other[pe] += done.pop("other cycles", 0)
                self.counts.update(done)

    @property
    def actions(self) -> Actions:
        """What the arithmetic and the register files count."""
        told, datapath = self.counts, self.arch.datapath
        verb, adds = names_of(datapath)
        through = told["sums"] if isinstance(self.arch.rf, PooledRF) else 0  # meet the psum from below
        counts = {
            "mac.gated:psum": told["gated"],
            "mac.skipped:psum": told["skipped"],
            "mac.reused:psum": told["reused"],
            f"mac.{adds}:psum": told["sums"],
            "rf.read:ifmap": told["ifmap uses"],
            "rf.read:weight": told["weight uses"] - told["unread"],
            "rf.gated_read:weight": told["unread"],
            "rf.read:psum": told["psum uses"] - through,
            "rf.write:psum": told["psum uses"] - through,
        }
        counts[f"mac.{verb}:psum"] = told["macs"] - told["gated"]
        if datapath.kind in BESIDE:
            counts[f"mac.{BESIDE[datapath.kind]}:psum"] = told["beside"]
        if datapath.kind == "codebook":
            counts["codec.lookup:weight"] = told["macs"] - told["unread"]
        return +Actions(counts)
