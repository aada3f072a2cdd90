"""The digits network in PyTorch, quantised as it runs, with gradients straight through the quantisers."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F

from accelsim.network.layer import FloatArray
from accelsim.studies.digits.inference import PAD, POOLED
from accelsim.studies.digits.parameters import Parameters
from accelsim.studies.digits.schemes import NetworkScheme
from accelsim.values.quant import AnyActivation, AnyQuantiser, DorefaActivation, LinearActivation
from accelsim.values.schemes import rescaled

WEIGHT_SHAPES = {
    "CONV1": (16, 1, 3, 3),
    "CONV2": (32, 16, 3, 3),
    "CONV3": (32, 32, 3, 3),
    "FC": (10, 32, 2, 2),
}
EPSILON = 1e-5
"""What keeps a variance from zero."""


@dataclass
class LearntLayer:
    """What one layer learns, in float32, and what its batch norm has seen."""

    weight: torch.Tensor  # (M, C, R, S)
    gamma: torch.Tensor  # (M,)
    beta: torch.Tensor  # (M,)
    mean: torch.Tensor  # (M,), of the psums
    variance: torch.Tensor  # (M,)
    ifmap_scale: float = 1.0

    @property
    def learnt(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The tensors that gradients change: weight, gamma and beta."""
        return self.weight, self.gamma, self.beta

    def folded(self) -> Parameters:
        """The layer as the machine has it, with batch norm as a gain and an offset."""
        gain = self.gamma / torch.sqrt(self.variance + EPSILON)
        offset = self.beta - self.mean * gain
        return Parameters(_array(self.weight), _array(gain), _array(offset), self.ifmap_scale)


def fresh() -> dict[str, LearntLayer]:
    """Layers that have learnt nothing: He's normal weights from the seeded generator of PyTorch."""
    layers = {}
    for name, shape in WEIGHT_SHAPES.items():
        weight = torch.nn.init.kaiming_normal_(torch.empty(shape), nonlinearity="relu")
        m = shape[0]
        layers[name] = LearntLayer(weight, torch.ones(m), torch.zeros(m), torch.zeros(m), torch.ones(m))
    return layers


def forward(
    layers: dict[str, LearntLayer], scheme: NetworkScheme, images: torch.Tensor, momentum: float | None
) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    """Logits ``(N, 10)`` and the ifmap of every layer, for *images* ``(N, 1, 8, 8)``.

    Batch norm takes the statistics of the batch and remembers them at the rate *momentum*; with None it goes
    by those that it remembers.
    """
    ifmaps = {}
    ofmap = images
    for name, layer in layers.items():
        ifmaps[name], own = ofmap, scheme.layers[name]
        weight = quantised_weight(layer, own.weights)
        codes = coded(ofmap, own.ifmap, scheme.step(name, layer.ifmap_scale))
        ofmap = F.conv2d(codes, weight, padding=PAD[name])
        ofmap = F.batch_norm(
            ofmap,
            layer.mean,
            layer.variance,
            layer.gamma,
            layer.beta,
            training=momentum is not None,
            momentum=momentum or 0.0,
            eps=EPSILON,
        )
        if own.relu:
            ofmap = F.relu(ofmap)
        if name in POOLED:
            ofmap = F.max_pool2d(ofmap, 2)
    return ofmap.flatten(1), ifmaps


def quantised_weight(layer: LearntLayer, quantiser: AnyQuantiser) -> torch.Tensor:
    """The reals that the quantised weights of *layer* stand for."""
    return _straight(layer.weight, quantiser(_array(layer.weight)).reals)


def coded(ifmap: torch.Tensor, quantiser: AnyActivation, step: float) -> torch.Tensor:
    """The reals that the codes of *ifmap*, *step* apart, stand for; no gradient for what saturates.

    Between -1 and 1 the sign has the gradient of its input (Courbariaux et al., "Binarized neural networks",
    NIPS 2016, section 1.3).
    """
    reals = quantiser(_array(ifmap), step).reals
    if quantiser.kind == "float":
        return _straight(ifmap, reals)
    least, most = (float(end) for end in quantiser.extremes[[0, -1]])
    unit = step if quantiser.kind == "linear" else 1 / most
    return _straight(ifmap.clamp(unit * least, unit * most), reals)


def step_of(quantiser: AnyActivation, ifmap_scale: float, bits: int) -> float:
    """The step at which *quantiser* spans what unsigned codes of *bits* do at *ifmap_scale*."""
    if isinstance(quantiser, DorefaActivation):
        return 1 / quantiser.last
    return rescaled(ifmap_scale, bits, quantiser) if isinstance(quantiser, LinearActivation) else 1.0


def _straight(tensor: torch.Tensor, reals: FloatArray) -> torch.Tensor:
    """Exactly *reals*, in float32, with the gradient of *tensor*."""
    return torch.from_numpy(reals.astype(np.float32)) + (tensor - tensor.detach())


def _array(tensor: torch.Tensor) -> FloatArray:
    array: FloatArray = tensor.detach().numpy().astype(np.float64)
    return array
