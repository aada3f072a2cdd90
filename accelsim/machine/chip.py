"""One accelerator: its parts, and the rules that hold between them."""

from __future__ import annotations

from dataclasses import field, replace
from functools import cached_property
from math import floor
from typing import Literal

from accelsim.checks import at_least, check_within, description
from accelsim.errors import ConfigError, Path
from accelsim.machine.datapath import AnyDatapath, Integer
from accelsim.machine.interconnect import Interconnect, Multicast, Systolic
from accelsim.machine.memory import AnyLink, AreaBudget, Banks, DramLink, IdealLink
from accelsim.machine.noc import NoC
from accelsim.machine.path import Memory, OperandPath, PathName, Paths
from accelsim.machine.pes import PE, NoRF, PEArray, PooledRF, SplitRF
from accelsim.machine.sparsity import Sparsity, Storage

Operand = Literal["ifmap", "weight", "psum"]

SHARE_TOLERANCE = 1e-9
"""Words that the quotient of a size and a planned share may be off by."""

NOT_ONE_BY_ONE = "does not make its MACs one by one, so that none can be skipped"

BUS_OPERANDS = {"weight": "weight", "ifmap": "ifmap", "psum": "psum", "ofmap": "psum"}
"""The operand whose words each bus carries."""

MAX_BITS = 62
"""Widest word: sums and differences of two of them stay within int64."""


