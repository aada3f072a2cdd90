"""Results that are rows of numbers: the frame that pandas makes of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


class Tidy(ABC):
    """What stands in tidy rows, all with the same columns."""

    @abstractmethod
    def rows(self) -> Iterator[dict[str, object]]:
        """Each row as its columns by name, units last."""

    def to_frame(self) -> pd.DataFrame:
        """A pandas frame of :meth:`rows`."""
        import pandas as pd

        return pd.DataFrame(list(self.rows()))
