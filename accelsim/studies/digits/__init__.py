"""Handwritten digits: a small network, trained in every scheme, and its accuracy.

The run file ``digits`` says what the schemes are. The weights are in ``configs/digits``;
``python -m accelsim.studies.digits.train`` makes them again, with PyTorch and scikit-learn. Nothing else
here needs either.
"""
