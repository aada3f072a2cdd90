"""Two pruned convolutions, one of them padded, on an Eyeriss that skips and codes, against dense."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from accelsim.run.experiment import Experiment, load
from accelsim.studies.sparsity import Gains, Sweep, against_dense, density_sweep

CODE = "{kind: csc, index_bits: 4, pointer_bits: 16}"

RUN = f"""\
name: small
arch: eyeriss
network:
  name: two
  input: [3, 9, 9]
  nodes:
    - {{op: conv, name: A, m: 6, kernel: 3, pad: 1, activation: relu}}
    - {{op: conv, name: B, m: 8, kernel: 3, activation: relu}}
energy: horowitz_45nm
sparsity:
  gate: none
  skip: both
  empty_window_cycles: 1
  unmatched_cycles: 1
  formats:
    ifmap: {{dram: {CODE}}}
    weight: {{dram: {CODE}, glb: {CODE}, spad: {CODE}, planned: 2}}
    ofmap: {{dram: {CODE}}}
  prune: {{A: 0.6, B: 0.3}}
"""

DENSITIES = (0.2, 0.6, 1.0)


def experiment(text: str = RUN, **overrides: Any) -> Experiment:
    """The run that *text* describes."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "small.yaml"
        path.write_text(text, encoding="utf-8")
        return load(str(path), **overrides)


@cache
def base() -> Experiment:
    """The run itself, read once."""
    return experiment()


@cache
def small(lanes: int = 1) -> Gains:
    """Its gains on PEs of so many *lanes*, made once."""
    return against_dense(experiment(arch__pe__macs_per_cycle=lanes), jobs=1)


@cache
def swept() -> Sweep:
    """The run at :data:`DENSITIES`, made once."""
    return density_sweep(base(), DENSITIES, jobs=1)
