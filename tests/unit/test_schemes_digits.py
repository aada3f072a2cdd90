"""Trained networks on simulated hardware are right as often as in plain numpy, image by image."""

import pytest

import accelsim
from accelsim import digits
from accelsim.experiment import from_document
from accelsim.variants import variants

RUN = accelsim.load("digits")
LABELS = variants(RUN)
IMAGES, ANSWERS = digits.test_split()


@pytest.mark.parametrize("label", LABELS)
def test_accuracy_is_that_of_numpy(label):
    """From the psums of the engine, 360 images that no training has seen."""
    experiment = from_document(LABELS[label])
    scheme = digits.scheme_of(experiment)
    want = digits.accuracy(digits.read(scheme.file), scheme, IMAGES, ANSWERS)
    assert experiment.run().accuracy == want > 0.95


def test_the_engines_agree_on_the_first_images():
    experiment = accelsim.load("digits", batch=2)
    fast, slow = experiment.run(), experiment.run(engine="reference")
    assert fast.accuracy == slow.accuracy
    for one, other in zip(fast.layers, slow.layers, strict=True):
        assert one.row() == other.row()
