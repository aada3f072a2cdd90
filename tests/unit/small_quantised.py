"""A small network of every kind of node with trained weights, and the same in numpy on the codes."""

from pathlib import Path

import numpy as np

import accelsim
from accelsim.network import host_ops
from accelsim.network.convolution import reference_ofmap
from accelsim.network.nodes import Compute, Gemm, operands
from accelsim.values.schemes import schemes_of

RUN = """\
name: small
arch: {arch}
energy: horowitz_45nm
batch: 2
input: {{file: x.npy}}
weights: {{file: w.npz}}
network:
  name: small
  input: [3, 8, 6]
  nodes:
    - {{op: conv, name: A, m: 6, kernel: [3, 2], pad: [1, 0, 2, 1], stride: [1, 2], activation: relu}}
    - {{op: conv, name: DW, m: 6, kernel: 3, pad: 1, groups: depthwise, activation: relu6}}
    - {{op: conv, name: B, input: A, m: 6, kernel: 3, pad: 2, dilation: 2, activation: relu}}
    - {{op: add, name: SUM, inputs: [DW, B]}}
    - {{op: requantise, name: Q, bits: 12}}
    - {{op: concat, name: CAT, inputs: [Q, A]}}
    - {{op: max_pool, name: MAX, kernel: 2, stride: 2, ceil_mode: true}}
    - {{op: conv, name: C, m: 4, kernel: 1, groups: 2, activation: relu}}
    - {{op: gemm, name: QK, inputs: [C, C], groups: 2, transpose: true, activation: relu}}
    - {{op: gemm, name: P, inputs: [QK], cols: 4, activation: relu}}
    - {{op: avg_pool, name: AVG, input: C, kernel: 2, stride: 1}}
    - {{op: lrn, name: LRN}}
    - {{op: fc, name: FC, m: 5}}
datapaths: {datapaths}
"""
"""Every kind of node; what codes without a sign are to hold is not negative."""

WIDE = "{extends: eyeriss, noc: {ifmap: {bits_per_cycle: 32}}}"
"""The chip with a bus that takes a float."""

STEPS = {"DW": 0.01, "C": 0.2}
"""Layers whose ifmaps are calibrated."""

FLOATS = ("float32", "float16", "mixed")


def load(datapaths="int8", text="", arch=WIDE, gains=True, **overrides):
    run = RUN.format(arch=arch, datapaths=datapaths)
    Path("run.yaml").write_text(run + text, encoding="utf-8")
    if not Path("w.npz").exists():
        write_weights(accelsim.load("run.yaml", weights="random"), gains)
    return accelsim.load("run.yaml", **overrides)


def write_input():
    """Two images."""
    np.save("x.npy", np.random.default_rng(0).random((2, 3, 8, 6)).astype(np.float32))


def write_weights(experiment, gains):
    """Trained parameters as a file has them: some layers with a gain, an offset or a step, some without."""
    rng, arrays = np.random.default_rng(1), {}
    for node in experiment.network.nodes:
        layer = experiment.network.layers().get(node.name)
        if layer is None or (isinstance(node, Gemm) and node.of_activations):
            continue
        taps = np.prod(layer.weight_shape[1:])
        arrays[f"{layer.name}.weight" if layer.name != "B" else "B"] = rng.normal(
            0, 1 / np.sqrt(taps), layer.weight_shape
        )
        if gains and layer.name in ("A", "DW", "FC"):
            arrays[f"{layer.name}.gain"] = rng.uniform(0.5, 2, layer.m)
            arrays[f"{layer.name}.offset"] = rng.normal(0, 0.3, layer.m)
        if gains and layer.name in STEPS:
            arrays[f"{layer.name}.ifmap_scale"] = np.float64(STEPS[layer.name])
    np.savez("w.npz", **arrays)


def parameters(name, layer):
    """Weights, gain, offset and step of *layer*, with what stands for those the file has not."""
    with np.load("w.npz") as held:
        arrays = {key: held[key] for key in held.files}
    weight = arrays.get(f"{name}.weight", arrays.get(name))
    gain, offset = (arrays.get(f"{name}.{part}") for part in ("gain", "offset"))
    step = arrays.get(f"{name}.ifmap_scale")
    return (
        weight,
        np.ones(layer.m) if gain is None else gain,
        np.zeros(layer.m) if offset is None else offset,
        None if step is None else float(step),
    )


def convolution(layer, x, w):
    """``reference``, or of floats the same in float64."""
    if x.dtype.kind in "iu":
        return reference_ofmap(layer, x, w)
    x, out = layer.padded(x).astype(np.float64), np.zeros(layer.ofmap_shape)
    (uy, ux), (dy, dx) = layer.stride, layer.dilation
    for m in range(layer.m):
        first = m // layer.group_m * layer.group_c
        for c, r, s in np.ndindex(*layer.weight_shape[1:]):
            rows = slice(r * dy, r * dy + uy * (layer.e - 1) + 1, uy)
            columns = slice(s * dx, s * dx + ux * (layer.f - 1) + 1, ux)
            out[:, m] += x[:, first + c, rows, columns] * float(w[m, c, r, s])
    return out


def replay(experiment):
    """The network in numpy: psums of every layer, and the reals that nodes give each other."""
    settings, network = experiment.settings, experiment.network
    layers, sources, shapes = network.layers(settings.batch), network.sources(), network.shapes()
    schemes = schemes_of(settings.datapaths, layers)
    reals, psums = {"input": np.load("x.npy").astype(np.float64)}, {}
    for node in network.nodes:
        inputs = [reals[source] for source in sources[node.name]]
        if not isinstance(node, Compute):
            reals[node.name] = host_ops.apply(node, inputs)
            continue
        layer, scheme = layers[node.name], schemes[node.name]
        weight, gain, offset, step = parameters(node.name, layer)
        x, w = operands(node, layer, inputs, weight)
        x, w = scheme.ifmap(x, step), scheme.weights(w)
        psums[node.name] = convolution(layer, x.values, w.values)
        scale = np.broadcast_to(w.scale, (layer.m, 1, 1, 1))[:, 0] * x.scale
        out = psums[node.name] * scale * gain[:, None, None] + offset[:, None, None]
        out = out if node.activation == "none" else np.maximum(out, 0)
        out = np.minimum(out, 6) if node.activation == "relu6" else out
        reals[node.name] = out.reshape(settings.batch, *shapes[node.name])
    return psums, reals
