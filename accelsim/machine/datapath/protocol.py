"""What every datapath is: the arithmetic of a PE, the words it takes, and what it counts."""

from dataclasses import KW_ONLY, dataclass
from typing import ClassVar, Generic, Literal, NamedTuple, TypeVar

import numpy as np

from accelsim.checks import at_least, description
from accelsim.errors import ConfigError
from accelsim.network.layer import IntArray, Tensor

LOOKUP = "codec.lookup:weight"
"""The code of a weight is looked up in the datapath's table, before the MAC."""

Count = int | IntArray
"""How many: an int, or an integer array with one entry per candidate mapping; the arithmetic is the same."""

N = TypeVar("N", int, Count)
"""Counts that go in and out alike: ints give ints."""

N_co = TypeVar("N_co", covariant=True)
"""What all counts of a record are: ints, or arrays of one shape, or of shapes that broadcast."""

Word = int | float | np.floating
"""A word or a psum: an int, or a float of the datapath's own format."""


class Widths(NamedTuple):
    """Bits of a word of each operand in memory; *psum* None: as wide as the machine's psums."""

    ifmap: int
    weight: int
    psum: int | None = None


class LookupTable(NamedTuple):
    """A look-up table in a PE."""

    entries: int
    bits: int  # of an entry

    @property
    def bytes(self) -> float:
        """Size of the table, in bytes; a part of one where entries do not fill it."""
        return self.entries * self.bits / 8


class Amounts(NamedTuple, Generic[N_co]):
    """How much work any number of 1-D primitives is, added up."""

    macs: N_co
    words: N_co  # window words, each taken to all the filters of its PE
    sums: N_co  # psums, one per primitive
    issues: N_co  # issue slots, each of as many products as there are lanes


class Uses(NamedTuple, Generic[N_co]):
    """What some amount of work takes: words of each register file, and operations other than MACs."""

    ifmap: N_co
    weight: N_co
    psum: N_co  # reads, and as many writes
    extra_ops: N_co