@description
class Arch:
    """One accelerator. Cycles are core cycles unless a name says otherwise.

    What stands between DRAM and the PEs is given in short: ``glb``, ``filter_glb``, ``dram`` and the two
    ``via_glb``. The model asks ``paths`` and ``link`` instead, which are made of them here and nowhere else.
    """

    name: str
    clock_hz: int
    array: PEArray
    rf: SplitRF | PooledRF | NoRF
    pe: PE
    noc: NoC
    glb: Banks | Literal["area"]  # area: what the register files leave of storage_area
    filter_glb: Banks | Literal["glb"] | None  # glb: weights share it; none: from the link to the weight bus
    dram: DramLink | Literal["ideal"]
    sparsity: Sparsity = field(default_factory=Sparsity)
    datapath: AnyDatapath = field(default_factory=lambda: Integer(kind="integer"))
    word_bits: int = 16  # an ifmap word or a weight, unless the datapath has its own widths
    psum_word_bits: int = 16  # a psum in spads, on buses and in the GLB, unless the datapath has its own
    ofmap_word_bits: int | None = None  # an ofmap word in DRAM; none: as wide as a psum
    accumulator_bits: int = 48  # a psum in the arithmetic
    overflow: Literal["error", "wrap"] = "error"
    padding: Literal["stored", "generated"] = "stored"
    ifmap_via_glb: bool = True  # false: ifmap words stream from an ideal DRAM to the ifmap bus
    ofmap_via_glb: bool = True  # the last psum pass is written to and read out of the GLB
    configuration_cycles: int = 0  # before each layer
    storage_area: AreaBudget | None = None  # for glb: area

    def __post_init__(self) -> None:
        at_least(1, clock_hz=self.clock_hz)
        if not self.ifmap_via_glb and self.dram != "ideal":
            raise ConfigError("ifmap_via_glb: false needs dram: ideal; words that nothing holds cannot wait")
        check_within(2, MAX_BITS, word_bits=self.word_bits, psum_word_bits=self.psum_word_bits)
        check_within(1, MAX_BITS, ofmap_word_bits=self.ofmap_word_bits)
        at_least(0, configuration_cycles=self.configuration_cycles)
        check_within(2, MAX_BITS, accumulator_bits=self.accumulator_bits)
        self._check_zeros()
        self._check_datapath()
        for name, operand in BUS_OPERANDS.items():
            bits, width = self.entry_bits(operand), getattr(self.noc, name).bits_per_cycle
            if width < bits:
                why = f"noc.{name}.bits_per_cycle must carry a word of {bits} bits (got {width})"
                raise ConfigError(why, also=self._deciding_width(name))

    def _deciding_width(self, bus: str) -> tuple[Path, ...]:
        """What, beside the *bus* itself, decides how wide a word is that it must carry."""
        if bus in ("psum", "ofmap"):
            return ("psum_word_bits",), ("datapath",)
        return ("word_bits",), ("datapath",), ("sparsity", "formats", bus, "spad")

    def _check_zeros(self) -> None:
        """Zeros are skipped, and words kept coded, where a machine can."""
        split = isinstance(self.rf, SplitRF)
        if self.sparsity.skip != "none" and not split:
            raise ConfigError(f"sparsity.skip needs rf.kind: split (got {self.rf.kind})")
        for operand in ("ifmap", "weight"):
            at, stored = f"sparsity.formats.{operand}", self._stored(operand)
            path = self.paths.of(operand)
            if stored.glb is not None and not path.memories:
                why = f"{at}.glb needs a memory between DRAM and the PEs (got none)"
                raise ConfigError(why, also=[(path.key,)])
            if stored.spad is not None and not split:
                raise ConfigError(f"{at}.spad needs rf.kind: split (got {self.rf.kind})")
            if stored.spad is not None and path.memories and stored.glb != stored.spad:
                raise ConfigError(f"{at}.glb must be as {at}.spad, which takes its entries as they are")

    def _check_datapath(self) -> None:
        """The datapath fits the machine's words, and does what it does about zeros."""
        datapath, widths = self.datapath, self.datapath.widths(self.word_bits)
        if datapath.packing == "word" and max(widths.ifmap, widths.weight) > self.word_bits:
            raise ConfigError(
                f"datapath.packing: word needs words of at most {self.word_bits} bits"
                f" (got {max(widths.ifmap, widths.weight)})",
                also=[("word_bits",)],
            )
        if datapath.lanes > 1 and self.pe.macs_per_cycle > 1:
            raise ConfigError(f"datapath.lanes must be 1 with pe.macs_per_cycle (got {datapath.lanes})")
        if datapath.one_by_one:
            return
        if self.sparsity.skip != "none":
            why = f"sparsity.skip: {datapath.kind} {NOT_ONE_BY_ONE} (got {self.sparsity.skip})"
            raise ConfigError(why, also=[("datapath",)])
        for operand in ("ifmap", "weight"):
            if self._stored(operand).spad is not None:
                why = f"sparsity.formats.{operand}.spad: {datapath.kind} {NOT_ONE_BY_ONE}"
                raise ConfigError(why, also=[("datapath",)])

    def _stored(self, operand: str) -> Storage:
        stored: Storage = getattr(self.sparsity.formats, operand)
        return stored

    @cached_property
    def paths(self) -> Paths:
        """The way of each operand between DRAM and the PEs.

        Raises:
            ConfigError: if no area is given, known or left for a GLB that takes what register files leave.
        """
        glb = (Memory("GLB", self._glb_banks()),)
        through = glb if self.ofmap_via_glb else ()
        return Paths(
            weight=self._path("weight", self._weight_memories(glb), "filter_glb", "null"),
            ifmap=self._path("ifmap", glb if self.ifmap_via_glb else (), "ifmap_via_glb", "false"),
            psum=self._path("psum", glb, "glb", "null"),
            ofmap=self._path("ofmap", through, "ofmap_via_glb", "false"),
            ofmap_waits=bool(through) or isinstance(self.link, DramLink),
        )

    @cached_property
    def link(self) -> AnyLink:
        """What words cross between DRAM and the chip."""
        return self.dram if isinstance(self.dram, DramLink) else IdealLink(self.clock_hz)

    def _weight_memories(self, glb: tuple[Memory, ...]) -> tuple[Memory, ...]:
        if isinstance(self.filter_glb, Banks):
            return (Memory("filter GLB", self.filter_glb),)
        return glb if self.filter_glb == "glb" else ()

    def _glb_banks(self) -> Banks:
        if isinstance(self.glb, Banks):
            return self.glb
        if self.storage_area is None:
            raise ConfigError("storage_area must be given for glb: area (got null)")
        return self.storage_area.glb(self.array.pes, self.rf.bytes)

    def _path(self, operand: PathName, memories: tuple[Memory, ...], key: str, without: str) -> OperandPath:
        coded = operand in ("ifmap", "weight") and self._stored(operand).glb is not None
        planned = self._stored(operand).planned if coded else 1.0
        return OperandPath(operand, memories, self.bits(operand), planned, key, without)

    @property
    def buffer(self) -> Banks:
        """The GLB, which holds psums."""
        return self.paths.glb.banks

    @cached_property
    def interconnect(self) -> Interconnect:
        """How words travel between the buses and the PEs that share them."""
        array = self.array
        if array.interconnect == "multicast":
            return Multicast()
        return Systolic(array.rows, array.cols, array.fold_length == "array")

    def bits(self, operand: str) -> int:
        """Width of a word of *operand* in memory: an ifmap word, a weight, a psum, or an ofmap in DRAM."""
        widths = self.datapath.widths(self.word_bits)
        psum = widths.psum or self.psum_word_bits
        if operand in ("psum", "ofmap"):
            return (self.ofmap_word_bits or psum) if operand == "ofmap" else psum
        own: int = getattr(widths, operand)
        return own if self.datapath.packing == "packed" else self.word_bits

    def entry_bits(self, operand: str) -> int:
        """Width of a word of *operand* on its bus and in the PEs: with its index, where PEs keep it coded."""
        bits = self.bits(operand)
        coded = None if operand == "psum" else self._stored(operand).spad
        return bits if coded is None else coded.entry_bits(bits)

    def planning(self, operand: str, share: float) -> Arch:
        """This machine, with mappings that count on *share* for coded words of *operand*."""
        formats, stored = self.sparsity.formats, replace(self._stored(operand), planned=share)
        ifmap = operand == "ifmap"
        changed = replace(formats, ifmap=stored) if ifmap else replace(formats, weight=stored)
        return replace(self, sparsity=replace(self.sparsity, formats=changed))

    def words_per_cycle(self, bus: str) -> int:
        """Whole words that the NoC's *bus* (weight, ifmap, psum, ofmap) moves in a cycle."""
        width: int = getattr(self.noc, bus).bits_per_cycle
        return width // self.entry_bits(BUS_OPERANDS[bus])

    def rf_words(self, operand: Operand | Literal["pooled"]) -> int:
        """Words that the scratch pad of *operand* holds in one PE, coded as planned where they are coded.

        *pooled*: the one register file, of words as wide as the widest.
        """
        if not isinstance(self.rf, SplitRF):
            return self.rf.bytes * 8 // max(self.bits(own) for own in ("ifmap", "weight", "psum"))
        size: int = 8 * getattr(self.rf, f"{operand}_bytes")
        bits = self.bits(operand)
        if operand == "psum" or self._stored(operand).spad is None:
            return size // bits
        return floor(size / (bits * self._stored(operand).planned) + SHARE_TOLERANCE)
