"""Handwritten digits: a small network, trained in every scheme, and its accuracy.

The run file ``digits`` says what the schemes are. The weights are in ``configs/digits``;
``python -m accelsim.studies.digits.train`` makes them again, with PyTorch and scikit-learn. Nothing else
here needs either.
"""

from accelsim.studies.digits.data import test_split as test_split
from accelsim.studies.digits.inference import accuracy as accuracy
from accelsim.studies.digits.inference import logits as logits
from accelsim.studies.digits.parameters import Parameters as Parameters
from accelsim.studies.digits.parameters import read_parameters as read_parameters
from accelsim.studies.digits.schemes import by_file as by_file
from accelsim.studies.digits.schemes import by_label as by_label
from accelsim.studies.digits.schemes import scheme_of as scheme_of
