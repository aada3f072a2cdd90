"""Accuracy: how often the largest output is that of the label."""

from pathlib import Path

import numpy as np

from accelsim.config import shown
from accelsim.errors import ConfigError, blaming
from accelsim.network.layer import Tensor
from accelsim.run.settings import TensorFile
from accelsim.values.files import load_images


def label_accuracy(outputs: Tensor, where: TensorFile) -> float:
    """The share of images, 0 to 1, whose largest output is that of their label; of equals the first counts.

    Args:
        outputs: of the last layer, ``(N, ...)``.
        where: N labels or more, of which the first N are taken; whole numbers, 0 for the first output.

    Raises:
        ConfigError: if the file has no such labels.
    """
    scores = outputs.reshape(len(outputs), -1)
    with blaming("labels", "file"):
        labels = load_images(where.file, where.key, (len(scores),), 1.0)
        wrong = labels[(labels != np.rint(labels)) | (labels < 0) | (labels >= scores.shape[1])]
        if wrong.size:
            why = f"labels must be integers in 0..{scores.shape[1] - 1} (got {wrong[0]:g})"
            raise ConfigError(f"{shown(Path(where.file))}: {why}")
    return float((scores.argmax(axis=1) == labels).mean())
