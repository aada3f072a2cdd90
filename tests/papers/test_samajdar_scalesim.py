"""Samajdar et al., "SCALE-Sim: systolic CNN accelerator simulator", arXiv:1811.02883, and ISPASS 2020.

Numbers of that simulator, version 2: compute cycles and SRAM accesses of output (os), weight (ws) and input
stationary (is) on systolic arrays without stalls, folds one after the other. Psums of its output stationary
leave while the next fold starts. It rounds ofmaps up and knows no padding; here that is padding at the bottom
and on the right, stored so that it counts.
"""

from functools import cache

import pytest

from accelsim.network.layer import Layer, gemm
from tests.papers.scalesim import FLOWS, array, simulated

# R, C; ofmap pixels, taps of a window, filters; compute cycles of os, ws, is.
SMALL = [
    ((4, 4), (8, 6, 8), (48, 72, 72)),
    ((8, 8), (25, 27, 8), (164, 188, 480)),
    ((4, 8), (16, 10, 16), (160, 180, 180)),
    ((8, 4), (16, 10, 16), (160, 272, 272)),
    ((16, 16), (64, 18, 16), (192, 220, 496)),
    ((4, 4), (3, 5, 2), (11, 26, 24)),
]

# Height and width of the ifmap, and of the filters; channels, filters, stride; height and width of the ofmap.
ALEXNET = {
    "Conv1": (224, 11, 3, 96, 4, 55),
    "Conv2": (27, 5, 96, 256, 1, 23),
    "Conv3": (13, 3, 256, 384, 1, 11),
    "Conv4": (13, 3, 384, 384, 1, 11),
    "Conv5": (13, 3, 384, 256, 1, 11),
}

# Folds, compute cycles, mapping efficiency in percent; SRAM reads of ifmap and filters, writes of ofmap.
PEER = {
    ("is", 12, 14): {
        "Conv1": (6727, 887964, 97.1631, 1098075, 7562016, 9002400),
        "Conv2": (7600, 2219200, 99.4361, 1269600, 23347200, 27084800),
        "Conv3": (1728, 725760, 96.0317, 278784, 7962624, 8921088),
        "Conv4": (2592, 1088640, 96.0317, 418176, 11943936, 13381632),
        "Conv5": (2592, 756864, 96.0317, 418176, 7962624, 8921088),
    },
    ("is", 16, 16): {
        "Conv1": (4370, 620540, 98.1546, 1098075, 6621120, 6679200),
        "Conv2": (5100, 1540200, 97.2426, 1269600, 20889600, 20313600),
        "Conv3": (1152, 495360, 94.5312, 278784, 7077888, 6690816),
        "Conv4": (1728, 743040, 94.5312, 418176, 10616832, 10036224),
        "Conv5": (1728, 521856, 94.5312, 418176, 7077888, 6690816),
    },
    ("os", 12, 14): {
        "Conv1": (1771, 685377, 97.6043, 7686525, 8816544, 336446),
        "Conv2": (855, 2072520, 94.2801, 24122400, 27648000, 157654),
        "Conv3": (308, 717024, 89.7959, 7805952, 9732096, 54472),
        "Conv4": (308, 1071840, 89.7959, 11708928, 14598144, 54472),
        "Conv5": (209, 727320, 88.2206, 7945344, 9732096, 36410),
    },
    ("os", 16, 16): {
        "Conv1": (1140, 448020, 99.5066, 6588450, 6621120, 326880),
        "Conv2": (544, 1321920, 97.2426, 20313600, 20889600, 152832),
        "Conv3": (192, 448128, 94.5312, 6690816, 7077888, 52608),
        "Conv4": (192, 669312, 94.5312, 10036224, 10616832, 52608),
        "Conv5": (128, 446208, 94.5312, 6690816, 7077888, 35072),
    },
    ("ws", 12, 14): {
        "Conv1": (217, 664237, 95.5892, 7686525, 34848, 9002400),
        "Conv2": (3800, 2147000, 96.2406, 24122400, 614400, 27084800),
        "Conv3": (5376, 844032, 97.9592, 7805952, 884736, 8921088),
        "Conv4": (8064, 1266048, 97.9592, 11708928, 1327104, 13381632),
        "Conv5": (5472, 859104, 96.2406, 7945344, 884736, 8921088),
    },
    ("ws", 16, 16): {
        "Conv1": (138, 423798, 98.6413, 6588450, 34848, 6679200),
        "Conv2": (2400, 1380000, 100.0000, 20313600, 614400, 20313600),
        "Conv3": (3456, 577152, 100.0000, 6690816, 884736, 6690816),
        "Conv4": (5184, 865728, 100.0000, 10036224, 1327104, 10036224),
        "Conv5": (3456, 577152, 100.0000, 6690816, 884736, 6690816),
    },
}
# Output stationary by the equation of the paper, in which psums leave before the next fold starts.
SMALL_BY_EQUATION = (64, 196, 192, 224, 256, 15)
BY_EQUATION = {
    (12, 14): (706629, 2082780, 720720, 1075536, 729828),
    (16, 16): (466260, 1330624, 451200, 672384, 448256),
}
CASES = [(flow, rows, cols, name) for flow, rows, cols in PEER for name in ALEXNET]
every_case = pytest.mark.parametrize("flow, rows, cols, name", CASES)


