"""Break it once: each written-down mutant of the recurrences disagrees with the reference engine."""

import importlib
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

import accelsim.fast
from accelsim import hw
from tests.laws.cases import TIGHT, Case, cases
from tests.laws.test_engines_agree import assert_same

MUTANTS = {
    "weights usable in the cycle they move": (
        "array.py",
        "self.weights = moves + noc.weight.latency_cycles",
        "self.weights = moves",
    ),
    "ifmap words usable a cycle early": (
        "array.py",
        "moves[stage.last] + self.arch.noc.ifmap.latency_cycles",
        "moves[stage.last] + self.arch.noc.ifmap.latency_cycles - 1",
    ),
    "a FIFO place is free in the cycle its word is consumed": ("array.py", "= at + 1", "= at"),
    "psums climb without passing the pipeline": (
        "array.py",
        "below = at + stages + noc.local.latency_cycles",
        "below = at + noc.local.latency_cycles",
    ),
    "the ofmap bus frees a place in the cycle it moves": (
        "array.py",
        "freed[block.order] = moves + 1",
        "freed[block.order] = moves",
    ),
    "window columns are given back a step early": (
        "array.py",
        "self.step_ends[stage.room + 1, stage.streams]",
        "self.step_ends[np.maximum(stage.room, 0), stage.streams]",
    ),
    "waiting for a psum counts as blocked": (
        "array.py",
        "np.maximum(room - turn, 0)",
        "np.maximum(at - turn, 0)",
    ),
    "a pass ends when its last psum is issued": (
        "array.py",
        "end=int(self.free.max()) - 1 + stages",
        "end=int(self.free.max())",
    ),
    "the weight bus is one word wide": (
        "array.py",
        'schedule.weight_last // arch.words_per_cycle("weight")',
        "schedule.weight_last",
    ),
    "a bus of several words a cycle lets words pass each other": (
        "maxplus.py",
        "best = np.maximum.accumulate(best, axis=1)",
        "best = best + 0",
    ),
    "an adder issues two psums in a cycle": (
        "maxplus.py",
        "line = ready - index",
        "line = ready - index // 2",
    ),
    "the ifmap FIFO holds nothing": (
        "schedule.py",
        "channels * plan.window + arch.noc.ifmap.fifo_words",
        "channels * plan.window + 1",
    ),
    "the pass before leaves nothing on the ofmap bus": (
        "boundary.py",
        "if left > max(after.first_turn, 0):",
        "if False:",
    ),
    "psums are read before they are written": (
        "boundary.py",
        "return follows_write and bool",
        "return False and bool",
    ),
    "the queue left by the pass before is one place shorter": (
        "boundary.py",
        "freed = before.freed[there][:, -deepest:] - elapsed",
        "freed = before.freed[there][:, -deepest:] - elapsed - 1",
    ),
    "clock crossings round down": (
        "link.py",
        "begin = max(self._free, -(-ready * link // core))",
        "begin = max(self._free, ready * link // core)",
    ),
    "DRAM latency occupies the link": (
        "link.py",
        "self._free = begin + dram.transfer_cycles(bits)",
        "self._free = begin + dram.transfer_cycles(bits) + dram.latency_cycles",
    ),
    "a pass need not wait for the ofmap bus": ("layer.py", "if i >= 2:", "if i >= 1 << 60:"),
    "a psum region is overwritten before it is in DRAM": (
        "layer.py",
        "if job.region_after is not None:",
        "if False:",
    ),
    "weights are refilled before they are loaded": (
        "layer.py",
        "return self.starts[after] + self.courses[after].loaded",
        "return self.starts[after]",
    ),
}


CONTROL = ("maxplus.py", "line = ready - index", "line = ready + (-index)")


def test_a_mutant_that_changes_nothing_agrees(tmp_path, monkeypatch):
    monkeypatch.setitem(MUTANTS, "nothing changes", CONTROL)
    mutant = _mutated("nothing changes", tmp_path, monkeypatch)
    for case in TIGHT:
        assert_same(mutant.simulate(case.program, case.operands), hw.simulate(case.program, case.operands))


@pytest.mark.parametrize("name", list(MUTANTS))
def test_mutant_disagrees_with_the_reference(name, tmp_path, monkeypatch):
    mutant = _mutated(name, tmp_path, monkeypatch)

    @seed(0)
    @settings(
        max_examples=400,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(cases())
    def agree(case: Case) -> None:
        assert_same(mutant.simulate(case.program, case.operands), hw.simulate(case.program, case.operands))

    with pytest.raises(AssertionError):
        for case in TIGHT:
            agree.hypothesis.inner_test(case)
        agree()


def _mutated(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch):
    """The fast engine with one line changed, as a package of its own."""
    package = "mutant_" + "".join(c if c.isalnum() else "_" for c in name)
    shutil.copytree(
        Path(accelsim.fast.__path__[0]), folder / package, ignore=shutil.ignore_patterns("__pycache__")
    )
    file, line, changed = MUTANTS[name]
    source = (folder / package / file).read_text()
    assert source.count(line) == 1, f"{file} must hold the mutated line once: {line}"
    (folder / package / file).write_text(source.replace(line, changed))
    for path in (folder / package).glob("*.py"):
        path.write_text(path.read_text().replace("accelsim.fast", package))
    monkeypatch.syspath_prepend(str(folder))
    try:
        return importlib.import_module(f"{package}.layer")
    finally:
        for module in [m for m in sys.modules if m.startswith(package)]:
            monkeypatch.delitem(sys.modules, module)
