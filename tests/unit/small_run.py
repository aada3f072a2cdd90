"""LeNet-5 on Eyeriss, one picture: a whole run in a quarter of a second."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from accelsim.run.experiment import load
from accelsim.run.result import Result

RUN = """\
name: small
arch: eyeriss
network: lenet5
energy: {energy}
layers: [C1, C3, C5]
seed: {seed}
"""


@cache
def small(energy: str = "horowitz_45nm", seed: int = 0) -> Result:
    """The result, made once."""
    return fresh(energy, seed)


def fresh(energy: str = "horowitz_45nm", seed: int = 0) -> Result:
    """The result, simulated anew."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "small.yaml"
        path.write_text(RUN.format(energy=energy, seed=seed))
        return load(str(path)).run()