def conv(name):
    """The layer with its ofmap rounded up."""
    size, taps, channels, filters, stride, ofmap = ALEXNET[name]
    pad = (ofmap - 1) * stride + taps - size
    return Layer(
        name,
        m=filters,
        c=channels,
        h=size,
        w=size,
        r=taps,
        s=taps,
        stride=(stride, stride),
        pad=(0, pad, 0, pad),
    )


@cache
def alexnet(flow, rows, cols, name):
    return simulated(flow, conv(name), array(rows, cols))


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("size, product, cycles", SMALL)
def test_compute_cycles_of_small_products(size, product, cycles, flow):
    pixels, taps, filters = product
    layer = gemm("product", rows=pixels, inner=taps, cols=filters)
    _, outcome = simulated(flow, layer, array(*size))
    assert outcome.array_cycles == cycles[FLOWS.index(flow)]


@pytest.mark.parametrize("case, cycles", list(zip(SMALL, SMALL_BY_EQUATION, strict=True)))
def test_output_stationary_of_small_products_by_the_equation(case, cycles):
    size, (pixels, taps, filters), _ = case
    layer = gemm("product", rows=pixels, inner=taps, cols=filters)
    _, outcome = simulated("os", layer, array(*size, drain="serial"))
    assert outcome.array_cycles == cycles


@pytest.mark.parametrize("size", BY_EQUATION)
@pytest.mark.parametrize("name", ALEXNET)
def test_output_stationary_of_alexnet_by_the_equation(size, name):
    _, outcome = simulated("os", conv(name), array(*size, drain="serial"))
    assert outcome.array_cycles == BY_EQUATION[size][list(ALEXNET).index(name)]


@every_case
def test_compute_cycles_of_alexnet(flow, rows, cols, name):
    program, outcome = alexnet(flow, rows, cols, name)
    folds, cycles, *_ = PEER[flow, rows, cols][name]
    assert (len(program.jobs), outcome.array_cycles) == (folds, cycles)


@every_case
def test_mapping_efficiency_of_alexnet(flow, rows, cols, name):
    """MACs over PEs and steps, where a step of a fold is a MAC of each of its PEs."""
    program, _ = alexnet(flow, rows, cols, name)
    steps = sum(job.work.tile.macs // program.plans[job.shape].pes.size for job in program.jobs)
    efficiency = 100 * program.layer.macs / (rows * cols * steps)
    assert round(efficiency, 4) == PEER[flow, rows, cols][name][2]


@every_case
def test_words_of_alexnet_between_sram_and_array(flow, rows, cols, name):
    """Word for word, save that the peer writes R + C more in every fold of output stationary."""
    _, outcome = alexnet(flow, rows, cols, name)
    folds, _, _, ifmap, filters, ofmap = PEER[flow, rows, cols][name]
    surplus = folds * (rows + cols) if flow == "os" else 0
    assert outcome.actions["glb.read:ifmap"] == ifmap
    assert outcome.actions["glb.read:weight"] == filters
    assert outcome.actions["noc.collect:psum"] + surplus == ofmap