@description
class Datapath:
    """The arithmetic of a PE: MACs one by one, unless a subclass overrides what it does in another way.

    A MAC is counted as ``mac.<verb>:psum``, an accumulation of a psum from below as ``mac.<adds>:psum``, and
    other operations as ``mac.<extra_ops>:psum``. *packing* says whether words lie side by side in
    memories and on buses, or each in a word of the machine.
    """

    _: KW_ONLY
    packing: Literal["packed", "word"] = "packed"

    verb: ClassVar[str] = "multiply_add"
    adds: ClassVar[str] = "add"
    extra_ops: ClassVar[str | None] = None
    one_by_one: ClassVar[bool] = True  # any dataflow can host it, and zeros can be skipped
    idle_zeros: ClassVar[bool] = False  # a zero weight does nothing
    gates: ClassVar[bool] = True  # a zero ifmap value can gate its MACs
    decodes: ClassVar[bool] = False  # a weight is looked up before it is used
    by_values: ClassVar[bool] = False  # weights decide how many MACs there are
    floating: ClassVar[bool] = False  # words are floats, so that the order of additions matters
    word: ClassVar[type[int] | type[np.floating]] = int  # the type of ifmap words and weights
    zero: ClassVar[Word] = 0  # the psum to which nothing has been added yet
    sums_per_psum: ClassVar[int] = 1  # words of the psum scratch pad that one psum takes

    @property
    def lanes(self) -> int:
        """Products that one psum takes in a cycle."""
        return 1

    def widths(self, word_bits: int) -> Widths:
        """Bits of the words that memories hold, on a machine with words of *word_bits*."""
        raise NotImplementedError

    def multiplier(self, word_bits: int, psum_bits: int) -> tuple[int, int] | None:
        """Bits of both operands of the integer multiplier; None if the datapath has none.

        Args:
            word_bits: bits of a word of the machine.
            psum_bits: bits of a psum of the machine.
        """
        return None

    def table(self, word_bits: int) -> LookupTable | None:
        """The look-up table of one PE on a machine with words of *word_bits*; None if there is none."""
        return None

    def table_bits(self, word_bits: int) -> int:
        """Bits that come from DRAM, once a layer, to fill the table; 0 if nothing does."""
        return 0

    def cycles(self, p: Count, q: Count, s: Count, width: int) -> tuple[Count, Count]:
        """Cycles of the primitives of one ofmap column: those with MACs, and those without.

        Of arrays, each broadcasts as what it depends on does.

        Args:
            p: filters.
            q: channels.
            s: taps of a filter row.
            width: filters that take a window word in the same cycle.
        """
        return -(-p // width) * q * s, 0

    def at_once(self, s: int) -> int:
        """The most MACs of one psum in a cycle, in primitives of *s* taps: a bound for searches."""
        return self.lanes

    def uses(self, amounts: Amounts[N]) -> Uses[N]:
        """Register file words and extra operations that *amounts* of work take."""
        macs = amounts.macs
        return Uses(macs, macs, macs, 0)

    def mac(self, psum: Word, ifmap: Word, weight: Word) -> Word:
        """*psum* plus the product of two words, rounded as this hardware rounds."""
        return psum + ifmap * weight

    def plus(self, psum: Word, other: Word) -> Word:
        """The sum of two psums, rounded as this hardware rounds."""
        return psum + other

    def dot(self, window: Tensor, weights: Tensor) -> list[Word]:
        """The psums that a window ``(q, s)`` gives with weights ``(p, q, s)``, as this hardware forms them.

        Channels outermost, then taps.
        """
        sums = []
        # Python ints are exact whatever the widths, which numpy integers are not.
        for own in weights.reshape(len(weights), -1).tolist():
            psum = self.zero
            for x, w in zip(window.ravel().tolist(), own, strict=True):
                psum = self.mac(psum, x, w)
            sums.append(psum)
        return sums

    def check(self, ifmap: Tensor, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless the datapath can compute with all of *ifmap*, unpadded, and *weight*."""

    @property
    def actions(self) -> tuple[str, ...]:
        """Names of the actions that it counts; fillers reach only PEs that make their MACs one by one."""
        fillers = [overhead_of(self.verb)] if self.one_by_one else []
        found = [self.verb, *fillers, self.adds, *([self.extra_ops] if self.extra_ops else [])]
        return (*(f"mac.{name}:psum" for name in found), *([LOOKUP] if self.decodes else []))


@dataclass(frozen=True, kw_only=True)
class IntegerIfmap(Datapath):
    """A datapath whose ifmap words are integers, by default signed and as wide as the machine's words."""

    ifmap_bits: int | None = None
    unsigned: bool = False  # ifmap words

    def __post_init__(self) -> None:
        at_least(1, ifmap_bits=self.ifmap_bits)

    def ifmap_width(self, word_bits: int) -> int:
        """Bits of an ifmap word, on a machine with words of *word_bits*."""
        return self.ifmap_bits or word_bits

    def check(self, ifmap: Tensor, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError unless both are integers that fit their widths."""
        bits = self.ifmap_width(word_bits)
        low, high = (0, 1 << bits) if self.unsigned else (-(1 << bits - 1), 1 << bits - 1)
        check_integers("ifmap words", ifmap, low, high - 1)
        self.check_weights(weight, word_bits)

    def check_weights(self, weight: Tensor, word_bits: int) -> None:
        """Raise ConfigError if *weight* has a value that this datapath cannot take."""
        raise NotImplementedError


def overhead_of(verb: str) -> str:
    """Verb of a MAC with a filler: a zero that is stored only because a run is too long for its field."""
    return "overhead" if verb == "multiply_add" else f"overhead_{verb}"


def check_integers(what: str, values: Tensor, low: int, high: int) -> None:
    """Raise ConfigError if *values* are not integers in *low*..*high*."""
    if values.dtype.kind not in "iu":
        raise ConfigError(f"{what} of this datapath must be integers (got {values.dtype})")
    if values.size and (values.min() < low or values.max() > high):
        raise ConfigError(
            f"{what} of this datapath must be in {low}..{high} (got {values.min()}..{values.max()})"
        )


def check_levels(what: str, values: Tensor, levels: tuple[int, ...]) -> None:
    """Raise ConfigError if *values* are not all among *levels*."""
    check_integers(what, values, levels[0], levels[-1])
    other = np.setdiff1d(values, levels)
    if other.size:
        raise ConfigError(f"{what} of this datapath must be among {list(levels)} (got {other[0]})")


def check_signed(what: str, values: Tensor, bits: int) -> None:
    """Raise ConfigError if *values* are not integers in two's complement of *bits*."""
    top = 1 << bits - 1
    check_integers(what, values, -top, top - 1)
