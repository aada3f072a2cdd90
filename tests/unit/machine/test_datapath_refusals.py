"""What a datapath cannot do is refused: values it does not know, sizes, machines and dataflows."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from accelsim.errors import ConfigError, LegalityError
from accelsim.machine import PE, Sparsity
from accelsim.machine.datapath import (
    AnyDatapath,
    Codebook,
    CodebookProducts,
    CodebookSums,
    FiveLevel,
    Integer,
    ProductLut,
    Repeated,
    Xnor,
)
from accelsim.network.layer import Layer, Tensor
from dataflows.row_stationary import RowStationary
from tests.laws.datapath_cases import DATAPATHS
from tests.laws.stream_cases import ALL, ones
from tests.unit.small_machine import chip

LAYER = Layer("small", m=4, c=2, h=5, w=5, r=2, s=2, pad=(0, 1, 0, 0))


def one(*values: float, kind: Any = None) -> Tensor:
    """An array of *values*."""
    return np.array(values, kind)


REFUSED: dict[str, tuple[AnyDatapath, Tensor, Tensor, str]] = {
    "wide": (
        DATAPATHS["integer"],
        one(0, 16),
        one(1),
        "ifmap words of this datapath must be in -16..15 (got 0..16)",
    ),
    "wide weight": (
        DATAPATHS["integer"],
        one(1),
        one(-5),
        "weights of this datapath must be in -4..3 (got -5..-5)",
    ),
    "float": (
        DATAPATHS["integer"],
        one(0),
        one(0.5),
        "weights of this datapath must be integers (got float64)",
    ),
    "negative": (
        DATAPATHS["odd integer"],
        one(-1, 0),
        one(1),
        "ifmap words of this datapath must be in 0..3 (got -1..0)",
    ),
    "even": (
        DATAPATHS["odd integer"],
        one(1),
        one(3, 2),
        "weights of this datapath must be odd (got an even one)",
    ),
    "far": (DATAPATHS["odd integer"], one(1), one(5), "weights of this datapath must be in -3..3 (got 5..5)"),
    "no address": (
        DATAPATHS["product_lut"],
        one(0),
        one(4),
        "weights of this datapath must be in -4..3 (got 4..4)",
    ),
    "no code": (
        Codebook(kind="codebook", codebook_bits=2),
        one(0),
        one(1, 2, 3, 4, 5, 5),
        "weights must have at most 4 values (got 5)",
    ),
    "no value": (
        DATAPATHS["codebook"],
        one(0),
        one(512),
        "weights of this datapath must be in -512..511 (got 512..512)",
    ),
    "zero": (
        DATAPATHS["binary"],
        one(0),
        one(1, 0),
        "weights of this datapath must be among [-1, 1] (got 0)",
    ),
    "two": (DATAPATHS["ternary"], one(0), one(2), "weights of this datapath must be in -1..1 (got 2..2)"),
    "three": (
        DATAPATHS["five_level"],
        one(0),
        one(3),
        "weights of this datapath must be in -2..2 (got 3..3)",
    ),
    "no sign": (
        DATAPATHS["xnor"],
        one(1, 0),
        one(1),
        "ifmap words of this datapath must be among [-1, 1] (got 0)",
    ),
    "no sign of a weight": (
        DATAPATHS["xnor"],
        one(1),
        one(1, 0),
        "weights of this datapath must be among [-1, 1] (got 0)",
    ),
    "zero in a kernel": (
        DATAPATHS["repeated_kernels"],
        one(0),
        one(0, 1),
        "weights of this datapath must be among [-1, 1] (got 0)",
    ),
    "wide kernel": (
        DATAPATHS["repeated integer kernels"],
        one(0),
        one(2),
        "weights of this datapath must be in -2..1 (got 2..2)",
    ),
    "other floats": (
        DATAPATHS["mixed"],
        one(1, kind=np.float32),
        one(1, kind=np.float16),
        "ifmap words of this datapath must be float16 (got float32)",
    ),
    "integers": (
        DATAPATHS["float32"],
        one(1, kind=np.float32),
        one(1),
        "weights of this datapath must be float32 (got int64)",
    ),
    "infinite": (
        DATAPATHS["float32"],
        one(1, kind=np.float32),
        one(np.inf, kind=np.float32),
        "weights must be finite (got an infinity or NaN)",
    ),
}


@pytest.mark.parametrize("why", REFUSED)
def test_values_that_a_datapath_does_not_know_are_refused(why: str) -> None:
    datapath, ifmap, weight, message = REFUSED[why]
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        datapath.check(ifmap, weight, 16)


@pytest.mark.parametrize(
    "cls, kind, sizes, message",
    [
        (Integer, "integer", {"weight_bits": 1}, "weight_bits must be at least 2 (got 1)"),
        (
            Integer,
            "integer",
            {"weight_bits": 0, "odd_weights": True},
            "weight_bits must be at least 1 (got 0)",
        ),
        (Integer, "integer", {"ifmap_bits": 0}, "ifmap_bits must be at least 1 (got 0)"),
        (
            ProductLut,
            "product_lut",
            {"weight_bits": 4},
            "ifmap_bits must be given for a table of products (got null)",
        ),
        (
            ProductLut,
            "product_lut",
            {"ifmap_bits": 11, "weight_bits": 10},
            "ifmap_bits + weight_bits must be in 2..20, both at least 1 (got 11 + 10)",
        ),
        (Codebook, "codebook", {"codebook_bits": 17}, "codebook_bits must be in 1..16 (got 17)"),
        (CodebookSums, "codebook_sums", {"codebook_bits": 0}, "codebook_bits must be in 1..16 (got 0)"),
        (
            CodebookProducts,
            "codebook_products",
            {"codebook_bits": 2, "value_bits": 1},
            "value_bits must be at least 2",
        ),
        (Xnor, "xnor", {"lanes": 0}, "lanes must be at least 1 (got 0)"),
        (Repeated, "repeated_kernels", {"weight_bits": 0}, "weight_bits must be at least 1 (got 0)"),
    ],
)
def test_sizes_that_cannot_be_are_refused(cls: Any, kind: str, sizes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        cls(kind=kind, **sizes)


@pytest.mark.parametrize("p, needs", [(1, None), (2, 32), (4, 64)])
def test_sums_by_code_must_fit_the_psum_spad(p: int, needs: int | None) -> None:
    """16 of a word each for every psum; 48 bytes hold 24."""
    arch = chip(datapath=CodebookSums(kind="codebook_sums", codebook_bits=4))
    choice = RowStationary(m=4, n=1, e=1, p=p, q=1, r=1, t=1)
    if needs is None:
        choice.map(LAYER, arch)
        return
    message = f"psum spad, p*16 (words for each psum): needs {needs} words, has 24 ({needs - 24} too many)"
    with pytest.raises(LegalityError, match=re.escape(message)):
        choice.map(LAYER, arch)


TOGETHER = [datapath for datapath in DATAPATHS.values() if not datapath.one_by_one]


@pytest.mark.parametrize("datapath", TOGETHER, ids=lambda datapath: datapath.kind)
@pytest.mark.parametrize("flow", [flow for flow in ALL if flow != "row_stationary"])
def test_only_primitives_are_made_together(flow: str, datapath: AnyDatapath) -> None:
    why = "a PE of single MACs takes one word of each operand a step"
    if flow == "compressed_columns":
        why = "a PE takes one ifmap word after another"
    must = f"datapath of small must make its MACs one by one: {why} (got {datapath.kind})"
    arch, least = chip(datapath=datapath), ones(ALL[flow])
    with pytest.raises(LegalityError, match=f"^{re.escape(must)}$"):
        least.map(LAYER, arch)
    with pytest.raises(LegalityError, match=f"^{re.escape(must)}$"):
        ALL[flow].space(LAYER, arch).at({name: 1 for name in vars(least)})


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"pe": PE(macs_per_cycle=2)}, "datapath.lanes must be 1 with pe.macs_per_cycle (got 32)"),
        (
            {"sparsity": Sparsity(skip="both")},
            "sparsity.skip: xnor does not make its MACs one by one, so that none can be skipped (got both)",
        ),
        (
            {"datapath": FiveLevel(kind="five_level", ifmap_bits=20, packing="word")},
            "datapath.packing: word needs words of at most 16 bits (got 20)",
        ),
    ],
)
def test_machines_that_their_datapath_cannot_be_in_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=f"^{re.escape(message)}$"):
        chip(**{"datapath": Xnor(kind="xnor")} | changes)
