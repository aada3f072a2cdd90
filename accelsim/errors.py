"""Every error accelsim raises on purpose; a message is one line: what must hold, then what came."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

Path = tuple[str | int, ...]
"""Keys and list positions that lead to a part of a description."""


class AccelsimError(Exception):
    """Anything accelsim refuses; the command line prints it as one line, never as a traceback."""


class ConfigError(AccelsimError, ValueError):
    """A description that cannot be: a value out of range, an unknown name, a file that is not there.

    *at* is the path of the part at fault inside what is described; *also* has those of other parts that the
    rule is about. Who knows the files adds the line: that of the part given last.
    """

    def __init__(self, message: str, *, at: Path = (), also: Iterable[Path] = ()) -> None:
        super().__init__(message)
        self.at, self.also = at, tuple(also)


class LegalityError(ConfigError):
    """A mapping, or a scheme, that the architecture cannot hold, or a scheme that cannot code what it must.

    Names the rule and by how much it is broken; in a comparison it refuses one label, not all.
    """


class Overflow(LegalityError):
    """Values that need more room, once coded, than the mapping planned for.

    *share* of their size as they are is what *operand* would have had to be planned with.
    """

    def __init__(self, message: str, operand: str, share: float) -> None:
        super().__init__(message)
        self.operand, self.share = operand, share


class SimulationError(AccelsimError, RuntimeError):
    """A simulated machine that cannot go on: a circular wait or an accumulator overflow."""


@contextmanager
def blaming(*at: str | int, also: Iterable[Path] = ()) -> Iterator[None]:
    """Say of a ConfigError raised inside that the part under the path *at* is at fault, or one of *also*."""
    try:
        yield
    except ConfigError as error:
        raise type(error)(str(error), at=at, also=also) from error


@contextmanager
def beginning(what: object, kind: type[ConfigError] = ConfigError, *, at: Path = ()) -> Iterator[None]:
    """Begin a ConfigError raised inside with *what*; it becomes one of *kind*, at the path *at*."""
    try:
        yield
    except ConfigError as error:
        raise kind(f"{what}: {error}", at=at) from error
