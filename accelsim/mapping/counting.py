"""One rule counts a nest of single MACs: what it moves follows from its loops, for ints and for arrays.

Over all passes, a dimension contributes its size to words that depend on it, and the number of its tiles to
all others. In a pass, streamed words depend on the loops in the PEs, and on those loops over the array that
are their own: PEs that share a word take it together.
"""

from dataclasses import dataclass
from functools import cached_property

from accelsim.machine import Arch, Operand
from accelsim.machine.control import psum_uses
from accelsim.machine.datapath import Count
from accelsim.mapping.bounds import least_cycles
from accelsim.mapping.cuts import Of, axis_cut, pixel_cut, window_pairs
from accelsim.mapping.loops import StepsByDim, Tilings, product
from accelsim.mapping.nest import DIMS, Level, Mapping
from accelsim.mapping.work import UNCOUNTED, Work
from accelsim.network.layer import Lowered

_Counts = dict[str, Count]
"""Some fields of a Work, by name."""


@dataclass(frozen=True)
class NestCounts:
    """What *mapping* moves on *arch*: one nest, or many at once whose steps are arrays that broadcast.

    No step is larger than what it cuts. Of single MACs, PEs differ in the words that they keep, and no loop
    over anything else stands between two loops over one dimension of these words: a chosen mapping that is
    not so is refused, candidates are not checked.
    """

    mapping: Mapping
    arch: Arch

    @cached_property
    def work(self) -> Work[Count]:
        """All that the passes move, if PEs make single MACs."""
        moved = {**self._psums(), **self._weights(), **self._ifmap(), **self.fills}
        return UNCOUNTED._replace(macs=self.mapping.layer.macs, **moved)

    @cached_property
    def fills(self) -> _Counts:
        """The words that DRAM gives, whatever PEs do with them."""
        tilings = self._tilings
        boxes = self._touched("words", tilings.boxes["ifmap"], self._stored)
        ifmap = product((self._planes, *boxes, tilings.fetches("ifmap")))
        return {"ifmap_fills": ifmap, "weight_fills": tilings.whole("weight") * tilings.fetches("weight")}

    @cached_property
    def steps(self) -> Count:
        """Steps of all passes, one MAC a PE each, and what the hops between PEs at least add to them."""
        over, on = self._tilings.over, self._tilings.on
        return over(on["pe"]) + self.arch.interconnect.skew_cycles(
            lambda extent: over(() if extent == "passes" else on[extent])
        )

    @cached_property
    def floor(self) -> Count:
        """Cycles that no simulation undercuts, if PEs make single MACs."""
        return least_cycles(self.arch, self.work, self.steps)

    def pes(self, level: Level) -> Count:
        """PEs of a whole pass along *level*, rows or cols."""
        return product(self._tilings.tile(dim, self._tilings.steps) for dim in self._tilings.on[level])

    def largest_box(self, operand: Operand) -> Count:
        """Words of the largest box of ifmap words, or of weights, that is fetched at once."""
        tilings, steps = self._tilings, self._tilings.boxes[operand]
        if operand == "weight":
            return product(tilings.tile(dim, steps) for dim in DIMS["weight"] if dim != "g")
        touched = self._touched("largest", steps, self._stored)
        if not isinstance(self.mapping.layer, Lowered):
            touched = (tilings.tile("n", steps), tilings.tile("c", steps), *touched)
        return product(touched)

    def _psums(self) -> _Counts:
        macs, outs = self.mapping.layer.macs, self._tilings.whole("psum")
        passed = self._tilings.over({*DIMS["psum"], *self._tilings.on["cols"]})
        moved = {"psums_in": passed - outs, "psums_out": passed, "ofmap_words": outs}
        if "psum" not in self.mapping.keeps:
            return {"hops": macs - passed, **moved}
        hops = self.arch.interconnect.hops(lambda: self._tilings.climbs(self._tilings.size))
        return {"psum_uses": psum_uses(macs, outs, self.arch), "hops": hops, **moved}

    def _weights(self) -> _Counts:
        if "weight" in self.mapping.keeps:
            loads = self._tilings.whole("weight") * self._tilings.changes("weight")
            return {**self._kept("weight"), "weight_loads": loads}
        words = self._streamed("weight")
        return {**self._shared("weight", words), "weight_loads": words}

    def _ifmap(self) -> _Counts:
        pairs = window_pairs(self.mapping.layer, stored=self._stored)
        if "ifmap" in self.mapping.keeps:
            return {**self._kept("ifmap"), "ifmap_reads": pairs * self._tilings.changes("ifmap")}
        if self.mapping.sharing != "step":
            return self._whole_rows()
        filters = (self._tilings.size if "m" in self._tilings.on["pe"] else self._tilings.tiles)["m"]
        return {**self._shared("ifmap", self._streamed("ifmap")), "ifmap_reads": pairs * filters}

    def _whole_rows(self) -> _Counts:
        """Ifmap words that come once a pass: to the first PE of each filter, or to all PEs that use them."""
        macs, tilings = self.mapping.layer.macs, self._tilings
        kept = self._touched("words", tilings.steps, self._stored)
        reads = product((self._planes, tilings.tiles["m"], *kept))
        delivered: Count = macs
        if self.mapping.sharing == "slide":
            touched = self._touched("words", tilings.steps, stored=True)
            delivered = product((self._planes, tilings.size["m"], *touched))
        return {"ifmap_deliveries": delivered, "ifmap_hops": macs - delivered, "ifmap_reads": reads}

    def _kept(self, operand: Operand) -> _Counts:
        """A word for every PE, from a bus; where words hop, it crosses the rows below."""
        times = self._tilings.changes(operand)
        loads = self._tilings.whole(operand) * times
        hops = self.arch.interconnect.hops(lambda: self._tilings.climbs(DIMS[operand]) * times)
        fields = {"uses": self.mapping.layer.macs, "stores": loads, "deliveries": loads, "hops": hops}
        return {f"{operand}_{name}": count for name, count in fields.items()}

    def _streamed(self, operand: Operand) -> Count:
        """Words on the bus of *operand*, which brings them anew in every step."""
        on = self._tilings.on
        spread = {*on["rows"], *on["cols"]}
        return self._tilings.over({*on["pe"], *spread.intersection(DIMS[operand])})

    def _shared(self, operand: Operand, words: Count) -> _Counts:
        """*words* for all MACs: what the buses do not deliver, PEs hand on."""
        macs = self.mapping.layer.macs
        delivered = self.arch.interconnect.delivered(uses=macs, words=words)
        return {f"{operand}_deliveries": delivered, f"{operand}_hops": macs - delivered}

    def _touched(self, of: Of, steps: StepsByDim, stored: bool) -> tuple[Count, ...]:
        """Ifmap rows and columns that tiles of *steps* touch, or of a product the words of a group."""
        layer = self.mapping.layer
        if isinstance(layer, Lowered):
            return (pixel_cut(of, layer, steps["e"], steps["c"], stored=stored),)
        return (
            axis_cut(of, layer, "rows", steps["e"], steps["r"], stored=stored),
            axis_cut(of, layer, "columns", steps["f"], steps["s"], stored=stored),
        )

    @cached_property
    def _tilings(self) -> Tilings:
        return Tilings(self.mapping)

    @property
    def _stored(self) -> bool:
        return self.arch.padding == "stored"

    @property
    def _planes(self) -> int:
        """Channels of all images; of a product groups, whose words are counted together."""
        size = self._tilings.size
        return size["g"] if isinstance(self.mapping.layer, Lowered) else size["g"] * size["n"] * size["c"]
