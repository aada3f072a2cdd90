"""Format, lint and, among the slow tests, types."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = [
    pytest.param(["ruff", "format", "--check", "."], id="format"),
    pytest.param(["ruff", "check", "."], id="lint"),
    pytest.param(["mypy"], id="types", marks=pytest.mark.slow),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_code_is_clean(command: list[str]) -> None:
    pytest.importorskip(command[0], reason=f"{command[0]} is not installed")
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
