"""Seeds of random cases, and the share of the longest tests that a session draws."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from tests.laws import seeds
from tests.laws.drawn import Drawn

KEEP = f"to run it in every session, add this line to tests/laws/{seeds.KEPT.name}"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("accelsim")
    group.addoption("--seed", type=int, help=f"seed of all random cases (default: {seeds.SEED}, or 0)")
    group.addoption("--share", type=float, default=1.0, help="share of the long tests to draw, by the seed")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """The seed goes to the environment, where worker processes find it, and to hypothesis."""
    if config.option.seed is not None:
        os.environ[seeds.SEED] = str(config.option.seed)
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = str(seeds.seed())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was drawn, in quiet sessions too."""
    drawn = f", --share={config.option.share:g} of the long tests" if config.option.share < 1 else ""
    terminalreporter.write_line(f"random cases: --seed={seeds.seed()}{drawn}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out long tests that the seed does not draw."""
    share = config.option.share
    left = {item for item in items if item.get_closest_marker("long") and not seeds.takes(item.nodeid, share)}
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test names the drawn case that it was about."""
    report = yield
    if report.failed and call.excinfo is not None:
        values = [value for entry in call.excinfo.traceback for value in entry.locals.values()]
        names = [value.origin for value in values if isinstance(value, Drawn) and value.origin]
        if names:
            report.sections.append(("random case", f"{names[-1]}\n{KEEP}"))
        report.sections.append(("seed", f"--seed={seeds.seed()}"))
    return report
