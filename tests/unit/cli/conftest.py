"""The command line writes its figures as empty files: what they show is seen to in the tests of reports."""

from pathlib import Path
from typing import Any

import pytest
from matplotlib.figure import Figure


@pytest.fixture(autouse=True)
def _no_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    def savefig(self: Figure, path: Path, **_: Any) -> None:
        path.touch()

    monkeypatch.setattr(Figure, "savefig", savefig)
