"""One description of a pass: who runs, counts or checks one asks the plan, not for the kind of pass."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from accelsim.engines.fast.kernels import KERNELS

ROOT = Path(__file__).parents[2]

TELLING = {"sharing", "is_primitive"}
"""Names that a module reads to tell one kind of pass from another, beside the classes of plans."""

BELOW = ("network", "machine", "mapping", "passes")
"""Rooms that say how PEs share words, or build passes from it; those above ask the plan."""


def asks(source: str) -> Iterator[str]:
    """What *source* reads to tell kinds of pass apart."""
    plans = {plan.__name__ for plan in KERNELS}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in TELLING:
            yield node.attr
        if isinstance(node, ast.Name) and node.id == "is_primitive":
            yield node.id
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "isinstance":
            yield from plans & {getattr(part, "id", None) for part in ast.walk(node.args[1])}


@pytest.mark.parametrize(
    "source, found",
    [
        ("isinstance(plan, StreamPlan | QueuePlan)", {"StreamPlan", "QueuePlan"}),
        ("kind = mapping.sharing == 'queue'", {"sharing"}),
        ("def run(plan: StreamPlan) -> None: ...", set()),
    ],
)
def test_asking_is_found(source, found):
    assert {*asks(source)} == found


def test_no_room_above_asks_for_the_kind_of_a_pass():
    for path in (ROOT / "accelsim").rglob("*.py"):
        room, *_ = path.relative_to(ROOT / "accelsim").parts
        if room not in BELOW:
            assert not {*asks(path.read_text())}, f"{path.name} must ask the plan"
