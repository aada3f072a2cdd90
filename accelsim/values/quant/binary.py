"""Binary weights and ifmaps: the sign alone."""

from typing import ClassVar, Literal

import numpy as np

from accelsim.checks import at_least, description
from accelsim.network.layer import BoolArray, FloatArray, IntArray
from accelsim.values.quant.protocol import Quantised, check_finite

SIGNS: IntArray = np.array([-1, 1])
"""Both values of a word that is a sign."""


@description
class BinaryWeights:
    """+1 for weights of zero and more, -1 for the rest, without a scale. Code 1 is +1, code 0 is -1.

    *stochastic* draws +1 with the probability ``clip((w + 1) / 2, 0, 1)`` instead, from a generator that
    *seed* starts anew for each tensor.

    Source: Courbariaux et al., "Binarized neural networks", NIPS 2016.
    """

    kind: Literal["binary"]
    stochastic: bool = False
    seed: int = 0
    word_bits: ClassVar[int] = 1
    extremes: ClassVar[IntArray] = SIGNS

    def __post_init__(self) -> None:
        at_least(0, seed=self.seed)

    def __call__(self, tensor: FloatArray) -> Quantised:
        """The signs of the weights *tensor*. Raises ConfigError as ``Quantiser``."""
        check_finite(tensor)
        return signs(self._drawn(tensor) if self.stochastic else tensor >= 0, np.float64(1))

    def _drawn(self, tensor: FloatArray) -> BoolArray:
        draws = np.random.default_rng(self.seed).random(tensor.shape)
        return draws < np.clip((tensor + 1) / 2, 0, 1)


@description
class SignActivation:
    """+1 for values of zero and more, -1 for the rest, without a scale. Code 1 is +1, code 0 is -1.

    Source: Courbariaux et al., "Binarized neural networks", NIPS 2016.
    """

    kind: Literal["sign"]
    word_bits: ClassVar[int] = 1
    extremes: ClassVar[IntArray] = SIGNS
    last: ClassVar[None] = None  # signs do not count steps from zero

    def __call__(self, ifmap: FloatArray, scale: float | None = None) -> Quantised:
        """The signs of the *ifmap*; *scale* is not used. Raises ConfigError as ``ActivationQuantiser``."""
        check_finite(ifmap)
        return signs(ifmap >= 0, np.float64(1))


def signs(positive: BoolArray, scale: FloatArray | np.float64, extra_bits: int = 0) -> Quantised:
    """+1 where *positive*, else -1, in codes of one bit."""
    codes: IntArray = positive.astype(np.int64)
    return Quantised(codes, 2 * codes - 1, np.asarray(scale), 1, extra_bits)
