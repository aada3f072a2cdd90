"""What formats make of the words of a layer: bits per value, at each level that keeps them coded."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from accelsim.machine import Arch
from accelsim.machine.formats import AnyFormat
from accelsim.run.result import LayerResult


@dataclass(frozen=True)
class Coding:
    """All words of one operand that one level is given, as values and once coded.

    In a scratch pad, entries with their indices; pointers have a memory of their own and are not counted.
    """

    operand: str  # ifmap, weight, ofmap
    level: str
    kind: str  # of the format
    values: int  # words as they are, each as often as it moves
    bits: int  # what they take once coded; whole words in DRAM and GLB
    word_bits: int  # of a value as it is

    @property
    def bits_per_value(self) -> float:
        """Bits that one value takes; above *word_bits* the format costs more room than it saves."""
        return self.bits / self.values

    @property
    def share(self) -> float:
        """Size once coded, as a share of that of the words as they are."""
        return self.bits_per_value / self.word_bits


def codings(arch: Arch, layer: LayerResult) -> tuple[Coding, ...]:
    """What every format of *arch*, the machine that *layer* sees, makes of the words that move."""
    found = (_coding(arch, layer, *at) for at in arch.sparsity.formats.coded())
    return tuple(coding for coding in found if coding.values)


def summed(codings: Iterable[Coding]) -> tuple[Coding, ...]:
    """The codings of all layers together, one for each operand and level."""
    found: dict[tuple[str, str], Coding] = {}
    for one in codings:
        at = one.operand, one.level
        if before := found.get(at):
            one = replace(one, values=before.values + one.values, bits=before.bits + one.bits)
        found[at] = one
    return tuple(found.values())


def _coding(arch: Arch, layer: LayerResult, operand: str, level: str, coded: AnyFormat) -> Coding:
    made, bits = partial(Coding, operand, level, coded.kind), arch.bits(operand)
    if operand == "ofmap":
        name = "dram.write:psum"
        return made(layer.dense_dram[name], layer.actions[name] * bits, bits)
    if level == "spad":
        values = getattr(layer.work, f"{operand}_stores")
        entries = layer.actions[f"rf.write:{operand}"]
        return made(values, entries * arch.entry_bits(operand), bits)
    action = "dram.read" if level == "dram" else "glb.write"
    words = layer.actions[f"{action}:{operand}"]
    return made(layer.dense_dram[f"dram.read:{operand}"], words * bits, bits)
