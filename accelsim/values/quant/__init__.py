"""Quantisers: tensors of reals as codes of few bits, the values behind them, and a scale.

To add a quantiser of weights, write one file with one frozen dataclass that meets :class:`Quantiser`, give
it a ``kind`` of its own, and name it in ``AnyQuantiser``; descriptions accept it from there. Quantisers of
ifmaps meet :class:`ActivationQuantiser` and are named in ``AnyActivation``.
"""

from accelsim.values.quant.activations import (
    AnyActivation,
    DorefaActivation,
    FloatActivation,
    LinearActivation,
    SignActivation,
)
from accelsim.values.quant.binary import BinaryWeights
from accelsim.values.quant.codebook import CodebookWeights, codebook_rate
from accelsim.values.quant.dorefa import DorefaWeights
from accelsim.values.quant.five_level import FiveLevelWeights
from accelsim.values.quant.floating import FloatWeights
from accelsim.values.quant.huffman import Huffman, entropy
from accelsim.values.quant.kernels import KernelWeights
from accelsim.values.quant.linear import LinearWeights
from accelsim.values.quant.protocol import ActivationQuantiser, Quantised, Quantiser, stored_weight_bits
from accelsim.values.quant.streams import CodeStreams
from accelsim.values.quant.twn import TwnWeights
from accelsim.values.quant.xnor import XnorWeights, input_scale

AnyQuantiser = (
    LinearWeights
    | CodebookWeights
    | BinaryWeights
    | XnorWeights
    | TwnWeights
    | FiveLevelWeights
    | DorefaWeights
    | KernelWeights
    | FloatWeights
)

__all__ = [
    "ActivationQuantiser",
    "AnyActivation",
    "AnyQuantiser",
    "BinaryWeights",
    "CodeStreams",
    "CodebookWeights",
    "DorefaActivation",
    "DorefaWeights",
    "FiveLevelWeights",
    "FloatActivation",
    "FloatWeights",
    "Huffman",
    "KernelWeights",
    "LinearActivation",
    "LinearWeights",
    "Quantised",
    "Quantiser",
    "SignActivation",
    "TwnWeights",
    "XnorWeights",
    "codebook_rate",
    "entropy",
    "input_scale",
    "stored_weight_bits",
]
