"""The memories between the DRAM link and the array: what is in them, by value."""

from typing import NamedTuple

import simpy
from simpy.events import ProcessGenerator

from accelsim.engines.reference.waiting import Bell, Part
from accelsim.machine.datapath import Word
from accelsim.mapping.footprint import Address
from accelsim.stats import Actions, add


class CodedBox(NamedTuple):
    """What a box takes that a memory keeps coded, and so reads out as a whole."""

    words: int  # of the memory
    entries: int  # that each reading decodes; none where PEs take them as they are


class InputBuffer:
    """Boxes of ifmap words or weights, each for the job it was fetched for and those after it.

    Takes:  boxes from the DRAM link. Gives: words of the box of the job in the array.
    Counts: ``glb.write:<operand>``, ``glb.read:<operand>``; nothing if it is no memory (*counted* false).
            Of a coded box ``codec.decode:<operand>``, once for each job that reads it.
    """

    def __init__(self, operand: str, actions: Actions, *, counted: bool = True) -> None:
        self._operand, self._actions, self._counted = operand, actions, counted
        self._boxes: dict[int, dict[Address, Word]] = {}
        self._coded: dict[int, CodedBox] = {}
        self._serving: dict[Address, Word] = {}
        self._whole: CodedBox | None = None  # of the box that is served, if it is coded

    def fill(self, job: int, box: dict[Address, Word], coded: CodedBox | None = None) -> None:
        """*box* is in, for *job* and those after it that need no other."""
        self._boxes[job] = box
        if coded is not None:
            self._coded[job] = coded
        self._count("write", len(box) if coded is None else coded.words)

    def serve(self, job: int, *, reads: bool = True) -> None:
        """*job* begins, and *reads* or not: words are read from its box, older ones are gone."""
        if job in self._boxes:
            self._serving, self._whole = self._boxes.pop(job), self._coded.pop(job, None)
        if reads and self._whole is not None:
            self._count("read", self._whole.words)
            add(self._actions, {f"codec.decode:{self._operand}": self._whole.entries})

    def read(self, address: Address, times: int = 1) -> Word:
        """The word at *address*, which must be in the box; read *times* over, once for each reader."""
        if self._whole is None:
            self._count("read", times)
        return self._serving[address]

    def _count(self, action: str, words: int) -> None:
        if self._counted:
            self._actions[f"glb.{action}:{self._operand}"] += words


class PsumBuffer:
    """Psums by address; each is written, and read once before it is written again.

    Takes:  words from the ofmap bus. Gives: words to the psum bus and to the DRAM link.
    Counts: ``glb.write:psum``, ``glb.read:psum``; not for words that bypass it on their way to DRAM.
    """

    def __init__(self, env: simpy.Environment, actions: Actions) -> None:
        self._actions = actions
        self._words: dict[Address, Word] = {}
        self._written = Bell(env)

    def write(self, address: Address, value: Word, *, bypass: bool = False) -> None:
        """*value* is at *address* from now on."""
        assert address not in self._words, f"psum {address} is written over before it was read"
        self._words[address] = value
        self._actions["glb.write:psum"] += not bypass
        self._written.ring()

    def written(self, address: Address, reader: Part, writer: Part) -> ProcessGenerator:
        """*reader* waits until *writer* has written *address*."""
        while address not in self._words:
            yield from reader.until(self._written.event, "psum written by", writer)

    def read(self, address: Address, *, bypass: bool = False) -> Word:
        """Take the psum at *address*, which must be there."""
        self._actions["glb.read:psum"] += not bypass
        return self._words.pop(address)


class Buffers(NamedTuple):
    """The memories on the chip."""

    weight: InputBuffer
    ifmap: InputBuffer
    psum: PsumBuffer
