"""A limit of a mapping, named, for one choice or for arrays of them."""

from collections.abc import Iterator
from typing import NamedTuple

from accelsim.errors import LegalityError
from accelsim.machine import Arch
from accelsim.machine.datapath import Count


class Rule(NamedTuple):
    """One limit; *need* may be an array with one entry per candidate."""

    name: str
    need: Count
    limit: Count
    unit: str = "words"

    def check(self) -> None:
        """Raise LegalityError if a single candidate breaks the rule."""
        if self.need > self.limit:
            raise LegalityError(
                f"{self.name}: needs {self.need} {self.unit}, has {self.limit}"
                f" ({self.need - self.limit} too many)"
            )


class Kept(NamedTuple):
    """Words of an operand that lie in its memory at once, and what a rule calls them."""

    what: str
    words: Count


def memory_rules(arch: Arch, *, weight: Kept, ifmap: Kept, psum: Kept) -> Iterator[Rule]:
    """The words that each memory of *arch* must hold at once, in whole banks."""
    kept = {"weight": weight, "ifmap": ifmap, "psum": psum}
    for memory in arch.paths.memories:
        within = [(path, kept[path.operand]) for path in arch.paths.within(memory)]
        what = " and ".join(one.what for _, one in within)
        need: Count = sum(path.banks(one.words) for path, one in within)
        yield Rule(f"{memory.name}, {what}", need, memory.banks.banks, "banks")
