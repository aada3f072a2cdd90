"""What every quantiser of weights owes, whatever its kind."""

import json
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from accelsim.config import build, load_yaml
from accelsim.errors import ConfigError
from accelsim.values.quant import (
    AnyQuantiser,
    BinaryWeights,
    CodebookWeights,
    DorefaWeights,
    FiveLevelWeights,
    FloatWeights,
    KernelWeights,
    LinearWeights,
    TwnWeights,
    XnorWeights,
)

QUANTISERS = [
    LinearWeights("linear", bits=2),
    LinearWeights("linear", bits=8, per="filter"),
    LinearWeights("linear", bits=16),
    CodebookWeights("codebook", codebook_bits=1, density=0.5),
    CodebookWeights("codebook", codebook_bits=3, density=0.4, value_bits=5),
    CodebookWeights("codebook", codebook_bits=2),
    BinaryWeights("binary"),
    BinaryWeights("binary", stochastic=True, seed=3),
    XnorWeights("xnor"),
    TwnWeights("twn"),
    TwnWeights("twn", per="filter"),
    FiveLevelWeights("five_level"),
    FiveLevelWeights("five_level", per="filter"),
    DorefaWeights("dorefa", bits=1),
    DorefaWeights("dorefa", bits=3),
    KernelWeights("kernels", clusters=2, value_bits=6),
    KernelWeights("kernels", clusters=100),
    FloatWeights("float", format="float16"),
    FloatWeights("float", format="float32"),
]
quantisers = pytest.mark.parametrize("quantiser", QUANTISERS, ids=str)
quick = settings(max_examples=20, deadline=None)
weights = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=4, max_dims=4, max_side=4),
    elements=st.floats(-100, 100) | st.sampled_from([0.0, 1.0, -1.0]),
)


