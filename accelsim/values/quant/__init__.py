"""Quantisers: tensors of reals as codes of few bits, the values behind them, and a scale.

To add a quantiser of weights, write one file with one frozen dataclass that meets ``protocol.Quantiser``,
give it a ``kind`` of its own, and name it in ``AnyQuantiser``; descriptions accept it from there. Quantisers
of ifmaps meet ``protocol.ActivationQuantiser`` and are named in ``AnyActivation``.
"""

from accelsim.values.quant.binary import BinaryWeights as BinaryWeights
from accelsim.values.quant.binary import SignActivation as SignActivation
from accelsim.values.quant.codebook import CodebookWeights as CodebookWeights
from accelsim.values.quant.dorefa import DorefaActivation as DorefaActivation
from accelsim.values.quant.dorefa import DorefaWeights as DorefaWeights
from accelsim.values.quant.five_level import FiveLevelWeights as FiveLevelWeights
from accelsim.values.quant.floating import FloatActivation as FloatActivation
from accelsim.values.quant.floating import FloatWeights as FloatWeights
from accelsim.values.quant.kernels import KernelWeights as KernelWeights
from accelsim.values.quant.linear import LinearActivation as LinearActivation
from accelsim.values.quant.linear import LinearWeights as LinearWeights
from accelsim.values.quant.protocol import stored_weight_bits as stored_weight_bits
from accelsim.values.quant.twn import TwnWeights as TwnWeights
from accelsim.values.quant.xnor import XnorWeights as XnorWeights

_Levels = BinaryWeights | XnorWeights | TwnWeights | FiveLevelWeights
AnyQuantiser = LinearWeights | CodebookWeights | _Levels | DorefaWeights | KernelWeights | FloatWeights

AnyActivation = LinearActivation | DorefaActivation | SignActivation | FloatActivation
