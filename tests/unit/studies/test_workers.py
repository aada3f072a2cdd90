"""Comparisons in processes, from scripts as users write them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import accelsim

SCRIPT = """\
from dataclasses import dataclass
from multiprocessing import set_start_method

import accelsim
from dataflows.weight_stationary import WeightStationary

print("once")
set_start_method("{method}")


def unchanged(arch):
    return arch


@dataclass(frozen=True)
class Mine(WeightStationary):
    def map(self, layer, arch):
        return super().map(layer, unchanged(arch))


run = accelsim.load("eyeriss_lenet5", layers=["C1"])
compared = accelsim.compare(run, ["__main__.Mine", "weight_stationary"], jobs=2)
print([compared[label].total.cycles for label in ("__main__.Mine", "weight_stationary")])
"""
"""Without ``if __name__ == "__main__"``, and with a dataflow of its own."""


@pytest.mark.parametrize("method", ["spawn", "fork"])
def test_a_plain_script_with_a_dataflow_of_its_own_is_run_once(tmp_path: Path, method: str) -> None:
    (tmp_path / "script.py").write_text(SCRIPT.format(method=method), encoding="utf-8")
    run = accelsim.load("eyeriss_lenet5", layers=["C1"], dataflow="weight_stationary").run()
    found = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(accelsim.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.splitlines() == ["once", str([run.total.cycles] * 2)]