def normal(shape=(6, 4, 3, 2), seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def test_every_kind_is_tried():
    assert {type(quantiser) for quantiser in QUANTISERS} == set(get_args(AnyQuantiser))


@quantisers
@quick
@given(tensor=weights)
def test_codes_fit_their_bits_and_name_their_values(quantiser, tensor):
    """One code, one value: of a kernel's code, one kernel."""
    q = quantiser(tensor)
    assert q.codes.dtype == np.int64
    assert q.values.shape == tensor.shape
    assert q.codes.min() >= 0
    assert q.codes.max() < 1 << q.bits
    for code in np.unique(q.codes):
        assert len(np.unique(q.values[q.codes == code], axis=0)) == 1
    np.testing.assert_array_equal(q.reals, np.float64(q.values) * q.scale)


@quantisers
@quick
@given(tensor=weights)
def test_no_value_goes_beyond_the_extremes(quantiser, tensor):
    """Integers stay within them, and are no more; a code, of a kernel one of its values, fits a word."""
    q, extremes = quantiser(tensor), quantiser.extremes
    assert extremes.dtype == q.values.dtype
    if isinstance(quantiser, KernelWeights):
        largest = int(extremes.max())
        assert quantiser.word_bits == largest.bit_length() + 1
    else:
        assert quantiser.word_bits == q.bits
    if extremes.dtype.kind == "i":
        assert extremes.min() <= q.values.min() and q.values.max() <= extremes.max()
    if isinstance(quantiser, CodebookWeights):
        assert len(np.unique(q.values)) <= len(extremes)


def test_extremes_are_reached():
    tensor = np.concatenate([normal((40, 4, 3, 3)), -normal((40, 4, 3, 3))])
    for quantiser in (one for one in QUANTISERS if one.extremes.dtype.kind == "i"):
        values = quantiser(tensor).values
        assert values.max() == quantiser.extremes.max() or values.min() == quantiser.extremes.min()


@quantisers
@quick
@given(tensor=weights)
def test_the_same_tensor_gives_the_same_codes(quantiser, tensor):
    again = quantiser(tensor.copy())
    np.testing.assert_array_equal(quantiser(tensor).codes, again.codes)
    np.testing.assert_array_equal(quantiser(tensor).reals, again.reals)


@quantisers
@quick
@given(tensor=weights)
def test_scales_are_finite_and_there_is_one_for_all_or_for_each_filter(quantiser, tensor):
    scale = quantiser(tensor).scale
    assert scale.dtype == np.float64
    assert np.isfinite(scale).all()
    assert (scale >= 0).all()
    per_filter = isinstance(quantiser, XnorWeights) or getattr(quantiser, "per", "tensor") == "filter"
    assert scale.shape == ((len(tensor), 1, 1, 1) if per_filter else ())


@quantisers
@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(quantiser, wrong):
    tensor = normal()
    tensor[1, 2, 0, 1] = wrong
    with pytest.raises(ConfigError, match=rf"values to quantise must be finite \(got {wrong}\)"):
        quantiser(tensor)


@quantisers
def test_zeros_quantise_without_a_warning(quantiser):
    q = quantiser(np.zeros((2, 3, 2, 2)))
    if not isinstance(quantiser, BinaryWeights | DorefaWeights | XnorWeights):
        assert not q.values.any()
    if isinstance(quantiser, XnorWeights) or quantiser == DorefaWeights("dorefa", bits=1):
        assert not q.reals.any()


@pytest.mark.parametrize(
    "quantiser, bits",
    [  # 6 x 4 kernels of 6 weights
        (LinearWeights("linear", bits=8), 144 * 8 + 32),
        (LinearWeights("linear", bits=8, per="filter"), 144 * 8 + 6 * 32),
        (CodebookWeights("codebook", codebook_bits=3, value_bits=12), 144 * 3 + 8 * 12 + 32),
        (CodebookWeights("codebook", codebook_bits=3, density=0.3), 144 * 3 + 8 * 16 + 32),
        (BinaryWeights("binary"), 144),
        (XnorWeights("xnor"), 144 + 6 * 32),
        (TwnWeights("twn"), 144 * 2 + 32),
        (FiveLevelWeights("five_level", per="filter"), 144 * 3 + 6 * 32),
        (DorefaWeights("dorefa", bits=1), 144 + 32),
        (DorefaWeights("dorefa", bits=4), 144 * 4),
        (KernelWeights("kernels", clusters=5, value_bits=8), 24 * 3 + 5 * 6 * 8 + 32),
        (FloatWeights("float", format="float16"), 144 * 16),
        (FloatWeights("float", format="float32"), 144 * 32),
    ],
    ids=str,
)
def test_total_bits_are_codes_tables_and_scales(quantiser, bits):
    assert quantiser(normal()).total_bits == bits


@quantisers
def test_a_file_describes_it(quantiser, tmp_path):
    path = tmp_path / "quantiser.yaml"
    path.write_text(json.dumps({"weight": vars(quantiser)}))
    assert build(load_yaml(path)["weight"], AnyQuantiser) == quantiser


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: LinearWeights("linear", bits=1), r"bits must be in 2..16 \(got 1\)"),
        (lambda: LinearWeights("linear", bits=17), r"bits must be in 2..16 \(got 17\)"),
        (lambda: CodebookWeights("codebook", codebook_bits=0), r"codebook_bits must be in 1..8 \(got 0\)"),
        (lambda: CodebookWeights("codebook", codebook_bits=9), r"codebook_bits must be in 1..8 \(got 9\)"),
        (
            lambda: CodebookWeights("codebook", codebook_bits=4, value_bits=1),
            r"value_bits must be in 2..16 \(got 1\)",
        ),
        (
            lambda: CodebookWeights("codebook", 4).streams(
                CodebookWeights("codebook", 4)(normal()), index_bits=0
            ),
            r"index_bits must be in 1..16 \(got 0\)",
        ),
        (
            lambda: CodebookWeights("codebook", codebook_bits=4, density=1.5),
            r"density must be in 0..1 \(got 1.5\)",
        ),
        (lambda: BinaryWeights("binary", seed=-1), r"seed must be at least 0 \(got -1\)"),
        (lambda: DorefaWeights("dorefa", bits=0), r"bits must be in 1..16 \(got 0\)"),
        (lambda: KernelWeights("kernels", clusters=1), r"clusters must be in 2..65536 \(got 1\)"),
        (
            lambda: KernelWeights("kernels", clusters=4, value_bits=17),
            r"value_bits must be in 2..16 \(got 17\)",
        ),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ConfigError, match=message):
        make()
