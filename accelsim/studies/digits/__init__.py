"""Handwritten digits: a small network, trained in every scheme, and its accuracy.

The run file ``digits`` says what the schemes are. The weights are in ``configs/digits``;
``python -m accelsim.studies.digits.train`` makes them again, with PyTorch and scikit-learn. Nothing else
here needs either.
"""

from accelsim.studies.digits.data import test_split
from accelsim.studies.digits.inference import accuracy, logits
from accelsim.studies.digits.parameters import Parameters, read_parameters
from accelsim.studies.digits.schemes import LayerScheme, NetworkScheme, by_file, by_label, scheme_of

__all__ = [
    "LayerScheme",
    "NetworkScheme",
    "Parameters",
    "accuracy",
    "by_file",
    "by_label",
    "logits",
    "read_parameters",
    "scheme_of",
    "test_split",
]
