"""Reals into the words of a scheme, and the errors that a quantiser alone cannot see."""

from dataclasses import replace

from accelsim.errors import ConfigError
from accelsim.network.layer import FloatArray
from accelsim.values.quant import AnyActivation, LinearActivation
from accelsim.values.quant.protocol import Quantised
from accelsim.values.schemes.scheme import Scheme


def rescaled(step: float, bits: int | None, quantiser: AnyActivation) -> float:
    """The step at which the codes of *quantiser* span the range that linear codes of *bits* span at *step*.

    That is *step* itself if *bits* are None or the quantiser's own, or if the quantiser is not linear.
    """
    if bits is None or not isinstance(quantiser, LinearActivation):
        return step
    return step * replace(quantiser, bits=bits).last / quantiser.last


def quantise_ifmap(scheme: Scheme, ifmap: FloatArray, step: float | None) -> Quantised:
    """*ifmap* ``(N, C, H, W)`` in the words of *scheme*, *step* apart if its codes are linear.

    Raises:
        ConfigError: as its quantiser; or if codes are unsigned and a value is negative.
    """
    unsigned = isinstance(scheme.ifmap, LinearActivation) and not scheme.ifmap.signed
    if unsigned and ifmap.size and ifmap.min() < 0:
        raise ConfigError(
            f"an ifmap in unsigned codes must not be negative (got {ifmap.min():.4g});"
            " it can be with ifmap.signed: true, on a datapath with unsigned: false"
        )
    return scheme.ifmap(ifmap, step)


def quantise_weights(scheme: Scheme, weight: FloatArray, *, pruned: bool) -> Quantised:
    """*weight* ``(M, C/G, R, S)`` in the words of *scheme*.

    Raises:
        ConfigError: as its quantiser; or if weights are *pruned* and a zero does not stay zero.
    """
    words = scheme.weights(weight)
    if pruned and (words.values[weight == 0] != 0).any():
        raise ConfigError("weights must keep the zeros of sparsity.prune (got another value for one)")
    return words
