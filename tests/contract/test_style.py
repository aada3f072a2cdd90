"""Format, lint and types, so that one command tests everything."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "format": ["ruff", "format", "--check", "."],
    "lint": ["ruff", "check", "."],
    "types": ["mypy"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_code_is_clean(name):
    tool = pytest.importorskip(COMMANDS[name][0], reason=f"{COMMANDS[name][0]} is not installed")
    done = subprocess.run(
        [sys.executable, "-m", tool.__name__, *COMMANDS[name][1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
