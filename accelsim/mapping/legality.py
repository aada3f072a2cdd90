"""What must hold of a nest before its passes are made and its words are counted, whatever the machine."""

from collections.abc import Iterator

from accelsim.errors import LegalityError
from accelsim.machine import Operand
from accelsim.mapping.nest import DIMS, Dim, Level, Loop, Mapping, extents

_ON_ARRAY: dict[Level, str] = {"rows": "on rows", "cols": "on columns", "pe": "in the PEs"}
"""Where the loops of a pass are."""


def check_fetches(mapping: Mapping) -> None:
    """Refuse weights that PEs keep but DRAM brings again: nobody would take them out of their memory.

    Raises:
        LegalityError: naming the loop that only fetches.
    """
    if "weight" not in mapping.keeps or "weight" not in mapping.fetches:
        return
    last = [(loop.level, loop.dim) for loop in mapping.temporal].index(mapping.fetches["weight"])
    again: Loop | None = None
    for i, loop in _iterating(mapping):
        if loop.dim in DIMS["weight"]:
            again = None
        elif i <= last:
            again = again or loop
    if again:
        raise LegalityError(
            f"{mapping.layer.name}: weights that PEs keep must be fetched only to be loaded"
            f" (got fetches for each step of {again.dim} at {again.level} level, which changes none of them)"
        )


def check_single_macs(mapping: Mapping) -> None:
    """Refuse a nest of single MACs that has an empty level on the array, or that NestCounts would miscount.

    Raises:
        LegalityError: with the rule that the nest breaks, and the loop that does.
    """
    check_fetches(mapping)
    name = mapping.layer.name
    for level, where in _ON_ARRAY.items():
        if not mapping.at(level):
            raise LegalityError(f"{name}: a nest of single MACs must have a loop {where} (got none)")
    for operand in mapping.keeps:
        for dim in mapping.at("rows", "cols"):
            if dim not in DIMS[operand] and _in_a_pass(mapping, dim) > 1:
                raise LegalityError(
                    f"{name}: PEs must differ in the {operand} words that they keep"
                    f" (got {dim} across the array, on which these do not depend)"
                )
        if operand != "psum":
            _check_order(mapping, operand)


def _check_order(mapping: Mapping, operand: Operand) -> None:
    """Refuse a loop over anything else between two loops over one dimension of *operand*, which PEs keep.

    In the ragged rest of the outer one the inner one may stand still, so that the words stay where they are.
    """
    around: set[Dim] = set()
    between: dict[Dim, Loop] = {}
    for _, loop in _iterating(mapping):
        if loop.dim not in DIMS[operand]:
            between |= dict.fromkeys(around, loop)
        elif loop.dim in between:
            raise LegalityError(
                f"{mapping.layer.name}: nothing else may lie between two loops over {loop.dim}, since PEs"
                f" keep {operand} words (got {between[loop.dim].dim})"
            )
        else:
            around.add(loop.dim)


def _iterating(mapping: Mapping) -> Iterator[tuple[int, Loop]]:
    """The loops around a pass that take more than one step, outermost first, and their places among all."""
    size = extents(mapping.layer)
    for i, loop in enumerate(mapping.temporal):
        if loop.step < size[loop.dim]:
            size[loop.dim] = loop.step
            yield i, loop


def _in_a_pass(mapping: Mapping, dim: Dim) -> int:
    """The extent of *dim* in a whole pass."""
    return min(
        (loop.step for loop in mapping.temporal if loop.dim == dim), default=extents(mapping.layer)[dim]
    )
