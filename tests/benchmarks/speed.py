"""How fast: simulated PE cycles a second, beside a plain numpy/BLAS convolution of the same layers.

Run ``OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.speed`` for one core. Times are of one machine
on one day, the ratios are of one run.
"""

import resource
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, TypeVar

import numpy as np

import accelsim
from accelsim.engines.fast.kernels import run_dense
from accelsim.engines.fast.schedule import all_words
from accelsim.engines.simulate import Values, make, simulate
from accelsim.network.layer import IntArray, Layer
from accelsim.run.activations.integers import fit_store
from accelsim.run.experiment import Experiment

T = TypeVar("T")

WORD_BITS = 16


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """Seconds that *call* takes, and what it gives."""
    begin = time.perf_counter()
    result = call()
    return time.perf_counter() - begin, result


def blas_convolution(layer: Layer, ifmap: IntArray, weight: IntArray) -> IntArray:
    """The whole layer as one im2col and one float64 matrix product per group and image."""
    x = layer.padded(ifmap).astype(np.float64)
    w = weight.astype(np.float64).reshape(layer.groups, layer.group_m, -1)
    (uy, ux), (dy, dx) = layer.stride, layer.dilation
    windows = np.lib.stride_tricks.sliding_window_view(
        x, (dy * (layer.r - 1) + 1, dx * (layer.s - 1) + 1), axis=(2, 3)
    )[:, :, ::uy, ::ux, ::dy, ::dx]
    out = np.empty(layer.ofmap_shape)
    for n in range(layer.n):
        for g in range(layer.groups):
            c = slice(g * layer.group_c, (g + 1) * layer.group_c)
            columns = windows[n, c].transpose(0, 3, 4, 1, 2).reshape(w.shape[2], -1)
            out[n, g * layer.group_m : (g + 1) * layer.group_m] = (w[g] @ columns).reshape(
                layer.group_m, layer.e, layer.f
            )
    return out.astype(np.int64)


def random_operands(layer: Layer) -> tuple[IntArray, IntArray]:
    """16-bit values of *layer*'s shapes, half of the ifmap zeros."""
    rng = np.random.default_rng(0)
    ifmap = rng.integers(0, 2**15, layer.ifmap_shape) * rng.integers(0, 2, layer.ifmap_shape)
    return ifmap, rng.integers(-(2**15), 2**15, layer.weight_shape)


def forget() -> None:
    """Nothing evaluated before may help."""
    run_dense.cache_clear()
    all_words.cache_clear()


def simulated_ofmap(
    experiment: Experiment, layer: Layer, choice: Mapping[str, int], values: Values
) -> IntArray | None:
    """Map and simulate one layer; its psums."""
    dataflow: Any = experiment.plans.cls
    program = make(dataflow(**choice).map(layer, experiment.arch), experiment.arch, values)
    return simulate(program, values)[0].ofmap


def compare(title: str, experiment: Experiment) -> Iterator[str]:
    """Lines on one experiment: its run, then its layers alone beside plain convolutions of the same values.

    The run makes tensors, maps, simulates and requantises; the layers alone are mapped and simulated.
    """
    forget()
    whole, result = timed(experiment.run)
    forget()
    layers = experiment.network.layers(experiment.settings.batch)
    simulated = plain = 0.0
    for one in result.layers:
        layer = layers[one.name]
        ifmap, weight = random_operands(layer)
        values = Values(layer.padded(ifmap), weight, lambda psums: fit_store(psums, WORD_BITS, "relu"))
        seconds, ofmap = timed(partial(simulated_ofmap, experiment, layer, one.choice, values))
        simulated += seconds
        seconds, expected = timed(partial(blas_convolution, layer, ifmap, weight))
        plain += seconds
        np.testing.assert_array_equal(ofmap, expected)
    pe_cycles = sum(one.pes * one.cycles for one in result.layers)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    yield f"{title}: {pe_cycles / 1e9:.2f} G PE-cycles, values exact"
    yield f"  whole run {whole:.2f} s, {pe_cycles / whole / 1e9:.2f} G PE-cycles/s"
    yield f"  layers alone {simulated:.2f} s, {pe_cycles / simulated / 1e9:.2f} G PE-cycles/s"
    yield f"  plain numpy/BLAS convolutions {plain:.2f} s; ratio {simulated / plain:.2f}; peak {peak:.2f} GB"


def skipping(title: str, experiment: Experiment) -> Iterator[str]:
    """Lines on a run whose passes all differ, since their values decide how long they take."""
    forget()
    seconds, result = timed(experiment.run)
    total = result.total
    done = total.actions["mac.multiply_add:psum"] / total.macs
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    yield f"{title}: {total.pes * total.cycles / 1e9:.2f} G PE-cycles, {100 * done:.1f} % of the MACs done"
    yield f"  whole run {seconds:.2f} s, {total.pes * total.cycles / seconds / 1e6:.0f} M PE-cycles/s,"
    yield f"  {total.macs / seconds / 1e6:.0f} M MACs/s with those skipped; peak {peak:.2f} GB"


def main() -> None:
    """Print the benchmark lines."""
    accelsim.load("eyeriss_lenet5").run()  # imports and caches
    for title, experiment in (
        ("AlexNet CONV1-5, N=4, ideal DRAM", accelsim.load("eyeriss_alexnet", arch__dram="ideal")),
        ("AlexNet CONV1-5, N=4, real link and RLC", accelsim.load("eyeriss_alexnet")),
        ("VGG-16 CONV1_1-5_3, N=1, search included", accelsim.load("eyeriss_vgg16")),
    ):
        print(*compare(title, experiment), sep="\n")
    pruned = accelsim.load("alexnet_pruned")
    print(*skipping("AlexNet CONV1-5, N=1, pruned, zeros skipped, search included", pruned), sep="\n")


if __name__ == "__main__":
    main()
