"""A limit of a mapping, named, for one choice or for arrays of them."""

from __future__ import annotations

from typing import Any, NamedTuple

from accelsim.errors import LegalityError


class Rule(NamedTuple):
    """One limit; *need* may be an array with one entry per candidate."""

    name: str
    need: Any
    limit: Any
    unit: str = "words"

    def check(self) -> None:
        """Raise LegalityError if a single candidate breaks the rule."""
        if self.need > self.limit:
            raise LegalityError(
                f"{self.name}: needs {self.need} {self.unit}, has {self.limit}"
                f" ({self.need - self.limit} too many)"
            )
