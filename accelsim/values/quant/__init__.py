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
from accelsim.values.quant.binary import Binary
from accelsim.values.quant.codebook import Codebook, codebook_rate
from accelsim.values.quant.dorefa import Dorefa
from accelsim.values.quant.five_level import FiveLevel
from accelsim.values.quant.floating import Float
from accelsim.values.quant.huffman import Huffman, entropy
from accelsim.values.quant.kernels import Kernels
from accelsim.values.quant.linear import Linear
from accelsim.values.quant.protocol import ActivationQuantiser, FloatArray, Quantised, Quantiser, weight_bits
from accelsim.values.quant.streams import Streams
from accelsim.values.quant.twn import Twn
from accelsim.values.quant.xnor import Xnor, input_scale

AnyQuantiser = Linear | Codebook | Binary | Xnor | Twn | FiveLevel | Dorefa | Kernels | Float

__all__ = [
    "ActivationQuantiser",
    "AnyActivation",
    "AnyQuantiser",
    "Binary",
    "Codebook",
    "Dorefa",
    "DorefaActivation",
    "FiveLevel",
    "Float",
    "FloatActivation",
    "FloatArray",
    "Huffman",
    "Kernels",
    "Linear",
    "LinearActivation",
    "Quantised",
    "Quantiser",
    "SignActivation",
    "Streams",
    "Twn",
    "Xnor",
    "codebook_rate",
    "entropy",
    "input_scale",
    "weight_bits",
]
