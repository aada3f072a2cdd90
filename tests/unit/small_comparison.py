"""Two layers of LeNet-5 under row stationary, with one filter at a time, on another array, and nowhere."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from accelsim.run.experiment import load
from accelsim.studies.comparing import compare
from accelsim.studies.comparison import Comparison

FAKES = "tests.unit.fake_dataflows"

RUN = """\
name: small
network: lenet5
energy: horowitz_45nm
arch: eyeriss
layers: [C1, C3]
mapping:
  C1: {m: 6, n: 1, e: 14, p: 3, q: 1, r: 1, t: 2}
"""

BLOCK = f"""\
compare:
  RS: {{}}
  one: {{dataflow: {FAKES}.OneFilter}}
  none of it: {{dataflow: {FAKES}.Unmappable}}
  half: {{arch: {{array: {{rows: 6}}}}, mapping: null}}
"""


def small(energy: str = "horowitz_45nm") -> Comparison:
    """The comparison, made once for each table."""
    return _made(RUN.replace("horowitz_45nm", energy) + BLOCK, 1)


@cache
def _made(text: str, jobs: int) -> Comparison:
    return fresh(text, jobs)


def fresh(text: str = RUN + BLOCK, jobs: int = 1) -> Comparison:
    """The comparison that *text* describes, simulated anew."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "small.yaml"
        path.write_text(text, encoding="utf-8")
        return compare(load(str(path)), jobs=jobs)
