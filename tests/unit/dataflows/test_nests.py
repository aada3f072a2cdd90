"""What nests of single MACs ask of a machine, and bounds that ragged folds must not break."""

from dataclasses import replace

import pytest

from accelsim.engines import reference
from accelsim.engines.fast import layer as fast
from accelsim.errors import LegalityError
from accelsim.machine import PE, Arch, Banks, LocalLink, NoC, PEArray, QueuedBus, SplitRF, WeightBus
from accelsim.network.layer import Layer
from accelsim.program.jobs import make_program
from dataflows.input_stationary import InputStationary
from dataflows.nests.steps import few_blocks
from dataflows.no_local_reuse import NoLocalReuse
from dataflows.output_stationary_gemm import OutputStationaryGemm
from dataflows.output_stationary_moc_sop import OutputStationaryMocSop
from dataflows.row_stationary import RowStationary
from dataflows.weight_stationary import WeightStationary
from dataflows.weight_stationary_gemm import WeightStationaryGemm

WIDE = QueuedBus(16 * 1024, 0, 8)
CHIP = Arch(
    name="wide",
    clock_hz=100,
    array=PEArray(64, 64),
    rf=SplitRF("split", 64, 64, 64),
    pe=PE(1),
    noc=NoC(WeightBus(16 * 1024, 0, 8), WIDE, WIDE, WIDE, LocalLink(0, 4)),
    glb=Banks(1 << 20, 2),
    filter_glb="glb",
    dram="ideal",
)
SYSTOLIC = replace(CHIP, array=PEArray(64, 64, interconnect="systolic", fold_length="used"))
LAYER = Layer("small", m=4, c=3, h=4, w=4, r=3, s=3)


@pytest.mark.parametrize(
    "choice, layer",
    [
        (WeightStationaryGemm(t=2, m=64, k=1), Layer("ws", m=65, c=1, h=2, w=1, r=1, s=1)),
        (InputStationary(t=65, k=1, e=64), Layer("is", m=2, c=1, h=65, w=1, r=1, s=1)),
        (OutputStationaryGemm(t=65, m=64, e=64), Layer("os", m=65, c=2, h=65, w=1, r=1, s=1)),
    ],
    ids=lambda x: x.name if isinstance(x, Layer) else "",
)
def test_a_ragged_fold_of_its_own_length_is_never_bounded_by_that_of_a_whole_one(choice, layer):
    sizes = {name: getattr(choice, name) for name in choice.__dataclass_fields__}
    floor = int(type(choice).space(layer, SYSTOLIC).at(sizes).floor_cycles.ravel()[0])
    cycles = fast.simulate(make_program(choice.map(layer, SYSTOLIC), SYSTOLIC), None).cycles
    assert 0.5 * cycles < floor <= cycles


@pytest.mark.parametrize("cls", [NoLocalReuse, OutputStationaryMocSop, OutputStationaryGemm, InputStationary])
def test_weights_that_are_streamed_again_need_a_memory(cls):
    ones = cls(**{name: 1 for name in cls.__dataclass_fields__})
    with pytest.raises(LegalityError, match="filter_glb of wide must hold weights, to be read again"):
        ones.map(LAYER, replace(CHIP, filter_glb=None))


def test_only_weight_stationary_can_stream_its_ifmap():
    streaming = replace(CHIP, ifmap_via_glb=False, filter_glb=None)
    WeightStationary(r=1, t=1, f=1).map(LAYER, streaming)
    for one in (RowStationary(m=1, n=1, e=1, p=1, q=1, r=1, t=1), WeightStationaryGemm(t=1, m=1, k=1)):
        with pytest.raises(LegalityError, match="ifmap_via_glb of wide must be true, for words read again"):
            one.map(LAYER, streaming)


@pytest.mark.parametrize(
    "choice",
    [
        NoLocalReuse(n=1, m=1, p=1, q=1, e=1, f=1),
        WeightStationary(r=1, t=1, f=1),
        RowStationary(m=1, n=1, e=1, p=1, q=1, r=1, t=1),
    ],
)
def test_words_for_one_pe_alone_cannot_hop_to_it(choice):
    with pytest.raises(LegalityError, match=r"array.interconnect of wide must be multicast.*got systolic"):
        choice.map(LAYER, SYSTOLIC)


@pytest.mark.parametrize("engine", [fast.simulate, reference.simulate])
def test_over_private_wires_every_delivery_is_a_read(engine):
    private = replace(CHIP, noc=replace(CHIP.noc, weight=replace(CHIP.noc.weight, wires="private")))
    layer = replace(LAYER, n=2)
    did = engine(
        make_program(OutputStationaryMocSop(m=4, n=2, p=4).map(layer, private), private), None
    ).actions
    assert did["glb.read:weight"] == did["noc.wire:weight"] == layer.macs


@pytest.mark.parametrize("size", [1, 7, 12, 169, 3025])
def test_twice_the_pixels_can_be_cut_into_the_same_blocks(size):
    assert set(few_blocks(size)) <= set(few_blocks(2 * size))
